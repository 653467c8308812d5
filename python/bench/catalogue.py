"""Catalogues under stress.

    python bench/catalogue.py store PROGRAM     10 000 songs in a local S3 (moto), 500 mastered with everything sent twice and killed
    python bench/catalogue.py plan PROGRAM      100 000 files planned, and a second run over them
    python bench/catalogue.py ray PROGRAM       Ray on this machine beside the program's -j

``store`` wants a PROGRAM with the feature ``cloud``, and ``moto_server`` and ``boto3``; ``ray`` wants Ray and this package. What is missing is
said, and nothing is measured then. ``--out FILE`` keeps the figures.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path
from typing import Any

import numpy as np

BUCKET = "catalogue"


def song(path: Path, number: int, seconds: float = 0.6, rate: int = 16_000, channels: int = 1) -> None:
    """A tone and some noise; no two numbers sound alike."""
    chance = np.random.default_rng(number)
    hz, level = chance.uniform(80, 900), chance.uniform(0.05, 0.4)
    at = np.arange(int(seconds * rate)) / rate
    sound = level * (np.sin(2 * np.pi * hz * at) + chance.uniform(-0.3, 0.3, len(at)))
    frames = np.repeat((20_000 * sound).astype("<i2")[:, None], channels, axis=1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(frames.tobytes())


def run(program: str, *arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, "catalogue", *arguments], capture_output=True, text=True, **more)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


# A store that everything is sent to twice.


def store(program: str, songs: int, mastered: int, kills: int, folder: Path) -> dict[str, Any]:
    server_program = shutil.which("moto_server", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    try:
        import boto3
        from botocore.config import Config
    except ImportError:
        return {"skipped": "boto3 is not installed: pip install 'moto[server,s3]' boto3"}
    if server_program is None:
        return {"skipped": "moto is not installed: pip install 'moto[server,s3]' boto3"}
    port = free_port()
    with open(folder / "moto.log", "w") as log:
        server = subprocess.Popen([server_program, "-p", str(port)], stdout=log, stderr=log)
    environment = {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "y",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ALLOW_HTTP": "true",
    }
    os.environ.update(environment)
    try:
        s3 = boto3.client("s3", endpoint_url=environment["AWS_ENDPOINT_URL"], region_name="us-east-1", config=Config(retries={"max_attempts": 10}))
        for _ in range(100):
            try:
                s3.create_bucket(Bucket=BUCKET)
                break
            except Exception:
                time.sleep(0.1)
        for number in range(songs):
            song(folder / "song.wav", number)
            s3.put_object(Bucket=BUCKET, Key=f"music/{number:05}.wav", Body=(folder / "song.wav").read_bytes())
        return _stress(program, songs, mastered, kills, folder, s3)
    finally:
        server.terminate()
        server.wait()


def _stress(program: str, songs: int, mastered: int, kills: int, folder: Path, s3: Any) -> dict[str, Any]:
    places = [f"s3://{BUCKET}/music/", "-d", f"s3://{BUCKET}/masters"]
    begun = time.monotonic()
    rows = run(program, *places, "-n", "--jsonl", check=True).stdout.splitlines()
    planned_s = time.monotonic() - begun
    shards = [run(program, *places, "-n", "--jsonl", "--shard", f"{shard}/20", check=True).stdout.splitlines() for shard in range(20)]
    together = sorted(row for shard in shards for row in shard)
    assert together == sorted(rows) and len(set(rows)) == songs, "the shards are not the whole"
    manifest = folder / "manifest.jsonl"
    manifest.write_text("\n".join(rows[:mastered]) + "\n")
    log = folder / "workers.log"
    killed = {"workers": 0, "drivers": 0}
    chance = random.Random(2)
    driver = _driver(program, manifest, log)
    begun = time.monotonic()
    # A driver dies after a third and after two thirds of the workers' deaths.
    due = {kills // 3: 1, 2 * kills // 3: 1}
    while driver.poll() is None:
        time.sleep(chance.uniform(0.5, 1.5))
        if killed["workers"] < kills:
            busy = _workers(program)
            if busy:
                try:
                    os.kill(chance.choice(busy), signal.SIGKILL)
                    killed["workers"] += 1
                except ProcessLookupError:
                    continue
            if due.pop(killed["workers"], 0):
                driver.kill()
                driver.wait()
                killed["drivers"] += 1
                # Its workers go on: the next driver's are beside them.
                driver = _driver(program, manifest, log)
    took_s = time.monotonic() - begun
    while _workers(program):
        time.sleep(0.2)
    again = run(program, "--manifest", str(manifest), "-d", places[2], "-q", "--jsonl")
    return {
        "songs": songs,
        "planned_s": round(planned_s, 2),
        "shards": [len(shard) for shard in shards],
        "mastered": mastered,
        "sent": 2 * mastered,
        "killed": killed,
        "took_s": round(took_s, 1),
        "load": os.getloadavg()[0],
        "left_for_a_last_run": len(again.stdout.splitlines()),
        **_verdict(rows[:mastered], s3),
    }


def _driver(program: str, manifest: Path, log: Path) -> subprocess.Popen[bytes]:
    with open(log, "a") as said:
        return subprocess.Popen([sys.executable, __file__, "driver", program, str(manifest)], stderr=said)


def _workers(program: str) -> list[int]:
    """Processes that master from a batch: of this program, by its whole command line."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            continue
        if entry.name.isdigit() and words[0] == program.encode() and b"--strict" in words:
            found.append(int(entry.name))
    return found


