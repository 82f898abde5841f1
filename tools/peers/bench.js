/**
 * Our engine beside its peers, in one browser: make bench-peers.
 *
 *   NETWORKS  names, see networks.js; those of the comparison by default
 *   ENGINE    one engine only, such as likeness
 *   BROWSER   chromium (default) or firefox
 *   PARTS     speed, load; both by default
 *   SECONDS   of timed runs for each network; 20 by default
 *
 * Prints a table and writes dist/bench/peers.json; entries of networks not
 * asked for stay as they are.
 */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { launch, peakMemory } from './browser.js'
import { chosen, engines, fileOf } from './networks.js'
import { cosine, median, table } from './report.js'
import { host } from './site.js'

/** @typedef {import('./networks.js').Entry} Entry */
/** @typedef {import('./networks.js').Network} Network */
/** @typedef {import('./report.js').Row} Row */

const root = new URL('../../', import.meta.url).pathname
const out = join(root, 'dist', 'bench')
const folder = join(root, 'bin', 'networks')
const modules = new URL('node_modules/', import.meta.url).pathname
const { BROWSER: kind = 'chromium', NETWORKS, ENGINE, PARTS = 'speed,load', SECONDS = '20' } = process.env

const site = await host({
  page: new URL('page/', import.meta.url).pathname,
  likeness: join(root, 'dist'),
  networks: folder,
  ort: join(modules, 'onnxruntime-web/dist'),
  tfjs: join(modules, '@tensorflow/tfjs/dist'),
  'tfjs-wasm': join(modules, '@tensorflow/tfjs-backend-wasm/dist'),
  mediapipe: join(modules, '@mediapipe/tasks-vision')
}, join(out, 'brotli'))

// Compressed before anything is timed; it takes a minute the first time.
site.prepare([
  '/likeness/likeness.wasm', '/likeness/likeness.js', '/likeness/wasm_exec.js', ...readdirSync(join(root, 'dist/lib')).map(name => `/likeness/lib/${name}`),
  '/ort/ort.wasm.min.mjs', '/ort/ort-wasm-simd-threaded.mjs', '/ort/ort-wasm-simd-threaded.wasm',
  '/tfjs/tf.min.js', '/tfjs-wasm/tf-backend-wasm.min.js', '/tfjs-wasm/tfjs-backend-wasm-simd.wasm',
  '/mediapipe/vision_bundle.mjs', '/mediapipe/wasm/vision_wasm_module_internal.js', '/mediapipe/wasm/vision_wasm_module_internal.wasm'
])

/**
 * @param {Network} network
 * @param {Row[]} rows
 */
async function speed (network, rows) {
  const browser = await launch(kind)
  try {
    const page = await browser.newPage()
    await page.goto(`${site.url}/page/bench.html`)
    await page.waitForFunction(() => 'bench' in globalThis)
    const call = (/** @type {string} */ name, /** @type {any[]} */ ...args) =>
      page.evaluate((name, args) => /** @type {any} */ (globalThis).bench[name](...args), name, args)
    const running = []
    for (const row of rows) {
      if (row.reason) continue
      try {
        await call('start', row.key, { module: row.entry.module, url: row.url, size: network.size, width: network.width })
        row.output = await call('output', row.key)
        row.times = []
        running.push({ row, turn: await warm(count => call('run', row.key, count)) })
      } catch (e) {
        row.reason = /** @type {Error} */ (e).message.split('\n')[0]
      }
    }
    const end = Date.now() + 1000 * Number(SECONDS)
    for (let round = 0; round < 3 || Date.now() < end; round++) {
      for (let i = 0; i < running.length; i++) {
        const { row, turn } = running[(i + round) % running.length]
        row.times.push(...await call('run', row.key, turn))
      }
    }
  } finally {
    await browser.close()
  }
}

/**
 * Runs an engine until the browser's optimising compiler has had its second;
 * returns how many runs make a turn of about a quarter of a second.
 * @param {(count: number) => Promise<number[]>} run
 */
