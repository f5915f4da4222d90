// Texts with their entities marked. Whatever a document holds becomes text, never markup.

const HUES = 10;

/** An element with a class and, if given, a text. */
export function element(name, className = "", text = null) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== null) made.textContent = text;
  return made;
}

/** A hue for each label, in the order of how often it was found. */
export function huesOf(entities) {
  const counts = new Map();
  for (const { label } of entities) counts.set(label, (counts.get(label) ?? 0) + 1);
  const ordered = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return new Map(ordered.map(([label, number], place) => [label, { number, hue: `hue-${place % HUES}` }]));
}

/** Which labels there are. */
export function drawLegend(list, hues) {
  list.replaceChildren();
  for (const [label, { number, hue }] of hues) {
    const item = element("li", hue, `${label} `);
    item.append(element("b", "", String(number)));
    list.append(item);
  }
}

/**
 * The text, cut at each edge of an entity, so that these may overlap: a piece has the colour of the shortest
 * entity that covers it. Offsets count code points, and a string's own indices do not.
 */
export function drawMarked(place, text, entities, hues) {
  const points = Array.from(text);
  const inside = entities.filter(({ start, end }) => 0 <= start && start < end && end <= points.length);
  const edges = [...new Set([0, points.length, ...inside.flatMap(({ start, end }) => [start, end])])];
  edges.sort((a, b) => a - b);
  const ending = new Map();
  for (const each of inside) ending.set(each.end, [...(ending.get(each.end) ?? []), each]);
  const opening = [...inside].sort((a, b) => a.start - b.start);
  let open = [];
  let next = 0;
  place.replaceChildren();
  for (let index = 0; index + 1 < edges.length; index += 1) {
    const [start, end] = [edges[index], edges[index + 1]];
    while (next < opening.length && opening[next].start <= start) open.push(opening[next++]);
    open = open.filter((each) => each.end > start);
    const words = points.slice(start, end).join("");
    place.append(open.length ? piece(words, open, ending.get(end) ?? [], hues) : document.createTextNode(words));
  }
}

function piece(words, covering, ending, hues) {
  const shortest = covering.reduce((a, b) => (b.end - b.start < a.end - a.start ? b : a));
  const mark = element("mark", hues.get(shortest.label).hue, words);
  if (covering.some(({ unsure }) => unsure)) mark.classList.add("unsure");
  mark.title = covering.map(told).join("; ");
  for (const each of ending) {
    const tag = element("small", "", each.label);
    if (each.confidence !== undefined) tag.append(element("span", "unseen", `, confidence ${each.confidence.toFixed(2)}`));
    mark.append(tag);
  }
  return mark;
}

function told({ label, confidence, unsure }) {
  const sure = confidence === undefined ? "" : `, confidence ${confidence.toFixed(2)}`;
  return `${label}${sure}${unsure ? ", needs review" : ""}`;
}
