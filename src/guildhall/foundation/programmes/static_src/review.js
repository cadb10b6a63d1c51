"use strict";
// A reviewer's sheet: what is filled in stays on the device first, then goes to the server; without a network it waits.
// The page works without this script as a plain form.
(function () {
  const form = document.querySelector("form[data-gh-review]");
  if (!form || !window.fetch) return;
  const name = "gh-review:" + form.dataset.ghReview, line = document.getElementById("gh-saved");
  const token = form.elements.csrfmiddlewaretoken.value;
  let timer = null, memory = null, sending = false;
  const say = (text, away) => { line.textContent = text; line.classList.toggle("gh-warn", Boolean(away)); };
  const fields = () => [...form.elements].filter((one) => one.name && !["hidden", "file", "submit"].includes(one.type));

  function put(text) { memory = text; try { localStorage.setItem(name, text); } catch (full) { /* Kept in memory. */ } }
  function drop() { memory = null; try { localStorage.removeItem(name); } catch (none) { /* Nothing kept. */ } }
  function filled() {
    const body = {};
    fields().forEach((one) => {
      if (one.type === "radio") { if (one.checked) body[one.name] = one.value; } else body[one.name] = one.value;
    });
    return JSON.stringify(body);
  }
  function fill(text) {
    const body = JSON.parse(text);
    fields().forEach((one) => {
      if (!(one.name in body)) return;
      if (one.type === "radio") {
        one.checked = one.value === body[one.name];
        const label = one.closest(".gh-bands label");
        if (label) label.classList.toggle("gh-on", one.checked);
      } else one.value = body[one.name];
    });
  }
  async function send() {
    if (memory === null || sending) return;
    if (navigator.onLine === false) { say(form.dataset.away, true); return; }
    const sent = memory;
    sending = true;
    try {
      const response = await fetch(form.dataset.save, {
        method: "POST", body: new URLSearchParams(JSON.parse(sent)), keepalive: true, credentials: "same-origin",
        headers: { "X-CSRFToken": token, Accept: "application/json" },
      });
      const answer = (response.headers.get("content-type") || "").includes("json") ? await response.json() : null;
      if (response.ok && answer) {
        if (memory === sent) drop();
        say(form.dataset.saved.replace("{}", answer.at));
      } else say(response.status >= 500 ? form.dataset.away : form.dataset.login, true);
    } catch (unreachable) { say(form.dataset.away, true); }
    sending = false;
  }

  // The weighed sum of a panel's marks.
  const total = document.getElementById("gh-total");
  function add() {
    if (!total) return;
    const marks = [...form.querySelectorAll("[data-gh-points]")];
    const sound = marks.every((one) => /^\d{1,3}(\.\d{1,2})?$/.test(one.value.trim()) && Number(one.value) <= 100);
    const points = marks.reduce((sum, one) => sum + Number(one.dataset.ghPoints), 0);
    const sum = marks.reduce((all, one) => all + Number(one.value) * Number(one.dataset.ghPoints), 0);
    total.textContent = sound ? (sum / points).toFixed(2) : total.dataset.none;
  }

  form.addEventListener("input", () => { add(); put(filled()); clearTimeout(timer); timer = setTimeout(send, 1500); });
  form.addEventListener("submit", (event) => {
    if (navigator.onLine === false) { event.preventDefault(); put(filled()); say(form.dataset.away, true); return; }
    clearTimeout(timer);
    drop();
  }, true);
  window.addEventListener("online", () => { send(); sendPhotos(); });
  document.addEventListener("visibilitychange", () => { if (document.hidden) send(); });
  window.addEventListener("pagehide", send);
  setInterval(() => { send(); sendPhotos(); }, 15000);

  // Photographs: seen at once, kept in the browser's own store until the server has them.
  const camera = document.getElementById("gh-camera"), store = "gh-photos";
  let waiting = [];
  function uuid() {
    const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
    return hex.slice(0, 8) + "-" + hex.slice(8, 12) + "-4" + hex.slice(13, 16) + "-a" + hex.slice(17, 20) + "-" + hex.slice(20);
  }
  function kept(work) {
    return new Promise((done) => {
      if (!window.indexedDB) { done(null); return; }
      const asked = indexedDB.open(store, 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("photos", { keyPath: "key" });
      asked.onerror = () => done(null);
      asked.onsuccess = () => {
        const deal = asked.result.transaction("photos", "readwrite"), got = work(deal.objectStore("photos"));
        deal.oncomplete = () => done(got && got.result);
        deal.onerror = () => done(null);
      };
    });
  }
  function show(photo) {
    const reader = new FileReader(), row = document.createElement("li"), image = document.createElement("img");
    image.alt = camera.dataset.alt;
    row.id = "gh-photo-" + photo.key;
    row.className = "gh-waits";
    reader.onload = () => { image.src = reader.result; row.append(image); document.getElementById("gh-photos").append(row); };
    reader.readAsDataURL(photo.file);
  }
  function sayPhotos(text) { document.getElementById("gh-photosaid").textContent = text || (waiting.length ? camera.dataset.waits : ""); }
  let busy = false;
  async function sendPhotos() {
    if (!camera || busy) return;
    busy = true;
    for (const photo of [...waiting]) {
      if (navigator.onLine === false) break;
      const body = new FormData();
      body.append("key", photo.key);
      body.append("photograph", photo.file, photo.name);
      try {
        const response = await fetch(camera.action, {
          method: "POST", body, credentials: "same-origin", headers: { "X-CSRFToken": token, Accept: "application/json" },
        });
        if (response.status >= 500) break;
        waiting = waiting.filter((one) => one !== photo);
        await kept((photos) => photos.delete(photo.key));
        const row = document.getElementById("gh-photo-" + photo.key);
        if (row) { if (response.ok) row.classList.remove("gh-waits"); else row.remove(); }
        if (!response.ok) sayPhotos(form.dataset.login);
      } catch (unreachable) { break; }
    }
    busy = false;
    if (waiting.length) sayPhotos();
  }
  if (camera) {
    const field = document.getElementById("gh-photo"), own = form.dataset.ghReview;
    camera.querySelector("button").hidden = true;
    field.addEventListener("change", () => {
      const file = field.files[0];
      if (!file) return;
      const photo = { key: uuid(), sheet: own, file, name: file.name || "photo.jpg" };
      waiting.push(photo);
      show(photo);
      kept((photos) => photos.put(photo)).then(sendPhotos);
      sayPhotos();
      field.value = "";
    });
    kept((photos) => photos.getAll()).then((found) => {
      waiting = (found || []).filter((one) => one.sheet === own);
      waiting.forEach(show);
      sendPhotos();
    });
  }

  let left = null;
  try { left = localStorage.getItem(name); } catch (closed) { /* A browser that keeps nothing. */ }
  if (left) { memory = left; fill(left); send(); }
  add();
})();
