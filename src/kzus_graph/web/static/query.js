// The query page with a script: YASGUI over our endpoint, with our terms, our views, links that keep, and code to take away.
import { element, Labels } from "./query-names.js";
import { TableView, MapView } from "./query-views.js";
import { TimelineView } from "./query-timeline.js";
import { NetworkView } from "./query-network.js";
import { BarView, LineView } from "./query-bars.js";
import { Place } from "./query-place.js";
import { unpack } from "./query-packed.js";
import { hint, mark, problem } from "./query-problems.js";
import { Suggestions } from "./query-suggestions.js";
import { Completion } from "./query-completion.js";
import { Hover } from "./query-hover.js";
import { Running } from "./query-run.js";
import { History, title } from "./query-history.js";
import { Take } from "./query-take.js";
import { findQuestions } from "./query-questions.js";
import { format } from "./query-format.js";
import { _ } from "./query-words.js";

const Yasgui = window.Yasgui;
const { Yasqe, Yasr } = Yasgui;
const root = document.getElementById("editor");
const form = document.getElementById("plain");
const tools = document.getElementById("tools");
const endpoint = new URL(root.dataset.endpoint, location).href;
const known = await (await fetch(root.dataset.terms)).json();
const labels = new Labels(known, endpoint, root.dataset.site);
const place = new Place(root.dataset.page, known.examples);
// An address is changed when typing pauses: browsers refuse to do it at every key.
const PAUSE = 250;
const VIEWS = { table: "table", timeline: "timeline", map: "map", network: "network", bar: "bar", line: "line", raw: "response" };

// Completion is ours but for variables and declarations of prefixes.
const completion = new Completion(known, labels, new Suggestions(root.dataset.suggestions));
Yasqe.defaults.autocompleters = ["variables", "prefixes"];
Yasqe.registerAutocompleter({
  ...Yasqe.Autocompleters.prefixes,
  persistenceId: null,
  get: () => Object.entries(known.prefixes).map(([prefix, namespace]) => `${prefix}: <${namespace}>`),
});

// What an answer can be looked at as.
for (const View of [TableView, TimelineView, MapView, NetworkView, BarView, LineView]) {
  Yasr.registerPlugin(View.key, class extends View {
    constructor(yasr) {
      super(yasr, labels, { world: root.dataset.world, positions: known.positions });
    }
  });
}
Yasr.registerPlugin("response", class extends Yasr.plugins.response {
  label = _("Response");
});
Yasr.defaults.pluginOrder = Object.values(VIEWS);
Yasr.defaults.defaultPlugin = "table";
Yasr.defaults.errorRenderers = [async (error) => problem(error.text, (prefixes) => front().getYasqe().addPrefixes(prefixes))];
Yasr.prototype.fillFallbackBox = function () {
  const chosen = this.getSelectedPlugin();
  const why = chosen?.needs ? _("{view}: this view needs {needs}; here is the answer as it can be shown.", { view: chosen.label, needs: chosen.needs }) : "";
  this.fallbackInfoEl.replaceChildren(...(why ? [element("p", {}, why)] : []));
};

// Whether the view of a tab is that of its query, not one that a person chose.
const own = new WeakMap();
// A link keeps the query and the view; without a script it leads to the same query in the plain form.
const viewOf = (tab) => {
  if (own.get(tab)) return place.wanted(tab.getYasqe().getValue()).view;
  const chosen = tab.getYasr()?.getSelectedPluginName() ?? "table";
  return Object.keys(VIEWS).find((name) => VIEWS[name] === chosen) ?? "table";
};

root.hidden = false;
form.hidden = true;
const unpacked = await unpack(location.hash);
const text = unpacked ?? form.elements.query.value;
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
  yasqe: { value: text, editorHeight: "22rem", showQueryButton: false, createShareableLink: null },
  yasr: { maxPersistentResponseSize: 0 },
});
yasgui.config.yasqe.value = `PREFIX dip: <${known.prefixes.dip}>\n\nSELECT * WHERE {\n  ?thing a dip:Event .\n}\nLIMIT 10\n`;
const front = () => yasgui.getTab();
// Tabs are kept with the endpoint that they had, which may be that of another release.
for (const tab of Object.values(yasgui._tabs)) tab.getPersistedJson().requestConfig.endpoint = endpoint;

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
  look(front(), query, view);
}

/** Look at the answer to a query as *view*; else as its header or its example says. */
function look(tab, query, view) {
  const wanted = place.wanted(query);
  const yasr = tab.getYasr();
  yasr.wanted = wanted;
  const name = view && VIEWS[view] ? view : wanted.view;
  yasr.selectPlugin(VIEWS[name] ?? "table");
  own.set(tab, !view);
}

