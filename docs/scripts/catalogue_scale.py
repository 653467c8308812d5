#!/usr/bin/env python3
"""How a catalogue scales: workers that each take a shard, simulated with service times that were measured.

    docs/scripts/catalogue_scale.py [SONG_S]      SONG_S: processor seconds of one song of four minutes on one core

Every worker lists its rows, then for each song: gets it, works, sends settings, line and master, and writes its ledger twice. Machines differ,
some are slow, all may be killed and come back. What is assumed and was not measured here stands in ASSUMED, with where it is from.
"""

import heapq
import json
import random
import sys

SONG_BYTES_IN = 40e6  # four minutes of 44.1 kHz, 16 bit
SONG_BYTES_OUT = 60e6  # the same with 24 bit
ROWS_A_SECOND = 1e6 / 3.2  # rows of a manifest that one core reads (measured: see docs/catalogue.md)
ASSUMED = {
    "get_s": (0.03, 0.5),  # median and spread (sigma of the logarithm) of a store's first byte: what S3 documents as 100 to 200 ms at most
    "put_s": (0.05, 0.5),  # the same of a PUT
    "connection_bytes_s": 80e6,  # one connection to S3, from its performance guidelines (85 to 90 MB/s)
    "slow_machines": 0.02,  # share of machines at a third of the speed
    "kills_an_hour": 0.05,  # share of machines that a cloud takes back in an hour
    "back_after_s": 90.0,  # until another is there
    "length_sigma": 0.35,  # spread of the lengths of songs, of the logarithm
}
STORES = {  # what all workers together get
    "S3": {"bytes_s": float("inf"), "puts_s": 3500.0},
    "file server, 10 Gbit/s": {"bytes_s": 1.25e9, "puts_s": float("inf")},
    "file server, 100 Gbit/s": {"bytes_s": 12.5e9, "puts_s": float("inf")},
}
PUTS_A_SONG = 5  # settings, line, master, and the ledger twice


def lasted(chance, median_and_sigma):
    median, sigma = median_and_sigma
    return median * chance.lognormvariate(0.0, sigma)


def simulate(workers, songs, rows, song_s, store, shards_each, seed=1):
    """Hours until the last song is done. Each worker has so many shards, which are handed out one by one; 0 hands out single songs."""
    chance = random.Random(seed)
    if shards_each:
        shards = [0] * (workers * shards_each)
        for _ in range(songs):
            shards[chance.randrange(len(shards))] += 1
    else:
        shards = [1] * songs
    left = [0] * workers
    bandwidth = min(ASSUMED["connection_bytes_s"], store["bytes_s"] / workers)
    # Requests beyond what the store takes wait for each other.
    per_put_s = workers / store["puts_s"]
    speed = [1 / 3 if chance.random() < ASSUMED["slow_machines"] else 1.0 for _ in range(workers)]
    starts = rows / ROWS_A_SECOND
    ready = [(0.0, worker) for worker in range(workers)]
    end = 0.0
    while ready:
        now, worker = heapq.heappop(ready)
        if left[worker] == 0:
            if not shards:
                end = max(end, now)
                continue
            left[worker] = shards.pop()
            now += starts / speed[worker] if shards_each else 0.0
            heapq.heappush(ready, (now, worker))
            continue
        length = chance.lognormvariate(0.0, ASSUMED["length_sigma"]) / 1.063
        puts = sum(max(lasted(chance, ASSUMED["put_s"]), per_put_s) for _ in range(PUTS_A_SONG))
        move = length * (SONG_BYTES_IN + SONG_BYTES_OUT) / bandwidth
        took = lasted(chance, ASSUMED["get_s"]) + puts + move + length * song_s / speed[worker]
        if chance.random() < took / 3600 * ASSUMED["kills_an_hour"]:
            # The song is not done; another machine begins anew with the list.
            back = now + took * chance.random() + ASSUMED["back_after_s"] + starts
            heapq.heappush(ready, (back, worker))
            continue
        left[worker] -= 1
        heapq.heappush(ready, (now + took, worker))
    return end / 3600


def main():
    song_s = float(sys.argv[1]) if len(sys.argv) > 1 else 3.1
    songs = 100_000
    rows = []
    print(f"{'store':24} {'workers':>8} {'ideal h':>8}   1 shard each   8 shards each   single songs")
    for name, store in STORES.items():
        for workers in (10, 100, 1000):
            ideal = songs * song_s / 3600 / workers
            hours = [simulate(workers, songs, songs, song_s, store, each) for each in (1, 8, 0)]
            rows.append({"store": name, "workers": workers, "ideal_h": round(ideal, 3), "hours": [round(h, 3) for h in hours]})
            print(f"{name:24} {workers:8} {ideal:8.2f} " + "".join(f"{h:9.2f} {ideal / h:5.0%}" for h in hours), flush=True)
    with open("docs/catalogue.json", "w") as file:
        json.dump({"song_s": song_s, "songs": songs, "shards_each": [1, 8, 0], "assumed": ASSUMED, "rows": rows}, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
