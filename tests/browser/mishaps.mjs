// What goes wrong, or comes at the wrong time, on the page of either engine: a clear line, and nothing lost.
import { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { check, mix, noise, record } from "./shared.mjs";

/** Files that a person may drop: `tooLarge` is their size in bytes that the engine refuses. */
export const mishaps = async ({ page, does, folder, tooLarge }) => {
  const { idle, drop, shown, said, slide } = does;
  const file = (name, bytes) => { const path = join(folder, name); writeFileSync(path, bytes); return path; };
  const heardVersions = () => page.locator("#versions button").count();

  await drop("#mix-file", file("noise.wav", Buffer.from("this is no sound at all".repeat(99))));
  check("a file that is no sound gets one line", (await said("wrong")).startsWith("noise.wav: "), await said("wrong"));
  await drop("#mix-file", file("empty.wav", Buffer.alloc(0)));
  check("an empty file gets one line", (await said("wrong")).startsWith("empty.wav: "), await said("wrong"));
  const large = file("large.wav", Buffer.alloc(0));
  truncateSync(large, tooLarge);
  await drop("#mix-file", large);
  check("one that is too large is told before it is read", (await said("wrong")).includes(`${Math.floor(tooLarge / 1e6)} MB`), await said("wrong"));
  rmSync(large);

  const whole = readFileSync(mix);
  await drop("#mix-file", file("half.flac", whole.subarray(0, whole.length / 2)));
  check("half a file is worked on, and what is missing is told", (await shown("plan")) && /missing|ends|truncated|cut/.test(await said("findings")), (await said("findings")).split("\n")[0]);
  const garbled = Buffer.from(whole);
  garbled.fill(0x5a, whole.length / 2, whole.length / 2 + 20_000);
  await drop("#mix-file", file("garbled.flac", garbled));
  check("a file with a hole is worked on, and the hole is told", (await shown("plan")) && (await page.locator("#findings .warning").count()) > 0, (await said("findings")).split("\n")[0]);

  await drop("#mix-file", mix);
  await drop("#record-file", file("record-96.wav", noise(15, 96_000)));
  check("a record of another rate is matched", (await shown("plan")) && (await said("record-said")).includes("record-96"), await said("wrong"));
  await page.click("#play");
  check("all three are heard", (await heardVersions()) === 3 && (await said("play")) === "Pause");
  await drop("#mix-file", file("mix-16.wav", noise(12, 16_000)));
  check("so is a mix of another rate, and the player stops for it", (await shown("plan")) && (await said("play")) === "Play", await said("wrong"));
  await page.click("#play");
  await slide([50]);
  await page.click("#play");
  await page.click("#forget-record");
  await idle();

  const later = join(folder, "later.flac");
  copyFileSync(record, later);
  await page.setInputFiles("#mix-file", [mix, later]);
  await idle();
  check("two files at once are a queue", (await shown("queue")) && (await said("queue")).includes("later.flac"));
  // One song is not yet measured when the next one is asked for, and the one after that.
  await page.setInputFiles("#mix-file", mix);
  await page.setInputFiles("#mix-file", later);
  await page.setInputFiles("#mix-file", mix);
  await page.waitForSelector("#plan:not([hidden])", { timeout: 120_000 });
  await idle();
  check("of songs dropped one upon the other the last is worked on, without a word", (await said("mix-said")) === "mix.flac" && (await said("numbers")).includes("-20.8") && !(await shown("wrong")), await said("wrong"));
  rmSync(later);
  await page.locator("#queue button", { hasText: "later.flac" }).last().click();
  await idle();
  check("a file that is gone by now gets one line", (await said("wrong")).includes("later.flac") || (await shown("plan")), await said("wrong"));
  await drop("#mix-file", mix);
  check("and the next mix is taken as if nothing had been", (await shown("plan")) && !(await shown("wrong")), await said("wrong"));
};
