// A fourth way to look at rows: two things in a row are tied; the same rows always give the same drawing.
import { element } from "./query-names.js";
import { View } from "./query-views.js";
import { _, plural } from "./query-words.js";

const SVG = "http://www.w3.org/2000/svg";
const MOST_NODES = 60;
const ROUNDS = 250;
// The size of the letters, as in query.css; the widest and the most lines of a name, and how far apart they are, in pixels.
const LETTERS = 10;
const [WIDEST, MOST_LINES, LEADING] = [112, 4, 13];
const MOST_LETTERS = 300;
// The least that is drawn on, and how many times the room that things with their names take.
const [NARROWEST, LOWEST, SPARE] = [320, 420, 1.6];

const draw = (name, attributes, ...children) => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};

/** Return what measures a text, in the font that the reader has. */
function ruler() {
  const paper = document.createElement("canvas").getContext("2d");
  paper.font = `600 ${LETTERS}px ${getComputedStyle(document.documentElement).fontFamily}`;
  return (text) => paper.measureText(text).width;
}

/** Break a name into lines, each with its width, none wider than WIDEST; what is too long ends in an ellipsis. */
function wrapped(name, measure) {
  const lines = [""];
  const fits = (text) => measure(text) <= WIDEST;
  for (const word of name.slice(0, MOST_LETTERS).split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (fits(longer)) {
      lines[lines.length - 1] = longer;
      continue;
    }
    if (lines.at(-1)) lines.push("");
    // A word wider than a line is broken where the line ends.
    for (const letter of word) {
      if (!fits(lines.at(-1) + letter)) lines.push("");
      lines[lines.length - 1] += letter;
    }
  }
  if (lines.length > MOST_LINES) {
    let last = lines[MOST_LINES - 1];
    while (!fits(`${last} …`)) last = last.replace(/.$/u, "");
    lines.splice(MOST_LINES - 1, Infinity, `${last} …`);
  }
  return lines.map((text) => ({ text, width: Math.ceil(measure(text)) }));
}

/** Let all push each other away, those tied pull together, and the middle draw everyone, ever more gently. */
function settle(nodes, ties, wide) {
  nodes.forEach((node, i) => {
    node.x = Math.cos((2 * Math.PI * i) / nodes.length);
    node.y = Math.sin((2 * Math.PI * i) / nodes.length);
  });
  const [along, up] = wide ? [0.5, 0.8] : [0.8, 0.5];
  for (let round = 0; round < ROUNDS; round += 1) {
    const most = 0.2 * (1 - round / ROUNDS);
    for (const node of nodes) [node.across, node.down] = [-along * node.x, -up * node.y];
    const push = (one, other, force) => {
      const [across, down] = [one.x - other.x, one.y - other.y];
      const apart = Math.max(Math.hypot(across, down), 0.01);
      const by = force(apart) / apart;
      one.across += across * by;
      one.down += down * by;
      other.across -= across * by;
      other.down -= down * by;
    };
    nodes.forEach((one, i) => nodes.slice(i + 1).forEach((other) => push(one, other, (apart) => 0.15 / apart ** 2)));
    for (const { one, other } of ties) push(one, other, (apart) => -0.9 * apart);
    for (const node of nodes) {
      const reach = Math.min(0.1, most / (Math.hypot(node.across, node.down) || 1));
      node.x += node.across * reach;
      node.y += node.down * reach;
    }
  }
}

/** Give all a place on a drawing of that width, none over another; return how high it is, a *height* or more. */
function fit(nodes, width, height) {
  for (const [axis, size, half] of [["x", width, "wide"], ["y", height, "high"]]) {
    const all = nodes.map((node) => node[axis]);
    const [least, most] = [Math.min(...all), Math.max(...all)];
    for (const node of nodes) {
      node[axis] = Math.round(node[half] + ((node[axis] - least) / (most - least || 1)) * Math.max(0, size - 2 * node[half]));
    }
  }
  // From the top down, each that would cover another goes below it: that always comes to an end.
  const placed = [];
  const covered = (node) => placed.find((one) =>
    Math.abs(one.x - node.x) < one.wide + node.wide && Math.abs(one.y - node.y) < one.high + node.high);
  for (const node of [...nodes].sort((one, other) => one.y - other.y)) {
    for (let one = covered(node); one; one = covered(node)) node.y = one.y + one.high + node.high;
    placed.push(node);
  }
  return Math.max(height, ...nodes.map((node) => node.y + node.high));
}

