// Somebody who knows what they like, in the page's audition: buttons, keys, one answer taken back, the plan, the file.
import { readFileSync } from "node:fs";

/** Walks through an audition; `save` gives the path of what a button downloads, `acetate` runs the program. */
export const audition = async ({ page, mix, check, idle, save, acetate, time, picture }) => {
  const asked = (number) => page.waitForFunction((number) => document.documentElement.dataset.pair === String(number) && document.getElementById("working").hidden, number, { timeout: 120_000 });
  const pressed = async (id) => (await page.locator(`#${id}`).getAttribute("aria-pressed")) === "true";
  await page.click("#taste-begin");
  await asked(1);
  check("an audition begins with A playing", await pressed("taste-a") && !(await pressed("taste-b")));
  await page.locator("#taste-a").press("b");
  check("a key changes to B", await pressed("taste-b"));
  check("nothing can be taken back yet", await page.locator("#taste-undo").isDisabled());
  const begun = Date.now();
  await page.click("#taste-like-a");
  await asked(2);
  time("from an answer to the next pair", Date.now() - begun, 1000);
  await page.click("#taste-same");
  await asked(3);
  await page.click("#taste-undo");
  await asked(2);
  check("an answer is taken back", /^Pair 2 of 8/.test(await page.locator("#taste-said").innerText()));
  await picture("audition");
  for (let answers = 1; answers < 8 && !(await page.locator("#taste-found").isVisible()); answers += 1) {
    await page.click(answers % 3 ? "#taste-like-a" : "#taste-like-b");
    await Promise.race([asked(answers + 2), page.waitForSelector("#taste-found:not([hidden])", { timeout: 120_000 })]);
    await idle();
  }
  const told = await page.locator("#taste-found").innerText();
  check("it ends in words and says how sure it is", /You like it /.test(told) && /% sure of 1 dB and 10 %/.test(told), told.replaceAll("\n", " "));
  const taste = await save("taste-keep");
  check("a taste is kept as a document", JSON.parse(readFileSync(taste, "utf8")).schema === "acetate.taste/1");
  const before = await page.locator("#moves").innerText();
  await page.click("#taste-use");
  await idle();
  check("the plan leans to it", (await page.locator("#moves").innerText()) !== before && (await page.locator("#style").inputValue()) === "own-taste");
  acetate("suggest", mix, "--style", taste, "-o", `${taste}.settings.json`);
  check("the program reads it", JSON.parse(readFileSync(`${taste}.settings.json`, "utf8")).settings !== undefined);
  await page.selectOption("#style", "auto");
  await idle();
  check("and leaves it again", (await page.locator("#moves").innerText()) === before);
  await page.setInputFiles("#taste-file", taste);
  await idle();
  check("a kept taste is read back", (await page.locator("#style").inputValue()) === "own-taste");
  await page.selectOption("#style", "auto");
  await idle();
};
