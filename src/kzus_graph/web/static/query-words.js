// The words of this page's scripts in the language of the page, which the page gives; those not given are in English.
const given = globalThis.document?.getElementById?.("editor")?.dataset.words;
const words = given ? JSON.parse(given) : {};
const rules = new Intl.PluralRules(globalThis.document?.documentElement?.lang || "en");

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** Return a message in the language of the page, its {names} replaced by values. */
export const _ = (message, values = {}) => filled(words[message] ?? message, values);

/** Return the form of a message that a number takes, {n}; *one* and *many* are its English forms. */
export function plural(n, one, many, values = {}) {
  const forms = words[many] ?? { one, other: many };
  return filled(forms[rules.select(n)] ?? forms.other, { n, ...values });
}
