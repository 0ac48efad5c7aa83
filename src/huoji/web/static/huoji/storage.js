// The scan page of the warehouse: a scanner that types, one field that keeps the focus, and a queue that outlives the network.
(() => {
  "use strict";
  const form = document.querySelector("[data-storage]");
  if (!form) return;
  const setup = JSON.parse(document.getElementById("storage-setup").textContent);
  const words = setup.words;
  const queue = hjQueue(setup);
  const { number, location: shelf, site, count } = form.elements;
  const tabs = [...document.querySelectorAll("[data-verb]")];
  const list = document.querySelector("[data-scans]");
  const last = document.querySelector("[data-last]");
  const status = document.querySelector("[data-queue-state]");
  const KEPT = "huoji-storage-set"; // where one stands, and what one does there, outlives the page
  const SHOWN = 30;
  const TWICE_MS = 3000;
  const PREFIX = "LOC:";
  let before = { key: "", at: 0 };

  document.querySelector("[data-queue]").hidden = false;
  const verb = () => form.elements.verb.value;

  const remember = () => localStorage.setItem(KEPT, JSON.stringify({ verb: verb(), site: site.value, shelf: shelf.value }));
  const choose = (value) => {
    form.elements.verb.value = value;
    for (const tab of tabs) {
      const on = tab.dataset.verb === value;
      tab.classList.toggle("btn-primary", on);
      if (on) tab.setAttribute("aria-current", "true"); else tab.removeAttribute("aria-current");
    }
    for (const row of form.querySelectorAll("[data-for]")) row.hidden = !row.dataset.for.split(" ").includes(value);
    form.querySelector("[data-do]").textContent = setup.verbs[value];
    sheets();
    remember();
  };
  // Only the sheets of the site where one stands.
  const sheets = () => {
    for (const option of count.options) option.hidden = Boolean(option.dataset.site) && option.dataset.site !== site.value;
    if (count.selectedOptions[0]?.hidden) count.value = "";
  };

  const shelfOf = (text) => {
    const code = text.trim().toUpperCase();
    if (code.startsWith(PREFIX)) return code.slice(PREFIX.length).trim();
    return (setup.shelves[site.value] ?? []).includes(code) ? code : "";
  };
  const isShelf = (code) => (setup.shelves[site.value] ?? []).includes(code);

  const say = (text, kind) => {
    last.textContent = text;
    last.dataset.tone = kind;
    hjBeep(kind);
  };

  const fault = (text) => {
    if (!site.value) return words.noSite;
    if (["locate", "move"].includes(verb()) && !shelf.value.trim()) return words.noShelf;
    if (!form.querySelector("#st-shelf").closest("[hidden]") && shelf.value.trim() && !isShelf(shelfOf(shelf.value) || shelf.value.trim().toUpperCase())) return words.badShelf;
    if (verb() === "count" && !count.value) return words.noSheet;
    if (!text) return words.noNumber;
    if (verb() === "anomaly" && form.elements.photo.files.length > setup.photos) return words.photos;
    return "";
  };

  const scan = async () => {
    const text = number.value.trim();
    number.value = ""; // at once: the next beep may follow
    const asShelf = verb() === "out" || verb() === "anomaly" ? (text.toUpperCase().startsWith(PREFIX) ? "-" : "") : shelfOf(text);
    if (asShelf) {
      if (asShelf === "-" || !isShelf(asShelf)) return say(words.badShelf, "bad");
      shelf.value = asShelf;
      remember();
      return say(`${words.shelf} ${asShelf}`, "good");
    }
    const wrong = fault(text);
    if (wrong) {
      number.value = text;
      number.select();
      return say(wrong, "bad");
    }
    const row = { verb: verb(), number: text.toUpperCase(), site: site.value };
    if (["in", "locate", "move", "count"].includes(row.verb) && shelf.value.trim()) row.location = shelfOf(shelf.value) || shelf.value.trim().toUpperCase();
    if (row.verb === "out") row.next_site = form.elements.next_site.value;
    if (row.verb === "count") row.count = count.value;
    if (row.verb === "anomaly") {
      Object.assign(row, { kind: form.elements.kind.value, pieces: form.elements.pieces.value, note: form.elements.note.value, photos: [...form.elements.photo.files] });
    }
    const key = JSON.stringify([row.verb, row.number, row.site, row.location, row.count]);
    if (row.verb !== "anomaly" && key === before.key && Date.now() - before.at < TWICE_MS) return say(`${row.number} ${words.again}`, "odd");
    before = { key, at: Date.now() };
    try {
      await queue.add(row);
    } catch {
      number.value = text;
      return say(words.lost, "bad");
    }
    if (row.verb === "anomaly") for (const name of ["pieces", "note", "photo"]) form.elements[name].value = "";
    return say(`${row.number} ${setup.verbs[row.verb]}${row.location ? ` ${row.location}` : ""}`, "good");
  };

  const age = (at) => {
    const minutes = Math.floor((Date.now() - Date.parse(at)) / 60000);
    if (minutes < 1) return words.now;
    return minutes < 60 ? `${minutes} ${words.minutes}` : `${Math.floor(minutes / 60)} ${words.hours}`;
  };
  const clock = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });

  const make = (tag, text, name) => {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    if (name) element.className = name;
    return element;
  };
  const line = (row) => {
    const item = make("li");
    item.dataset.state = row.undone ? "undone" : row.state;
    const what = make("span");
    const name = row.state === "done" ? make("a", row.number, "hj-number") : make("strong", row.number, "hj-number");
    if (row.state === "done") name.href = row.url || setup.goods.replace(/-$/, encodeURIComponent(row.number).replaceAll("%2F", "/"));
    what.append(name, ` ${setup.verbs[row.verb] ?? ""} `);
    if (row.location) what.append(make("span", row.location, "hj-number"), " ");
    const flags = (row.flags ?? []).map((flag) => setup.flags[flag] ?? flag);
    const says = row.undone ? words.undone : row.state === "done" ? [words.done, ...flags, ...(row.known === false ? [words.unknown] : [])].join(" · ")
      : row.state === "refused" ? `${words.refused}：${row.text}` : words.waiting;
    const note = make("small", `${clock(row.at)} · ${says}`, "d-block");
    what.append(note);
    item.dataset.tone = row.state === "refused" ? "bad" : flags.length || row.known === false ? "odd" : row.state === "waiting" ? "wait" : "good";
    item.append(what);
    if (row.undone) return item;
    const button = make("button", row.state === "refused" ? words.drop : words.undo, "btn btn-sm");
    button.type = "button";
    button.append(make("span", ` ${row.number}`, "hj-hidden"));
    button.addEventListener("click", () => { if (row.state === "refused") queue.drop(row.id); else queue.undo(row); number.focus(); });
    if (row.verb !== "anomaly" || row.state === "refused") item.append(button);
    return item;
  };

  let drawing = false;
  let again = false;
  const draw = async () => {
    if (drawing) { again = true; return; }
    drawing = true;
    do {
      again = false;
      const rows = await queue.all();
      const waiting = rows.filter((row) => row.state === "waiting" && row.who === setup.who);
      const others = rows.some((row) => row.state === "waiting" && row.who !== setup.who);
      const refused = rows.filter((row) => row.state === "refused").length;
      const troubles = { offline: words.offline, signin: words.signin, forbidden: words.forbidden, broken: queue.message() || words.broken };
      const parts = [];
      if (waiting.length) parts.push(`${words.waitingN.replace("{n}", waiting.length)} · ${words.oldest} ${age(waiting[0].at)}`);
      else parts.push(words.all);
      if (refused) parts.push(words.refusedN.replace("{n}", refused));
      if (waiting.length && troubles[queue.state()]) parts.push(troubles[queue.state()]);
      if (others) parts.push(words.others);
      status.textContent = parts.join(" · ");
      status.parentNode.dataset.tone = refused ? "bad" : waiting.length ? "odd" : "good";
      document.querySelector("[data-queue-signin]").hidden = !(waiting.length && queue.state() === "signin");
      const shown = rows.filter((row) => row.verb !== "undo" && row.who === setup.who);
      const first = shown.filter((row) => row.state === "refused");
      const rest = shown.filter((row) => row.state !== "refused").reverse().slice(0, SHOWN);
      list.replaceChildren(...[...first.reverse(), ...rest].map(line));
    } while (again);
    drawing = false;
  };

  form.addEventListener("submit", (event) => { event.preventDefault(); scan().finally(() => number.focus()); });
  for (const tab of tabs) tab.addEventListener("click", (event) => { event.preventDefault(); choose(tab.dataset.verb); number.focus(); });
  for (const field of [site, count, form.elements.next_site, form.elements.kind]) field.addEventListener("change", () => { sheets(); remember(); number.focus(); });
  shelf.addEventListener("change", () => { shelf.value = shelfOf(shelf.value) || shelf.value.trim().toUpperCase(); remember(); });
  shelf.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); shelf.dispatchEvent(new Event("change")); number.focus(); } });
  form.querySelector("[data-clear]").addEventListener("click", () => { shelf.value = ""; remember(); number.focus(); });
  document.querySelector("[data-queue-send]").addEventListener("click", () => { queue.send(); number.focus(); });
  // A scanner types wherever the focus is: outside of a field it belongs into the number.
  document.addEventListener("keydown", (event) => {
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName)) number.focus();
  });

  const asked = new URLSearchParams(location.search);
  const kept = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
  if (!site.value && kept.site && [...site.options].some((option) => option.value === kept.site)) site.value = kept.site;
  if (!asked.has("verb") && !shelf.value && kept.shelf && isShelf(kept.shelf)) shelf.value = kept.shelf;
  choose(asked.get("verb") && setup.verbs[asked.get("verb")] ? asked.get("verb") : setup.verbs[kept.verb] ? kept.verb : verb());
  queue.listen(draw);
  draw();
  queue.send();
  setInterval(draw, 15000);
  number.focus();

  // The worker lets this page open again without a network.
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register(setup.worker, { scope: setup.page }).then(async () => {
      const ready = await navigator.serviceWorker.ready;
      const files = performance.getEntriesByType("resource").map((entry) => entry.name).filter((name) => new URL(name).pathname.startsWith("/static/"));
      ready.active.postMessage({ keep: [setup.page, ...new Set(files)] });
    }).catch(() => { /* without https there is none: the queue works all the same, only a reload needs the network */ });
  }
})();
