"use strict";
// Small behaviours over pages that work without them: one click sends once, errors take focus, drafts warn.
(function () {
  const root = document.documentElement;
  const say = (key) => root.dataset[key] || "";

  // A form is sent once. After 300 ms its button says so; a page restored from memory may send again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    delete form.dataset.dirty;
    const button = event.submitter || form.querySelector("button[type=submit],button:not([type])");
    if (!button) return;
    setTimeout(() => { button.setAttribute("aria-disabled", "true"); }, 0);
    setTimeout(() => {
      if (!form.dataset.sent) return;
      button.dataset.label = button.innerHTML;
      button.textContent = say("sending");
    }, 300);
  }, false);
  const rest = (form) => {
    if (!form || !form.dataset) return;
    delete form.dataset.sent;
    form.querySelectorAll("[aria-disabled=true]").forEach((button) => {
      button.removeAttribute("aria-disabled");
      if (button.dataset.label) { button.innerHTML = button.dataset.label; delete button.dataset.label; }
    });
  };
  window.addEventListener("pageshow", (event) => { if (event.persisted) document.querySelectorAll("form").forEach(rest); });
  document.addEventListener("htmx:afterRequest", (event) => rest(event.target.closest && event.target.closest("form")));

  // What was typed and not sent is not lost without a word.
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-gh-draft]");
    if (form) form.dataset.dirty = "1";
  });
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-dirty]")) event.preventDefault();
  });

  // The summary of errors takes focus, and its links set the cursor in the field.
  const summary = document.querySelector(".gh-errs");
  if (summary) summary.focus();
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".gh-errs a");
    if (!link) return;
    const field = document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    (field.matches("input,select,textarea") ? field : field.querySelector("input,select,textarea") || field).focus();
  });

  // A sum of money is said in words under its field.
  const digits = "零壹贰叁肆伍陆柒捌玖", small = ["", "拾", "佰", "仟"], large = ["", "万", "亿", "万亿"];
  function capitals(text) {
    const match = /^(\d{1,15})(?:\.(\d{1,2}))?$/.exec(text.replace(/[,，\s]/g, ""));
    if (!match) return "";
    const yuan = match[1].replace(/^0+/, ""), cents = (match[2] || "").padEnd(2, "0");
    let words = "", gap = false;
    for (let i = 0; i < yuan.length; i++) {
      const place = yuan.length - 1 - i, digit = Number(yuan[i]);
      if (digit) { words += (gap && words ? "零" : "") + digits[digit] + small[place % 4]; gap = false; } else gap = true;
      if (place % 4 === 0 && place && Number(yuan.slice(Math.max(0, i - 3), i + 1))) { words += large[place / 4]; }
    }
    if (words) words += "元";
    if (cents === "00") return (words || "零元") + "整";
    if (cents[0] !== "0") words += digits[Number(cents[0])] + "角"; else if (words) words += "零";
    return words + (cents[1] !== "0" ? digits[Number(cents[1])] + "分" : "整");
  }
  function echo(field) {
    const place = document.getElementById(field.id + "-echo");
    if (place) place.textContent = capitals(field.value);
  }
  document.addEventListener("input", (event) => { if (event.target.matches("[data-gh-money]")) echo(event.target); });
  document.querySelectorAll("[data-gh-money]").forEach(echo);

  // A file too large is said before it is sent.
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (!field.matches("input[type=file][data-gh-max]")) return;
    const place = document.getElementById(field.id + "-echo");
    const file = field.files[0];
    const tooLarge = file && file.size > Number(field.dataset.ghMax);
    if (place) place.textContent = !file ? "" : tooLarge ? field.dataset.ghToolarge : file.name;
    field.setAttribute("aria-invalid", tooLarge ? "true" : "false");
    if (tooLarge) field.value = "";
  });

  // Rows that are picked: the bar counts them, the head picks the page.
  function picks() {
    document.querySelectorAll("[data-gh-picks]").forEach((region) => {
      const boxes = [...region.querySelectorAll("tbody .gh-check")];
      const chosen = boxes.filter((box) => box.checked);
      boxes.forEach((box) => box.closest("tr").classList.toggle("gh-picked", box.checked));
      region.classList.toggle("gh-has-picks", chosen.length > 0);
      region.querySelectorAll("[data-gh-chosen]").forEach((place) => { place.textContent = chosen.length; });
      region.querySelectorAll("[data-gh-needs-pick]").forEach((button) => { button.disabled = !chosen.length; });
      const all = region.querySelector("thead .gh-check");
      if (all) { all.checked = boxes.length > 0 && chosen.length === boxes.length; all.indeterminate = chosen.length > 0 && !all.checked; }
    });
  }
  document.addEventListener("change", (event) => {
    if (!event.target.matches(".gh-check")) return;
    const region = event.target.closest("[data-gh-picks]");
    if (region && event.target.closest("thead")) region.querySelectorAll("tbody .gh-check").forEach((box) => { box.checked = event.target.checked; });
    picks();
  });
  document.addEventListener("htmx:afterSettle", picks);
  picks();

  // Bands of a score: the chosen one is drawn without needing newer selectors.
  document.addEventListener("change", (event) => {
    const bands = event.target.closest(".gh-bands");
    if (bands) bands.querySelectorAll("label").forEach((label) => label.classList.toggle("gh-on", label.querySelector("input").checked));
  });

  // Selects that act at once where scripts run; their buttons stay for those without.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-gh-auto]");
    if (form && !form.hasAttribute("hx-get")) form.requestSubmit ? form.requestSubmit() : form.submit();
  });
  root.classList.add("gh-scripted");
  document.addEventListener("click", (event) => { if (event.target.closest("[data-gh-print]")) window.print(); });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-gh-back]")) { event.preventDefault(); history.back(); } });

  // Lists by arrow keys.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const row = event.target.closest && event.target.closest(".gh-rows tbody tr");
    if (!row || !event.target.matches("a")) return;
    const next = event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling;
    const link = next && next.querySelector("a");
    if (link) { event.preventDefault(); link.focus(); }
  });

  // No network is a line, never a dialog.
  const line = document.getElementById("gh-offline");
  const network = () => { if (line) line.hidden = navigator.onLine; };
  window.addEventListener("online", network);
  window.addEventListener("offline", network);
  network();
})();
