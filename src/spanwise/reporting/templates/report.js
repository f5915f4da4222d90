// Sorting: a heading of a sortable table becomes a button; undefined figures stay last.
"use strict";
document.documentElement.classList.add("scripted");
document.getElementById("quiet")?.addEventListener("change", (event) => {
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

// Figures: Vega draws each anew when it comes into view, with tooltips and a legend to click; if it cannot, and on
// paper, the drawing stays. Its interpreter needs no `eval`, and colours stay CSS variables, so they follow the page.
const draw = async (figure) => {
  const still = figure.querySelector("svg");
  const live = document.createElement("div");
  live.className = "live";
  live.setAttribute("role", "img");
  live.setAttribute("aria-label", still.getAttribute("aria-label"));
  still.classList.add("still");
  still.after(live);
  try {
    await vegaEmbed(live, JSON.parse(figure.querySelector("script").textContent), {
      mode: "vega-lite",
      renderer: "svg",
      actions: false,
      ast: true,
      defaultStyle: false,
      tooltip: { disableDefaultStyle: true },
      config: { font: getComputedStyle(still.querySelector("text")).fontFamily },
    });
    figure.classList.add("drawn");
  } catch (error) {
    live.remove();
    console.error(error);
  }
};
if (window.vegaEmbed) {
  const watch = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        watch.unobserve(target);
        draw(target.closest("figure"));
      }
    },
    { rootMargin: "50%" },
  );
  document.querySelectorAll("figure > svg, figure .scroll > svg").forEach((svg) => watch.observe(svg));
}
