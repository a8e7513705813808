// A fourth way to look at rows: two things in a row are tied; the same rows always give the same drawing.
import { element } from "./query-names.js";
import { View } from "./query-views.js";

const SVG = "http://www.w3.org/2000/svg";
const MOST_NODES = 60;
const ROUNDS = 250;
const LINE = 18;
const MOST_LINES = 4;
// A letter and a line of a name in pixels; how much room a thing with its name takes, and the least that is drawn on.
const [LETTER, LEADING] = [6.2, 11];
const ROOM = 15000;
const [NARROWEST, LOWEST] = [320, 420];
const PARTINGS = 400;

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

/** Give all a place on the drawing, with room for their names, and part those that cover each other. */
function fit(nodes, width, height) {
  for (const [axis, size, half] of [["x", width, "wide"], ["y", height, "high"]]) {
    const all = nodes.map((node) => node[axis]);
    const [least, most] = [Math.min(...all), Math.max(...all)];
    for (const node of nodes) {
      node[axis] = node[half] + ((node[axis] - least) / (most - least || 1)) * Math.max(0, size - 2 * node[half]);
    }
  }
  const inside = (value, half, size) => Math.max(half, Math.min(size - half, value));
  for (let round = 0, moved = true; moved && round < PARTINGS; round += 1) {
    moved = false;
    nodes.forEach((one, i) => nodes.slice(i + 1).forEach((other) => {
      const across = one.wide + other.wide - Math.abs(one.x - other.x);
      const down = one.high + other.high - Math.abs(one.y - other.y);
      if (across <= 0 || down <= 0) return;
      moved = true;
      const [axis, by] = across < down ? ["x", across] : ["y", down];
      const side = one[axis] < other[axis] ? -1 : 1;
      one[axis] += (side * by) / 2;
      other[axis] -= (side * by) / 2;
    }));
    for (const node of nodes) [node.x, node.y] = [inside(node.x, node.wide, width), inside(node.y, node.high, height)];
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
    for (const node of all) {
      node.name = this.words({ type: "uri", value: node.iri });
      node.radius = 6 + Math.min(12, 2 * node.ties);
      node.lines = wrapped(node.name);
      // Half of the box that the circle takes with the name below it.
      node.wide = Math.max(node.radius, (LETTER * Math.max(...node.lines.map((line) => line.length))) / 2) + 3;
      node.high = node.radius + (LEADING * node.lines.length) / 2 + 4;
    }
    const width = Math.max(NARROWEST, this.yasr.resultsEl.clientWidth);
    const height = Math.round(Math.max(LOWEST, (all.length * ROOM) / width));
    settle(all, [...ties.values()], width > height);
    fit(all, width, height);
    for (const node of all) node.centre = [Math.round(node.x), Math.round(node.y - node.high + node.radius)];
    const svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, class: "net", role: "group", "aria-label": `What is tied by ?${first} and ?${second}` });
    for (const { one, other, rows } of ties.values()) {
      svg.append(draw("path", { d: `M${one.centre}L${other.centre}`, "stroke-width": 1 + Math.min(6, rows) }));
    }
    for (const { iri, name, radius, lines, centre: [cx, cy] } of all) {
      const spans = lines.map((line, i) => draw("tspan", { x: cx, dy: i ? LEADING : 0 }, line));
      const text = draw("text", { x: cx, y: cy + radius + LEADING }, ...spans);
      svg.append(draw("a", { href: this.labels.address(iri) }, draw("title", {}, name), draw("circle", { cx, cy, r: radius }), text));
    }
    const note = left ? ` ${left} ${left === 1 ? "row" : "rows"} tie nothing, or have no room.` : "";
    this.put(svg, element("p", { class: "muted small" }, `?${first} with ?${second}.${note}`));
    this.labels.learn(all.map((node) => node.iri)).then((came) => came && this.draw());
  }
}