def drive(program: str, manifest: Path) -> None:
    """Hands out every row twice, in batches of ten and any order, to three workers at once, until nothing is due."""
    while True:
        due = run(program, "--manifest", str(manifest), "-d", f"s3://{BUCKET}/masters", "-n", "--jsonl").stdout.splitlines()
        if not due:
            return
        jobs = due * 2
        random.shuffle(jobs)
        batches = [jobs[at : at + 10] for at in range(0, len(jobs), 10)]
        busy: list[subprocess.Popen[str]] = []
        while batches or busy:
            busy = [worker for worker in busy if worker.poll() is None]
            while batches and len(busy) < 3:
                # --strict marks the workers for whoever kills them; these targets are met.
                words = [program, "catalogue", "--manifest", "-", "-d", f"s3://{BUCKET}/masters", "-j", "1", "-q", "--strict"]
                worker = subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
                assert worker.stdin is not None
                try:
                    worker.stdin.write("\n".join(batches.pop()))
                    worker.stdin.close()
                except BrokenPipeError:
                    pass
                busy.append(worker)
            time.sleep(0.02)


def _verdict(rows: list[str], s3: Any) -> dict[str, Any]:
    """What is in the store, counted and hashed."""
    objects: dict[str, bytes] = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="masters/"):
        for found in page.get("Contents", []):
            objects[found["Key"]] = s3.get_object(Bucket=BUCKET, Key=found["Key"])["Body"].read()
    masters = {key for key in objects if key.endswith(".wav")}
    states: collections.Counter[str] = collections.Counter()
    made: collections.Counter[str] = collections.Counter()
    outputs: dict[str, set[str]] = collections.defaultdict(set)
    partial = []
    for key, body in objects.items():
        if "/ledger/" not in key:
            continue
        for text in body.decode().splitlines():
            line = json.loads(text)
            states[line["state"]] += 1
            if line["state"] in ("done", "there"):
                made[line["song"]] += line["state"] == "done"
                outputs[line["song"]].add(line["output"])
    wanted = {json.loads(row).get("name", json.loads(row)["song"]) for row in rows}
    for key in masters:
        line = json.loads(objects[f"{key}.song.json"])
        whole = hashlib.sha256(objects[key]).hexdigest() == line["output_sha256"] and json.loads(objects[f"{key}.settings.json"])
        if not whole:
            partial.append(key)
    return {
        "lost": len(wanted - set(outputs)),
        "doubled": sum(len(names) - 1 for names in outputs.values()) + max(0, len(masters) - len(wanted)),
        "made_more_than_once": sum(count > 1 for count in made.values()),
        "masters": len(masters),
        "partial_objects": len(partial),
        "unfinished_uploads": len(s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])),
        "lines": dict(states),
    }


# A folder of 100 000.


