// The engine, off the page's own thread: one request after the other, by name.
import init, { Desk, Incoming, choices, on_progress } from "./acetate_web.js";

const ready = init({ module_or_path: new URL("acetate_web_bg.wasm", import.meta.url) }).then(() => on_progress((stage, share) => postMessage({ stage, share })));
let desk;

/** What crosses the border at once, in bytes. */
const PIECE = 4e6;

/** A file, piece by piece: so it is in memory once. */
const incoming = async (file) => {
  const into = new Incoming(file.size);
  try {
    for (let at = 0; at < file.size; at += PIECE) into.push(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
  } catch (error) {
    into.free();
    throw error;
  }
  return into;
};

/** The file of a master, which the browser keeps wherever it has room. */
const outgoing = (answer) => {
  const pieces = [];
  for (let at = 0; at < answer.length(); at += PIECE) pieces.push(new Blob([answer.piece(at, Math.min(at + PIECE, answer.length()))]));
  return new Blob(pieces);
};

/** What was said, with the sound or the file that goes with it. */
const answered = (answer) => {
  const result = JSON.parse(answer.json());
  if (result.frames !== undefined) {
    result.lufs ??= undefined;
    result.planes = Array.from({ length: Math.min(result.channels, 2) }, (_, channel) => answer.plane(channel));
  }
  if (result.verdict) result.bytes = outgoing(answer);
  answer.free();
  return result;
};

const work = {
  choices: () => JSON.parse(choices()),
  open: async ({ file, columns, length }) => answered(desk.open(file.name, await incoming(file), columns, length)),
  record: async ({ file, length }) => answered(desk.record(file.name, await incoming(file), length)),
};

const transfers = (result) => (result?.planes ?? []).map((part) => part.buffer);

const answer = async ({ id, what, ...given }) => {
  try {
    await ready;
    desk ??= new Desk();
    const result = (await work[what]?.(given)) ?? answered(desk.ask(JSON.stringify({ what, ...given })));
    postMessage({ id, result }, transfers(result));
  } catch (error) {
    // A panic leaves the memory as it was in the middle: the page starts a new worker.
    postMessage({ id, error: error.message ?? String(error), broken: error instanceof WebAssembly.RuntimeError, unread: error instanceof DOMException });
  }
};

let turn = Promise.resolve();
onmessage = ({ data }) => { turn = turn.then(() => answer(data)); };
