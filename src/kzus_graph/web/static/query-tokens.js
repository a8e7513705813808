// The text of a query as tokens, each with its kind, its text and its place. As a text is still being written, a string
// without an end goes on to the end of its line, or of the text.
const BASE =
  "A-Za-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C-\\u200D\\u2070-\\u218F" +
  "\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}";
const NAME = `${BASE}_0-9\\u00B7\\u0300-\\u036F\\u203F-\\u2040\\-`;
const PLX = "%[0-9A-Fa-f]{2}|\\\\[_~.\\-!$&'()*+,;=\\/?#@%]";
const KINDS = {
  space: "[ \\t\\r\\n]+",
  comment: "#[^\\r\\n]*",
  string:
    '"""(?:[^"\\\\]|\\\\[^]|"{1,2}(?!"))*(?:"""|$)|' + "'''(?:[^'\\\\]|\\\\[^]|'{1,2}(?!'))*(?:'''|$)|" +
    '"(?:[^"\\\\\\n\\r]|\\\\.)*"?|' + "'(?:[^'\\\\\\n\\r]|\\\\.)*'?",
  iri: '<[^<>"{}|^`\\\\\\x00-\\x20]*>',
  var: `[?$][${BASE}_0-9][${NAME.replace("\\-", "")}]*`,
  blank: `_:[${BASE}_0-9](?:[${NAME}]|\\.+(?=[${NAME}]))*`,
  name: `(?:[${BASE}](?:[${NAME}]|\\.+(?=[${NAME}]))*)?:(?:(?:[${BASE}_0-9:]|${PLX})(?:[${NAME}:]|${PLX}|\\.+(?=[${NAME}:%\\\\]))*)?`,
  word: `[${BASE}_][${NAME.replace("\\-", "")}]*`,
  number: "(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)[eE][+\\-]?[0-9]+|[0-9]*\\.[0-9]+|[0-9]+",
  lang: "@[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--[a-z]+)?",
  mark: "\\^\\^|&&|\\|\\||!=|<=|>=|<<\\(?|\\)?>>|[{}()\\[\\];,.?*+\\/|^!=<>~\\-]",
  stray: "[^]",
};
const ANY = new RegExp(Object.entries(KINDS).map(([kind, form]) => `(?<${kind}>${form})`).join("|"), "gu");
export const KEYWORDS = new Set((
  "STR LANG LANGMATCHES DATATYPE BOUND IRI URI BNODE RAND ABS CEIL FLOOR ROUND CONCAT STRLEN UCASE LCASE ENCODE_FOR_URI " +
  "CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH DAY HOURS MINUTES SECONDS TIMEZONE TZ NOW UUID STRUUID MD5 " +
  "SHA1 SHA256 SHA384 SHA512 COALESCE IF STRLANG STRDT SAMETERM ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC REGEX SUBSTR " +
  "REPLACE TRIPLE SUBJECT PREDICATE OBJECT ISTRIPLE COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT BASE PREFIX VERSION SELECT " +
  "CONSTRUCT DESCRIBE ASK DISTINCT REDUCED FROM NAMED WHERE GROUP BY HAVING ORDER ASC DESC LIMIT OFFSET VALUES UNDEF " +
  "OPTIONAL GRAPH SERVICE SILENT BIND AS MINUS UNION FILTER LATERAL EXISTS NOT IN SEPARATOR A TRUE FALSE"
).split(" "));

/** Return the tokens of a text, white space among them; joined, they are the text. */
export function tokens(text) {
  return [...text.matchAll(ANY)].map((found) => {
    const [kind] = Object.entries(found.groups).find(([, part]) => part !== undefined);
    return { kind, text: found[0], start: found.index, end: found.index + found[0].length };
  });
}

/** Return the tokens that mean something: neither white space nor comments. */
export const meaning = (all) => all.filter(({ kind }) => kind !== "space" && kind !== "comment");

export const isWord = (token, ...words) => token?.kind === "word" && words.includes(token.text.toUpperCase());

/** Return the prefixes that a query declares, with their namespaces, and the place after the last declaration. */
export function declared(all) {
  const prefixes = new Map();
  const parts = meaning(all);
  let end = 0;
  for (const [i, token] of parts.entries()) {
    if (isWord(token, "BASE") && parts[i + 1]?.kind === "iri") end = parts[i + 1].end;
    if (!isWord(token, "PREFIX") || parts[i + 1]?.kind !== "name" || parts[i + 2]?.kind !== "iri") continue;
    prefixes.set(parts[i + 1].text.slice(0, -1), parts[i + 2].text.slice(1, -1));
    end = parts[i + 2].end;
  }
  return { prefixes, end };
}

/** Return the IRI that a token stands for; nothing if it is none, or its prefix is unknown. */
export function iriOf(token, prefixes) {
  if (token?.kind === "iri") return token.text.slice(1, -1);
  if (token?.kind !== "name") return undefined;
  const [prefix, local] = token.text.split(/:(.*)/s);
  const namespace = prefixes.get(prefix);
  return namespace === undefined || !local ? undefined : namespace + local.replace(/\\(.)/g, "$1");
}
