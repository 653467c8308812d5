// What every script here needs: what has to be there, sentences that hold or do not, and a person at the page.
import { execFileSync, spawn } from "node:child_process";
import { createServer } from "node:http";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, extname, join, normalize, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { executable } from "./chromium.mjs";

const here = dirname(fileURLToPath(import.meta.url));
export const root = resolve(here, "../..");
export const dist = join(root, "web/dist/web");
export const mix = join(root, "examples/mix.flac");
export const record = join(root, "examples/reference.flac");

/** Ends with 77, which is not a failure: something is absent. */
const skip = (why) => { console.log(`skipped: ${why}`); process.exit(77); };

/** The program that is named, or the release build; it, the driver and Chromium have to be there, and the page of plain files where it is asked for. */
export const program = ({ named, built = false }) => {
  if (!existsSync(join(here, "node_modules/playwright-core"))) skip("no playwright-core; run `npm ci` in tests/browser");
  if (!executable()) skip("no Chromium; name it in CHROMIUM");
  if (built && !existsSync(join(dist, "acetate_web_bg.wasm"))) skip("the page is not built; run web/build");
  const path = resolve(named ?? join(root, "target/release/acetate"));
  if (!existsSync(path)) skip(`${path} is not built`);
  return path;
};

let failures = 0;
/** A sentence that must hold. */
export const check = (sentence, holds, detail = "") => {
  console.log(`${holds ? "ok    " : "FAILED"} ${sentence}${detail === "" ? "" : ` (${detail})`}`);
  if (!holds) failures += 1;
};
/** A time, told and not judged: the machine may have other work. */
export const time = (sentence, ms, asked) => console.log(`time   ${sentence}: ${ms.toFixed(0)} ms (asked: ${asked} ms)`);
/** The last line, and the exit code. */
export const ended = (sentence) => {
  console.log(failures === 0 ? sentence : `${failures} failed`);
  process.exit(failures === 0 ? 0 : 1);
};

/** A folder that is removed at the end, and the program run in it. */
export const workshop = (name, program) => {
  const folder = mkdtempSync(join(tmpdir(), `acetate-${name}-`));
  return {
    folder,
    acetate: (...args) => execFileSync(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};

/** A WAV file of two channels, silent so far; its sound begins at 44. */
export const wav = (frames, rate, bits) => {
  const frame = (2 * bits) / 8;
  const file = Buffer.alloc(44 + frames * frame);
  file.write("RIFF", 0); file.writeUInt32LE(36 + frames * frame, 4); file.write("WAVEfmt ", 8);
  file.writeUInt32LE(16, 16); file.writeUInt16LE(1, 20); file.writeUInt16LE(2, 22); file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * frame, 28); file.writeUInt16LE(frame, 32); file.writeUInt16LE(bits, 34); file.write("data", 36); file.writeUInt32LE(frames * frame, 40);
  return file;
};

/** A WAV file of noise whose level comes and goes. */
export const noise = (seconds, rate = 16_000) => {
  const frames = seconds * rate;
  const file = wav(frames, rate, 16);
  let seed = 1;
  for (let i = 0; i < frames * 2; i += 1) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    file.writeInt16LE(Math.round((seed / 2 ** 32 - 0.5) * 16_000 * (1.1 + Math.sin(i / rate / 4))), 44 + i * 2);
  }
  return file;
};

const KINDS = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm", ".svg": "image/svg+xml", ".webmanifest": "application/manifest+json" };

