// What the workspace adds to its pages: the palette, single keys, rows that are added, a draft that keeps itself.
(() => {
  "use strict";
  const find = document.getElementById("hj-find");
  const hits = document.getElementById("hj-hits");
  const typing = (el) => el.closest("input, textarea, select, [contenteditable=true]");

  // ---- the palette: nothing is asked for while an input method composes ----
  if (find && hits) {
    const mac = /Mac|iPhone|iPad/.test(navigator.platform);
    document.querySelector("[data-keys]").textContent = mac ? "⌘K" : "Ctrl K";
    let composing = false;
    let waiting;
    const close = () => { hits.hidden = true; };
    const search = () => {
      clearTimeout(waiting);
      const text = find.value.trim();
      if (text.length < 2) { close(); hits.replaceChildren(); return; }
      waiting = setTimeout(() => htmx.trigger(find, "hj:search"), 180);
    };
    find.addEventListener("compositionstart", () => { composing = true; clearTimeout(waiting); });
    find.addEventListener("compositionend", () => { composing = false; search(); });
    find.addEventListener("input", (event) => { if (!composing && !event.isComposing) search(); });
    find.addEventListener("focus", () => { if (hits.childElementCount) hits.hidden = false; });
    hits.addEventListener("htmx:afterSwap", () => { hits.hidden = false; });
    document.body.addEventListener("htmx:responseError", (event) => {
      if (event.target !== find) return;
      hits.hidden = false;
      hits.textContent = document.documentElement.lang.startsWith("en") ? "Search failed. Press Enter to try again." : "查找失败，按回车重试。";
    });
    find.form.addEventListener("submit", (event) => {
      if (composing) event.preventDefault();
    });
    const stops = () => [find, ...hits.querySelectorAll("[data-hit]")];
    const move = (event) => {
      if (event.isComposing || composing) return;
      const at = stops().indexOf(document.activeElement);
      if (event.key === "Escape") { close(); find.blur(); }
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step || at < 0 || hits.hidden) return;
      event.preventDefault();
      const all = stops();
      all[(at + step + all.length) % all.length].focus();
    };
    find.addEventListener("keydown", move);
    hits.addEventListener("keydown", move);
    document.addEventListener("click", (event) => {
      if (!hits.contains(event.target) && event.target !== find) close();
    });
    document.addEventListener("keydown", (event) => {
      const asked = (event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !typing(event.target));
      if (!asked || event.isComposing) return;
      event.preventDefault();
      find.focus();
      find.select();
    });
  }

  // ---- j and k walk over the rows of a list; Enter opens the one in focus ----
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const step = { j: 1, k: -1 }[event.key];
    const rows = step ? [...document.querySelectorAll("[data-row]")] : [];
    if (!rows.length) return;
    event.preventDefault();
    const at = rows.indexOf(document.activeElement);
    rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + step))].focus();
  });

  // ---- forms ----
  for (const box of document.querySelectorAll("[data-offset]")) box.value = -new Date().getTimezoneOffset();
  const two = (n) => String(n).padStart(2, "0");
  for (const box of document.querySelectorAll("form[data-now] [data-local-time]")) {
    if (box.value) continue;
    const t = new Date();
    box.value = `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())}T${two(t.getHours())}:${two(t.getMinutes())}`;
  }
  const filled = (row) => [...row.querySelectorAll("input")].some((el) => el.value) || row.querySelector(".is-invalid");
  for (const set of document.querySelectorAll("[data-rowset]")) {
    const rows = [...set.querySelectorAll("[data-rowset-row]")];
    const last = rows.findLastIndex(filled);
    rows.forEach((row, index) => { row.hidden = index > Math.max(last, 0); });
    const more = document.createElement("button");
    more.type = "button";
    more.className = "btn btn-sm";
    more.textContent = set.dataset.rowset;
    const next = () => rows.find((row) => row.hidden);
    more.hidden = !next();
    more.addEventListener("click", () => {
      const row = next();
      row.hidden = false;
      more.hidden = !next();
      row.querySelector("select, input").focus();
    });
    set.append(more);
  }
  const order = document.querySelector("form[data-draft]");
  if (order) {
    const line = order.querySelector("[name=line]");
    const fit = () => {
      for (const part of order.querySelectorAll("[data-lines]")) part.hidden = part.dataset.lines !== line.value && !filled(part);
    };
    line.addEventListener("change", fit);
    fit();
    const kept = document.querySelector("[data-kept]");
    let waiting;
    const keep = async () => {
      const answer = await fetch(order.dataset.draft, { method: "POST", body: new URLSearchParams(new FormData(order)) }).catch(() => null);
      if (!answer || !answer.ok) return;
      const t = new Date();
      kept.textContent = `${kept.dataset.words} ${two(t.getHours())}:${two(t.getMinutes())}`;
    };
    order.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(keep, 1200); });
    order.addEventListener("submit", () => clearTimeout(waiting));
  }
  // News that comes in live leaves open what was opened.
  let opened = [];
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    opened = [...event.detail.target.querySelectorAll("details[open][id]")].map((part) => part.id);
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    for (const id of opened) { const part = document.getElementById(id); if (part) part.open = true; }
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#event-']");
    const row = link && document.querySelector(link.getAttribute("href"));
    if (row) row.closest("details").open = true;
  });
})();
