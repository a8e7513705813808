// Two ways to look at rows: a table with labels, and a map of what has a place; what they share is a View.
import { element, link } from "./query-names.js";
import { _, plural } from "./query-words.js";

const PAGE = 200;
const MOST_NAMED = 40;
// The outline counts ten units to a degree from 180° W and this latitude.
const NORTH = 84;
// Below this width in pixels a map of the world is too small to see; places further apart than this are parted then.
const NARROW = 640;
const WIDE = 600;
const XSD = "http://www.w3.org/2001/XMLSchema#";
const NUMBER = "[+-]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:[eE][+-]?\\d+)?";
const WKT = new RegExp(`^(?:<([^>]*)>\\s*)?POINT(?:\\s*(?:Z|M|ZM))?\\s*\\(\\s*(${NUMBER})\\s+(${NUMBER})(?:\\s+${NUMBER}){0,2}\\s*\\)$`, "i");
const DEGREES = new RegExp(`^${NUMBER}$`);
// Longitude comes first in this reference system, as where none is named, and latitude in the other.
const CRS84 = /^(https?:\/\/www\.opengis\.net\/def\/crs\/OGC\/[\w.]+\/CRS84h?|urn:ogc:def:crs:OGC:[\w.]*:CRS84h?)$/;
const EPSG = /^(https?:\/\/www\.opengis\.net\/def\/crs\/EPSG\/[\w.]+\/|urn:ogc:def:crs:EPSG:[\w.]*:)(4326|4979)$/;
const SVG = "http://www.w3.org/2000/svg";

/** The three terms of a triple term. */
const parts = ({ value: { subject, predicate, object } }) => [subject, predicate, object];

/** Return latitude and longitude of a point in WKT, or null if it is none, or not on Earth, or of an unknown system. */
export function point(text) {
  const [, system, first, second] = WKT.exec(text.trim()) ?? [];
  if (first === undefined) return null;
  if (system === undefined || CRS84.test(system)) return onEarth(second, first);
  return EPSG.test(system) ? onEarth(first, second) : null;
}

function onEarth(latitude, longitude) {
  if (!DEGREES.test(latitude.trim()) || !DEGREES.test(longitude.trim())) return null;
  const found = [Number(latitude), Number(longitude)];
  return Math.abs(found[0]) <= 90 && Math.abs(found[1]) <= 180 ? found : null;
}

export class View {
  priority = 1;
  constructor(yasr, labels, more) {
    this.yasr = yasr;
    this.labels = labels;
    this.more = more;
  }

  get names() {
    return this.yasr.results?.getVariables() ?? [];
  }

  /** The columns that are drawn: those that the query names for this view, if the answer has them, else all. */
  get chosen() {
    const { view, columns = [] } = this.yasr.wanted ?? {};
    const some = view === this.constructor.key ? columns.filter((name) => this.names.includes(name)) : [];
    return some.length ? some : this.names;
  }

  get rows() {
    return this.yasr.results?.getBindings() ?? [];
  }

  put(...nodes) {
    this.yasr.resultsEl.replaceChildren(...nodes);
  }

  /** What a term reads as. */
  words(term) {
    if (!term) return "";
    if (term.type === "triple") return `<<( ${parts(term).map((part) => this.words(part)).join(" ")} )>>`;
    return term.type === "uri" ? this.labels.known(term.value) ?? this.labels.compact(term.value) : term.value;
  }

  /** The thing a row is about: its first IRI, or the next if that is known anyway, with a label that the row may give. */
  subject(row, known) {
    const iris = this.names.map((name) => row[name]).filter((term) => term?.type === "uri").map((term) => term.value);
    const iri = iris.find((one) => one !== known) ?? iris[0];
    const named = ["label", "name", "title", "eventLabel"].find((name) => row[name]?.type?.includes("literal"));
    if (iri) return link(this.labels, iri, this.labels.known(iri) ?? row[named]?.value);
    return document.createTextNode(this.words(row[named ?? this.names[0]]));
  }

