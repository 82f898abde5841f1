/** How a model is loaded: what is fetched when, what is kept, and what its hash is. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { bytesOf, dist, kinds, launch, makeSite, samples, skipped, vectors } from './library-site.js'

const model = readFileSync(join(dist, 'models', 'default.safetensors'))
const hash = createHash('sha256').update(model).digest('hex')
const name = samples[0]

/** @type {import("./library-site.js").Site} */
let site

before(async () => {
  site = await makeSite()
  site.put(name, readFileSync(join(dist, 'samples', name)))
})

after(() => site?.end())

for (const kind of kinds) {
  test(`${kind}: the file that was loaded is kept, byte for byte, for one worker and for several`, { skip: skipped(kind) }, async () => {
    const browser = await launch(kind)
    try {
      const page = await site.open(browser)
      for (const workers of [1, 3]) {
        const kept = await page.evaluate(async (workers) => {
          const { lib } = /** @type {any} */ (globalThis)
          const extractor = await lib.load({ workers })
          const file = await extractor.modelFile()
          const again = await lib.load({ model: file })
          const kept = { hash: extractor.info.hash, again: again.info.hash, bytes: lib.bytes(new Uint8Array(await file.arrayBuffer())) }
          extractor.dispose()
          again.dispose()
          return kept
        }, workers)
        assert.equal(kept.hash, hash)
        assert.equal(kept.again, hash)
        assert.ok(model.equals(Buffer.from(kept.bytes)), `${workers} workers`)
      }
    } finally {
      await browser.close()
    }
  })

  test(`${kind}: the model is asked for while the engine is not there yet`, { skip: skipped(kind) }, async () => {
    const browser = await launch(kind)
    try {
      const page = await site.open(browser)
      const asked = () => site.asked.some((path) => path.endsWith('/models/default.safetensors'))
      site.asked.length = 0
      await page.exposeFunction('modelAsked', asked)
      const early = await page.evaluate(async () => {
        const { lib, modelAsked } = /** @type {any} */ (globalThis)
        const compile = WebAssembly.compileStreaming
        let early = false
        WebAssembly.compileStreaming = async (source) => {
          for (let i = 0; i < 500 && !early; i++) {
            early = await modelAsked()
            await new Promise((resolve) => setTimeout(resolve, 20))
          }
          return compile(source)
        }
        const extractor = await lib.load()
        extractor.dispose()
        return early
      })
      assert.ok(early, 'ten seconds passed without a request for the model')
      assert.equal(site.asked.filter((path) => path.endsWith('/models/default.safetensors')).length, 1, 'it is fetched once')
    } finally {
      await browser.close()
    }
  })
}

test('on a page that is not served securely the hash and the vectors are the same', async () => {
  const browser = await launch('chromium', {}, ['--host-resolver-rules=MAP pictures.example 127.0.0.1'])
  try {
    const page = await browser.newPage()
    await page.goto(`${site.url.replace('127.0.0.1', 'pictures.example')}blank/index.html`)
    await page.waitForFunction(() => 'lib' in window)
    const found = await page.evaluate(async () => {
      const { lib } = /** @type {any} */ (globalThis)
      const extractor = await lib.load()
      extractor.dispose()
      return { secure: isSecureContext, subtle: Boolean(crypto.subtle), hash: extractor.info.hash }
    })
    assert.deepEqual(found, { secure: false, subtle: false, hash })
    assert.deepEqual(await vectors(page, [name], 'exact'), site.native([name]).map(bytesOf))
  } finally {
    await browser.close()
  }
})

test('a worker that crashed is replaced with the model that was loaded, though it is gone from the host', async () => {
  const browser = await launch()
  const path = join(site.folder, 'models', 'default.safetensors')
  try {
    const page = await site.open(browser)
    await page.evaluate(async () => {
      const { lib } = /** @type {any} */ (globalThis)
      const kept = /** @type {any} */ (globalThis)
      kept.extractor = await lib.load()
      await kept.extractor.modelFile()
    })
    renameSync(path, `${path}.away`)
    const bytes = await page.evaluate(async (name) => {
      const { lib, extractor } = /** @type {any} */ (globalThis)
      extractor.pool.seats[0].worker.postMessage({ call: 'crash' })
      await new Promise((resolve) => setTimeout(resolve, 200))
      const vector = await extractor.extract(await lib.file(name), { decode: 'exact' })
      extractor.dispose()
      return lib.bytes(vector)
    }, name)
    assert.deepEqual([bytes], site.native([name]).map(bytesOf))
  } finally {
    renameSync(`${path}.away`, path)
    await browser.close()
  }
})
