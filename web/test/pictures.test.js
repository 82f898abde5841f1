/**
 * The same picture, whatever its file and whoever reads it. Every row of
 * pictures/table.js goes through the command, the engine's wasm in Node, and
 * the library in Chromium and Firefox:
 *
 *   - what Go reads gives the same bits, notes and size in all of them;
 *   - what is refused is refused with the same code and words in all of them;
 *   - with decode 'browser' vectors may differ by the tolerance of the row;
 *   - HEIC and AVIF give the same bits by the decoders that come with the page
 *     (decode 'exact', and where the browser has none), and nearly so else.
 *
 * LIKENESS_CASES names a folder of further files, held to the same rules.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { bin, dist, kinds, launch, makeSite, root, skipped } from './library-site.js'
import { parseNPY } from './page-vectors.js'
import { equal, table } from './pictures/table.js'

/** @typedef {{vector?: Float32Array, notes: string[], code?: string, message?: string}} Result */

const work = mkdtempSync(join(tmpdir(), 'likeness-pictures-'))
const model = join(dist, 'models', 'default.safetensors')

/** @type {import('./pictures/table.js').Row[]} */
const cases = process.env.LIKENESS_CASES
  ? readdirSync(process.env.LIKENESS_CASES).filter((name) => !name.endsWith('.md') && statSync(join(/** @type {string} */ (process.env.LIKENESS_CASES), name)).isFile())
    .map((name) => ({ name: `case-${name}`, bytes: readFileSync(join(/** @type {string} */ (process.env.LIKENESS_CASES), name)), browser: 0.97 }))
  : []

/** HEIC and AVIF, whose encoders are too large to be written by hand here. @type {import('./pictures/table.js').Row[]} */
const phones = readdirSync(join(root, 'tools', 'heif', 'testdata')).filter((name) => /\.(heic|avif)$/.test(name))
  .map((name) => ({ name, bytes: readFileSync(join(root, 'tools', 'heif', 'testdata', name)) }))
const all = [...table, ...phones, ...cases]

/** Formats that the command may read and the wasm does not. @param {string} name */
const phone = (name) => /\.(heic|avif)$/.test(name) && name !== 'called.heic' && !name.startsWith('case-jpeg_')

/** @type {Record<string, Record<string, Result>>} by way and name */
const results = {}

/** @type {import("./library-site.js").Site} */
let site

before(async () => {
  site = await makeSite()
  for (const { name, bytes } of all) {
    site.put(name, bytes)
    writeFileSync(join(work, name), bytes)
  }
  results.command = byCommand()
  results.node = await byNode()
  for (const kind of kinds) {
    if (skipped(kind)) continue
    const browser = await launch(kind)
    try {
      for (const decode of ['auto', 'exact', 'browser']) results[`${kind} ${decode}`] = await byBrowser(browser, decode)
    } finally {
      await browser.close()
    }
  }
})

after(async () => {
  await site?.end()
  rmSync(work, { recursive: true, force: true })
})

/** @returns {Record<string, Result>} */
function byCommand () {
  const out = join(work, 'out.npy')
  const ran = spawnSync(bin, ['embed', '--model', model, '--json', '-o', out, ...all.map(({ name }) => join(work, name))], { encoding: 'utf8', maxBuffer: 1 << 26 })
  const summary = JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '')
  const base = (/** @type {string} */ path) => path.slice(path.lastIndexOf('/') + 1)
  /** @type {string[]} */
  const names = JSON.parse(readFileSync(`${out}.json`, 'utf8')).names
  const vectors = parseNPY(readFileSync(out))
  /** @type {Record<string, Result>} */
  const result = {}
  names.forEach((name, i) => { result[base(name)] = { vector: vectors[i], notes: [] } })
  for (const { file, code, error } of summary.failures ?? []) result[base(file)] = { notes: [], code, message: error }
  for (const { file, code } of summary.flags ?? []) result[base(file)].notes.push(code)
  return result
}

