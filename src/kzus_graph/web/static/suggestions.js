// The field for searching with a script: it suggests things while one types.
// Without it, the field is a form that leads to the page of results.
import { combobox, suggested } from "./combobox.js";

const MOST = 8;
const form = document.querySelector("form.search");
const field = form.querySelector("input");

/** The names of a static copy of the site, which has no server to ask. */
async function names() {
  const module = await import("./names.js");
  return module.loaded(form.dataset.names);
}

async function ask(typed, signal) {
  if (!form.dataset.names) return suggested(new URL(form.dataset.suggestions, location), typed, signal);
  const all = await names();
  signal.throwIfAborted();
  return all.find(typed, MOST).things;
}

function lines({ name, language, also, line }) {
  const [first, second] = [document.createElement("span"), document.createElement("small")];
  first.textContent = name;
  if (language) first.lang = language;
  second.textContent = [also && document.body.dataset.also.replace("{name}", also), line].filter(Boolean).join(" · ");
  return [first, second];
}

combobox(field, {
  id: "suggestions",
  ask,
  choose: ({ href }) => location.assign(href),
  lines,
});
if (form.dataset.names) field.addEventListener("focus", () => names().catch(() => {}), { once: true });
