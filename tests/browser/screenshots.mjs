// Pictures of pages, narrow and wide, light and dark, to look at: node screenshots.mjs FOLDER PAGE...
import { mkdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { open } from "./chromium.mjs";

const [folder, ...pages] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const browser = await open();
for (const file of pages) {
  for (const width of [400, 1400]) {
    for (const colorScheme of ["light", "dark"]) {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
      await page.goto("file://" + resolve(file));
      const path = join(folder, `${basename(file, ".html")}-${width}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage: true });
      console.log(path);
      await page.close();
    }
  }
}
await browser.close();
