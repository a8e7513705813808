// What one takes away of a query: a link, downloads, code.
import { code } from "./query-code.js";
import { _ } from "./query-words.js";

export class Take {
  /** *endpoint* is the address of the endpoint, *link* returns a promise of the link to the query in front. */
  constructor(endpoint, link) {
    this.endpoint = endpoint;
    this.frame = document.getElementById("take");
    this.said = document.getElementById("said");
    this.language = document.getElementById("language");
    this.shown = document.querySelector("#code code");
    this.frame.hidden = false;
    document.getElementById("copy").addEventListener("click", () => this.copy(this.shown.textContent, _("Code copied")));
    document.getElementById("link").addEventListener("click", async () => this.copy(await link(), _("Link copied")));
  }

  /** Offer a query, of a graph or of rows. */
  offer(query, graph) {
    for (const list of this.frame.querySelectorAll("[data-kind]")) {
      list.hidden = (list.dataset.kind === "graph") !== graph;
      for (const anchor of list.querySelectorAll("a")) {
        const address = new URL(this.endpoint);
        address.searchParams.set("query", query);
        address.searchParams.set("format", anchor.dataset.format);
        anchor.href = address.href;
      }
    }
    this.shown.textContent = code(this.language.value, this.endpoint, query, graph);
  }

  async copy(text, done) {
    try {
      await navigator.clipboard.writeText(text);
      this.said.textContent = done;
    } catch {
      this.said.textContent = _("Copying is not allowed here; select and copy it yourself");
    }
  }
}
