// Masters a file in WebAssembly: node same_bytes.mjs INPUT TARGET FORMAT OUTPUT
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const [input, target, format, output] = process.argv.slice(2);
const { Mix } = createRequire(import.meta.url)("./dist/nodejs/acetate_web.js");
const begun = performance.now();
const mix = new Mix(input, readFileSync(input));
mix.suggest(JSON.stringify({ target, format }));
const made = mix.master("{}");
writeFileSync(output, made.take_bytes());
console.log(`${JSON.parse(made.verdict()).done} (${((performance.now() - begun) / 1000).toFixed(2)} s)`);
