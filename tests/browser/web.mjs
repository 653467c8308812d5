// The page of web/dist/web in Chromium: a person's whole path with the examples. node web.mjs [PROGRAM [PICTURES]]
// Needs `npm ci` in this folder, Chromium and `web/build`. Ends with 77 when one of them is absent.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { audition } from "./audition.mjs";
import { open } from "./chromium.mjs";
import { mishaps } from "./mishaps.mjs";
import { check, ended, host, mix, person, program, record, time, watched, workshop } from "./shared.mjs";

const { folder, acetate, remove } = workshop("web", program({ named: process.argv[2], built: true }));
const { address, end } = await host();
const browser = await open();
const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, acceptDownloads: true });
const page = await context.newPage();
const { wrong, asked } = watched(context, page);
const does = person({ page, folder, pictures: process.argv[3] });
const { idle, ready, drop, choose, shown, said, save, make, master, slide, watch, longest, picture, looks } = does;

try {
  await page.goto(address);
  await ready();
  await watch();

  const begun = Date.now();
  await drop("#mix-file", mix);
  time("from the drop to numbers, plan and sound", Date.now() - begun, 2000);
  check("a mix that is dropped is measured and gets a plan", await shown("plan") && await shown("hear"));
  const numbers = await said("numbers");
  check("its numbers are those of the program", numbers.includes("-20.8"), numbers.replaceAll("\n", " "));

  await choose("#format", "flac");
  const plain = await master();
  acetate("master", mix, "-t", "streaming", "-o", "plain.flac");
  check("the master is byte for byte the program's", readFileSync(plain).equals(readFileSync(join(folder, "plain.flac"))));
  const settings = JSON.parse(readFileSync(await save("save-settings"), "utf8"));
  check("its settings are a document of the program", settings.schema === "acetate.settings/1" && settings.moves.length > 0);

  await audition({ page, mix, check, idle, save, acetate, time, picture });

  await choose("#target", "loud");
  await drop("#record-file", record);
  check("a record changes the plan", (await page.locator("#moves li").count()) > settings.moves.length);
  await choose("#format", "wav");
  const matched = await master();
  acetate("master", mix, "-t", "loud", "-r", record, "-o", "matched.wav");
  check("so is the master after a record", readFileSync(matched).equals(readFileSync(join(folder, "matched.wav"))));

  time("from a slider to its sound, median of three", (await slide([60, 120, 80]))[1], 500);
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
  check("a click into the waveform goes there", (await said("place")) !== "");
  await page.click("#blind");
  for (let index = 0; index < 5; index += 1) await page.click("#guess-mix");
  check("the blind test counts and hides which is heard", /of 5 right/.test(await said("blind-said")) && (await page.locator("#versions [aria-pressed=true]").count()) === 0);
  await page.click("#blind");
  await page.click("#play");

  await page.click("#cost summary");
  await page.waitForSelector("#curve circle", { timeout: 120_000 });
  check("loudness against damage is a curve that rises", await page.evaluate(() => { const at = (dot, name) => Number(dot.getAttribute(name)); const dots = [...document.querySelectorAll("#curve circle")]; return dots.length > 3 && dots.slice(1).every((dot, index) => at(dot, "cx") > at(dots[index], "cx") && at(dot, "cy") <= at(dots[index], "cy")); }));
  await page.locator("#lufs").fill("-11");
  const eleven = await master();
  const { after } = JSON.parse(readFileSync(await save("save-settings"), "utf8")).numbers;
  check("a loudness that is chosen is reached", eleven !== matched && Math.abs(after.loudness.integrated_lufs + 11) < 0.1, `${after.loudness.integrated_lufs} LUFS`);

  time("the longest task on the page's own thread", await longest(), 50);
  await looks("web");

  await mishaps({ page, does, folder, tooLarge: 1_300_000_000 });

  await page.click("#master");
  await page.click("#cancel");
  await page.waitForFunction(() => document.getElementById("wrong").textContent !== "");
  await page.waitForTimeout(300);
  const again = await master();
  check("after a cancel the master can be made", readFileSync(again).length > 1e6);

  check("no request leaves the page, and none carries anything", asked.every((request) => request.url().startsWith(address) || request.url().startsWith("blob:")) && asked.every((request) => request.method() === "GET"));
  check("nothing was complained about", wrong.length === 0, wrong.join("; "));

  const cramped = await browser.newContext();
  const full = await cramped.newPage();
  const complaints = watched(cramped, full).wrong;
  await (await cramped.newCDPSession(full)).send("Storage.overrideQuotaForOrigin", { origin: new URL(address).origin, quotaSize: 1 });
  await full.goto(address);
  const there = person({ page: full, folder });
  await there.ready();
  await there.drop("#mix-file", mix);
  await full.waitForTimeout(500);
  check("without room to keep anything the page works as well", (await there.shown("plan")) && complaints.length === 0, complaints.join("; "));
  await cramped.close();

  await page.waitForFunction(() => navigator.serviceWorker.ready.then(() => true));
  await context.setOffline(true);
  await page.reload();
  await ready();
  check("it works without a network after the first visit", true);
} catch (error) {
  check("the path was walked to its end", false, String(error));
} finally {
  await browser.close();
  end();
  remove();
}
ended("the page holds");
