// Writes the corpora of two more reports: hostile.csv, whose every part is markup, and many.csv with thirty labels.
//
//     node corpora.mjs FOLDER

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
const quoted = (cell) => `"${cell.replaceAll('"', '""')}"`;
const write = (name, rows) => writeFileSync(join(folder, name), rows.map((row) => row.map(quoted).join(",") + "\r\n").join(""));

const words =
  "accord attaque banque chorale dépôt écluse façade grêle hameau jardin kiosque lagune marché navire olive parvis quartier récolte sentier tramway usine verger wagon zénith ".trim().split(" ");
// The same numbers on every machine (Park and Miller 1988).
let state = 20;
const next = (below) => (state = (state * 48271) % 2147483647) % below;
const sentence = (topic) =>
  `Le ${words[topic % words.length]} du ${words[(topic * 7 + next(3)) % words.length]} est près du ${words[next(words.length)]} selon les habitants de la ville.`;

const markup = `</script><script>globalThis.hacked = 1</script><img src=x onerror="globalThis.hacked = 2">'"&lt;{{ 7*7 }}<!--`;
const label = `<script>globalThis.hacked = 3</script>"'&`;
const hostile = [["id", "date", "source", "title", "text", "labels"]];
for (let i = 0; i < 120; i++) {
  const topic = i % 3;
  const text = `${sentence(topic)} ${sentence(next(3))} ${markup} ${sentence(next(5))}`;
  hostile.push([`${markup}${i}`, `2020-01-01${markup}`, markup, `${markup} ${sentence(topic)}`, text, [label, "b<i>", ""][topic]]);
}
write("hostile.csv", hostile);

const many = [["id", "date", "source", "title", "text", "labels"]];
for (let i = 0; i < 900; i++) {
  const topic = i % 30;
  const text = Array.from({ length: 4 }, () => sentence(next(3) ? topic : next(30))).join(" ");
  many.push([`m${i}`, `${2015 + (i % 9)}-02-03`, `Journal ${i % 45}`, sentence(topic), text, `rubrique_numéro_${topic}`]);
}
write("many.csv", many);
