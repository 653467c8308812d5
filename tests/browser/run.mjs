// Opens real reports in Chromium and uses them: node run.mjs [PROGRAM]
// Needs `npm ci` in this folder, and Chromium (CHROMIUM, or on the path). Ends with 77 when one of them is absent.
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { open } from "./chromium.mjs";
import { withTags } from "./flac.mjs";
import * as player from "./player.mjs";
import { check, ended, mix, noise, program, record, root, violations, workshop } from "./shared.mjs";

const { folder, acetate, remove } = workshop("browser", program({ named: process.argv[2] }));
const HOSTILE = `<img src=x onerror=document.title='pwned'>"' &amp; \u202egnp ${"long ".repeat(20)}`;
const TAGS = ["ARTIST=</h1><script>document.title='pwned'</script>", `TITLE="><svg onload=document.title='pwned'>\u202e`];

const makePages = () => {
  for (const name of ["mix.flac", "again.flac"]) copyFileSync(mix, join(folder, name));
  copyFileSync(record, join(folder, "reference.flac"));
  writeFileSync(join(folder, `${HOSTILE}.flac`), withTags(readFileSync(mix), TAGS));
  acetate("master", "mix.flac", "-r", "reference.flac", "--report", "-o", "matched.flac");
  acetate("master", "again.flac", "-t", "loud", "--limiter", "fast", "--lufs", "-4", "--report", "-o", "cannot.flac");
  acetate("master", "matched.flac", "--lufs", "-10", "--limiter", "fast", "--report", "-o", "second.flac");
  acetate("master", "./" + HOSTILE + ".flac", "--limiter", "fast", "--report", "-o", "hostile.flac");
  acetate("report", "mix.flac");
  acetate("report", "matched.flac.settings.json", "--audio", "none", "-o", "silent.html");
  acetate("listen", "mix.flac", "matched.flac", "cannot.flac");
  for (const name of ["long.wav", "longer.wav"]) writeFileSync(join(folder, name), noise(60));
  acetate("listen", "long.wav", "longer.wav", "--audio", "excerpts", "-o", "places.html");
  cpSync(join(root, "examples/record"), join(folder, "record"), { recursive: true });
  acetate("album", "record", "--report=record.html", "-d", "mastered");
  // The same without streaming, too long for a whole: by transitions, with a title that wants to be a script.
  for (const [name, seconds] of [["1.wav", 200], ["2.wav", 200]]) writeFileSync(join(folder, name), noise(seconds, 44_100));
  mkdirSync(join(folder, "hostile"));
  copyFileSync(mix, join(folder, "hostile", `${HOSTILE}.flac`));
  acetate("album", "1.wav", "2.wav", `./hostile/${HOSTILE}.flac`, "--limiter", "fast", "--layout", "cassette", "--report=transitions.html", "-d", "long");
  return ["matched.flac", "cannot.flac", "second.flac", "hostile.flac", "mix.flac", "silent", "listen", "places", "record", "transitions"];
};

/// A page that remembers what went wrong on it.
const visit = async (browser, name, width, colorScheme = "light") => {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  page.wrong = [];
  page.on("console", (message) => { if (message.type() !== "log") page.wrong.push(message.text()); });
  page.on("pageerror", (error) => page.wrong.push(String(error)));
  page.on("request", (request) => { if (!request.isNavigationRequest()) page.wrong.push(`request ${request.url()}`); });
  await page.goto("file://" + join(folder, `${name}.html`));
  return page;
};

const looksRight = async (browser, name) => {
  for (const [width, colors] of [[400, "light"], [400, "dark"], [1400, "light"], [1400, "dark"]]) {
    const page = await visit(browser, name, width, colors);
    const where = `${name}, ${width} px, ${colors}`;
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    check(`${where}: nothing sticks out`, wide <= 0, `${wide} px`);
    const high = await page.evaluate(() => document.documentElement.scrollHeight);
    if (width === 400 && name !== "silent") check(`${where}: it is not endless`, high <= 5500, `${high} px`);
    const smallest = await page.evaluate(() => Math.min(...[...document.querySelectorAll("svg .tick")].map((text) => {
      const svg = text.ownerSVGElement;
      return parseFloat(getComputedStyle(text).fontSize) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    })));
    check(`${where}: letters in charts are readable`, !(smallest < 9), `${smallest.toFixed(1)} px`);
    check(`${where}: no error, no request`, page.wrong.length === 0, page.wrong.join("; "));
    const serious = (await violations(page)).filter((violation) => ["serious", "critical"].includes(violation.impact));
    check(`${where}: axe-core finds nothing serious`, serious.length === 0,
      serious.map((v) => `${v.id}: ${v.nodes.slice(0, 2).map((n) => n.target).join(" ")}`).join("; "));
    await page.close();
  }
};

