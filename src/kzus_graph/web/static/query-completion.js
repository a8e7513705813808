// Completion: names by their beginning, and free words to things, classes and properties, whatever they are called.
// What is chosen is written with a prefix, which is declared if it isn't yet.
import { element } from "./query-names.js";
import { spot } from "./query-spot.js";
import { declared, tokens } from "./query-tokens.js";

const MOST = 30;
const MOST_LISTED = 80;
/** So many letters are looked for without being asked. */
const LEAST = 3;
// A request is sent when typing pauses.
const PAUSE = 120;
const ORDER = { class: ["class", "property", "thing"], property: ["property", "class", "thing"], thing: ["thing", "class", "property"] };

/** How well a term fits words: 0 if it is called so, undefined if not at all. */
function fit({ label, local }, words) {
  const names = [label.toLowerCase(), local.toLowerCase()];
  if (names.includes(words)) return 0;
  if (names.some((name) => name.startsWith(words))) return 1;
  if (label.toLowerCase().split(/\s+/).some((word) => word.startsWith(words))) return 2;
  return names.some((name) => name.includes(words)) ? 3 : undefined;
}

export class Completion {
  /** *known* is what the page knows of terms and things, *suggestions* finds what else words may mean. */
  constructor(known, labels, suggestions) {
    this.labels = labels;
    this.suggestions = suggestions;
    this.prefixes = new Map(Object.entries(known.prefixes));
    const one = (iri, label, kind, about) => ({ iri, label, kind, about, local: iri.slice(iri.search(/[^/#]*$/)) });
    this.terms = known.terms.map(({ term, kind, label = "", definition = "" }) => one(term, label, kind, definition));
    this.things = Object.entries(known.things).map(([path, label]) => one(known.base + path, label, "thing", ""));
    this.turn = 0;
  }

  /** Complete in an editor: on Ctrl+Space, and when some letters of a word have been typed. */
  attach(yasqe) {
    yasqe.setOption("extraKeys", { ...yasqe.getOption("extraKeys"), "Ctrl-Space": () => this.show(yasqe, true) });
    yasqe.on("inputRead", (_yasqe, { text, origin }) => {
      // typed, not pasted
      if (origin !== "+input" || yasqe.state.completionActive || text.length > 1 || !/^[\p{L}\p{M}\p{N}:_-]+$/u.test(text[0])) return;
      const here = this.at(yasqe);
      const word = here?.kind === "words" && here.text.length >= LEAST && !here.keyword;
      if (word || (here?.kind === "name" && here.text.split(":")[1].length >= LEAST)) this.show(yasqe, false);
    });
  }

  at(yasqe) {
    return spot(yasqe.getValue(), yasqe.indexFromPos(yasqe.getCursor()));
  }

  show(yasqe, asked) {
    if (asked && !this.at(yasqe)) return yasqe.autocomplete();
    let first = asked;
    const hint = async () => {
      const now = first;
      first = false;
      return this.hints(yasqe, now);
    };
    return yasqe.showHint({ hint, completeSingle: false, closeCharacters: /[>"'{}()[\].;,?$#\n]/, container: yasqe.rootEl });
  }

  /** Return what fits at the cursor, as CodeMirror lists it; at once or when typing pauses. */
  async hints(yasqe, now) {
    const here = this.at(yasqe);
    const cursor = yasqe.getCursor();
    const nothing = { list: [], from: cursor, to: cursor };
    if (!here || (here.keyword && !now) || /\s$/.test(here.text)) return nothing;
    const [from, to] = [yasqe.posFromIndex(here.start), yasqe.posFromIndex(here.end)];
    this.turn += 1;
    const turn = this.turn;
    const { prefixes } = declared(tokens(yasqe.getValue()));
    const { words, within } = this.asked(here, prefixes);
    let found = [];
    if (words.length >= LEAST) {
      if (!now && !this.suggestions.has(words)) await new Promise((done) => setTimeout(done, PAUSE));
      if (turn !== this.turn) return nothing;
      found = await this.suggestions.find(words);
      if (turn !== this.turn || !yasqe.hasFocus()) return nothing;
    }
    const list = this.ranked(here, words, within, found);
    return { list: list.map((one) => this.hint(yasqe, one, here, prefixes)), from, to };
  }

  /** Return the words that are looked for, and the beginning that IRIs must have. */
  asked({ kind, text }, prefixes) {
    const all = new Map([...this.prefixes, ...prefixes]);
    if (kind === "name") {
      const [prefix, local] = text.split(/:(.*)/s);
      return { words: local.toLowerCase(), within: all.get(prefix) ?? "" };
    }
    if (kind === "iri") return { words: "", within: text.slice(1).replace(/>$/, "") };
    return { words: text.toLowerCase(), within: "" };
  }

  /** Return what fits, the best first: what is expected here, then the rest. */
  ranked({ kind, expects }, words, within, found) {
    const order = ORDER[expects];
    const kinds = new Map(this.terms.map((one) => [one.iri, one.kind]));
    const made = new Map();
    const add = (one, points) => {
      const known = made.get(one.iri);
      if (!one.iri.startsWith(within)) return;
      if (!known) made.set(one.iri, { ...one, points: points + 10 * (kind === "words" ? order.indexOf(one.kind) : 0) });
      else if (one.line && !known.line) known.line = one.line;
    };
    const listed = kind === "name" || kind === "iri" ? [...this.terms, ...this.things] : this.terms;
    for (const one of words || kind === "iri" ? listed : this.every(expects)) {
      const points = words ? fit(one, words) : 0;
      if (points !== undefined && (words.length > 1 || points < 2)) add(one, points);
    }
    found.forEach((one, i) => add({ ...one, label: one.name, kind: kinds.get(one.iri) ?? "thing" }, 0.5 + i / 100));
    const most = words && kind === "words" ? MOST : MOST_LISTED;
    return [...made.values()].sort((one, other) => one.points - other.points).slice(0, most);
  }

  every(expects) {
    return expects === "thing" ? this.things : this.terms.filter((one) => one.kind === expects);
  }

  /** Return how an IRI is written, with a prefix of the query, else of ours, which then has to be declared. */
  written(iri, prefixes) {
    const known = [...prefixes].sort(([, one], [, other]) => other.length - one.length);
    const ours = this.labels.prefixes.filter(([prefix]) => !prefixes.has(prefix));
    for (const [prefix, namespace] of [...known, ...ours]) {
      const local = iri.slice(namespace.length);
      if (namespace && iri.startsWith(namespace) && /^[A-Za-z0-9](?:[\w.-]*[\w-])?$/.test(local)) {
        return { text: `${prefix}:${local}`, prefix: prefixes.has(prefix) ? "" : `PREFIX ${prefix}: <${namespace}>` };
      }
    }
    return { text: `<${iri}>`, prefix: "" };
  }

  hint(yasqe, one, here, prefixes) {
    const { text, prefix } = this.written(one.iri, prefixes);
    const label = element("b", one.language ? { lang: one.language } : {}, one.label);
    const more = [one.also && `“${one.also}”`, one.line ?? one.about].filter(Boolean).join(" · ");
    const name = element("code", {}, text);
    const [first, second] = here.kind === "words" && one.label ? [[label], [name, " ", more]] : [[name, ...(one.label ? [label] : [])], [more]];
    return {
      text,
      render: (place) => place.append(...first, element("small", {}, ...second)),
      hint: (_cm, { from, to }) => {
        yasqe.replaceRange(text, from, to, "complete");
        if (prefix) declare(yasqe, prefix);
      },
    };
  }
}

/** Write the declaration of a prefix after the last one, else at the beginning, after comments. */
function declare(yasqe, line) {
  const all = tokens(yasqe.getValue());
  const { end } = declared(all);
  if (end) return yasqe.replaceRange(`\n${line}`, yasqe.posFromIndex(end));
  const first = all.find(({ kind }) => kind !== "space" && kind !== "comment")?.start ?? 0;
  return yasqe.replaceRange(`${line}\n`, yasqe.posFromIndex(first));
}
