// Service worker: keeps the page usable offline. A version is a cache with
// every file that precache.json lists; it is taken up only when it is complete
// and every hash is right, and a page keeps the version it began with until it
// is loaded again, so nobody ever has half of each.

/** @typedef {{version: string, files: Record<string, string>, later: Record<string, string>}} Manifest paths below the scope and the sha256 of their files */

/** @type {any} */
const worker = self

const scope = worker.registration.scope
const prefix = `likeness-${scope}-`
/** Holds the present version under `current`, and the version of each open page and worker under `of/ID`. */
const notes = prefix + 'notes'
/** Files of `later` that were wanted once, by their hash. */
const kept = prefix + 'kept'
/** Name of the manifest in the cache of its version. */
const list = 'precache.json'
/** In place of a version: all comes from the network. */
const none = 'none'
/** Files fetched at the same time. */
const lanes = 6

/** @param {string} path */
const at = path => new URL(path, scope).href

/** @param {string} hash */
const keptAt = hash => at(`kept/${hash}`)

/**
 * @param {string} key
 * @returns {Promise<string>} '' when there is none
 */
async function read (key) {
  const note = await (await caches.open(notes)).match(at(key))
  return note ? note.text() : ''
}

/**
 * @param {string} key
 * @param {string} version
 */
async function write (key, version) {
  await (await caches.open(notes)).put(at(key), new Response(version))
}

/** @param {BufferSource} bytes */
async function hex (bytes) {
  return Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)), b => b.toString(16).padStart(2, '0')).join('')
}

/** @param {any} m */
function isManifest (m) {
  const table = (/** @type {any} */ t) => typeof t === 'object' && t !== null && Object.values(t).every(hash => /^[0-9a-f]{64}$/.test(String(hash)))
  return typeof m?.version === 'string' && m.version !== '' && table(m.files) && table(m.later) && 'index.html' in m.files
}

/** @type {{version: string, manifest: Manifest} | undefined} */
let known

/**
 * The manifest of a version that is stored.
 * @param {string} version
 * @returns {Promise<Manifest | undefined>}
 */
async function manifestOf (version) {
  if (known?.version === version) return known.manifest
  const stored = version ? await caches.match(at(list), { cacheName: prefix + version }) : undefined
  const manifest = stored && await stored.json()
  if (!isManifest(manifest)) return
  known = { version, manifest }
  return manifest
}

/**
 * A file from the network whose hash is right. What the browser has already
 * fetched for the page is good if it is the same; otherwise the host is asked,
 * past every cache.
 * @param {string} path
 * @param {string} hash
 * @returns {Promise<Response>}
 */
async function download (path, hash) {
  for (const cache of /** @type {RequestCache[]} */ (['force-cache', 'reload'])) {
    const response = await fetch(at(path), { cache })
    if (!response.ok) {
      if (cache === 'reload') throw new Error(`${path}: the server answered ${response.status}`)
      continue
    }
    const bytes = await response.arrayBuffer()
    if (await hex(bytes) === hash) return remade(response, bytes)
  }
  throw new Error(`${path} is not the file that ${list} lists: the site is being replaced, or its host alters files`)
}

/**
 * An answer with the same body, no longer compressed or redirected, which
 * browsers refuse for a page, and not to be used again without asking here:
 * browsers keep answers of this worker in memory and would mix versions.
 * @param {Response} response
 * @param {ArrayBuffer | ReadableStream} body
 */
function remade (response, body) {
  const headers = new Headers(response.headers)
  for (const name of ['content-encoding', 'content-length', 'vary']) headers.delete(name)
  headers.set('cache-control', 'no-cache')
  if (body instanceof ArrayBuffer) headers.set('content-length', String(body.byteLength))
  return new Response(body, { headers })
}

/**
 * Stores the version that the site has now, unless it is there already.
 * @returns {Promise<string>}
 */
