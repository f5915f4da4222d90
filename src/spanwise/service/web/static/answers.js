// Questions to the API, and what its answers say.

/** A refusal, as the API tells it in problem details (RFC 9457), or as the network does. */
export class Refusal extends Error {
  constructor({ title, detail = "", code = "", request_id: request = "", errors = [] }, retryAfter = "") {
    super(title);
    Object.assign(this, { detail: detail === title ? "" : detail, code, request, errors, retryAfter });
  }
}

async function ask(path, key, options) {
  const headers = { ...options.headers, ...(key ? { "X-API-Key": key } : {}) };
  let response;
  try {
    response = await fetch(path, { ...options, headers, credentials: "omit", cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal({ title: "The server cannot be reached", code: "unreachable" });
  }
  const value = await response.json().catch(() => ({ title: `The server answered ${response.status}` }));
  if (!response.ok) throw new Refusal(value, response.headers.get("Retry-After") ?? "");
  return value;
}

/** What is loaded: [{name, version, endpoint, state, stages}]. */
export async function models(key) {
  return (await ask("v1/models", key, {})).models;
}

/** One document's answer: the whole value, and the result in it. */
export async function read({ endpoint, version }, source, options, key, signal) {
  const path = `v1/${endpoint}${version ? `?version=${encodeURIComponent(version)}` : ""}`;
  const whole = await ask(path, key, { method: "POST", signal, ...bodyOf(source, options) });
  return { whole, result: whole.results[0] };
}

function bodyOf({ file, text }, options) {
  if (!file) {
    return { headers: { "Content-Type": "application/json" }, body: JSON.stringify({ text, ...options }) };
  }
  const form = new FormData();
  form.append("files", file, "document"); // its name is often a person's
  for (const [name, value] of Object.entries(options)) form.append(name, String(value));
  return { body: form };
}

/** What was found in a text: [{start, end, label, confidence, unsure}]. */
export function entitiesOf(endpoint, result) {
  if (endpoint === "extract") {
    return result.entities.map((each) => ({ ...each, unsure: each.auto_accept === false }));
  }
  const found = (result.origins ?? []).filter(({ start, end }) => start !== null && end !== null);
  return found.map(({ path, start, end, confidence }) => ({
    start, end, confidence, label: path.replace(/\[\d+\]/g, ""), unsure: false,
  }));
}
