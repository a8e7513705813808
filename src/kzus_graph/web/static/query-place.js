// Where one is: heading, title and address say what stands in the editor in front, so that a link never gives another
// query than the one that is seen, and a reload brings the same back.
const LONGEST = 8000;
const NUMBERED = / \d+$/;

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

  /** The address that leads to a query in a view; nothing if it would be too long for some server on the way. */
  address(query, view) {
    const example = this.example(query);
    const address = new URL(this.page, location);
    if (example) address.searchParams.set("example", example.name);
    else address.searchParams.set("query", query);
    if (view !== "table") address.searchParams.set("view", view);
    return address.href.length > LONGEST ? undefined : address.href;
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
    this.heading.textContent = example?.question ?? "Ask the graph";
    document.title = `${example?.question ?? "Query"}${this.site}`;
    for (const anchor of this.links.values()) anchor.removeAttribute("aria-current");
    const here = example && this.links.get(example.name);
    if (here) here.setAttribute("aria-current", "page");
    // Too long for an address, a query is kept by the browser: the bare page opens the tab that was in front.
    history.replaceState({ answered }, "", this.address(query, view) ?? this.page);
  }
}
