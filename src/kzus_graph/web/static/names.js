// Searches the names of a static copy of the site, which has no server for it. The file of names has the things in the
// order of their kinds, and the letters to which others are reduced: case, diacritics and Cyrillic make no difference.
let loading;

/** The names in the file at this address, which is fetched once. */
export function loaded(address) {
  loading ??= read(new URL(address, location)).catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function read(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return new Names(await answer.json(), address);
}

class Names {
  constructor({ letters, kinds, things }, address) {
    this.letters = letters;
    this.things = things.map(([path, name, language, kind, when, ...others]) => ({
      name,
      language,
      kind: kinds[kind],
      when,
      line: [kinds[kind], when].filter(Boolean).join(" · "),
      href: new URL(`../${path}`, address).href,
      names: [name, ...others].map((each) => [each, this.words(each)]),
      around: this.words(`${kinds[kind]} ${when}`),
    }));
  }

  /** The words of a text in small Latin letters without diacritics. */
  words(text) {
    const small = [...text.normalize("NFKC").toLowerCase()].map((letter) => this.letters[letter] ?? letter).join("");
    return small.normalize("NFKD").replace(/\p{M}/gu, "").match(/[\p{L}\p{N}]+/gu) ?? [];
  }

  /** The things with words that begin as all those typed, the best first: at most so many of them, and their number. */
  find(typed, most) {
    const wanted = this.words(typed.slice(0, 200));
    if (!wanted.length) return { things: [], all: 0 };
    const found = [];
    for (const thing of this.things) {
      const [score, by] = fit(wanted, thing);
      if (score) found.push([score, { ...thing, also: by === thing.name ? "" : by }]);
    }
    // things of one score stay in the order of the file
    found.sort(([one], [other]) => other - one);
    return { things: found.slice(0, most).map(([, thing]) => thing), all: found.length };
  }
}

/** How well a thing fits, and by which name: a name with all words counts more, the more of it is asked for. */
function fit(wanted, { name, names, around }) {
  let best = 0, by = name;
  for (const [each, words] of names) {
    let whole = 0, begun = 0;
    for (const word of wanted) {
      if (words.includes(word)) whole += 1;
      else if (words.some((one) => one.startsWith(word))) begun += 1;
    }
    if (whole + begun < wanted.length) continue;
    const score = 2 + (whole + begun / 2) / Math.max(words.length, wanted.length);
    if (score > best) [best, by] = [score, each];
  }
  if (best) return [best, by];
  const all = [...names.flatMap(([, words]) => words), ...around];
  return [wanted.every((word) => all.some((one) => one.startsWith(word))) ? 1 : 0, name];
}
