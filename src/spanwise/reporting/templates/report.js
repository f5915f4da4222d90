// Sorting: a heading of a sortable table becomes a button; undefined figures stay last.
"use strict";
document.documentElement.classList.add("scripted");
document.getElementById("quiet").addEventListener("change", (event) => {
  document.getElementById("documents").classList.toggle("quiet", event.target.checked);
});
const figureOf = (row, column) => {
  const text = row.cells[column].textContent.trim();
  const number = parseFloat(text.replace(/,/g, ""));
  return { text, number, undefined: text.startsWith("–") };
};
const compare = (first, second) =>
  Number.isNaN(first.number) || Number.isNaN(second.number)
    ? first.text.localeCompare(second.text, "en")
    : first.number - second.number;
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const numeric = head.classList.contains("n");
      const ascending = head.hasAttribute("aria-sort") ? head.ariaSort !== "ascending" : !numeric;
      heads.forEach((each) => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      const rows = [...table.tBodies[0].rows].map((row) => [figureOf(row, column), row]);
      rows.sort(([first], [second]) =>
        first.undefined - second.undefined || (ascending ? 1 : -1) * compare(first, second));
      table.tBodies[0].append(...rows.map(([, row]) => row));
    });
  });
}
