/** An index without a network: page, program, model and index after one visit; taken up anew as a whole. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { dist, kinds, launch, samples, skipped } from './library-site.js'
import { serve } from './page-site.js'
import { command, hostIndex, makeIndex } from './search-site.js'

/**
 * What the element finds for a picture, as likeness search tells it.
 * @param {import('puppeteer-core').Page} page
 * @param {string} base64
 */
function find (page, base64) {
  return page.evaluate(async (base64) => {
    const element = /** @type {any} */ (document.querySelector('likeness-search'))
    const failed = new Promise((resolve) => element.addEventListener('likeness-error', (/** @type {any} */ e) => resolve({ error: e.detail }), { once: true }))
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
    const found = element.search(new Blob([bytes])).then((/** @type {any[]} */ list) => list?.map(({ item, score }) => ({ item, score })))
    return Promise.race([found, failed])
  }, base64)
}

/** @param {import('puppeteer-core').Page} page */
const kept = (page) => page.evaluate(() => new Promise((resolve, reject) => {
  const element = document.querySelector('likeness-search')
  element?.addEventListener('likeness-offline', () => resolve(true))
  element?.addEventListener('likeness-error', (e) => reject(new Error(/** @type {any} */ (e).detail.message)))
}))

for (const kind of kinds) {
  test(`${kind}: after one visit the page searches without a network, what likeness search finds`, { skip: skipped(kind), timeout: 180_000 }, async (t) => {
    const index = makeIndex()
    const picture = join(dist, 'samples', samples[1])
    const base64 = readFileSync(picture).toString('base64')
    // A page above the index has a service worker of its own beside it.
    writeFileSync(join(index.folder, 'sw.js'), "self.likenessIndex = './search/'\nimportScripts('./search/likeness/search/offline.js')\n")
    writeFileSync(join(index.folder, 'style.css'), 'h1 { color: rgb(1, 2, 3) }')
    index.page('index.html', '<link rel="stylesheet" href="./style.css"><likeness-search src="./search/" offline="./sw.js"></likeness-search>')
    const host = await hostIndex(index.folder, { policy: "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src 'self' blob:; style-src 'self'" })
    const browser = await launch(kind)
    t.after(async () => { await browser.close(); await host.close(); index.end() })
    const page = await browser.newPage()
    await page.goto(host.url)
    await kept(page)
    const wanted = JSON.parse(command('search', join(index.folder, 'search'), picture, '-k', '12', '--json')).map((/** @type {any} */ m) => ({ item: m.item, score: Math.fround(m.score) }))
    assert.deepEqual(await find(page, base64), wanted)
    // The network goes.
    await host.close()
    await page.reload()
    assert.equal(await page.$eval('h1', (e) => getComputedStyle(e).color), 'rgb(1, 2, 3)')
    await page.waitForFunction(() => customElements.get('likeness-search'))
    assert.deepEqual(await find(page, base64), wanted)
    const more = await page.evaluate(async () => (await (await /** @type {any} */ (document.querySelector('likeness-search')).index()).more(0, 3)).length)
    assert.equal(more, 3)
  })
}

test('another version is taken up whole: a page that is open keeps its own, half a site changes nothing', { timeout: 180_000 }, async (t) => {
  const index = makeIndex()
  index.page('index.html', '<likeness-search src="./search/" offline="./sw.js"></likeness-search>')
  writeFileSync(join(index.folder, 'sw.js'), "self.likenessIndex = './search/'\nimportScripts('./search/likeness/search/offline.js')\n")
  const host = await hostIndex(index.folder)
  const browser = await launch()
  t.after(async () => { await browser.close(); await host.close(); index.end() })
  const page = await browser.newPage()
  await page.goto(host.url)
  await kept(page)
  const versions = () => page.evaluate(async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith('likeness-index '))
    const whole = []
    for (const name of names) if ((await (await caches.open(name)).keys()).some(({ url }) => url.endsWith('/whole'))) whole.push(name.split(' ').at(-2))
    return whole
  })
  const before = await versions()
  assert.equal(before.length, 1)
  // Half of another version lies on the host: a file of the program is not the listed one.
  const list = join(index.folder, 'search/likeness/files.json')
  const good = readFileSync(list, 'utf8')
  writeFileSync(list, good.replace(/"version":"[0-9a-f]{4}/, '"version":"0000').replace(/("likeness\.js":")[0-9a-f]{8}/, '$100000000'))
  await page.reload()
  await page.evaluate(() => /** @type {any} */ (document.querySelector('likeness-search')).index())
  await new Promise((resolve) => setTimeout(resolve, 1500))
  assert.deepEqual(await versions(), before, 'half a version is not taken up')
  // A whole one: other pictures are indexed.
  writeFileSync(list, good)
  command('index', '-o', join(index.folder, 'search'), '--model', join(dist, 'models', 'default.safetensors'), '--runtime', dist, join(dist, 'samples', samples[0]), join(dist, 'samples', samples[1]), join(dist, 'samples', samples[2]))
  await page.reload()
  await page.evaluate(() => /** @type {any} */ (document.querySelector('likeness-search')).index())
  await page.waitForFunction(async (before) => {
    const names = (await caches.keys()).filter((name) => name.startsWith('likeness-index '))
    for (const name of names) if (!name.includes(before) && (await (await caches.open(name)).keys()).some(({ url }) => url.endsWith('/whole'))) return true
    return false
  }, { timeout: 30_000 }, before[0])
  await host.close()
  await page.reload()
  const found = /** @type {any[]} */ (await find(page, readFileSync(join(dist, 'samples', samples[1])).toString('base64')))
  assert.equal(found.length, 3)
  assert.ok(existsSync(list))
})

test('the demo site is one click from the page, shows what is alike and searches by a photo', { timeout: 120_000 }, async (t) => {
  const site = await serve(dist, '/deep/')
  const browser = await launch()
  t.after(async () => { await browser.close(); await site.close() })
  const page = await browser.newPage()
  /** @type {string[]} */
  const complaints = []
  page.on('console', (m) => { if (m.type() === 'error') complaints.push(m.text()) })
  await page.goto(site.url)
  await page.waitForSelector('#samples:not([hidden])')
  await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('a[href="./demo/index.html"]')).click())
  await page.waitForFunction(() => [...document.querySelectorAll('likeness-more')].every((e) => (e.shadowRoot?.querySelectorAll('li').length ?? 0) === 8), { timeout: 30_000 })
  const found = /** @type {any[]} */ (await find(page, readFileSync(join(dist, 'samples', samples[0])).toString('base64')))
  assert.equal(found.length, 24)
  const button = await page.evaluate(() => getComputedStyle(/** @type {Element} */ (document.querySelector('likeness-search')?.shadowRoot?.querySelector('button.first'))).backgroundColor)
  assert.equal(button, 'rgb(15, 118, 110)', "the page's own property --accent does not reach into the element")
  assert.deepEqual(site.missing, [])
  assert.deepEqual(complaints, [])
})
