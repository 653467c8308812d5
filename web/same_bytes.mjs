// Masters a file in WebAssembly: node same_bytes.mjs INPUT TARGET FORMAT OUTPUT
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const [input, target, format, output] = process.argv.slice(2);
const { Desk, Incoming } = createRequire(import.meta.url)("./dist/nodejs/acetate_web.js");
const begun = performance.now();
const desk = new Desk();
const ask = (question) => desk.ask(JSON.stringify(question));
const bytes = readFileSync(input);
const file = new Incoming(bytes.length);
file.push(bytes);
desk.open(input, file, 1, 12);
ask({ what: "suggest", wishes: { target, format } });
const made = ask({ what: "master" });
const { verdict } = JSON.parse(made.json());
writeFileSync(output, made.piece(0, made.length()));
console.log(`${verdict.done} (${((performance.now() - begun) / 1000).toFixed(2)} s)`);
