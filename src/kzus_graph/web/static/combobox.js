// A text field that suggests things while one types, as the combobox pattern of ARIA has it.
// A request is sent when typing pauses.
const PAUSE = 120;
let number = 0;

/** Make *field* suggest what *ask* returns for the typed text; *choose* is called with a chosen suggestion. */
export function combobox(field, { id = `suggestions-${++number}`, ask, choose, lines, least = 2 }) {
  const list = document.createElement("ul");
  const said = document.createElement("p");
  let timer, asked = "", shown = [], chosen = -1, request;

  function mark(place) {
    chosen = place;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
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
    mark(-1);
    said.textContent = "";
  }

  function take(place) {
    const suggestion = shown[place];
    close();
    choose(suggestion);
  }

  function option(suggestion, place) {
    const item = document.createElement("li");
    item.id = `${id}-${place}`;
    item.role = "option";
    item.append(...lines(suggestion));
    // before the field loses the focus, which closes the list
    item.addEventListener("mousedown", (event) => event.preventDefault());
    item.addEventListener("click", () => take(place));
    return item;
  }

  async function suggest() {
    const typed = field.value.trim();
    if (typed === asked && !list.hidden) return;
    asked = typed;
    request?.abort();
    if (typed.length < least) return close();
    request = new AbortController();
    try {
      const found = await ask(typed.slice(0, 200), request.signal);
      if (!found) return close();
      shown = found;
    } catch {
      // aborted, or there is no connection: the form works all the same
      return;
    }
    list.replaceChildren(...shown.map(option));
    list.hidden = !shown.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    mark(-1);
    said.textContent = shown.length ? document.body.dataset.found.replace("{number}", shown.length) : document.body.dataset.none;
  }

  function press(event) {
    const down = event.key === "ArrowDown", up = event.key === "ArrowUp";
    if ((down || up) && list.hidden) return void suggest();
    if (down || up) {
      event.preventDefault();
      // from the last one, or before the first, back to what was typed
      const steps = shown.length + 1;
      mark(((chosen + 1 + (down ? 1 : steps - 1)) % steps) - 1);
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      take(chosen);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  }

  list.id = id;
  list.role = "listbox";
  list.hidden = true;
  list.setAttribute("aria-label", "Suggestions");
  said.className = "visually-hidden";
  said.role = "status";
  field.after(list, said);
  field.role = "combobox";
  field.autocomplete = "off";
  for (const [name, value] of [["autocomplete", "list"], ["expanded", "false"], ["controls", id]]) field.setAttribute(`aria-${name}`, value);
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(suggest, PAUSE);
  });
  field.addEventListener("keydown", press);
  field.addEventListener("blur", close);
}

/** What the server suggests at *address*, in the language of the page; nothing if it refuses. */
export async function suggested(address, typed, signal) {
  address.searchParams.set("q", typed);
  const language = new URLSearchParams(location.search).get("lang");
  if (language) address.searchParams.set("lang", language);
  const answer = await fetch(address, { signal });
  return answer.ok ? (await answer.json()).suggestions : null;
}