async function warm (run) {
  const start = Date.now()
  let last = 0
  for (let i = 0; i < 3 || Date.now() - start < 1500; i++) [last] = await run(1)
  return Math.max(1, Math.min(20, Math.round(250 / Math.max(last, 1))))
}

/**
 * Navigation to the first vector in a browser that has never been there, then
 * in the same browser again.
 * @param {Network} network
 * @param {Row} row
 */
async function load (network, row) {
  if (row.reason || row.entry.inner) return
  const browser = await launch(kind)
  try {
    const page = await browser.newPage()
    const query = new URLSearchParams({ module: row.entry.module, url: row.url ?? '', size: String(network.size), width: String(network.width ?? network.size) })
    const visit = async () => {
      await page.goto(`${site.url}/page/load.html?${query}`)
      await page.waitForFunction(() => 'first' in globalThis || 'failed' in globalThis, { timeout: 300_000, polling: 50 })
      const { first, failed, stages } = await page.evaluate(() => {
        const { first, failed, stages } = /** @type {any} */ (globalThis)
        return { first, failed, stages }
      })
      if (failed) throw new Error(failed)
      row.stages ??= stages && { engine: stages.engine, download: stages.download - stages.engine, check: stages.ready - stages.download, first: first - stages.ready }
      return first
    }
    site.bytes()
    row.load = await visit()
    row.bytes = site.bytes()
    row.peak = peakMemory(browser)
    const again = []
    for (let i = 0; i < 3; i++) again.push(await visit())
    row.warm = median(again)
  } catch (e) {
    row.reason = /** @type {Error} */ (e).message.split('\n')[0]
  } finally {
    await browser.close()
  }
}

/** @type {Row[]} */
const all = []
const version = await launch(kind).then(async b => { const v = await b.version(); await b.close(); return v })
for (const network of chosen(NETWORKS)) {
  /** @type {Row[]} */
  const rows = engines(ENGINE).map(entry => ({ network, entry, key: `${entry.engine} ${entry.precision}`, ...fileOf(folder, network, entry) })).filter(row => row.url || !row.entry.optional)
  if (PARTS.includes('speed')) await speed(network, rows)
  if (PARTS.includes('load')) for (const row of rows) await load(network, row)
  const reference = rows.find(row => !row.entry.ours && row.output)?.output
  for (const row of rows) row.cosine = reference && row.output && cosine(reference, row.output)
  all.push(...rows)
  console.log(table(network, rows, version))
}
await site.close()

const file = join(out, 'peers.json')
mkdirSync(out, { recursive: true })
/** @type {any[]} */
let kept = []
try {
  kept = JSON.parse(readFileSync(file, 'utf8'))
} catch { /* the first run */ }
const round = (/** @type {number | null | undefined} */ x, digits = 2) => x == null ? null : Number(x.toFixed(digits))
const fresh = all.map(({ network, entry, times, load, warm, bytes, peak, reason, cosine, stages }) => ({
  network: network.name,
  engine: entry.engine,
  precision: entry.precision,
  ms_median: round(times?.length ? median(times) : null),
  ms_min: round(times?.length ? Math.min(...times) : null),
  runs: times?.length ?? 0,
  load_ms: round(load, 0),
  load_warm_ms: round(warm, 0),
  ...(stages ? { load_stages_ms: Object.fromEntries(Object.entries(stages).map(([name, ms]) => [name, round(ms, 0)])) } : {}),
  bytes: bytes ?? null,
  peak_mb: peak ?? null,
  cosine: round(cosine, 5),
  browser: version,
  ...(reason ? { reason } : {})
}))
/** A part that was not measured this time keeps its former figures. */
const merged = fresh.map(now => {
  const before = kept.find(e => e.network === now.network && e.engine === now.engine && e.precision === now.precision && e.browser === now.browser)
  if (!before || now.reason) return now
  return Object.fromEntries(Object.entries(now).map(([key, value]) => [key, value === null || (key === 'runs' && value === 0) ? before[key] ?? value : value]))
})
const others = kept.filter(e => e.browser !== version || !fresh.some(n => n.network === e.network))
writeFileSync(file, JSON.stringify([...others, ...merged], null, 1) + '\n')
console.log(`written: ${file}`)
