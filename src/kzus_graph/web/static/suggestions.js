// The field for searching with a script: it suggests things while one types.
// Without it, the field is a form that leads to the page of results.
import { combobox, suggested } from "./combobox.js";

const form = document.querySelector("form.search[data-suggestions]");

function lines({ name, language, also, line }) {
  const [first, second] = [document.createElement("span"), document.createElement("small")];
  first.textContent = name;
  if (language) first.lang = language;
  second.textContent = [also && `also “${also}”`, line].filter(Boolean).join(" · ");
  return [first, second];
}

combobox(form.querySelector("input"), {
  id: "suggestions",
  ask: (typed, signal) => suggested(new URL(form.dataset.suggestions, location), typed, signal),
  choose: ({ href }) => location.assign(href),
  lines,
});
