// A fourth way to look at rows: two things in a row are tied; the same rows always give the same drawing.
import { element } from "./query-names.js";
import { View } from "./query-views.js";

const SVG = "http://www.w3.org/2000/svg";
const MOST_NODES = 60;
const ROUNDS = 250;
const LINE = 18;
const MOST_LINES = 4;
const [WIDTH, HEIGHT, MARGIN] = [900, 560, 70];

const draw = (name, attributes, ...children) => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};

/** Break a name into short lines; what is too long ends in an ellipsis. */
function wrapped(name) {
  const lines = [""];
  for (const word of name.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (longer.length <= LINE || !lines.at(-1)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES - 1), `${lines[MOST_LINES - 1]} …`] : lines;
}

/** Let all push each other away, those tied pull together, and the middle draw everyone, ever more gently. */
function settle(nodes, ties) {
  nodes.forEach((node, i) => {
    node.x = Math.cos((2 * Math.PI * i) / nodes.length);
    node.y = Math.sin((2 * Math.PI * i) / nodes.length);
  });
  for (let round = 0; round < ROUNDS; round += 1) {
    const most = 0.2 * (1 - round / ROUNDS);
    for (const node of nodes) [node.across, node.down] = [-0.5 * node.x, -0.8 * node.y];
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
  for (const [axis, size] of [["x", WIDTH], ["y", HEIGHT]]) {
    const all = nodes.map((node) => node[axis]);
    const [least, most] = [Math.min(...all), Math.max(...all)];
    for (const node of nodes) node[axis] = Math.round(MARGIN + ((node[axis] - least) / (most - least || 1)) * (size - 2 * MARGIN));
  }
}

export class NetworkView extends View {
  static key = "network";
  label = "Network";
  needs = "two columns of things";

  /** The two columns that tie: the first two whose IRIs differ within rows. */
  get columns() {
    const iris = this.names.filter((name) => this.rows.some((row) => row[name]?.type === "uri"));
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
    settle(all, [...ties.values()]);
    const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "net", role: "group", "aria-label": `What is tied by ?${first} and ?${second}` });
    for (const { one, other, rows } of ties.values()) {
      svg.append(draw("path", { d: `M${one.x} ${one.y}L${other.x} ${other.y}`, "stroke-width": 1 + Math.min(6, rows) }));
    }
    for (const node of all) {
      const name = this.words({ type: "uri", value: node.iri });
      const radius = 6 + Math.min(12, 2 * node.ties);
      const lines = wrapped(name).map((line, i) => draw("tspan", { x: node.x, dy: i ? 11 : 0 }, line));
      const text = draw("text", { x: node.x, y: node.y + radius + 11 }, ...lines);
      const circle = draw("circle", { cx: node.x, cy: node.y, r: radius });
      svg.append(draw("a", { href: this.labels.address(node.iri) }, draw("title", {}, name), circle, text));
    }
    const note = left ? ` ${left} ${left === 1 ? "row" : "rows"} tie nothing, or have no room.` : "";
    this.put(
      element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Network" }, svg),
      element("p", { class: "muted small" }, `?${first} with ?${second}.${note}`),
    );
    this.labels.learn(all.map((node) => node.iri)).then((came) => came && this.draw());
  }
}
