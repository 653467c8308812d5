// What the page is measured by, in Chromium: node figures.mjs [PROGRAM [JSON [PART...]]]. Parts are example, four, ten, hour, of web or native: `web:four`;
// all of them where none is named. A JSON file that is there keeps what is not measured again.
// Best of several, with the load of the machine beside it: other work makes times longer, never shorter. A task's time of the processor leaves that out.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { open } from "./chromium.mjs";
import { dist, ended, host, mix, person, program, record, root, served, wav, workshop } from "./shared.mjs";
import { longestTasks, traced } from "./tracing.mjs";

const acetateProgram = program({ named: process.argv[2], built: true });
const { folder, acetate, remove } = workshop("figures", acetateProgram);
const round = (value, digits = 0) => Math.round(value * 10 ** digits) / 10 ** digits;
const load = () => round(loadavg()[0], 1);
const MINUTE = 60;

/** The example again and again, as it is: `seconds` of it at `rate`, 16 or 24 bits. */
const song = (name, seconds, rate, bits) => {
  const settings = join(folder, "as-it-is.json");
  const once = join(folder, `once-${bits}.wav`);
  if (!existsSync(once)) {
    writeFileSync(settings, JSON.stringify({ schema: "acetate.settings/1", settings: { output: { bits } } }));
    acetate("apply", settings, mix, "-o", once);
  }
  const file = readFileSync(once);
  const data = file.subarray(file.indexOf("data") + 8);
  const out = wav(seconds * rate, rate, bits);
  for (let at = 44; at < out.length; at += data.copy(out, at)) ;
  writeFileSync(join(folder, name), out);
  return join(folder, name);
};

/** Most memory that processes had, MB; `undefined` where the system does not tell. */
const peakMegabytes = (pids) => {
  const kilobytes = pids.map((pid) => Number(/VmHWM:\s+(\d+)/.exec(existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, "utf8") : "")?.[1]));
  return kilobytes.some(Number.isNaN) ? undefined : round(Math.max(...kilobytes) / 1000);
};

const renderers = async (browser) => {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  return processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
};

/** A page of its own in a browser of its own: what a step takes is not what the step before left. */
const visit = async (engine, walk) => {
  const browser = await open();
  const server = engine === "web" ? await host() : await served(acetateProgram, folder, "--limit", "4000");
  try {
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, acceptDownloads: true });
    const page = await context.newPage();
    await page.goto(server.address);
    const does = person({ page, folder });
    await does.ready();
    const memory = async () => (engine === "web" ? peakMegabytes(await renderers(browser)) : peakMegabytes([server.pid]));
    return await walk({ page, does, memory, browser });
  } finally {
    await browser.close();
    server.end();
  }
};

const timed = async (work) => { const begun = performance.now(); await work(); return performance.now() - begun; };
const best = async (times, work) => { const all = []; for (let i = 0; i < times; i += 1) all.push(await work()); return Math.min(...all); };

