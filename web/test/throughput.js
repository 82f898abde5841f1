/**
 * Pictures a second through extractAll, and the share of each stage:
 * make bench-throughput.
 *
 *   COUNT    pictures, 200 by default
 *   WORKERS  2 by default
 *   BROWSER  chromium (default) or firefox
 *
 * The pictures are JPEGs of 4032 x 3024 pixels, made here from the sample
 * pictures, enlarged, with texture added: twelve files, taken in turn.
 */
import { readdirSync } from 'node:fs'
import { launch, serve } from './page-site.js'

const { COUNT = '200', WORKERS = '2', BROWSER = 'chromium' } = process.env
const dist = new URL('../../dist/', import.meta.url).pathname
const samples = readdirSync(`${dist}samples`).filter(name => name.endsWith('.jpg'))
const site = await serve(dist, '/sub/path/')
const browser = await launch(BROWSER === 'firefox' ? 'firefox' : 'chromium')
const page = await browser.newPage()
await page.goto(`${site.url}models/models.json`)

const result = await page.evaluate(async (base, samples, count, workers) => {
  /** @param {number} i */
  const photo = async i => {
    const small = await createImageBitmap(await (await fetch(`${base}samples/${samples[i % samples.length]}`)).blob())
    const canvas = new OffscreenCanvas(4032, 3024)
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'))
    context.drawImage(small, 0, 0, canvas.width, canvas.height)
    const image = context.getImageData(0, 0, canvas.width, canvas.height)
    let seed = i + 1
    for (let at = 0; at < image.data.length; at += 4) {
      seed = Math.imul(seed, 1664525) + 1013904223 | 0
      const texture = (seed >>> 28) - 8
      for (let c = 0; c < 3; c++) image.data[at + c] += texture
    }
    context.putImageData(image, 0, 0)
    return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 })
  }
  const photos = []
  for (let i = 0; i < 12; i++) photos.push(await photo(i))
  const { Extractor } = await import(`${base}likeness.js`)
  const extractor = await Extractor.load({ model: `${base}models/default.safetensors`, workers })
  const turn = (/** @type {number} */ n) => Array.from({ length: n }, (_, i) => photos[i % photos.length])
  for await (const { error } of extractor.extractAll(turn(2 * workers))) if (error) throw error
  // The network alone: pixels of its input's size need no preparation.
  const { width, height } = extractor.info.preparation
  const pixels = new ImageData(width, height)
  const { spent } = extractor.pool
  let engine = spent.engine
  for (let i = 0; i < 30; i++) await extractor.extract(pixels)
  const network = (spent.engine - engine) / 30
  const before = { ...spent }
  const start = performance.now()
  for await (const { error } of extractor.extractAll(turn(count))) if (error) throw error
  const seconds = (performance.now() - start) / 1000
  extractor.dispose()
  engine = (spent.engine - before.engine) / count
  return {
    seconds,
    bytes: photos.reduce((sum, blob) => sum + blob.size, 0) / photos.length,
    stages: { decode: (spent.decode - before.decode) / count, read: (spent.read - before.read) / count, prepare: engine - network, network }
  }
}, site.url, samples, Number(COUNT), Number(WORKERS))

const { seconds, stages, bytes } = result
const sum = Object.values(stages).reduce((a, b) => a + b)
console.log(`${await browser.version()}: ${COUNT} JPEGs of 12 megapixels (${(bytes / 1e6).toFixed(1)} MB each), ${WORKERS} workers: ${(Number(COUNT) / seconds).toFixed(1)} pictures a second`)
for (const [name, ms] of Object.entries(stages)) console.log(`  ${name.padEnd(8)} ${ms.toFixed(1).padStart(6)} ms  ${(100 * ms / sum).toFixed(0).padStart(3)} %`)
console.log(`  a worker is busy ${(100 * sum * Number(COUNT) / 1000 / seconds / Number(WORKERS)).toFixed(0)} % of the time`)
await browser.close()
await site.close()
