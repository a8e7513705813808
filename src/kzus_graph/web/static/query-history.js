// The queries that were run last, kept by this browser alone.
import { element } from "./query-names.js";
import { _, plural } from "./query-words.js";

const KEY = "kzus-history";
const MOST = 30;
/** Longer queries are not kept: the browser keeps a few megabytes for a site. */
const LONGEST = 20_000;

export class History {
  /** *frame* is the details element of the list; *named* returns what a query is called, *open* shows it. */
  constructor(frame, named, open) {
    Object.assign(this, { named, open, list: frame.querySelector("ol"), empty: frame.querySelector("p") });
    const clear = frame.querySelector("button");
    this.clear = clear;
    clear.addEventListener("click", () => this.keep([]));
    frame.addEventListener("toggle", () => frame.open && this.draw());
  }

  get kept() {
    try {
      const found = JSON.parse(localStorage.getItem(KEY) ?? "[]");
      return Array.isArray(found) ? found.filter(({ query }) => typeof query === "string") : [];
    } catch {
      return [];
    }
  }

  keep(entries) {
    try {
      localStorage.setItem(KEY, JSON.stringify(entries.slice(0, MOST)));
    } catch {
      // full, or not allowed: there is no list then
    }
    this.draw();
  }

  /** Remember a query that was answered, with its number of rows; one that was run before comes first again. */
  add(query, rows) {
    if (query.length > LONGEST) return;
    const others = this.kept.filter((one) => one.query !== query);
    this.keep([{ query, rows, when: new Date().toISOString() }, ...others]);
  }

  draw() {
    const entries = this.kept;
    const time = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    this.list.replaceChildren(...entries.map(({ query, rows, when }) => {
      const button = element("button", { type: "button", title: query.slice(0, 2000) }, this.named(query));
      button.addEventListener("click", () => this.open(query));
      const said = [time.format(new Date(when)), ...(Number.isInteger(rows) ? [plural(rows, "{n} row", "{n} rows")] : [])];
      return element("li", {}, button, " ", element("small", { class: "muted" }, said.join(" · ")));
    }));
    this.empty.hidden = entries.length > 0;
    this.clear.hidden = !entries.length;
  }
}

/** Return what a query is called that is no example: its first comment, else what it selects. */
export function title(query) {
  const lines = query.split("\n").map((line) => line.trim());
  const comment = lines.find((line) => /^#(?!\+)\s*\S/.test(line));
  const words = comment?.replace(/^#\s*/, "") ?? lines.filter((line) => !/^(PREFIX|BASE|#)/i.test(line)).join(" ").trim();
  return words.length > 90 ? `${words.slice(0, 89)}…` : words || _("Query");
}
