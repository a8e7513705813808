// What the endpoint has to say beside an answer: a problem at its line and in words, a hint where nothing was found.
import { _ } from "./query-words.js";

/** Read a problem document (RFC 9457); nothing if a text is none. */
function read(text) {
  try {
    const found = JSON.parse(text);
    return typeof found?.detail === "string" ? found : undefined;
  } catch {
    return undefined;
  }
}

function paragraph(...words) {
  const made = document.createElement("p");
  made.append(...words);
  return made;
}

/** Mark the line that a problem is at; return what takes the mark away. */
export function mark(yasqe, text) {
  const found = read(text);
  if (!found?.line) return () => {};
  const line = Math.min(found.line, yasqe.lineCount()) - 1;
  const note = paragraph(found.detail);
  note.className = "problem-note";
  const widget = yasqe.addLineWidget(line, note, { noHScroll: true });
  yasqe.addLineClass(line, "wrap", "problem-line");
  yasqe.scrollIntoView({ line, ch: 0 }, 60);
  return () => {
    widget.clear();
    yasqe.removeLineClass(line, "wrap", "problem-line");
  };
}

/** Return a problem as a box, with a button that calls *add* with the prefixes that it names. */
export function problem(text, add) {
  const found = read(text);
  if (!found) return undefined;
  const box = document.createElement("div");
  box.className = "problem";
  const strong = document.createElement("strong");
  strong.textContent = found.line ? _("Line {line}, column {column}: ", found) : `${found.title}: `;
  box.append(paragraph(strong, found.detail));
  if (found.hint) {
    const prefixes = [...found.hint.matchAll(/^PREFIX (\w+): <([^>]+)>$/gm)];
    const hint = document.createElement(prefixes.length ? "pre" : "p");
    hint.textContent = found.hint;
    box.append(hint);
    if (prefixes.length) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = _("Add to the query");
      button.addEventListener("click", () => add(Object.fromEntries(prefixes.map(([, name, iri]) => [name, iri]))));
      box.append(button);
    }
  }
  return box;
}

/** Return what the endpoint hints at beside an answer (the header Hint, percent-encoded), as a note to be read out. */
export function hint(answer) {
  const text = answer?.headers?.get("hint");
  if (!text) return undefined;
  const note = paragraph(`${decodeURIComponent(text)}.`);
  note.className = "callout hint";
  note.setAttribute("role", "status");
  return note;
}