const numbersAreThoseOfTheJson = async (browser, name) => {
  const page = await visit(browser, name, 1400);
  const settings = JSON.parse(readFileSync(join(folder, `${name}.settings.json`)));
  const table = await page.evaluate(() => Object.fromEntries([...document.querySelectorAll("#numbers tbody tr")].map((row) => [
    row.querySelector("th").firstChild.textContent.trim(), [...row.querySelectorAll("td")].map((cell) => cell.textContent)])));
  const paths = {
    "Integrated loudness": ["loudness.integrated_lufs", 2], "Loudness range": ["loudness.loudness_range_lu", 1],
    "Loudest 3 s": ["loudness.short_term_max_lufs", 1], "True peak": ["loudness.true_peak_dbtp", 2],
    "Peak to loudness": ["loudness.plr_db", 1], "Crest factor": ["dynamics.crest_factor_db", 1],
    "Tilt": ["spectrum.tilt_db_per_octave", 1], "Correlation": ["stereo.correlation", 2], "Width": ["stereo.width", 2],
  };
  let different = [];
  for (const [label, [path, decimals]] of Object.entries(paths)) {
    ["before", "predicted", "after"].forEach((column, index) => {
      const value = path.split(".").reduce((object, key) => object?.[key], settings.numbers[column]);
      const shown = table[label]?.[index]?.replace("\u2212", "-");
      // The settings file rounds to a thousandth; the page rounds what was measured: half a unit of the last decimal, and that.
      const same = value == null ? shown === "\u2013" : Math.abs(Number(shown) - value) <= 0.5 * 10 ** -decimals + 0.0006;
      if (!same) different.push(`${label} ${column}: ${shown}, not ${value}`);
    });
  }
  check(`${name}: the numbers are those of the JSON`, different.length === 0, different.join("; "));
  const cards = await page.locator(".cards > li").count();
  check(`${name}: a card for every move`, cards === settings.moves.length, `${cards} of ${settings.moves.length}`);
  const heads = await page.evaluate(() => [...document.querySelectorAll(".cards code")].map((code) => code.textContent));
  check(`${name}: in their order`, heads.join() === settings.moves.map((move) => move.id).join());
  await page.close();
};

const chartsArePresent = async (browser) => {
  const { compressor } = JSON.parse(readFileSync(join(folder, "matched.flac.settings.json"))).settings;
  const expected = ["spectrum", "distance", "equalizer", "loudness", "limiting", "histogram", "width", "correlation"];
  if (compressor?.bands.length > 0) expected.push("compression");
  const page = await visit(browser, "matched.flac", 1400);
  const drawn = await page.evaluate(() => [...document.querySelectorAll("svg[id]")].filter((svg) => {
    const marks = svg.querySelectorAll("path.line[d*=L], path.area, rect.bar");
    return marks.length > 0 && svg.querySelector("title").textContent && svg.getBoundingClientRect().height > 80;
  }).map((svg) => svg.id));
  check("all charts are drawn, each with a name", expected.every((id) => drawn.includes(id)), drawn.join(" "));
  check("the curves are in a table too", await page.locator("#thirds tbody tr").count() >= 28);
  await page.close();
  const silent = await visit(browser, "silent", 1400);
  check("without sound there is no player and no script", await silent.locator("script, #player").count() === 0);
  const bytes = readFileSync(join(folder, "silent.html")).length;
  check("without sound the page is smaller than 0.5 MB", bytes <= 500_000, `${bytes} bytes`);
  await silent.close();
};

