// The page at `/`: one document in, three views of it out. The API key is kept in its field, nowhere else.

import { Refusal, entitiesOf, models, read } from "./answers.js";
import { drawLegend, drawMarked, element, huesOf } from "./marking.js";

const LEVELS = [
  ["basic", "Names, addresses, numbers and links masked"],
  ["moderate", "Stand-ins for names; age, health, religion and more masked"],
  ["thorough", "Places, dates, employers and schools masked, too"],
];
const NAMES = { extract: "Entities", parse: "CV fields" };
const EXAMPLE = `Ada Fictional
ada.fictional@example.org | +44 20 7946 0958 | 12 Sample Street, London SW1A 1AA

Experience
Data Engineer, Example Analytics Ltd, London
March 2021 - Present
- Built pipelines in Python and SQL for 40 hospitals

Education
MSc Computer Science, University of Nowhere, 2018 - 2020

Skills
Python, SQL, Docker, French
`;

const $ = (id) => document.getElementById(id);
let file = null;
let running = null;

// --- The document ---

function take(chosen) {
  file = chosen;
  $("text").disabled = file !== null;
  $("text").value = file ? "" : $("text").value;
  $("file-state").textContent = file ? `${file.name} (${Math.ceil(file.size / 1024)} KB)` : "";
  if (!file) $("file").value = "";
}

