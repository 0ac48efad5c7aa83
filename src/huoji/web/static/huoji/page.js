// What JavaScript adds to any page: times in the reader's zone, ages that stay true, copy buttons, live refresh.
(() => {
  "use strict";
  const english = document.documentElement.lang.startsWith("en");
  const two = (n) => String(n).padStart(2, "0");

  const age = (at) => {
    const minutes = Math.round((Date.now() - at) / 60000);
    const ahead = minutes < 0;
    const m = Math.abs(minutes);
    const [n, zh, en] = m < 60 ? [m, "分钟", "min"] : m < 1440 ? [Math.floor(m / 60), "小时", "h"] : [Math.floor(m / 1440), "天", "d"];
    if (m === 0) return english ? "just now" : "刚刚";
    if (english) return ahead ? `in ${n} ${en}` : `${n} ${en} ago`;
    return ahead ? `${n} ${zh}后` : `${n} ${zh}前`;
  };

  // <time datetime="…Z" data-t="s|m"> holds a clock time; day-precise times carry no data-t and stay as told.
  const local = (root) => {
    const zone = Number(document.body.dataset.offset || 480);
    for (const el of root.querySelectorAll("time[data-t]")) {
      const at = new Date(el.getAttribute("datetime"));
      if (-at.getTimezoneOffset() === zone) continue;
      const year = at.getFullYear() === new Date().getFullYear() ? "" : `${at.getFullYear()}-`;
      el.textContent = `${year}${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
    }
    for (const el of root.querySelectorAll("[data-zone-note]")) {
      if (-new Date().getTimezoneOffset() !== zone) el.textContent = el.dataset.zoneNote;
    }
  };
  const ages = (root) => {
    for (const el of root.querySelectorAll("[data-age]")) el.textContent = age(Date.parse(el.dataset.age));
  };
  const refresh = (root) => { local(root); ages(root); };

  refresh(document);
  setInterval(() => ages(document), 30000);
  document.addEventListener("htmx:afterSettle", (event) => refresh(event.detail.elt));

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.querySelector("[data-copied]").textContent = button.dataset.done;
  });
  for (const el of document.querySelectorAll("[data-needs-js]")) el.hidden = false;

  // One stream a page: an id arrives, the fragment is read again through its own permission.
  const live = document.querySelector("[data-live-url]");
  if (live && window.EventSource) {
    const stream = new EventSource(`${live.dataset.liveUrl}?token=${encodeURIComponent(live.dataset.liveToken)}`);
    let waiting;
    stream.addEventListener("message", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => htmx.trigger(live, "hj:changed"), 200);
    });
  }
})();
