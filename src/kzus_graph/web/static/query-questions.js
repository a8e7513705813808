// The questions beside the editor: found by their words, their group or their SPARQL.
import { _ } from "./query-words.js";

/** Let the field find among the questions of the page; *examples* are their names and texts. */
export function findQuestions(examples) {
  const search = document.getElementById("find-question");
  const groups = [...document.querySelectorAll(".group")].map((group) => ({ group, items: [...group.querySelectorAll("li")], open: group.open }));
  const texts = new Map(examples.map((one) => [one.name, one.text]));
  const wordsOf = (group, item) => {
    const name = new URL(item.querySelector("a").href).searchParams.get("example");
    return `${group.querySelector("h3").textContent} ${item.textContent} ${name} ${texts.get(name) ?? ""}`.toLowerCase();
  };
  document.getElementById("find").hidden = false;
  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let [left, all] = [0, 0];
    for (const { group, items, open } of groups) {
      for (const item of items) item.hidden = !words.every((word) => wordsOf(group, item).includes(word));
      const found = items.filter((item) => !item.hidden).length;
      group.hidden = !found;
      group.open = words.length ? found > 0 : open;
      left += found;
      all += items.length;
    }
    document.getElementById("found").textContent = words.length ? _("{n} of {all}", { n: left, all }) : "";
  });
}
