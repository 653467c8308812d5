// One screen: a mix comes in, is measured, gets a plan, is heard, and goes out as a master.
import { Audition } from "./audition.js";
import { Broken, Engine, Stopped } from "./engine.js";
import { served } from "./host.js";
import { Native, token } from "./native.js";
import { folder } from "./folder.js";
import { Player } from "./player.js";
import { curve, spectrum, waveform } from "./drawing.js";
import { words } from "./words.js";

const EXCERPT_S = 12;
const COLUMNS = 900;
const AMOUNTS = ["amount_pct", "tone_pct", "dynamics_pct", "width_pct"];

const $ = (id) => document.getElementById(id);
const player = new Player();
const engine = new (token ? Native : Engine)((stage, share) => {
  $("doing").textContent = words.doing[stage] ?? words.doing.loading;
  $("bar").value = share;
});

/** Everything the page knows; what is undefined is not there yet. */
const state = { restored: undefined, queue: [], file: undefined, about: undefined, record: undefined, plan: undefined, changes: {}, begin: 0, blind: undefined };

for (const element of document.querySelectorAll("[data-words]")) element.textContent = words[element.dataset.words];
$("play").textContent = words.play;
$("wave").setAttribute("aria-label", words.waveLabel);

const complain = (text) => {
  $("wrong").textContent = text;
  $("wrong").hidden = !text;
};

let working = 0;
let cancelled = false;
/** Does long work: says what, can be cancelled, tells what went wrong. Gives `undefined` when it did not come to its end. */
const long = async (work) => {
  complain("");
  cancelled = false;
  working += 1;
  $("working").hidden = false;
  $("doing").textContent = words.doing.loading;
  $("bar").value = 0;
  try {
    await state.restored;
    return await work();
  } catch (error) {
    if (error instanceof Stopped) {
      // Work that gave way to other work says nothing.
      if (cancelled) complain(words.cancelled);
    } else if (error instanceof Broken) {
      complain(error.line ?? words.crashed);
      state.restored = restore().catch(() => {});
    } else complain(error.message);
    return undefined;
  } finally {
    working -= 1;
    $("working").hidden = working === 0;
  }
};

const option = (value, text) => Object.assign(document.createElement("option"), { value, textContent: text });
const element = (name, text, className = "") => Object.assign(document.createElement(name), { textContent: text, className });

const begin = async () => {
  if (!token && typeof WebAssembly !== "object") return complain(words.noWasm);
  try {
    const choices = await engine.ask("choices");
    const { targets, styles, formats, version } = choices;
    $("target").append(...targets.map(({ id, name, lufs }) => option(id, lufs === undefined || lufs === null ? name : `${name} (${lufs} LUFS)`)));
    $("style").append(option("auto", words.styleAuto), ...styles.map(({ id, name }) => option(id, name)));
    $("format").append(...formats.map(({ id, name }) => option(id, name)));
    document.documentElement.dataset.version = version;
    await folder.begin(engine, choices, { open: (file) => take([file]), record: takeRecord, complain });
  } catch (error) {
    if (served && !token) complain(words.noToken);
    else complain(/CompileError|compile/i.test(error.message) ? words.noWasm : error.message);
  }
};
begin();

// Files come in.

const dropZone = (label, input, take) => {
  input.addEventListener("change", () => { if (input.files.length) take([...input.files]); input.value = ""; });
  label.addEventListener("dragover", (event) => { event.preventDefault(); label.classList.add("over"); });
  label.addEventListener("dragleave", () => label.classList.remove("over"));
  label.addEventListener("drop", (event) => {
    event.preventDefault();
    label.classList.remove("over");
    const files = [...event.dataTransfer.files];
    if (files.length) take(files);
  });
};
for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => event.preventDefault());

const take = (files) => {
  state.queue.push(...files.map((file) => ({ file })));
  showQueue();
  if (files.length === 1 || !state.file) open(files[0]);
};
dropZone($("mix-drop"), $("mix-file"), take);
dropZone($("record-drop"), $("record-file"), ([file]) => takeRecord(file));

const showQueue = () => {
  $("queue").hidden = state.queue.length < 2;
  $("queue").replaceChildren(...state.queue.map(({ file, done }) => {
    const item = document.createElement("li");
    const button = element("button", file.name);
    button.type = "button";
    button.setAttribute("aria-current", String(file === state.file));
    button.addEventListener("click", () => open(file));
    item.append(button, element("span", done ?? (file === state.file ? "" : words.queued), "soft"));
    return item;
  }));
};

