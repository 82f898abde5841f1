/** Twins in the page: copies that were turned or mirrored are found by their pixels and told. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { dist, kinds, launch, skipped } from './library-site.js'
import { serve } from './page-site.js'

/** @type {Awaited<ReturnType<typeof serve>>} */
let site
before(async () => { site = await serve(dist, '/deep/') })
after(() => site?.close())

for (const kind of kinds) {
  test(`${kind}: a turned and a mirrored copy stand beside their photos`, { skip: skipped(kind), timeout: 180_000 }, async (t) => {
    const browser = await launch(kind)
    t.after(() => browser.close())
    const page = await browser.newPage()
    await page.setViewport({ width: 1200, height: 900 })
    await page.goto(site.url)
    await page.waitForSelector('#samples-button:not([hidden])')
    await page.waitForFunction(() => document.querySelector('#model-dot')?.getAttribute('data-state') === 'ready', { timeout: 60000 })
    await page.evaluate(async () => {
      const list = /** @type {{file: string}[]} */ (await (await fetch('./samples/samples.json')).json())
      const transfer = new DataTransfer()
      for (const { file } of list) {
        const blob = await (await fetch(file)).blob()
        transfer.items.add(new File([blob], file.replace(/^.*\//, ''), { type: blob.type }))
      }
      for (const [i, name] of [[0, 'quarter.jpg'], [3, 'mirror.jpg']]) {
        const image = await createImageBitmap(await (await fetch(list[Number(i)].file)).blob())
        const [w, h] = [image.width, image.height]
        const canvas = i === 0 ? new OffscreenCanvas(h, w) : new OffscreenCanvas(w, h)
        const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'))
        if (i === 0) context.setTransform(0, 1, -1, 0, h, 0)
        else context.setTransform(-1, 0, 0, 1, w, 0)
        context.drawImage(image, 0, 0)
        transfer.items.add(new File([await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.7 })], String(name), { type: 'image/jpeg' }))
      }
      const input = /** @type {HTMLInputElement} */ (document.getElementById('pick-files'))
      input.files = transfer.files
      input.dispatchEvent(new Event('change'))
    })
    await page.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length === 11 && document.querySelectorAll('#grid [data-state=waiting]').length === 0, { timeout: 60000 })
    await page.evaluate(() => { location.hash = '#groups?tab=twins' })
    await page.waitForFunction(() => document.querySelectorAll('.twin-set').length === 2 && document.querySelectorAll('.twin').length === 4, { timeout: 60000 })
      .catch(async () => { throw new Error(await page.$eval('#view-groups', (v) => /** @type {HTMLElement} */ (v).innerText)) })
    const sets = await page.$$eval('.twin-set', (all) => all.map((set) => /** @type {HTMLElement} */ (set).innerText.replace(/\s+/g, ' ')))
    const quarter = sets.find((text) => text.includes('quarter.jpg')) ?? ''
    assert.match(quarter, /acanthus-mollis\.jpg/)
    assert.match(quarter, /turned by (90|270)°/)
    assert.ok(sets.some((text) => text.includes('mirror.jpg') && text.includes('black-canyon.jpg')), sets.join('\n'))
    // The best of each is kept; the others can be taken together.
    assert.equal(await page.$$eval('.twin input:checked', (all) => all.length), 2)
  })
}
