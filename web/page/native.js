// The engine of the program that gives this page: the same questions as to the worker, over HTTP, and answers as events.
import { Broken, Stopped } from "./engine.js";
import { served } from "./host.js";
import { words } from "./words.js";

const KEPT = "acetate-token";

/** What stands behind # in the address: kept for this tab alone, and taken out of the address and its history. */
const takeToken = () => {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    try {
      sessionStorage.setItem(KEPT, given);
    } catch { /* No room: a reload will need the whole address again. */ }
    history.replaceState(null, "", location.pathname);
  }
  return given ?? sessionStorage.getItem(KEPT) ?? undefined;
};
export const token = served ? takeToken() : undefined;

/** The events of an answer, one after the other. */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    const whole = text.split("\n\n");
    text = whole.pop();
    for (const event of whole) {
      const lines = event.split("\n");
      const of = (field) => lines.filter((line) => line.startsWith(field)).map((line) => line.slice(field.length)).join("\n");
      yield { event: of("event: "), data: JSON.parse(of("data: ")) };
    }
  }
}

export class Native {
  #desk;
  #limit = Infinity;
  #end = new AbortController();
  #opening = 0;

  constructor(onProgress) {
    this.onProgress = onProgress;
    addEventListener("pagehide", () => this.#leave());
  }

  /** Asks for work; a file that is given is uploaded first, or named where it lies in the folder. */
  async ask(what, { file, ...given } = {}) {
    const { signal } = this.#end;
    if (file) this.#opening += 1;
    try {
      if (what === "choices") return await this.#choices(signal);
      if (file) given = { ...given, ...(await this.#handed(file, signal)) };
      return await this.#answer({ what, ...given }, signal);
    } catch (error) {
      if (signal.aborted) throw new Stopped();
      // What fetch and streams throw when nobody answers.
      if (error instanceof TypeError) throw new Error(words.serverGone);
      throw error;
    } finally {
      if (file) this.#opening -= 1;
    }
  }

  /** Writes a master into the folder; gives its name there. */
  async keep(number) {
    try {
      return (await (await this.#send("POST", `${await this.#at()}/masters/${number}/keep`)).json()).name;
    } catch (error) {
      throw error instanceof TypeError ? new Error(words.serverGone) : error;
    }
  }

  /** The songs of the folder. */
  async files() {
    return (await this.#send("GET", "files")).json();
  }

  /** Ends whatever is being done; `true`: songs have to be opened again. */
  stop() {
    this.#end.abort();
    this.#end = new AbortController();
    return this.#opening > 0;
  }

  async #send(method, path, body, signal) {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`api/${path}`, { method, headers, body, signal, cache: "no-store" });
    if (answer.ok) return answer;
    const { error } = await answer.json().catch(() => ({ error: `${answer.status} ${answer.statusText}` }));
    if (answer.status !== 410) throw new Error(error);
    this.#desk = undefined;
    throw Object.assign(new Broken(error), { line: words.putAway });
  }

  async #at(signal) {
    this.#desk ??= this.#send("POST", "desks", undefined, signal).then((answer) => answer.json());
    try {
      return `desks/${(await this.#desk).desk}`;
    } catch (error) {
      this.#desk = undefined;
      throw error;
    }
  }

  async #choices(signal) {
    const choices = await (await this.#send("GET", "hello", undefined, signal)).json();
    this.#limit = choices.limit_bytes;
    return choices;
  }

  async #handed(file, signal) {
    if (file.inFolder) return { file: file.inFolder };
    if (file.size > this.#limit) throw new Error(words.tooLarge(Math.floor(this.#limit / 1e6)));
    // An upload that cannot be read fails as one that nobody takes.
    await file.slice(0, 1).arrayBuffer().catch(() => { throw new Error(words.unread(file.name)); });
    this.onProgress("loading", 0);
    const answer = await this.#send("POST", `${await this.#at(signal)}/uploads/${encodeURIComponent(file.name)}`, file, signal);
    return answer.json();
  }

  async #answer(question, signal) {
    const at = await this.#at(signal);
    const result = await this.#told(await this.#send("POST", `${at}/ask`, JSON.stringify(question), signal));
    if (result.frames !== undefined) {
      const samples = await (await this.#send("GET", `${at}/sounds/${result.number}`, undefined, signal)).arrayBuffer();
      result.lufs ??= undefined;
      result.planes = Array.from({ length: Math.min(result.channels, 2) }, (_, channel) => new Float32Array(samples, channel * result.frames * 4, result.frames));
    }
    if (result.verdict) result.bytes = await (await this.#send("GET", `${at}/masters/${result.number}`, undefined, signal)).blob();
    return result;
  }

  async #told(answer) {
    for await (const { event, data } of events(answer.body)) {
      if (event === "progress") this.onProgress(data.stage, data.share);
      else if (event === "queued") this.onProgress("queued", 0);
      else if (event === "error") throw new Error(data.error);
      else return data;
    }
    throw new TypeError("the answer broke off");
  }

  /** Says that this page is gone, so that its song is put away. */
  async #leave() {
    if (!this.#desk) return;
    const { desk } = await this.#desk;
    this.#desk = undefined;
    fetch(`api/desks/${desk}`, { method: "DELETE", headers: { authorization: `Bearer ${token}` }, keepalive: true }).catch(() => {});
  }
}
