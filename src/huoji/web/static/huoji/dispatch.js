// The dispatch map: reads the whole scene once and what moved afterwards, at most once a second; filters, finds, follows, replays.
(() => {
  "use strict";
  const root = document.getElementById("dispatch");
  if (!root || !window.L) return;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const [urls, limits, words, sites] = ["hj-urls", "hj-limits", "hj-words", "hj-sites"].map(read);
  const by = (id) => document.getElementById(id);
  const [box, note, rows, count, panel, filter, live] = ["hj-map", "hj-note", "hj-rows", "hj-count", "hj-object", "hj-filter", "hj-live"].map(by);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const said = (text, values) => text.replace(/{(\w+)}/g, (_, name) => values[name]);
  const counted = ([one, more], n, values) => said(n === 1 ? one : more, values);
  const ROWS_STEP = 100, KM_PER_NM = 1.852, PULL_MS = 1000, WHOLE_MS = 60000, OFFLINE_MS = 15000, MOVING_KMH = 3, PANEL_MS = 10000;
  const TONES = ["--hj-good", "--hj-warn", "--hj-bad", "--hj-calm"];
  const ages = [limits.vehicle, limits.vessel];
  const known = new Map();
  let alarms = {}, skew = 0, since = 0, selected = 0, following = false, panelAt = 0, loaded = false, notice = "", rowsMost = ROWS_STEP;

  // ---- the map ----
  const map = L.map(box, { preferCanvas: true, zoomAnimation: false, minZoom: 2, maxZoom: 18, worldCopyJump: true, attributionControl: Boolean(root.dataset.credit) });
  map.setView([33, 112], 4);
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  let landLayer = null;
  const land = async () => {
    if (root.dataset.tiles) {
      L.tileLayer(root.dataset.tiles, { maxZoom: 18, attribution: root.dataset.credit || "" }).addTo(map);
      return;
    }
    const told = await (await fetch(urls.land)).json();
    landLayer = L.geoJSON(HuojiLand(topojson.feature(told, told.objects.land)), { interactive: false }).addTo(map);
    paintLand();
  };
  const paintLand = () => landLayer && landLayer.setStyle({ color: colour("--hj-track"), weight: 1, fillColor: colour("--hj-card"), fillOpacity: 1 });
  const speedOf = (one) => (one.kind ? said(words.knots, { speed: Math.round(one.speed / KM_PER_NM) }) : said(words.speed, { speed: one.speed }));
  const describe = (one) => [one.number, words.freshness[one.fresh], one.speed >= 0 ? speedOf(one) : "", one.alarms ? counted(words.alarms, one.alarms, { n: one.alarms }) : ""].filter(Boolean).join(" · ");
  const scene = new HuojiScene({ sites, describe, onPick: (id) => select(id) });
  scene.addTo(map);
  const drawn = { route: L.layerGroup().addTo(map), track: L.layerGroup().addTo(map) };
  new MutationObserver(() => { paintLand(); scene.paint(); }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
  window.huojiDispatch = { map, scene, known };  // for whoever measures or tests

  // ---- what is known ----
  const now = () => Date.now() / 1000 + skew;
  const age = (one) => { const old = now() - one.at; one.fresh = old <= ages[one.kind][0] ? 0 : old <= ages[one.kind][1] ? 1 : 2; };
  const take = (told, whole) => {
    skew = told.now - Date.now() / 1000;
    since = told.now;
    alarms = told.alarms;
    const columns = told.columns;
    const fresh = new Set();
    columns.id.forEach((id, i) => {
      const lat = columns.lat[i] / 1e5;
      const lon = columns.lon[i] / 1e5;
      const [x, y] = HuojiWorld(lat, lon);
      const one = known.get(id) || { id };
      Object.assign(one, { kind: columns.kind[i], number: columns.number[i], lat, lon, x, y, at: columns.at[i], speed: columns.speed[i], course: columns.course[i],
        load: columns.load[i], risk: columns.risk[i], off: columns.off[i], site: columns.site[i], run: columns.run[i], ask: columns.ask[i], moving: columns.speed[i] > MOVING_KMH });
      one.find = one.number.toLowerCase();
      known.set(id, one);
      fresh.add(id);
    });
    if (whole) for (const id of [...known.keys()]) if (!fresh.has(id)) known.delete(id);
    for (const one of known.values()) { one.alarms = alarms[one.id] || 0; age(one); }
    refresh();
    if (selected && fresh.has(selected)) moved(known.get(selected));
  };
  let tag = "";
  const get = async (url, headers) => {
    const answer = await fetch(url, { headers: { Accept: "application/json", ...headers }, credentials: "same-origin", cache: "no-store" });
    if (answer.redirected || answer.status === 401) { location.reload(); throw new Error("signed out"); }
    if (!answer.ok && answer.status !== 304) throw new Error(String(answer.status));
    return answer;
  };
  const whole = async () => {
    try {
      const answer = await get(urls.objects, tag ? { "If-None-Match": tag } : {});
      if (answer.status === 304) return;
      tag = answer.headers.get("ETag") || "";
      take(await answer.json(), true);
      if (!loaded) { loaded = true; fit(); arrive(); }
    } catch { say(loaded ? "" : words.failed); if (!loaded) setTimeout(whole, 5000); }
  };
  let pulling = false, waiting = 0;
  const pull = async () => {
    waiting = 0;
    if (pulling || !since) { soon(); return; }
    pulling = true;
    try { take(await (await get(`${urls.moved}?since=${since}`)).json(), false); } catch { /* the next one asks again */ }
    pulling = false;
  };
  // However many notices come, one look a second; none while nobody looks.
  const soon = () => { if (!waiting && !document.hidden) waiting = setTimeout(pull, PULL_MS); };
  document.addEventListener("visibilitychange", soon);

  const state = (word) => { live.dataset.state = word; };
  const listen = async () => {
    let token;
    try { token = (await (await get(urls.token)).json()).token; } catch { state("offline"); setTimeout(listen, OFFLINE_MS); return; }
    const stream = new EventSource(`${urls.live}?token=${encodeURIComponent(token)}`);
    stream.addEventListener("open", () => { state("live"); soon(); });
    stream.addEventListener("message", soon);
    stream.addEventListener("renew", () => { stream.close(); listen(); });
    stream.addEventListener("error", () => {
      state("offline");
      if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 5000 + Math.random() * 10000);
    });
  };
  setInterval(() => { if (!document.hidden) whole(); }, WHOLE_MS);
  setInterval(() => {
    if (live.dataset.state === "offline") soon();
    for (const one of known.values()) age(one);
    refresh();
  }, OFFLINE_MS);

  // ---- filter and list ----
  for (const [id, name] of sites) filter.elements.site.append(new Option(name, id));
  const passes = () => {
    const given = Object.fromEntries(new FormData(filter));
    const text = given.text.trim().toLowerCase();
    const is = (name, value) => given[name] === "" || Number(given[name]) === value;
    filter.querySelector("#hj-filters-on").textContent = ["kind", "fresh", "load", "risk", "site", "alarm"].filter((name) => given[name]).length || "";
    return (one) => (!text || one.find.includes(text) || one.id === selected) && is("kind", one.kind) && is("fresh", one.fresh) && is("load", one.load)
      && is("risk", one.risk) && is("site", one.site) && (!given.alarm || one.alarms > 0);
  };
  const weight = (one) => (one.alarms ? 8 : 0) + (one.off ? 4 : 0) + (one.risk === 3 ? 4 : one.risk === 2 ? 2 : 0) + (one.fresh === 2 ? 1 : one.fresh === 1 ? 0.5 : 0);
  const shownNow = () => { const test = passes(); return [...known.values()].filter(test); };
  let listed = "";
  let drawnRows = new Map();  // a row that says the same is kept as it is: thousands may be listed
  const more = document.createElement("li");
  more.className = "hj-scene-more";
  more.append(Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm", textContent: words.more }));
  const refresh = () => {
    const shown = shownNow();
    scene.show(shown);
    count.textContent = loaded || known.size ? said(words.count, { shown: Math.min(shown.length, rowsMost), all: shown.length }) : count.textContent;
    say(!known.size ? words.empty : !shown.length ? notice || words.none : notice);
    const first = shown.sort((a, b) => weight(b) - weight(a) || (a.find < b.find ? -1 : 1)).slice(0, rowsMost);
    const says = first.map((one) => [one.id, one.number, one.kind, one.fresh, one.alarms, one.risk, one.off, one.load, Math.round(one.speed / 5), one.id === selected].join());
    const told = `${says.join("|")} ${shown.length}`;
    if (told === listed) return;
    listed = told;
    const [at, top] = [rows.contains(document.activeElement) ? document.activeElement.dataset.id : "", rows.scrollTop];
    const before = drawnRows;
    drawnRows = new Map(says.map((text, i) => [text, before.get(text) || row(first[i])]));
    rows.replaceChildren(...drawnRows.values(), ...(shown.length > first.length ? [more] : []));
    rows.scrollTop = top;
    enter(at ? Number(at) : selected);
    const again = at && rows.querySelector(`[data-id="${at}"]`);
    if (again) again.focus({ preventScroll: true });
  };
  // The list grows as one comes to its end, by scrolling, by key or by its button.
  const grow = () => { rowsMost += ROWS_STEP; refresh(); };
  new IntersectionObserver((seen) => { if (seen.some((one) => one.isIntersecting)) grow(); }, { root: rows, rootMargin: "200px" }).observe(more);
  more.addEventListener("click", () => {
    const last = more.previousElementSibling;
    grow();
    (last.nextElementSibling || last).firstElementChild.focus();
  });
  const narrow = () => { notice = ""; rowsMost = ROWS_STEP; rows.scrollTop = 0; refresh(); };
  // One stop for Tab however long the list is; arrows walk in it.
  const buttons = () => [...rows.querySelectorAll("[data-row]")];
  const enter = (id) => {
    const all = buttons();
    const stop = all.find((one) => Number(one.dataset.id) === id) || all[0];
    for (const one of all) one.tabIndex = one === stop ? 0 : -1;
  };
  rows.addEventListener("focusin", (event) => {
    const at = event.target.closest("[data-row]");
    if (!at) return;
    enter(Number(at.dataset.id));
    if (at.parentElement.nextElementSibling === more) grow();
  });
  rows.addEventListener("keydown", (event) => {
    const all = buttons();
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (at < 0 || to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    all[Math.max(0, Math.min(all.length - 1, to))].focus();
  });
  const icon = (name) => {
    const mark = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    mark.setAttribute("class", "icon");
    mark.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${document.querySelector(".hj-live use").getAttribute("href").split("#")[0]}#${name}`);
    mark.append(use);
    return mark;
  };
  const row = (one) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.id = one.id;
    button.dataset.row = "";
    if (one.id === selected) button.setAttribute("aria-current", "true");
    button.style.setProperty("--c", `var(${TONES[one.fresh]})`);
    button.style.setProperty("--i", `var(${TONES[one.alarms ? 2 : one.fresh]})`);
    const facts = [one.moving ? speedOf(one) : "", one.alarms ? counted(words.alarms, one.alarms, { n: one.alarms }) : "", one.off ? words.off : "", one.risk > 1 ? words.risks[one.risk] : "", one.load ? words.loads[one.load] : ""];
    button.append(
      icon(one.alarms ? "bell" : one.kind ? "ship" : "truck"), Object.assign(document.createElement("b"), { textContent: one.number }),
      Object.assign(document.createElement("span"), { className: "hj-state-word", textContent: words.freshness[one.fresh] }),
      Object.assign(document.createElement("small"), { textContent: facts.filter(Boolean).join(" · ") || words.kinds[one.kind] }),
    );
    item.append(button);
    return item;
  };
  const say = (text) => { note.textContent = text; note.hidden = !text; };
  const fit = () => {
    // Lorries first: six ships on two oceans would make the whole country a dot.
    const [lorries, ships] = [0, 1].map((kind) => [...known.values()].filter((one) => one.kind === kind));
    const all = lorries.length ? lorries : ships;
    if (all.length) map.fitBounds(L.latLngBounds(all.map((one) => [one.lat, one.lon])).pad(0.1), { maxZoom: 9 });
  };
  rows.addEventListener("click", (event) => { const hit = event.target.closest("[data-id]"); if (hit) select(Number(hit.dataset.id), true); });
  filter.addEventListener("input", narrow);
  filter.addEventListener("reset", () => setTimeout(narrow));
  filter.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = filter.elements.text.value.trim();
    if (!text) return;
    const shown = shownNow();
    if (shown.length) { select(shown.find((one) => one.find === text.toLowerCase())?.id || shown[0].id, true); return; }
    const { conveyance } = await (await get(`${urls.find}?text=${encodeURIComponent(text)}`)).json();
    if (conveyance && known.has(conveyance)) { select(conveyance, true); refresh(); } else say(notice = said(words.found, { text }));
  });

  // ---- one object ----
  const select = (id, focus, isFollowed = false) => {
    selected = id;
    scene.selected = id;
    following = isFollowed;
    notice = "";
    address(id);
    for (const layer of Object.values(drawn)) layer.clearLayers();
    const one = known.get(id);
    if (one) map.setView([one.lat, one.lon], Math.max(map.getZoom(), 8), { animate: false });
    show(focus);
    refresh();
  };
  // The address tells what is selected, so that it can be sent to a colleague and found again on the way back.
  const address = (id) => {
    const asked = new URLSearchParams(location.search);
    if (id) asked.set("conveyance", id); else asked.delete("conveyance");
    history.replaceState(null, "", `${location.pathname}${asked.size ? `?${asked}` : ""}`);
  };
  const arrive = () => {
    const id = Number(new URLSearchParams(location.search).get("conveyance"));
    if (known.has(id)) select(id, true, true);
    else if (id) say(notice = words.nowhere);
  };
  const show = (focus) => {
    panelAt = Date.now();
    htmx.ajax("GET", urls.object.replace(/0$/, selected), { target: panel, swap: "innerHTML" }).then(() => { if (focus) panel.focus({ preventScroll: true }); });
  };
  const close = () => {
    const id = selected;
    selected = scene.selected = 0;
    following = false;
    address(0);
    panel.hidden = true;
    panel.replaceChildren();
    for (const layer of Object.values(drawn)) layer.clearLayers();
    refresh();
    (rows.querySelector(`[data-id="${id}"]`) || box).focus({ preventScroll: true });
  };
  const moved = (one) => {
    if (following) map.panTo([one.lat, one.lon], { animate: false });
    const busy = panel.contains(document.activeElement) && document.activeElement !== panel;
    if (!busy && !panel.querySelector("details[open]") && Date.now() - panelAt > PANEL_MS) show(false);
  };
  // Longitudes that go on over the antimeridian, so that no line runs round the world.
  const unwrapped = (line) => line.reduce((done, [lat, lon]) => {
    const before = done.length ? done[done.length - 1][1] : lon;
    done.push([lat, lon + Math.round((before - lon) / 360) * 360]);
    return done;
  }, []);
  const route = () => {
    drawn.route.clearLayers();
    const told = panel.querySelector("#hj-route");
    if (!told) return;
    const { path, corridor } = JSON.parse(told.textContent);
    if (path.length < 2) return;
    const line = unwrapped(path);
    const metres = 40075016 * Math.cos(line[0][0] * Math.PI / 180) / (256 * 2 ** map.getZoom());
    L.polyline(line, { color: colour("--hj-link"), weight: Math.min(Math.max(2 * corridor / metres, 8), 120), opacity: 0.14, interactive: false }).addTo(drawn.route);
    L.polyline(line, { color: colour("--hj-link"), weight: 2, dashArray: "6 6", interactive: false }).addTo(drawn.route);
  };
  map.on("zoomend", () => { if (selected) route(); });
  const local = (at) => new Date(at - new Date(at).getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target === panel && event.detail.xhr.status === 422) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== panel) return;
    panel.hidden = !selected;
    for (const field of panel.querySelectorAll("[data-offset]")) field.value = -new Date().getTimezoneOffset();
    const [from, until] = ["since", "until"].map((name) => panel.querySelector(`[name=${name}]`));
    if (from) { from.value = local(Date.now() - 24 * 3600e3); until.value = local(Date.now()); }
    follow(following);
    route();
  });
  const follow = (is) => {
    following = is;
    const button = panel.querySelector("[data-follow]");
    if (!button) return;
    button.setAttribute("aria-pressed", String(is));
    button.textContent = is ? words.following : words.follow;
    const one = known.get(selected);
    if (is && one) map.panTo([one.lat, one.lon], { animate: false });
  };
  panel.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) close();
    else if (event.target.closest("[data-follow]")) follow(!following);
    else if (event.target.closest("[data-clear]")) { drawn.track.clearLayers(); event.target.hidden = true; panel.querySelector("[data-replayed]").textContent = ""; }
  });
  // In the panel j and k go on to the row below or above, as they do in the list.
  panel.addEventListener("keydown", (event) => {
    const step = { j: 1, k: -1 }[event.key];
    if (!step || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    event.preventDefault();
    event.stopPropagation();
    const all = buttons();
    const to = all[all.findIndex((one) => Number(one.dataset.id) === selected) + step];
    if (!to) return;
    to.scrollIntoView({ block: "nearest" });
    select(Number(to.dataset.id), true);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && selected && !event.target.closest("#hj-find, input, textarea")) close();
  });

  // ---- replay: what was seen as lines, what was not as nothing but its two ends ----
  const clock = new Intl.DateTimeFormat(document.documentElement.lang, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const between = (span) => clock.formatRange(span.from * 1000, span.to * 1000);
  panel.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-replay]");
    if (!form) return;
    event.preventDefault();
    const told = form.querySelector("[data-replayed]");
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" } });
    const found = await answer.json().catch(() => ({}));
    if (!answer.ok) { told.textContent = found.detail || found.title || words.failed; return; }
    drawn.track.clearLayers();
    for (const line of found.lines) L.polyline(unwrapped(line), { color: colour("--hj-good"), weight: 4, interactive: false }).addTo(drawn.track);
    for (const gap of found.gaps) {
      for (const end of gap.ends) L.circleMarker(end, { radius: 4, color: colour("--hj-bad"), weight: 2, fillColor: colour("--hj-card"), fillOpacity: 1 }).bindTooltip(said(words.gap, { when: between(gap) })).addTo(drawn.track);
    }
    for (const stop of found.stops) L.circleMarker(stop.at, { radius: 5, color: colour("--hj-warn"), weight: 2, fillOpacity: 0.3 }).bindTooltip(said(words.stop, { when: between(stop) })).addTo(drawn.track);
    const all = found.lines.flat();
    if (all.length) map.fitBounds(L.latLngBounds(all).pad(0.1), { animate: false });
    told.textContent = counted(words.replayed, found.gaps.length, { km: found.km, gaps: found.gaps.length }) + (found.cut ? ` ${words.cut}` : "");
    form.querySelector("[data-clear]").hidden = false;
  });

  land();
  whole().then(listen);
})();
