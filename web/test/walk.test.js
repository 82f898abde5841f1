/** A newcomer's way through the page, by what can be read on it; and what each view must do. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { dist, kinds, launch, skipped } from './library-site.js'
import { serve } from './page-site.js'

/** @type {Awaited<ReturnType<typeof serve>>} */
let site
before(async () => { site = await serve(dist, '/deep/') })
after(() => site?.close())

/**
 * @param {import('puppeteer-core').Browser} browser
 */
async function open (browser) {
  const page = await browser.newPage()
  await page.setViewport({ width: 1200, height: 850 })
  /** @type {string[]} */
  const complaints = []
  page.on('pageerror', (e) => complaints.push(String(e)))
  page.on('console', (m) => { if (m.type() === 'error') complaints.push(m.text()) })
  await page.goto(site.url)
  await page.waitForFunction(() => document.querySelector('#model-dot')?.getAttribute('data-state') === 'ready', { timeout: 60000 })
  return { page, complaints }
}

/**
 * Clicks what has this text, and is seen.
 * @param {import('puppeteer-core').Page} page
 * @param {RegExp} text
 */
async function click (page, text) {
  const source = text.source
  const found = await page.waitForFunction((source) => [...document.querySelectorAll('a, button, summary')].find((e) =>
    new RegExp(source).test((e.textContent ?? '').trim()) && /** @type {HTMLElement} */ (e).checkVisibility()), { timeout: 30000 }, source)
  await page.evaluate((e) => /** @type {HTMLElement} */ (e).click(), found)
}

/**
 * @param {import('puppeteer-core').Page} page
 * @param {RegExp} text
 */
function reads (page, text) {
  return page.waitForFunction((source) => new RegExp(source).test(document.body.innerText), { timeout: 60000 }, text.source)
    .catch(async () => { throw new Error(`the page does not say ${text}: ${(await page.evaluate(() => document.body.innerText)).slice(0, 1500)}`) })
}

for (const kind of kinds) {
  test(`${kind}: from the empty page to map, groups, twins and why, reading nothing else`, { skip: skipped(kind), timeout: 240_000 }, async (t) => {
    const browser = await launch(kind)
    t.after(() => browser.close())
    const { page, complaints } = await open(browser)
    await click(page, /^Open 1,\d+ sample pictures$/)
    await page.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length > 20)
    await click(page, /^Map$/)
    await reads(page, /Alike pictures lie close together \(UMAP\)/)
    await click(page, /^Groups$/)
    await click(page, /^Make groups$/)
    await reads(page, /8 groups/)
    await click(page, /^Twins$/)
    await reads(page, /\d+ pictures are there more than once/)
    await click(page, /^Inside$/)
    await reads(page, /How much the layer finds/)
    await click(page, /^Why alike$/)
    await reads(page, /The parts of the 25 places of the left picture sum to (0\.\d{4}), those of the right one to \1/)
    const [score, sum] = await page.evaluate(() => /Likeness (0\.\d{4}).*sum to (0\.\d{4})/s.exec(document.querySelector('.sum')?.textContent ?? '')?.slice(1) ?? [])
    assert.equal(score, sum)
    assert.deepEqual(complaints.filter((c) => !/WebGL|GL Driver/.test(c)), [])
  })
}

test('the state of the map is in the address: layout, colour, space; a lasso selects what is inside, Undo brings back what was removed', { timeout: 200_000 }, async (t) => {
  const browser = await launch()
  t.after(() => browser.close())
  const { page } = await open(browser)
  await click(page, /^Open 1,\d+ sample pictures$/)
  await page.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length > 20)
  await page.evaluate(() => { location.hash = '#map?method=pca&colour=label' })
  await reads(page, /two directions hold \d+ % of the differences \(PCA\)/)
  await reads(page, /flags/)
  await page.evaluate(() => { location.hash = '#map?method=pca&dims=3' })
  await reads(page, /three directions hold/)
  await page.goBack()
  await reads(page, /two directions hold/)
  const box = await page.$eval('#map-canvas', (c) => { const { x, y, width, height } = c.getBoundingClientRect(); return { x, y, width, height } })
  await click(page, /^Lasso$/)
  await page.mouse.move(box.x + 5, box.y + 5)
  await page.mouse.down()
  for (const [x, y] of [[box.width / 2, 5], [box.width / 2, box.height - 5], [5, box.height - 5]]) await page.mouse.move(box.x + x, box.y + y, { steps: 4 })
  await page.mouse.up()
  await reads(page, /\d+ pictures selected/)
  const chosen = await page.evaluate(() => Number(/([\d,]+) pictures? selected/.exec(document.body.innerText)?.[1].replace(',', '')))
  assert.ok(chosen > 50 && chosen < 1637, `${chosen}`)
  await click(page, /^Remove from this page$/)
  await reads(page, /pictures removed/)
  await page.keyboard.down('Control'); await page.keyboard.press('z'); await page.keyboard.up('Control')
  await reads(page, /Taken back/)
  await click(page, /^Pictures$/)
  await page.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length > 20)
})

