// Headings sort, lists and a name filter; without scripts the whole table stands there, by name.
"use strict";
document.documentElement.classList.add("scripted");
const body = document.getElementById("files").tBodies[0];
const heads = [...document.getElementById("files").tHead.rows[0].cells];
const valueOf = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
heads.forEach((head, column) => {
  const button = document.createElement("button");
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const numeric = head.classList.contains("n");
    const ascending = head.hasAttribute("aria-sort") ? head.ariaSort !== "ascending" : true;
    heads.forEach((each) => each.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    const rows = [...body.rows].map((row) => [valueOf(row, column), row]);
    rows.sort(([first], [second]) =>
      (first === "") - (second === "") ||
      (ascending ? 1 : -1) * (numeric ? parseFloat(first) - parseFloat(second) : first.localeCompare(second, "en", { numeric: true })));
    body.append(...rows.map(([, row]) => row));
  });
});
const filters = [...document.querySelectorAll(".filters select")];
const named = document.getElementById("named");
const number = document.getElementById("shown");
const filter = () => {
  const part = named.value.trim().toLowerCase();
  let shown = 0;
  for (const row of body.rows) {
    row.hidden = filters.some((each) => each.value && row.dataset[each.name] !== each.value)
      || !row.cells[0].textContent.toLowerCase().includes(part);
    shown += !row.hidden;
  }
  number.textContent = `${shown} of ${body.rows.length} shown`;
};
filters.forEach((each) => each.addEventListener("change", filter));
named.addEventListener("input", filter);
filter();
