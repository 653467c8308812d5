// The page of web/dist/web in Chromium: a person's whole path with the examples. node web.mjs [PROGRAM [PICTURES]]
// Needs `npm ci` in this folder, Chromium and `web/build`. Ends with 77 when one of them is absent.
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, extname, join, normalize, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { audition } from "./audition.mjs";
import { executable, open } from "./chromium.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const dist = join(root, "web/dist/web");
const skip = (why) => { console.log(`skipped: ${why}`); process.exit(77); };
if (!existsSync(join(here, "node_modules/playwright-core"))) skip("no playwright-core; run `npm ci` in tests/browser");
if (!executable()) skip("no Chromium; name it in CHROMIUM");
if (!existsSync(join(dist, "acetate_web_bg.wasm"))) skip("the page is not built; run web/build");
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

const KINDS = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm", ".svg": "image/svg+xml", ".webmanifest": "application/manifest+json" };
const server = createServer((request, response) => {
  const name = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname)).replace(/\/$/, "/index.html");
  const file = join(dist, name);
  if (!file.startsWith(dist) || !existsSync(file)) return response.writeHead(404).end();
  response.writeHead(200, { "content-type": KINDS[extname(file)] ?? "application/octet-stream" }).end(readFileSync(file));
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const address = `http://127.0.0.1:${server.address().port}/`;

const folder = mkdtempSync(join(tmpdir(), "acetate-web-"));
const acetate = (...args) => execFileSync(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
const mix = join(root, "examples/mix.flac");
const record = join(root, "examples/reference.flac");

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
let saved = 0;
const shown = (id) => page.locator(`#${id}`).isVisible();
const save = async (id) => {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(`#${id}`)]);
  saved += 1;
  const path = join(folder, `${saved}-${download.suggestedFilename()}`);
  await download.saveAs(path);
  return path;
};
const picture = async (name) => {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  for (const width of [400, 1400]) {
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: join(pictures, `web-${name}-${width}.png`), fullPage: true });
  }
};
const master = async () => {
  await page.click("#master");
  await page.waitForSelector("#verdict:not([hidden])", { timeout: 120_000 });
  return save("save");
};

