// Find your taste: two candidates, blind and at one loudness, a few times; then settings that follow.
import { Player } from "./player.js";
import { words } from "./words.js";

const EXCERPT_S = 12;
const $ = (id) => document.getElementById(id);

/** The option of the styles that stands for a taste of one's own. */
export const OWN = "own-taste";

/**
 * Shows the audition and asks. `page` is what it needs of the page: `ask` (work of the engine), `long` (work with progress and errors),
 * `place` (where the song is heard, s), `wishes`, `matched`, `quiet` (pauses the page's player), `decide` (a new plan), `complain`.
 */
export class Audition {
  #page;
  #player = new Player();
  #state;
  #told;
  #about;
  #taste;
  /** Goes on though enough is known. */
  #more = false;

  constructor(page) {
    this.#page = page;
    const on = (id, does) => $(id).addEventListener("click", does);
    on("taste-begin", () => this.#begin());
    on("taste-a", () => this.#hear("mix"));
    on("taste-b", () => this.#hear("b"));
    on("taste-like-a", () => this.#answer("first"));
    on("taste-like-b", () => this.#answer("second"));
    on("taste-same", () => this.#answer("same"));
    on("taste-undo", () => this.#answer("undo"));
    on("taste-end", () => this.#end());
    on("taste-more", () => { this.#more = true; this.#ask(); });
    on("taste-use", () => this.#use());
    on("taste-keep", () => this.#keep());
    $("taste-file").addEventListener("change", () => this.#take());
    $("taste").addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || $("taste-row").hidden) return;
      const does = { a: () => this.#hear("mix"), b: () => this.#hear("b"), s: () => this.#answer("same"), u: () => this.#answer("undo") }[event.key];
      if (does) { event.preventDefault(); does(); }
    });
  }

  /** What is wished for as style: a taste of one's own, where it is chosen. */
  style(chosen) { return chosen === OWN ? this.#taste : chosen; }

  /** Another song, or other wishes: what was heard is about something else. */
  forget() {
    this.#player.pause();
    this.#state = undefined;
    this.#more = false;
    for (const id of ["taste-row", "taste-found"]) $(id).hidden = true;
    $("taste-begin").hidden = false;
    $("taste-said").textContent = "";
  }

  async #begin() {
    this.#page.quiet();
    this.#about = { wishes: this.#page.wishes(), matched: this.#page.matched() };
    const begun = await this.#page.long(() => this.#page.ask("audition", this.#about));
    if (!begun) return;
    this.#now(begun);
    $("taste-begin").hidden = true;
    await this.#ask();
  }

  #now({ state, told }) {
    this.#state = state;
    this.#told = told;
  }

  /** Renders the next pair and has it heard. */
  async #ask() {
    const state = this.#state;
    const told = this.#told;
    if (!told.left) return this.#end();
    const begin = this.#page.place();
    const heard = (first) => this.#page.ask("audition_heard", { ...this.#about, state, first, begin, length: EXCERPT_S });
    const pair = await this.#page.long(async () => [await heard(true), await heard(false)]);
    if (!pair || state !== this.#state) return;
    this.#player.pause();
    this.#player.set("mix", pair[0]);
    this.#player.set("b", pair[1]);
    $("taste-found").hidden = true;
    $("taste-row").hidden = false;
    $("taste-said").textContent = words.tastePair(told.answered + 1, told.asked_for, told.certainty.within_pct);
    for (const id of ["taste-undo", "taste-end"]) $(id).disabled = told.answered === 0;
    document.documentElement.dataset.pair = String(told.answered + 1);
    this.#hear("mix");
    await this.#player.play();
  }

  #hear(name) {
    this.#player.hear(name);
    $("taste-a").setAttribute("aria-pressed", String(name === "mix"));
    $("taste-b").setAttribute("aria-pressed", String(name === "b"));
  }

  async #answer(answer) {
    if ($("taste-row").hidden || (answer === "undo" && $("taste-undo").disabled)) return;
    const before = this.#state;
    const liked = answer === "undo" ? {} : { answer };
    const after = await this.#page.long(() => this.#page.ask("audition_answer", { state: before, ...liked }));
    if (!after || before !== this.#state) return;
    this.#now(after);
    if (after.told.done && answer !== "undo" && !this.#more) await this.#end(); else await this.#ask();
  }

  async #end() {
    this.#player.pause();
    const state = this.#state;
    const found = await this.#page.long(() => this.#page.ask("audition_taste", { ...this.#about, state, name: words.tasteName }));
    if (!found || state !== this.#state) return;
    this.#show(found.taste, words.tasteFound(found.told.words), words.tasteSure(found.told.certainty));
    $("taste-more").hidden = !found.told.left;
  }

  #show(taste, what, how) {
    this.#taste = taste;
    $("taste-row").hidden = true;
    $("taste-found").hidden = false;
    $("taste-what").textContent = what;
    $("taste-how").textContent = how;
    $("taste-said").textContent = "";
  }

  /** The plan leans to it from now on. */
  #use() {
    const style = $("style");
    if (![...style.options].some(({ value }) => value === OWN)) style.append(Object.assign(document.createElement("option"), { value: OWN, textContent: words.tasteOption }));
    style.value = OWN;
    this.#page.decide();
  }

  #keep() {
    const url = URL.createObjectURL(new Blob([JSON.stringify(this.#taste, undefined, 2)], { type: "application/json" }));
    const link = Object.assign(document.createElement("a"), { href: url, download: "my-taste.taste.json" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  /** A taste that was kept. */
  async #take() {
    const [file] = $("taste-file").files;
    $("taste-file").value = "";
    if (!file) return;
    let taste;
    try {
      taste = JSON.parse(await file.text());
    } catch { /* Said below. */ }
    if (!String(taste?.schema).startsWith("acetate.taste/")) return this.#page.complain(words.tasteNone(file.name));
    this.#show(taste, words.tasteFrom(taste.name), taste.source ?? "");
    $("taste-more").hidden = true;
    $("taste-begin").hidden = false;
    this.#use();
  }
}
