/** What frozen layers make of pictures, kept by the browser: taken from there the next time, to the same bytes, whatever happens to it. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { bin, dist, kinds, launch, makeSite, skipped } from './library-site.js'
import { sampleClasses } from './sample-classes.js'

const work = mkdtempSync(join(tmpdir(), 'likeness-frozen-'))
const folder = join(work, 'classes')
const from = 'expanded_conv_15/add'
/** Pictures, and bytes that the views of each take in a file. */
const [n, each] = [24, 40 + 2 * 2 * 5 * 5 * 160]
let hash = ''
before(() => {
  sampleClasses(folder, ['flags', 'faces'], n / 2)
  const out = join(work, 'taught.safetensors')
  execFileSync(bin, ['teach', '--model', join(dist, 'models/default.safetensors'), '--from', from, '--epochs', '2', '--views', '2', '--folds', '0', '--seed', '5', '--cache', 'none', '-o', out, folder], { stdio: 'ignore' })
  hash = createHash('sha256').update(readFileSync(out)).digest('hex')
})
after(() => rmSync(work, { recursive: true, force: true }))

const pictures = () => readdirSync(folder).flatMap((label) => readdirSync(join(folder, label)).map((name) => (
  { label, name: `${label}/${name}`, base64: readFileSync(join(folder, label, name)).toString('base64') })))

/** Puts on the page what the tests do. @param {import('puppeteer-core').Page} page */
async function prepare (page) {
  await page.evaluate(async (pictures, from) => {
    const { Extractor, Analysis } = await import(/** @type {any} */ ('../likeness.js'))
    const extractor = await Extractor.load({ model: '../models/default.safetensors', workers: 1 })
    const analysis = await Analysis.start()
    let runs = 0
    const views = extractor.views.bind(extractor)
    extractor.views = (/** @type {any[]} */ ...args) => { runs++; return views(...args) }
    const blobs = pictures.map(({ base64 }) => new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))]))
    const options = { from, views: 2, seed: 5 }
    const what = { class: pictures.map(({ label }) => label), names: pictures.map(({ name }) => name), model: new Uint8Array(await (await extractor.modelFile()).arrayBuffer()),
      layer: extractor.info.defaultLayer, pool: 'avg', name: 'taught' }
    const learn = async (/** @type {any} */ values) => {
      const { model } = await analysis.tune({ ...what, values }, { ...options, epochs: 2, folds: 0 })
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', model))
      return [...digest].map((b) => b.toString(16).padStart(2, '0')).join('')
    }
    const files = async () => {
      const root = await navigator.storage.getDirectory()
      const found = []
      const there = await root.getDirectoryHandle('likeness-views').catch(() => null)
      if (there) for await (const [name, handle] of /** @type {any} */ (there).entries()) found.push({ name, handle, size: (await handle.getFile()).size })
      return found
    }
    Object.assign(globalThis, {
      analysis, extractor, blobs, options, learn, files, Analysis,
      /** Freezes and learns. */
      both: async (/** @type {any} */ changed = {}) => {
        runs = 0
        /** @type {any[]} */
        const told = []
        try {
          const frozen = await analysis.frozen(extractor, blobs, { ...options, ...changed }, { onProgress: (/** @type {any} */ p) => told.push(p) })
          const { cached, kept, problem } = frozen
          const last = told[told.length - 1]
          return { runs, cached, kept, problem: problem?.message ?? '', code: problem?.code ?? '', told: told.length, last, hash: await learn(frozen), memory: frozen.values.filter((/** @type {any} */ v) => typeof v !== 'string').length }
        } catch (e) {
          return { code: /** @type {any} */ (e).code ?? /** @type {any} */ (e).name, message: /** @type {any} */ (e).message, runs }
        }
      },
      /** Changes the only file. */
      change: async (/** @type {(bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>} */ how) => {
        const [{ handle }] = await files()
        const bytes = how(new Uint8Array(await (await handle.getFile()).arrayBuffer()))
        const stream = await handle.createWritable()
        await stream.write(bytes)
        await stream.close()
      }
    })
  }, pictures(), from)
}

/** @param {import('puppeteer-core').Page} page @param {any} [changed] */
const both = (page, changed = {}) => page.evaluate((changed) => /** @type {any} */ (globalThis).both(changed), changed)
/** @param {import('puppeteer-core').Page} page @returns {Promise<{name: string, size: number}[]>} */
const files = (page) => page.evaluate(async () => (await /** @type {any} */ (globalThis).files()).map((/** @type {any} */ { name, size }) => ({ name, size })))

