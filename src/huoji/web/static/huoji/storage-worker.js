// Lets the scan page of the warehouse open without a network: what it was when it was last read, with all its files.
"use strict";
const CACHE = "huoji-storage-1";
const SLOW_MS = 4000;
const isPage = (url) => url.pathname === new URL(registration.scope).pathname;
const isFile = (url) => url.pathname.startsWith("/static/");

const keep = async (request, response) => {
  if (response.ok && response.type === "basic" && !response.redirected) {
    const cache = await caches.open(CACHE);
    await cache.put(isPage(new URL(request.url)) ? registration.scope : request.url, response.clone());
  }
  return response;
};
const kept = async (request) => {
  const cache = await caches.open(CACHE);
  return cache.match(isPage(new URL(request.url)) ? registration.scope : request.url, { ignoreVary: true });
};
const fresh = async (request) => {
  try {
    return await keep(request, await fetch(request, { signal: AbortSignal.timeout(SLOW_MS) }));
  } catch {
    return (await kept(request)) ?? Response.error();
  }
};

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (event.request.mode === "navigate" ? isPage(url) : isFile(url)) event.respondWith(fresh(event.request));
});
addEventListener("message", (event) => {
  const all = (event.data?.keep ?? []).map(async (address) => {
    const request = new Request(address, { credentials: "same-origin" });
    try { await keep(request, await fetch(request)); } catch { /* the next visit keeps it */ }
  });
  event.waitUntil(Promise.all(all));
});
