// The route on a map of land alone (no borders, no tiles, nothing from outside), drawn when its card is first opened.
(() => {
  "use strict";
  const card = document.querySelector("[data-map]");
  if (!card) return;
  const load = (source) => new Promise((done, fail) => {
    document.head.append(Object.assign(document.createElement("script"), { src: source, onload: done, onerror: fail }));
  });
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const draw = async () => {
    document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: card.dataset.style }));
    await Promise.all(card.dataset.scripts.split(" ").map(load));
    const world = await (await fetch(card.dataset.land)).json();
    // Longitudes go on over the antimeridian, so that a voyage over the Pacific is not drawn over Europe.
    const points = JSON.parse(card.dataset.points).reduce((done, point) => {
      const before = done.length ? done[done.length - 1].lon : point.lon;
      done.push({ ...point, lon: point.lon + Math.round((before - point.lon) / 360) * 360 });
      return done;
    }, []);
    const map = L.map(card.querySelector(".hj-map"), { attributionControl: false, zoomControl: false, preferCanvas: true, maxZoom: 9 });
    const place = (point) => [point.lat, point.lon];
    map.fitBounds(L.latLngBounds(points.map(place)).pad(0.25), { maxZoom: points.length > 1 ? 9 : 5 });
    const land = HuojiLand(topojson.feature(world, world.objects.land));
    const seen = map.getBounds();
    for (const turn of [-360, 0, 360]) {
      if (seen.getWest() > 180 + turn || seen.getEast() < -180 + turn) continue;  // that copy of the world is out of sight
      L.geoJSON(land, {
        interactive: false, coordsToLatLng: ([lon, lat]) => L.latLng(lat, lon + turn),
        style: { color: colour("--hj-track"), weight: 1, fillColor: colour("--hj-card"), fillOpacity: 1 },
      }).addTo(map);
    }
    const link = colour("--hj-link");
    for (let i = 1; i < points.length; i += 1) {
      const ahead = points[i].state === "ahead";
      L.polyline([place(points[i - 1]), place(points[i])], { color: link, weight: 3, dashArray: ahead ? "4 8" : null }).addTo(map);
    }
    for (const point of points) {
      const name = Object.assign(document.createElement("span"), { textContent: point.name });
      const filled = point.state !== "ahead";
      L.circleMarker(place(point), { radius: point.state === "current" ? 9 : 6, color: link, weight: 2, fillColor: filled ? link : colour("--hj-card"), fillOpacity: 1 })
        .bindTooltip(name, { permanent: points.length <= 6, direction: "top", offset: [0, -6] })
        .addTo(map);
    }
  };
  if (card.open) draw();
  else card.addEventListener("toggle", () => { if (card.open) draw(); }, { once: true });
})();