// The page speaks of the tab in front.
const asked = new WeakMap();
tools.hidden = false;
root.querySelector(".tabsList").after(tools);
const running = new Running(tools, front);
const hover = new Hover(known, labels, document.getElementById("here"));
const take = new Take(endpoint, () => {
  follow();
  return place.link(front().getYasqe().getValue(), viewOf(front()), root.dataset.release);
});
const history = new History(document.getElementById("history"), (query) => place.question(place.example(query)).text || title(query), (query) => {
  show(query, "");
  turn();
  front().getYasqe().focus();
});
findQuestions(known.examples);

const isGraph = (yasqe) => ["CONSTRUCT", "DESCRIBE"].includes(yasqe.getQueryType());
const offer = (yasqe) => take.offer(yasqe.getValue(), isGraph(yasqe));

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
  field.setAttribute("aria-label", _("Query"));
  field.setAttribute("aria-describedby", "keys");
  // Tab goes on to the next thing, as everywhere: who has only keys must be able to leave.
  yasqe.setOption("extraKeys", { ...yasqe.getOption("extraKeys"), Tab: false, "Shift-Tab": false, "Shift-Ctrl-F": layOut });
  // A long query scrolls; those who have only keys must be able to scroll it without changing it.
  yasqe.getScrollerElement().tabIndex = 0;
  for (const input of root.querySelectorAll(".tabsList input")) input.setAttribute("aria-label", _("Name of this query"));
  completion.attach(yasqe);
  hover.attach(yasqe);
  running.attach(tab);

  const yasr = tab.getYasr();
  yasr.wanted = place.wanted(yasqe.getValue());
  const changed = element("p", { class: "callout", role: "status" }, _("The query was changed since: this is the answer to the one before."));
  changed.hidden = true;
  yasr.rootEl.prepend(changed);
  yasqe.on("change", () => {
    clear();
    changed.hidden = !asked.has(tab) || asked.get(tab) === yasqe.getValue();
    offer(yasqe);
    followSoon();
  });
  // not at once: a heading of another height would move a button away from under the pointer
  yasqe.on("blur", followSoon);
  yasqe.on("query", () => {
    clear();
    const query = yasqe.getValue();
    const wanted = place.wanted(query);
    // another query is looked at as it says; a view that a person chose stays, unless the query names one
    if (asked.get(tab) !== query && (own.get(tab) || wanted.view !== "table") && asked.has(tab)) look(tab, query, "");
    asked.set(tab, query);
    changed.hidden = true;
    follow();
  });
  let note;
  yasqe.on("queryResponse", (_yasqe, answer) => {
    note = hint(answer);
    if (answer instanceof Error) unmark = mark(yasqe, answer.message);
  });
  tab.on("outcome", (_tab, { rows }) => history.add(asked.get(tab), rows));
  yasr.on("drawn", () => {
    for (const area of yasr.resultsEl.querySelectorAll("textarea")) area.setAttribute("aria-label", _("Answer as it was sent"));
    const raw = yasr.resultsEl.querySelector(".CodeMirror")?.CodeMirror;
    if (raw) hover.attachAnswer(raw);
    const verdict = yasr.resultsEl.querySelector(".booleanResult span");
    if (verdict) verdict.textContent = yasr.results.getBoolean() ? _("True") : _("False");
    if (note) yasr.resultsEl.append(note);
  });
  // a button is called what stands on it
  for (const button of yasr.pluginSelectorsEl.querySelectorAll("button")) for (const name of ["aria-label", "title"]) button.removeAttribute(name);
  yasr.pluginSelectorsEl.addEventListener("click", () => own.set(tab, false));
  yasr.on("change", follow);
}
function turn() {
  listen(front());
  follow();
  running.show();
}
yasgui.on("tabSelect", () => setTimeout(turn));
yasgui.on("tabAdd", () => setTimeout(turn));
take.language.addEventListener("change", follow);

/** Lay out the query in front; one step back undoes it. */
function layOut() {
  const yasqe = front().getYasqe();
  const [before, line] = [yasqe.getValue(), yasqe.getCursor().line];
  const after = format(before);
  if (after === before) return;
  yasqe.replaceRange(after, { line: 0, ch: 0 }, yasqe.posFromIndex(before.length), "format");
  yasqe.setCursor({ line: Math.min(line, yasqe.lastLine()), ch: 0 });
}
document.getElementById("lay-out").addEventListener("click", layOut);

// The button stands in the list of tabs, where only tabs may.
const add = root.querySelector(".addTab");
add.setAttribute("role", "tab");
add.setAttribute("aria-selected", "false");

// A link is asked at once, and so is what had been asked before a reload.
const runs = root.dataset.runs || unpacked !== undefined;
const again = window.history.state?.answered !== false;
if (runs) show(text, root.dataset.view);
listen(front());
if (runs || front().getYasqe().getValue() !== text) follow();
else offer(front().getYasqe());
if (runs && again) running.start();
running.show();
root.dataset.ready = "yes";
