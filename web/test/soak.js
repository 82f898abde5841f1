/**
 * The memory of a long run in the page: make soak.
 *
 *   COUNT    pictures, 3000 by default
 *   WORKERS  2 by default
 *   BROWSER  chromium (default) or firefox
 *
 * JPEG, PNG and WebP of 100 to 2000 pixels, some damaged and some giant, made
 * here, go through extractAll. Each line tells the memory of the workers'
 * engines and, in Chromium, the heap of the page's scripts. It fails if what is
 * always taken grows after the first tenth, or a picture has another vector
 * than before.
 */
import { launch, serve } from './page-site.js'

const { COUNT = '3000', WORKERS = '2', BROWSER = 'chromium' } = process.env
const count = Number(COUNT)
const dist = new URL('../../dist/', import.meta.url).pathname
const site = await serve(dist, '/sub/path/')
const browser = await launch(BROWSER === 'firefox' ? 'firefox' : 'chromium')
const page = await browser.newPage()
await page.goto(`${site.url}models/models.json`)

await page.evaluate(async (base, workers) => {
  let seed = 7
  const random = () => (seed = Math.imul(seed, 1664525) + 1013904223 >>> 0) / 2 ** 32
  /**
   * @param {number} width
   * @param {number} height
   * @param {string} type
   */
  const made = async (width, height, type) => {
    const canvas = new OffscreenCanvas(width, height)
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'))
    for (let i = 0; i < 60; i++) {
      context.fillStyle = `hsl(${360 * random()} 60% ${20 + 60 * random()}%)`
      context.fillRect(random() * width, random() * height, random() * width / 2, random() * height / 2)
    }
    return canvas.convertToBlob({ type, quality: 0.8 })
  }
  const kinds = []
  const types = ['image/jpeg', 'image/png', 'image/webp']
  for (let i = 0; i < 60; i++) {
    const side = () => Math.round(100 * 20 ** random())
    const blob = i === 20 || i === 50 ? await made(6000, 4000, 'image/jpeg') : await made(side(), side(), types[i % 3])
    kinds.push(i % 15 === 7 ? blob.slice(0, blob.size * 0.6) : blob)
  }
  const { Extractor } = await import(`${base}likeness.js`)
  const extractor = await Extractor.load({ model: `${base}models/default.safetensors`, workers })
  /** @type {Map<number, string>} */
  const vectors = new Map()
  Object.assign(globalThis, {
    memory: () => extractor.pool.seats.map((/** @type {any} */ s) => s.memory),
    /** @param {number} from @param {number} n */
    run: async (from, n) => {
      const picks = Array.from({ length: n }, () => random() < 0.02 ? random() < 0.5 ? 20 : 50 : Math.floor(60 * random()))
      let failed = 0
      for await (const { index, vector, error } of extractor.extractAll(picks.map(k => kinds[k]))) {
        const said = error ? error.code : String(vector)
        if (error) failed++
        const before = vectors.get(picks[index])
        if (before !== undefined && before !== said) throw new Error(`picture ${from + index} has another vector than before: ${said.slice(0, 80)}`)
        vectors.set(picks[index], said)
      }
      return failed
    }
  })
}, site.url, Number(WORKERS))

const session = BROWSER === 'firefox' ? undefined : await page.createCDPSession()
await session?.send('Performance.enable')
/** @returns {Promise<number>} bytes of the scripts' heap after a collection, 0 if it cannot be told */
async function heap () {
  if (!session) return 0
  await session.send('HeapProfiler.collectGarbage')
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0
}

const steps = 30
/** @type {{workers: number[], heap: number}[]} */
const rows = []
let failed = 0
const start = performance.now()
console.log(`${await browser.version()}, ${WORKERS} workers`)
console.log('pictures  seconds  MB of each worker  MB of scripts')
for (let i = 0; i < steps; i++) {
  const from = Math.floor(count * i / steps)
  const to = Math.floor(count * (i + 1) / steps)
  failed += await page.evaluate((at, n) => /** @type {any} */ (globalThis).run(at, n), from, to - from)
  const row = { workers: await page.evaluate(() => /** @type {any} */ (globalThis).memory()), heap: await heap() }
  rows.push(row)
  const mega = (/** @type {number} */ n) => (n / 1e6).toFixed()
  console.log(`${String(to).padStart(8)}  ${((performance.now() - start) / 1000).toFixed().padStart(7)}  ${row.workers.map(mega).join(' ').padStart(17)}  ${mega(row.heap).padStart(13)}`)
}
console.log(`${failed} of ${count} pictures failed, those that are damaged`)
await browser.close()
await site.close()

// A worker that met a giant is renewed when it is idle, so the least counts.
/** @param {typeof rows} some @param {(row: typeof rows[0]) => number} of */
const least = (some, of) => Math.min(...some.map(of))
const early = rows.slice(steps / 10, steps / 2)
const late = rows.slice(steps / 2)
for (const [what, of, slack] of /** @type {[string, (row: typeof rows[0]) => number, number][]} */ ([
  ['the workers', row => Math.max(...row.workers), 30e6], ['the scripts', row => row.heap, 5e6]])) {
  const grown = least(late, of) - least(early, of)
  if (grown > slack) {
    console.error(`the memory of ${what} grows: ${(grown / 1e6).toFixed(1)} MB more in the second half than after the first tenth`)
    process.exitCode = 1
  }
}