export class NetworkView extends View {
  static key = "network";
  label = _("Network");
  needs = _("two columns of things");

  /** The two columns that tie: the first two whose IRIs differ within rows. */
  get columns() {
    const iris = this.chosen.filter((name) => this.rows.some((row) => row[name]?.type === "uri"));
    for (const one of iris) {
      const other = iris.find((name) => name !== one && this.rows.some((row) => this.pair(row, one, name)));
      if (other) return [one, other];
    }
    return null;
  }

  pair(row, one, other) {
    return row[one]?.type === "uri" && row[other]?.type === "uri" && row[one].value !== row[other].value;
  }

  canHandleResults() {
    return this.names.length > 1 && this.columns !== null;
  }

  draw() {
    const [first, second] = this.columns;
    const nodes = new Map();
    const ties = new Map();
    let left = 0;
    for (const row of this.rows) {
      const ends = this.pair(row, first, second) ? [row[first].value, row[second].value] : [];
      const fresh = ends.filter((iri) => !nodes.has(iri));
      if (!ends.length || nodes.size + fresh.length > MOST_NODES) {
        left += 1;
        continue;
      }
      for (const iri of fresh) nodes.set(iri, { iri, ties: 0 });
      for (const iri of ends) nodes.get(iri).ties += 1;
      const key = [...ends].sort().join(" ");
      const tie = ties.get(key) ?? { one: nodes.get(ends[0]), other: nodes.get(ends[1]), rows: 0 };
      tie.rows += 1;
      ties.set(key, tie);
    }
    const all = [...nodes.values()];
    const measure = ruler();
    for (const node of all) {
      node.name = this.words({ type: "uri", value: node.iri });
      node.radius = 6 + Math.min(12, 2 * node.ties);
      node.lines = wrapped(node.name, measure);
      // Half of the box that the circle takes with the name below it.
      node.wide = Math.ceil(Math.max(node.radius, ...node.lines.map((line) => line.width / 2))) + 3;
      node.high = Math.ceil(node.radius + (LEADING * node.lines.length) / 2) + 3;
    }
    const width = Math.max(NARROWEST, this.yasr.resultsEl.clientWidth);
    const room = all.reduce((sum, { wide, high }) => sum + 4 * wide * high, 0);
    const least = Math.round(Math.max(LOWEST, (SPARE * room) / width));
    settle(all, [...ties.values()], width > least);
    const height = fit(all, width, least);
    for (const node of all) node.centre = [node.x, node.y - node.high + node.radius + 2];
    const svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, class: "net", role: "group", "aria-label": _("What is tied by ?{first} and ?{second}", { first, second }) });
    for (const { one, other, rows } of ties.values()) {
      svg.append(draw("path", { d: `M${one.centre}L${other.centre}`, "stroke-width": 1 + Math.min(6, rows) }));
    }
    for (const { iri, name, radius, lines, centre: [cx, cy] } of all) {
      // A width of their own holds the lines to it, whatever changes the letters later.
      const words = lines.map(({ text, width: long }, i) =>
        draw("text", { x: cx, y: cy + radius + LETTERS + 1 + i * LEADING, textLength: long, lengthAdjust: "spacingAndGlyphs" }, text));
      svg.append(draw("a", { href: this.labels.address(iri) }, draw("title", {}, name), draw("circle", { cx, cy, r: radius }), ...words));
    }
    const note = left ? ` ${plural(left, "{n} row ties nothing, or has no room.", "{n} rows tie nothing, or have no room.")}` : "";
    this.put(svg, element("p", { class: "muted small" }, _("?{first} with ?{second}.", { first, second }) + note));
    this.labels.learn(all.map((node) => node.iri)).then((came) => came && this.draw());
  }
}
