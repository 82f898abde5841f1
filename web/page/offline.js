import { announce, byId, notice } from "./dom.js";

/**
 * Registers the service worker, says when the page works without a network,
 * and offers a new version once all of it has arrived.
 */
export async function goOffline() {
  if (!("serviceWorker" in navigator)) return;
  try {
    const registration = await navigator.serviceWorker.register("./sw.js", { scope: "./" });
    watch(registration);
    registration.addEventListener("updatefound", () => watch(registration));
    // Installing is all or nothing, so an active worker has every file.
    await navigator.serviceWorker.ready;
    byId("offline-state", HTMLElement).hidden = false;
  } catch {
    // Private windows and plain http refuse it; the page works all the same.
    byId("offline-state", HTMLElement).hidden = true;
  }
}

/** @param {ServiceWorkerRegistration} registration */
function watch(registration) {
  if (registration.waiting && navigator.serviceWorker.controller) offer(registration.waiting);
  const next = registration.installing;
  if (!next) return;
  next.addEventListener("statechange", () => {
    if (next.state !== "installed") return;
    if (navigator.serviceWorker.controller) offer(next);
    else announce("Ready to work offline.");
  });
}

/** @param {ServiceWorker} next */
function offer(next) {
  notice("update", "good", "A new version of this page is ready. Taking it up reloads the page and empties the collection.", {
    label: "Use it now",
    run: () => {
      navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
      next.postMessage({ type: "skip-waiting" });
    },
  });
}