const openSong = (file) => engine.ask("open", { file, columns: COLUMNS, length: EXCERPT_S });

const openRecord = (file) => engine.ask("record", { file, length: EXCERPT_S });

const suggest = () => engine.ask("suggest", { wishes: wishes(), matched: Boolean(state.record) });

/** A worker that was ended has forgotten everything: what the page shows is opened again. */
const restore = async () => {
  if (state.record) await openRecord(state.record);
  if (state.about) await openSong(state.file);
  if (state.plan) await suggest();
};

const open = async (file) => {
  player.pause();
  showPlaying();
  for (const name of ["master", "mix"]) player.forget(name);
  const busy = working > 0;
  // Before the work ends: the song before this one is not opened again.
  Object.assign(state, { file, about: undefined, plan: undefined, changes: {} });
  if (busy) stop();
  for (const id of ["measured", "aim", "plan", "taste", "hear", "take", "deck"]) $(id).hidden = true;
  audition.forget();
  $("verdict").hidden = true;
  $("mix-said").textContent = file.name;
  showQueue();
  const about = await long(() => openSong(file));
  if (!about || state.file !== file) return;
  state.about = about;
  state.begin = about.loudest;
  showMeasured();
  $("aim").hidden = false;
  await decide();
};

const takeRecord = async (file) => {
  const record = await long(() => openRecord(file));
  if (!record) return;
  state.record = file;
  player.set("record", record);
  $("record-said").textContent = words.recordIs(file.name);
  $("forget-record").hidden = false;
  if (state.about) await decide();
};

$("forget-record").addEventListener("click", () => {
  state.record = undefined;
  player.forget("record");
  $("record-said").textContent = words.dropRecord;
  $("forget-record").hidden = true;
  decide();
});

// What it is like.

const showMeasured = () => {
  const { analysis, flaws } = state.about;
  const { loudness, stereo } = analysis;
  const values = { ...loudness, correlation: stereo?.correlation };
  $("numbers").replaceChildren(...Object.entries(words.numbers).filter(([key]) => typeof values[key] === "number").map(([key, [name, unit]]) => {
    const tile = document.createElement("div");
    const value = document.createElement("dd");
    value.append(element("b", values[key].toFixed(key === "correlation" ? 2 : 1)), ` ${unit}`);
    tile.append(element("dt", name), value);
    return tile;
  }));
  $("findings").replaceChildren(
    ...flaws.map((text) => element("li", text, "warning")),
    ...(analysis.findings ?? []).map((finding) => element("li", finding.text ?? finding.code, finding.severity ?? "")),
  );
  spectrum($("spectrum"), analysis.spectrum);
  $("key-master").hidden = true;
  $("measured").hidden = false;
};

// The plan.

const wishes = () => ({
  target: $("target").value,
  style: audition.style($("style").value),
  format: $("format").value,
});

const audition = new Audition({
  ask: (what, given) => engine.ask(what, given),
  long: (work) => long(work),
  place: () => state.begin,
  wishes: () => wishes(),
  matched: () => Boolean(state.record),
  quiet: () => { if (player.playing) togglePlay(); },
  decide: () => { if (state.about) decide(); },
  complain,
});

const decide = async () => {
  const file = state.file;
  const plan = await long(suggest);
  if (!plan || state.file !== file) return;
  state.plan = plan;
  state.changes = {};
  state.curve = undefined;
  $("cost").open = false;
  $("verdict").hidden = true;
  showPlan();
  for (const id of ["plan", "taste", "hear", "take", "deck"]) $(id).hidden = false;
  await hearPlace();
};
for (const id of ["target", "style", "format"]) $(id).addEventListener("change", () => { if (state.about) decide(); });

