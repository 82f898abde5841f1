/** What a taught model says of a picture: in the library, in the page and by the command, the same. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { bin, dist, kinds, launch, skipped } from './library-site.js'
import { serve } from './page-site.js'
import { sampleClasses } from './sample-classes.js'

const work = mkdtempSync(join(tmpdir(), 'likeness-classify-'))
const site = join(work, 'site')
/** @type {Awaited<ReturnType<typeof serve>>} */
let host

before(async () => {
  sampleClasses(join(work, 'classes'), ['flags', 'faces', 'vehicles'])
  cpSync(dist, site, { recursive: true })
  for (const head of ['softmax', 'knn']) {
    execFileSync(bin, ['teach', '--model', join(dist, 'models/default.safetensors'), '--head', head, '-o', join(site, 'models', `${head}.safetensors`), join(work, 'classes')], { stdio: 'ignore' })
  }
  const data = readFileSync(join(site, 'models/softmax.safetensors'))
  const list = JSON.parse(readFileSync(join(site, 'models/models.json'), 'utf8'))
  writeFileSync(join(site, 'models/models.json'), JSON.stringify([{ ...list[0], name: 'softmax', title: 'Taught', file: 'models/softmax.safetensors', bytes: data.length, sha256: createHash('sha256').update(data).digest('hex') }]))
  host = await serve(site, '/deep/')
})
after(async () => { await host?.close(); rmSync(work, { recursive: true, force: true }) })

for (const kind of kinds) {
  test(`${kind}: classify gives the labels and scores of likeness classify, to the bit; a model without labels says so`, { skip: skipped(kind), timeout: 180_000 }, async (t) => {
    const browser = await launch(kind)
    t.after(() => browser.close())
    const page = await browser.newPage()
    await page.goto(host.url)
    for (const head of ['softmax', 'knn']) {
      for (const label of ['flags', 'vehicles']) {
        const file = join(work, 'classes', label, readdirSync(join(work, 'classes', label))[3])
        const native = JSON.parse(execFileSync(bin, ['classify', '--model', join(site, 'models', `${head}.safetensors`), '--top', '3', '--format', 'jsonl', file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim().split('\n')[0])
        const got = await page.evaluate(async (head, base64) => {
          const { Extractor } = await import(new URL('./likeness.js', location.href).href)
          const extractor = await Extractor.load({ model: `models/${head}.safetensors`, workers: 1 })
          const answer = await extractor.classify(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))]), { top: 3 })
          extractor.dispose()
          return answer
        }, head, readFileSync(file).toString('base64'))
        assert.equal(got.labels[0].label, label, head)
        assert.equal(got.none, false)
        assert.equal(got.labels.length, 3)
        assert.deepEqual(got.labels[0], { label: native.label, score: native.score }, head)
      }
    }
    const code = await page.evaluate(async () => {
      const { Extractor } = await import(new URL('./likeness.js', location.href).href)
      const extractor = await Extractor.load({ model: 'models/default.safetensors', workers: 1 })
      const code = await extractor.classify(new Blob(['x'])).catch((/** @type {any} */ e) => e.code)
      extractor.dispose()
      return code
    })
    assert.equal(code, 'no-labels')
  })
}

test('the page shows what a taught model says of a picture that is enlarged', { timeout: 120_000 }, async (t) => {
  const browser = await launch()
  t.after(() => browser.close())
  const page = await browser.newPage()
  await page.goto(host.url)
  await page.waitForFunction(() => document.querySelector('#model-dot')?.getAttribute('data-state') === 'ready', { timeout: 60000 })
  const flags = readdirSync(join(work, 'classes', 'flags')).slice(0, 2).map((name) => join(work, 'classes', 'flags', name))
  await /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (await page.$('#pick-files')).uploadFile(...flags)
  await page.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length === 2 && document.querySelectorAll('#grid [data-state=waiting]').length === 0, { timeout: 60000 })
  await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('#grid [role=option]')).focus())
  await page.keyboard.press('Space')
  await page.waitForFunction(() => /^flags \d+ %, /.test(document.getElementById('viewer-labels')?.textContent ?? ''), { timeout: 30000 })
})
