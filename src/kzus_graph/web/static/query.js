// The query page with a script: YASGUI over our endpoint, with our terms, our views, links that keep, and code to take away.
import { element, Labels } from "./query-names.js";
import { TableView, TimelineView, MapView } from "./query-views.js";
import { NetworkView } from "./query-network.js";
import { code } from "./query-code.js";

const Yasgui = window.Yasgui;
const { Yasqe, Yasr } = Yasgui;
const root = document.getElementById("editor");
const form = document.getElementById("plain");
const endpoint = new URL(root.dataset.endpoint, location).href;
const known = await (await fetch(root.dataset.terms)).json();
const labels = new Labels(known, endpoint, root.dataset.site);
const VIEWS = { table: "table", timeline: "timeline", map: "map", network: "network", raw: "response" };

// What is completed: prefixes of our one table, terms by their name or label, things by their slug or label.
const inFull = (text) => {
  const [prefix, local] = text.split(/:(.*)/s);
  return local !== undefined && known.prefixes[prefix] ? known.prefixes[prefix] + local : text;
};
const suggest = (candidates) => (_yasqe, token) => {
  const typed = (token?.autocompletionString ?? "").replace(/^</, "");
  const whole = inFull(typed);
  const word = typed.slice(typed.search(/[^:/#]*$/)).toLowerCase();
  const begins = candidates.filter(({ iri }) => iri.startsWith(whole));
  const names = word.length > 1 ? candidates.filter((one) => !begins.includes(one) && one.words.includes(word)) : [];
  return [...begins, ...names].slice(0, 80).map(({ iri }) => iri);
};
const candidate = (iri, label = "") => ({ iri, label, words: `${iri.slice(iri.search(/[^/#]*$/))} ${label}`.toLowerCase() });
const shorten = (_yasqe, _token, iri) => labels.compact(iri);
const explained = (_yasqe, hints) =>
  hints.map((hint) => {
    const label = labels.known(inFull(hint.text));
    const render = (place) => place.append(hint.text, element("small", {}, label));
    return label ? { ...hint, render } : hint;
  });
const terms = (kind) => known.terms.filter((one) => one.kind === kind).map((one) => candidate(one.term, one.label));
const things = Object.entries(known.things).map(([path, label]) => candidate(known.base + path, label));
const own = { bulk: false, postProcessSuggestion: shorten, postprocessHints: explained };
Yasqe.registerAutocompleter({ ...Yasqe.Autocompleters.class, ...own, get: suggest(terms("class")) });
Yasqe.registerAutocompleter({ ...Yasqe.Autocompleters.property, ...own, get: suggest(terms("property")) });
Yasqe.registerAutocompleter({
  ...Yasqe.Autocompleters.prefixes,
  persistenceId: null,
  get: () => Object.entries(known.prefixes).map(([prefix, namespace]) => `${prefix}: <${namespace}>`),
});
Yasqe.registerAutocompleter({
  ...Yasqe.Autocompleters.class,
  ...own,
  name: "thing",
  get: suggest(things),
  isValidCompletionPosition: (yasqe) => /^(kzus|topic|code|source|note|graph):/.test(yasqe.getCompleteToken().string),
});

// What an answer can be looked at as.
for (const View of [TableView, TimelineView, MapView, NetworkView]) {
  Yasr.registerPlugin(View.key, class extends View {
    constructor(yasr) {
      super(yasr, labels, { world: root.dataset.world, positions: known.positions });
    }
  });
}
Yasr.defaults.pluginOrder = Object.values(VIEWS);
Yasr.defaults.defaultPlugin = "table";
Yasr.defaults.errorRenderers = [async (error) => problem(error.text)];

// A link keeps the query and the view; without a script it leads to the same query in the plain form.
const viewOf = (tab) => {
  const chosen = tab.getYasr()?.getSelectedPluginName() ?? "table";
  return Object.keys(VIEWS).find((name) => VIEWS[name] === chosen) ?? "table";
};
const permalink = (tab) => {
  const address = new URL(root.dataset.page, location);
  address.searchParams.set("query", tab.getYasqe().getValue());
  if (viewOf(tab) !== "table") address.searchParams.set("view", viewOf(tab));
  return address.href;
};
Yasgui.Tab.prototype.getShareableLink = function () {
  return permalink(this);
};

root.hidden = false;
form.hidden = true;
const text = form.elements.query.value;
const yasgui = new Yasgui(root, {
  persistenceId: "kzus",
  populateFromUrl: false,
  autofocus: false,
  requestConfig: { endpoint, method: "GET", acceptHeaderSelect: "application/sparql-results+json", acceptHeaderGraph: "text/turtle" },
  endpointCatalogueOptions: { getData: () => [], keys: [] },
  yasqe: { value: text, editorHeight: "22rem", createShareableLink: () => permalink(yasgui.getTab()) },
  yasr: { maxPersistentResponseSize: 0 },
});

/** Show a query in the tab that has it, or in a new one. */
function show(query, name, view) {
  const same = Object.values(yasgui._tabs).find((tab) => tab.getPersistedJson().yasqe.value === query);
  if (same) {
    yasgui.selectTabId(same.getId());
    same.show();
    if (name) same.setName(name);
  } else {
    yasgui.addTab(true, {
      name: yasgui.createTabName(name || "Query"),
      requestConfig: { ...yasgui.config.requestConfig },
      yasqe: { value: query },
      yasr: { settings: { selectedPlugin: VIEWS[view] ?? "table", pluginsConfig: {} } },
    });
  }
  const tab = yasgui.getTab();
  if (same && view && VIEWS[view]) tab.getYasr().selectPlugin(VIEWS[view]);
  return tab;
}

// The page speaks of the tab in front.
const take = document.getElementById("take");
const said = document.getElementById("said");
const language = document.getElementById("language");
const shown = document.querySelector("#code code");
take.hidden = false;

function follow() {
  const tab = yasgui.getTab();
  const yasqe = tab?.getYasqe();
  if (!yasqe) return;
  const query = yasqe.getValue();
  const graph = ["CONSTRUCT", "DESCRIBE"].includes(yasqe.getQueryType());
  for (const list of take.querySelectorAll("[data-kind]")) {
    list.hidden = (list.dataset.kind === "graph") !== graph;
    for (const anchor of list.querySelectorAll("a")) {
      const address = new URL(endpoint);
      address.searchParams.set("query", query);
      address.searchParams.set("format", anchor.dataset.format);
      anchor.href = address.href;
    }
  }
  shown.textContent = code(language.value, endpoint, query, graph);
}

// A problem is shown at its line and in words below; both go away when the query is changed.
let marks = [];
function clear() {
  for (const mark of marks.splice(0)) mark();
}
function read(text) {
  try {
    const document_ = JSON.parse(text);
    return typeof document_?.detail === "string" ? document_ : null;
  } catch {
    return null;
  }
}
function mark(tab, text) {
  const found = read(text);
  const yasqe = tab.getYasqe();
  if (!found?.line) return;
  const line = Math.min(found.line, yasqe.lineCount()) - 1;
  const note = document.createElement("p");
  note.className = "problem-note";
  note.textContent = found.detail;
  const widget = yasqe.addLineWidget(line, note, { noHScroll: true });
  yasqe.addLineClass(line, "wrap", "problem-line");
  marks.push(() => {
    widget.clear();
    yasqe.removeLineClass(line, "wrap", "problem-line");
  });
  yasqe.scrollIntoView({ line, ch: 0 }, 60);
}
function problem(text) {
  const found = read(text);
  if (!found) return undefined;
  const box = document.createElement("div");
  box.className = "problem";
  const title = document.createElement("p");
  const strong = document.createElement("strong");
  strong.textContent = found.line ? `Line ${found.line}, column ${found.column}: ` : `${found.title}: `;
  title.append(strong, found.detail);
  box.append(title);
  if (found.hint) {
    const hint = document.createElement("pre");
    hint.textContent = found.hint;
    box.append(hint);
    const prefixes = [...found.hint.matchAll(/^PREFIX (\w+): <([^>]+)>$/gm)];
    if (prefixes.length) {
      const add = document.createElement("button");
      add.type = "button";
      add.textContent = "Add to the query";
      add.addEventListener("click", () => {
        yasgui.getTab().getYasqe().addPrefixes(Object.fromEntries(prefixes.map(([, name, iri]) => [name, iri])));
      });
      box.append(add);
    }
  }
  return box;
}

const heard = new WeakSet();
function listen(tab) {
  const yasqe = tab?.getYasqe();
  if (!yasqe || heard.has(tab)) return;
  heard.add(tab);
  yasqe.getInputField().setAttribute("aria-label", "Query");
  // A long query scrolls; those who have only keys must be able to scroll it without changing it.
  yasqe.getScrollerElement().tabIndex = 0;
  for (const input of root.querySelectorAll(".tabsList input")) input.setAttribute("aria-label", "Name of this query");
  yasqe.on("change", () => {
    clear();
    follow();
  });
  yasqe.on("query", clear);
  tab.getYasr().on("drawn", (yasr) => {
    for (const area of yasr.resultsEl.querySelectorAll("textarea")) area.setAttribute("aria-label", "Answer as it was sent");
  });
  yasqe.on("queryResponse", (_yasqe, answer) => {
    if (answer instanceof Error) mark(tab, answer.message);
  });
}
const front = () => {
  listen(yasgui.getTab());
  follow();
};
yasgui.on("tabSelect", () => setTimeout(front));
yasgui.on("tabAdd", () => setTimeout(front));
language.addEventListener("change", follow);

async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    said.textContent = `${what} copied`;
  } catch {
    said.textContent = "Copying is not allowed here; select and copy it yourself";
  }
}
document.getElementById("copy").addEventListener("click", () => copy(shown.textContent, "Code"));
document.getElementById("link").addEventListener("click", () => {
  const address = permalink(yasgui.getTab());
  history.replaceState(null, "", address);
  copy(address, "Link");
});

// Questions: found by their words, opened without leaving the page.
const search = document.getElementById("find-question");
const items = [...document.querySelectorAll(".questions li")];
document.getElementById("find").hidden = false;
search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const item of items) item.hidden = !words.every((word) => item.textContent.toLowerCase().includes(word));
  const left = items.filter((item) => !item.hidden).length;
  document.getElementById("found").textContent = words.length ? `${left} of ${items.length}` : "";
});

// The button stands in the list of tabs, where only tabs may.
const add = root.querySelector(".addTab");
add.setAttribute("role", "tab");
add.setAttribute("aria-selected", "false");

const { runs, name, view } = root.dataset;
const tab = runs ? show(text, name, view) : yasgui.getTab();
front();
if (runs) tab.query().catch(() => {});
root.dataset.ready = "yes";
