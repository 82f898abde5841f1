/** The pictures in README, of the page as it is: node web/test/screenshots.js */
import { join } from 'node:path'
import { dist, root } from './library-site.js'
import { launch, serve } from './page-site.js'

const site = await serve(dist, '/likeness/')
const browser = await launch()
try {
  const page = await browser.newPage()
  await page.setViewport({ width: 1200, height: 760 })
  await page.goto(site.url)
  await page.waitForSelector('#samples-open:not([hidden])')
  await page.waitForFunction(() => document.querySelector('#model-dot')?.getAttribute('data-state') === 'ready', { timeout: 60000 })
  await page.click('#samples-open')
  await page.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length > 10)
  const shot = async (/** @type {string} */ name, /** @type {string} */ address, wait = 1500) => {
    await page.evaluate((address) => { location.hash = address }, address)
    await new Promise((resolve) => setTimeout(resolve, wait))
    await page.evaluate(() => { for (const toast of document.querySelectorAll('.toast')) toast.remove() })
    await page.screenshot({ path: join(root, 'web', `${name}.jpg`), type: 'jpeg', quality: 72 })
  }
  const like = await page.evaluate(() => encodeURIComponent('animals/fox.webp'))
  await shot('screenshot', `#pictures?like=${like}`, 2500)
  await shot('screenshot-map', '#map?colour=label', 15000)
  await page.evaluate(() => { location.hash = '#groups' })
  await new Promise((resolve) => setTimeout(resolve, 500))
  await page.click('#view-groups form .primary')
  await page.waitForSelector('.group')
  await shot('screenshot-groups', '#groups?method=kmeans&n=8', 2500)
  await shot('screenshot-why', `#inside?tab=why&of=${like}`, 3000)
  await page.evaluate(() => { location.hash = '#teach' })
  await page.waitForSelector('#view-teach section.group')
  await page.click('#teach-train')
  await page.waitForSelector('.matrix')
  await page.evaluate(() => { for (const box of document.querySelectorAll('.notice')) box.remove() })
  await shot('screenshot-teach', '#teach?tab=results', 1500)
  await page.goto(new URL('demo/index.html', site.url).href)
  await page.waitForFunction(() => [...document.querySelectorAll('likeness-more')].every((e) => (e.shadowRoot?.querySelectorAll('img').length ?? 0) > 5))
  await new Promise((resolve) => setTimeout(resolve, 800))
  await page.screenshot({ path: join(root, 'web', 'screenshot-demo.jpg'), type: 'jpeg', quality: 72 })
} finally {
  await browser.close()
  await site.close()
}
