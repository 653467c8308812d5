// The engine, off the page's own thread: one request after the other, by name.
import init, { Desk, choices, on_progress } from "./acetate_web.js";

const ready = init({ module_or_path: new URL("acetate_web_bg.wasm", import.meta.url) }).then(() => on_progress((stage, share) => postMessage({ stage, share })));
let desk;

/** What was said, with the sound or the file that goes with it. */
const answered = (answer) => {
  const result = JSON.parse(answer.json());
  if (result.frames !== undefined) {
    result.lufs ??= undefined;
    result.planes = Array.from({ length: Math.min(result.channels, 2) }, (_, channel) => answer.plane(channel));
  }
  if (result.verdict) result.bytes = answer.take_bytes();
  answer.free();
  return result;
};

const work = {
  choices: () => JSON.parse(choices()),
  open: ({ name, bytes, columns, length }) => answered(desk.open(name, new Uint8Array(bytes), columns, length)),
  record: ({ name, bytes, length }) => answered(desk.record(name, new Uint8Array(bytes), length)),
};

const transfers = (result) => (result?.planes ?? (result?.bytes ? [result.bytes] : [])).map((part) => part.buffer);

onmessage = async ({ data: { id, what, ...given } }) => {
  try {
    await ready;
    desk ??= new Desk();
    const result = work[what]?.(given) ?? answered(desk.ask(JSON.stringify({ what, ...given })));
    postMessage({ id, result }, transfers(result));
  } catch (error) {
    // A panic leaves the memory as it was in the middle: the page starts a new worker.
    postMessage({ id, error: error.message ?? String(error), broken: error instanceof WebAssembly.RuntimeError });
  }
};
