// Two more ways to look at rows: numbers as bars, one for each row, and as lines over years.
import { element } from "./query-names.js";
import { View } from "./query-views.js";
import { _, plural } from "./query-words.js";

const SVG = "http://www.w3.org/2000/svg";
const MOST_BARS = 200;
const MOST_LINES = 3;
const XSD = "http://www.w3.org/2001/XMLSchema#";
const NUMBERS = /^(integer|decimal|double|float|(non(Negative|Positive)|positive|negative)Integer|(unsigned)?(long|int|short|byte))$/i;
// A year, a decade, a month or a day.
const PERIOD = /^(-?\d{1,4})(s|-\d\d(-\d\d)?)?$/;
const [WIDE, HIGH, LEFT, BELOW] = [880, 320, 64, 28];

const number = (term) => (term?.datatype?.startsWith(XSD) && NUMBERS.test(term.datatype.slice(XSD.length)) ? Number(term.value) : NaN);

/** The columns of numbers after the first column. */
const counted = (view) => view.chosen.slice(1).filter((name) => view.rows.some((row) => Number.isFinite(number(row[name]))));

export class BarView extends View {
  static key = "bar";
  label = _("Bars");
  needs = _("a column of numbers after the first");

  canHandleResults() {
    return counted(this).length > 0;
  }

  draw() {
    const [value] = counted(this);
    const name = this.chosen.find((one) => one !== value);
    const rows = this.rows.filter((row) => Number.isFinite(number(row[value])));
    const most = Math.max(...rows.map((row) => number(row[value])), 0) || 1;
    const bars = rows.slice(0, MOST_BARS).map((row) => {
      const bar = element("span", { class: "stretch" });
      bar.style.setProperty("--from", "0%");
      bar.style.setProperty("--long", `${(100 * Math.max(0, number(row[value]))) / most}%`);
      const label = element("span", { class: "bar-name" }, ...this.cell(row[name]));
      return element("li", {}, label, element("span", { class: "track", "aria-hidden": "true" }, bar), element("span", { class: "number" }, row[value].value));
    });
    const left = this.rows.length - bars.length;
    const note = left ? ` ${plural(left, "{n} more row is in the table only.", "{n} more rows are in the table only.")}` : "";
    this.put(element("ol", { class: "counts" }, ...bars), element("p", { class: "muted small" }, `?${value}.${note}`));
    const iris = rows.slice(0, MOST_BARS).map((row) => row[name]).filter((term) => term?.type === "uri").map((term) => term.value);
    this.labels.learn(iris).then((came) => came && this.draw());
  }
}

export class LineView extends View {
  static key = "line";
  label = _("Lines");
  needs = _("a first column of years or days, and a column of numbers");

  /** The rows that have a time, in its order: {time, said, row}. */
  get points() {
    const [first] = this.chosen;
    const found = this.rows.map((row) => ({ row, said: row[first]?.value ?? "", period: PERIOD.exec(row[first]?.value ?? "") }));
    const timed = found.filter(({ period }) => period).map(({ row, said, period: [, year, rest = ""] }) => {
      const [, month = 1, day = 1] = rest.startsWith("-") ? rest.split("-").map(Number) : [];
      return { row, said, time: Number(year) + (month - 1) / 12 + (day - 1) / 372 };
    });
    return timed.sort((one, other) => one.time - other.time);
  }

  canHandleResults() {
    return counted(this).length > 0 && this.points.length > 1 && new Set(this.points.map(({ time }) => time)).size > 1;
  }

  draw() {
    const make = (name, attributes, ...children) => {
      const made = document.createElementNS(SVG, name);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      made.append(...children);
      return made;
    };
    const [points, values] = [this.points, counted(this).slice(0, MOST_LINES)];
    const [first, last] = [points[0], points.at(-1)];
    const sizes = points.flatMap(({ row }) => values.map((name) => number(row[name]))).filter(Number.isFinite);
    const [least, most] = [Math.min(0, ...sizes), Math.max(...sizes, 1)];
    const x = (time) => LEFT + ((WIDE - LEFT - 24) * (time - first.time)) / (last.time - first.time);
    const y = (value) => 12 + ((HIGH - BELOW - 12) * (most - value)) / (most - least || 1);
    const ground = [least, most].map((value) => [
      make("path", { class: "rule", d: `M${LEFT},${y(value)}H${WIDE - 24}` }),
      make("text", { x: LEFT - 8, y: y(value) + 5, "text-anchor": "end" }, String(value)),
    ]);
    const ends = [[first, "start"], [last, "end"]].map(([{ time, said }, anchor]) => make("text", { x: x(time), y: HIGH - 6, "text-anchor": anchor }, said));
    const lines = values.map((name, i) => {
      const known = points.filter(({ row }) => Number.isFinite(number(row[name])));
      const line = make("path", { class: `line l${i + 1}`, d: `M${known.map(({ time, row }) => `${x(time)},${y(number(row[name]))}`).join("L")}` });
      const dots = known.map(({ time, said, row }) => make("circle", { class: `l${i + 1}`, cx: x(time), cy: y(number(row[name])), r: 4 }, make("title", {}, `${said}: ${row[name].value}`)));
      return [line, ...dots];
    });
    const names = values.map((name) => `?${name}`).join(", ");
    const label = _("{values} from {first} to {last}; the table has all numbers", { values: names, first: first.said, last: last.said });
    const svg = make("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, class: "course", role: "img", "aria-label": label }, ...ground.flat(), ...ends, ...lines.flat());
    const key = values.map((name, i) => {
      const sample = make("svg", { viewBox: "0 0 36 10", width: 36, height: 10, class: "course", "aria-hidden": "true" }, make("path", { class: `line l${i + 1}`, d: "M0,5H36" }));
      return element("span", { class: "key" }, sample, ` ?${name}`);
    });
    this.put(element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": this.label }, svg), element("p", { class: "muted small" }, ...key));
  }
}
