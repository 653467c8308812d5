// The picture of a report for the README: node picture.mjs PAGE PICTURE
import { resolve } from "node:path";
import { open } from "./chromium.mjs";

const [file, picture] = process.argv.slice(2);
const browser = await open();
const page = await browser.newPage({ viewport: { width: 1120, height: 1480 }, colorScheme: "light" });
await page.goto("file://" + resolve(file));
// The tone under the head: what a reader decides by, on one picture.
await page.evaluate(() => {
  const sections = [...document.querySelectorAll("main > section")];
  const keep = sections.filter((section) => section.matches(".verdict, #listen") || section.querySelector("#spectrum"));
  sections.filter((section) => !keep.includes(section)).forEach((section) => { section.hidden = true; });
});
await page.screenshot({ path: picture });
await browser.close();
