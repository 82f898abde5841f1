// Service worker: keeps the page usable offline. A new version is stored
// completely before it takes over, so a visitor never has half of each.

/** @type {any} */
const worker = self

const prefix = `likeness-${worker.registration.scope}-`

/** @returns {Promise<{version: string, files: string[]}>} */
async function list () {
  const response = await fetch('precache.json', { cache: 'no-store' })
  if (!response.ok) throw new Error(`precache.json: ${response.status}`)
  return response.json()
}

async function install () {
  const { version, files } = await list()
  const cache = await caches.open(prefix + version)
  const kept = new Set((await cache.keys()).map(r => r.url))
  for (const file of ['./', ...files]) {
    const url = new URL(file, worker.registration.scope).href
    if (kept.has(url)) continue
    const response = await fetch(url, { cache: 'no-cache' })
    if (!response.ok) throw new Error(`${file}: ${response.status}`)
    await cache.put(url, response)
  }
  await caches.open(prefix + 'current').then(c => c.put('version', new Response(version)))
}

async function current () {
  const note = await (await caches.open(prefix + 'current')).match('version')
  return prefix + (note ? await note.text() : '')
}

async function clean () {
  const keep = [await current(), prefix + 'current']
  for (const name of await caches.keys()) {
    if (name.startsWith(prefix) && !keep.includes(name)) await caches.delete(name)
  }
  await worker.clients.claim()
}

/** @param {Request} request */
async function answer (request) {
  const cache = await caches.open(await current())
  return await cache.match(request, { ignoreSearch: true }) ?? fetch(request)
}

worker.addEventListener('install', (/** @type {any} */ e) => e.waitUntil(install().then(() => worker.skipWaiting())))
worker.addEventListener('activate', (/** @type {any} */ e) => e.waitUntil(clean()))
worker.addEventListener('fetch', (/** @type {any} */ e) => {
  if (e.request.method === 'GET' && new URL(e.request.url).origin === worker.location.origin) e.respondWith(answer(e.request))
})
