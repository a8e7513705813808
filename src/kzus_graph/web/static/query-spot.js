// What is being written at a place in a query: a name, an IRI or free words, and what is expected there.
import { isWord, KEYWORDS, meaning, tokens } from "./query-tokens.js";

const OF_CLASSES = /^(a|rdf:type|rdfs:subClassOf|rdfs:domain|rdfs:range|owl:equivalentClass|owl:disjointWith)$/;
const BEFORE_NAMES = new Set(["SELECT", "DISTINCT", "REDUCED", "WHERE", "DESCRIBE", "FROM", "NAMED", "GRAPH", "SERVICE", "SILENT"]);
const isMark = (token, ...marks) => token?.kind === "mark" && marks.includes(token.text);
const isTerm = (token) => ["iri", "var", "blank", "name", "string", "number", "lang"].includes(token?.kind) || isWord(token, "A", "TRUE", "FALSE") || isMark(token, "]", ")");

/** Return what is expected after *parts*: "class", "property" or "thing". */
export function expected(parts) {
  const [last, before] = [parts.at(-1), parts.at(-2)];
  if (isMark(last, ",")) {
    // one more value of the property before
    const from = parts.findLastIndex((token) => isMark(token, ";", ".", "{", "["));
    return parts.slice(from + 1).some((token) => OF_CLASSES.test(token.text)) ? "class" : "thing";
  }
  if (last && OF_CLASSES.test(last.text)) return "class";
  if (isMark(last, ";", "[", "/", "^", "|", "!")) return "property";
  if (isMark(last, "(")) return isTerm(before) && beginsTriple(parts.slice(0, -1)) ? "property" : "thing";
  return isTerm(last) && beginsTriple(parts) ? "property" : "thing";
}

/** Say whether the last of *parts* is the subject of a triple. */
function beginsTriple(parts) {
  let i = parts.length - 1;
  if (isMark(parts[i], ")", "]")) {
    const [open, close] = parts[i].text === ")" ? ["(", ")"] : ["[", "]"];
    for (let depth = 0; i >= 0; i -= 1) {
      depth += isMark(parts[i], close) - isMark(parts[i], open);
      if (!depth) break;
    }
    // a condition is not a subject, nor is a call
    if (open === "(" && (parts[i - 1]?.kind === "word" || parts[i - 1]?.kind === "name")) return false;
  }
  const before = parts[i - 1];
  if (isMark(before, "{")) return !isWord(parts[i - 3], "VALUES");
  return isMark(before, ".", "}") || (isMark(before, ")") && !beginsTriple(parts.slice(0, i)));
}

/** Say whether a word before other words is a keyword: in capitals, or one after which names stand ("not before" is a name). */
const leads = ({ text }) => text === "a" || (text.length > 1 && (text === text.toUpperCase() ? KEYWORDS : BEFORE_NAMES).has(text.toUpperCase()));

/** Return the words that end at a place: several if they stand in a row, without keywords before them. */
function words(all, at) {
  let i = at;
  const fits = (token) => token && (["word", "number"].includes(token.kind) || isMark(token, "-") || (token.kind === "space" && !/[\r\n]/.test(token.text)));
  while (fits(all[i - 1])) i -= 1;
  while (i < at && (all[i].kind !== "word" || leads(all[i]))) i += 1;
  return i;
}

/** Return what is being written at a place of a text: {kind, text, start, end, expects}; nothing in strings, comments, variables. */
export function spot(text, place) {
  const all = tokens(text);
  let at = all.findIndex(({ start, end }) => start < place && place <= end);
  const token = all[at];
  if (token) {
    const open = token.kind === "string" && (place < token.end || !/^("""|'''|"|')[^]*\1$/.test(token.text) || token.text.length < 2);
    if (token.kind === "comment" || open || ["string", "var", "blank", "lang"].includes(token.kind)) return null;
  }
  const made = (kind, from, to) => {
    const [start, end] = [all[from].start, all[to].end];
    return { kind, text: text.slice(start, Math.min(end, place)), start, end, expects: expected(meaning(all.slice(0, from))) };
  };
  // an IRI without its end
  const begun = /(?<=\s)<[^<>"{}|^`\\\s]*$/.exec(text.slice(0, place));
  if (begun && token?.kind !== "iri") {
    return { kind: "iri", text: begun[0], start: begun.index, end: place, expects: expected(meaning(tokens(text.slice(0, begun.index)))) };
  }
  if (token?.kind === "name") return isWord(meaning(all.slice(0, at)).at(-1), "PREFIX") ? null : made("name", at, at);
  if (token?.kind === "iri") return made("iri", at, at);
  if (token?.kind === "word") {
    const from = words(all, at);
    return all[at + 1]?.text === "(" ? null : { ...made("words", from, at), keyword: from === at && isKeyword(token.text) };
  }
  if (token?.kind === "number" && all[at - 1]) {
    const from = words(all, at);
    if (from < at) return made("words", from, at);
  }
  if (token && token.kind !== "space" && !isMark(token, "{", "(", "[", ",", ";", "/", "^", "|")) return null;
  return { kind: "none", text: "", start: place, end: place, expects: expected(meaning(all.slice(0, at + 1))) };
}

/** Say whether a word is a keyword, or in capitals the beginning of one. */
function isKeyword(word) {
  const upper = word.toUpperCase();
  if (KEYWORDS.has(upper) && word !== "A") return true;
  return word === upper && word.length > 1 && [...KEYWORDS].some((keyword) => keyword.startsWith(upper));
}
