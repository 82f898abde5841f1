import { ask, byId, clearNotice, count, notice } from './dom.js'

/** The version that this page is of. */
const version = document.querySelector('meta[name="likeness-version"]')?.getAttribute('content') ?? ''

/**
 * Registers the service worker, says when the page works without a network,
 * and tells when another version has arrived.
 * @param {() => number} held how many pictures a reload loses
 */
export async function goOffline (held) {
  if (!('serviceWorker' in navigator)) return
  const { serviceWorker } = navigator
  const look = async () => {
    const { active } = await serviceWorker.ready
    const state = active && await stateOf(active)
    // Whole: every file is stored, and its hash was right.
    byId('offline-state', HTMLElement).hidden = !state?.complete
    if (state?.complete && version && state.version !== version) offer(held)
    else clearNotice('update')
  }
  try {
    serviceWorker.addEventListener('message', ({ data }) => {
      if (data?.likeness === 'changed') void look()
      if (data?.likeness === 'not stored') notStored(data)
    })
    serviceWorker.startMessages()
    await serviceWorker.register('./sw.js', { scope: './' })
    await look()
  } catch {
    // Private windows and plain http refuse it; the page works all the same.
    byId('offline-state', HTMLElement).hidden = true
  }
}

/**
 * The page works as long as there is a network.
 * @param {{room: boolean, reason: string}} why room: it was not for lack of it
 */
function notStored ({ room, reason }) {
  notice('offline', 'warn', room
    ? `This page could not be kept for use without a network (${reason}). Everything else works; loading the page again tries it once more.`
    : 'This page could not be kept for use without a network: the browser has no room left for it. Everything else works. Free space on the disk, or let the browser forget the data of other sites, and load the page again.')
}

/**
 * @param {ServiceWorker} worker
 * @returns {Promise<{version: string, complete: boolean}>}
 */
function stateOf (worker) {
  const { port1, port2 } = new MessageChannel()
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data)
    worker.postMessage({ likeness: 'state' }, [port2])
  })
}

/**
 * The other version is stored as a whole; this page goes on as it is until it
 * is loaded again.
 * @param {() => number} held
 */
function offer (held) {
  notice('update', 'good', 'Another version of this page is ready: reload to use it.', {
    label: 'Reload',
    run: () => void (async () => {
      const n = held()
      const text = `${count(n, 'picture')} and their vectors leave this page: add them again afterwards. Export the vectors first if you need them. The files on your disk stay.`
      if (n === 0 || await ask('Load the page again?', text, 'Reload')) location.reload()
      else offer(held)
    })()
  })
}
