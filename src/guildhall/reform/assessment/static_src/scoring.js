"use strict";
// Marking one criterion at a time. Every key is kept on the device first, then sent; without a network it stays there.
// The page works without this script as a plain form.
(function () {
  const desk = document.getElementById("gh-desk");
  const form = document.getElementById("gh-mark");
  if (!desk || !form || !window.fetch || desk.dataset.held) return;
  const data = JSON.parse(desk.dataset.sheet), words = data.words, at = data.at;
  const $ = (id) => document.getElementById(id);
  const number = $("gh-value"), reason = $("gh-reason"), line = $("gh-saved");
  const prefix = "gh-mark:" + data.user + ":" + data.sheet + ":";
  const say = (text, ...facts) => facts.reduce((said, fact) => said.replace("{}", fact), text);
  const unit = () => data.units[at.unit], item = () => data.items[at.item];
  const slot = (one, key) => prefix + one.id + ":" + key;
  const clock = () => new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  let timer = null, running = Promise.resolve(), stopped = false;

  // The device's own copy ------------------------------------------------------------------------------------------
  const memory = {};
  function put(name, text) { memory[name] = text; try { localStorage.setItem(name, text); } catch (full) { /* Kept in memory. */ } }
  function drop(name) { delete memory[name]; try { localStorage.removeItem(name); } catch (none) { /* Nothing kept. */ } }
  function load() {
    try {
      for (let i = 0; i < localStorage.length; i++) {
        const name = localStorage.key(i);
        if (name.startsWith(prefix)) memory[name] = localStorage.getItem(name);
      }
    } catch (closed) { /* A browser that keeps nothing. */ }
    Object.keys(memory).forEach((name) => {
      const [id, key] = name.slice(prefix.length).split(":"), draft = JSON.parse(memory[name]);
      const one = data.units.find((each) => String(each.id) === id);
      if (one && data.items.some((each) => each.key === key)) one.marks[key] = [draft.value, draft.reason]; else drop(name);
    });
  }

  // What counts ----------------------------------------------------------------------------------------------------
  const valid = (value) => /^\d{1,3}$/.test(String(value)) && Number(value) <= 100;
  const asks = (value) => valid(value) && (Number(value) < 60 || Number(value) >= 95);
  const short = (mark) => asks(mark[0]) && mark[1].trim().length < 10;
  const settled = (one, key) => Boolean(one.marks[key]) && valid(one.marks[key][0]) && !short(one.marks[key]);
  const done = (one) => data.items.filter((each) => settled(one, each.key)).length;

  // Drawing --------------------------------------------------------------------------------------------------------
  function text(id, said) { const place = $(id); if (place) place.textContent = said; }
  function drawUnits() {
    data.units.forEach((one) => {
      const link = document.querySelector('[data-gh-unit="' + one.id + '"]');
      if (!link) return;
      const n = done(one);
      link.lastElementChild.textContent = n === data.items.length ? words.full : Object.keys(one.marks).length ? say(words.part, n, data.items.length) : words.none;
      if (one === unit()) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
    });
  }
  function drawBands() {
    const value = number.value, rows = document.querySelectorAll(".gh-bands label"), anchors = document.querySelectorAll("#gh-anchors li");
    data.bands.forEach((band, n) => {
      const on = valid(value) && value >= band.low && value <= band.high;
      rows[n].classList.toggle("gh-on", on);
      rows[n].querySelector("input").checked = on;
      anchors[n].classList.toggle("gh-on", on);
    });
  }
  function drawReason(pressed) {
    const box = $("gh-whybox"), value = number.value, needed = asks(value), lacks = needed && reason.value.trim().length < 10;
    box.hidden = !needed && !reason.value;
    box.classList.toggle("gh-asked", lacks);
    reason.required = false;
    if (needed) text("gh-whylabel", Number(value) < 60 ? words.low : words.high);
    $("gh-short").hidden = !(lacks && (pressed || reason.value || document.activeElement !== number));
    reason.setAttribute("aria-invalid", lacks && pressed ? "true" : "false");
  }
  function drawDone() {
    const row = $("gh-doneline"), others = data.items.filter((each, n) => n !== at.item && settled(unit(), each.key));
    row.hidden = !others.length;
    text("gh-donecount", say(words.done, others.length));
    const list = $("gh-donelist");
    list.textContent = "";
    others.forEach((each) => {
      const link = document.createElement("a"), value = document.createElement("b");
      link.href = unit().url + "?item=" + each.key;
      value.className = "gh-num";
      value.textContent = unit().marks[each.key][0];
      link.append(each.label + " ", value);
      list.append(link);
    });
  }
  function drawDots() {
    const dots = $("gh-dots");
    [...dots.children].forEach((dot, n) => { dot.className = n === at.item ? "gh-now" : settled(unit(), data.items[n].key) ? "gh-done" : ""; });
    dots.setAttribute("aria-label", say(words.dots, data.items.length, done(unit()), at.item + 1));
  }
  function next() {
    if (at.item + 1 < data.items.length) return { unit: at.unit, item: at.item + 1 };
    if (at.unit + 1 < data.units.length) {
      const open = data.items.findIndex((each) => !settled(data.units[at.unit + 1], each.key));
      return { unit: at.unit + 1, item: Math.max(open, 0) };
    }
    return null;
  }
  function draw(focus) {
    const one = unit(), criterion = item(), mark = one.marks[criterion.key] || ["", ""], onward = next();
    text("gh-h1", one.name);
    text("gh-placeno", say(words.place, one.place));
    text("gh-crit", at.item + 1 + ". " + criterion.label);
    text("gh-points", say(words.points, criterion.points, data.points));
    document.querySelectorAll("#gh-anchors li").forEach((row, n) => { row.lastChild.textContent = criterion.anchors[n]; });
    number.value = mark[0];
    reason.value = mark[1];
    number.setAttribute("aria-label", say(words.value, criterion.label));
    form.elements.item.value = criterion.key;
    form.elements.version.value = one.version;
    form.action = one.save.replace(/save\/$/, "keep/");
    const statement = $("gh-statement"), evidence = $("gh-evidencelink"), count = one.evidence[criterion.key] || 0;
    statement.href = one.materials + "?item=" + criterion.key + "#statement";
    evidence.href = one.materials + "?item=" + criterion.key + "#evidence";
    text("gh-statementsaid", say(words.statement, one.statement.toLocaleString("en")));
    text("gh-evidencesaid", say(words.evidence, count));
    $("gh-materials").href = one.materials + "?item=" + criterion.key;
    text("gh-next", !onward ? words.check : onward.unit === at.unit ? say(words.item, data.items[onward.item].label) : say(words.unit, data.units[onward.unit].name));
    $("gh-range").hidden = true;
    number.setAttribute("aria-invalid", "false");
    $("gh-conflict").hidden = true;
    drawBands(); drawReason(false); drawDone(); drawDots(); drawUnits();
    document.title = one.name + " · " + criterion.label;
    if (focus) { window.scrollTo(0, 0); $("gh-crit").focus(); }
  }
  function go(place, push) {
    at.unit = place.unit; at.item = place.item;
    if (push) history.pushState(null, "", unit().url + "?item=" + item().key);
    draw(true);
  }
  function find(href) {
    const url = new URL(href, location.href), key = url.searchParams.get("item");
    const place = data.units.findIndex((one) => new URL(one.url, location.href).pathname === url.pathname);
    if (place < 0 || url.hash) return null;
    const named = data.items.findIndex((each) => each.key === key);
    const open = data.items.findIndex((each) => !settled(data.units[place], each.key));
    return { unit: place, item: named >= 0 ? named : Math.max(open, 0) };
  }

  // Keeping and sending --------------------------------------------------------------------------------------------
  function state(said, away) { line.textContent = said; line.classList.toggle("gh-warn", Boolean(away)); }
  function keep() {
    const one = unit(), key = item().key, was = one.marks[key] || ["", ""];
    if (String(was[0]) === number.value && was[1] === reason.value) return;
    one.marks[key] = [number.value, reason.value];
    put(slot(one, key), JSON.stringify({ value: number.value, reason: reason.value, at: clock() }));
    clearTimeout(timer);
    timer = setTimeout(send, 1500);
  }
  function away() {
    const times = Object.keys(memory).map((name) => JSON.parse(memory[name]).at).sort();
    if (times.length) state(say(words.offline, times[times.length - 1]), true);
  }
  function send() {
    if (stopped) return Promise.resolve();
    running = running.then(sweep);
    return running;
  }
  async function sweep() {
    if (navigator.onLine === false) { away(); return; }
    if (stopped) return;
    for (const name of Object.keys(memory)) {
      const sent = memory[name];
      if (sent === undefined) continue;
      const [id, key] = name.slice(prefix.length).split(":"), draft = JSON.parse(sent);
      if (!valid(draft.value)) continue;
      await post(data.units.find((one) => String(one.id) === id), key, draft, name, sent);
      if (stopped) return;
    }
  }
  async function post(one, key, draft, name, sent) {
    const body = new URLSearchParams({ item: key, value: draft.value, reason: draft.reason, version: one.version });
    const token = form.elements.csrfmiddlewaretoken.value;
    let response, answer;
    try {  // keepalive: what is under way outlives the page.
      response = await fetch(one.save, { method: "POST", body, keepalive: true, headers: { "X-CSRFToken": token }, credentials: "same-origin" });
      answer = (response.headers.get("content-type") || "").includes("json") ? await response.json() : null;
    } catch (unreachable) { away(); return; }
    if (response.ok && answer) {
      one.version = answer.version;
      if (memory[name] === sent) drop(name);
      if (one === unit()) form.elements.version.value = one.version;
      state(say(words.saved, answer.at));
      drawUnits(); drawDots(); drawDone();
      return;
    }
    if (answer && answer.code === "assessment.sheet-changed") { changed(one, key, draft, answer); return; }
    if (response.status >= 500) { away(); return; }
    stopped = true;
    state(answer ? answer.sentence : say(words.login, draft.at), true);
  }
  function changed(one, key, draft, answer) {
    const theirs = answer.theirs;
    one.version = answer.version;
    if (String(theirs[0]) === String(draft.value) && theirs[1] === draft.reason) { drop(slot(one, key)); return; }
    if (theirs[0] === "" || theirs[0] === undefined) { timer = setTimeout(send, 50); return; }  // Only another item of the unit changed.
    stopped = true;
    go({ unit: data.units.indexOf(one), item: data.items.findIndex((each) => each.key === key) }, false);
    text("gh-minesaid", say(words.mine, draft.value));
    text("gh-mineread", draft.reason);
    text("gh-theirsaid", say(words.theirs, theirs[0]));
    text("gh-theirread", theirs[1]);
    $("gh-conflict").hidden = false;
    $("gh-usemine").onclick = () => { stopped = false; $("gh-conflict").hidden = true; send(); number.focus(); };
    $("gh-usetheirs").onclick = () => { one.marks[key] = theirs; drop(slot(one, key)); stopped = false; draw(false); send(); number.focus(); };
    $("gh-usemine").focus();
  }

  // What people do -------------------------------------------------------------------------------------------------
  number.addEventListener("input", () => { $("gh-range").hidden = true; drawBands(); drawReason(false); keep(); });
  number.addEventListener("blur", () => drawReason(false));
  reason.addEventListener("input", () => { drawReason(false); keep(); });
  reason.addEventListener("blur", () => { drawReason(true); send(); });
  form.querySelectorAll("[data-gh-step]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      const now = valid(number.value) ? Number(number.value) : 80;
      number.value = Math.min(100, Math.max(0, now + Number(button.dataset.ghStep)));
      number.dispatchEvent(new Event("input"));
    });
  });
  document.querySelectorAll(".gh-bands input").forEach((radio, n) => {
    radio.addEventListener("change", () => {
      const band = data.bands[n];
      if (!(valid(number.value) && number.value >= band.low && number.value <= band.high)) number.value = band.start;
      number.dispatchEvent(new Event("input"));
    });
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keep();
    if (!valid(number.value)) {
      $("gh-range").hidden = false;
      number.setAttribute("aria-invalid", "true");
      number.focus();
      return;
    }
    if (short([number.value, reason.value])) { drawReason(true); reason.focus(); send(); return; }
    clearTimeout(timer);
    const onward = next();
    if (onward) { go(onward, true); send(); return; }
    send().then(() => { if (!Object.keys(memory).length) location.href = data.check; else away(); });
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("#gh-desk a, #gh-doneline a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const place = find(link.href);
    if (!place) return;
    event.preventDefault();
    go(place, true);
    send();
  });
  window.addEventListener("popstate", () => { const place = find(location.href); if (place) { at.unit = place.unit; at.item = place.item; draw(false); } });
  window.addEventListener("online", () => { stopped = false; send(); });
  window.addEventListener("offline", away);
  document.addEventListener("visibilitychange", () => { if (document.hidden) send(); });
  window.addEventListener("pagehide", send);
  setInterval(() => { if (Object.keys(memory).length) send(); }, 15000);

  load();
  draw(false);
  if (Object.keys(memory).length) { away(); send(); }
})();
