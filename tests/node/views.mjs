// Asks the views of the query page what they make of terms; a stand-in of the page's document writes elements as text.
import { point, View, TableView } from "./query-views.js";
import { TimelineView } from "./query-timeline.js";

class Made {
  constructor(name) {
    Object.assign(this, { name, attributes: "", inner: "" });
  }
  setAttribute(key, value) {
    this.attributes += ` ${key}=${value}`;
  }
  append(...children) {
    this.inner += children.map(String).join("");
  }
  toString() {
    return `[${this.name}${this.attributes}|${this.inner}]`;
  }
}
globalThis.document = { createElement: (name) => new Made(name), createTextNode: (text) => text };

const labels = { known: () => undefined, compact: (iri) => `<${iri}>`, address: (iri) => iri };
const table = new TableView({ results: null }, labels);
const timeline = new TimelineView({ results: null }, labels);
const view = new View({ results: { getVariables: () => ["x"], getBindings: () => [] } }, labels);
const { points, dates, cells } = JSON.parse(process.argv[2]);
console.log(JSON.stringify({
  points: points.map(point),
  dates: dates.map((term) => Boolean(timeline.isDate(term))),
  cells: cells.map((term) => table.cell(term).map(String).join("")),
  words: cells.map((term) => String(view.subject({ x: term }))),
}));