try {
  await page.goto(address);
  await page.waitForFunction(() => document.querySelectorAll("#target option").length > 5);
  // A long task of the page's own thread is one during which nothing on it reacts.
  await page.evaluate(() => {
    window.long = [];
    new PerformanceObserver((list) => window.long.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: "longtask" });
  });

  let begun = Date.now();
  await drop("#mix-file", mix);
  time("from the drop to numbers, plan and sound", Date.now() - begun, 2000);
  check("a mix that is dropped is measured and gets a plan", await shown("plan") && await shown("hear"));
  const numbers = await page.locator("#numbers").innerText();
  check("its numbers are those of the program", numbers.includes("-20.8"), numbers.replaceAll("\n", " "));

  await page.selectOption("#format", "flac");
  await idle();
  const plain = await master();
  acetate("master", mix, "-t", "streaming", "-o", "plain.flac");
  check("the master is byte for byte the program's", readFileSync(plain).equals(readFileSync(join(folder, "plain.flac"))));
  const settings = JSON.parse(readFileSync(await save("save-settings"), "utf8"));
  check("its settings are a document of the program", settings.schema === "acetate.settings/1" && settings.moves.length > 0);

  await audition({ page, mix, check, idle, save, acetate, time, picture });

  await page.selectOption("#target", "loud");
  await idle();
  await drop("#record-file", record);
  check("a record changes the plan", (await page.locator("#moves li").count()) > settings.moves.length);
  await page.selectOption("#format", "wav");
  await idle();
  const matched = await master();
  acetate("master", mix, "-t", "loud", "-r", record, "-o", "matched.wav");
  check("so is the master after a record", readFileSync(matched).equals(readFileSync(join(folder, "matched.wav"))));

  const heardAt = () => page.evaluate(() => Number(document.documentElement.dataset.heard));
  const delays = [];
  for (const value of [60, 120, 80]) {
    const before = await heardAt();
    begun = Date.now();
    await page.locator("#tone_pct").fill(String(value));
    await page.waitForFunction((before) => Number(document.documentElement.dataset.heard) > before, before);
    delays.push(Date.now() - begun);
  }
  delays.sort((one, other) => one - other);
  time("from a slider to its sound, median of three", delays[1], 500);
  check("a plan that changed has no old verdict beside it", !(await shown("verdict")));
  const box = page.locator("#moves input:not([disabled])").first();
  await box.uncheck();
  const changed = await master();
  check("a changed plan gives another master", !readFileSync(changed).equals(readFileSync(matched)));

  await page.click("#play");
  await page.click('#versions [data-version="master"]');
  check("all versions can be heard", (await page.locator("#versions button").count()) === 3 && (await page.locator('#versions [data-version="master"]').getAttribute("aria-pressed")) === "true");
  await page.locator("#wave").click({ position: { x: 900, y: 20 } });
  await idle();
  check("a click into the waveform goes there", (await page.locator("#place").innerText()) !== "");
  await page.click("#blind");
  for (let index = 0; index < 5; index += 1) await page.click("#guess-mix");
  check("the blind test counts and hides which is heard", /of 5 right/.test(await page.locator("#blind-said").innerText()) && (await page.locator("#versions [aria-pressed=true]").count()) === 0);
  await page.click("#blind");
  await page.click("#play");

  await page.click("#cost summary");
  await page.waitForSelector("#curve circle", { timeout: 120_000 });
  check("loudness against damage is a curve that rises", await page.evaluate(() => { const at = (dot, name) => Number(dot.getAttribute(name)); const dots = [...document.querySelectorAll("#curve circle")]; return dots.length > 3 && dots.slice(1).every((dot, index) => at(dot, "cx") > at(dots[index], "cx") && at(dot, "cy") <= at(dots[index], "cy")); }));
  await page.locator("#lufs").fill("-11");
  const eleven = await master();
  const { after } = JSON.parse(readFileSync(await save("save-settings"), "utf8")).numbers;
  check("a loudness that is chosen is reached", eleven !== matched && Math.abs(after.loudness.integrated_lufs + 11) < 0.1, `${after.loudness.integrated_lufs} LUFS`);

  const long = Math.max(0, ...(await page.evaluate(() => window.long)));
  time("the longest task on the page's own thread", long, 50);

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
        await page.screenshot({ path: join(pictures, `web-${width}-${colorScheme}.png`), fullPage: true });
      }
    }
  }
  await page.setViewportSize({ width: 400, height: 900 });
  check("nothing is wider than a telephone", await page.evaluate(() => document.documentElement.scrollWidth <= 400));

  const noise = join(folder, "noise.wav");
  writeFileSync(noise, Buffer.from("this is no sound at all".repeat(99)));
  await drop("#mix-file", noise);
  await page.waitForSelector("#wrong:not([hidden])");
  check("a file that is no sound gets one line", (await page.locator("#wrong").innerText()).includes("noise.wav"), await page.locator("#wrong").innerText());
  await drop("#mix-file", mix);
  check("and the next mix is taken as if nothing had been", await shown("plan"));

  await page.click("#master");
  await page.click("#cancel");
  await page.waitForFunction(() => document.getElementById("wrong").textContent !== "");
  await page.waitForTimeout(300);
  const again = await master();
  check("after a cancel the master can be made", readFileSync(again).length > 1e6);

  check("no request leaves the page, and none carries anything", asked.every((request) => request.url().startsWith(address) || request.url().startsWith("blob:")) && asked.every((request) => request.method() === "GET"));
  check("nothing was complained about", wrong.length === 0, wrong.join("; "));

  await page.waitForFunction(() => navigator.serviceWorker.ready.then(() => true));
  await context.setOffline(true);
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll("#target option").length > 5, undefined, { timeout: 30_000 });
  check("it works without a network after the first visit", true);
} catch (error) {
  check("the path was walked to its end", false, String(error));
} finally {
  await browser.close();
  server.close();
  rmSync(folder, { recursive: true, force: true });
}
console.log(failures === 0 ? "the page holds" : `${failures} failed`);
process.exit(failures === 0 ? 0 : 1);
