// Asks the scripts of the query page to lay out queries, and what is being written at a place.
import { readFileSync } from "node:fs";
import { format } from "./query-format.js";
import { spot } from "./query-spot.js";

const { queries, spots } = JSON.parse(readFileSync("asked.json", "utf8"));
console.log(JSON.stringify({
  laid: queries.map(format),
  again: queries.map((query) => format(format(query))),
  spots: spots.map((text) => {
    const found = spot(text, text.length);
    return found && [found.kind, found.text, found.expects, found.keyword ?? false];
  }),
}));
