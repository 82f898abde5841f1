/** The workers of a pool: memory that a giant leaves, tasks that are given up, files that are missing. */
import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { analysisParts, workerParts } from '../lib/missing.js'
import { kinds, launch, makeSite, root, skipped } from './library-site.js'
import { exif } from './pictures/jpeg.js'
import { chunk, png } from './pictures/png.js'

/** @type {import("./library-site.js").Site} */
let site

before(async () => {
  site = await makeSite()
  site.put('small.png', png(320, 240))
  // Held whole, since it has to be turned: 24 megapixels.
  site.put('giant.png', png(6000, 4000, undefined, [chunk('eXIf', exif(6).subarray(6))]))
})

after(() => site?.end())

for (const kind of kinds) {
  test(`a worker that met a giant is renewed and no task is lost (${kind})`, { skip: skipped(kind) }, async (t) => {
    const browser = await launch(kind)
    try {
      const page = await site.open(browser)
      const result = await page.evaluate(async () => {
        const { lib } = /** @type {any} */ (globalThis)
        const extractor = await lib.load({ workers: 2 })
        while (extractor.pool.seats.filter((/** @type {any} */ s) => s.ready).length < 2) await new Promise((resolve) => setTimeout(resolve, 20))
        const small = await lib.file('small.png')
        const first = String(await extractor.extract(small))
        const { width, height } = await extractor.describe(await lib.file('giant.png'))
        const most = Math.max(...extractor.pool.seats.map((/** @type {any} */ s) => s.memory))
        let done = 0
        for await (const { vector } of extractor.extractAll(Array(300).fill(small))) if (String(vector) === first) done++
        // What is idle and has answered once more is what will stay.
        for (let i = 0; i < 100 && extractor.pool.seats.some((/** @type {any} */ s) => s.heavy || !s.ready); i++) await new Promise((resolve) => setTimeout(resolve, 50))
        const memory = extractor.pool.seats.map((/** @type {any} */ s) => s.memory)
        extractor.dispose()
        return { width, height, most, done, memory }
      })
      assert.deepEqual([result.width, result.height], [4000, 6000])
      assert.ok(result.most > 150e6, `the giant took ${result.most} bytes only: it proves nothing`)
      assert.equal(result.done, 300)
      assert.equal(result.memory.length, 2)
      assert.ok(result.memory.every((/** @type {number} */ m) => m < 150e6), `${result.memory}`)
      t.diagnostic(`${(result.most / 1e6).toFixed()} MB with the giant, then ${result.memory.map((/** @type {number} */ m) => (m / 1e6).toFixed())} MB`)
    } finally {
      await browser.close()
    }
  })
}

test('a signal frees the worker at once', async () => {
  const browser = await launch()
  try {
    const page = await site.open(browser)
    const result = await page.evaluate(async () => {
      const { lib } = /** @type {any} */ (globalThis)
      const extractor = await lib.load()
      const giant = await lib.file('giant.png')
      const small = await lib.file('small.png')
      const start = performance.now()
      await extractor.extract(giant)
      const whole = performance.now() - start
      const stop = new AbortController()
      const given = lib.fault(extractor.extract(giant, { signal: stop.signal }))
      await new Promise((resolve) => setTimeout(resolve, 30))
      const { worker } = extractor.pool.seats.find((/** @type {any} */ s) => s.task)
      const next = extractor.extract(small)
      const at = performance.now()
      stop.abort()
      const { name } = await given
      const { length } = await next
      const waited = performance.now() - at
      const replaced = extractor.pool.seats.every((/** @type {any} */ s) => s.worker !== worker)
      extractor.dispose()
      return { whole, name, length, waited, replaced }
    })
    assert.equal(result.name, 'AbortError')
    assert.ok(result.length > 100)
    assert.ok(result.replaced)
    assert.ok(result.waited < Math.max(result.whole, 1000), `${result.waited} ms, the giant takes ${result.whole}`)
  } finally {
    await browser.close()
  }
})

