// The layout of a query: a line for each pattern and each clause, indented by its groups. White space alone is changed:
// line breaks are added, none is taken away, and strings and comments stay as they are.
import { isWord, tokens } from "./query-tokens.js";

const INDENT = "  ";
/** The longest group that may stay on the line where it is written; the longest line that isn't broken after semicolons. */
const SHORT = 90;
const LONG = 110;
const PATTERNS = ["OPTIONAL", "FILTER", "BIND", "MINUS", "SERVICE", "GRAPH", "VALUES", "LATERAL"];
const MODIFIERS = ["GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET"];
const FORMS = ["PREFIX", "BASE", "SELECT", "CONSTRUCT", "ASK", "DESCRIBE", "FROM", "VALUES"];
const OPEN = { "{": "}", "(": ")", "[": "]" };
const isMark = (token, ...marks) => token?.kind === "mark" && marks.includes(token.text);

/** Return the tokens that are not white space, each with the line breaks before it and whether anything is before it. */
function laid(text) {
  const found = [];
  let space = "";
  for (const token of tokens(text)) {
    if (token.kind === "space") space = token.text;
    else {
      found.push({ ...token, lines: Math.min(2, space.split(/\r\n|\r|\n/).length - 1), spaced: space !== "" });
      space = "";
    }
  }
  return found;
}

/** Mark the tokens that stand on long lines. */
function keepLines(all) {
  let begin = 0;
  all.forEach((token, i) => {
    if (token.lines) begin = i;
    if (all[i + 1] && !all[i + 1].lines) return;
    if (token.end - all[begin].start > LONG) for (const one of all.slice(begin, i + 1)) one.long = true;
  });
}

/** Mark the tokens of groups that are short and stand on one line: nothing is broken there. */
function keepShort(all) {
  let begin = -1;
  all.forEach((token, i) => {
    if (isMark(token, "{")) begin = i;
    else if (isMark(token, "}") && begin >= 0) {
      const inside = all.slice(begin + 1, i + 1);
      const kept = inside.every(({ lines, kind }) => !lines && kind !== "comment") && token.end - all[begin].start <= SHORT;
      if (kept) for (const one of inside) one.kept = true;
      begin = -1;
    }
  });
}

/** Say whether a line must end between two tokens, *around* being the brackets that are open. */
function breaks(before, token, around, prologue) {
  if (!before || token.kept) return false;
  if (before.kind === "comment" || prologue) return true;
  const inside = around.at(-1)?.mark;
  if (inside === "(" || inside === "[") return false;
  if (isMark(before, "{") || isMark(token, "}")) return true;
  if (isMark(before, "}")) return !isMark(token, ".", ";", ",", ")") && !isWord(token, "UNION", "WHERE") && token.kind !== "comment";
  if (token.kind === "comment") return false;
  if (isMark(before, ".") || (isMark(before, ";") && token.long && !isMark(token, ".", ";"))) return true;
  if (isWord(token, ...MODIFIERS)) return true;
  return isWord(token, ...(inside ? PATTERNS : FORMS));
}

/** Say whether a line that begins with *token* goes on with what the line before it began. */
function goesOn(before, token, around, filtered) {
  const inside = around.at(-1);
  if (!before || isMark(before, "{", "}", ".") || inside?.values || filtered) return false;
  if (isMark(token, "{", "}", ")", "]") || isWord(token, ...MODIFIERS, "UNION", "WHERE")) return false;
  if (inside && inside.mark !== "{") return false;
  return inside ? !isWord(token, ...PATTERNS) : !isWord(token, ...FORMS) && before.kind !== "iri";
}

/** Say whether two tokens of a line that nothing parts are easier to read apart. */
function parted(before, token, around) {
  if (isMark(before, "{") && isMark(token, "}")) return false;
  const free = around.at(-1)?.mark !== "(";
  return token.kind === "comment" || isMark(before, "{", "}", ",") || isMark(token, "{", "}") || (free && isMark(token, ".", ";")) || (free && isMark(before, ";"));
}

/** Return a query laid out; as it was if some of it can't be read. */
export function format(text) {
  const all = laid(text);
  if (all.some(({ kind }) => kind === "stray")) return text;
  keepShort(all);
  keepLines(all);
  const around = [];
  let [made, level] = ["", 0];
  let before, prologue = 0, clause = "";
  all.forEach((token, i) => {
    const last = all[i - 1];
    const closed = isMark(token, "}", ")", "]") && around.length ? around.at(-1) : undefined;
    const forced = breaks(last, token, around, prologue === 1);
    if (prologue === 1) prologue = 0;
    let lines = Math.max(token.lines, forced ? 1 : 0);
    if (isMark(last, "{") || isMark(token, "}")) lines = Math.min(1, lines);
    if (!last) level = 0;
    else if (lines) {
      const next = token.kind === "comment" ? all.slice(i).find(({ kind }) => kind !== "comment") : token;
      const filtered = clause && isMark(before, ")") && around.length === clause.depth;
      const on = next && goesOn(before, next, around, filtered) ? 1 : 0;
      level = closed ? closed.level : (around.length ? around.at(-1).level + 1 : 0) + on;
      made += "\n".repeat(lines) + INDENT.repeat(level);
    } else if (token.spaced || parted(last, token, around)) made += " ";
    made += token.text;
    if (closed) around.pop();
    if (token.kind === "mark" && OPEN[token.text]) {
      const values = isMark(token, "{") && clause?.word === "VALUES" && clause.depth === around.length;
      around.push({ mark: token.text, level, values });
    }
    if (token.kind === "comment") return;
    if (isWord(token, "PREFIX")) prologue = 3;
    else if (isWord(token, "BASE")) prologue = 2;
    else if (prologue > 1) prologue -= 1;
    // what a closing bracket may end: the condition of a filter, or the data after VALUES
    if (isWord(token, ...PATTERNS)) clause = { word: token.text.toUpperCase(), depth: around.length };
    else if (isMark(token, "{", "}", ".", ";") && !(isMark(token, "{") && around.at(-1).values)) clause = "";
    before = token;
  });
  return `${made}\n`;
}