test('groups are renamed, merged, split and moved, each taken back by Undo', { timeout: 200_000 }, async (t) => {
  const browser = await launch()
  t.after(() => browser.close())
  const { page } = await open(browser)
  await click(page, /^Open 1,\d+ sample pictures$/)
  await page.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length > 20)
  await click(page, /^Groups$/)
  await page.$eval('#groups-number', (e) => { /** @type {HTMLInputElement} */ (e).value = '5' })
  await click(page, /^Make groups$/)
  await reads(page, /\b5 groups\./)
  const sizes = async (/** @type {number} */ n) => {
    await page.waitForFunction((n) => document.querySelectorAll('.group .count').length === n, {}, n)
    return page.$$eval('.group .count', (all) => all.map((e) => Number((e.textContent ?? '').replace(',', ''))))
  }
  const first = await sizes(5)
  assert.equal(first.reduce((a, b) => a + b), 1637)
  await page.$eval('.group-name', (e) => { const field = /** @type {HTMLInputElement} */ (e); field.value = 'Mine'; field.dispatchEvent(new Event('change')) })
  await reads(page, /is now Mine/)
  await click(page, /^Split in two$/)
  await reads(page, /Mine split in two/)
  await sizes(6)
  await page.evaluate(() => {
    const select = /** @type {HTMLSelectElement} */ (document.querySelector('.group select'))
    select.value = select.options[1].value
    select.dispatchEvent(new Event('change'))
  })
  await reads(page, /merged into/)
  await sizes(5)
  await page.click('.group .tile')
  await page.waitForSelector('#groups-move:not([disabled])')
  await page.select('#groups-move', 'new')
  await click(page, /^Move$/)
  await reads(page, /1 picture moved to A new group/)
  for (let i = 0; i < 4; i++) {
    await page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement)?.blur())
    await page.keyboard.down('Control'); await page.keyboard.press('z'); await page.keyboard.up('Control')
  }
  await page.waitForFunction((wanted) => JSON.stringify([...document.querySelectorAll('.group .count')].map((e) => Number((e.textContent ?? '').replace(',', '')))) === wanted, {}, JSON.stringify(first))
  await page.waitForFunction(() => [...document.querySelectorAll('.group-name')].every((e) => /** @type {HTMLInputElement} */ (e).value !== 'Mine'))
})

