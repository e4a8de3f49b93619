// Opens reports in a real browser: drawn, silent, without requests, usable and accessible.
//
//     node report.test.mjs REPORT_FOLDER HOSTILE_FOLDER
//
// REPORT_FOLDER and the folders beside it called REPORT_FOLDER-fr and -many come from `evaluate`; HOSTILE_FOLDER from articles whose every part is
// markup. CHROMIUM names the browser, SCREENSHOTS a folder that gets pictures of every page.

import assert from "node:assert/strict";
import { mkdtempSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const [folder, hostileFolder] = process.argv.slice(2).map((path) => resolve(path));
assert(folder && hostileFolder, "two folders are needed");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const shots = process.env.SCREENSHOTS && resolve(process.env.SCREENSHOTS);
if (shots) mkdirSync(shots, { recursive: true });

const profile = mkdtempSync(join(tmpdir(), "rubrique-browser-"));
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  userDataDir: profile,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

/// Opens a report; every message, error, dialog and request but that of the document itself is a failure.
async function open(path, { width = 1280, dark = false, scripts = true } = {}) {
  const page = await browser.newPage();
  const address = pathToFileURL(join(path, "report.html")).href;
  const noise = [];
  page.on("console", (message) => noise.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => noise.push(`error: ${error.message}`));
  page.on("dialog", async (dialog) => {
    // Leaving with corrections that were not saved asks first; nothing else may.
    if (dialog.type() !== "beforeunload") noise.push(`dialog: ${dialog.message()}`);
    await dialog.accept();
  });
  page.on("request", (request) => {
    const url = request.url();
    if (url !== address && !url.startsWith("data:,") && !url.startsWith("blob:")) noise.push(`request: ${url}`);
  });
  await page.setJavaScriptEnabled(scripts);
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }]);
  await page.goto(address, { waitUntil: "load" });
  return { page, noise };
}

const seen = (page) =>
  page.$$eval("#cases tbody tr", (rows) => rows.filter((row) => row.checkVisibility()).map((row) => row.id));

