// The query page with a script: YASGUI over our endpoint, with our terms, our views, links that keep, and code to take away.
import { element, Labels } from "./query-names.js";
import { TableView, MapView } from "./query-views.js";
import { TimelineView } from "./query-timeline.js";
import { NetworkView } from "./query-network.js";
import { Place } from "./query-place.js";
import { hint, mark, problem } from "./query-problems.js";
import { code } from "./query-code.js";

const Yasgui = window.Yasgui;
const { Yasqe, Yasr } = Yasgui;
const root = document.getElementById("editor");
const form = document.getElementById("plain");
const endpoint = new URL(root.dataset.endpoint, location).href;
const known = await (await fetch(root.dataset.terms)).json();
const labels = new Labels(known, endpoint, root.dataset.site);
const place = new Place(root.dataset.page, known.examples);
// An address is changed when typing pauses: browsers refuse to do it at every key.
const PAUSE = 250;
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
Yasr.defaults.errorRenderers = [async (error) => problem(error.text, (prefixes) => front().getYasqe().addPrefixes(prefixes))];
Yasr.prototype.fillFallbackBox = function () {
  const chosen = this.getSelectedPlugin();
  const why = chosen?.needs ? `A ${chosen.label.toLowerCase()} needs ${chosen.needs}; here is the answer as it can be shown.` : "";
  this.fallbackInfoEl.replaceChildren(...(why ? [element("p", {}, why)] : []));
};

// A link keeps the query and the view; without a script it leads to the same query in the plain form.
const viewOf = (tab) => {
  const chosen = tab.getYasr()?.getSelectedPluginName() ?? "table";
  return Object.keys(VIEWS).find((name) => VIEWS[name] === chosen) ?? "table";
};
const permalink = (tab) => place.address(tab.getYasqe().getValue(), viewOf(tab));
Yasgui.Tab.prototype.getShareableLink = function () {
  return permalink(this) ?? root.dataset.page;
};

root.hidden = false;
form.hidden = true;
const text = form.elements.query.value;
const yasgui = new Yasgui(root, {
  persistenceId: "kzus",
  populateFromUrl: false,
  autofocus: false,
  requestConfig: {
    endpoint,
    method: "GET",
    acceptHeaderSelect: "application/sparql-results+json",
    acceptHeaderGraph: "text/turtle",
    acceptHeaderUpdate: "application/problem+json",
  },
  endpointCatalogueOptions: { getData: () => [], keys: [] },
  yasqe: { value: text, editorHeight: "22rem" },
  yasr: { maxPersistentResponseSize: 0 },
});
yasgui.config.yasqe.value = `PREFIX dip: <${known.prefixes.dip}>\n\nSELECT * WHERE {\n  ?thing a dip:Event .\n}\nLIMIT 10\n`;
const front = () => yasgui.getTab();

/** Show a query in the tab that has it; else in place of an example that nobody changed, or in a new tab. */
function show(query, view) {
  const textOf = (tab) => tab.getPersistedJson().yasqe.value ?? "";
  const same = Object.values(yasgui._tabs).find((tab) => textOf(tab) === query);
  if (same) {
    yasgui.selectTabId(same.getId());
    same.show();
  } else if (place.example(textOf(front()))) {
    front().setQuery(query);
  } else {
    yasgui.addTab(true, {
      name: yasgui.createTabName("Query"),
      requestConfig: { ...yasgui.config.requestConfig },
      yasqe: { value: query },
      yasr: { settings: { selectedPlugin: "table", pluginsConfig: {} } },
    });
  }
  front().getYasr().selectPlugin(VIEWS[view] ?? "table");
}

// The page speaks of the tab in front.
const take = document.getElementById("take");
const said = document.getElementById("said");
const language = document.getElementById("language");
const shown = document.querySelector("#code code");
const asked = new WeakMap();
take.hidden = false;
document.getElementById("keys").hidden = false;

function offer(yasqe) {
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

/** Let downloads, code, heading, title, address and the name of the tab follow what is in the editor in front. */
function follow() {
  clearTimeout(waiting);
  const tab = front();
  const yasqe = tab?.getYasqe();
  if (!yasqe) return;
  const query = yasqe.getValue();
  offer(yasqe);
  place.say(query, viewOf(tab), asked.get(tab) === query);
  keep(tab, query);
}
let waiting;
/** Store a query and what it is called: YASGUI does so when its editor is left, which a reload doesn't wait for. */
function keep(tab, query) {
  const name = place.name(query, tab.getName());
  if (name) tab.setName(yasgui.createTabName(name));
  tab.getPersistedJson().yasqe.value = query;
  tab.emit("change", tab, tab.getPersistedJson());
}
addEventListener("pagehide", () => keep(front(), front().getYasqe().getValue()));
function followSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(follow, PAUSE);
}