const showPlan = () => {
  const { plan } = state;
  $("summary").textContent = plan.summary || words.nothing;
  $("moves-said").textContent = words.moves(plan.moves.length);
  // On a telephone they are a long way to what can be heard.
  $("why").open = !matchMedia("(max-width: 600px)").matches;
  $("amounts").replaceChildren(...AMOUNTS.map((key) => slider(key)));
  $("moves").replaceChildren(...plan.moves.map((move) => {
    const card = document.createElement("li");
    const text = element("p", move.text ?? "");
    // What is only told has no setting that could be left out.
    if (!move.setting_check) {
      card.append(element("strong", move.what), text);
      return card;
    }
    const label = document.createElement("label");
    const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: true });
    box.disabled = ["drive", "limiter", "offset", "output", "ceiling"].includes(move.id);
    box.addEventListener("change", () => {
      const skip = new Set(state.changes.skip);
      if (box.checked) skip.delete(move.id); else skip.add(move.id);
      change({ skip: [...skip] });
    });
    label.append(box, " ", element("strong", move.what));
    card.append(label, text);
    return card;
  }));
};

const slider = (key) => {
  const label = document.createElement("label");
  const said = element("output", "100 %");
  const range = Object.assign(document.createElement("input"), { type: "range", min: 0, max: 150, step: 5, value: 100, id: key });
  range.addEventListener("input", () => {
    said.textContent = `${range.value} %`;
    change({ [key]: Number(range.value) });
  });
  label.append(element("span", words.amounts[key]), range, said);
  return label;
};

const change = (what) => {
  state.changes = { ...state.changes, ...what };
  $("verdict").hidden = true;
  hearMaster();
};

$("cost").addEventListener("toggle", async () => {
  if (!$("cost").open || state.curve) return;
  state.curve = await long(() => engine.ask("curve"));
  showCurve();
});
const showCurve = () => {
  if (!state.curve) return;
  const planned = state.plan.moves.find((move) => move.id === "drive")?.expected ?? state.plan.aim.target?.integrated_lufs ?? -14;
  const lufs = state.changes.lufs ?? planned;
  curve($("curve"), state.curve, lufs, words.curveAxis, (chosen) => setLufs(chosen));
  $("lufs").value = lufs;
  $("lufs-said").textContent = words.lufs(lufs);
  $("lufs-back").hidden = state.changes.lufs === undefined;
};
const setLufs = (lufs) => {
  state.changes = { ...state.changes, lufs };
  if (lufs === undefined) delete state.changes.lufs;
  $("verdict").hidden = true;
  showCurve();
  hearMaster();
};
$("lufs").addEventListener("input", () => setLufs(Number($("lufs").value)));
$("lufs-back").addEventListener("click", () => setLufs(undefined));

// Hearing it.

const hearPlace = async () => {
  const { begin, file } = state;
  $("wave").setAttribute("aria-valuemax", duration().toFixed(0));
  $("wave").setAttribute("aria-valuenow", begin.toFixed(0));
  const sound = await long(() => engine.ask("excerpt", { begin, length: EXCERPT_S }));
  if (!sound || state.file !== file || state.begin !== begin) return;
  player.set("mix", sound);
  showVersions();
  drawWave();
  await hearMaster();
};

let asked = 0;
let rendering = false;
/** Renders the stretch with the newest changes; what was asked for meanwhile is done once, at the end. */
const hearMaster = async () => {
  asked += 1;
  if (rendering) return;
  rendering = true;
  try {
    for (let done = 0; done !== asked;) {
      done = asked;
      const { changes, begin } = state;
      const sound = await engine.ask("mastered", { changes: { ...changes, lufs: undefined }, begin, length: EXCERPT_S });
      if (begin === state.begin) player.set("master", sound);
      document.documentElement.dataset.heard = String(done);
    }
    showVersions();
  } catch (error) {
    if (!(error instanceof Stopped)) complain(error.message);
  } finally {
    rendering = false;
  }
};

const showVersions = () => {
  const names = ["mix", "master", "record"].filter((name) => player.has(name));
  $("versions").replaceChildren(...names.map((name, index) => {
    const button = element("button", words.versions[name]);
    button.type = "button";
    button.dataset.version = name;
    button.title = String(index + 1);
    button.setAttribute("aria-pressed", String(player.heard === name && !state.blind));
    button.disabled = Boolean(state.blind);
    button.addEventListener("click", () => { player.hear(name); showVersions(); });
    return button;
  }));
};

const togglePlay = async () => {
  if (player.playing) player.pause(); else await player.play();
  showPlaying();
};
const showPlaying = () => {
  cancelAnimationFrame(ticking);
  ticking = requestAnimationFrame(frame);
  $("play").textContent = player.playing ? words.pause : words.play;
  $("play").setAttribute("aria-pressed", String(player.playing));
};
$("play").addEventListener("click", togglePlay);

