/** What is learned: the bytes that the command writes, by every head and by fine-tuning. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { bin, dist, launch } from './library-site.js'
import { click, makeTeach, open, readFolder, reads, saved } from './teach-page.js'

/** @type {Awaited<ReturnType<typeof makeTeach>>} */
let place
before(async () => { place = await makeTeach() })
after(() => place?.end())

test('the library learns the bytes that likeness teach writes, by every head, and says why nothing can be learned', { timeout: 240_000 }, async (t) => {
  const browser = await launch()
  t.after(() => browser.close())
  const { page } = await open(browser, place.url)
  const pictures = readdirSync(place.folder).flatMap((label) => readdirSync(join(place.folder, label)).map((name) => ({ label, name: `${label}/${name}`, base64: readFileSync(join(place.folder, label, name)).toString('base64') })))
  // In another order than the command has them in.
  pictures.sort((a, b) => (a.base64 < b.base64 ? -1 : 1))
  await page.evaluate(async (pictures) => {
    const { Extractor, Analysis } = await import(new URL('./likeness.js', location.href).href)
    const extractor = await Extractor.load({ model: 'models/default.safetensors', workers: 2 })
    const vectors = []
    for (const { base64 } of pictures) vectors.push(await extractor.extract(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))])))
    const dim = vectors[0].length
    const data = new Float32Array(vectors.length * dim)
    vectors.forEach((v, i) => data.set(v, i * dim))
    const analysis = await Analysis.start()
    await analysis.set(data, dim)
    const model = new Uint8Array(await (await extractor.modelFile()).arrayBuffer())
    const what = { class: pictures.map(({ label }) => label), names: pictures.map(({ name }) => name), model, layer: extractor.info.defaultLayer, pool: 'avg', name: 'taught' }
    Object.assign(window, {
      teach: async (/** @type {any} */ options, /** @type {any} */ more = {}, /** @type {any} */ hooks = {}) => {
        try {
          const taught = await analysis.teach({ ...what, ...more }, options, hooks)
          const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', taught.model))
          return { hash: [...hash].map((b) => b.toString(16).padStart(2, '0')).join(''), accuracy: taught.measured?.accuracy, labels: taught.labels }
        } catch (e) {
          const { code, name } = /** @type {any} */ (e)
          return { code: typeof code === 'string' ? code : name, message: /** @type {any} */ (e).message }
        }
      }
    })
  }, pictures)
  const ask = (/** @type {any} */ options, /** @type {any} */ more = {}) => page.evaluate((options, more) => /** @type {any} */ (window).teach(options, more), options, more)
  for (const [options, flags] of /** @type {[any, string[]][]} */ ([
    [{}, []],
    [{ head: 'dense', widths: [48, 16], epochs: 12, dropout: 0.25, smoothing: 0.1, patience: 3, seed: 7, balanced: true }, ['--head', 'dense', '--widths', '48,16', '--epochs', '12', '--dropout', '0.25', '--smoothing', '0.1', '--patience', '3', '--seed', '7', '--balanced']],
    [{ head: 'knn', k: 3, folds: 3, unsure: 0.1 }, ['--head', 'knn', '--k', '3', '--folds', '3', '--unsure', '0.1']]
  ])) {
    const out = join(place.work, 'taught.safetensors')
    const report = JSON.parse(execFileSync(bin, ['teach', '--model', join(dist, 'models/default.safetensors'), '--json', ...flags, '-o', out, place.folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
    assert.deepEqual(await ask(options), { hash: createHash('sha256').update(readFileSync(out)).digest('hex'), accuracy: report.cross_validation.accuracy, labels: ['faces', 'flags', 'vehicles'] }, JSON.stringify(options))
  }
  const same = pictures.map(() => 'one')
  assert.equal((await ask({}, { class: same })).code, 'learn-few-classes')
  assert.match((await ask({}, { class: same })).message, /two or more are wanted/)
  assert.equal((await ask({}, { class: pictures.map((_, i) => (i === 0 ? 'a' : i === 1 ? 'b' : null)) })).code, 'learn-few-pictures')
  assert.equal((await ask({ head: 'dense', rate: 1e38, epochs: 5, folds: 0 })).code, 'learn-diverged')
  assert.equal((await ask({ folds: 1 })).code, 'option')
  assert.equal((await ask({}, { layer: 'no such layer' })).code, 'learn-attach')
  assert.equal((await ask({}, { model: 'x' })).code, 'option')
  const stopped = await page.evaluate(async () => {
    const stop = new AbortController()
    const begun = performance.now()
    const answer = await /** @type {any} */ (window).teach({ head: 'dense', epochs: 1000, folds: 0 }, {}, { signal: stop.signal, onStep: () => stop.abort() })
    return { ...answer, ms: performance.now() - begun }
  })
  assert.equal(stopped.code, 'AbortError')
  assert.equal((await ask({})).labels.length, 3) // the next call works
})

test('fine-tuning in the page: the bytes of likeness teach --from, told better than by a head, cancelled at any time', { timeout: 400_000 }, async (t) => {
  const browser = await launch()
  t.after(() => browser.close())
  const { page } = await open(browser, place.url)
  await readFolder(page, place.folder)
  await page.select('#teach-head', 'tune')
  const set = (/** @type {Record<string, string>} */ values) => page.evaluate((values) => {
    for (const [key, value] of Object.entries(values)) {
      const field = /** @type {HTMLInputElement} */ (document.querySelector(`#teach-${key}`))
      field.value = value
      field.dispatchEvent(new Event('change', { bubbles: true }))
    }
  }, values)
  await set({ from: 'expanded_conv_15/add', epochs: '3', views: '2', folds: '2', seed: '3' })
  await click(page, /^Train$/)
  await reads(page, /A head alone reaches [\d.]+\s% in the same parts/)
  await reads(page, /its vectors agree by a cosine of (?:0\.99\d\d|1\.0000), and \d+\s% of the pictures get the same class/)
  await click(page, /^Save the model/)
  const { bytes } = await saved(page)
  const out = join(place.work, 'likeness-project.safetensors')
  execFileSync(bin, ['teach', '--model', join(dist, 'models/default.safetensors'), '--from', 'expanded_conv_15/add', '--epochs', '3', '--views', '2', '--folds', '2', '--seed', '3', '--cache', 'none', '-o', out, place.folder], { stdio: 'ignore' })
  assert.ok(bytes.equals(readFileSync(out)), 'the page and the command write different files')
  // Stopped, what was learned before stays.
  await set({ epochs: '500' })
  await click(page, /^Train again$/)
  await page.waitForFunction(() => /epoch \d+ of at most 500/.test(document.querySelector('.training .task')?.textContent ?? ''), { timeout: 60000 })
  await click(page, /^Cancel$/)
  await reads(page, /Stopped\. What was learned before stays/)
  await click(page, /^Save the model/)
  assert.ok((await saved(page)).bytes.equals(bytes))
  // Again it takes what the first layers made from where it was kept, until that is deleted.
  assert.ok((await page.evaluate(kept)).length === 1)
  await page.evaluate(() => {
    const text = /** @type {Element} */ (document.querySelector('.training .task span'))
    new MutationObserver(() => { if (text.textContent) (/** @type {any} */ (globalThis).said ??= []).push(text.textContent) }).observe(text, { childList: true, characterData: true, subtree: true })
  })
  await set({ epochs: '3' })
  await click(page, /^Train again$/)
  await page.waitForFunction(() => /From all pictures, epoch 3 of/.test(/** @type {any} */ (globalThis).said?.join('\n') ?? ''), { timeout: 60000 })
  const said = await page.evaluate(() => /** @type {string[]} */ (/** @type {any} */ (globalThis).said))
  assert.ok(said.includes('Looking at the pictures: what the first layers make of 72 is known from before'), said.join('\n'))
  await page.waitForFunction(() => document.querySelector('.training .task')?.hasAttribute('hidden'), { timeout: 60000 })
  await click(page, /^Save the model/)
  assert.ok((await saved(page)).bytes.equals(bytes))
  await page.evaluate(() => /** @type {HTMLElement} */ ([...document.querySelectorAll('#kept-list button')].find((e) => e.textContent === 'Delete')).click())
  await page.waitForSelector('dialog[open]')
  await page.evaluate(() => /** @type {HTMLElement} */ ([...document.querySelectorAll('dialog[open] button')].find((e) => e.textContent === 'Delete')).click())
  for (let i = 0; i < 100 && (await page.evaluate(kept)).length > 0; i++) await new Promise((resolve) => setTimeout(resolve, 100))
  assert.deepEqual(await page.evaluate(kept), [])
})

/** Names of the files that fine-tuning keeps; for the page. */
async function kept () {
  const root = await navigator.storage.getDirectory()
  const folder = await root.getDirectoryHandle('likeness-views').catch(() => null)
  /** @type {string[]} */
  const names = []
  if (folder) for await (const name of /** @type {any} */ (folder).keys()) names.push(name)
  return names
}
