// What JavaScript adds to any page: times in the reader's zone, ages that stay true, copy buttons, live refresh.
(() => {
  "use strict";
  const english = document.documentElement.lang.startsWith("en");
  const two = (n) => String(n).padStart(2, "0");

  // The same words as core/wording.py: minutes, hours up to two days, days up to a hundred, months up to two years, years.
  const UNITS = [[60, 1, "分钟", "min"], [2880, 60, "小时", "h"], [144000, 1440, "天", "days"], [1051920, 43830, "个月", "months"], [Infinity, 525960, "年", "years"]];
  const age = (at) => {
    const minutes = Math.round((Date.now() - at) / 60000);
    const m = Math.abs(minutes);
    if (m === 0) return english ? "just now" : "刚刚";
    const [, unit, zh, en] = UNITS.find(([below]) => m < below);
    const n = Math.floor(m / unit);
    if (english) return minutes < 0 ? `in ${n} ${en}` : `${n} ${en} ago`;
    return `${n} ${zh}${minutes < 0 ? "后" : "前"}`;
  };

  // <time data-t> holds a clock time in the carrier's zone; a time that is only a day has no data-t and stays as told.
  const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
  const clock = (at) => {
    const other = at.getFullYear() === new Date().getFullYear() ? "" : at.getFullYear();
    const day = english
      ? `${at.getDate()} ${MONTHS[at.getMonth()]}${other && ` ${other}`}`
      : `${other && `${other}-`}${two(at.getMonth() + 1)}-${two(at.getDate())}`;
    return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
  };
  const offset = () => {
    const minutes = -new Date().getTimezoneOffset();
    const rest = Math.abs(minutes) % 60;
    return `UTC${minutes < 0 ? "-" : "+"}${Math.floor(Math.abs(minutes) / 60)}${rest ? `:${two(rest)}` : ""}`;
  };
  const local = (root) => {
    for (const el of root.querySelectorAll("time[data-t]")) {
      const at = clock(new Date(el.getAttribute("datetime")));
      const since = el.dataset.since && clock(new Date(el.dataset.since));  // the end of an interval says its day only where it is another
      el.textContent = !since ? at : since.slice(0, -5) === at.slice(0, -5) ? `–${at.slice(-5)}` : ` – ${at}`;
    }
    for (const el of root.querySelectorAll("[data-zone]")) el.textContent = offset();
  };
  const ages = (root) => {
    for (const el of root.querySelectorAll("[data-age]")) el.textContent = age(Date.parse(el.dataset.age));
  };
  const strips = (root) => {
    for (const el of root.querySelectorAll(".hj-route .current")) {
      el.parentNode.scrollLeft = el.offsetLeft - el.parentNode.offsetLeft - (el.parentNode.clientWidth - el.clientWidth) / 2;
    }
    for (const el of root.querySelectorAll("[data-needs-js]")) el.hidden = false;
    for (const el of root.querySelectorAll(".hj-table-box")) {  // what scrolls must be reached by keyboard
      if (el.scrollWidth > el.clientWidth) el.tabIndex = 0;
    }
  };
  const refresh = (root) => { local(root); ages(root); strips(root); };

  refresh(document);
  setInterval(() => ages(document), 30000);
  document.addEventListener("htmx:afterSettle", (event) => refresh(event.detail.elt));

  document.addEventListener("click", async (event) => {
    if (event.target.closest("[data-print]")) window.print();
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.querySelector(".hj-wide").hidden = true;
    button.querySelector("[data-copied]").textContent = button.dataset.done;
  });
  // One stream a page: a topic arrives, the fragment is read again through its own permission. `renew` wants a new token,
  // which the fragment that comes back carries.
  const live = document.querySelector("[data-live-url]");
  const listen = () => {
    const token = live.querySelector("[data-live-token]").dataset.liveToken;
    const stream = new EventSource(`${live.dataset.liveUrl}?token=${encodeURIComponent(token)}`);
    let waiting;
    stream.addEventListener("message", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => htmx.trigger(live, "hj:changed"), 200);
    });
    const renew = () => {
      stream.close();
      live.addEventListener("htmx:afterSettle", listen, { once: true });
      htmx.trigger(live, "hj:changed");
    };
    stream.addEventListener("renew", renew);
    // Closed for good: a token that ended while the device slept, or a proxy that answers for a dead server.
    stream.addEventListener("error", () => {
      if (stream.readyState === EventSource.CLOSED) setTimeout(renew, 5000 + Math.random() * 10000);
    });
  };
  if (live && window.EventSource) listen();

  // A row that was opened before htmx was ready has told nobody: it is asked for now.
  document.addEventListener("DOMContentLoaded", () => {
    for (const row of document.querySelectorAll("details[open][hx-get]")) row.dispatchEvent(new Event("toggle"));
  });
})();
