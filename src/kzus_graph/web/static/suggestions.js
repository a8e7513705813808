// The field for searching with a script: it suggests things while one types, as the combobox pattern of ARIA has it.
// Without it, the field is a form that leads to the page of results.
// A static copy of the site has no server to ask: there the names are searched by a script of its own (names.js).
const form = document.querySelector("form.search");
const field = form.querySelector("input");
const list = document.createElement("ul");
const said = document.createElement("p");
// A request is sent when typing pauses.
const PAUSE = 120;
const MOST = 8;
let timer, asked = "", shown = [], chosen = -1, request;

function choose(number) {
  chosen = number;
  [...list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === chosen)));
  if (chosen < 0) field.removeAttribute("aria-activedescendant");
  else {
    field.setAttribute("aria-activedescendant", list.children[chosen].id);
    list.children[chosen].scrollIntoView({ block: "nearest" });
  }
}

function close() {
  request?.abort();
  clearTimeout(timer);
  list.hidden = true;
  field.setAttribute("aria-expanded", "false");
  choose(-1);
  said.textContent = "";
}

function option({ name, language, also, line }, number) {
  const item = document.createElement("li");
  item.id = `suggestion-${number}`;
  item.role = "option";
  const [first, second] = [document.createElement("span"), document.createElement("small")];
  first.textContent = name;
  if (language) first.lang = language;
  second.textContent = [also && `also “${also}”`, line].filter(Boolean).join(" · ");
  item.append(first, second);
  // before the field loses the focus, which closes the list
  item.addEventListener("mousedown", (event) => event.preventDefault());
  item.addEventListener("click", () => location.assign(shown[number].href));
  return item;
}

async function suggest() {
  const typed = field.value.trim();
  if (typed === asked && !list.hidden) return;
  asked = typed;
  request?.abort();
  if (typed.length < 2) return close();
  try {
    shown = form.dataset.names ? (await names()).find(typed, MOST).things : await served(typed);
  } catch {
    // aborted, or there is no connection: the form works all the same
    return;
  }
  if (!shown) return close();
  if (typed !== asked) return;
  list.replaceChildren(...shown.map(option));
  list.hidden = !shown.length;
  field.setAttribute("aria-expanded", String(!list.hidden));
  choose(-1);
  said.textContent = shown.length ? `${shown.length} suggestions` : "No suggestions";
}

async function names() {
  const module = await import("./names.js");
  return module.loaded(form.dataset.names);
}

async function served(typed) {
  request = new AbortController();
  const address = new URL(form.dataset.suggestions, location);
  address.searchParams.set("q", typed.slice(0, 200));
  const language = new URLSearchParams(location.search).get("lang");
  if (language) address.searchParams.set("lang", language);
  const answer = await fetch(address, { signal: request.signal });
  return answer.ok && (await answer.json()).suggestions;
}

function press(event) {
  const down = event.key === "ArrowDown", up = event.key === "ArrowUp";
  if ((down || up) && list.hidden) return void suggest();
  if (down || up) {
    event.preventDefault();
    // from the last one, or before the first, back to what was typed
    const steps = shown.length + 1;
    choose(((chosen + 1 + (down ? 1 : steps - 1)) % steps) - 1);
  } else if (event.key === "Enter" && chosen >= 0) {
    event.preventDefault();
    location.assign(shown[chosen].href);
  } else if (event.key === "Escape" && !list.hidden) {
    event.preventDefault();
    close();
  }
}

list.id = "suggestions";
list.role = "listbox";
list.hidden = true;
list.setAttribute("aria-label", "Suggestions");
said.className = "visually-hidden";
said.role = "status";
form.append(list, said);
field.role = "combobox";
field.autocomplete = "off";
for (const [name, value] of [["autocomplete", "list"], ["expanded", "false"], ["controls", list.id]]) field.setAttribute(`aria-${name}`, value);
field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(suggest, PAUSE);
});
field.addEventListener("keydown", press);
if (form.dataset.names) field.addEventListener("focus", () => names().catch(() => {}), { once: true });
field.addEventListener("blur", close);