const hostileTextIsInert = async (browser) => {
  const page = await visit(browser, "hostile.flac", 1400);
  await page.waitForTimeout(200);
  const found = await page.evaluate(() => ({
    title: document.title, foreign: document.querySelectorAll("img, iframe, object, embed, link, svg[onload], h1 script").length,
    handlers: [...document.querySelectorAll("*")].filter((e) => [...e.attributes].some((a) => a.name.startsWith("on"))).length,
    overrides: /[\u202a-\u202e\u2066-\u2069]/.test(document.documentElement.innerHTML),
    shown: document.body.textContent.includes("<img src=x"), tag: document.body.textContent.includes("</h1><script>"),
  }));
  check("no element or handler came of them", found.foreign === 0 && found.handlers === 0 && found.title !== "pwned");
  check("they are shown as they are, without direction overrides", found.shown && found.tag && !found.overrides);
  const blocked = await page.evaluate(() => new Promise((done) => {
    document.addEventListener("securitypolicyviolation", () => done(true));
    const script = document.createElement("script");
    script.textContent = "document.title = 'pwned'";
    document.body.append(script);
    fetch("https://example.invalid/").catch(() => {});
    setTimeout(() => done(document.title !== "pwned"), 500);
  }));
  check("the policy stops what would be injected", blocked && (await page.title()) !== "pwned");
  await page.close();
};

/// The table of a record is that of its plan, and its player goes over the transitions.
const recordIsShown = async (browser, name, plan) => {
  const page = await visit(browser, name, 1400);
  const { songs } = JSON.parse(readFileSync(join(folder, plan, "album.acetate.json")));
  const rows = await page.evaluate(() => [...document.querySelectorAll("#songs tr.with-why")].map((row) => [...row.children].map((cell) => cell.textContent)));
  const near = (text, value, decimals) => (value == null ? text === "\u2013" : Math.abs(Number(text.replace("\u2212", "-")) - value) <= 0.5 * 10 ** -decimals + 0.0006);
  const wrong = songs.filter(({ level, tone }, i) => ![[1, level.mix_lufs], [2, level.master_lufs], [3, level.under_lu], [4, level.master_dbtp], [5, tone.distance_db]]
    .every(([column, value]) => near(rows[i][column], value, 1)));
  check(`${name}: a row for every song, its numbers those of the plan`, rows.length === songs.length && wrong.length === 0, JSON.stringify(rows));
  const whys = await page.evaluate(() => [...document.querySelectorAll("#songs .why")].map((why) => why.textContent));
  check(`${name}: each with its reasons`, songs.every(({ level, before_it }, i) => [level, before_it].every(({ because }) => whys[i].includes(because.replace(/(^| )-(?=\d)/g, "$1\u2212")))), whys.join(" | "));
  const drawn = await page.evaluate(() => [...document.querySelectorAll("svg[id]")].filter((svg) => svg.querySelector("path.line.after[d*=L]")).map((svg) => svg.id));
  check(`${name}: loudness and a tone for every song are drawn`, drawn.includes("loudness") && songs.every(({ number }) => drawn.includes(`tone-${number}`)), drawn.join(" "));
  const marks = await page.locator("#loudness .rule, #wave0 .mark").count();
  check(`${name}: every song is marked in chart and player`, marks === 2 * songs.length, `${marks}`);
  await player.transitionsAreHeard(page, name, songs, check);
  check(`${name}: nobody's title runs`, (await page.title()) !== "pwned" && await page.locator("img").count() === 0);
  check(`${name}: still no error, no request`, page.wrong.length === 0, page.wrong.join("; "));
  await page.close();
};

const pages = makePages();
const browser = await open();
for (const name of pages) await looksRight(browser, name);
await chartsArePresent(browser);
for (const name of ["matched.flac", "cannot.flac", "second.flac", "hostile.flac"]) await numbersAreThoseOfTheJson(browser, name);
await hostileTextIsInert(browser);
for (const name of ["matched.flac", "listen", "places"]) {
  const page = await visit(browser, name, 1400);
  await page.evaluate(() => {
    window.decodeForTest = (id) => {
      const bytes = Uint8Array.from(atob(document.getElementById(id).textContent.trim()), (c) => c.charCodeAt(0));
      return new OfflineAudioContext(2, 1, 44_100).decodeAudioData(bytes.buffer);
    };
  });
  await player.everyKeyWorks(page, name, check);
  await player.seeks(page, name, check);
  await player.survivesHaste(page, name, check);
  if (name === "matched.flac") await player.recordIsHeard(page, name, check);
  await player.levelsMatch(page, name, check);
  await player.switchesWithoutClick(page, name, check);
  await player.blindTestCounts(page, name, check);
  check(`${name}: still no error, no request`, page.wrong.length === 0, page.wrong.join("; "));
  await page.close();
}
await recordIsShown(browser, "record", "mastered");
await recordIsShown(browser, "transitions", "long");
await browser.close();
remove();
ended("all of it holds");
