// Tables that are sorted and filtered in the page. Without this script, a table is as the server sorted and filtered it.
// data-sortable="whole": the page has all rows, so they are sorted and filtered here; "part": the server does it.
"use strict";
const FEW = 8;
// Sorting more rows than these would take too long in a page.
const MOST = 5000;
const order = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

const ENGLISH = document.documentElement.lang === "en";

const text = (cell) => cell?.dataset.value ?? cell?.textContent.trim() ?? "";
const amount = (words) => (/^[-+]?[\d,]+(\.\d+)?$/.test(words) ? Number(words.replaceAll(",", "")) : NaN);

/** How two cells are ordered: numbers by value, all else as words; what is empty comes last. */
function compare(one, other, sign) {
  if (!one || !other) return (one ? 0 : 1) - (other ? 0 : 1);
  const [a, b] = [amount(one), amount(other)];
  return sign * (Number.isNaN(a) || Number.isNaN(b) ? order.compare(one, other) : a - b);
}

class Sortable {
  constructor(table) {
    this.table = table;
    this.body = table.tBodies[0];
    this.rows = [...this.body.rows];
    this.heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
    this.count = document.querySelector("[data-count]");
    this.whole = this.count?.textContent ?? `${this.rows.length} rows`;
    for (const [place, head] of this.heads.entries()) this.button(head, place);
    this.tools();
  }

  /** A button in the head of a column; it replaces the link by which the server sorts. */
  button(head, place) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...(head.querySelector("a") ?? head).childNodes);
    head.replaceChildren(button);
    button.addEventListener("click", () => this.sort(place, head.getAttribute("aria-sort") === "ascending" ? -1 : 1));
  }

  sort(place, sign) {
    for (const head of this.heads) head.removeAttribute("aria-sort");
    this.heads[place].setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
    const keyed = this.rows.map((row) => [text(row.cells[place]), row]);
    keyed.sort(([one], [other]) => compare(one, other, sign));
    this.rows = keyed.map(([, row]) => row);
    this.body.append(...this.rows);
    this.by = `${sign < 0 ? "-" : ""}${this.heads[place].dataset.name}`;
    this.say();
  }

  /** The field to filter by: that of the page, else, above a table of more than a few rows, a new one. */
  tools() {
    this.form = document.querySelector("form.table-tools") ?? undefined;
    this.field = this.form?.elements.find;
    if (!this.field) {
      if (this.rows.length <= FEW) return;
      const [label, count] = [document.createElement("label"), document.createElement("span")];
      this.field = Object.assign(document.createElement("input"), { type: "search", autocomplete: "off" });
      label.append(`${this.table.dataset.filter ?? "Rows with"} `, this.field);
      count.className = "muted small";
      count.setAttribute("role", "status");
      this.count ??= count;
      const line = document.createElement("p");
      line.className = "table-tools";
      line.append(label, ...(this.count === count ? [" ", count] : []));
      (this.table.closest(".scroll") ?? this.table).before(line);
    } else {
      this.form.querySelector("button")?.remove();
      this.form.addEventListener("submit", (event) => event.preventDefault());
    }
    this.field.addEventListener("input", () => this.filter());
  }

  filter() {
    const words = this.field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const row of this.rows) {
      const line = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => line.includes(word));
      left += !row.hidden;
    }
    const all = this.rows.length;
    if (this.count) this.count.textContent = left === all ? this.whole : ENGLISH ? `${left} of ${all} rows` : `${left} / ${all}`;
    this.say();
  }

  /** Let the address and the spreadsheet be of what is seen. */
  say() {
    if (!this.form) return;
    const [find, by] = [this.field.value.trim(), this.by ?? this.form.elements.sort?.value];
    for (const anchor of [location, document.querySelector("a[data-sheet]")]) {
      if (!anchor) continue;
      const address = new URL(anchor.href);
      for (const [name, value] of [["find", find], ["sort", by]]) {
        if (value) address.searchParams.set(name, value);
        else address.searchParams.delete(name);
      }
      if (anchor === location) history.replaceState(history.state, "", address);
      else anchor.href = address;
    }
  }
}

for (const table of document.querySelectorAll('table[data-sortable="whole"]')) {
  const rows = table.tBodies[0]?.rows.length ?? 0;
  if (table.tHead && rows > 1 && rows <= MOST) new Sortable(table);
}
