"use strict";
// The wizard saves 1.5 s after the last key and on leaving; tables take a paste from a sheet. Without it the form is sent whole.
(function () {
  const form = document.querySelector("form[data-gh-autosave]");
  if (!form) return;
  const said = document.querySelector("[data-gh-saved]");
  let timer = 0, running = false, again = false;

  function body() {
    const data = new FormData(form);
    [...data.keys()].forEach((key) => { if (data.get(key) instanceof File) data.delete(key); });
    data.set("autosave", "1");
    return data;
  }
  async function save() {
    if (running) { again = true; return; }
    running = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: body(), headers: { Accept: "application/json" } });
      const told = await answer.json();
      said.textContent = told.said;
      if (answer.ok) {
        form.elements.base.value = told.base;
        delete form.dataset.dirty;
      }
    } catch {
      said.textContent = form.dataset.ghOffline;
    }
    running = false;
    if (again) { again = false; save(); }
  }
  const soon = () => { clearTimeout(timer); timer = setTimeout(save, 1500); };
  form.addEventListener("input", soon);
  form.addEventListener("submit", () => clearTimeout(timer));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden" || !form.dataset.dirty || form.dataset.sent) return;
    clearTimeout(timer);
    navigator.sendBeacon(form.action, body());
  });

  document.querySelectorAll("[data-gh-entry]").forEach((entry) => {
    const rows = entry.querySelector("tbody"), most = Number(entry.dataset.ghMost);
    const told = entry.querySelector("[data-gh-said]"), undo = entry.querySelector("[data-gh-undo]");
    let before = [];

    function add() {
      if (rows.rows.length >= most) return false;
      const row = rows.rows[rows.rows.length - 1].cloneNode(true), n = rows.rows.length;
      row.querySelectorAll("input").forEach((cell) => {
        cell.value = "";
        cell.name = cell.name.replace(/-\d+-/, "-" + n + "-");
        cell.setAttribute("aria-label", cell.getAttribute("aria-label").replace(/\d+/, n + 1));
      });
      rows.append(row);
      return true;
    }
    entry.querySelector("[data-gh-addrow]").addEventListener("click", () => {
      if (add()) rows.rows[rows.rows.length - 1].querySelector("input").focus();
    });
    rows.addEventListener("paste", (event) => {
      const text = event.clipboardData.getData("text/plain").replace(/\r/g, "").replace(/\n$/, "");
      if (!/[\t\n]/.test(text)) return;
      event.preventDefault();
      before = [...rows.querySelectorAll("input")].map((cell) => cell.value);
      const here = event.target.closest("tr"), column = event.target.closest("td").cellIndex;
      let count = 0;
      text.split("\n").forEach((line, down) => {
        while (rows.rows.length <= here.rowIndex - 1 + down && add());
        const row = rows.rows[here.rowIndex - 1 + down];
        if (!row) return;
        line.split("\t").forEach((value, right) => {
          const cell = row.cells[column + right];
          if (!cell) return;
          cell.querySelector("input").value = value.trim();
          count += 1;
        });
      });
      told.textContent = entry.dataset.ghPasted.replace("{n}", count);
      undo.hidden = false;
      form.dataset.dirty = "1";
      soon();
    });
    undo.addEventListener("click", () => {
      [...rows.querySelectorAll("input")].forEach((cell, n) => { cell.value = before[n] || ""; });
      undo.hidden = true;
      told.textContent = "";
      form.dataset.dirty = "1";
      soon();
    });
  });
})();
