// Names for IRIs: prefixed, as links on this site, and as labels, those not known yet asked of the endpoint.
const ASKED_AT_ONCE = 150;

/** Make an element with attributes and children. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Make a link to what an IRI names. */
export function link(labels, iri, text) {
  return element("a", { href: labels.address(iri), title: iri }, text ?? labels.known(iri) ?? labels.compact(iri));
}

export class Labels {
  constructor(known, endpoint, site) {
    this.base = known.base;
    this.site = site;
    this.endpoint = endpoint;
    // Longer namespaces first, so that an IRI gets the nearest prefix.
    this.prefixes = Object.entries(known.prefixes).sort(([, one], [, other]) => other.length - one.length);
    this.labels = new Map(Object.entries(known.things).map(([path, label]) => [known.base + path, label]));
    for (const { term, label } of known.terms) if (label) this.labels.set(term, label);
    this.asked = new Set();
  }

  known(iri) {
    return this.labels.get(iri);
  }

  compact(iri) {
    for (const [prefix, namespace] of this.prefixes) {
      const local = iri.slice(namespace.length);
      if (iri.startsWith(namespace) && /^[A-Za-z0-9](?:[\w.-]*[\w-])?$/.test(local)) return `${prefix}:${local}`;
    }
    return `<${iri}>`;
  }

  address(iri) {
    // Two strokes at the beginning of an address would name another host.
    if (iri.startsWith(this.base) && iri[this.base.length] !== "/") return this.site + iri.slice(this.base.length);
    return /^https?:/.test(iri) ? iri : `#${encodeURIComponent(iri)}`;
  }

  /** Learn the labels of IRIs of ours that have none yet; true if any came. */
  async learn(iris) {
    const wanted = [...new Set(iris)].filter((iri) => iri.startsWith(this.base) && !/[<>"{}|\\^`\s]/.test(iri));
    const fresh = wanted.filter((iri) => !this.labels.has(iri) && !this.asked.has(iri)).slice(0, ASKED_AT_ONCE);
    if (!fresh.length) return false;
    for (const iri of fresh) this.asked.add(iri);
    const query =
      "SELECT ?iri (MIN(?name) AS ?label) { VALUES ?iri { " + fresh.map((iri) => `<${iri}>`).join(" ") +
      " } ?iri <http://www.w3.org/2000/01/rdf-schema#label>|<http://www.w3.org/2004/02/skos/core#prefLabel> ?name } GROUP BY ?iri";
    const answer = await fetch(this.endpoint, {
      method: "POST",
      headers: { Accept: "application/sparql-results+json" },
      body: new URLSearchParams({ query }),
    });
    if (!answer.ok) return false;
    const { results } = await answer.json();
    for (const row of results.bindings) this.labels.set(row.iri.value, row.label.value);
    return results.bindings.length > 0;
  }
}
