/** The view Inside in real browsers: places by pointer and keys, channels, likes of a place, two layers and two models side by side, cancelled work. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { dist, kinds, launch, skipped } from './library-site.js'
import { serve } from './page-site.js'

/** @type {Awaited<ReturnType<typeof serve>>} */
let site
before(async () => { site = await serve(dist, '/deep/') })
after(() => site?.close())

/**
 * The page with the sample photos read, and a second model in its list.
 * @param {import('puppeteer-core').Browser} browser
 */
async function open (browser) {
  const page = await browser.newPage()
  await page.setViewport({ width: 1200, height: 900 })
  await page.evaluateOnNewDocument(() => {
    const own = window.fetch
    window.fetch = async (input, init) => {
      const answer = await own(input, init)
      if (!String(input).endsWith('models/models.json')) return answer
      const list = await answer.json()
      return new Response(JSON.stringify([...list, { ...list[0], name: 'second', title: 'Second' }]))
    }
  })
  await page.goto(site.url)
  await page.waitForSelector('#samples-button:not([hidden])')
  await page.waitForFunction(() => document.querySelector('#model-dot')?.getAttribute('data-state') === 'ready', { timeout: 60000 })
  await page.evaluate(() => document.getElementById('samples-button')?.click())
  await page.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length === 9 && document.querySelectorAll('#grid [data-state=waiting]').length === 0, { timeout: 60000 })
  return page
}

/** @param {import('puppeteer-core').Page} page @param {RegExp} text */
function reads (page, text) {
  return page.waitForFunction((source) => new RegExp(source).test(document.getElementById('view-inside')?.innerText ?? ''), { timeout: 60000 }, text.source)
    .catch(async () => { throw new Error(`Inside does not say ${text}: ${await page.$eval('#view-inside', (v) => /** @type {HTMLElement} */ (v).innerText)}`) })
}

/** @param {import('puppeteer-core').Page} page @param {RegExp} text */
function click (page, text) {
  return page.waitForFunction((source) => {
    const found = [...document.querySelectorAll('#view-inside button, #view-inside a')].find((e) => new RegExp(source).test(e.textContent ?? '') && e.checkVisibility())
    if (found instanceof HTMLElement) found.click()
    return Boolean(found)
  }, {}, text.source)
}

