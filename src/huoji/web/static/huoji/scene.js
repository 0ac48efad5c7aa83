// A layer of leaflet that draws thousands of vehicles, vessels and sites on one canvas, and tells which is under the pointer.
(() => {
  "use strict";
  const NEAR_PX = 14;
  const SPRITE_PX = 24;
  const TURN_DEG = 10;
  const LABELS_MAX = 60;
  const SITES_FROM_ZOOM = 5;
  const NAMES_FROM_ZOOM = 8;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const TONES = ["--hj-good", "--hj-warn", "--hj-bad", "--hj-calm"];

  // The place on the whole world's square of one unit, by the projection of web maps.
  const world = (lat, lon) => {
    const sine = Math.min(Math.max(Math.sin(lat * Math.PI / 180), -0.9999), 0.9999);
    return [lon / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
  };

  window.HuojiScene = window.L && L.Layer.extend({
    initialize(options) {
      this.objects = [];  // those that pass the filter: {x, y, kind, fresh, moving, course, alarms, risk, number, id}
      this.sites = options.sites.map(([, name, lat, lon]) => ({ name, at: world(lat, lon) }));
      this.onPick = options.onPick;
      this.describe = options.describe;
      this.selected = 0;
      this.frames = [];  // what the last draws cost, for whoever measures
    },
    onAdd(map) {
      this.map = map;
      this.canvas = L.DomUtil.create("canvas", "leaflet-zoom-hide", map.getPane("markerPane"));
      this.canvas.style.pointerEvents = "none";
      this.tip = L.tooltip({ direction: "top", offset: [0, -10] });
      this.paint();
      map.on("move zoom resize viewreset", this.redraw, this);
      map.on("click", (event) => { const hit = this.near(event.containerPoint); if (hit) this.onPick(hit.id); });
      map.on("mousemove", (event) => this.hover(event.containerPoint));
      map.on("mouseout", () => this.hover(null));
    },
    paint() {
      this.sprites = new Map();
      this.font = getComputedStyle(document.body).fontFamily;
      this.colours = TONES.map(colour);
      this.paper = colour("--hj-card");
      this.ink = colour("--hj-ink");
      this.dim = colour("--hj-dim");
      this.link = colour("--hj-link");
      this.redraw();
    },
    show(objects) { this.objects = objects; this.redraw(); },
    redraw() {
      if (this.waiting || !this.map) return;
      this.waiting = requestAnimationFrame(() => { this.waiting = 0; this.draw(); });
    },
    draw() {
      const began = performance.now();
      const { map, canvas } = this;
      const size = map.getSize();
      const dots = window.devicePixelRatio || 1;
      if (dots !== this.dots) { this.dots = dots; this.sprites.clear(); }
      if (canvas.width !== size.x * dots || canvas.height !== size.y * dots) {
        canvas.width = size.x * dots; canvas.height = size.y * dots;
        canvas.style.width = `${size.x}px`; canvas.style.height = `${size.y}px`;
      }
      L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]));
      const pen = canvas.getContext("2d");
      pen.setTransform(dots, 0, 0, dots, 0, 0);
      pen.clearRect(0, 0, size.x, size.y);
      const scale = 256 * 2 ** map.getZoom();
      const corner = map.getPixelBounds().min;
      this.drawSites(pen, scale, corner, size);
      this.seen = [];
      let chosen = null;
      for (const one of this.objects) {
        let x = one.x * scale - corner.x;
        x -= scale * Math.round((x - size.x / 2) / scale);  // of the copies of the world the one that is looked at
        const y = one.y * scale - corner.y;
        if (x < -20 || y < -20 || x > size.x + 20 || y > size.y + 20) continue;
        this.seen.push(x, y, one);
        if (one.id === this.selected) chosen = [x, y, one]; else this.drawOne(pen, x, y, one, 1);
      }
      if (chosen) this.drawOne(pen, ...chosen, 1.5);
      this.drawNames(pen, map.getZoom());
      this.frames.push(performance.now() - began);
      if (this.frames.length > 240) this.frames.shift();
    },
    drawOne(pen, x, y, one, size) {
      const half = (SPRITE_PX / 2) * size;
      pen.drawImage(this.sprite(one), Math.round(x - half), Math.round(y - half), 2 * half, 2 * half);  // whole pixels are stamped, not blended
      if (one.id === this.selected) {
        pen.beginPath(); pen.arc(x, y, 15 * size, 0, 7); pen.lineWidth = 2.5; pen.strokeStyle = this.link; pen.stroke();
      }
      if (one.risk === 3) this.write(pen, "!", x + 8, y - 6, `700 13px ${this.font}`, this.colours[2]);
    },
    // What looks alike is drawn once and stamped: five thousand paths a frame would be too slow to drag.
    sprite(one) {
      const turn = one.moving && one.course >= 0 ? Math.round(one.course / TURN_DEG) : -1;
      const name = `${one.kind} ${one.fresh} ${one.alarms ? 1 : 0} ${turn}`;
      let stamp = this.sprites.get(name);
      if (!stamp) {
        stamp = document.createElement("canvas");
        stamp.width = stamp.height = SPRITE_PX * this.dots;
        const brush = stamp.getContext("2d");
        brush.scale(this.dots, this.dots);
        this.drawSprite(brush, one, turn * TURN_DEG);
        this.sprites.set(name, stamp);
      }
      return stamp;
    },
    drawSprite(pen, one, course) {
      const tone = this.colours[one.fresh];
      const r = one.kind ? 7 : 5.5;
      pen.translate(SPRITE_PX / 2, SPRITE_PX / 2);
      if (one.alarms) {
        pen.beginPath(); pen.arc(0, 0, r + 3.5, 0, 7); pen.lineWidth = 2; pen.strokeStyle = this.colours[2]; pen.stroke();
      }
      pen.beginPath();
      if (course < 0) {
        if (one.kind) pen.rect(-r * 0.75, -r * 0.75, r * 1.5, r * 1.5); else pen.arc(0, 0, r * 0.8, 0, 7);
      } else {
        pen.rotate(course * Math.PI / 180);
        if (one.kind) {
          pen.moveTo(0, -r * 1.3); pen.lineTo(r * 0.7, -r * 0.2); pen.lineTo(r * 0.7, r); pen.lineTo(-r * 0.7, r); pen.lineTo(-r * 0.7, -r * 0.2);
        } else {
          pen.moveTo(0, -r * 1.3); pen.lineTo(r, r); pen.lineTo(0, r * 0.5); pen.lineTo(-r, r);
        }
        pen.closePath();
      }
      if (one.fresh === 0) {
        pen.fillStyle = tone; pen.fill(); pen.lineWidth = 1; pen.strokeStyle = this.paper; pen.stroke();
        return;
      }
      pen.fillStyle = this.paper; pen.fill(); pen.lineWidth = one.fresh === 1 ? 2.5 : 1.5; pen.strokeStyle = tone;
      if (one.fresh === 2) pen.setLineDash([2, 2]);
      pen.stroke();
    },
    drawSites(pen, scale, corner, size) {
      const zoom = this.map.getZoom();
      if (zoom < SITES_FROM_ZOOM) return;
      pen.fillStyle = this.paper; pen.strokeStyle = this.dim; pen.lineWidth = 1.5;
      const inside = [];
      for (const { name, at } of this.sites) {
        const x = at[0] * scale - corner.x;
        const y = at[1] * scale - corner.y;
        if (x < 0 || y < 0 || x > size.x || y > size.y) continue;
        pen.beginPath(); pen.rect(x - 4, y - 4, 8, 8); pen.fill(); pen.stroke();
        inside.push([name, x, y]);
      }
      if (zoom < NAMES_FROM_ZOOM || inside.length > LABELS_MAX) return;
      for (const [name, x, y] of inside) this.write(pen, name, x + 8, y + 4, `12px ${this.font}`, this.dim);
    },
    drawNames(pen, zoom) {
      const many = this.seen.length / 3 > LABELS_MAX || zoom < NAMES_FROM_ZOOM;
      for (let i = 0; i < this.seen.length; i += 3) {
        const one = this.seen[i + 2];
        if (many && one.id !== this.selected) continue;
        this.write(pen, one.number, this.seen[i] + 10, this.seen[i + 1] + 4, `600 12px ${this.font}`, this.ink);
      }
    },
    write(pen, text, x, y, font, ink) {
      pen.font = font; pen.lineWidth = 3; pen.lineJoin = "round";
      pen.strokeStyle = this.paper; pen.strokeText(text, x, y); pen.fillStyle = ink; pen.fillText(text, x, y);
    },
    near(point) {
      let best = null;
      let least = NEAR_PX ** 2;
      for (let i = 0; point && i < (this.seen || []).length; i += 3) {
        const far = (this.seen[i] - point.x) ** 2 + (this.seen[i + 1] - point.y) ** 2;
        if (far <= least) { least = far; best = this.seen[i + 2]; }
      }
      return best;
    },
    hover(point) {
      const hit = this.near(point);
      this.map.getContainer().style.cursor = hit ? "pointer" : "";
      if (!hit) { this.tip.remove(); return; }
      this.tip.setLatLng([hit.lat, hit.lon]).setContent(Object.assign(document.createElement("span"), { textContent: this.describe(hit) }));
      this.map.openTooltip(this.tip);
    },
  });
  window.HuojiWorld = world;

  // Land without lines round the world: a coast that crosses the antimeridian goes on beyond it, and is drawn again on the other side.
  const POLE = 85;
  const unwrapped = (ring) => ring.reduce((done, [lon, lat]) => {
    const before = done.length ? done[done.length - 1][0] : lon;
    done.push([Math.abs(lat) > POLE ? lon : lon + Math.round((before - lon) / 360) * 360, lat]);
    return done;
  }, []);
  window.HuojiLand = (feature) => {
    const shapes = feature.features ? feature.features.map((one) => one.geometry) : [feature.geometry];
    const polygons = shapes.flatMap((shape) => (shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates)).map((polygon) => polygon.map(unwrapped));
    const moved = (polygon, by) => polygon.map((ring) => ring.map(([lon, lat]) => [lon + by, lat]));
    const twice = polygons.flatMap((polygon) => {
      const lons = polygon[0].map(([lon]) => lon);
      const copies = [polygon];
      if (Math.max(...lons) > 180) copies.push(moved(polygon, -360));
      if (Math.min(...lons) < -180) copies.push(moved(polygon, 360));
      return copies;
    });
    return { type: "Feature", properties: {}, geometry: { type: "MultiPolygon", coordinates: twice } };
  };
})();