async function store () {
  const answer = await fetch(at(list), { cache: 'no-store' })
  if (!answer.ok) throw new Error(`${list}: the server answered ${answer.status}`)
  /** @type {Manifest} */
  const manifest = await answer.json()
  if (!isManifest(manifest)) throw new Error(`${list} is not a list of files`)
  const { version, files, later } = manifest
  const current = await read('current')
  if (current === version && await complete(version)) return version
  const old = await manifestOf(current)
  const cache = await caches.open(prefix + version)
  const others = await caches.open(kept)
  /** What the visitor has used stays usable offline when it has changed. @type {Record<string, string>} */
  const used = {}
  for (const path of Object.keys(later)) {
    if (old && path in old.later && await others.match(keptAt(old.later[path]))) used[path] = later[path]
  }
  /** Files of the version before, by their hash. */
  const had = new Map(Object.entries(old?.files ?? {}).map(([path, hash]) => [hash, path]))
  const one = async (/** @type {string} */ path, /** @type {string} */ hash) => {
    // What is in a version's cache was right when it was put there.
    if (await cache.match(at(path))) return
    const same = had.get(hash)
    const response = same && await caches.match(at(same), { cacheName: prefix + current })
    await cache.put(at(path), response || await download(path, hash))
  }
  await inLanes(Object.entries(files), one)
  await inLanes(Object.entries(used), async (path, hash) => {
    if (!await others.match(keptAt(hash))) await others.put(keptAt(hash), await download(path, hash))
  })
  await cache.put(at(list), new Response(JSON.stringify(manifest)))
  return version
}

/**
 * @param {[string, string][]} entries
 * @param {(path: string, hash: string) => Promise<void>} each
 */
async function inLanes (entries, each) {
  const queue = entries.values()
  await Promise.all(Array.from({ length: lanes }, async () => {
    for (const [path, hash] of queue) await each(path, hash)
  }))
}

/**
 * Whether a version has all its files: browsers may have thrown some away.
 * @param {string} version
 */
async function complete (version) {
  const manifest = await manifestOf(version)
  if (!manifest || !await caches.has(prefix + version)) return false
  const cache = await caches.open(prefix + version)
  const stored = new Set((await cache.keys()).map(({ url }) => url))
  return Object.keys(manifest.files).every(path => stored.has(at(path)))
}

/** Removes versions that neither new nor open pages use, and what only they kept. */
async function clean () {
  const cache = await caches.open(notes)
  const versions = new Set([await read('current')])
  for (const note of await cache.keys()) {
    const id = /\/of\/([^/]+)$/.exec(note.url)?.[1]
    if (!id) continue
    if (await worker.clients.get(id)) versions.add(await read(`of/${id}`))
    else await cache.delete(note)
  }
  const hashes = new Set()
  for (const version of versions) {
    for (const hash of Object.values((await manifestOf(version))?.later ?? {})) hashes.add(keptAt(hash))
  }
  const others = await caches.open(kept)
  for (const entry of await others.keys()) if (!hashes.has(entry.url)) await others.delete(entry)
  const used = new Set([notes, kept, ...[...versions].map(version => prefix + version)])
  for (const name of await caches.keys()) {
    if (name.startsWith(prefix) && !used.has(name)) await caches.delete(name)
  }
}

/** Lets the pages look again at what there is. */
async function tell () {
  for (const client of await worker.clients.matchAll({ includeUncontrolled: true })) client.postMessage({ likeness: 'changed' })
}

async function activate () {
  const version = await store()
  await worker.clients.claim()
  for (const { id } of await worker.clients.matchAll({ includeUncontrolled: true, type: 'all' })) {
    if (!await read(`of/${id}`)) await write(`of/${id}`, await read('current') || version)
  }
  await write('current', version)
  await clean()
  await tell()
}

/** Takes up a new version of the site; pages that are open keep theirs. */
async function update () {
  const version = await store()
  if (await read('current') !== version) {
    await write('current', version)
    await clean()
  }
  await tell()
}