for (const kind of kinds) {
  test(`${kind}: a place is chosen by pointer and by keys, its likes are found in other pictures, a channel is shown`, { skip: skipped(kind), timeout: 180_000 }, async (t) => {
    const browser = await launch(kind)
    t.after(() => browser.close())
    const page = await open(browser)
    await page.evaluate(() => { location.hash = '#inside' })
    await reads(page, /How much the layer finds at each of 5 × 5 places, over all 320 channels/)
    const box = await page.waitForFunction(() => {
      const seen = [...document.querySelectorAll('#view-inside [role=application]')].find((e) => e.checkVisibility())
      const { x, y, width, height } = seen?.getBoundingClientRect() ?? { x: 0, y: 0, width: 0, height: 0 }
      return width > 50 && height > 50 ? { x, y, width, height } : null
    })
    const { x, y, width, height } = /** @type {{x: number, y: number, width: number, height: number}} */ (await box.jsonValue())
    await page.mouse.click(x + width * 0.5, y + height * 0.3)
    await reads(page, /Row 2, column 3/)
    await page.evaluate(() => /** @type {HTMLElement} */ ([...document.querySelectorAll('#view-inside [role=application]')].find((e) => e.checkVisibility())).focus())
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowRight')
    await reads(page, /Row 3, column 4/)
    for (let i = 0; i < 9; i++) await page.keyboard.press('ArrowRight')
    await reads(page, /Row 3, column 5/)
    await click(page, /^Find places like it/)
    await page.waitForFunction(() => document.querySelectorAll('#view-inside .place-facts .places button').length === 8, { timeout: 60000 })
    const scores = await page.$$eval('#view-inside .place-facts .places small', (all) => all.map((e) => Number((e.textContent ?? '').replace('\u2212', '-'))))
    assert.deepEqual(scores, [...scores].sort((a, b) => b - a))
    await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('[data-channel="7"]')).click())
    await reads(page, /Channel 7: one value at each of 5 × 5 places/)
    assert.equal(await page.$eval('[data-channel="7"]', (b) => b.getAttribute('aria-pressed')), 'true')
    await page.evaluate(() => history.back())
    await page.waitForFunction(() => location.hash.startsWith('#pictures') || location.hash === '')
  })

  test(`${kind}: two layers and two models side by side`, { skip: skipped(kind), timeout: 180_000 }, async (t) => {
    const browser = await launch(kind)
    t.after(() => browser.close())
    const page = await open(browser)
    await page.evaluate(() => { location.hash = '#inside?tab=compare&layer2=expanded_conv_4%2Fproject' })
    await click(page, /^Compare$/)
    await reads(page, /They agree by \d+ %/)
    const layers = Number(await page.$eval('#view-inside .figures strong', (e) => /\d+/.exec(e.textContent ?? '')?.[0]))
    assert.ok(layers > 0 && layers < 100, `${layers} %`)
    // The second model is the first under another name: all that it finds must be alike.
    await page.evaluate(() => { location.hash = '#inside?tab=compare&model2=second&layer2=expanded_conv_16%2Fproject' })
    await page.waitForFunction(() => [...document.querySelectorAll('#view-inside fieldset select')].some((s) => /** @type {HTMLSelectElement} */ (s).value === 'second' && s.checkVisibility()), { timeout: 60000 })
    await page.waitForFunction(() => /** @type {HTMLSelectElement[]} */ ([...document.querySelectorAll('#view-inside fieldset select')])[4].value === 'expanded_conv_16/project', { timeout: 60000 })
    await click(page, /^Compare$/)
    await reads(page, /They agree by 100 %/)
    await reads(page, /Right: second, expanded_conv_16\/project, average/)
  })
}

test('work that is cancelled ends at once and leaves the view as it was; vectors without pictures are told', { timeout: 180_000 }, async (t) => {
  const browser = await launch()
  const work = mkdtempSync(join(tmpdir(), 'likeness-inside-'))
  t.after(async () => { await browser.close(); rmSync(work, { recursive: true }) })
  const page = await open(browser)
  await page.evaluate(() => { location.hash = '#inside?tab=compare' })
  await page.waitForFunction(() => document.querySelectorAll('#view-inside fieldset option').length > 10)
  // Reading is held back so that there is something to cancel.
  await page.evaluate(() => {
    const own = Worker.prototype.postMessage
    Worker.prototype.postMessage = function (/** @type {any[]} */ ...args) { setTimeout(() => own.apply(this, /** @type {any} */ (args)), 700) }
  })
  await click(page, /^Compare$/)
  await page.waitForFunction(() => [...document.querySelectorAll('#view-inside .task')].some((e) => e.checkVisibility()), { timeout: 20000 })
  const from = Date.now()
  await click(page, /^Cancel$/)
  await page.waitForFunction(() => ![...document.querySelectorAll('#view-inside .task')].some((e) => e.checkVisibility()))
  assert.ok(Date.now() - from < 1000)
  assert.equal(await page.$eval('#view-inside .figures', (e) => e.textContent), '')
  const fresh = await browser.newPage()
  await fresh.goto(site.url)
  await fresh.waitForFunction(() => document.querySelector('#model-dot')?.getAttribute('data-state') === 'ready', { timeout: 60000 })
  writeFileSync(join(work, 'v.jsonl'), ['a', 'b', 'c'].map((name, i) => JSON.stringify({ name, vector: Array.from({ length: 320 }, (_, k) => (k === i ? 1 : 0)) }) + '\n').join(''))
  await /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (await fresh.$('#pick-files')).uploadFile(join(work, 'v.jsonl'))
  await fresh.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length === 3)
  await fresh.evaluate(() => { location.hash = '#inside' })
  await reads(fresh, /Only vectors are here, without their pictures/)
})
