// The page of `acetate serve` in Chromium, with the program's own engine: node serve.mjs [PROGRAM [PICTURES]]
// Needs `npm ci` in this folder and Chromium. Ends with 77 when one of them is absent.
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { executable, open } from "./chromium.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const skip = (why) => { console.log(`skipped: ${why}`); process.exit(77); };
if (!existsSync(join(here, "node_modules/playwright-core"))) skip("no playwright-core; run `npm ci` in tests/browser");
if (!executable()) skip("no Chromium; name it in CHROMIUM");
const program = resolve(process.argv[2] ?? join(root, "target/release/acetate"));
if (!existsSync(program)) skip(`${program} is not built`);
const pictures = process.argv[3];

/** A time, told and not judged: the machine may have other work. */
const time = (sentence, ms, asked) => console.log(`time   ${sentence}: ${ms.toFixed(0)} ms (asked: ${asked} ms)`);
let failures = 0;
const check = (sentence, holds, detail = "") => {
  console.log(`${holds ? "ok    " : "FAILED"} ${sentence}${detail === "" ? "" : ` (${detail})`}`);
  if (!holds) failures += 1;
};

const folder = mkdtempSync(join(tmpdir(), "acetate-serve-"));
const songs = join(folder, "songs");
const mix = join(root, "examples/mix.flac");
const record = join(root, "examples/reference.flac");
mkdirSync(join(songs, "records"), { recursive: true });
mkdirSync(join(folder, "tmp"));
copyFileSync(mix, join(songs, "mix.flac"));
copyFileSync(record, join(songs, "records/reference.flac"));
const acetate = (...args) => execFileSync(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
const same = (one, other) => readFileSync(one).equals(readFileSync(join(folder, other)));

const server = spawn(program, ["serve", songs, "--limit", "50"], { cwd: folder, env: { ...process.env, TMPDIR: join(folder, "tmp") }, stdio: ["ignore", "pipe", "ignore"] });
const address = await new Promise((done) => server.stdout.once("data", (line) => done(String(line).trim())));
const origin = new URL(address).origin;

const browser = await open();
const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, acceptDownloads: true });
const page = await context.newPage();
const wrong = [];
const asked = [];
page.on("console", (message) => { if (message.type() === "error") wrong.push(message.text()); });
page.on("pageerror", (error) => wrong.push(String(error)));
context.on("request", (request) => asked.push(request));

const idle = () => page.waitForFunction(() => document.getElementById("working").hidden, undefined, { timeout: 120_000 });
const drop = async (input, file) => { await page.setInputFiles(input, file); await idle(); };
const choose = async (id, value) => { await page.selectOption(id, value); await idle(); };
const shown = (id) => page.locator(`#${id}`).isVisible();
const said = (id) => page.locator(`#${id}`).innerText();
let saved = 0;
const save = async (id) => {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(`#${id}`)]);
  saved += 1;
  const path = join(folder, `${saved}-${download.suggestedFilename()}`);
  await download.saveAs(path);
  return path;
};
const make = async () => {
  await page.click("#master");
  await page.waitForSelector("#master:not([disabled])", { timeout: 120_000 });
  await page.waitForSelector("#verdict:not([hidden])");
};
const master = async () => { await make(); return save("save"); };
const ready = () => page.waitForFunction(() => document.querySelectorAll("#target option").length > 5, undefined, { timeout: 30_000 });

try {
  await page.goto(origin);
  await page.waitForSelector("#wrong:not([hidden])");
  check("without the token there is one line", (await said("wrong")).includes("#"), await said("wrong"));
  wrong.length = 0;

  await page.goto(address);
  await page.reload();
  await ready();
  check("the token is not in the address, and a reload knows it", page.url() === `${origin}/`, page.url());
  await page.evaluate(() => {
    window.long = [];
    new PerformanceObserver((list) => window.long.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: "longtask" });
  });

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

  const heardAt = () => page.evaluate(() => Number(document.documentElement.dataset.heard));
  const delays = [];
  for (const value of [60, 120, 80]) {
    const before = await heardAt();
    begun = Date.now();
    await page.locator("#tone_pct").fill(String(value));
    await page.waitForFunction((before) => Number(document.documentElement.dataset.heard) > before, before);
    delays.push(Date.now() - begun);
  }
  time("from a slider to its sound, median of three", delays.sort((one, other) => one - other)[1], 500);
  await page.click("#play");
  check("all versions can be heard", (await page.locator("#versions button").count()) === 3);
  await page.click("#play");
  await page.click("#cost summary");
  await page.waitForSelector("#curve circle", { timeout: 120_000 });
  check("loudness against damage is a curve", (await page.locator("#curve circle").count()) > 3);
  await make();

  await page.click("#master");
  await page.click("#cancel");
  await page.waitForFunction(() => document.getElementById("wrong").textContent !== "");
  begun = Date.now();
  check("after a cancel the master can be made", readFileSync(await master()).length > 1e6, `${Date.now() - begun} ms`);
  time("the longest task on the page's own thread", Math.max(0, ...(await page.evaluate(() => window.long))), 50);

  const axe = readFileSync(join(here, "node_modules/axe-core/axe.min.js"), "utf8");
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    // The policy of the page lets no foreign script in; the driver's evaluation is not bound by it.
    await page.evaluate(`${axe};0`);
    const { violations } = await page.evaluate(() => window.axe.run());
    check(`axe finds nothing (${colorScheme})`, violations.length === 0, violations.map(({ id, nodes }) => `${id}: ${nodes[0].target}`).join("; "));
    if (pictures) {
      mkdirSync(pictures, { recursive: true });
      for (const width of [400, 1400]) {
        await page.setViewportSize({ width, height: 900 });
        await page.screenshot({ path: join(pictures, `serve-${width}-${colorScheme}.png`), fullPage: true });
      }
    }
  }
  await page.setViewportSize({ width: 400, height: 900 });
  check("nothing is wider than a telephone", await page.evaluate(() => document.documentElement.scrollWidth <= 400));
  await page.setViewportSize({ width: 1400, height: 900 });

  const noise = join(folder, "noise.wav");
  writeFileSync(noise, Buffer.from("this is no sound at all".repeat(99)));
  await drop("#mix-file", noise);
  check("a file that is no sound gets one line", (await said("wrong")).startsWith("noise.wav: "), await said("wrong"));
  const large = join(folder, "large.wav");
  writeFileSync(large, Buffer.alloc(50_000_001));
  await drop("#mix-file", large);
  check("so does one that is larger than the limit", (await said("wrong")).includes("50 MB"), await said("wrong"));
  await drop("#mix-file", mix);
  check("and the next mix is taken as if nothing had been", await shown("plan"));

  check("no request leaves the page's origin", asked.every((request) => request.url().startsWith(`${origin}/`) || request.url().startsWith(`blob:${origin}`)), String(asked.length));
  check("no address and no referrer has the token", asked.every((request) => !request.url().includes("token") && !(request.headers().referer ?? "").includes("token")));
  check("nothing was complained about", wrong.length === 0, wrong.join("; "));

  server.kill("SIGKILL");
  await page.click("#master");
  await page.waitForSelector("#wrong:not([hidden])");
  await idle();
  check("a server that was killed gets one line, and the page stays", (await said("wrong")).includes("acetate serve") && (await shown("plan")), await said("wrong"));
} catch (error) {
  check("the path was walked to its end", false, String(error));
} finally {
  await browser.close();
  server.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}
console.log(failures === 0 ? "the page of the server holds" : `${failures} failed`);
process.exit(failures === 0 ? 0 : 1);
