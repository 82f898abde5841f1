import { byId, notice } from './dom.js'

/**
 * Registers the service worker, says when the page works without a network,
 * and tells when a new version has arrived.
 */
export async function goOffline () {
  if (!('serviceWorker' in navigator)) return
  try {
    // An update is stored as a whole before it is activated; this page goes on
    // as it was loaded until it is loaded again.
    let first = navigator.serviceWorker.controller === null
    navigator.serviceWorker.addEventListener('controllerchange', () => {
      if (!first) {
        const text = 'A new version of this page has arrived. Reloading takes it up and empties the collection.'
        notice('update', 'good', text, { label: 'Reload', run: () => location.reload() })
      }
      first = false
    })
    await navigator.serviceWorker.register('./sw.js', { scope: './' })
    // Installing is all or nothing, so an active worker has every file.
    await navigator.serviceWorker.ready
    byId('offline-state', HTMLElement).hidden = false
  } catch {
    // Private windows and plain http refuse it; the page works all the same.
    byId('offline-state', HTMLElement).hidden = true
  }
}
