/**
 * Seconds that fine-tuning takes in a browser: make bench-tune.
 *
 *   PHOTOS   a folder with a subfolder for each class
 *   FROM     the layer, by default that before the last two blocks
 *   EPOCHS   30 by default
 *   VIEWS    of each picture, 4 by default
 *   BROWSER  chromium (default) or firefox
 *   WORKERS  2 by default: they run the frozen layers; one more trains
 */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { dist } from './library-site.js'
import { launch, serve } from './page-site.js'

const { PHOTOS = '', FROM = 'expanded_conv_14/add', EPOCHS = '30', VIEWS = '4', BROWSER = 'chromium', WORKERS = '2' } = process.env
if (!PHOTOS) throw new Error('PHOTOS=FOLDER is wanted, a folder with a subfolder for each class')
const pictures = readdirSync(PHOTOS).flatMap((label) => readdirSync(join(PHOTOS, label)).map((name) => (
  { label, name: `${label}/${name}`, base64: readFileSync(join(PHOTOS, label, name)).toString('base64') })))

/** Processor seconds of a process and all below it, where /proc tells them. @param {number} root */
function processor (root) {
  const times = new Map()
  try {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
        times.set(Number(pid), { parent: Number(fields[1]), seconds: (Number(fields[11]) + Number(fields[12])) / 100 })
      } catch {} // it has just ended
    }
  } catch {
    return NaN
  }
  let sum = 0
  for (const [pid, { seconds }] of times) {
    let at = pid
    while (at && at !== root) at = times.get(at)?.parent ?? 0
    if (at === root) sum += seconds
  }
  return sum
}

const site = await serve(dist, '/sub/path/')
const browser = await launch(BROWSER === 'firefox' ? 'firefox' : 'chromium')
try {
  const page = await browser.newPage()
  await page.goto(`${site.url}models/models.json`)
  let mark = 0
  await page.exposeFunction('trainingBegins', () => { mark = processor(browser.process()?.pid ?? 0) })
  const told = await page.evaluate(async (base, pictures, { from, epochs, views, workers }) => {
    const { Extractor, Analysis } = await import(`${base}likeness.js`)
    const extractor = await Extractor.load({ model: `${base}models/default.safetensors`, workers })
    const files = pictures.map(({ base64 }) => new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))]))
    const begun = performance.now()
    const values = await Promise.all(files.map((file) => extractor.views(file, { from, views })))
    const seen = performance.now()
    await /** @type {any} */ (window).trainingBegins()
    const analysis = await Analysis.start()
    const model = new Uint8Array(await (await extractor.modelFile()).arrayBuffer())
    const what = { class: pictures.map(({ label }) => label), names: pictures.map(({ name }) => name), values, model, layer: extractor.info.defaultLayer, pool: 'avg' }
    const taught = await analysis.tune(what, { from, epochs, views, folds: 0 })
    return { pictures: files.length, views: (seen - begun) / 1000, training: (performance.now() - seen) / 1000, accuracy: taught.trainingAccuracy, agreement: taught.agreement, memory: analysis.memory / 2 ** 20 }
  }, site.url, pictures, { from: FROM, epochs: Number(EPOCHS), views: Number(VIEWS), workers: Number(WORKERS) })
  console.log(`${told.pictures} pictures, ${VIEWS} views, ${EPOCHS} epochs from ${FROM} in ${BROWSER}: frozen layers ${told.views.toFixed(1)} s, training ${told.training.toFixed(1)} s (${(processor(browser.process()?.pid ?? 0) - mark).toFixed(1)} s of processor), ${told.memory.toFixed(0)} MiB`)
  console.log(`accuracy on what was learned ${told.accuracy}, cosine of the file with the float run ${told.agreement.mean.toFixed(4)}`)
} finally {
  await browser.close()
  await site.close()
}