for (const kind of kinds) {
  test(`frozen layers' values in ${kind}`, { skip: skipped(kind), timeout: 300_000 }, async (t) => {
    const site = await makeSite()
    t.after(() => site.end())
    const browser = await launch(kind)
    t.after(() => browser.close())
    const open = async () => {
      const page = await site.open(browser)
      await prepare(page)
      return page
    }
    let page = await open()
    const again = async () => {
      await page.close()
      page = await open()
    }

    await t.test('a second training takes them from where they are kept, to the bytes of the command', async () => {
      const first = await both(page)
      assert.deepEqual({ ...first, told: 0 }, { runs: n, cached: 0, kept: n, problem: '', code: '', told: 0, last: { done: n, total: n, cached: 0 }, hash, memory: 0 })
      const second = await both(page)
      assert.deepEqual({ ...second, told: 0 }, { runs: 0, cached: n, kept: n, problem: '', code: '', told: 0, last: { done: n, total: n, cached: n }, hash, memory: 0 })
      await again()
      const third = await both(page)
      assert.deepEqual([third.runs, third.hash], [0, hash])
      const [{ size }] = await files(page)
      assert.equal(size, 64 + n * each)
    })

    await t.test('other options and other pictures are others', async () => {
      assert.equal((await both(page, { seed: 6 })).code, 'option', 'tune has taken values of another seed')
      assert.equal((await files(page)).length, 2)
      await page.evaluate(() => { /** @type {any} */ (globalThis).blobs[3] = new Blob([/** @type {any} */ (globalThis).blobs[3], new Uint8Array(7)]) })
      assert.deepEqual((await both(page)).runs, 1)
    })

    await t.test('a limit removes what was not used for longest, not what is in use', async () => {
      await again()
      const { runs } = await both(page, { limit: 0 })
      assert.equal(runs, 0)
      const left = await files(page)
      assert.equal(left.length, 1)
      assert.equal(left[0].size, 64 + (n + 1) * each)
    })

    await t.test('what is cut off or damaged is made again', async () => {
      assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).Analysis.forgetFrozen()), true)
      assert.equal((await both(page)).runs, n)
      await page.evaluate((bytes) => /** @type {any} */ (globalThis).change((/** @type {Uint8Array} */ b) => b.slice(0, bytes)), 64 + 10 * each + 100)
      const cut = await both(page)
      assert.deepEqual([cut.runs, cut.hash], [n - 10, hash])
      await page.evaluate((at) => /** @type {any} */ (globalThis).change((/** @type {Uint8Array} */ b) => { b[at] ^= 4; return b }), 64 + 5 * each + 999)
      const damaged = await both(page)
      assert.deepEqual([damaged.runs, damaged.hash], [1, hash])
      assert.equal((await both(page)).runs, 0)
      await page.evaluate(() => /** @type {any} */ (globalThis).change((/** @type {Uint8Array} */ b) => { b[3] ^= 4; return b }))
      const other = await both(page)
      assert.deepEqual([other.runs, other.hash], [n, hash])
    })

    await t.test('a tab that ends half-way leaves what is whole', async () => {
      await page.evaluate(() => /** @type {any} */ (globalThis).Analysis.forgetFrozen())
      await page.evaluate(() => {
        const { analysis, extractor, blobs, options } = /** @type {any} */ (globalThis)
        return new Promise((resolve) => analysis.frozen(extractor, blobs, options, { onProgress: (/** @type {any} */ { done }) => { if (done === 9) resolve(undefined) } }))
      })
      await again()
      const { runs, cached, hash: got } = await both(page)
      assert.ok(cached >= 9 && cached < n && runs === n - cached, `${cached} were kept, ${runs} made again`)
      assert.equal(got, hash)
    })

    await t.test('stopped, it stops; what was made stays for the next time', async () => {
      await page.evaluate(() => /** @type {any} */ (globalThis).Analysis.forgetFrozen())
      const name = await page.evaluate(() => {
        const { analysis, extractor, blobs, options } = /** @type {any} */ (globalThis)
        const stop = new AbortController()
        return analysis.frozen(extractor, blobs, options, { signal: stop.signal, onProgress: (/** @type {any} */ { done }) => { if (done === 5) stop.abort() } })
          .then(() => 'done', (/** @type {Error} */ e) => e.name)
      })
      assert.equal(name, 'AbortError')
      const { cached, hash: got } = await both(page)
      assert.ok(cached >= 5 && cached < n, `${cached} were kept`)
      assert.equal(got, hash)
    })

    await t.test('two tabs at once do not disturb each other', async () => {
      const other = await open()
      await page.evaluate(() => /** @type {any} */ (globalThis).Analysis.forgetFrozen())
      const [a, b] = await Promise.all([both(page), both(other)])
      assert.deepEqual([a.hash, b.hash], [hash, hash])
      // What one holds, the other neither changes nor removes.
      await page.evaluate(async () => {
        const { analysis, extractor, blobs, options } = /** @type {any} */ (globalThis)
        Object.assign(globalThis, { held: await analysis.frozen(extractor, blobs, options) })
      })
      assert.equal(await other.evaluate(() => /** @type {any} */ (globalThis).Analysis.forgetFrozen()), false)
      const late = await both(other, { limit: 0 })
      assert.equal(late.hash, hash)
      assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).learn(/** @type {any} */ (globalThis).held)), hash)
      await other.close()
      assert.equal((await both(page)).runs, 0)
    })

    await t.test('what is removed between is said', async () => {
      const got = await page.evaluate(async () => {
        const { analysis, extractor, blobs, options, learn, Analysis } = /** @type {any} */ (globalThis)
        const frozen = await analysis.frozen(extractor, blobs, options)
        await learn(frozen) // closes the files
        const gone = await Analysis.forgetFrozen()
        return learn(frozen).then(() => ({ gone }), (/** @type {any} */ { code, message }) => ({ gone, code, message }))
      })
      assert.equal(got.code, 'tune-data')
      assert.match(got.message, /there no longer.*call Analysis\.frozen again/)
      assert.equal(got.gone, true)
      assert.deepEqual(await files(page), [])
    })

    await t.test('without keeping it is held in memory, up to a limit that is told', async () => {
      const got = await both(page, { keep: false })
      assert.deepEqual([got.runs, got.memory, got.hash, got.problem], [n, n, hash, ''])
      assert.deepEqual(await files(page), [])
      const over = await both(page, { keep: false, memory: 10 * each })
      assert.equal(over.code, 'views-memory')
      assert.match(over.message, /choose a later layer, fewer views or fewer pictures/)
      assert.ok(over.runs < n)
    })

    await t.test('what cannot be an option is refused', async () => {
      for (const [changed, message] of /** @type {[any, RegExp][]} */ ([[{ from: '' }, /from is/], [{ limit: NaN }, /limit is/], [{ memory: '1 GB' }, /memory is/], [{ from: 'no such layer' }, /no layer/]])) {
        const got = await both(page, changed)
        assert.match(got.message, message)
      }
    })
  })

  test(`no room for frozen layers' values in ${kind}`, { skip: skipped(kind), timeout: 300_000 }, async (t) => {
    // The worker's files refuse to grow beyond some bytes, or there are none.
    const site = await makeSite((folder) => {
      const path = join(folder, 'lib', 'analysis-worker.js')
      writeFileSync(join(folder, 'lib', 'room.js'), `
        const { write } = FileSystemSyncAccessHandle.prototype
        const channel = new BroadcastChannel('room')
        let room = Infinity
        channel.onmessage = ({ data }) => {
          room = data
          if (data < 0) Object.defineProperty(navigator.storage, 'getDirectory', { value: undefined })
          channel.postMessage('heard')
        }
        FileSystemSyncAccessHandle.prototype.write = function (bytes, options) {
          if (options.at + bytes.length > room) throw new DOMException('there is no room', 'QuotaExceededError')
          return write.call(this, bytes, options)
        }`)
      writeFileSync(path, `import './room.js'\n${readFileSync(path, 'utf8')}`)
    })
    t.after(() => site.end())
    const browser = await launch(kind)
    t.after(() => browser.close())
    const page = await site.open(browser)
    await prepare(page)
    const room = (/** @type {number} */ bytes) => page.evaluate((bytes) => new Promise((resolve) => {
      const channel = new BroadcastChannel('room')
      channel.onmessage = ({ data }) => { if (data === 'heard') resolve(channel.close()) }
      channel.postMessage(bytes)
    }), bytes)

    await t.test('a quota that is refused half-way', async () => {
      await room(64 + 7 * each + 50)
      const first = await both(page)
      assert.deepEqual([first.runs, first.kept, first.memory, first.hash, first.code], [n, 7, n - 7, hash, 'views-not-kept'])
      assert.match(first.problem, /not kept for the next time.*no room/)
      const second = await both(page)
      assert.deepEqual([second.runs, second.cached, second.hash], [n - 7, 7, hash])
      const over = await both(page, { memory: 3 * each })
      assert.equal(over.code, 'views-memory')
      assert.match(over.message, /no room/)
      await room(Infinity)
      const third = await both(page)
      assert.deepEqual([third.runs, third.kept, third.hash], [n - 7, n, hash])
    })

    await t.test('no files at all', async () => {
      await page.evaluate(() => /** @type {any} */ (globalThis).Analysis.forgetFrozen())
      await page.reload()
      await page.waitForFunction(() => 'lib' in window)
      await prepare(page)
      await room(-1)
      const got = await both(page)
      assert.deepEqual([got.runs, got.kept, got.memory, got.hash], [n, 0, n, hash])
      assert.match(got.problem, /has no files for it/)
    })
  })
}

test('a quota of the browser', { timeout: 120_000 }, async (t) => {
  const site = await makeSite()
  t.after(() => site.end())
  const browser = await launch('chromium')
  t.after(() => browser.close())
  const page = await site.open(browser)
  await prepare(page)
  const session = await page.createCDPSession()
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(site.url).origin, quotaSize: 150_000 })
  const got = await both(page)
  assert.deepEqual([got.runs, got.hash, got.code], [n, hash, 'views-not-kept'])
  assert.ok(got.kept < n && got.memory === n - got.kept, `${got.kept} were kept`) // it grants room by larger pieces than one picture takes
  assert.match(got.problem, /not kept for the next time.*(quota|space)/i)
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(site.url).origin })
  const after = await both(page)
  assert.deepEqual([after.kept, after.problem, after.hash], [n, '', hash])
})