$("file").addEventListener("change", () => $("file").files.length && take($("file").files[0]));
$("clear").addEventListener("click", () => {
  take(null);
  $("text").value = "";
  $("text").focus();
});
$("example").addEventListener("click", () => {
  take(null);
  $("text").value = EXAMPLE;
});
$("drop").addEventListener("dragover", (event) => {
  event.preventDefault();
  $("drop").classList.add("over");
});
$("drop").addEventListener("dragleave", () => $("drop").classList.remove("over"));
$("drop").addEventListener("drop", (event) => {
  $("drop").classList.remove("over");
  if (!event.dataTransfer.files.length) return; // a text that was dragged
  event.preventDefault();
  take(event.dataTransfer.files[0]);
});
for (const name of ["dragover", "drop"]) {
  // A file that misses the field would replace the page.
  window.addEventListener(name, (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault());
}

// --- What may be asked ---

function option(group, text, endpoint, version) {
  const made = element("option", "", text);
  made.value = JSON.stringify({ endpoint, version });
  group.append(made);
}

function offer(known) {
  $("model").replaceChildren();
  for (const [endpoint, title] of Object.entries(NAMES)) {
    const group = element("optgroup");
    group.label = title;
    const ready = known.filter((each) => each.endpoint === endpoint && each.state === "ready");
    ready.sort((a, b) => b.stages.includes("prod") - a.stages.includes("prod"));
    for (const { name, version, stages } of ready) {
      const where = stages.length ? ` (${stages.join(", ")})` : "";
      option(group, `${title}: ${name} ${version}${where}`, endpoint, name === "rules" ? null : `${name}@${version}`);
    }
    if (!ready.length && endpoint === "parse") option(group, `${title}: rules`, endpoint, null);
    if (group.children.length) $("model").append(group);
  }
}

async function refresh() {
  try {
    offer(await models($("key").value));
    hideProblem();
  } catch (error) {
    offer([]);
    show(error);
  }
}

$("key").addEventListener("change", refresh);

// --- What went wrong ---

function hideProblem() {
  $("problem").hidden = true;
  $("problem").replaceChildren();
}

function problemLines(error) {
  const lines = [element("p", "", error.message)];
  if (error instanceof Refusal) {
    lines[0] = element("p");
    lines[0].append(element("strong", "", error.message));
    if (error.detail) lines.push(element("p", "", error.detail));
    for (const { path, message, detail } of error.errors) {
      lines.push(element("p", "", [path, message ?? detail].filter(Boolean).join(": ")));
    }
    if (error.retryAfter) lines.push(element("p", "", `Try again in ${waitOf(Number(error.retryAfter))}.`));
    const told = [error.code && `Code ${error.code}`, error.request && `request ${error.request}`].filter(Boolean);
    if (told.length) lines.push(element("p", "hint", told.join(", ")));
  }
  return lines;
}

function waitOf(seconds) {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

function show(error) {
  $("problem").replaceChildren(...problemLines(error));
  $("problem").hidden = false;
  if (["unauthenticated", "forbidden"].includes(error.code)) {
    document.querySelector("details.key").open = true;
  }
}

// --- Asking ---

$("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const source = { file, text: $("text").value };
  if (!source.file && !source.text.trim()) {
    show(new Refusal({ title: "There is no document yet", detail: "Paste a text, or choose a file." }));
    $("text").focus();
    return;
  }
  if (!$("model").value) {
    await refresh();
    return;
  }
  running?.abort();
  const own = (running = new AbortController());
  hideProblem();
  $("result").hidden = true;
  $("run").disabled = true;
  $("status").textContent = "Reading …";
  try {
    await answer(JSON.parse($("model").value), source, own.signal);
  } catch (error) {
    $("status").textContent = "There is no answer.";
    show(error);
  } finally {
    $("run").disabled = false;
  }
});

async function answer(asked, source, signal) {
  const key = $("key").value;
  const masking = LEVELS.map(([level]) =>
    read({ endpoint: "anonymise", version: null }, source, { level }, key, signal).catch((error) => error),
  );
  const { whole, result } = await read(asked, source, { with_text: true }, key, signal);
  const entities = entitiesOf(asked.endpoint, result);
  const hues = huesOf(entities);
  drawLegend($("legend"), hues);
  drawMarked($("marked"), result.text, entities, hues);
  const masked = await Promise.all(masking);
  const shared = huesOf(masked.flatMap((each) => (each instanceof Error ? [] : each.result.replacements)));
  $("levels").replaceChildren(...masked.map((each, place) => drawLevel(LEVELS[place], each, shared)));
  drawJson(whole, masked);
  const by = `${whole.model} ${whole.version}${whole.fallback ? ", as no model is deployed" : ""}`;
  $("status").textContent = `${entities.length} found in ${result.characters} characters by ${by}.`;
  $("result").hidden = false;
}

function drawLevel([level, meaning], masked, hues) {
  const article = element("article");
  const heading = element("h3", "", level[0].toUpperCase() + level.slice(1));
  heading.id = `level-${level}`;
  article.setAttribute("aria-labelledby", heading.id);
  article.append(heading, element("p", "hint", meaning));
  if (masked instanceof Error) {
    const box = element("div", "callout alarm");
    box.append(...problemLines(masked));
    article.append(box);
    return article;
  }
  const text = element("p", "text");
  text.tabIndex = 0;
  text.setAttribute("role", "region");
  text.setAttribute("aria-labelledby", heading.id);
  drawMarked(text, masked.result.text, masked.result.replacements, hues);
  article.append(text);
  return article;
}

function drawJson(whole, masked) {
  const levels = LEVELS.map(([level], place) => {
    const each = masked[place];
    return [level, each instanceof Error ? { error: { title: each.message, code: each.code } } : each.whole];
  });
  $("json").textContent = JSON.stringify({ found: whole, anonymised: Object.fromEntries(levels) }, null, 2);
  $("copied").textContent = "";
}

$("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText($("json").textContent);
    $("copied").textContent = "Copied.";
  } catch {
    $("copied").textContent = "The browser does not allow it: select the text instead.";
  }
});

// --- Tabs (https://www.w3.org/WAI/ARIA/apg/patterns/tabs/) ---

const tabs = [...document.querySelectorAll("[role=tab]")];

function choose(chosen) {
  for (const tab of tabs) {
    const own = tab === chosen;
    tab.setAttribute("aria-selected", String(own));
    tab.tabIndex = own ? 0 : -1;
    $(tab.getAttribute("aria-controls")).hidden = !own;
  }
}

for (const [place, tab] of tabs.entries()) {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", ({ key }) => {
    const next = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: tabs.length - 1 }[key];
    if (next === undefined) return;
    const chosen = tabs[(next + tabs.length) % tabs.length];
    choose(chosen);
    chosen.focus();
  });
}

refresh();
