/**
 * Searches an index in Chromium: milliseconds of a search with its reading, from a
 * host on this machine, and what was read.
 *
 *   node tools/peers/index/search.js bin/index [searches]
 *
 * The queries are vectors of the index with noise.
 */
import { join } from 'node:path'
import { readFileSync, statSync, createReadStream } from 'node:fs'
import { createServer } from 'node:http'
import { launch } from '../../../web/test/page-site.js'

const folder = process.argv[2] ?? 'bin/index'
const searches = Number(process.argv[3] ?? 50)
const dist = process.env.LIKENESS_DIST ?? new URL('../../../dist/', import.meta.url).pathname
/** @type {Record<string, string>} */
const types = { '.js': 'text/javascript', '.json': 'application/json', '.wasm': 'application/wasm', '.html': 'text/html' }

let requests = 0
const server = createServer((request, response) => {
  requests++
  const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
  if (path === '/') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Search</title>')
  const file = path.startsWith('/index/') ? join(folder, path.slice(7)) : join(dist, path)
  const size = statSync(file, { throwIfNoEntry: false })?.size
  if (size === undefined) return void response.writeHead(404).end()
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
  const [from, to] = range ? [Number(range[1]), Math.min(Number(range[2]), size - 1)] : [0, size - 1]

  response.writeHead(range ? 206 : 200, { 'content-type': types[/\.\w+$/.exec(path)?.[0] ?? ''] ?? 'application/octet-stream', 'content-length': String(to - from + 1), ...range ? { 'content-range': `bytes ${from}-${to}/${size}` } : {} })
  createReadStream(file, { start: from, end: to }).pipe(response)
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
const browser = await launch()
const page = await browser.newPage()
await page.goto(`http://127.0.0.1:${port}/`)
const manifest = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'))
await page.evaluate(async () => {
  const { PictureIndex } = await import(new URL('/search/likeness-search.js', location.href).href)
  const { Extractor } = await import(new URL('/likeness.js', location.href).href)
  const index = await PictureIndex.open('/index/')
  const extractor = await Extractor.load({ model: '/models/default.safetensors', workers: 1 })
  Object.assign(window, { index, extractor })
})
/** @type {{ms: number, lists: number, scored: number, bytes: number, requests: number}[]} */
const found = []
for (let i = 0; i < searches; i++) {

  requests = -1 // the query's own
  const one = await page.evaluate(async (manifest, i) => {
    const { index, extractor } = /** @type {any} */ (window)
    const bytes = manifest.dim + (manifest.lists ? 4 : 0)
    const item = Math.floor(manifest.count * ((i * 0.618034) % 1))
    const part = await fetch(`/index/vectors/${manifest.generation}-${Math.floor(item / manifest.vectors)}.bin`).then((r) => r.arrayBuffer())
    const row = new Int8Array(part, item % manifest.vectors * bytes, manifest.dim)
    const vector = Float32Array.from(row, (v, k) => v + 20 * Math.sin(k * 12.9898 + i * 78.233))
    const length = Math.hypot(...vector)
    for (let k = 0; k < vector.length; k++) vector[k] /= length
    const from = performance.now()
    const got = await extractor.searchIndex(index.base, index.manifest, vector, { k: 10 })
    return { ms: performance.now() - from, lists: got.lists, scored: got.scored, bytes: got.bytes }
  }, manifest, i)
  found.push({ ...one, requests })
}
await browser.close()
server.close()
const median = (/** @type {number[]} */ list) => [...list].sort((a, b) => a - b)[list.length >> 1]
const ms = found.map((f) => f.ms)
console.log(`${manifest.count} items in ${manifest.lists ?? 0} lists, ${searches} searches: first ${ms[0].toFixed(0)} ms with ${found[0].bytes} bytes; then ${median(ms.slice(1)).toFixed(1)} ms (median), ${median(found.slice(1).map((f) => f.bytes))} bytes in ${median(found.slice(1).map((f) => f.requests))} requests, ${median(found.map((f) => f.lists))} lists, ${median(found.map((f) => f.scored))} compared`)
