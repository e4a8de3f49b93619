
"use strict";
// The page is whole without this: it adds search, filters, sorting and corrections to the table of articles.
(() => {
  const data = document.getElementById("review-data");
  const table = document.getElementById("cases");
  const tools = document.getElementById("tools");
  if (!data || !table || !tools) return;
  const { header, rows: records, labels, words, file } = JSON.parse(data.textContent);
  document.documentElement.classList.add("scripted");

  const column = (name) => header.indexOf(name);
  const [TRUTH, GIVEN, CORRECT, CONFIDENCE] = ["labels", "predicted", "correct", "confidence"].map(column);
  const body = table.tBodies[0];
  const articles = Array.from(body.rows, (row, i) => ({
    row,
    record: records[i],
    cells: row.dataset.cells.split(" "),
    text: row.textContent.toLocaleLowerCase(),
    ticked: new Set(),
    at: i,
  }));
  const fill = (sentence, ...parts) => parts.reduce((text, part) => text.replace("{}", () => part), sentence);
  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  // Filters.
  const choice = (name, options) => {
    const select = make("select");
    for (const [value, text] of options) select.append(make("option", { value, textContent: text }));
    select.addEventListener("change", show);
    tools.append(make("label", { textContent: name }, select));
    return select;
  };
  const search = make("input", { type: "search", autocomplete: "off" });
  search.addEventListener("input", show);
  tools.append(make("label", { textContent: words.search }, search));
  const kind = choice(words.filter_kind, [["", words.errors_and_doubtful], ["no", words.only_errors], ["yes", words.only_doubtful]]);
  const names = [...labels, "other"].map((name) => [name, name]);
  const truth = choice(words.filter_truth, [["", words.all], ...names]);
  const given = choice(words.filter_given, [["", words.all], ...names]);
  const reset = make("button", { type: "button", textContent: words.reset });
  const download = make("button", { type: "button", className: "main" });
  const count = make("output", { id: "shown" });
  tools.append(reset, download, count);
  let cell = null;

  function show() {
    const wanted = search.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const has = (record, at, name) => !name || record[at].split(";").includes(name);
    let shown = 0;
    for (const { row, record, cells, text } of articles) {
      const fits =
        wanted.every((word) => text.includes(word)) &&
        (!kind.value || record[CORRECT] === kind.value) &&
        has(record, TRUTH, truth.value) &&
        has(record, GIVEN, given.value) &&
        (!cell || cells.includes(cell.id));
      row.hidden = !fits;
      shown += fits;
    }
    count.textContent = fill(words.shown, shown, articles.length) + (cell ? ` · ${fill(words.cell_filter, cell.title)}` : "");
  }
  const clear = () => {
    search.value = kind.value = truth.value = given.value = "";
    cell = null;
  };
  reset.addEventListener("click", () => {
    clear();
    show();
  });

  // A cell of a matrix shows its articles in the table, where it has any there; else its link leads to the list.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link) return;
    const id = link.dataset.cell;
    if (id && articles.some(({ cells }) => cells.includes(id))) {
      clear();
      const title = document.querySelector(`#${CSS.escape(id)} h4`);
      cell = { id, title: title ? title.firstChild.textContent.trim() : id };
      show();
      event.preventDefault();
      document.getElementById("review").scrollIntoView();
      tools.querySelector("input").focus({ preventScroll: true });
      return;
    }
    const target = document.getElementById(link.hash.slice(1));
    const closed = target && target.closest("details:not([open])");
    if (closed) closed.open = true;
    if (target && target.hidden) {
      clear();
      show();
    }
  });

  // Sorting.
  const key = {
    title: ({ row }) => row.cells[0].textContent,
    truth: ({ record }) => record[TRUTH],
    given: ({ record }) => record[GIVEN],
    confidence: ({ record }) => (record[CONFIDENCE] === "" ? -1 : Number(record[CONFIDENCE])),
    kind: ({ row }) => row.cells[4].textContent,
  };
  const heads = table.querySelectorAll("thead th[data-sort]");
  for (const head of heads) {
    const button = make("button", { type: "button", title: fill(words.sort_by, head.textContent) }, head.textContent);
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const falls = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", falls ? "descending" : "ascending");
      const of = key[head.dataset.sort];
      const compare = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b, document.documentElement.lang));
      const sorted = [...articles].sort((a, b) => (falls ? -1 : 1) * compare(of(a), of(b)) || a.at - b.at);
      body.append(...sorted.map(({ row }) => row));
    });
  }

  // Corrections.
  let unsaved = false;
  const corrected = () => articles.filter(({ ticked }) => ticked.size > 0);
  const tell = () => {
    const { length } = corrected();
    download.textContent = fill(words.download, length);
    download.disabled = length === 0;
  };
  const correct = (article) => {
    const title = article.row.querySelector("b").textContent;
    const legend = make("legend", { textContent: words.correct_label });
    legend.append(make("span", { className: "hidden", textContent: ` ${title}` }));
    const field = make("fieldset", { className: "right" }, legend);
    const boxes = [...labels, "other"].map((name) => {
      const box = make("input", { type: "checkbox", value: name });
      field.append(make("label", {}, box, name));
      return box;
    });
    field.addEventListener("change", ({ target }) => {
      // None of the topics excludes every topic.
      for (const box of boxes) {
        if (target.checked && box !== target && (box.value === "other") !== (target.value === "other")) box.checked = false;
      }
      article.ticked = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
      unsaved = corrected().length > 0;
      tell();
    });
    return field;
  };
  for (const article of articles) {
    const place = article.row.cells[0];
    if (labels.length <= 8) {
      place.append(correct(article));
      continue;
    }
    // Many labels are folded, and made when they are wanted.
    const folded = make("details", {}, make("summary", { textContent: words.correct_label }));
    folded.addEventListener("toggle", () => folded.append(correct(article)), { once: true });
    place.append(folded);
  }
  const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  download.addEventListener("click", () => {
    const lines = corrected().map(({ record, ticked }) =>
      header.map((name, at) => (name === "corrected_labels" && at === 2 ? [...ticked].join(";") : (record[at] ?? ""))),
    );
    const csv = [header, ...lines].map((line) => line.map(quoted).join(",") + "\n").join("");
    const address = URL.createObjectURL(new Blob([csv], { type: "text/csv;charset=utf-8" }));
    make("a", { href: address, download: file }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
    unsaved = false;
  });
  addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
  tell();
  show();
})();
