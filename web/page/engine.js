// The page's side of the worker: promises, progress, and an end to work that is no longer wanted.
import { words } from "./words.js";

/** What fits into the memory of a page, with all that is made of it. */
const BYTES_MAX = 1.2e9;

export class Stopped extends Error {}
export class Broken extends Error {}

export class Engine {
  #worker;
  #waiting = new Map();
  #next = 1;

  constructor(onProgress) {
    this.onProgress = onProgress;
    this.#start();
  }

  #start() {
    this.#worker = new Worker("worker.js", { type: "module" });
    this.#worker.onmessage = ({ data }) => {
      if (data.stage) return this.onProgress(data.stage, data.share);
      const { resolve, reject, file } = this.#waiting.get(data.id) ?? {};
      this.#waiting.delete(data.id);
      if (data.broken) this.stop();
      if (data.error === undefined) resolve?.(data.result);
      else reject?.(data.broken ? new Broken(data.error) : new Error(data.unread ? words.unread(file.name) : data.error));
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      for (const { reject } of this.#waiting.values()) reject(new Broken(event.message ?? "the worker"));
      this.#waiting.clear();
    };
  }

  /** Asks for work; the worker reads a file that is given. */
  async ask(what, given = {}) {
    const id = this.#next++;
    const { file } = given;
    if (file?.size > BYTES_MAX) throw new Error(words.tooLong(Math.round(file.size / 1e6), Math.round(BYTES_MAX / 1e6)));
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, file });
      this.#worker.postMessage({ id, what, ...given });
    });
  }

  /** Ends whatever is being done; `true`: songs have to be opened again. */
  stop() {
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(new Stopped());
    this.#waiting.clear();
    this.#start();
    return true;
  }
}
