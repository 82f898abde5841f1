/** Neighbours and maps in a worker of their own: the bits of the command, cancelling, placing, refusals. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { bin, kinds, launch, makeSite, skipped } from './library-site.js'

/** Vectors about centres, as pictures of kinds are. @param {number} n @param {number} dim */
function clouds (n, dim) {
  let state = 1
  const chance = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  }
  const centres = Array.from({ length: 12 * dim }, chance)
  return Float32Array.from({ length: n * dim }, (_, i) => centres[Math.floor(i / dim) % 12 * dim + i % dim] + 0.5 * chance())
}

/** @param {Float32Array} data @param {number} dim */
function npy (data, dim) {
  const head = `{'descr': '<f4', 'fortran_order': False, 'shape': (${data.length / dim}, ${dim}), }`
  const padded = head.padEnd(Math.ceil((head.length + 11) / 64) * 64 - 11) + '\n'
  const length = Buffer.alloc(2)
  length.writeUInt16LE(padded.length)
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(padded), Buffer.from(data.buffer)])
}

const dim = 24
const data = clouds(300, dim)

/** The coordinates that likeness map gives. @param {string[]} flags */
function native (flags) {
  const work = mkdtempSync(join(tmpdir(), 'likeness-map-'))
  try {
    writeFileSync(join(work, 'v.npy'), npy(data, dim))
    execFileSync(bin, ['map', ...flags, join(work, 'v.npy'), '-o', join(work, 'm.csv')], { stdio: 'pipe' })
    return readFileSync(join(work, 'm.csv'), 'utf8').trim().split('\r\n').slice(1).flatMap(line => line.split(',').slice(1).map(x => Math.fround(Number(x))))
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** @type {{flags: string[], options: any}[]} */
const maps = [
  { flags: ['--method', 'umap', '--seed', '7'], options: { method: 'umap', seed: 7 } },
  { flags: ['--method', 'umap', '--min-dist', '0', '--neighbours', '8', '--epochs', '90', '--dims', '3'], options: { method: 'umap', minDist: 0, neighbours: 8, epochs: 90, dims: 3 } },
  { flags: ['--method', 'tsne', '--seed', '2', '--perplexity', '12'], options: { method: 'tsne', seed: 2, perplexity: 12 } },
  { flags: ['--method', 'tsne', '--dims', '3', '--epochs', '60'], options: { method: 'tsne', dims: 3, epochs: 60 } },
  { flags: ['--method', 'pca', '--dims', '3'], options: { method: 'pca', dims: 3 } }
]

for (const kind of kinds) {
  test(`analysis in ${kind}`, { skip: skipped(kind) }, async (t) => {
    const site = await makeSite()
    const browser = await launch(kind)
    try {
      const page = await site.open(browser)
      await page.evaluate(async (values, dim) => {
        const any = /** @type {any} */ (globalThis)
        any.analysis = await (await import(/** @type {any} */ ('../likeness.js'))).Analysis.start()
        any.data = new Float32Array(values)
        any.clouds = (/** @type {number} */ n, /** @type {number} */ dim) => Float32Array.from({ length: n * dim }, (_, i) => Math.sin(i * 12.9898 + (i / dim | 0) % 9) * (1 + (i % dim)))
        await any.analysis.set(any.data, dim)
      }, [...data], dim)

      await t.test('the bits of likeness map', async () => {
        for (const { flags, options } of maps) {
          const got = await page.evaluate(async (options) => {
            const { analysis } = /** @type {any} */ (globalThis)
            let frames = 0
            /** @type {number[]} */
            const done = []
            const map = await analysis.map(options, { onFrame: () => frames++, onProgress: (/** @type {any} */ p) => done.push(p.done) })
            const { near, trustworthiness, kept } = await analysis.measure(map)
            return { coords: [...map.coords], frames, done, near, trustworthiness, kept, sum: map.explained.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0) }
          }, options)
          assert.deepEqual(got.coords, native(flags), flags.join(' '))
          assert.ok(got.done.every((d, i) => d >= 0 && d <= 1 && d >= (got.done[i - 1] ?? 0)), String(got.done))
          assert.ok(got.near === 10 && got.trustworthiness > 0.6 && got.kept > 0.05, JSON.stringify([flags, got.trustworthiness, got.kept]))
          assert.equal(got.sum > 0, options.method === 'pca')
        }
      })

      await t.test('neighbours are those of the definition', async () => {
        const got = await page.evaluate(() => /** @type {any} */ (globalThis).analysis.nearest(5, 6))
        const row = (/** @type {number} */ i) => data.subarray(i * dim, (i + 1) * dim)
        const dot = (/** @type {Float32Array} */ a, /** @type {Float32Array} */ b) => a.reduce((sum, x, k) => sum + x * b[k], 0)
        const cosine = (/** @type {number} */ i) => dot(row(5), row(i)) / Math.sqrt(dot(row(5), row(5)) * dot(row(i), row(i)))
        const wanted = Array.from({ length: 300 }, (_, i) => i).filter(i => i !== 5).sort((a, b) => cosine(b) - cosine(a)).slice(0, 6)
        assert.deepEqual(got.map((/** @type {any} */ m) => m.index), wanted)
        assert.ok(Math.abs(got[0].score - cosine(wanted[0])) < 1e-6)
      })

      await t.test('new vectors are placed near their like, and a copy on its place', async () => {
        for (const method of ['umap', 'tsne', 'pca']) {
          const got = await page.evaluate(async (method, dim) => {
            const { analysis, data } = /** @type {any} */ (globalThis)
            await analysis.set(data.slice(0, 240 * dim), dim)
            const map = await analysis.map({ method, epochs: method === 'pca' ? undefined : 200 })
            const before = [...map.coords]
            const all = new Float32Array(data.length + dim)
            all.set(data)
            all.set(data.subarray(3 * dim, 4 * dim), data.length)
            await analysis.set(all, dim)
            const fresh = await analysis.place(map)
            const one = await analysis.place(map, { fresh: [250] })
            const nearest = []
            for (let i = 0; i < 60; i++) nearest.push((await analysis.nearest(240 + i, 300)).find((/** @type {any} */ m) => m.index < 240).index)
            await analysis.set(data, dim)
            return { before, after: [...map.coords], fresh: [...fresh], one: [...one], nearest }
          }, method, dim)
          assert.deepEqual(got.after, got.before)
          assert.equal(got.fresh.length, 2 * 61)
          assert.deepEqual(got.one, got.fresh.slice(20, 22))
          if (method === 'pca') got.fresh.slice(120).forEach((x, d) => assert.ok(Math.abs(x - got.before[6 + d]) < 1e-6))
          else assert.deepEqual(got.fresh.slice(120), got.before.slice(6, 8))
          const away = got.nearest.map((j, i) => Math.hypot(got.fresh[2 * i] - got.before[2 * j], got.fresh[2 * i + 1] - got.before[2 * j + 1])).sort((a, b) => a - b)[30]
          const width = Math.max(...got.before) - Math.min(...got.before)
          assert.ok(away < width / (method === 'pca' ? 3 : 6), `${method}: ${away} of ${width}`)
        }
      })

      await t.test('a signal ends the work within a tenth of a second, whatever it is at', async () => {
        const got = await page.evaluate(async (dim) => {
          const { analysis, clouds, data } = /** @type {any} */ (globalThis)
          const large = clouds(6000, 256)
          await analysis.set(large, 256)
          const times = []
          for (const [method, after] of /** @type {[string, number][]} */ ([['umap', 5], ['umap', 400], ['tsne', 900], ['pca', 60], ['umap', 1500]])) {
            const stop = new AbortController()
            let aborted = 0
            setTimeout(() => { aborted = performance.now(); stop.abort(new Error('enough')) }, after)
            const why = await analysis.map({ method }, { signal: stop.signal }).then(() => 'done', (/** @type {Error} */ e) => e.message)
            const told = performance.now() - aborted
            // It is free again when it answers.
            const free = performance.now()
            const found = (await analysis.nearest(0, 3)).length
            times.push({ method, why, told, free: performance.now() - free, found })
          }
          await analysis.set(data, dim)
          return times
        }, dim)
        for (const { method, why, told, free, found } of got) {
          if (method === 'pca' && why === 'done') continue
          assert.equal(why, 'enough', method)
          assert.ok(told < 100 && found === 3 && free < 3000, `${method}: told after ${told} ms, free after ${free} ms`)
        }
      })

      await t.test('what else was under way goes on when a worker is renewed', async () => {
        const got = await page.evaluate(async (dim) => {
          const { analysis, clouds, data } = /** @type {any} */ (globalThis)
          const other = analysis.map({ method: 'umap', seed: 7 })
          await new Promise(resolve => setTimeout(resolve, 60))
          const worker = analysis.worker
          analysis.renew()
          const map = await other
          const again = await analysis.map({ method: 'umap', seed: 7 })
          void clouds; void data; void dim
          return { renewed: worker !== analysis.worker, same: map.coords.every((/** @type {number} */ x, /** @type {number} */ i) => x === again.coords[i]) }
        }, dim)
        assert.deepEqual(got, { renewed: true, same: true })
      })

      await t.test('input that is not what is wanted', async () => {
        const got = await page.evaluate(async (dim) => {
          const { analysis, data, lib } = /** @type {any} */ (globalThis)
          const tell = async (/** @type {() => Promise<any>} */ run) => {
            const { code, message, known } = await lib.fault(run())
            return `${code}: ${message} ${known}`
          }
          const said = []
          const bad = data.slice()
          bad[5 * dim + 2] = NaN
          said.push(await tell(() => analysis.set(bad, dim)))
          said.push(await tell(() => analysis.set(data.slice(1), dim)))
          said.push(await tell(() => analysis.set([1, 2], 1)))
          said.push(await tell(() => analysis.set(data, 0)))
          await analysis.set(data.slice(0, dim), dim)
          said.push(await tell(() => analysis.map({ method: 'umap' })))
          said.push(String([...(await analysis.map()).coords]))
          said.push(JSON.stringify(await analysis.measure(await analysis.map())))
          await analysis.set(new Float32Array(40 * dim).fill(0.5), dim)
          said.push(await tell(() => analysis.map({ method: 'tsne' })))
          said.push(await tell(() => analysis.map({ method: 'umap' })))
          said.push(String((await analysis.map({ method: 'pca' })).coords.every((/** @type {number} */ x) => x === 0)))
          await analysis.set(data, dim)
          said.push(await tell(() => analysis.map({ method: 'mds' })))
          said.push(await tell(() => analysis.map({ method: 'tsne', perplexity: 200 })))
          said.push(await tell(() => analysis.map({ dims: 4 })))
          said.push(await tell(() => analysis.map({ seed: -1 })))
          said.push(await tell(() => analysis.nearest(300)))
          said.push(await tell(() => analysis.nearest(new Float32Array(3))))
          said.push(await tell(() => analysis.place({ method: 'umap', dims: 2, coords: new Float32Array(3) })))
          said.push(await tell(() => analysis.place({ method: 'umap', dims: 2, coords: new Float32Array(8).fill(NaN) })))
          said.push(await tell(() => analysis.measure({ dims: 2, coords: new Float32Array(4) })))
          await analysis.set(new Float32Array(0), dim)
          said.push(await tell(() => analysis.map()))
          await analysis.set(data, dim)
          return said
        }, dim)
        const wanted = [/^vectors-invalid: vector 5 holds a value that is not a finite number.* true$/, /^vectors-mixed: .*true$/, /^vectors-type/, /^option: dim/,
          /^vectors-few: umap wants 4 vectors or more, there is 1: use pca/, /^0,0$/, /^{"near":0}$/, /^vectors-alike/, /^vectors-alike/, /^true$/,
          /^option: method/, /^option: perplexity is 200, with 300 vectors at most 99/, /^option: dims/, /^option: seed/, /^option: nearest: 300/, /^vectors-mixed: the query has 3/,
          /^vectors-mixed: the map has places of 1.5/, /not finite/, /^vectors-mixed: the map has 4 coordinates/, /^vectors-few: map: there are no vectors/]
        got.forEach((text, i) => assert.match(text, wanted[i]))
        assert.equal(got.length, wanted.length)
      })

      await t.test('100,000 vectors', { skip: kind === 'firefox' || !process.env.LIKENESS_SLOW ? 'only with LIKENESS_SLOW, in Chromium' : false, timeout: 600_000 }, async () => {
        const got = await page.evaluate(async () => {
          const { analysis, clouds } = /** @type {any} */ (globalThis)
          await analysis.set(clouds(100000, 320), 320)
          const map = await analysis.map({ method: 'umap', epochs: 20 })
          return { finite: map.coords.every(Number.isFinite), n: map.coords.length, memory: analysis.memory }
        })
        assert.ok(got.finite && got.n === 200000, JSON.stringify(got))
      })

      await t.test('after dispose there is one clear error', async () => {
        const got = await page.evaluate(async () => {
          const { analysis, lib } = /** @type {any} */ (globalThis)
          const under = lib.fault(analysis.map({ method: 'tsne' }))
          await new Promise(resolve => setTimeout(resolve, 50))
          analysis.dispose()
          return [await under, await lib.fault(analysis.nearest(0))].map(({ code, message }) => `${code}: ${message}`)
        })
        assert.deepEqual(got, Array(2).fill('disposed: this analysis was disposed: start a new one'))
      })
      await page.close()
    } finally {
      await browser.close()
      await site.end()
    }
  })
}

test('where there are no workers that is said', async () => {
  const { Analysis } = await import('../likeness.js')
  await assert.rejects(() => Analysis.start(), { code: 'environment' })
})
