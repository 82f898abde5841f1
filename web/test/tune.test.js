/** Fine-tuning by the library: the bytes of likeness teach --from, stopped at once, refusals. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { bin, dist, kinds, launch, makeSite, skipped } from './library-site.js'
import { sampleClasses } from './sample-classes.js'

const work = mkdtempSync(join(tmpdir(), 'likeness-tune-'))
const folder = join(work, 'classes')
const from = 'expanded_conv_15/add'
/** What likeness teach --from says and writes. @type {any} */
let report
let hash = ''
before(() => {
  sampleClasses(folder, ['flags', 'faces'], 12)
  const out = join(work, 'taught.safetensors')
  report = JSON.parse(execFileSync(bin, ['teach', '--model', join(dist, 'models/default.safetensors'), '--from', from, '--optimiser', 'sgd', '--epochs', '4', '--views', '3', '--folds', '2', '--smoothing', '0.1',
    '--seed', '5', '--cache', 'none', '--json', '-o', out, folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
  hash = createHash('sha256').update(readFileSync(out)).digest('hex')
})
after(() => rmSync(work, { recursive: true, force: true }))

for (const kind of kinds) {
  test(`fine-tuning in ${kind}`, { skip: skipped(kind), timeout: 300_000 }, async (t) => {
    const site = await makeSite()
    t.after(() => site.close())
    const browser = await launch(kind)
    t.after(() => browser.close())
    const page = await site.open(browser)
    const pictures = readdirSync(folder).flatMap((label) => readdirSync(join(folder, label)).map((name) => (
      { label, name: `${label}/${name}`, base64: readFileSync(join(folder, label, name)).toString('base64') })))
    pictures.sort((a, b) => (a.base64 < b.base64 ? -1 : 1)) // in another order than the command has them in
    await page.evaluate(async (pictures, from) => {
      const { Extractor, Analysis } = await import(/** @type {any} */ ('../likeness.js'))
      const extractor = await Extractor.load({ model: '../models/default.safetensors', workers: 2 })
      const values = await Promise.all(pictures.map(({ base64 }) => extractor.views(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))]), { from, views: 3, seed: 5 })))
      const analysis = await Analysis.start()
      const what = { class: pictures.map(({ label }) => label), names: pictures.map(({ name }) => name), values, model: new Uint8Array(await (await extractor.modelFile()).arrayBuffer()),
        layer: extractor.info.defaultLayer, pool: 'avg', name: 'taught' }
      const options = { from, views: 3, optimiser: 'sgd', epochs: 4, folds: 2, smoothing: 0.1, seed: 5 }
      Object.assign(globalThis, {
        what,
        tune: async (/** @type {any} */ changed = {}, /** @type {any} */ more = {}, /** @type {any} */ hooks = {}) => {
          const begun = performance.now()
          try {
            const { model, ...rest } = await analysis.tune({ ...what, ...more }, { ...options, ...changed }, hooks)
            const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', model))
            const told = [...rest.told].map((/** @type {number} */ k) => rest.labels[k])
            return { hash: [...hash].map((b) => b.toString(16).padStart(2, '0')).join(''), told, accuracy: rest.measured?.accuracy, head: rest.headAlone?.accuracy, agreement: rest.agreement, memory: analysis.memory }
          } catch (e) {
            const { code, name, message } = /** @type {any} */ (e)
            return { code: typeof code === 'string' ? code : name, message, ms: performance.now() - begun }
          }
        }
      })
    }, pictures, from)
    const ask = (/** @type {any} */ changed = {}, /** @type {any} */ more = {}) => page.evaluate((changed, more) => /** @type {any} */ (globalThis).tune(changed, more), changed, more)

    await t.test('the bytes and figures of the command, steps in their order', async () => {
      const { steps, ...got } = await page.evaluate(async () => {
        /** @type {number[][]} */
        const steps = []
        return { ...await /** @type {any} */ (globalThis).tune({}, {}, { onStep: (/** @type {any} */ s) => steps.push([s.part, s.epoch]) }), steps }
      })
      assert.equal(got.hash, hash)
      assert.equal(got.accuracy, report.cross_validation.accuracy)
      assert.equal(got.head, report.head_alone.accuracy)
      assert.equal(got.agreement.mean, report.agreement.cosine_mean)
      assert.equal(got.told.filter((/** @type {string} */ label, /** @type {number} */ i) => label === pictures[i].label).length / pictures.length, got.accuracy)
      assert.deepEqual(steps, [0, 1, 2].flatMap((part) => [1, 2, 3, 4].map((epoch) => [part, epoch])))
    })

    await t.test('a signal ends it at once, and the next call works', async () => {
      const stopped = await page.evaluate(async () => {
        const stop = new AbortController()
        let at = 0
        const answer = await /** @type {any} */ (globalThis).tune({ epochs: 100000, folds: 0 }, {}, { signal: stop.signal, onStep: () => { at ||= performance.now(); stop.abort() } })
        return { ...answer, late: performance.now() - at }
      })
      assert.equal(stopped.code, 'AbortError')
      assert.ok(stopped.late < 1000, `it went on for ${stopped.late} ms`)
      assert.equal((await ask()).hash, hash)
    })

    await t.test('many epochs take no more memory than few', async () => {
      const after = (/** @type {number} */ epochs) => page.evaluate(async (epochs) => {
        const { tune, what } = /** @type {any} */ (globalThis)
        const some = (/** @type {any[]} */ list) => list.filter((_, i) => i % 3 === 0)
        return (await tune({ folds: 0, epochs }, { class: some(what.class), names: some(what.names), values: some(what.values) })).memory
      }, epochs)
      const few = await after(5)
      assert.ok(few > 2 ** 20)
      // What was done before is collected now and then, so that calls differ by a few MiB.
      const many = await after(80)
      assert.ok(many < 1.25 * few, `${few} bytes after 5 epochs, ${many} after 80`)
    })

    await t.test('what cannot be learned is said', async () => {
      for (const [code, message, changed, more] of /** @type {[string, RegExp, any, any][]} */ ([
        ['tune-layer', /no layer .*blocks end at/, { from: 'no such layer' }, {}],
        ['tune-layer', /what follows reads other layers too/, { from: 'expanded_conv_15/expand' }, {}],
        ['tune-diverged', /went astray in epoch 1.*try a lower rate/, { rate: 1e12, warmUp: -1, folds: 0 }, {}],
        ['option', /decay is 11/, { decay: 11 }, {}],
        ['learn-few-classes', /two or more are wanted/, {}, { class: pictures.map(() => 'one') }],
        ['learn-few-pictures', /has 1/, {}, { class: pictures.map((_, i) => (i === 0 ? 'a' : 'b')) }],
        ['vectors-mixed', /names/, {}, { names: ['one'] }],
        ['option', /optimiser/, { optimiser: 'newton' }, {}],
        ['option', /from is/, { from: '' }, {}],
        ['tune-data', /cache/, { views: 1 }, {}]
      ])) {
        const got = await ask(changed, more)
        assert.equal(got.code, code, `${JSON.stringify(changed)}: ${got.message}`)
        assert.match(got.message, message)
      }
    })
  })
}