const test = async (name, run) => {
  const start = performance.now();
  try {
    await run();
  } catch (error) {
    error.message = `${name}: ${error.message}`;
    throw error;
  }
  console.log(`ok  ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
};

/// Records of a CSV text.
function parse(csv) {
  const records = [[]];
  const cell = /("(?:[^"]|"")*"|[^,\n]*)(,|\n)/gy;
  for (let match; (match = cell.exec(csv)); ) {
    const text = match[1].startsWith('"') ? match[1].slice(1, -1).replaceAll('""', '"') : match[1];
    records.at(-1).push(text);
    if (match[2] === "\n") records.push([]);
  }
  assert.deepEqual(records.pop(), []);
  return records;
}

try {
  const all = [folder, `${folder}-fr`, `${folder}-many`, hostileFolder];

  await test("pages are silent, small, drawn, and as wide as the window", async () => {
    for (const path of all) {
      assert(statSync(join(path, "report.html")).size < 1_500_000, path);
      for (const width of [1280, 390]) {
        for (const dark of [false, true]) {
          const { page, noise } = await open(path, { width, dark });
          const found = await page.evaluate(() => ({
            wide: document.documentElement.scrollWidth,
            charts: Array.from(document.querySelectorAll("svg.chart"), (svg) => {
              const box = svg.getBoundingClientRect();
              const line = svg.querySelector("polyline[stroke='#010000']");
              return [box.width, box.height, line ? getComputedStyle(line).stroke : ""];
            }),
            ink: getComputedStyle(document.body).color,
            paper: getComputedStyle(document.body).backgroundColor,
          }));
          assert(found.wide <= width, `${path} is ${found.wide} wide in a window of ${width}`);
          assert(found.charts.length >= 3, `${path}: ${found.charts.length} charts`);
          for (const [wide, high, stroke] of found.charts) {
            assert(wide > 200 && high > 140, `${path}: a chart of ${wide} × ${high}`);
            assert.notEqual(stroke, "rgb(1, 0, 0)", "a chart without its colours");
          }
          assert.equal(found.paper === "rgb(255, 255, 255)", !dark);
          if (shots) {
            const name = `${path.split("/").at(-1)}-${width}-${dark ? "dark" : "light"}`;
            const clip = { x: 0, y: 0, width, height: Math.min(width === 1280 ? 6500 : 9500, 16000) };
            await page.screenshot({ path: join(shots, `${name}.png`), clip, captureBeyondViewport: true });
          }
          await page.close();
          assert.deepEqual(noise, [], path);
        }
      }
    }
  });

  await test("axe finds nothing serious, light and dark, wide and narrow", async () => {
    for (const path of all) {
      for (const [dark, width] of [[false, 1280], [true, 390]]) {
        const { page } = await open(path, { dark, width });
        // Ten articles are as good as five hundred, and fifty times faster. What is folded is looked at too.
        await page.evaluate(() => {
          Array.from(document.querySelectorAll("#cases tbody tr")).slice(10).forEach((row) => row.remove());
          document.querySelectorAll("details").forEach((details) => (details.open = true));
        });
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
        const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
        const told = serious.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 200))}`);
        assert.deepEqual(told, [], `${path} ${dark ? "dark" : "light"} ${width}`);
        await page.close();
      }
    }
  });

  await test("the table filters, searches and sorts", async () => {
    const { page, noise } = await open(folder);
    const total = (await seen(page)).length;
    assert(total > 100, `${total} articles`);
    const [, second] = await page.$$("#tools select");
    await page.type("#tools input", "zzzz-nowhere");
    assert.equal((await seen(page)).length, 0);
    await page.click("#tools button");
    assert.equal((await seen(page)).length, total);
    const name = await page.$eval("#tools label:nth-of-type(3) select option:nth-child(2)", (option) => option.value);
    await second.select(name);
    const filtered = await seen(page);
    assert(filtered.length > 0 && filtered.length < total, `${filtered.length} of ${total}`);
    const truths = await page.$$eval("#cases tbody tr", (rows) =>
      rows.filter((row) => !row.hidden).map((row) => row.cells[1].textContent.split("; ")),
    );
    assert(truths.every((truth) => truth.includes(name)));
    assert.match(await page.$eval("#shown", (output) => output.textContent), new RegExp(`^${filtered.length} `));
    await page.click("#tools button");
    const confidences = async () => {
      const cells = await page.$$eval("#cases tbody tr", (rows) => rows.map((row) => row.cells[3].textContent));
      return cells.map((text) => (text.trim() === "–" ? -1 : parseFloat(text)));
    };
    const button = await page.$("#cases th[data-sort='confidence'] button");
    await button.click();
    // Sorted by four decimals, shown rounded to one percent's tenth.
    const rises = (values) => values.every((value, at) => at === 0 || values[at - 1] <= value + 0.11);
    const rising = await confidences();
    assert(rises(rising), rising.join(" "));
    assert.equal(await page.$eval("th[data-sort='confidence']", (head) => head.ariaSort), "ascending");
    await button.click();
    const falling = await confidences();
    assert(rises(falling.toReversed()), falling.join(" "));
    assert(falling[0] > rising[0]);
    await page.close();
    assert.deepEqual(noise, []);
  });

  await test("a cell of the matrix leads to its articles", async () => {
    const { page, noise } = await open(folder);
    const cells = await page.$$eval(".matrix a[data-cell]", (links) =>
      links.filter((link) => /\bb\d/.test(link.parentElement.className)).map((link) => [link.dataset.cell, link.textContent]),
    );
    assert(cells.length > 0);
    for (const [cell, count] of cells) {
      await page.click(`.matrix a[data-cell="${cell}"]`);
      const shown = await seen(page);
      assert.equal(shown.length, Number(count.replace(/\D/g, "")), cell);
      const row = await page.$eval(`#${shown[0]}`, (row) => row.dataset.cells.split(" "));
      assert(row.includes(cell));
    }
    await page.close();
    assert.deepEqual(noise, []);
  });

  await test("without scripts everything is there, and a cell leads to the list of its articles", async () => {
    const { page, noise } = await open(folder, { scripts: false });
    const { page: scripted } = await open(folder);
    assert.deepEqual(await seen(page), await seen(scripted));
    await scripted.close();
    const target = await page.$eval(".matrix td.b1 a, .matrix td.b2 a", (link) => link.hash);
    await page.click(`.matrix a[href="${target}"]`);
    // The browser opens what is folded around the target of a link.
    const links = await page.$eval(target, (list) => ({
      visible: list.checkVisibility(),
      articles: Array.from(list.querySelectorAll("li a"), (link) => link.hash),
    }));
    assert(links.articles.length > 0);
    assert(await page.$(links.articles[0]), links.articles[0]);
    assert.equal(await page.$$eval("#tools *", (controls) => controls.length), 0);
    await page.close();
    assert.deepEqual(noise, []);
  });

  /// Ticks labels in rows and returns the records of the file that is downloaded.
  async function corrections(path, ticks) {
    const { page, noise } = await open(path);
    const downloads = mkdtempSync(join(tmpdir(), "rubrique-download-"));
    const session = await page.createCDPSession();
    await session.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: downloads, eventsEnabled: true });
    const finished = new Promise((done) =>
      session.on("Browser.downloadProgress", ({ state }) => state === "completed" && done()),
    );
    assert(await page.$eval("#tools button.main", (button) => button.disabled));
    for (const [row, label] of ticks) {
      const boxes = await page.$$(`#cases tbody tr:nth-child(${row}) input`);
      for (const box of boxes) {
        if ((await box.evaluate((input) => input.value)) === label) await box.click();
      }
    }
    await page.click("#tools button.main");
    await finished;
    const csv = readFileSync(join(downloads, "corrections.csv"), "utf8");
    rmSync(downloads, { recursive: true });
    await page.close();
    assert.deepEqual(noise, []);
    return parse(csv);
  }

  await test("corrections are downloaded in the columns of errors.csv", async () => {
    const errors = parse(readFileSync(join(folder, "errors.csv"), "utf8"));
    const header = errors[0];
    const labels = header.filter((name) => name.startsWith("p_")).map((name) => name.slice(2));
    const records = await corrections(folder, [
      [1, labels[0]],
      [3, labels[0]],
      [3, labels[1]],
      [4, labels[1]],
      [4, "other"],
    ]);
    assert.deepEqual(records[0], header);
    // The text is left out, since the page does not hold all of it.
    const expected = [[1, labels[0]], [3, `${labels[0]};${labels[1]}`], [4, "other"]].map(([row, corrected]) =>
      errors[row].map((cell, at) => (header[at] === "corrected_labels" ? corrected : header[at] === "text" ? "" : cell)),
    );
    assert.deepEqual(records.slice(1), expected);
  });

  await test("a hostile article is text, in the page and in the download", async () => {
    const errors = parse(readFileSync(join(hostileFolder, "errors.csv"), "utf8"));
    const { page, noise } = await open(hostileFolder);
    assert.equal(await page.$$eval("script", (scripts) => scripts.length), 2);
    assert.equal(await page.$$eval("img, iframe, object, [onerror], [onload]", (found) => found.length), 0);
    assert.equal(await page.evaluate(() => globalThis.hacked), undefined);
    const [title, given] = await page.$eval("#cases tbody tr", (row) => [
      row.querySelector("b").textContent,
      row.cells[2].textContent,
    ]);
    assert.match(title, /<script>/);
    assert.match(await page.evaluate(() => document.body.textContent), /<script>globalThis\.hacked/);
    const options = await page.$$eval("#tools option", (found) => found.map((option) => option.textContent));
    const hostile = options.find((option) => option.includes("<script>"));
    assert(hostile, `a label is markup: ${options} ${given}`);
    await page.close();
    assert.deepEqual(noise, []);
    const records = await corrections(hostileFolder, [[1, hostile]]);
    const column = records[0].indexOf("corrected_labels");
    assert.equal(records[1][column], hostile);
    assert.deepEqual(records[1].slice(0, 2), errors[1].slice(0, 2));
  });

  await test("a page that is printed is light and whole", async () => {
    const { page } = await open(folder, { dark: true });
    await page.emulateMediaType("print");
    assert.equal(await page.$eval("#tools", (tools) => tools.checkVisibility()), false);
    const ink = await page.evaluate(() => getComputedStyle(document.body).color);
    assert.equal(ink, "rgb(0, 0, 0)");
    await page.close();
  });
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
