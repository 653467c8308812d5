// Keeps the page for when there is no network: what is asked for comes from the network while there is one, else from what was kept.
const KEPT = "acetate-page";
const FILES = ["./", "index.html", "style.css", "page.js", "engine.js", "host.js", "native.js", "folder.js", "player.js", "audition.js", "drawing.js", "words.js", "worker.js", "acetate_web.js", "acetate_web_bg.wasm", "icon.svg", "page.webmanifest"];

addEventListener("install", (event) => event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(FILES)).then(() => skipWaiting())));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  if (event.request.method !== "GET" || new URL(event.request.url).origin !== location.origin || new URL(event.request.url).pathname.startsWith("/api/")) return;
  event.respondWith(
    fetch(event.request)
      .then((answer) => {
        const copy = answer.clone();
        // Where there is no room, the page goes on without being kept.
        if (answer.ok) caches.open(KEPT).then((kept) => kept.put(event.request, copy)).catch(() => {});
        return answer;
      })
      .catch(() => caches.match(event.request, { ignoreSearch: true })),
  );
});
