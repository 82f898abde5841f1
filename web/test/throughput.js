/**
 * JPEGs a second, by three ways in one run: make bench-throughput.
 *
 *   COUNT    photos of 12 megapixels for each way, 60 by default
 *   SMALL    pictures of 640 x 480 for each way, 200 by default
 *   ROUNDS   into how many turns they are divided, the ways taking turns, 4 by default
 *   WORKERS  2 by default
 *   BROWSER  chromium (default) or firefox
 *
 * The ways: extractAll as it comes, the files being decoded by the engine; the
 * same with decode 'browser', as it was before; and what other libraries do:
 * createImageBitmap with the network's input size, a canvas and getImageData,
 * then the same network on those pixels.
 *
 * The photos are JPEGs of 4032 x 3024 pixels and 3 to 5 MB, made here from the
 * sample pictures, enlarged, with as much texture added as that takes.
 */
import { readdirSync } from 'node:fs'
import { launch, serve } from './page-site.js'

const { COUNT = '60', SMALL = '200', ROUNDS = '4', WORKERS = '2', BROWSER = 'chromium' } = process.env
const dist = new URL('../../dist/', import.meta.url).pathname
const samples = readdirSync(`${dist}samples`).filter(name => name.endsWith('.jpg'))
const site = await serve(dist, '/sub/path/')
const browser = await launch(BROWSER === 'firefox' ? 'firefox' : 'chromium')
const page = await browser.newPage()
await page.goto(`${site.url}models/models.json`)

const made = await page.evaluate(async (base, samples) => {
  /**
   * @param {string} name
   * @param {number} width
   * @param {number} height
   * @param {number} texture grey levels
   */
  const jpeg = async (name, width, height, texture) => {
    const small = await createImageBitmap(await (await fetch(`${base}samples/${name}`)).blob())
    const canvas = new OffscreenCanvas(width, height)
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }))
    context.imageSmoothingQuality = 'high'
    context.drawImage(small, 0, 0, width, height)
    const image = context.getImageData(0, 0, width, height)
    let seed = 1
    for (let at = 0; at < image.data.length; at += 4) {
      seed = Math.imul(seed, 1664525) + 1013904223 | 0
      const more = texture * ((seed >>> 16) / 65536 - 0.5)
      for (let c = 0; c < 3; c++) image.data[at + c] += more
    }
    context.putImageData(image, 0, 0)
    return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 })
  }
  const photos = []
  const pictures = []
  for (const name of samples) {
    // More texture, more bytes: halved until it fits.
    let least = 0
    let most = 64
    let blob
    do {
      const texture = (least + most) / 2
      blob = await jpeg(name, 4032, 3024, texture)
      if (blob.size > 5e6) most = texture
      else least = texture
    } while (blob.size < 3e6 || blob.size > 5e6)
    photos.push(blob)
    pictures.push(await jpeg(name, 640, 480, 12))
  }
  Object.assign(globalThis, { photos, pictures })
  const sizes = (/** @type {Blob[]} */ blobs) => blobs.reduce((sum, b) => sum + b.size, 0) / blobs.length
  return { photo: sizes(photos), picture: sizes(pictures), least: Math.min(...photos.map(p => p.size)), most: Math.max(...photos.map(p => p.size)) }
}, site.url, samples)

/** @typedef {'engine' | 'browser' | 'canvas'} Way */

/** @type {{kind: string, way: Way, count: number, seconds: number[], stages: Record<string, number>}[]} */
const rows = await page.evaluate(async (base, counts, rounds, workers) => {
  const { Extractor } = await import(`${base}likeness.js`)
  const load = (/** @type {string} */ decode) => Extractor.load({ model: `${base}models/default.safetensors`, workers, decode })
  /** @type {Record<string, any>} */
  const extractors = { engine: await load('auto'), browser: await load('browser'), canvas: await load('auto') }
  const { width, height } = extractors.engine.info.preparation

  /** As other libraries do it. @param {Blob} file */
  const pixels = async file => {
    const bitmap = await createImageBitmap(file, { resizeWidth: width, resizeHeight: height })
    const canvas = new OffscreenCanvas(width, height)
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }))
    context.drawImage(bitmap, 0, 0)
    bitmap.close()
    return context.getImageData(0, 0, width, height)
  }
  /**
   * @param {Way} way
   * @param {Blob[]} files
   * @param {number} n
   */
  const run = async (way, files, n) => {
    const turn = Array.from({ length: n }, (_, i) => files[i % files.length])
    const from = performance.now()
    if (way === 'canvas') {
      const next = turn.values()
      await Promise.all(Array.from({ length: workers }, async () => {
        for (const file of next) await extractors.canvas.extract(await pixels(file), { resize: 'none' })
      }))
    } else {
      for await (const { error } of extractors[way].extractAll(turn)) if (error) throw error
    }
    return (performance.now() - from) / 1000
  }
  const { photos, pictures } = /** @type {any} */ (globalThis)
  const ways = /** @type {Way[]} */ (['engine', 'browser', 'canvas'])
  const rows = []
  for (const [kind, files, count] of [['photos', photos, counts[0]], ['small', pictures, counts[1]]]) {
    /** @type {Record<string, {seconds: number[], stages: Record<string, number>}>} */
    const result = {}
    for (const way of ways) {
      await run(way, files, 2 * workers)
      Object.assign(extractors[way].pool.spent, { decode: 0, read: 0, engine: 0 })
      result[way] = { seconds: [], stages: {} }
    }
    const each = Math.ceil(count / rounds)
    for (let r = 0; r < rounds; r++) for (const way of ways) result[way].seconds.push(await run(way, files, each))
    for (const way of ways) {
      for (const [stage, ms] of Object.entries(extractors[way].pool.spent)) result[way].stages[stage] = /** @type {number} */ (ms) / (each * rounds)
      rows.push({ kind, way, count: each, ...result[way] })
    }
  }
  for (const extractor of Object.values(extractors)) extractor.dispose()
  return rows
}, site.url, [Number(COUNT), Number(SMALL)], Number(ROUNDS), Number(WORKERS))

const names = { engine: 'ours (the engine decodes)', browser: "ours, decode: 'browser'", canvas: 'createImageBitmap and canvas' }
const heads = {
  photos: `JPEGs of 12 megapixels (${(made.photo / 1e6).toFixed(1)} MB, from ${(made.least / 1e6).toFixed(1)} to ${(made.most / 1e6).toFixed(1)})`,
  small: `JPEGs of 640 x 480 (${(made.picture / 1e3).toFixed(0)} kB)`
}
console.log(`${await browser.version()}, ${WORKERS} workers, the ways taking turns, ${ROUNDS} each; the best turn, and all`)
for (const kind of /** @type {const} */ (['photos', 'small'])) {
  console.log(heads[kind])
  /** @param {typeof rows[0]} row */
  const best = row => row.count / Math.min(...row.seconds)
  const base = rows.find(r => r.kind === kind && r.way === 'browser')
  for (const row of rows.filter(r => r.kind === kind)) {
    const all = row.count * row.seconds.length / row.seconds.reduce((a, b) => a + b)
    const stages = row.way === 'canvas' ? '' : `  a picture in its worker: ${Object.entries(row.stages).map(([stage, ms]) => `${stage} ${ms.toFixed(1)}`).join(', ')} ms`
    console.log(`  ${names[row.way].padEnd(30)} ${best(row).toFixed(1).padStart(6)} a second, ${all.toFixed(1).padStart(6)} over all  ${base ? (best(row) / best(base)).toFixed(2) : ''}x${stages}`)
  }
}
await browser.close()
await site.close()