/** The example: first numbers, sliders, and what holds up the page's own thread. */
const example = (engine) => visit(engine, async ({ page, does, browser }) => {
  const figures = {};
  const tasks = {};
  const step = async (name, work) => {
    const events = await traced(browser, page, work);
    tasks[name] = longestTasks(events);
  };
  let numbers;
  await step("drop", async () => {
    const begun = performance.now();
    await page.setInputFiles("#mix-file", mix);
    await page.waitForSelector("#measured:not([hidden])");
    numbers = performance.now() - begun;
    await does.idle();
    figures.drop_to_sound_ms = round(performance.now() - begun);
  });
  figures.drop_to_numbers_ms = round(numbers);
  await step("record", () => does.drop("#record-file", record));
  await step("play", async () => { await page.click("#play"); await page.waitForTimeout(500); });
  const delays = await does.slide([60, 120, 80, 100, 50, 150, 90]);
  figures.slider_ms = { best: round(delays[0]), median: round(delays[3]), worst: round(delays[6]) };
  await step("sliders", () => does.slide([70, 110]));
  await step("place", async () => { await page.locator("#wave").click({ position: { x: 900, y: 20 } }); await does.idle(); });
  await step("curve", async () => { await page.click("#cost summary"); await page.waitForSelector("#curve circle", { timeout: 120_000 }); });
  await step("master", () => does.make());
  await step("audition", async () => { await page.click("#taste-begin"); await page.waitForFunction(() => document.documentElement.dataset.pair === "1"); await does.idle(); });
  const longest = (of) => Object.fromEntries(Object.entries(tasks).map(([name, found]) => [name, round(Math.max(0, ...found.map((task) => task[of])))]));
  figures.longest_task_ms = longest("ms");
  figures.longest_task_processor_ms = longest("cpu_ms");
  for (const [name, found] of Object.entries(tasks)) for (const { ms, cpu_ms, inside } of found.filter((task) => task.ms > 30)) console.log(`  ${engine} ${name}: task of ${ms.toFixed(0)} ms, ${cpu_ms.toFixed(0)} of processor: ${inside}`);
  return figures;
});

/** A song from the drop to masters, the second and later ones warm. */
const whole = (engine, path, seconds, times) => visit(engine, async ({ page, does, memory }) => {
  const figures = {};
  const empty = await memory();
  figures.drop_to_sound_s = round((await timed(() => does.drop("#mix-file", path))) / 1000, 2);
  if (!(await does.shown("plan"))) return { ...figures, told: await does.said("wrong") };
  figures.sliders_ms = (await does.slide([60, 120, 80])).map((ms) => round(ms));
  await does.watch();
  const first = await timed(() => does.make());
  figures.first_master_s = round(first / 1000, 2);
  if (times > 0) {
    const warm = await best(times, () => timed(() => does.make()));
    figures.warm_master_s = round(warm / 1000, 2);
    figures.times_real_time = round(seconds / (warm / 1000), 1);
  }
  figures.longest_task_ms = round(await does.longest());
  figures.peak_mb = await memory();
  figures.peak_over_empty_page_mb = empty === undefined ? undefined : figures.peak_mb - empty;
  return figures;
});

const wasm = readFileSync(join(dist, "acetate_web_bg.wasm"));
const cpu = cpus()[0].model;
const [json, ...named] = process.argv.slice(3);
const known = json && existsSync(join(root, json)) ? JSON.parse(readFileSync(join(root, json), "utf8")) : {};
const result = {
  ...known, what: "the page in Chromium, tests/browser/figures.mjs", cpu, cores: cpus().length,
  webassembly: { bytes: wasm.length, gzip: gzipSync(wasm, { level: 9 }).length, brotli: brotliCompressSync(wasm).length },
};
console.log(JSON.stringify(result.webassembly));
const wanted = (engine, part) => named.length === 0 || named.includes(`${engine}:${part}`) || named.includes(part);
const PARTS = {
  example: () => undefined,
  four: () => song("four-minutes.wav", 4 * MINUTE, 44_100, 16),
  ten: () => song("ten-minutes-96.wav", 10 * MINUTE, 96_000, 24),
  hour: () => song("hour.wav", 60 * MINUTE, 44_100, 16),
};
const SECONDS = { four: 4 * MINUTE, ten: 10 * MINUTE, hour: 60 * MINUTE };
for (const [part, make] of Object.entries(PARTS)) {
  const engines = ["web", "native"].filter((engine) => wanted(engine, part));
  const path = engines.length > 0 ? make() : undefined;
  for (const engine of engines) {
    const figures = path ? await whole(engine, path, SECONDS[part], part === "four" ? 3 : 0) : await example(engine);
    result[engine] = { ...result[engine], [part]: { ...figures, load: load() } };
    console.log(engine, part, JSON.stringify(result[engine][part]));
  }
  if (path) rmSync(path);
}
if (json) writeFileSync(join(root, json), `${JSON.stringify(result, undefined, 2)}\n`);
remove();
ended("these are the figures");
