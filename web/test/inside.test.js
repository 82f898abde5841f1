/** What looks into the network: the library in the browser gives what the command gives, to the bit. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { bin, bytesOf, dist, embed, kinds, launch, makeSite, samples, skipped } from './library-site.js'

for (const kind of kinds) {
  test(`${kind}: several layers of one run, feature maps and explanations`, { skip: skipped(kind), timeout: 120_000 }, async (t) => {
    const site = await makeSite()
    for (const name of samples) site.put(name, readFileSync(join(dist, 'samples', name)))
    const browser = await launch(kind)
    t.after(async () => { await browser.close(); await site.end() })
    const page = await site.open(browser)
    const got = await page.evaluate(async ([one, two]) => {
      const { Extractor, LikenessError } = await import(new URL('../likeness.js', location.href).href)
      const extractor = await Extractor.load({ model: new URL('../models/default.safetensors', location.href), workers: 1 })
      const file = /** @type {any} */ (globalThis).lib.file
      const [a, b] = [await file(one), await file(two)]
      const layers = [{ layer: extractor.info.defaultLayer }, { layer: extractor.layers[12].name, pool: 'max' }]
      const several = await extractor.extract(a, { layers })
      const alone = [await extractor.extract(a, layers[0]), await extractor.extract(a, layers[1])]
      const { shape, data } = await extractor.featureMap(a)
      const vector = alone[0]
      const [h, w, c] = shape
      const mean = Array.from({ length: c }, (_, k) => { let sum = 0; for (let p = 0; p < h * w; p++) sum += data[p * c + k]; return sum / (h * w) })
      const length = Math.hypot(...mean)
      const why = await extractor.explain(a, b)
      const seen = await extractor.seen(a)
      const bitmap = await createImageBitmap(seen)
      const faults = []
      for (const run of [() => extractor.extract(a, { layers: [] }), () => extractor.extract(a, { layers, layer: 'x' }), () => extractor.explain(a, b, { layer: 'nothing' })]) {
        faults.push(await run().then(() => 'none', (/** @type {any} */ e) => `${e instanceof LikenessError} ${e.code}`))
      }
      const q = await extractor.evaluate([[1, 0], [1, 0.1], [0, 1], [0.1, 1]], [0, 0, 1, 1])
      return {
        same: several.every((/** @type {Float32Array} */ v, /** @type {number} */ i) => v.length === alone[i].length && v.every((x, k) => x === alone[i][k])),
        shape, worst: Math.max(...mean.map((m, k) => Math.abs(m / length - vector[k]))),
        score: why.score, a: [...why.a], b: [...why.b], pairs: why.pairs.reduce((/** @type {number} */ s, /** @type {number} */ x) => s + x, 0), strongest: why.strongest,
        width: bitmap.width, faults, q
      }
    }, samples)
    assert.ok(got.same, 'layers of one run are those taken alone')
    assert.ok(got.worst < 1e-4, `the mean of the feature map is the vector, within ${got.worst}`)
    const native = JSON.parse(execFileSync(bin, ['explain', '--json', '--model', join(dist, 'models', 'default.safetensors'), join(dist, 'samples', samples[0]), join(dist, 'samples', samples[1])], { encoding: 'utf8' }))
    assert.equal(got.score, native.score)
    assert.deepEqual(got.a, native.a)
    assert.deepEqual(got.b, native.b)
    assert.deepEqual(got.shape, native.shape)
    for (const sum of [got.a.reduce((s, x) => s + x, 0), got.b.reduce((s, x) => s + x, 0), got.pairs]) assert.ok(Math.abs(sum - got.score) < 1e-12)
    assert.deepEqual(got.faults, ['true option', 'true option', 'true layer-unknown'])
    assert.deepEqual({ p1: got.q.p1, map: got.q.map }, { p1: 1, map: 1 })
    assert.ok(got.width >= 320)
  })

  test(`${kind}: generalised means are the bits of the command`, { skip: skipped(kind), timeout: 120_000 }, async (t) => {
    const site = await makeSite()
    for (const name of samples) site.put(name, readFileSync(join(dist, 'samples', name)))
    const browser = await launch(kind)
    const work = mkdtempSync(join(tmpdir(), 'likeness-gem-'))
    t.after(async () => { await browser.close(); await site.end(); rmSync(work, { recursive: true }) })
    const page = await site.open(browser)
    const got = await page.evaluate(async (name) => {
      const { lib } = /** @type {any} */ (globalThis)
      const extractor = await lib.load({ decode: 'exact' })
      const file = await lib.file(name)
      const layer = extractor.layers[12].name
      const layers = [{ pool: 'gem' }, { pool: 'gem:4.5' }, { layer, pool: 'gem' }, { layer, pool: 'gem:1' }]
      const several = await extractor.extract(file, { layers })
      const alone = await extractor.extract(file, { pool: 'gem' })
      const faults = []
      for (const pool of ['gem:0.5', 'gem:', 'gem4', 'gem:101']) faults.push(await extractor.extract(file, { pool }).then(() => 'none', (/** @type {any} */ e) => `${e.code}: ${e.message}`))
      return { layer, bytes: several.map((/** @type {Float32Array} */ v) => [...new Uint8Array(v.buffer, v.byteOffset, v.byteLength)]), alone: [...alone], faults }
    }, samples[0])
    const file = join(dist, 'samples', samples[0])
    for (const [i, more] of [['--pool', 'gem'], ['--pool', 'gem:4.5'], ['--pool', 'gem', '--layer', got.layer], ['--pool', 'gem:1', '--layer', got.layer]].entries()) {
      assert.deepEqual(got.bytes[i], bytesOf(embed([file], work, more)[0]), more.join(' '))
    }
    assert.deepEqual(got.bytes[0], bytesOf(Float32Array.from(got.alone)))
    assert.ok(new Set(got.bytes.map(String)).size === 4, 'each pooling gives other values')
    for (const fault of got.faults) assert.match(fault, /^(pool-unknown|option): .*gem/)
  })
}