  cell(term) {
    if (!term) return [];
    if (term.type === "uri") {
      const label = this.labels.known(term.value);
      const short = this.labels.compact(term.value);
      const name = element("small", { class: "iri" }, short);
      return label ? [link(this.labels, term.value, label), " ", name] : [link(this.labels, term.value, short)];
    }
    if (term.type === "triple") return ["<<( ", ...parts(term).flatMap((part) => [...this.cell(part), " "]), ")>>"];
    const { "xml:lang": lang, "its:dir": dir } = term;
    if (dir) return [element("bdi", { lang, dir }, term.value), " ", element("small", { class: "muted" }, `${lang}--${dir}`)];
    const kind = lang ?? (term.datatype && term.datatype !== `${XSD}string` ? this.labels.compact(term.datatype) : "");
    const plain = /^xsd:(date|integer|boolean|decimal)$|^en$/.test(kind);
    return kind && !plain ? [term.value, " ", element("small", { class: "muted" }, kind)] : [term.value];
  }

  download() {
    return undefined;
  }
}

export class TableView extends View {
  static key = "table";
  label = _("Table");
  priority = 10;
  sorted = null;

  canHandleResults() {
    return this.names.length > 0 && Array.isArray(this.rows);
  }

  draw() {
    const rows = this.rows.map((row, place) => ({ row, place }));
    const body = element("tbody");
    const count = element("p", { class: "muted small", role: "status" });
    const more = element("button", { type: "button" }, _("Show more"));
    const filter = element("input", { type: "search", "aria-label": _("Show rows with"), placeholder: _("Show rows with …") });
    let found = rows;
    let drawn = 0;

    const add = () => {
      const fresh = found.slice(drawn, drawn + PAGE);
      for (const { row } of fresh) body.append(element("tr", {}, ...this.names.map((name) => element("td", {}, ...this.cell(row[name])))));
      drawn = Math.min(found.length, drawn + PAGE);
      more.hidden = drawn >= found.length;
      const iris = fresh.flatMap(({ row }) => Object.values(row)).filter((term) => term.type === "uri");
      this.labels.learn(iris.map((term) => term.value)).then((came) => came && again());
      count.textContent = drawn < found.length ? _("{n} of {all} rows shown", { n: drawn, all: found.length }) : "";
    };
    // labels came: the same rows once more
    const again = () => {
      const until = drawn;
      body.replaceChildren();
      drawn = 0;
      while (drawn < until) add();
    };
    const fill = () => {
      const word = filter.value.trim().toLowerCase();
      found = rows.filter(({ row }) => !word || this.names.some((name) => this.text(row[name]).includes(word)));
      if (this.sorted) found = [...found].sort((one, other) => this.compare(one.row, other.row) || one.place - other.place);
      body.replaceChildren();
      drawn = 0;
      add();
      if (word) count.textContent = _("{n} of {all} rows", { n: found.length, all: rows.length });
    };
    more.addEventListener("click", add);
    filter.addEventListener("input", fill);
    const heads = this.names.map((name) => {
      const button = element("button", { type: "button", title: _("Sort") }, name);
      const head = element("th", { scope: "col" }, button);
      button.addEventListener("click", () => {
        const down = this.sorted?.name === name && !this.sorted.down;
        this.sorted = { name, down };
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        fill();
      });
      return head;
    });
    this.sorted = null;
    const table = element("table", { class: "answer" }, element("thead", {}, element("tr", {}, ...heads)), body);
    const frame = element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": _("Answer") }, table);
    this.put(...(rows.length > 8 ? [element("p", { class: "filter" }, filter)] : []), frame, count, more);
    fill();
    if (!rows.length) count.textContent = _("No rows: nothing in the graph matches the query.");
  }

  text(term) {
    return term ? `${this.words(term)} ${term.type === "triple" ? "" : term.value}`.toLowerCase() : "";
  }

  compare(one, other) {
    const { name, down } = this.sorted;
    const [a, b] = [this.words(one[name]), this.words(other[name])];
    const order = a && b && !isNaN(a) && !isNaN(b) ? a - b : a.localeCompare(b, "en", { numeric: true });
    return down ? -order : order;
  }
}