/** A host of plain files, which gives the page of `web/build`. */
export const host = async () => {
  const server = createServer((request, response) => {
    const name = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname)).replace(/\/$/, "/index.html");
    const file = join(dist, name);
    if (!file.startsWith(dist) || !existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": KINDS[extname(file)] ?? "application/octet-stream" }).end(readFileSync(file));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { address: `http://127.0.0.1:${server.address().port}/`, end: () => server.close() };
};

/** `acetate serve`, and the address that it prints. */
export const served = async (program, folder, ...args) => {
  const temporary = join(folder, "tmp");
  mkdirSync(temporary, { recursive: true });
  const server = spawn(program, ["serve", ...args], { cwd: folder, env: { ...process.env, TMPDIR: temporary }, stdio: ["ignore", "pipe", "ignore"] });
  const address = await new Promise((done) => server.stdout.once("data", (line) => done(String(line).trim())));
  return { address, temporary, pid: server.pid, end: () => server.kill("SIGKILL") };
};

/** Remembers what a page complains about and asks for. */
export const watched = (context, page) => {
  const seen = { wrong: [], asked: [] };
  page.on("console", (message) => { if (message.type() === "error") seen.wrong.push(message.text()); });
  page.on("pageerror", (error) => seen.wrong.push(String(error)));
  context.on("request", (request) => seen.asked.push(request));
  return seen;
};

const axe = () => readFileSync(join(here, "node_modules/axe-core/axe.min.js"), "utf8");

/** What axe-core finds. The policy of a page lets no foreign script in; the driver's evaluation is not bound by it. */
export const violations = async (page) => {
  await page.evaluate(`${axe()};0`);
  return (await page.evaluate(() => window.axe.run())).violations;
};

/** What a person does on the page; what is saved goes into `folder`, pictures into `pictures` where it is given. */
export const person = ({ page, folder, pictures }) => {
  const PATIENCE = { timeout: 1_200_000 };
  const does = {
    idle: () => page.waitForFunction(() => document.getElementById("working").hidden, undefined, PATIENCE),
    ready: () => page.waitForFunction(() => document.querySelectorAll("#target option").length > 5, undefined, PATIENCE),
    drop: async (input, file) => { await page.setInputFiles(input, file); await does.idle(); },
    choose: async (id, value) => { await page.selectOption(id, value); await does.idle(); },
    shown: (id) => page.locator(`#${id}`).isVisible(),
    said: (id) => page.locator(`#${id}`).innerText(),
    save: async (id) => {
      const [download] = await Promise.all([page.waitForEvent("download"), page.click(`#${id}`)]);
      saved += 1;
      const path = join(folder, `${saved}-${download.suggestedFilename()}`);
      await download.saveAs(path);
      return path;
    },
    make: async () => {
      await page.click("#master");
      await page.waitForSelector("#master:not([disabled])", PATIENCE);
      await page.waitForSelector("#verdict:not([hidden])");
    },
    master: async () => { await does.make(); return does.save("save"); },
    /** From the movement of a slider to its sound, for each value, ms. */
    slide: (values) => page.evaluate(async (values) => {
      const root = document.documentElement;
      const slider = document.getElementById("tone_pct");
      const delays = [];
      for (const value of values) {
        const heard = new Promise((done) => { new MutationObserver((_, observer) => { observer.disconnect(); done(); }).observe(root, { attributeFilter: ["data-heard"] }); });
        const begun = performance.now();
        slider.value = value;
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        await heard;
        delays.push(performance.now() - begun);
      }
      return delays.sort((one, other) => one - other);
    }, values),
    /** From now on the page's own thread is watched for tasks during which nothing on it reacts. */
    watch: () => page.evaluate(() => {
      window.long = [];
      new PerformanceObserver((list) => window.long.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: "longtask" });
    }),
    longest: async () => Math.max(0, ...(await page.evaluate(() => window.long.splice(0)))),
    picture: async (name) => {
      if (!pictures) return;
      mkdirSync(pictures, { recursive: true });
      for (const width of [400, 1400]) {
        await page.setViewportSize({ width, height: 900 });
        await page.screenshot({ path: join(pictures, `${name}-${width}.png`), fullPage: true });
      }
    },
    /** In both colours axe finds nothing; nothing is wider than a telephone. */
    looks: async (name) => {
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        const found = await violations(page);
        check(`axe finds nothing (${colorScheme})`, found.length === 0, found.map(({ id, nodes }) => `${id}: ${nodes[0].target}`).join("; "));
        await does.picture(`${name}-${colorScheme}`);
      }
      await page.setViewportSize({ width: 400, height: 900 });
      check("nothing is wider than a telephone", await page.evaluate(() => document.documentElement.scrollWidth <= 400));
      await page.setViewportSize({ width: 1400, height: 900 });
    },
  };
  let saved = 0;
  return does;
};