const duration = () => state.about?.analysis.format.duration_s ?? 0;
const drawWave = () => {
  if (!state.about) return;
  waveform($("wave"), state.about.wave, duration(), state.begin, EXCERPT_S, player.position);
  const at = state.begin + player.position;
  const text = `${Math.floor(at / 60)}:${String(Math.floor(at % 60)).padStart(2, "0")}`;
  if ($("place").textContent !== text) $("place").textContent = text;
};
let ticking = 0;
const frame = () => {
  if (!player.playing) return;
  drawWave();
  ticking = requestAnimationFrame(frame);
};
addEventListener("resize", drawWave);

const moveTo = (begin) => {
  state.begin = Math.min(Math.max(begin, 0), Math.max(duration() - EXCERPT_S, 0));
  hearPlace();
};
$("wave").addEventListener("click", (event) => moveTo((event.offsetX / $("wave").clientWidth) * duration()));
$("wave").addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -5, ArrowRight: 5, PageDown: -30, PageUp: 30 }[event.key];
  if (step) { event.preventDefault(); moveTo(state.begin + step); }
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("hear").hidden || /INPUT|SELECT|TEXTAREA|SUMMARY/.test(event.target.tagName)) return;
  if (event.key === " ") { event.preventDefault(); togglePlay(); }
  const button = $("versions").children[Number(event.key) - 1];
  if (button && !state.blind) button.click();
});

// Blind.

const nextX = () => {
  state.blind.x = crypto.getRandomValues(new Uint8Array(1))[0] % 2 ? "master" : "mix";
  player.hear(state.blind.x);
};
$("blind").addEventListener("click", async () => {
  state.blind = state.blind || !player.has("master") ? undefined : { right: 0, all: 0 };
  $("blind").setAttribute("aria-pressed", String(Boolean(state.blind)));
  $("blind-row").hidden = !state.blind;
  if (state.blind) {
    nextX();
    if (!player.playing) await togglePlay();
    $("blind-said").textContent = words.blindAsk;
  } else player.hear("mix");
  showVersions();
});
for (const [id, name] of [["guess-mix", "mix"], ["guess-master", "master"]]) {
  $(id).addEventListener("click", () => {
    state.blind.all += 1;
    if (state.blind.x === name) state.blind.right += 1;
    $("blind-said").textContent = words.blindScore(state.blind.right, state.blind.all);
    nextX();
  });
}

// Taking it.

const urls = [];
const link = (id, name, blob, text) => {
  const url = URL.createObjectURL(blob);
  urls.push(url);
  Object.assign($(id), { href: url, download: name, textContent: text });
};

$("master").addEventListener("click", async () => {
  const { file, plan } = state;
  $("master").disabled = true;
  const made = await long(() => engine.ask("master", { changes: state.changes }));
  $("master").disabled = false;
  if (!made || state.file !== file) return;
  for (const url of urls.splice(0)) URL.revokeObjectURL(url);
  const format = plan.settings.output?.format ?? "wav";
  const { name } = made;
  link("save", name, new Blob([made.bytes], { type: `audio/${format}` }), words.save(name));
  link("save-settings", `${name}.settings.json`, new Blob([made.settings], { type: "application/json" }), words.saveSettings);
  $("done").textContent = made.verdict.done;
  $("figures").textContent = words.figures(made.verdict);
  $("verdict").classList.toggle("missed", !made.verdict.met);
  $("verdict").hidden = false;
  folder.made(made);
  spectrum($("spectrum"), state.about.analysis.spectrum, JSON.parse(made.settings).numbers?.after?.spectrum);
  $("key-master").hidden = false;
  const entry = state.queue.find((one) => one.file === file);
  if (entry) entry.done = words.figures(made.verdict);
  showQueue();
});

const stop = () => {
  // What cannot be opened again says so when it is asked for next.
  if (engine.stop()) state.restored = restore().catch(() => {});
};
$("cancel").addEventListener("click", () => { cancelled = true; stop(); });
// A page that is come back to, after it had said that it was gone.
addEventListener("pageshow", (event) => { if (event.persisted) state.restored = restore().catch(() => {}); });

if (!served && "serviceWorker" in navigator && location.protocol.startsWith("http")) navigator.serviceWorker.register("sw.js").catch(() => {});