test('the library works in a worker of the page', async () => {
  const browser = await launch()
  try {
    writeFileSync(join(site.folder, 'blank', 'inner.js'), `
      import { Extractor } from '../likeness.js'
      const extractor = await Extractor.load({ model: '../models/default.safetensors', workers: 1 })
      const file = await (await fetch('files/small.png')).blob()
      const all = [file, await createImageBitmap(file), new File([file], 'x.png')]
      for (const picture of all) postMessage(String(await extractor.extract(picture)))
      await extractor.extract('a string').catch(e => postMessage(e.code))
      extractor.dispose()
    `)
    const page = await site.open(browser)
    const said = await page.evaluate(() => new Promise((resolve, reject) => {
      /** @type {string[]} */
      const said = []
      const worker = new Worker('inner.js', { type: 'module' })
      worker.onerror = (e) => reject(new Error(e.message))
      worker.onmessage = ({ data }) => { if (said.push(data) === 4) resolve(said) }
    }))
    assert.equal(new Set(said.slice(0, 3)).size, 1)
    assert.ok(said[0].length > 500)
    assert.equal(said[3], 'picture-type')
  } finally {
    await browser.close()
  }
})

test('the parts of the workers are those that they import', () => {
  const lib = join(root, 'web', 'lib')
  for (const [entry, parts] of /** @type {const} */ ([['worker.js', workerParts], ['analysis-worker.js', analysisParts]])) {
    /** @type {Set<string>} */
    const found = new Set()
    const follow = (/** @type {string} */ path) => {
      if (found.has(path)) return
      found.add(path)
      if (path.endsWith('wasm_exec.js')) return
      for (const [, from] of readFileSync(path, 'utf8').matchAll(/^import (?:.* from )?'(.*)'$/gm)) follow(join(dirname(path), from))
    }
    follow(join(lib, entry))
    assert.deepEqual([...found].sort(), parts.map((part) => join(lib, part)).sort())
  }
})

/** What a broken site must say. @type {{name: string, change: (folder: string) => void, header?: string, code: string, says: RegExp}[]} */
const broken = [
  { name: 'no likeness.wasm', change: (f) => rmSync(join(f, 'likeness.wasm')), code: 'engine-missing', says: /likeness\.wasm could not be fetched \(the server answered 404\)/ },
  { name: 'a page in place of the wasm', change: (f) => writeFileSync(join(f, 'likeness.wasm'), '<!doctype html><title>Home</title>'), code: 'engine-invalid', says: /is not WebAssembly .* 34 bytes .* start page/ },
  { name: 'half of the wasm', change: (f) => writeFileSync(join(f, 'likeness.wasm'), readFileSync(join(f, 'likeness.wasm')).subarray(0, 1e6)), code: 'engine-invalid', says: /damaged or cut off/ },
  { name: 'no worker.js', change: (f) => rmSync(join(f, 'lib', 'worker.js')), code: 'worker-missing', says: /lib\/worker\.js could not be fetched \(the server answered 404\)/ },
  { name: 'no decode.js', change: (f) => rmSync(join(f, 'lib', 'decode.js')), code: 'worker-missing', says: /lib\/decode\.js could not be fetched/ },
  { name: 'no wasm_exec.js', change: (f) => rmSync(join(f, 'wasm_exec.js')), code: 'worker-missing', says: /wasm_exec\.js could not be fetched/ },
  { name: 'a policy without wasm-unsafe-eval', change: () => {}, header: "script-src 'self'; worker-src 'self'; connect-src 'self'", code: 'policy', says: /'wasm-unsafe-eval'/ },
  { name: 'a policy without workers', change: () => {}, header: "script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'; connect-src 'self'", code: 'worker-missing', says: /worker-src 'self'/ }
]

for (const kind of kinds) {
  test(`what is missing or forbidden is named (${kind})`, { skip: skipped(kind) }, async (t) => {
    const browser = await launch(kind)
    try {
      for (const { name, change, header, code, says } of broken) {
        await t.test(name, async () => {
          const other = await makeSite(change, header)
          try {
            const page = await other.open(browser)
            const fault = await page.evaluate(() => {
              const { lib } = /** @type {any} */ (globalThis)
              return lib.fault(lib.load())
            })
            assert.equal(fault.code, code, fault.message)
            assert.match(fault.message, says)
            await page.close()
          } finally {
            await other.end()
          }
        })
      }
    } finally {
      await browser.close()
    }
  })
}
