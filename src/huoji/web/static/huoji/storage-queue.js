// The queue of a handheld: every scan is on the disk of the device before it is heard, and leaves it only when the server
// has said what became of it. Sending again is harmless: the server knows each scan by its id.
globalThis.hjQueue = (setup) => {
  "use strict";
  const RETRY_MS = [2000, 4000, 8000, 15000, 30000];
  const TIMEOUT_MS = 20000;
  const KEPT_DONE = 60; // of what was taken, for a look back
  let listener = () => {};
  let state = "idle"; // idle, sending, offline, broken, signin, forbidden
  let message = ""; // what the server says of the whole, such as that the device's clock is wrong
  let failures = 0;
  let timer = 0;
  let busy = false;
  let order = 0;

  const opened = new Promise((resolve, reject) => {
    const request = indexedDB.open("huoji-storage", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("scans", { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  const transact = async (mode, work) => {
    const db = await opened;
    return new Promise((resolve, reject) => {
      const transaction = db.transaction("scans", mode, mode === "readwrite" ? { durability: "strict" } : undefined);
      const result = work(transaction.objectStore("scans"));
      transaction.oncomplete = () => resolve(result?.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  };

  const uuid = () => {
    if (crypto.randomUUID) return crypto.randomUUID();
    const b = crypto.getRandomValues(new Uint8Array(16)); // a page without https has no randomUUID
    b[6] = (b[6] & 15) | 64;
    b[8] = (b[8] & 63) | 128;
    const hex = Array.from(b, (x) => x.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };

  const all = async () => (await transact("readonly", (store) => store.getAll())).sort((a, b) => a.order - b.order);

  const change = async (id, values) => {
    await transact("readwrite", (store) => {
      const read = store.get(id);
      read.onsuccess = () => { if (read.result) store.put({ ...read.result, ...values }); };
    });
  };

  const add = async (row) => {
    order = Math.max(order + 1, Date.now() * 1000);
    const kept = { ...row, id: uuid(), who: setup.who, at: new Date().toISOString(), order, state: "waiting" };
    await transact("readwrite", (store) => store.put(kept));
    listener();
    send();
    return kept;
  };

  const drop = async (id) => { await transact("readwrite", (store) => store.delete(id)); listener(); };

  const undo = async (row) => {
    await change(row.id, { undone: true });
    await add({ verb: "undo", undoes: row.id, number: row.number, site: row.site });
  };

  const prune = async () => {
    const done = (await all()).filter((row) => row.state === "done");
    for (const row of done.slice(0, Math.max(0, done.length - KEPT_DONE))) {
      await transact("readwrite", (store) => store.delete(row.id));
    }
  };

  const csrf = () => decodeURIComponent(document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "");

  // Returns the answer, or the name of the state that stands in the way.
  const post = async (url, body, type) => {
    let response;
    try {
      response = await fetch(url, {
        method: "POST", body, redirect: "manual", credentials: "same-origin", signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: { "X-CSRFToken": csrf(), Accept: "application/json", ...(type ? { "Content-Type": type } : {}) },
      });
    } catch {
      return "offline";
    }
    if (response.type === "opaqueredirect" || response.status === 401) return "signin";
    const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
    if (response.ok && isJson) {
      try { return await response.json(); } catch { return "offline"; } // cut off on the way
    }
    if (response.status === 403) return (isJson ? (await response.json()).code : "") === "forbidden" ? "forbidden" : "signin";
    message = isJson && response.status < 500 ? await response.json().then((body) => body.detail || body.title, () => "") : "";
    return response.status === 409 ? "signin" : "broken";
  };

  const told = (row) => {
    const item = { id: row.id, verb: row.verb, number: row.number ?? "", site: row.site ?? "", at: row.at };
    for (const name of ["location", "next_site", "undoes"]) if (row[name]) item[name] = row[name];
    if (row.count) item.count = Number(row.count);
    return item;
  };

  const settle = async (row, answer) => {
    const taken = answer.result === "accepted" || answer.result === "duplicate";
    await change(row.id, {
      state: taken ? "done" : "refused", text: answer.text, code: answer.code, flags: answer.flags ?? [],
      known: answer.known, number: taken && answer.number ? answer.number : row.number, url: answer.url, photos: undefined,
      ...(taken ? {} : { photos: row.photos }),
    });
    if (row.verb === "undo") {
      if (!taken) await change(row.undoes, { undone: false });
      else await drop(row.id);
    }
  };

  const sendMoves = async (rows) => {
    const body = JSON.stringify({ sent_at: new Date().toISOString(), who: setup.who, items: rows.map(told) });
    const answer = await post(setup.send, body, "application/json");
    if (typeof answer === "string") return answer;
    for (const [index, row] of rows.entries()) await settle(row, answer.items[index]);
    return "";
  };

  const sendAnomaly = async (row) => {
    const form = new FormData();
    const fields = { key: row.id, who: row.who, number: row.number, site: row.site, kind: row.kind, pieces: row.pieces, note: row.note, at: row.at, sent_at: new Date().toISOString() };
    for (const [name, value] of Object.entries(fields)) form.append(name, value ?? "");
    for (const photo of row.photos ?? []) form.append("photo", photo, photo.name || "photo.jpg");
    const answer = await post(setup.sendAnomaly, form, "");
    if (typeof answer === "string") return answer;
    await settle(row, answer);
    return "";
  };

  const sendAll = async () => {
    for (;;) {
      const waiting = (await all()).filter((row) => row.state === "waiting" && row.who === setup.who);
      if (!waiting.length) return "";
      state = "sending";
      listener();
      const first = waiting.findIndex((row) => row.verb === "anomaly");
      const rows = waiting.slice(0, first < 0 ? setup.max : Math.min(first, setup.max));
      const trouble = rows.length ? await sendMoves(rows) : await sendAnomaly(waiting[0]);
      if (trouble) return trouble;
      failures = 0;
    }
  };

  const send = async () => {
    if (busy) return;
    busy = true;
    clearTimeout(timer);
    let trouble = "offline";
    try {
      trouble = navigator.locks
        ? await navigator.locks.request("huoji-storage", { ifAvailable: true }, (lock) => (lock ? sendAll() : "idle"))
        : await sendAll();
      await prune();
    } finally {
      busy = false;
      state = trouble || "idle";
      if (trouble && trouble !== "forbidden") {
        timer = setTimeout(send, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
        failures += 1;
      }
      listener();
    }
    if (!trouble && (await all()).some((row) => row.state === "waiting" && row.who === setup.who)) send();
  };

  addEventListener("online", () => { failures = 0; send(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });

  return { add, all, drop, undo, send, state: () => state, message: () => message, listen: (f) => { listener = f; } };
};
