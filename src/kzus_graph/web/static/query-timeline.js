// A third way to look at rows: those with dates in the order of time, each over the years that have any.
import { element } from "./query-names.js";
import { View } from "./query-views.js";
import { _, plural } from "./query-words.js";

const MOST_BARS = 400;
const XSD = "http://www.w3.org/2001/XMLSchema#";
const DATES = /XMLSchema#(date|dateTime|gYear|gYearMonth)$/;
// A day, a month, a year, or a span of them, perhaps uncertain or approximate (EDTF, levels 0 and 1).
const STEP = "[12]\\d{3}(-\\d\\d(-\\d\\d)?)?";
// Not the beginning of a longer number, nor of a year with its time zone.
const BEGUN = new RegExp(`^${STEP}(?=$|[TZ+/?~%]|-\\d\\d:)`);
const EDTF = new RegExp(`^${STEP}[?~%]?(/${STEP}[?~%]?)?$`);
const BEGINS = ["begin", "start", "date", "notBefore", "from", "first"];
const ENDS = ["end", "notAfter", "to", "last"];

/** Return the time at which a day, month or year begins, or the next one does, in years. */
export function moment(text, ends) {
  const [year, month, day] = BEGUN.exec(text)[0].split("-").map(Number);
  const begin = Date.UTC(year, (month ?? 1) - 1, day ?? 1);
  const next = day ? Date.UTC(year, month - 1, day + 1) : month ? Date.UTC(year, month, 1) : Date.UTC(year + 1, 0, 1);
  const [first, last] = [Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1)];
  return year + ((ends ? next : begin) - first) / (last - first);
}

/** Say whether the calendar has the month and the day that *text* begins with. */
export function isDay(text) {
  const found = BEGUN.exec(text);
  if (!found) return false;
  const [year, month = 1, day = 1] = found[0].split("-").map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** Return what places a time, given in years, on a line of 100 that has room for some years only. */
export function scale(years) {
  return (time) => {
    const at = years.indexOf(Math.floor(time));
    // The end of a year's last day is the beginning of the next, which may have been left out.
    const place = at < 0 ? years.indexOf(Math.floor(time) - 1) + 1 : at + (time % 1);
    return (100 * place) / years.length;
  };
}

/** Hide the names of years that would lie over the one before, or beyond the line, in the font and window at hand. */
function thin(line) {
  const end = line.getBoundingClientRect().right;
  let free = 0;
  for (const mark of line.children) {
    const { left, right } = mark.getBoundingClientRect();
    const fits = left >= free && right <= end;
    mark.classList.toggle("bare", !fits);
    if (fits) free = right;
  }
}

export class TimelineView extends View {
  static key = "timeline";
  label = _("Timeline");
  needs = _("a column of dates");

  /** The columns with the first and the last day. */
  get columns() {
    const dated = this.chosen.filter((name) => this.rows.some((row) => this.isDate(row[name])));
    const begin = BEGINS.find((name) => dated.includes(name)) ?? dated[0];
    const end = ENDS.find((name) => dated.includes(name) && name !== begin) ?? begin;
    return { begin, end };
  }

  isDate(term) {
    if (!term?.type.includes("literal") || term["xml:lang"]) return false;
    const typed = term.datatype && term.datatype !== `${XSD}string`;
    if (!(typed ? DATES.test(term.datatype) && BEGUN.test(term.value) : EDTF.test(term.value))) return false;
    return term.value.split("/").every((text) => isDay(text));
  }

  canHandleResults() {
    return this.names.length > 0 && Boolean(this.columns.begin);
  }

  /** Return the rows that have dates, in the order of time. */
  dated() {
    const { begin, end } = this.columns;
    return this.rows
      .filter((row) => this.isDate(row[begin]) || this.isDate(row[end]))
      .map((row) => {
        const ended = this.isDate(row[end]) ? row[end] : row[begin];
        const begun = this.isDate(row[begin]) ? row[begin] : row[end];
        const [from, to] = [begun.value.split("/")[0], ended.value.split("/").pop()];
        // Of a row that has an end alone it is not known when it began.
        const said = begun === row[begin] ? [from, to] : ["…", to];
        return { row, first: moment(from, false), last: Math.max(moment(from, true), moment(to, true)), said };
      })
      .sort((one, other) => one.first - other.first || one.last - other.last);
  }

  draw() {
    const { begin, end } = this.columns;
    const dated = this.dated();
    const drawn = dated.slice(0, MOST_BARS);
    const years = [...new Set(drawn.flatMap(({ first, last }) => [Math.floor(first), Math.ceil(last) - 1]))].sort((a, b) => a - b);
    const place = scale(years);
    const list = element("ol", { class: "bars" });
    list.style.setProperty("--years", years.length);
    list.append(this.axis(years));
    let year = null;
    for (const { row, first, last, said } of drawn) {
      const now = Math.floor(first);
      if (now !== year) list.append(element("li", { class: "bar-year" }, String(now)));
      year = now;
      const bar = element("span", { class: "stretch" });
      bar.style.setProperty("--from", `${place(first)}%`);
      bar.style.setProperty("--long", `${place(last) - place(first)}%`);
      const when = said[0] === said[1] ? said[0] : `${said[0]} – ${said[1]}`;
      list.append(
        element("li", {}, element("span", { class: "bar-name" }, this.subject(row), " ", element("time", { class: "muted small" }, when)),
          element("span", { class: "track", "aria-hidden": "true" }, bar)),
      );
    }
    const left = this.rows.length - drawn.length;
    const by = end === begin ? _("By ?{begin}.", { begin }) : _("By ?{begin} to ?{end}.", { begin, end });
    const gaps = years.some((one, i) => i && one - years[i - 1] > 1) ? ` ${_("Years without rows are left out; a broken line stands for them.")}` : "";
    const rest = left ? ` ${plural(left, "{n} more row has no date or no room.", "{n} more rows have no date or no room.")}` : "";
    this.put(list, element("p", { class: "muted small" }, by + gaps + rest));
  }

  /** Return the scale above the bars: the years, as many as there is room to name. */
  axis(years) {
    const marks = years.map((year, i) => {
      const gap = i > 0 && year - years[i - 1] > 1;
      const mark = element("span", { class: gap ? "mark gap" : "mark" }, element("span", {}, String(year)));
      mark.style.setProperty("--from", `${(100 * i) / years.length}%`);
      return mark;
    });
    const line = element("span", { class: "marks" }, ...marks);
    const observer = new ResizeObserver(() => thin(line));
    for (const one of [line, marks[0]]) observer.observe(one);
    return element("li", { class: "bar-axis", "aria-hidden": "true" }, element("span"), line);
  }
}
