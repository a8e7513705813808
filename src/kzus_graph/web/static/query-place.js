// Where one is: heading, title and address say what stands in the editor in front, so that a link never gives another
// query than the one that is seen, and a reload brings the same back.
import { meaning, tokens } from "./query-tokens.js";
import { pack } from "./query-packed.js";
import { _ } from "./query-words.js";

const LONGEST = 8000;
// A longer link is cut off by some programs for mail; what is longer is packed.
const SHORT = 2000;
const NUMBERED = / \d+$/;
const HEADER = /^#\+ view:[ \t]*([a-z]+)((?:[ \t]+\w+)*)[ \t]*$/m;
const KEPT = ["release", "lang"];

export class Place {
  /** *page* is the address of the query page; *examples* are names, questions and texts. */
  constructor(page, examples) {
    this.page = page;
    this.byText = new Map(examples.map((one) => [one.text.trim(), one]));
    this.names = new Set(examples.map((one) => one.name));
    this.heading = document.querySelector("h1");
    this.site = document.title.slice(document.title.lastIndexOf(" · "));
    this.links = new Map([...document.querySelectorAll(".questions a")].map((one) => [new URL(one.href).searchParams.get("example"), one]));
  }

  /** The example that a query is, if it is one. */
  example(query) {
    return this.byText.get(query.trim());
  }

  /** An example's question as the page has it, with its language: {text, lang}; empty if there is no example. */
  question(example) {
    const link = example && this.links.get(example.name);
    return { text: link?.textContent ?? example?.question ?? "", lang: link?.lang || document.documentElement.lang };
  }

  /** The view that a query names in its header, or has as an example, and the columns for it: {view, columns}. */
  wanted(query) {
    const end = meaning(tokens(query.slice(0, LONGEST)))[0]?.start ?? query.length;
    const said = HEADER.exec(query.slice(0, end)) ?? HEADER.exec(`#+ view: ${this.example(query)?.view ?? ""}`);
    return said ? { view: said[1], columns: said[2].trim().split(/\s+/).filter(Boolean) } : { view: "table", columns: [] };
  }

  /** The address that leads to a query in a view, with more parameters; nothing if it would be too long for some server on the way. */
  address(query, view, more = this.parameters) {
    const example = this.example(query);
    const address = new URL(this.page, location);
    if (example) address.searchParams.set("example", example.name);
    else address.searchParams.set("query", query);
    this.complete(address, query, view, more);
    return address.href.length > LONGEST ? undefined : address.href;
  }

  complete(address, query, view, more) {
    if (view !== this.wanted(query).view) address.searchParams.set("view", view);
    for (const [name, value] of Object.entries(more)) address.searchParams.set(name, value);
  }

  /** What the address of the page says besides the query. */
  get parameters() {
    const given = new URLSearchParams(location.search);
    return Object.fromEntries(KEPT.filter((name) => given.has(name)).map((name) => [name, given.get(name)]));
  }

  /** The link to share: to the query in this release, as an example by its name, else as it stands, if long then packed. */
  async link(query, view, release) {
    const more = release ? { release } : {};
    const plain = this.address(query, view, more);
    if (plain?.length <= SHORT) return plain;
    const address = new URL(this.page, location);
    this.complete(address, query, view, more);
    address.hash = await pack(query);
    return plain && plain.length <= address.href.length ? plain : address.href;
  }

  /** What a tab with a query should be called: as it is if a person named it. */
  name(query, now) {
    const base = now.replace(NUMBERED, "");
    if (base !== "Query" && !this.names.has(base)) return undefined;
    const wanted = this.example(query)?.name ?? "Query";
    return base === wanted ? undefined : wanted;
  }

  /** Let the page speak of a query; *answered* is kept, so that a reload asks again only what had been asked. */
  say(query, view, answered) {
    const example = this.example(query);
    const question = this.question(example);
    this.heading.textContent = question.text || _("Ask the graph");
    this.heading.lang = question.lang;
    document.title = `${question.text || _("Query")}${this.site}`;
    const answer = document.getElementById("answer-page");
    answer.classList.toggle("none", !example);
    if (example) {
      const address = new URL(`${this.page}/${example.name}`, location);
      for (const [name, value] of Object.entries(this.parameters)) address.searchParams.set(name, value);
      answer.querySelector("a").href = address.href;
    }
    for (const anchor of this.links.values()) anchor.removeAttribute("aria-current");
    const here = example && this.links.get(example.name);
    if (here) here.setAttribute("aria-current", "page");
    // Too long for an address, a query is kept by the browser: the bare page opens the tab that was in front.
    history.replaceState({ answered }, "", this.address(query, view) ?? this.page);
  }
}
