/** The built folder as a package: what npm packs is right, and is used as its README says, in Node and in a fresh Vite project. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { dist, embed, launch, root, samples } from './library-site.js'
import { serve } from './page-site.js'

const work = mkdtempSync(join(tmpdir(), 'likeness-package-'))
const picture = join(dist, 'samples', samples[0])
const tools = join(root, 'web/node_modules/.bin')
let pack = ''

/**
 * A project with the package installed from its tarball.
 * @param {string} name
 */
function project (name) {
  const folder = join(work, name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }))
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--offline', '--loglevel=error', pack], { cwd: folder })
  return folder
}

before(() => {
  const name = execFileSync('npm', ['pack', '--silent', dist], { cwd: work, encoding: 'utf8' }).trim()
  pack = join(work, name)
})
after(() => rmSync(work, { recursive: true, force: true }))

test('publint and attw find nothing wrong, and the page is not in the package', () => {
  const names = execFileSync('tar', ['tzf', pack], { encoding: 'utf8' })
  for (const wanted of ['likeness.js', 'likeness.d.ts', 'likeness.wasm', 'wasm_exec.js', 'lib/worker.js', 'search/likeness-search.js', 'node/index.js', 'models/default.safetensors', 'README.md', 'LICENSE']) {
    assert.ok(names.includes(`package/${wanted}\n`), wanted)
  }
  assert.ok(!/package\/(page|samples|index\.html)/.test(names))
  assert.match(execFileSync(join(tools, 'publint'), ['run', pack, '--strict'], { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } }), /All good/)
  assert.doesNotMatch(execFileSync(join(tools, 'attw'), [pack, '--profile', 'esm-only', '--no-color', '--exclude-entrypoints', './likeness.wasm', './model'], { encoding: 'utf8' }), /❌/)
})

test('in Node the vectors are those of the command, to the bit', { timeout: 120_000 }, () => {
  const folder = project('node')
  writeFileSync(join(folder, 'main.js'), `
    import { readFile } from 'node:fs/promises'
    import { Extractor, Analysis, LikenessError } from 'likeness'
    const extractor = await Extractor.load({ model: import.meta.resolve('likeness/model'), workers: 2 })
    const bytes = await readFile(process.argv[2])
    const [a, b] = await Promise.all([extractor.extract(bytes), extractor.extract(new Blob([bytes]))])
    const bad = await extractor.extract(new Uint8Array(9)).catch(e => (e instanceof LikenessError) + ' ' + e.code)
    const gone = await Extractor.load({ model: './none.safetensors' }).catch(e => e.code)
    extractor.dispose()
    const analysis = await Analysis.start()
    await analysis.set(Float32Array.of(1, 0, 0, 1, 1, 0.1), 2)
    const near = await analysis.nearest(0, 2)
    analysis.dispose()
    console.log(JSON.stringify({ a: [...a], b: [...b], bad, gone, near: near.map(n => n.index) }))`)
  const got = JSON.parse(execFileSync('node', ['main.js', picture], { cwd: folder, encoding: 'utf8', timeout: 60_000 }))
  const [native] = embed([picture], work)
  assert.deepEqual(got.a, [...native])
  assert.deepEqual(got.b, got.a)
  assert.deepEqual([got.bad, got.gone, got.near], ['true picture-format', 'model-missing', [2, 1]])
})

for (const mode of /** @type {const} */ (['development', 'production'])) {
  test(`in a Vite project, ${mode}, as the package's README says`, { timeout: 180_000 }, async (t) => {
    const folder = project(`vite-${mode}`)
    const { build, createServer } = await import('vite')
    mkdirSync(join(folder, 'public'))
    cpSync(picture, join(folder, 'public', 'photo.jpg'))
    writeFileSync(join(folder, 'index.html'), '<!doctype html><html lang="en"><meta charset="utf-8"><title>Vite</title><p id="out"></p><script type="module" src="/main.js"></script>')
    writeFileSync(join(folder, 'main.js'), `
      import { Extractor } from 'likeness'
      import model from 'likeness/model?url'
      import 'likeness/search'
      try {
        const extractor = await Extractor.load({ model, workers: 1 })
        const vector = await extractor.extract(await (await fetch('photo.jpg')).blob())
        document.getElementById('out').textContent = JSON.stringify([...vector])
      } catch (e) { document.getElementById('out').textContent = 'failed ' + e.message }`)
    const options = { root: folder, configFile: /** @type {false} */ (false), base: './', logLevel: /** @type {const} */ ('error'), optimizeDeps: { exclude: ['likeness'] }, worker: { format: /** @type {const} */ ('es') }, build: { target: 'es2022' } }
    let url = ''
    if (mode === 'development') {
      const server = await createServer({ ...options, base: '/', server: { host: '127.0.0.1', port: 0 } })
      await server.listen()
      t.after(() => server.close())
      url = server.resolvedUrls?.local[0] ?? ''
    } else {
      await build(options)
      assert.ok(readdirSync(join(folder, 'dist/assets')).some((name) => name.endsWith('.wasm')))
      const site = await serve(join(folder, 'dist'), '/below/', "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'")
      t.after(() => site.close())
      url = site.url
    }
    const browser = await launch()
    t.after(() => browser.close())
    const page = await browser.newPage()
    await page.goto(url)
    await page.waitForFunction(() => document.getElementById('out')?.textContent, { timeout: 60_000 })
    const text = await page.$eval('#out', (e) => e.textContent ?? '')
    assert.ok(text.startsWith('['), text)
    const [native] = embed([picture], work)
    assert.deepEqual(JSON.parse(text), [...native])
    assert.equal(await page.evaluate(() => Boolean(customElements.get('likeness-search'))), true)
  })
}
