"use strict";
// A round's set-up adds up while it is typed; the server adds up again.
(function () {
  const number = (field) => Number(field.value.replace(/[,，\s]/g, "")) || 0;
  const sum = (fields) => fields.reduce((total, field) => total + number(field), 0);
  const round = (value) => Math.round(value * 100) / 100;
  const say = (place, right, text) => {
    place.textContent = text;
    place.classList.toggle("gh-off", !right);
  };
  const money = (value) => round(value).toLocaleString("en-US");

  function points() {
    const place = document.querySelector("[data-gh-total]");
    if (!place) return;
    const leaves = [...document.querySelectorAll("[data-gh-points]")];
    document.querySelectorAll("[data-gh-area]").forEach((area) => {
      area.textContent = round(sum(leaves.filter((leaf) => leaf.dataset.ghPoints === area.dataset.ghArea)));
    });
    const total = round(sum(leaves));
    say(place, total === 100, total === 100 ? place.dataset.ghRight : place.dataset.ghTotal.replace("{n}", total));
  }
  function weights() {
    const place = document.querySelector("[data-gh-weights]");
    if (!place) return;
    const total = sum([...document.querySelectorAll("[data-gh-weight]")]);
    say(place, total === 100, total === 100 ? place.dataset.ghRight : place.dataset.ghWeights.replace("{n}", total));
  }
  function budget() {
    const place = document.querySelector("[data-gh-budget]");
    if (!place) return;
    let cost = 0, seats = 0;
    document.querySelectorAll("[data-gh-tier]").forEach((row) => {
      const here = number(row.querySelector("[data-gh-seats]")), each = number(row.querySelector("[data-gh-each]"));
      row.querySelector("[data-gh-subtotal]").textContent = here && each ? money(here * each) : "";
      cost += here * each;
      seats += here;
    });
    const gap = number(document.querySelector("[data-gh-fund]")) - cost;
    const text = gap < 0 ? place.dataset.ghOver : place.dataset.ghWithin;
    say(place, gap >= 0, text.replace("{cost}", money(cost)).replace("{seats}", seats).replace("{gap}", money(Math.abs(gap))));
  }
  const all = () => { points(); weights(); budget(); };
  document.addEventListener("input", all);
  all();
})();