test('a kept collection is there after a reload and after a killed tab, and is deleted with one button', { timeout: 200_000 }, async (t) => {
  const browser = await launch()
  t.after(() => browser.close())
  const { page, complaints } = await open(browser)
  await click(page, /^Open 1,\d+ sample pictures$/)
  await page.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length > 20)
  await click(page, /^Export$/)
  await click(page, /^Keep on this device…$/)
  await page.$eval('#keep-name', (e) => { /** @type {HTMLInputElement} */ (e).value = 'Mine' })
  await click(page, /^Keep$/)
  await reads(page, /Kept on this device as “Mine”/)
  await click(page, /^Map$/)
  await reads(page, /Alike pictures lie close together \(UMAP\)/)
  const stored = () => page.evaluate(async () => {
    const { Store } = await import(new URL('./page/kept/store.js', document.baseURI).href)
    const store = new Store()
    const laid = await store.part((await store.list())[0].id, 'map')
    return laid && { placed: laid.placed, keys: laid.keys.length, coords: Array.from(laid.map.coords.slice(0, 200)) }
  })
  await page.waitForFunction(() => new Promise((resolve) => setTimeout(() => resolve(true), 300)))
  const laid = await stored()
  assert.equal(laid?.keys, 1637)
  await page.reload()
  await reads(page, /Alike pictures lie close together \(UMAP\)/)
  assert.deepEqual(await stored(), laid, 'the map is the one that was kept')
  // What comes later is placed without moving the others.
  await page.evaluate(async () => {
    const response = await fetch('./samples/airplane-from-above.jpg')
    const transfer = new DataTransfer()
    transfer.items.add(new File([await response.blob()], 'later.jpg', { type: 'image/jpeg' }))
    const input = /** @type {HTMLInputElement} */ (document.getElementById('pick-files'))
    input.files = transfer.files
    input.dispatchEvent(new Event('change'))
  })
  await page.waitForSelector('#map-anew:not([hidden])')
  await page.waitForFunction(() => new Promise((resolve) => setTimeout(() => resolve(true), 300)))
  const after = await stored()
  assert.deepEqual([after?.placed, after?.keys], [1, 1638])
  assert.deepEqual(after?.coords, laid?.coords)
  await click(page, /^Pictures$/)
  await page.reload()
  await page.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length > 20, { timeout: 30000 })
  await click(page, /^Groups$/)
  await click(page, /^Make groups$/)
  await reads(page, /8 groups/)
  await new Promise((resolve) => setTimeout(resolve, 2500))
  const session = await page.createCDPSession()
  void session.send('Page.crash').catch(() => {})
  await new Promise((resolve) => setTimeout(resolve, 500))
  const { page: fresh } = await open(browser)
  await reads(fresh, /Kept on this device/)
  await click(fresh, /^Mine$/)
  await fresh.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length > 20, { timeout: 30000 })
  await click(fresh, /^Groups$/)
  await reads(fresh, /8 groups/)
  const vectors = await fresh.evaluate(async () => {
    const { Store } = await import(new URL('./page/kept/store.js', document.baseURI).href)
    const store = new Store()
    const [entry] = await store.list()
    const rows = await store.rows(entry.id)
    return { n: rows.length, dim: rows[7].vector.length, name: rows[7].name }
  })
  assert.deepEqual(vectors, { n: 1638, dim: 320, name: vectors.name })
  await fresh.evaluate(() => { sessionStorage.clear(); location.hash = '' })
  await fresh.reload()
  await click(fresh, /^Delete$/)
  await fresh.waitForSelector('#confirm[open]')
  await fresh.click('#confirm-yes')
  await fresh.waitForFunction(() => document.querySelector('#kept')?.hasAttribute('hidden'))
  assert.deepEqual(complaints.filter((c) => !/WebGL|GL Driver/.test(c)), [])
})

test('a kept collection finds its pictures again by their folder, and brings back none that were removed', { timeout: 120_000 }, async (t) => {
  const browser = await launch()
  t.after(() => browser.close())
  const { page } = await open(browser)
  // The browser's own file system stands for a folder on the disk: it needs no permission.
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory()
    const folder = await root.getDirectoryHandle('holidays', { create: true })
    for (const name of ['airplane-from-above.jpg', 'black-canyon.jpg', 'locomotion-house-cat.jpg']) {
      const writer = await (await folder.getFileHandle(name, { create: true })).createWritable()
      await writer.write(await (await fetch(`./samples/${name}`)).blob())
      await writer.close()
    }
    Object.assign(window, { showDirectoryPicker: async () => folder })
  })
  await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('#start [data-do=folder]')).click())
  await page.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length === 3 && document.querySelectorAll('#grid [data-state=waiting]').length === 0, { timeout: 60000 })
  await page.evaluate(() => {
    document.getElementById('menu-keep')?.click();
    /** @type {HTMLInputElement} */ (document.getElementById('keep-files')).checked = false
    document.getElementById('keep-yes')?.click()
  })
  await reads(page, /Kept on this device/)
  await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('#grid [role=option][title*=canyon]')).focus())
  await page.keyboard.press('x')
  await page.keyboard.press('Delete')
  await reads(page, /1 picture removed/)
  await new Promise((resolve) => setTimeout(resolve, 1200))
  await page.reload()
  await page.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length === 2, { timeout: 30000 })
  await reads(page, /2 pictures joined/)
  await page.evaluate(() => { location.hash = '#inside' })
  await reads(page, /How much the layer finds/)
  await page.evaluate(() => { location.hash = '#pictures' })
  await page.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length === 2)
})

test('a store that is full is told, and nothing is lost', { timeout: 120_000 }, async (t) => {
  const browser = await launch()
  t.after(() => browser.close())
  const { page } = await open(browser)
  await page.evaluate(() => {
    const put = IDBObjectStore.prototype.put
    let left = 100
    IDBObjectStore.prototype.put = function (value) {
      if (this.name === 'items' && left-- < 0) throw new DOMException('full', 'QuotaExceededError')
      return put.call(this, value)
    }
  })
  await click(page, /^Open 1,\d+ sample pictures$/)
  await page.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length > 20)
  await click(page, /^Export$/)
  await click(page, /^Keep on this device…$/)
  await click(page, /^Keep$/)
  await reads(page, /no more room/)
  assert.ok(await page.evaluate(() => document.querySelectorAll('#grid [role=option]').length > 20))
})
