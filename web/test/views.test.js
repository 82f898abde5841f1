/**
 * The main views look as they are kept in web/test/views: small pictures of them,
 * compared so coarsely that another font or another way to smooth edges does not
 * matter, and a control that is gone or a layout that has broken does.
 *
 *   LIKENESS_VIEWS=write node --test web/test/views.test.js    keeps what it sees
 */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { dist, launch, root } from './library-site.js'
import { serve } from './page-site.js'

const kept = join(root, 'web/test/views')
const write = process.env.LIKENESS_VIEWS === 'write'
/** Sides of the pictures that are compared: a letter is about one pixel. */
const [across, down] = [96, 72]
/** Mean difference of brightness, of 255, up to which two are alike: fonts of other systems make 2 to 4. */
const most = 6

/** Name, address, and what must be there before it is looked at. @type {[string, string, string][]} */
const views = [
  ['pictures', '#pictures', '#grid [role=option] img[src]'],
  ['search', '#pictures?like=animals%2Ffox.webp', '#query:not([hidden])'],
  ['map', '#map?method=pca&colour=label', '#map-explained:not(:empty)'],
  ['groups', '#groups?method=kmeans&n=8', '.group'],
  ['twins', '#groups?tab=twins', '.twin'],
  ['inside', '#inside?of=animals%2Ffox.webp', '.channel'],
  ['why', '#inside?tab=why&of=animals%2Ffox.webp', '.why-stage line']
]

/** Width, height, and the scheme of colours. @type {[number, number, 'light'|'dark'][]} */
const screens = [[360, 720, 'light'], [1280, 900, 'light'], [1280, 900, 'dark']]

/**
 * The brightness of a picture, made small in the page itself.
 * @param {import('puppeteer-core').Page} page any that may read data addresses
 * @param {string} base64
 * @returns {Promise<number[]>}
 */
function small (page, base64) {
  return page.evaluate(async (base64, w, h) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
    const image = await createImageBitmap(new Blob([bytes]), { resizeWidth: w, resizeHeight: h, resizeQuality: 'high' })
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(w, h).getContext('2d'))
    context.drawImage(image, 0, 0)
    const { data } = context.getImageData(0, 0, w, h)
    return Array.from({ length: w * h }, (_, i) => 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2])
  }, base64, across, down)
}

/**
 * A picture of a width that is enough to see what has changed.
 * @param {import('puppeteer-core').Page} page
 * @param {string} base64
 * @returns {Promise<string>} JPEG
 */
function reduced (page, base64) {
  return page.evaluate(async (base64) => {
    const whole = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))]))
    const image = await createImageBitmap(whole, { resizeWidth: Math.min(440, whole.width), resizeQuality: 'high' })
    const canvas = new OffscreenCanvas(image.width, image.height)
    canvas.getContext('2d')?.drawImage(image, 0, 0)
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.6 })
    return btoa(Array.from(new Uint8Array(await blob.arrayBuffer()), (b) => String.fromCharCode(b)).join(''))
  }, base64)
}

test('the views look as they are kept, on a phone and a desk, in light and dark', { timeout: 400_000 }, async (t) => {
  const site = await serve(dist, '/deep/')
  const browser = await launch()
  t.after(async () => { await browser.close(); await site.close() })
  const eye = await browser.newPage()
  mkdirSync(kept, { recursive: true })
  /** @type {string[]} */
  const odd = []
  for (const [width, height, scheme] of screens) {
    const page = await browser.newPage()
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }, { name: 'prefers-reduced-motion', value: 'reduce' }])
    await page.setViewport({ width, height })
    await page.goto(site.url)
    await page.waitForSelector('#samples-open:not([hidden])')
    await page.waitForFunction(() => document.querySelector('#model-dot')?.getAttribute('data-state') === 'ready', { timeout: 60000 })
    await page.click('#samples-open')
    await page.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length > 3)
    for (const [name, address, there] of views) {
      await page.evaluate((address) => { location.hash = address }, address)
      if (name === 'groups') {
        await page.waitForSelector('#view-groups form .primary')
        await page.click('#view-groups form .primary')
      }
      await page.waitForSelector(there, { timeout: 60000 }).catch(() => { throw new Error(`${name}: there is no ${there}`) })
      await new Promise((resolve) => setTimeout(resolve, 1200))
      await page.evaluate(() => { for (const toast of document.querySelectorAll('.toast, .notice')) toast.remove() })
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      assert.ok(wide <= 0, `${name} at ${width} is ${wide} px wider than the window`)
      await page.bringToFront()
      const seen = await page.screenshot({ encoding: 'base64', type: 'jpeg', quality: 60 })
      const file = join(kept, `${name}-${width}-${scheme}.jpg`)
      if (write || !existsSync(file)) {
        assert.ok(write, `${file} is not kept: LIKENESS_VIEWS=write node --test web/test/views.test.js`)
        writeFileSync(file, Buffer.from(await reduced(eye, seen), 'base64'))
        continue
      }
      const [a, b] = [await small(eye, seen), await small(eye, readFileSync(file).toString('base64'))]
      const difference = a.reduce((sum, v, i) => sum + Math.abs(v - b[i]), 0) / a.length
      if (difference > most) odd.push(`${name} at ${width} px, ${scheme}: differs by ${difference.toFixed(1)} of 255`)
      t.diagnostic(`${name}-${width}-${scheme}: ${difference.toFixed(2)}`)
    }
    await page.close()
  }
  assert.deepEqual(odd, [], 'look at the view; where the change is meant, keep it by LIKENESS_VIEWS=write node --test web/test/views.test.js')
})