/** The wasm in Node, called as the worker calls it. @returns {Promise<Record<string, Result>>} */
async function byNode () {
  const scope = /** @type {any} */ (globalThis)
  createRequire(import.meta.url)(join(dist, 'wasm_exec.js'))
  const go = new scope.Go()
  const { instance } = await WebAssembly.instantiate(readFileSync(join(dist, 'likeness.wasm')), go.importObject)
  go.run(instance)
  const { __likeness: engine } = scope
  const early = engine.extract(new Uint8Array(3), {})
  assert.deepEqual(early, { error: { code: 'not-loaded', message: 'extract: no model is loaded: call load or loadBytes before it' } })
  assert.equal(engine.loadBytes(new Uint8Array(readFileSync(model))).error, undefined)
  /** @type {Record<string, Result>} */
  const result = {}
  for (const { name, bytes } of all) {
    const { value, error } = engine.extract(new Uint8Array(bytes), {})
    result[name] = error ? { ...error, notes: [] } : { vector: value.vector, notes: value.notes.map((/** @type {any} */ n) => n.code) }
  }
  return result
}

/**
 * @param {import("puppeteer-core").Browser} browser
 * @param {string} decode
 * @returns {Promise<Record<string, Result>>}
 */
async function byBrowser (browser, decode) {
  const page = await site.open(browser)
  const found = await page.evaluate(async (names, decode) => {
    const { lib } = /** @type {any} */ (globalThis)
    const extractor = await lib.load({ decode })
    /** @type {Record<string, any>} */
    const found = {}
    for (const name of names) {
      try {
        const { vector, notes } = await extractor.describe(await lib.file(name))
        found[name] = { bytes: lib.bytes(vector), notes: notes.map((/** @type {any} */ n) => n.code) }
      } catch (e) {
        const { code, message } = /** @type {any} */ (e)
        found[name] = { code, message, notes: [] }
      }
    }
    extractor.dispose()
    return found
  }, all.map(({ name }) => name), decode)
  await page.close()
  for (const result of Object.values(found)) if (result.bytes) result.vector = new Float32Array(Uint8Array.from(result.bytes).buffer)
  return found
}

/** @param {Float32Array | undefined} a @param {Float32Array | undefined} b both of length 1 */
function cosine (a, b) {
  if (!a || !b) return NaN
  return a.reduce((sum, v, i) => sum + v * b[i], 0)
}

/** What must be equal to the last bit and word. @param {Result} result */
const exact = ({ vector, notes, code, message }) => ({ vector: vector && Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('hex'), notes, code, message })

for (const row of all) {
  const { name, like, refused, note, browser = 0.99 } = row
  test(name, () => {
    const { command } = results
    const expected = command[name]
    assert.ok(expected, 'the command says nothing of it')
    if (phone(name)) {
      assert.equal(results.node[name].code, 'picture-heic', 'without a page there is no decoder')
      const exactly = kinds.filter((kind) => !skipped(kind)).map((kind) => results[`${kind} exact`][name])
      for (const result of exactly) assert.deepEqual(exact(result), exact(expected.code === 'picture-heic' ? exactly[0] : expected))
      for (const [way, result] of Object.entries(results)) {
        if (way === 'node' || way === 'command') continue
        assert.ok(cosine(result[name].vector, exactly[0].vector) > 0.98, `${way}: ${result[name].message ?? cosine(result[name].vector, exactly[0].vector)}`)
      }
      return
    }
    assert.equal(expected.code, refused ?? (row.name.startsWith('case-') ? expected.code : undefined), expected.message)
    if (note) assert.deepEqual(expected.notes, [note])
    if (like) assert.ok(cosine(expected.vector, command['plain.png'].vector) >= like - 1e-6, `cosine with plain.png: ${cosine(expected.vector, command['plain.png'].vector)}`)
    for (const [way, result] of Object.entries(results)) {
      if (!way.endsWith(' browser') || expected.code || browser === 1) assert.deepEqual(exact(result[name]), exact(expected), way)
      else assert.ok(cosine(result[name].vector, expected.vector) >= browser, `${way}: ${result[name].message ?? cosine(result[name].vector, expected.vector)}`)
    }
  })
}

test('files of one picture give one vector', () => {
  for (const names of equal) {
    for (const name of names.slice(1)) assert.deepEqual(exact(results.command[name]).vector, exact(results.command[names[0]]).vector, `${name} and ${names[0]}`)
  }
})
