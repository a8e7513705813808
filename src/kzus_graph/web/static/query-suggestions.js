// The things that words may mean, as the search of this site has them; what was asked once is kept.
const LONGEST = 200;
const MOST_KEPT = 200;

export class Suggestions {
  /** *address* is that of the site's suggestions. */
  constructor(address) {
    this.address = address;
    this.kept = new Map();
  }

  has(text) {
    return this.kept.has(text);
  }

  /** Return what a text, which may be incomplete, probably means: each with iri, name, language, also and line. */
  async find(text) {
    const asked = text.trim().slice(0, LONGEST).toLowerCase();
    if (!this.kept.has(asked)) {
      const address = new URL(this.address, location);
      address.searchParams.set("q", asked);
      address.searchParams.set("for", "query");
      const found = fetch(address).then((answer) => (answer.ok ? answer.json() : { suggestions: [] }));
      if (this.kept.size >= MOST_KEPT) this.kept.delete(this.kept.keys().next().value);
      this.kept.set(asked, found.then(({ suggestions }) => suggestions));
    }
    try {
      return await this.kept.get(asked);
    } catch {
      this.kept.delete(asked);
      return [];
    }
  }
}
