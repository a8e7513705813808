// What the page does better with a script: it says how many events are left when kinds are switched off, opens all years
// then, and opens the year that an address ends in. Without it, the boxes filter all the same (home.css).
"use strict";
const timeline = document.querySelector(".timeline");
const boxes = [...timeline.querySelectorAll(".kinds input")];
const shown = document.getElementById("shown");
const all = document.getElementById("all-years");
const years = [...timeline.querySelectorAll("details.year")];

function count() {
  const events = [...timeline.querySelectorAll(".event")];
  const left = events.filter((event) => boxes.some((box) => box.checked && event.classList.contains(box.id.replace("kind-", "k"))));
  shown.textContent = left.length === events.length ? "" : `${left.length} of ${events.length} events shown`;
}

function open() {
  const named = /^#year-\d+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
  for (let one = named; one; one = one.parentElement.closest("details")) one.open = true;
}

for (const box of boxes) {
  box.addEventListener("change", () => {
    for (const year of [all, ...years]) year.open = true;
    count();
  });
}
addEventListener("hashchange", open);
open();
