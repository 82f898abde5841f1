// Measures what README states: node web/test/measure.js (after make build).
// Warm milliseconds a picture of 224 x 224 pixels with one worker, and reload
// to first vector with a warm cache.
import { launch, serve } from './page-site.js'

const dist = new URL('../../dist/', import.meta.url).pathname
const site = await serve(dist, '/sub/path/')
const browser = await launch()
const page = await browser.newPage()

/**
 * @param {boolean} many
 * @returns {Promise<{load: number, median: number, min: number}>}
 */
const visit = async many => {
  await page.goto(`${site.url}models/models.json`)
  return page.evaluate(async (base, many) => {
    const { Extractor } = await import(`${base}likeness.js`)
    const extractor = await Extractor.load({ model: `${base}models/default.safetensors`, workers: 1 })
    const pixels = new ImageData(224, 224)
    for (let i = 0; i < pixels.data.length; i++) pixels.data[i] = i % 4 === 3 ? 255 : (i * 7919 >> 3) & 255
    await extractor.extract(pixels)
    const load = performance.now()
    const times = []
    for (let i = 0; many && i < 300; i++) {
      const start = performance.now()
      await extractor.extract(pixels)
      times.push(performance.now() - start)
    }
    extractor.dispose()
    const warm = times.slice(100).sort((a, b) => a - b)
    return { load, median: warm[warm.length >> 1], min: warm[0] }
  }, site.url, many)
}

const first = await visit(true)
const loads = []
for (let i = 0; i < 5; i++) loads.push((await visit(false)).load)
loads.sort((a, b) => a - b)
console.log(`one vector, one worker, warm: median ${first.median.toFixed(1)} ms, minimum ${first.min.toFixed(1)} ms`)
console.log(`navigation to first vector: first visit ${first.load.toFixed(0)} ms, warm cache median ${loads[2].toFixed(0)} ms`)
await browser.close()
await site.close()