def planning(program: str, songs: int, folder: Path) -> dict[str, Any]:
    """All names are one short song, so that the ledger of a first run is a true one; as many files as it would have made are put beside."""
    music, out = folder / "music", folder / "out"
    for number in range(songs):
        inner = music / f"{number // 1000:03}"
        inner.mkdir(parents=True, exist_ok=True)
        path = inner / f"{number:06}.wav"
        # A file has 65 000 names at most.
        if number % 1000 == 0:
            song(path, 1)
        else:
            os.link(inner / f"{number - number % 1000:06}.wav", path)
    words = (str(music), "-d", str(out))
    figures: dict[str, Any] = {"songs": songs, "load": os.getloadavg()[0]}

    def timed(name: str, *more: str) -> str:
        begun = time.monotonic()
        said = run(program, *words, *more, check=True)
        figures[name] = round(time.monotonic() - begun, 2)
        return said.stdout + said.stderr

    timed("planned_s", "-n")
    timed("first_run_s", "-q")
    for number in range(3 * songs):
        inner = out / f"{number % 256:02x}"
        inner.mkdir(exist_ok=True)
        (inner / f"{number:032x}.wav").touch()
    said = timed("second_run_s")
    assert f"{songs} done before" in said, said
    timed("one_of_16_shards_s", "--shard", "3/16", "-n")
    return figures


# Ray on this machine.


def beside_ray(program: str, songs: int, folder: Path) -> dict[str, Any]:
    try:
        import ray
    except ImportError:
        return {"skipped": "Ray is not installed: pip install 'ray[data]'"}
    from acetate import catalogue

    music = folder / "music"
    music.mkdir()
    for number in range(songs):
        song(music / f"{number:04}.wav", number, seconds=4.0, rate=44_100, channels=2)
    workers = min(2, os.cpu_count() or 1)
    begun = time.monotonic()
    os.environ.setdefault("RAY_worker_niceness", "0")
    ray.init(num_cpus=workers, include_dashboard=False, logging_level="ERROR", object_store_memory=200 << 20, log_to_driver=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    # Its workers, with this package in each.
    catalogue.master(music, folder / "warm", engine="ray", shard="0/16", limiter="fast")
    start_s = time.monotonic() - begun
    with_ray, with_program = [], []
    for turn in range(3):
        begun = time.monotonic()
        done = catalogue.master(music, folder / f"ray{turn}", engine="ray")
        with_ray.append(time.monotonic() - begun)
        assert done.totals["mastered"] == songs, done.failed[:3]
        begun = time.monotonic()
        run(program, str(music), "-d", str(folder / f"program{turn}"), "-j", str(workers), "-q", check=True)
        with_program.append(time.monotonic() - begun)
    names = [{path.name for path in (folder / f"{kind}0").rglob("*.wav")} for kind in ("ray", "program")]
    assert names[0] == names[1], "the masters have other names"
    ratio = sorted(a / b for a, b in zip(with_ray, with_program))[1]
    rounded = lambda values: [round(value, 2) for value in values]  # noqa: E731
    return {
        "songs": songs,
        "workers": workers,
        "ray": ray.__version__,
        "ray_start_s": round(start_s, 1),
        "with_ray_s": rounded(with_ray),
        "with_program_s": rounded(with_program),
        "median_ratio": round(ratio, 3),
        "load": os.getloadavg()[0],
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("what", choices=["store", "plan", "ray", "driver"])
    arguments.add_argument("program")
    arguments.add_argument("manifest", nargs="?", type=Path, help=argparse.SUPPRESS)
    arguments.add_argument("--songs", type=int)
    arguments.add_argument("--mastered", type=int, default=500)
    arguments.add_argument("--kills", type=int, default=10)
    arguments.add_argument("--out", type=Path)
    asked = arguments.parse_args()
    program = os.path.realpath(asked.program)
    if asked.what == "driver":
        drive(program, asked.manifest)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if asked.what == "store":
            figures = store(program, asked.songs or 10_000, asked.mastered, asked.kills, folder)
        elif asked.what == "plan":
            figures = planning(program, asked.songs or 100_000, folder)
        else:
            figures = beside_ray(program, asked.songs or 300, folder)
    text = json.dumps({"made_by": f"python/bench/catalogue.py {asked.what}", **figures}, indent=2)
    print(text)
    if asked.out and "skipped" not in figures:
        asked.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
