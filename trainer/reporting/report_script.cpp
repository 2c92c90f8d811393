// SPDX-License-Identifier: LGPL-2.1-or-later
#include "reporting/report_page.h"

namespace torchclassify {

const char kReportScript[] = R"js("use strict";
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

function make(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

// Tables: a button in each column's head sorts by it.
function compare(a, b, column, sign) {
  const texts = [a, b].map((row) => row.cells[column].textContent);
  const numbers = texts.map(parseFloat);
  if (column > 0 && numbers.some((n) => !isNaN(n))) {
    if (numbers.some(isNaN))
      return isNaN(numbers[0]) ? 1 : -1;  // dashes last, either way
    return sign * (numbers[0] - numbers[1]);
  }
  return sign * texts[0].localeCompare(texts[1], "en", { numeric: true });
}

function sort(table, head) {
  const ascending = head.getAttribute("aria-sort") !== "ascending";
  all("th[aria-sort]", table).forEach((th) => th.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  const body = table.tBodies[0];
  const sign = ascending ? 1 : -1;
  const rows = [...body.rows];
  rows.sort((a, b) => compare(a, b, head.cellIndex, sign));
  body.append(...rows);
}

for (const table of all("table.sortable")) {
  for (const head of all("thead th", table)) {
    const button = make("button", { type: "button" }, ...head.childNodes);
    button.addEventListener("click", () => sort(table, head));
    head.append(button);
  }
}

// Long tables: only rows whose name contains a text.
for (const table of all("#classes table")) {
  const rows = [...table.tBodies[0].rows];
  if (rows.length < 20)
    continue;
  const input = make("input", { type: "search", autocomplete: "off" });
  const count = make("output");
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    for (const row of rows)
      row.hidden = !row.cells[0].textContent.toLowerCase().includes(wanted);
    const shown = rows.filter((row) => !row.hidden).length;
    count.textContent = wanted ? `${shown} of ${rows.length}` : "";
  });
  table.parentElement.before(
    make("p", { className: "tools" },
         make("label", {}, "Find a class ", input), " ", count));
}

// Curves: the chosen class stands out.
const chooser = document.getElementById("chooser");
if (chooser) {
  const select = chooser.querySelector("select");
  const choose = () => {
    for (const path of all("path[data-class]")) {
      const picked = path.dataset.class === select.value;
      path.classList.toggle("picked", picked);
      if (picked)
        path.parentElement.append(path);  // above the others
    }
    const text = select.selectedOptions[0].dataset.text;
    chooser.querySelector("output").textContent = text || "";
  };
  select.addEventListener("change", choose);
  chooser.hidden = false;
  choose();
}

// Mistakes: heat maps are shown in place of the pictures.
const pictures = all(".mistake").filter((m) => m.querySelector(".heat"));
function show(picture, heat) {
  picture.classList.toggle("show-heat", heat);
  picture.querySelector("button").setAttribute("aria-pressed", heat);
}
function toggleButton(text, toggle) {
  const button = make("button", { type: "button", className: "toggle" }, text);
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () =>
    toggle(button.getAttribute("aria-pressed") !== "true"));
  return button;
}
for (const picture of pictures) {
  picture.classList.add("switched");
  const caption = picture.querySelector("figcaption");
  caption.append(toggleButton("Heat map", (heat) => show(picture, heat)));
}
if (pictures.length > 1) {
  const button = toggleButton("All heat maps", (heat) => {
    button.setAttribute("aria-pressed", heat);
    pictures.forEach((picture) => show(picture, heat));
  });
  document.querySelector(".mistakes").before(
    make("p", { className: "tools" }, button));
}
)js";

}  // namespace torchclassify
