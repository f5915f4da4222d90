// Headings sort, two lists filter; without scripts the whole table stands there, ranked.
"use strict";
document.documentElement.classList.add("scripted");
const table = document.getElementById("candidate-rows");
const body = table.tBodies[0];
const heads = [...table.tHead.rows[0].cells];
const valueOf = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
heads.forEach((head, column) => {
  const button = document.createElement("button");
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const numeric = head.classList.contains("n");
    const ascending = head.hasAttribute("aria-sort") ? head.ariaSort !== "ascending" : column === 0 || !numeric;
    heads.forEach((each) => each.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    const rows = [...body.rows].map((row) => [valueOf(row, column), row]);
    const empty = (text) => text === "";
    rows.sort(([first], [second]) =>
      empty(first) - empty(second) ||
      (ascending ? 1 : -1) * (numeric ? parseFloat(first) - parseFloat(second) : first.localeCompare(second, "en")));
    body.append(...rows.map(([, row]) => row));
  });
});
const filters = [...document.querySelectorAll(".filters select")];
const number = document.getElementById("shown");
const filter = () => {
  let shown = 0;
  for (const row of body.rows) {
    row.hidden = filters.some((each) => each.value && !row.dataset[each.name].split(" ").includes(each.value));
    shown += !row.hidden;
  }
  number.textContent = `${shown} of ${body.rows.length} shown`;
};
filters.forEach((each) => each.addEventListener("change", filter));
filter();
