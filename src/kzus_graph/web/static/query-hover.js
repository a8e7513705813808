// What a name in a query or an answer as it was sent stands for: shown at the pointer, and of the name at the cursor below the editor.
import { element } from "./query-names.js";
import { declared, iriOf, tokens } from "./query-tokens.js";

const LINGER = 250;
const NAMES = /https?:\/\/[^\s"'<>\\]+|\b([a-z][\w-]*):([A-Za-z0-9](?:[\w.-]*[\w-])?)/g;

export class Hover {
  /** *known* is what the page knows of terms, *line* an element for what the name at the cursor stands for. */
  constructor(known, labels, line) {
    this.labels = labels;
    this.line = line;
    this.prefixes = new Map(Object.entries(known.prefixes));
    this.about = new Map(known.terms.map(({ term, definition }) => [term, definition]));
    this.tip = element("div", { class: "named", role: "tooltip", id: "named" });
    this.tip.hidden = true;
    document.body.append(this.tip);
    this.tip.addEventListener("mouseenter", () => clearTimeout(this.timer));
    this.tip.addEventListener("mouseleave", () => this.leave());
    addEventListener("keydown", ({ key }) => key === "Escape" && this.hide());
    addEventListener("scroll", () => this.hide(), { passive: true });
  }

  /** Explain the names of a query in its editor. */
  attach(yasqe) {
    let [text, all, prefixes] = ["", [], this.prefixes];
    const read = () => {
      if (yasqe.getValue() !== text) {
        text = yasqe.getValue();
        all = tokens(text);
        prefixes = new Map([...this.prefixes, ...declared(all).prefixes]);
      }
      return all;
    };
    const find = (at) => {
      const token = read().find(({ start, end }) => start <= at && at < end);
      const iri = iriOf(token, prefixes);
      return iri && { iri, start: token.start, end: token.end };
    };
    // the names of the whole query are asked for at once
    const learn = () => this.labels.learn(read().map((token) => iriOf(token, prefixes)).filter(Boolean));
    this.listen(yasqe, find, learn);
    yasqe.on("cursorActivity", async () => {
      const at = yasqe.indexFromPos(yasqe.getCursor());
      const here = find(at) ?? find(at - 1);
      this.line.textContent = here ? this.text(here.iri) : "";
      if (here && (await learn()) && find(at)?.iri === here.iri) this.line.textContent = this.text(here.iri);
    });
  }

  /** Explain the IRIs of an answer as it was sent. */
  attachAnswer(editor) {
    const found = (at) => {
      const { line, ch } = editor.posFromIndex(at);
      for (const { 0: name, 1: prefix, 2: local, index } of editor.getLine(line).matchAll(NAMES)) {
        const iri = local ? this.prefixes.has(prefix) && this.prefixes.get(prefix) + local : name;
        if (iri && index <= ch && ch < index + name.length) return { iri, start: at - ch + index, end: at - ch + index + name.length };
      }
      return undefined;
    };
    this.listen(editor, found, async (iri) => this.labels.learn([iri]));
  }

  listen(editor, find, learn) {
    const frame = editor.getWrapperElement();
    frame.addEventListener("mousemove", async (event) => {
      const place = editor.coordsChar({ left: event.clientX, top: event.clientY }, "window");
      const over = event.target.closest?.(".CodeMirror-line span") && !place.outside;
      const here = over && find(editor.indexFromPos(place));
      if (!here) return this.leave();
      clearTimeout(this.timer);
      if (this.shown === here.iri) return undefined;
      const { left, bottom } = editor.charCoords(editor.posFromIndex(here.start), "window");
      this.show(here.iri, left, bottom);
      if ((await learn(here.iri)) && this.shown === here.iri) this.show(here.iri, left, bottom);
      return undefined;
    });
    frame.addEventListener("mouseleave", () => this.leave());
  }

  text(iri) {
    const [label, short] = [this.labels.known(iri), this.labels.compact(iri)];
    return label ? `${short}: ${label}` : short;
  }

  show(iri, left, top) {
    const [label, about] = [this.labels.known(iri), this.about.get(iri)];
    if (!label && !about) return this.hide();
    this.shown = iri;
    this.tip.replaceChildren(element("strong", {}, label ?? this.labels.compact(iri)), ...(about ? [element("span", {}, about)] : []), element("small", {}, iri));
    this.tip.hidden = false;
    const room = document.documentElement.clientWidth - this.tip.offsetWidth - 8;
    this.tip.style.left = `${Math.max(8, Math.min(left, room))}px`;
    this.tip.style.top = `${top + 4}px`;
    return undefined;
  }

  leave() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.hide(), LINGER);
  }

  hide() {
    this.shown = undefined;
    this.tip.hidden = true;
  }
}
