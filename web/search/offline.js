// A service worker that keeps an index and its program for use without a
// network. It is a plain script, since not every browser takes modules here:
//
//   self.likenessIndex = '/search/'              // the folder of likeness index
//   importScripts('/search/likeness/search/offline.js')
//
// What is kept is one version: the index's generation with the program that came
// with it. Another one is taken up when all of it has arrived, and pages that are
// open go on with the one that they began with. Pages of the site are fetched from
// the network first, and from what was kept where there is none.

(() => {
  /** @type {any} */
  const scope = globalThis
  const base = new URL(scope.likenessIndex ?? './', scope.location.href).href
  const prefix = `likeness-index ${base} `
  const pages = `likeness-pages ${base}`
  const small = `likeness-small ${base}`
  /** Address that is only in a version all of which has arrived. */
  const whole = `${base}whole`
  /** Bytes of an index up to which all of it is kept; of larger ones what was asked for. */
  const most = 60e6
  /** The version of each open page, by its id. @type {Map<string, string>} */
  const versionOf = new Map()
  /** @type {Promise<void> | undefined} */
  let filling

  /** @param {string} url */
  const fresh = url => fetch(url, { cache: 'no-cache' }).then(response => {
    if (!response.ok) throw new Error(`${url}: the server answered ${response.status}`)
    return response
  })

  /** The newest version that is whole, or undefined. */
  async function current () {
    for (const name of (await caches.keys()).filter(name => name.startsWith(prefix)).reverse()) {
      if (await (await caches.open(name)).match(whole)) return name
    }
  }

  /**
   * Files of the index that every search needs.
   * @param {any} m the manifest
   */
  function indexFiles (m) {
    const kinds = m.lists ? ['lists', 'paths'] : ['vectors', 'items', 'paths']
    const files = kinds.flatMap(kind => {
      const each = kind === 'lists' ? m.count : m[kind]
      return each ? Array.from({ length: Math.ceil(m.count / each) }, (_, n) => `${kind}/${m.generation}-${n}.bin`) : []
    })
    return m.tags ? [...files, `tags/${m.generation}-0.bin`] : files
  }

  /** Fetches a version, unless it is here already. */
  async function fill () {
    const [manifest, list] = await Promise.all([fresh(`${base}index.json`), fresh(`${base}likeness/files.json`)])
    const m = await manifest.clone().json()
    const text = await list.text()
    const program = JSON.parse(text)
    const name = `${prefix}${m.generation} ${program.version}`
    const cache = await caches.open(name)
    if (await cache.match(whole)) return
    await cache.put(`${base}index.json`, manifest)
    const wanted = [...Object.keys(program.files).map(file => `likeness/${file}`), ...m.count * m.dim < most ? indexFiles(m) : []]
    let next = 0
    const work = async () => {
      while (next < wanted.length) {
        const file = wanted[next++]
        const url = base + file
        const answer = await fresh(url)
        const bytes = await answer.clone().arrayBuffer()
        const sum = program.files[file.replace(/^likeness\//, '')]
        if (file.startsWith('likeness/') && sum !== await sha256(bytes)) throw new Error(`${url} is not the file that likeness/files.json lists: the site is being replaced`)
        await cache.put(url, answer)
      }
    }
    await Promise.all(Array.from({ length: 6 }, work))
    await cache.put(whole, new Response(name))
    await drop(name)
  }

  /**
   * Lets go of versions that no open page uses.
   * @param {string} now
   */
  async function drop (now) {
    const open = new Set((await scope.clients.matchAll()).map((/** @type {any} */ client) => versionOf.get(client.id)))
    for (const name of await caches.keys()) {
      if (name.startsWith(prefix) && name !== now && !open.has(name)) await caches.delete(name)
    }
  }

  /** @param {ArrayBuffer} bytes */
  async function sha256 (bytes) {
    return Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)), b => b.toString(16).padStart(2, '0')).join('')
  }

  /** One filling at a time; a failure leaves what was kept before. */
  function refill () {
    filling ??= fill().finally(() => { filling = undefined })
    return filling
  }

  /**
   * A part of a kept file, as a host with ranges gives it.
   * @param {Request} request
   * @param {Response} kept
   */
  async function part (request, kept) {
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get('range') ?? '')
    if (!range) return kept
    const bytes = (await kept.arrayBuffer()).slice(Number(range[1]), Number(range[2]) + 1)
    return new Response(bytes, { status: 206, headers: { 'content-type': 'application/octet-stream', 'content-length': String(bytes.byteLength) } })
  }

  /**
   * @param {any} event
   * @returns {Promise<Response>}
   */
  async function ofIndex (event) {
    const { request } = event
    const url = request.url
    if (url === `${base}index.json`) {
      try {
        const answer = await fresh(url)
        event.waitUntil(refill().catch(() => {}))
        return answer
      } catch (error) {
        const name = await current()
        const kept = name && await (await caches.open(name)).match(url)
        if (kept) return kept
        throw error
      }
    }
    if (url.startsWith(`${base}small/`)) return onUse(request, small)
    const name = versionOf.get(event.clientId) ?? await current()
    if (name && event.clientId) versionOf.set(event.clientId, name)
    const kept = name && await (await caches.open(name)).match(url)
    return kept ? part(request, kept) : fetch(request)
  }

  /**
   * Kept when it is first asked for: its name tells its content.
   * @param {Request} request
   * @param {string} name
   */
  async function onUse (request, name) {
    const cache = await caches.open(name)
    const kept = await cache.match(request)
    if (kept) return kept
    const answer = await fetch(request)
    if (answer.ok) await cache.put(request, answer.clone()).catch(() => {})
    return answer
  }

  /**
   * Anything else of the site: the network first.
   * @param {any} event
   */
  async function ofSite (event) {
    const cache = await caches.open(pages)
    try {
      const answer = await fetch(event.request)
      if (answer.ok && answer.status === 200) event.waitUntil(cache.put(event.request, answer.clone()).catch(() => {}))
      return answer
    } catch (error) {
      const kept = await cache.match(event.request, { ignoreSearch: event.request.mode === 'navigate' })
      if (kept) return kept
      throw error
    }
  }

  scope.addEventListener('install', (/** @type {any} */ event) => {
    scope.skipWaiting()
    event.waitUntil(refill())
  })
  scope.addEventListener('activate', (/** @type {any} */ event) => event.waitUntil(scope.clients.claim()))
  scope.addEventListener('fetch', (/** @type {any} */ event) => {
    const { request } = event
    if (request.method !== 'GET' || !request.url.startsWith(scope.location.origin)) return
    event.respondWith(request.url.startsWith(base) && request.mode !== 'navigate' ? ofIndex(event) : ofSite(event))
  })
  scope.addEventListener('message', (/** @type {any} */ event) => {
    const { keep } = event.data ?? {}
    if (!Array.isArray(keep)) return
    // The page was fetched before there was a worker to keep it.
    event.waitUntil(caches.open(pages).then(async cache => {
      for (const url of keep) {
        if (url.startsWith(scope.location.origin) && !await cache.match(url)) await cache.add(url).catch(() => {})
      }
      event.source?.postMessage({ kept: true })
    }))
  })
})()
