// The search page of a static copy of the site: shows the first things that fit the ?q= of its address, above the list of
// all names, which it folds away. Without it, the page is that list.
import { loaded } from "./names.js";

const MOST = 30;
const form = document.querySelector("form.search");
const found = document.getElementById("found");
const typed = (new URLSearchParams(location.search).get("q") ?? "").trim();

function cell(heading, ...content) {
  const one = document.createElement("td");
  one.dataset.label = heading;
  one.append(...content);
  return one;
}

function row({ name, language, also, kind, when, href }, headings) {
  const line = document.createElement("tr");
  const anchor = Object.assign(document.createElement("a"), { href, textContent: name });
  if (language) anchor.lang = language;
  const more = document.createElement("span");
  more.className = "muted";
  if (also) more.textContent = ` ${found.dataset.also.replace("{name}", () => also)}`;
  line.append(cell(headings[0], anchor, more), cell(headings[1], kind || "–"), cell(headings[2], when || "–"));
  return line;
}

async function show() {
  const { things, all } = (await loaded(form.dataset.names)).find(typed, MOST);
  const table = found.querySelector("table");
  found.querySelector("h2").textContent = `“${typed}”`;
  table.hidden = !things.length;
  table.tBodies[0].replaceChildren(...things.map((thing) => row(thing, table.dataset.headings.split("|"))));
  const said = { first: Math.min(1, all), last: things.length, all };
  const words = all ? found.dataset.shown.replace(/\{(\w+)\}/g, (_, name) => said[name]) : found.dataset.none;
  found.hidden = false;
  found.querySelector("[role=status]").textContent = words;
}

if (typed) {
  form.querySelector("input").value = typed;
  // without the file, the list of all names is there
  show().catch(() => {});
}