// A problem is shown at its line and in words below; both go away when the query is changed.
let unmark = () => {};
function clear() {
  unmark();
  unmark = () => {};
}

const heard = new WeakSet();
function listen(tab) {
  const yasqe = tab?.getYasqe();
  if (!yasqe || heard.has(tab)) return;
  heard.add(tab);
  const field = yasqe.getInputField();
  field.setAttribute("aria-label", "Query");
  field.setAttribute("aria-describedby", "keys");
  // Tab goes on to the next thing, as everywhere: who has only keys must be able to leave.
  yasqe.setOption("extraKeys", { ...yasqe.getOption("extraKeys"), Tab: false, "Shift-Tab": false });
  // A long query scrolls; those who have only keys must be able to scroll it without changing it.
  yasqe.getScrollerElement().tabIndex = 0;
  for (const input of root.querySelectorAll(".tabsList input")) input.setAttribute("aria-label", "Name of this query");

  const yasr = tab.getYasr();
  const changed = element("p", { class: "callout", role: "status" }, "The query was changed since: this is the answer to the one before.");
  changed.hidden = true;
  yasr.rootEl.prepend(changed);
  yasqe.on("change", () => {
    clear();
    changed.hidden = !asked.has(tab) || asked.get(tab) === yasqe.getValue();
    offer(yasqe);
    followSoon();
  });
  yasqe.on("blur", follow);
  yasqe.on("query", () => {
    clear();
    asked.set(tab, yasqe.getValue());
    changed.hidden = true;
    follow();
  });
  let note;
  yasqe.on("queryResponse", (_yasqe, answer) => {
    note = hint(answer);
    if (answer instanceof Error) unmark = mark(yasqe, answer.message);
  });
  yasr.on("drawn", () => {
    for (const area of yasr.resultsEl.querySelectorAll("textarea")) area.setAttribute("aria-label", "Answer as it was sent");
    if (note) yasr.resultsEl.append(note);
  });
  yasr.on("change", follow);
}
const turn = () => {
  listen(front());
  follow();
};
yasgui.on("tabSelect", () => setTimeout(turn));
yasgui.on("tabAdd", () => setTimeout(turn));
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
  follow();
  const address = permalink(front());
  if (address) copy(address, "Link");
  else said.textContent = "This query is too long for a link; copy it as code instead";
});

// Questions: found by their words, their group or their SPARQL, opened without leaving the page.
const search = document.getElementById("find-question");
const groups = [...document.querySelectorAll(".group")].map((group) => ({ group, items: [...group.querySelectorAll("li")], open: group.open }));
const texts = new Map(known.examples.map((one) => [one.name, one.text]));
const wordsOf = (group, item) => {
  const name = new URL(item.querySelector("a").href).searchParams.get("example");
  return `${group.querySelector("h3").textContent} ${item.textContent} ${name} ${texts.get(name) ?? ""}`.toLowerCase();
};
document.getElementById("find").hidden = false;
search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let [left, all] = [0, 0];
  for (const { group, items, open } of groups) {
    for (const item of items) item.hidden = !words.every((word) => wordsOf(group, item).includes(word));
    const found = items.filter((item) => !item.hidden).length;
    group.hidden = !found;
    group.open = words.length ? found > 0 : open;
    left += found;
    all += items.length;
  }
  document.getElementById("found").textContent = words.length ? `${left} of ${all}` : "";
});

// The button stands in the list of tabs, where only tabs may.
const add = root.querySelector(".addTab");
add.setAttribute("role", "tab");
add.setAttribute("aria-selected", "false");

// A link is asked at once, and so is what had been asked before a reload.
const { runs, view } = root.dataset;
const again = history.state?.answered !== false;
if (runs) show(text, view);
listen(front());
if (runs || front().getYasqe().getValue() !== text) follow();
else offer(front().getYasqe());
if (runs && again) front().query().catch(() => {});
root.dataset.ready = "yes";
