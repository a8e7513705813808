// The form that puts a question together, with a script: names complete while one types, and what is chosen is ticked.
// Without it, a typed name is looked up when the form is sent.
import { combobox, suggested } from "./combobox.js";

const form = document.querySelector("form.builder[data-endpoint]");

function line({ name, language }) {
  const text = document.createElement("span");
  text.textContent = name;
  if (language) text.lang = language;
  return [text];
}

/** A ticked box with the chosen thing before the field, which is empty again. */
function tick(field, suggestion) {
  const [label, box] = [document.createElement("label"), document.createElement("input")];
  label.className = "value";
  Object.assign(box, { type: "checkbox", name: field.name, value: suggestion.value, checked: true });
  label.append(box, " ", ...line(suggestion));
  field.closest(".name").before(label);
  field.value = "";
  field.placeholder = "and …";
}

function ask(field, typed, signal) {
  const address = new URL(form.dataset.endpoint, location);
  address.searchParams.set("kind", form.dataset.kind);
  address.searchParams.set("of", field.dataset.of);
  return suggested(address, typed, signal);
}

for (const field of form.querySelectorAll("input[data-of]")) {
  combobox(field, {
    ask: (typed, signal) => ask(field, typed, signal),
    choose: (suggestion) => tick(field, suggestion),
    lines: line,
  });
}

// Another kind has other conditions: the form is sent when one is chosen by its button only, as without the script.
// Empty fields need not be sent.
form.addEventListener("submit", () => {
  for (const field of form.querySelectorAll("input[type=text], select")) field.disabled = !field.value;
});
addEventListener("pageshow", () => {
  for (const field of form.querySelectorAll("[disabled]")) field.disabled = false;
});