/**
 * The path below the scope that a request is for, '' elsewhere.
 * @param {string} url
 */
function pathOf (url) {
  const { origin, pathname } = new URL(url)
  const whole = origin + pathname
  if (!whole.startsWith(scope)) return ''
  const path = whole.slice(scope.length)
  return path === '' || path.endsWith('/') ? path + 'index.html' : decodeURI(path)
}

/**
 * A file that is wanted now and then: by its hash from the cache, or from the
 * network, whose answer ends in an error if it is not that file.
 * @param {Request} request
 * @param {string} hash
 */
async function keep (request, hash) {
  const others = await caches.open(kept)
  const had = await others.match(keptAt(hash))
  if (had) return had
  const response = await fetch(request.url, { cache: 'reload', signal: request.signal })
  if (response.status !== 200 || !response.body) return response
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const parts = []
  const body = response.body.pipeThrough(new TransformStream({
    transform (part, control) {
      parts.push(part.slice())
      control.enqueue(part)
    },
    async flush () {
      const bytes = await new Blob(parts).arrayBuffer()
      if (await hex(bytes) !== hash) throw new TypeError('another file than that of this version: the site was replaced')
      await others.put(keptAt(hash), remade(response, bytes)).catch(() => {}) // no room left
    }
  }))
  return remade(response, body)
}

/** @param {any} event */
async function answer ({ request, clientId, resultingClientId }) {
  const version = await versionFor(request, clientId)
  // A new page, or a worker of this page. Without room for the note it has the
  // present version; without room no other is taken up either.
  if (resultingClientId) await write(`of/${resultingClientId}`, version).catch(() => {})
  const path = pathOf(request.url)
  if (!path || path === list || version === none) return fetch(request)
  const stored = await caches.match(at(path), { cacheName: prefix + version })
  if (stored) return stored
  const manifest = await manifestOf(version)
  // Rather nothing than a file of another version.
  const refuse = () => Response.error()
  // Thrown away by the browser since the page was loaded.
  if (manifest && path in manifest.files) return download(path, manifest.files[path]).catch(refuse)
  return manifest && path in manifest.later ? keep(request, manifest.later[path]).catch(refuse) : fetch(request)
}

/**
 * A page has the version that is present when it is loaded, if that is whole.
 * @param {Request} request
 * @param {string} client
 */
async function versionFor (request, client) {
  const own = request.mode === 'navigate' ? '' : await read(`of/${client}`)
  if (own) return own
  const current = await read('current')
  return await complete(current) ? current : none
}

/** Tells the pages that nothing could be stored for the first time, and why. @param {any} error */
async function fail (error) {
  const room = error?.name !== 'QuotaExceededError'
  for (const client of await worker.clients.matchAll({ includeUncontrolled: true })) client.postMessage({ likeness: 'not stored', room, reason: String(error?.message ?? error) })
  throw error
}

worker.addEventListener('install', (/** @type {any} */ e) => e.waitUntil(store().then(() => worker.skipWaiting(), fail)))
worker.addEventListener('activate', (/** @type {any} */ e) => e.waitUntil(activate()))
worker.addEventListener('message', (/** @type {any} */ e) => {
  if (e.data?.likeness !== 'state') return
  e.waitUntil(read('current').then(async version => e.ports[0].postMessage({ version, complete: await complete(version) })))
})
worker.addEventListener('fetch', (/** @type {any} */ e) => {
  if (e.request.method !== 'GET' || new URL(e.request.url).origin !== worker.location.origin) return
  // Where the browser's storage fails, the network may do.
  e.respondWith(answer(e).catch(() => fetch(e.request)))
  // The browser looks for a new sw.js only; this one need not change with the site.
  if (e.request.mode === 'navigate') e.waitUntil(update().catch(() => {}))
})
