// The page of `acetate serve` in Chromium, with the program's own engine: node serve.mjs [PROGRAM [PICTURES]]
// Needs `npm ci` in this folder and Chromium. Ends with 77 when one of them is absent.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { audition } from "./audition.mjs";
import { open } from "./chromium.mjs";
import { mishaps } from "./mishaps.mjs";
import { check, ended, mix, noise, person, program, record, served, time, watched, workshop } from "./shared.mjs";

const acetateProgram = program({ named: process.argv[2] });
const { folder, acetate, remove } = workshop("serve", acetateProgram);
const songs = join(folder, "songs");
mkdirSync(join(songs, "records"), { recursive: true });
copyFileSync(mix, join(songs, "mix.flac"));
copyFileSync(record, join(songs, "records/reference.flac"));
const same = (one, other) => readFileSync(one).equals(readFileSync(join(folder, other)));

const server = await served(acetateProgram, folder, songs, "--limit", "50");
const { address } = server;
const origin = new URL(address).origin;
const browser = await open();
const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, acceptDownloads: true });
const page = await context.newPage();
const { wrong, asked } = watched(context, page);
const does = person({ page, folder, pictures: process.argv[3] });
const { idle, ready, drop, choose, shown, said, save, make, master, slide, watch, longest, picture, looks } = does;

try {
  await page.goto(origin);
  await page.waitForSelector("#wrong:not([hidden])");
  check("without the token there is one line", (await said("wrong")).includes("#"), await said("wrong"));
  wrong.length = 0;

  await page.goto(address);
  await page.reload();
  await ready();
  check("the token is not in the address, and a reload knows it", page.url() === `${origin}/`, page.url());
  await watch();

  let begun = Date.now();
  await drop("#mix-file", mix);
  time("from the drop to numbers, plan and sound", Date.now() - begun, 2000);
  check("a mix that is dropped is measured and gets a plan", (await shown("plan")) && (await said("numbers")).includes("-20.8"));
  await choose("#format", "flac");
  const plain = await master();
  acetate("master", mix, "-t", "streaming", "-o", "plain.flac");
  check("the master is byte for byte the program's", same(plain, "plain.flac") && plain.endsWith("mix.streaming.flac"), plain);

  await page.click("#folder-name");
  check("the songs of the folder are offered", (await page.locator("#folder-files li").count()) === 2, await said("folder-name"));
  await page.locator("#folder-find").fill("refer");
  check("and found by a part of their names", (await page.locator("#folder-files li").count()) === 1);
  await page.locator("#folder-files li button").nth(1).click();
  await idle();
  await choose("#target", "loud");
  await choose("#format", "wav");
  const matched = await master();
  acetate("master", mix, "-t", "loud", "-r", record, "-o", "matched.wav");
  check("a record of the folder is matched as the program does", same(matched, "matched.wav"), matched);

  await page.locator("#folder-find").fill("");
  await page.locator("#folder-files li button").first().click();
  await idle();
  await make();
  for (const name of ["mastered/mix.reference.loud.wav", "mastered/mix.reference.loud-2.wav"]) {
    await page.click("#keep");
    await page.waitForFunction((name) => document.getElementById("kept").textContent.includes(name), name);
    check(`a song of the folder is written as ${name}`, same(join(songs, name), "matched.wav"));
    if (!name.includes("-2")) await make();
  }
  const formats = await page.locator("#format option").evaluateAll((options) => options.map((option) => option.value));
  if (formats.includes("mp3")) {
    await choose("#format", "mp3");
    const lossy = await master();
    check("a lossy master is made where ffmpeg is", lossy.endsWith(".mp3") && readFileSync(lossy).length > 1e5, lossy);
    await choose("#format", "wav");
  } else console.log("-      no lossy format: no ffmpeg");

  time("from a slider to its sound, median of three", (await slide([60, 120, 80]))[1], 500);
  await page.click("#play");
  check("all versions can be heard", (await page.locator("#versions button").count()) === 3);
  await page.click("#play");
  await audition({ page, mix, check, idle, save, acetate, time, picture });

  await page.click("#cost summary");
  await page.waitForSelector("#curve circle", { timeout: 120_000 });
  check("loudness against damage is a curve", (await page.locator("#curve circle").count()) > 3);
  await make();

  await page.click("#master");
  await page.click("#cancel");
  await page.waitForFunction(() => document.getElementById("wrong").textContent !== "");
  begun = Date.now();
  check("after a cancel the master can be made", readFileSync(await master()).length > 1e6, `${Date.now() - begun} ms`);
  time("the longest task on the page's own thread", await longest(), 50);
  await looks("serve");

  await mishaps({ page, does, folder, tooLarge: 50_000_001 });

  const left = () => readdirSync(server.temporary, { recursive: true }).length;
  const before = left();
  const other = await context.newPage();
  await other.goto(address);
  const somebody = person({ page: other, folder });
  await somebody.ready();
  writeFileSync(join(folder, "long.wav"), noise(240, 44_100));
  await somebody.drop("#mix-file", join(folder, "long.wav"));
  await other.click("#master");
  await other.waitForTimeout(500);
  check("what is uploaded is on disk while it is worked on", left() > before, `${left()} files, ${before} before`);
  await other.close();
  for (let tries = 0; tries < 100 && left() > before; tries += 1) await page.waitForTimeout(100);
  check("a tab that is closed in the middle leaves nothing behind", left() <= before, `${left()} files, ${before} before`);
  await make();

  check("no request leaves the page's origin", asked.every((request) => request.url().startsWith(`${origin}/`) || request.url().startsWith(`blob:${origin}`)), String(asked.length));
  check("no address and no referrer has the token", asked.every((request) => !request.url().includes("token") && !(request.headers().referer ?? "").includes("token")));
  check("nothing was complained about", wrong.length === 0, wrong.join("; "));

  server.end();
  await page.click("#master");
  await page.waitForSelector("#wrong:not([hidden])");
  await idle();
  check("a server that was killed gets one line, and the page stays", (await said("wrong")).includes("acetate serve") && (await shown("plan")), await said("wrong"));
} catch (error) {
  check("the path was walked to its end", false, String(error));
} finally {
  await browser.close();
  server.end();
  remove();
}
ended("the page of the server holds");
