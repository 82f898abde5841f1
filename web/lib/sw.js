// Service worker: keeps the page usable offline. A version is a cache with
// every file of precache.json; it is taken up only when it is complete and its
// hash is right, and a page keeps the version it began with until it is loaded
// again, so nobody ever has half of each.

/** @type {any} */
const worker = self

const scope = worker.registration.scope
const prefix = `likeness-${scope}-`
/** Holds the present version under `current`, and the version of each open page and worker under `of/ID`. */
const notes = prefix + 'notes'

/**
 * @param {string} key
 * @returns {Promise<string>} '' when there is none
 */
async function read (key) {
  const note = await (await caches.open(notes)).match(key)
  return note ? note.text() : ''
}

/**
 * @param {string} key
 * @param {string} version
 */
async function write (key, version) {
  await (await caches.open(notes)).put(key, new Response(version))
}

/** @param {BufferSource} bytes */
async function hex (bytes) {
  return Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)), b => b.toString(16).padStart(2, '0')).join('')
}

/**
 * Stores the version that the site has now, unless it is there already.
 * @returns {Promise<string>}
 */
async function store () {
  const answer = await fetch(new URL('precache.json', scope), { cache: 'no-store' })
  if (!answer.ok) throw new Error(`precache.json: ${answer.status}`)
  /** @type {{version: string, files: string[]}} */
  const { version, files } = await answer.json()
  if (await read('current') === version) return version
  const cache = await caches.open(prefix + version)
  let lines = ''
  for (const file of files) {
    const url = new URL(file, scope).href
    let response = await cache.match(url)
    if (!response) {
      response = await fetch(url, { cache: 'no-cache' })
      if (!response.ok) throw new Error(`${file}: ${response.status}`)
      // Browsers refuse a redirected answer for a page.
      if (response.redirected) response = new Response(response.body, { headers: response.headers })
      await cache.put(url, response.clone())
    }
    lines += `${file} ${await hex(await response.arrayBuffer())}\n`
  }
  // As tools/site makes the version.
  if ((await hex(new TextEncoder().encode(lines))).slice(0, 16) !== version) {
    await caches.delete(prefix + version)
    throw new Error('the files do not agree with precache.json: the site is being replaced, or its host alters files')
  }
  return version
}

/** Removes versions that neither new nor open pages use. */
async function clean () {
  const cache = await caches.open(notes)
  const used = new Set([notes, prefix + await read('current')])
  for (const note of await cache.keys()) {
    const id = /\/of\/([^/]+)$/.exec(note.url)?.[1]
    if (!id) continue
    if (await worker.clients.get(id)) used.add(prefix + await read(`of/${id}`))
    else await cache.delete(note)
  }
  for (const name of await caches.keys()) {
    if (name.startsWith(prefix) && !used.has(name)) await caches.delete(name)
  }
}

async function activate () {
  const version = await store()
  await worker.clients.claim()
  for (const { id } of await worker.clients.matchAll({ includeUncontrolled: true, type: 'all' })) {
    if (!await read(`of/${id}`)) await write(`of/${id}`, await read('current') || version)
  }
  await write('current', version)
  await clean()
}

/** Takes up a new version of the site; pages that are open keep theirs. */
async function update () {
  const version = await store()
  if (await read('current') === version) return
  await write('current', version)
  await clean()
  for (const client of await worker.clients.matchAll()) client.postMessage({ likeness: 'update', version })
}

/** @param {any} event */
async function answer ({ request, clientId, resultingClientId }) {
  const own = request.mode === 'navigate' ? '' : await read(`of/${clientId}`)
  const version = own || await read('current')
  // A new page, or a worker of this page.
  if (resultingClientId && version) await write(`of/${resultingClientId}`, version)
  const cacheName = prefix + version
  const { origin, pathname } = new URL(request.url)
  const index = pathname.endsWith('/') ? origin + pathname + 'index.html' : request
  const kept = version && await caches.match(index, { cacheName, ignoreSearch: true })
  if (kept) return kept
  const response = await fetch(request)
  // Models other than the default are kept once they have been used.
  if (version && response.status === 200 && pathname.endsWith('.safetensors') && request.url.startsWith(scope)) {
    const copy = response.clone()
    const cache = await caches.open(cacheName)
    cache.put(request.url, copy).catch(() => {}) // no room left
  }
  return response
}

worker.addEventListener('install', (/** @type {any} */ e) => e.waitUntil(store().then(() => worker.skipWaiting())))
worker.addEventListener('activate', (/** @type {any} */ e) => e.waitUntil(activate()))
worker.addEventListener('fetch', (/** @type {any} */ e) => {
  if (e.request.method !== 'GET' || new URL(e.request.url).origin !== worker.location.origin) return
  // Whatever fails here, the network may do.
  e.respondWith(answer(e).catch(() => fetch(e.request)))
  // The browser looks for a new sw.js only; this one need not change with the site.
  if (e.request.mode === 'navigate') e.waitUntil(update().catch(() => {}))
})
