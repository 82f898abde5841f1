/** A page of which something is missing, damaged or forbidden: one sentence names it and says what to do. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { copySite, dist, host, says } from './host.js'
import { kinds, skipped } from './library-site.js'
import { launch } from './page-site.js'

/** @typedef {import('./host.js').Fault} Fault */

const html = { body: '<!doctype html><title>Home</title>', type: 'text/html' }
const gone = { status: 404 }
const own = /copy the whole/

/** What a browser is told. @type {{name: string, faults: Record<string, Fault>, says: RegExp[]}[]} */
const broken = [
  { name: 'no page module', faults: { 'page/pictures/grid.js': gone }, says: [/^page\/pictures\/grid\.js is missing \(the server answered 404\)/, own] },
  { name: 'no module of the library', faults: { 'lib/pool.js': gone }, says: [/^lib\/pool\.js is missing/, own] },
  { name: 'a page in place of a module', faults: { 'page/map/map.js': html }, says: [/^page\/map\/map\.js is missing, and the server answers with a page in its place/, own] },
  { name: 'modules as plain text', faults: { 'page/app.js': { type: 'text/plain' } }, says: [/^The server sends page\/app\.js as text\/plain.* text\/javascript/] },
  { name: 'half of a module', faults: { 'page/pictures/grid.js': { body: 'export class Grid {', type: 'text/javascript' } }, says: [/^page\/pictures\/grid\.js is damaged, or of another version/, own] },
  { name: 'a module of another version', faults: { 'page/camera.js': { body: 'export class Kamera {}', type: 'text/javascript' } }, says: [/^page\/(app|camera|teach\/\w+)\.js is damaged, or of another version.*(?:[Cc]amera|frameOf|refusal)/, own] },
  { name: 'an index.html of another version', faults: { 'page/viewer.js': { body: readFileSync(join(dist, 'page', 'viewer.js'), 'utf8').replace("'viewer-name'", "'viewer-title'").replace("byId('viewer-image'", "byId('viewer-photo'"), type: 'text/javascript' } }, says: [/viewer-photo/, own] },
  { name: 'no style', faults: { 'page/style.css': gone }, says: [/^page\/style\.css is missing/, own] },
  { name: 'no worker.js', faults: { 'lib/worker.js': gone }, says: [/lib\/worker\.js could not be fetched \(the server answered 404\)/, own] },
  { name: 'a page in place of worker.js', faults: { 'lib/worker.js': html }, says: [/lib\/worker\.js is not there, and the server answers with a page/, own] },
  { name: 'the worker as plain text', faults: { 'lib/worker.js': { type: 'text/plain' } }, says: [/lib\/worker\.js is served as text\/plain: .* text\/javascript/] },
  { name: 'no wasm_exec.js', faults: { 'wasm_exec.js': gone }, says: [/wasm_exec\.js could not be fetched \(the server answered 404\)/, own] },
  { name: 'no wasm', faults: { 'likeness.wasm': gone }, says: [/likeness\.wasm could not be fetched \(the server answered 404\)/, /beside likeness\.js/] },
  { name: 'a page in place of the wasm', faults: { 'likeness.wasm': html }, says: [/likeness\.wasm is not WebAssembly .*start page/] },
  { name: 'a policy without wasm-unsafe-eval', faults: { 'index.html': { policy: "script-src 'self'" } }, says: [/Content-Security-Policy .*'wasm-unsafe-eval'/] },
  { name: 'no model', faults: { 'models/default.safetensors': gone }, says: [/models\/default\.safetensors could not be fetched: the server answered 404/] },
  { name: 'a page in place of the model', faults: { 'models/default.safetensors': html }, says: [/models\/default\.safetensors.* a page in its place/] },
  { name: 'no models.json', faults: { 'models/models.json': gone }, says: [/models\/models\.json answered 404.*make build/] },
  { name: 'a page in place of models.json', faults: { 'models/models.json': html }, says: [/models\/models\.json is not there, and the server answers with a page/] }
]

for (const kind of kinds) {
  test(`the page names what is missing, damaged or forbidden (${kind})`, { skip: skipped(kind) }, async (t) => {
    const site = await host(dist)
    // As Firefox is outside of tests.
    const browser = await launch(kind, { 'security.fileuri.strict_origin_policy': true })
    try {
      for (const { name, faults, says: wanted } of broken) {
        await t.test(name, async () => {
          site.faults = faults
          const context = await browser.createBrowserContext()
          const page = await context.newPage()
          await page.goto(site.url)
          await page.waitForSelector('.notice[data-kind=bad]', { timeout: 30000 })
          const texts = await page.$$eval('.notice[data-kind=bad] p', (all) => all.map((p) => p.textContent ?? ''))
          assert.equal(texts.length, 1, texts.join(' | '))
          for (const pattern of wanted) assert.match(texts[0].replace(/^The model could not be loaded: /, ''), pattern)
          assert.doesNotMatch(texts[0], /memory/)
          if (name !== 'no style') assert.match(await page.$eval('#model-text', (e) => e.textContent ?? ''), /^(Not started|No model)$/)
          await context.close()
        })
      }
      await t.test('wasm as plain text runs all the same', async () => {
        site.faults = { 'likeness.wasm': { type: 'text/plain' } }
        const context = await browser.createBrowserContext()
        const page = await context.newPage()
        /** @type {string[]} */
        const warnings = []
        page.on('console', (message) => warnings.push(message.text()))
        await page.goto(site.url)
        await page.waitForSelector('#model-dot[data-state=ready]', { timeout: 60000 })
        assert.ok(warnings.some((text) => /likeness\.wasm is served as text\/plain: with application\/wasm it starts faster/.test(text)), warnings.join(' | '))
        await context.close()
      })
      await t.test('a page opened from disk', async () => {
        const page = await browser.newPage()
        await page.goto(`file://${join(dist, 'index.html')}`)
        await says(page, '.notice[data-kind=bad]', /opened from disk.*likeness serve dist/)
        assert.equal(await page.$eval('#model-text', (e) => e.textContent), 'Opened from disk')
        await page.close()
      })
    } finally {
      await browser.close()
      await site.close()
    }
  })
}

test('a list of models that is newer than the model is told', async () => {
  const copy = copySite()
  const site = await host(copy.folder)
  const browser = await launch()
  try {
    const models = JSON.parse(copy.text('models/models.json'))
    models[0].sha256 = '0'.repeat(64)
    copy.put('models/models.json', JSON.stringify(models))
    const page = await browser.newPage()
    await page.goto(site.url)
    await says(page, '.notice[data-kind=bad]', /models\/default\.safetensors is not the file that models\/models\.json lists/)
  } finally {
    await browser.close()
    await site.close()
    copy.end()
  }
})
