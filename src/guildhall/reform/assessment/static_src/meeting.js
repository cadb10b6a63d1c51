"use strict";
// The meeting's screens: what the sessions hold while they are typed, the clock of the hall, a fresh code each minute.
// Every page works without this script by its buttons.
(function () {
  const say = (text, ...facts) => facts.reduce((said, fact) => said.replace("{}", fact), text);

  // Planning: what the rows hold -----------------------------------------------------------------------------------
  const plan = document.querySelector("[data-gh-meeting]");
  if (plan) {
    const place = plan.querySelector("[data-gh-sum]"), units = Number(plan.dataset.units);
    const minutes = (text) => { const [h, m] = text.split(":").map(Number); return h * 60 + m; };
    const sum = () => {
      const each = Number(plan.elements.minutes.value) || 0;
      let room = 0;
      plan.querySelectorAll("[data-gh-session]").forEach((row) => {
        const part = (name) => row.querySelector('[data-gh-part="' + name + '"]').value;
        if (part("day") && part("starts") && part("ends") && each) {
          room += Math.max(Math.floor((minutes(part("ends")) - minutes(part("starts"))) / each), 0);
        }
      });
      place.textContent = room >= units ? say(place.dataset.enough, room, units) : say(place.dataset.short, room, units, units - room);
      place.classList.toggle("gh-warn", room < units);
    };
    plan.addEventListener("input", sum);
    sum();
  }

  // The code on the screen -----------------------------------------------------------------------------------------
  const code = document.querySelector("[data-gh-renew]");
  if (code) setTimeout(() => location.reload(), Math.max(Number(code.dataset.ghRenew), 1) * 1000);

  // The hall -------------------------------------------------------------------------------------------------------
  const hall = document.getElementById("gh-hall");
  if (!hall) return;
  const form = document.getElementById("gh-turn"), clock = document.getElementById("gh-clock");
  const $ = (id) => document.getElementById(id), words = hall.dataset;
  let left = Number(words.left), at = performance.now(), running = Boolean(words.running), told = "", busy = false;

  function tick() {
    const now = running ? Math.round(left - (performance.now() - at) / 1000) : left;
    const size = Math.abs(now), face = Math.floor(size / 60) + ":" + String(size % 60).padStart(2, "0");
    clock.textContent = now < 0 ? words.over + " " + face : face;
    clock.classList.toggle("gh-late", now < 0);
    if (running && now === 60) announce(words.minute);
    if (running && now === 0) announce(words.up);
  }
  function announce(said) { if (told !== said) { told = said; $("gh-hallsaid").textContent = said; } }
  function show(state) {
    const turned = !form || form.elements.turns.value !== String(state.turns);
    left = state.left; at = performance.now(); running = state.running;
    $("gh-hallorder").textContent = state.current ? state.current.order + ". " : "";
    $("gh-hallname").textContent = state.current ? state.current.name : state.next ? words.idle : words.none;
    $("gh-hallnext").textContent = state.next ? state.next.order + ". " + state.next.name : words.none;
    $("gh-halldone").textContent = state.done + " / " + state.total;
    if (form) {
      form.elements.turns.value = state.turns;
      form.querySelector("[value=start]").hidden = state.running;
      form.querySelector("[value=pause]").hidden = !state.running;
      if (turned && state.current) announce(state.current.name);
    }
    if (form ? !state.open : state.open) location.reload();
    tick();
  }
  const line = (said) => { $("gh-saved").textContent = said; $("gh-saved").classList.toggle("gh-warn", Boolean(said)); };
  async function read() {
    try {
      const answer = await fetch(words.now, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (answer.ok) { show(await answer.json()); line(""); }
    } catch (unreachable) { line(words.away); }
  }
  async function press(act) {
    if (busy) return;
    busy = true;
    try {
      const body = new URLSearchParams({ act, turns: form.elements.turns.value });
      const token = form.elements.csrfmiddlewaretoken.value;
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json", "X-CSRFToken": token }, credentials: "same-origin" });
      const said = await answer.json();
      if (answer.ok) { show(said); line(""); } else { line(said.sentence); await read(); }
    } catch (unreachable) { line(words.away); }
    busy = false;
  }
  if (form) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.submitter) press(event.submitter.value);
    });
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      if (event.key === " " && event.target.closest("button, a")) return;  // The button or link in focus has it.
      const key = event.key.toLowerCase();
      const button = [...form.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key && !one.hidden);
      if (!button) return;
      event.preventDefault();
      press(button.value);
    });
  }
  setInterval(tick, 250);
  setInterval(read, 2000);
})();
