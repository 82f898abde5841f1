/**
 * Large networks in a real browser: they load, run, and give the bytes of the
 * native engine. The networks are made and converted first, which takes a
 * minute: LIKENESS_SLOW=1 turns it on. LIKENESS_ZOO names a folder that
 * may hold NAME.safetensors already.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { launch, serve } from './page-site.js'
import { parseNPY } from './page-vectors.js'

const root = new URL('../../', import.meta.url).pathname
const dist = process.env.LIKENESS_DIST ?? join(root, 'dist')
const bin = process.env.LIKENESS_BIN ?? join(root, 'bin', 'likeness')
const made = process.env.LIKENESS_ZOO ?? join(root, 'bin', 'networks')
const work = mkdtempSync(join(tmpdir(), 'likeness-networks-'))
const folder = join(work, 'site')
const options = { skip: process.env.LIKENESS_SLOW ? false : 'slow: LIKENESS_SLOW=1 runs ResNet50 and InceptionV3', timeout: 600_000 }
const samples = readdirSync(join(dist, 'samples')).filter((name) => /\.jpe?g$/i.test(name)).slice(0, 3)

/** @type {Awaited<ReturnType<typeof serve>>} */
let site
/** @type {import("puppeteer-core").Browser} */
let browser

before(async () => {
  if (options.skip) return
  cpSync(dist, folder, { recursive: true })
  mkdirSync(join(folder, 'blank'))
  writeFileSync(join(folder, 'blank', 'index.html'), '<!doctype html><title>Blank</title><link rel="icon" href="data:,"><script type="module" src="start.js"></script>')
  writeFileSync(join(folder, 'blank', 'start.js'), "import { Extractor } from '../likeness.js'\nglobalThis.Extractor = Extractor\n")
  site = await serve(folder, '/')
  browser = await launch()
})

after(async () => {
  await browser?.close()
  await site?.close()
  rmSync(work, { recursive: true, force: true })
})

/**
 * The model file of a network of the zoo.
 * @param {string} name
 */
function model (name) {
  const file = join(made, `${name}.safetensors`)
  if (existsSync(file)) return file
  mkdirSync(made, { recursive: true })
  execFileSync('go', ['run', './tools/zoo/makeonnx', '-o', made, name], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  execFileSync(bin, ['convert', join(made, `${name}.onnx`), '-o', file, '--preset', 'torch'], { stdio: ['ignore', 'ignore', 'inherit'] })
  rmSync(join(made, `${name}.onnx`))
  return file
}

for (const [name, dim] of /** @type {[string, number][]} */ ([['resnet50', 2048], ['inception_v3', 2048]])) {
  test(`${name} gives the native engine's bytes`, options, async () => {
    const file = model(name)
    const out = join(work, `${name}.npy`)
    execFileSync(bin, ['embed', '--model', file, '--format', 'npy', '-o', out, ...samples.map((sample) => join(dist, 'samples', sample))], { stdio: 'ignore' })
    const expected = parseNPY(readFileSync(out)).map((v) => [...new Uint8Array(v.buffer, v.byteOffset, v.byteLength)])
    assert.equal(expected[0].length, dim * 4)

    cpSync(file, join(folder, 'models', `${name}.safetensors`))
    const page = await browser.newPage()
    await page.goto(`${site.url}blank/index.html`)
    await page.waitForFunction(() => 'Extractor' in window)
    const got = await page.evaluate(async (model, names) => {
      const { Extractor } = /** @type {{Extractor: typeof import("../likeness.js").Extractor}} */ (/** @type {unknown} */ (window))
      const extractor = await Extractor.load({ model, workers: 1, decode: 'exact' })
      try {
        const vectors = []
        for (const name of names) {
          const picture = await (await fetch(`../samples/${name}`)).blob()
          const vector = await extractor.extract(picture)
          vectors.push([...new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)])
        }
        return vectors
      } finally {
        await extractor.dispose()
      }
    }, `../models/${name}.safetensors`, samples)
    await page.close()
    assert.deepEqual(got, expected)
    assert.notDeepEqual(got[0], got[1], 'two pictures have one vector')
  })
}