export class MapView extends View {
  static key = "map";
  label = _("Map");
  needs = _("a column of places or points");

  position(row) {
    const latitude = row.lat ?? row.latitude;
    const longitude = row.long ?? row.lon ?? row.lng ?? row.longitude;
    if (latitude?.type.includes("literal") && longitude?.type.includes("literal")) return onEarth(latitude.value, longitude.value);
    for (const name of this.names) {
      const term = row[name];
      const found = term?.type?.includes("literal") && point(term.value);
      if (found) return found;
      if (term?.type === "uri" && this.more.positions[term.value]) return this.more.positions[term.value];
    }
    return null;
  }

  canHandleResults() {
    return this.names.length > 0 && this.rows.some((row) => this.position(row));
  }

  draw() {
    const spots = new Map();
    let without = 0;
    for (const row of this.rows) {
      const position = this.position(row);
      if (position) {
        const key = position.join(" ");
        spots.set(key, { position, rows: [...(spots.get(key)?.rows ?? []), row] });
      } else without += 1;
    }
    const list = element("ul", { class: "spots" });
    for (const spot of spots.values()) {
      const { position, rows } = spot;
      const place = this.names.map((name) => rows[0][name]).find((term) => this.more.positions[term?.value])?.value;
      const head = place ? [element("strong", {}, link(this.labels, place)), ": "] : [];
      const subjects = new Map(rows.map((row) => this.subject(row, place)).map((subject) => [subject.textContent, subject]));
      const all = [...subjects.values()].slice(0, MOST_NAMED);
      Object.assign(spot, { x: (position[1] + 180) * 10, y: (NORTH - position[0]) * 10, words: [...subjects.keys()] });
      if (place) spot.words.unshift(this.words({ type: "uri", value: place }));
      list.append(element("li", {}, ...head, ...all.flatMap((subject, i) => (i ? [", ", subject] : [subject]))));
    }
    const maps = this.parts([...spots.values()]).map(({ view, within }) => this.map(view, within));
    const note = without ? `${plural(without, "{n} row has no place that is known here.", "{n} rows have no place that is known here.")} ` : "";
    this.put(...maps, list, element("p", { class: "muted small" }, note + _("Outline: made with Natural Earth, public domain.")));
  }

  /** Return what to draw: the world; in a narrow window what has spots, parted where they lie widest apart, east first. */
  parts(spots) {
    if (this.yasr.resultsEl.clientWidth > NARROW) return [{ view: [0, 0, 3600, 1410], within: spots }];
    const order = [...spots].sort((one, other) => one.x - other.x);
    const gaps = order.slice(1).map((spot, i) => spot.x - order[i].x);
    const widest = Math.max(0, ...gaps);
    const cut = widest > WIDE ? gaps.indexOf(widest) + 1 : 0;
    return [order.slice(cut), order.slice(0, cut)].filter((part) => part.length).map((within) => {
      const [xs, ys] = [within.map(({ x }) => x), within.map(({ y }) => y)];
      const width = Math.max(900, Math.max(...xs) - Math.min(...xs) + 300);
      const height = Math.max(400, Math.max(...ys) - Math.min(...ys) + 300);
      const [left, top] = [(Math.max(...xs) + Math.min(...xs) - width) / 2, (Math.max(...ys) + Math.min(...ys) - height) / 2];
      return { view: [left, top, width, height], within };
    });
  }

  map(view, spots) {
    const draw = (name, attributes) => {
      const made = document.createElementNS(SVG, name);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      return made;
    };
    const map = draw("svg", { viewBox: view.map(Math.round).join(" "), class: "world", role: "img", "aria-label": _("Map of the places listed below") });
    map.append(draw("use", { href: `${this.more.world}#land` }));
    for (const { x, y, rows, words } of spots) {
      const spot = draw("circle", { cx: x, cy: y, r: 12 + Math.min(24, 3 * rows.length) });
      const title = draw("title", {});
      title.textContent = words.slice(0, 8).join("; ");
      spot.append(title);
      map.append(spot);
    }
    return map;
  }
}
