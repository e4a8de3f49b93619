// Writes the corpora of two more reports: hostile.csv, whose every part is markup, and many.csv with thirty labels.
//
//     node corpora.mjs FOLDER

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
const quoted = (cell) => `"${cell.replaceAll('"', '""')}"`;
const write = (name, rows) => writeFileSync(join(folder, name), rows.map((row) => row.map(quoted).join(",") + "\r\n").join(""));

// The same numbers on every machine (Park and Miller 1988).
let state = 20;
const next = (below) => (state = (state * 48271) % 2147483647) % below;
// Two thousand words that only look like words, so that no two articles are nearly the same; every topic has ten of its own.
const syllables = "ba cho dri fleu gar lin mou nar pel quo rin sau tel vin zor".split(" ");
const word = (n) => [n, n / 15, n / 225].map((i) => syllables[Math.floor(i) % 15]).join("");
const sentence = (topic) => {
  const any = () => word(300 + next(2000));
  const own = () => word(topic * 10 + next(10));
  return `Le ${own()} de la ${any()} est dans le ${any()} avec les ${any()}s du ${own()}, et pour la ${any()} il y a des ${any()}s.`;
};

const markup = `</script><script>globalThis.hacked = 1</script><img src=x onerror="globalThis.hacked = 2">'"&lt;{{ 7*7 }}<!--`;
const label = `<script>globalThis.hacked = 3</script>"'&`;
const hostile = [["id", "date", "source", "title", "text", "labels"]];
for (let i = 0; i < 120; i++) {
  const topic = i % 3;
  const text = `${sentence(topic)} ${sentence(next(3))} ${sentence(next(9))} ${sentence(next(9))} ${markup} ${sentence(next(5))}`;
  hostile.push([`${markup}${i}`, `2020-01-01${markup}`, markup, `${markup} ${sentence(topic)}`, text, [label, "b<i>", ""][topic]]);
}
write("hostile.csv", hostile);

const many = [["id", "date", "source", "title", "text", "labels"]];
for (let i = 0; i < 900; i++) {
  const topic = i % 30;
  const text = Array.from({ length: 5 }, () => sentence(next(3) ? next(30) : topic)).join(" ");
  many.push([`m${i}`, `${2015 + (i % 9)}-02-03`, `Journal ${i % 45}`, sentence(topic), text, `rubrique_numéro_${topic}`]);
}
write("many.csv", many);
