// What only a server has: the songs of its folder, and masters that are written into it.
import { words } from "./words.js";

const SHOWN_MAX = 200;
const $ = (id) => document.getElementById(id);
const button = (text, action) => {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
  made.addEventListener("click", action);
  return made;
};

let engine;
let host = {};
let files = [];
let master;

const show = () => {
  const wanted = $("folder-find").value.trim().toLowerCase();
  const found = files.filter((file) => file.name.toLowerCase().includes(wanted));
  $("folder-files").replaceChildren(...found.slice(0, SHOWN_MAX).map(({ name, bytes }) => {
    const file = { name: name.split("/").pop(), size: bytes, inFolder: name };
    const item = document.createElement("li");
    const record = button(words.asRecord, () => host.record(file));
    record.setAttribute("aria-label", words.asRecordLabel(name));
    item.append(button(name, () => host.open(file)), record);
    return item;
  }));
  const more = found.length - SHOWN_MAX;
  $("folder-more").textContent = found.length === 0 ? words.folderEmpty : more > 0 ? words.folderMore(more) : "";
};

export const folder = {
  /** Shows what the engine has beside the page's own; `host` opens songs and records, and says what went wrong. */
  async begin(of, choices, given) {
    if (choices.limit_bytes === undefined) return;
    engine = of;
    host = { ...given, folder: choices.writable ? choices.folder : undefined };
    $("private").textContent = words.privateServed;
    if (!choices.folder) return;
    const list = await engine.files();
    files = list.files;
    $("folder-name").textContent = words.folder(choices.folder, files.length + list.more);
    $("folder").hidden = false;
    $("folder-find").addEventListener("input", show);
    show();
  },

  /** A master was made: it can be written into the folder. */
  made(made) {
    master = made;
    $("kept").textContent = "";
    $("keep").hidden = !host.folder;
    $("keep").disabled = false;
    if (host.folder) $("keep").textContent = words.keep(host.folder);
  },
};

$("keep").addEventListener("click", async () => {
  $("keep").disabled = true;
  try {
    $("kept").textContent = words.kept(await engine.keep(master.number));
  } catch (error) {
    $("keep").disabled = false;
    host.complain(error.message);
  }
});
