// The engine, off the page's own thread: one request after the other, by name.
import init, { Mix, choices, on_progress } from "./acetate_web.js";

const ready = init({ module_or_path: new URL("acetate_web_bg.wasm", import.meta.url) }).then(() => on_progress((stage, share) => postMessage({ stage, share })));
let mix;
let record;

const heard = (excerpt) => {
  const planes = Array.from({ length: Math.min(excerpt.channels, 2) }, (_, channel) => excerpt.plane(channel));
  const sound = { planes, rate: excerpt.sample_rate_hz, lufs: excerpt.integrated_lufs };
  excerpt.free();
  return sound;
};

const open = (name, bytes, columns) => {
  const song = new Mix(name, new Uint8Array(bytes));
  const about = { analysis: JSON.parse(song.analysis()), flaws: song.flaws(), wave: song.waveform(columns) };
  return [song, about];
};

const work = {
  choices: () => JSON.parse(choices()),
  open({ name, bytes, columns, length }) {
    mix?.free();
    mix = undefined;
    let about;
    [mix, about] = open(name, bytes, columns);
    return { ...about, loudest: mix.loudest(length) };
  },
  record({ name, bytes, length }) {
    record?.free();
    record = undefined;
    let about;
    [record, about] = open(name, bytes, 1);
    return { analysis: about.analysis, sound: heard(record.excerpt(record.loudest(length), length)) };
  },
  suggest({ wishes, matched }) {
    if (matched) mix.lean_to(record); else mix.lean_to_nothing();
    return JSON.parse(mix.suggest(JSON.stringify(wishes)));
  },
  curve: () => JSON.parse(mix.loudness_curve()),
  excerpt: ({ begin, length }) => heard(mix.excerpt(begin, length)),
  mastered: ({ changes, begin, length }) => heard(mix.excerpt_mastered(JSON.stringify(changes), begin, length)),
  master({ changes }) {
    const made = mix.master(JSON.stringify(changes));
    const master = { bytes: made.take_bytes(), settings: made.settings(), verdict: JSON.parse(made.verdict()) };
    made.free();
    return master;
  },
};

const transfers = (result) => (result?.planes ?? result?.sound?.planes ?? (result?.bytes ? [result.bytes] : [])).map((part) => part.buffer);

onmessage = async ({ data: { id, what, ...given } }) => {
  try {
    await ready;
    const result = work[what](given);
    postMessage({ id, result }, transfers(result));
  } catch (error) {
    // A panic leaves the memory as it was in the middle: the page starts a new worker.
    postMessage({ id, error: error.message ?? String(error), broken: error instanceof WebAssembly.RuntimeError });
  }
};
