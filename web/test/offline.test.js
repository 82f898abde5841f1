/** Without a network after one visit, and from version to version of the site. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { firstVisit, likenessServe } from './first-visit.js'
import { bin, copySite, dist, host, says } from './host.js'
import { kinds, skipped } from './library-site.js'
import { launch } from './page-site.js'
import { png } from './pictures/png.js'

/** @typedef {import('puppeteer-core').Page} Page */

/** @param {Page} page */
const ready = (page) => page.waitForSelector('#model-dot[data-state=ready]', { timeout: 60000 })
/** @param {Page} page */
const offline = (page) => page.waitForSelector('#offline-state:not([hidden])', { timeout: 60000 })
/** @param {Page} page @param {number} n */
const read = (page, n) => page.waitForFunction((wanted) => document.querySelectorAll('.tile').length === wanted && document.querySelectorAll('.tile[data-state=waiting]').length === 0, { timeout: 120000 }, n)
/** @param {Page} page */
const pictures = (page) => page.$$eval('.tile', (tiles) => tiles.length)

/**
 * Everything of a page that is one version: the module that the test marks, and
 * what is fetched later, by the page and by a worker that it starts now.
 * @param {Page} page
 */
const marks = (page) => page.evaluate(async () => {
  const mark = (/** @type {string} */ text) => /build-(\w+)/.exec(text)?.[1]
  const worker = new Worker('./lib/worker.js', { type: 'module' })
  const inWorker = new Promise((resolve) => {
    worker.onmessage = ({ data }) => { if (data.mark) resolve(data.mark) }
    worker.onerror = () => resolve('error')
  })
  const seen = [
    document.documentElement.dataset.build,
    mark(await (await fetch('./lib/canvas.js')).text()),
    mark(await (await fetch('./page/pictures/grid.js')).text()),
    await inWorker
  ]
  worker.terminate()
  return seen.join(' ')
})

/** Marks a version of the site. @param {ReturnType<typeof copySite>} copy @param {string} name @param {string[]} [only] files that are replaced */
function build (copy, name, only = ['page/app.js', 'lib/canvas.js', 'page/pictures/grid.js', 'lib/worker.js']) {
  for (const path of only) {
    const text = copy.text(path).replace(/\n\/\* build-\w+ \*\/.*\n$/, '')
    const more = path === 'page/app.js' ? `document.documentElement.dataset.build = '${name}'` : path === 'lib/worker.js' ? `scope.postMessage({ mark: '${name}' })` : ''
    copy.put(path, `${text}\n/* build-${name} */${more}\n`)
  }
}

test('a first visit of likeness serve takes no file twice and little over the wire', async () => {
  const { offline } = await firstVisit(bin, dist, 'chromium')
  const { files } = JSON.parse(readFileSync(join(dist, 'precache.json'), 'utf8'))
  assert.ok(offline.received < 4.5e6, `${offline.received} bytes`)
  assert.ok(offline.requests <= Object.keys(files).length + 10, `${offline.requests} requests`)
})

for (const kind of kinds) {
  const options = { skip: skipped(kind) }

  test(`after one visit the page works with the server stopped (${kind})`, options, async () => {
    const server = await likenessServe(bin, dist)
    const browser = await launch(kind)
    const work = mkdtempSync(join(tmpdir(), 'likeness-offline-'))
    try {
      const page = await browser.newPage()
      await page.setViewport({ width: 1100, height: 2400 })
      await page.goto(`http://127.0.0.1:${server.port}/`)
      await offline(page)
      server.end()
      await page.reload()
      await ready(page)
      assert.ok(await page.$('#offline-state:not([hidden])') || await offline(page))
      await page.waitForSelector('#samples:not([hidden])')
      assert.ok(await page.$$eval('#samples-strip img', (all) => all.every((image) => /** @type {HTMLImageElement} */ (image).complete && /** @type {HTMLImageElement} */ (image).naturalWidth > 0)))
      await page.click('#samples-button')
      await says(page, '.notice[data-key=samples]', /small version/)
      const n = await page.$$eval('#samples-strip img', (all) => all.length)
      await read(page, n)
      const file = join(work, 'new.png')
      writeFileSync(file, png(200, 150, (x, y) => [x, y, (x * y) % 251]))
      const chooser = /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (await page.$('#pick-files'))
      await chooser.uploadFile(file)
      await read(page, n + 1)
      await page.click('.tile[title="new.png"]')
      await says(page, '#query-name', /^new\.png$/)
      await page.waitForFunction((all) => document.querySelectorAll('.tile[data-score]').length === all, {}, n + 1)
      assert.equal(await page.$('#problems:not([hidden])'), null)
    } finally {
      server.end()
      await browser.close()
      rmSync(work, { recursive: true, force: true })
    }
  })

  test(`the list has every file that a visit asks for (${kind})`, options, async () => {
    const site = await host(dist)
    const browser = await launch(kind)
    try {
      const page = await browser.newPage()
      await page.goto(site.url)
      await ready(page)
      await offline(page)
      const { files, later } = JSON.parse(readFileSync(join(dist, 'precache.json'), 'utf8'))
      const listed = new Set([...Object.keys(files), 'precache.json', 'sw.js'])
      const asked = new Set(site.asked.filter((path) => path !== '/favicon.ico'))
      assert.deepEqual([...asked].filter((path) => !listed.has(path)), [], 'asked for and not in the list')
      assert.deepEqual([...listed].filter((path) => !asked.has(path)), [], 'in the list and never asked for')
      assert.ok(!Object.keys(later).some((path) => asked.has(path)))
    } finally {
      await browser.close()
      await site.close()
    }
  })

  test(`versions are taken up whole, forwards and back (${kind})`, options, async (t) => {
    const copy = copySite()
    build(copy, 'one')
    copy.list()
    const site = await host(copy.folder)
    // The worst of hosts: files have a date, and whoever asks since one gets 304.
    site.headers = () => ({ 'last-modified': 'Thu, 01 Oct 2026 10:00:00 GMT' })
    const browser = await launch(kind)
    /** @param {Page} page @param {string} name */
    const is = async (page, name) => assert.equal(await marks(page), `${name} ${name} ${name} ${name}`)
    const update = '.notice[data-key=update]'
    try {
      const page = await browser.newPage()
      await page.goto(site.url)
      await offline(page)
      await is(page, 'one')

      await t.test('a site that is half replaced changes nothing', async () => {
        build(copy, 'two')
        copy.list()
        build(copy, 'one', ['lib/canvas.js', 'lib/worker.js'])
        await page.reload()
        await ready(page)
        await offline(page)
        const before = site.asked.length
        await page.waitForFunction(() => new Promise((resolve) => setTimeout(() => resolve(true), 1500)))
        assert.ok(site.asked.length >= before)
        await is(page, 'one')
        assert.equal(await page.$(update), null)
        assert.ok(await page.$('#offline-state:not([hidden])'))
        const stored = site.asked.filter((path) => path === 'lib/canvas.js').length
        assert.ok(stored >= 2, 'the new version was tried')
      })

      await t.test('a whole one is told, and taken up by Reload; pictures are asked about', async () => {
        build(copy, 'two')
        await page.reload()
        await page.waitForSelector(update, { timeout: 60000 })
        await is(page, 'one')
        await page.waitForSelector('#samples:not([hidden])')
        await page.click('#samples-button')
        await page.waitForSelector('.tile')
        const n = await pictures(page)
        await page.click(`${update} .primary`)
        await says(page, '#confirm-text', new RegExp(`^${n} pictures and their vectors leave this page`))
        await page.click('#confirm [data-close]')
        await page.waitForSelector(update)
        assert.equal(await pictures(page), n, 'nothing is lost')
        await page.click(`${update} .primary`)
        await page.waitForSelector('#confirm[open]')
        await Promise.all([page.waitForNavigation(), page.click('#confirm-yes')])
        await ready(page)
        await is(page, 'two')
        await offline(page)
        assert.equal(await page.$(update), null)
      })

      await t.test('a page that is open keeps its version while another takes up the next', async () => {
        const old = page
        build(copy, 'three')
        copy.list()
        const next = await browser.newPage()
        await next.goto(site.url)
        await next.waitForSelector(update, { timeout: 60000 })
        await next.reload()
        await ready(next)
        await is(next, 'three')
        await is(old, 'two')
        await old.waitForSelector(update)
        await next.close()
      })

      await t.test('the host goes back to an older version', async () => {
        await page.reload()
        await ready(page)
        await is(page, 'three')
        build(copy, 'one')
        copy.list()
        await page.reload()
        await page.waitForSelector(update, { timeout: 60000 })
        await is(page, 'three')
        await site.close()
        await page.reload()
        await ready(page)
        await is(page, 'one')
        await offline(page)
      })
    } finally {
      await browser.close()
      await site.close()
      copy.end()
    }
  })

  test(`files that are wanted later are kept by their hash (${kind})`, options, async (t) => {
    const copy = copySite()
    const second = 'models/second.safetensors'
    const original = readFileSync(join(dist, 'models', 'default.safetensors'))
    const made = (/** @type {string} */ name) => Buffer.from(original.toString('latin1').replace('distilled by', `${name}illed by`), 'latin1')
    const model = (/** @type {string} */ name) => {
      const data = made(name)
      assert.equal(data.length, original.length)
      copy.put(second, data)
      const precache = JSON.parse(copy.text('precache.json'))
      precache.later[second] = ''
      copy.put('precache.json', JSON.stringify(precache))
      const [first] = JSON.parse(copy.text('models/models.json'))
      const sha256 = createHash('sha256').update(data).digest('hex')
      copy.put('models/models.json', JSON.stringify([first, { ...first, name: 'second', title: 'Second', file: second, sha256 }]))
      return sha256
    }
    model('dist')
    const one = model('onet')
    copy.list()
    const site = await host(copy.folder)
    const browser = await launch(kind)
    /** @param {Page} page */
    const hash = (page) => page.evaluate(async (path) => {
      const bytes = await (await fetch(path)).arrayBuffer()
      return Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)), (b) => b.toString(16).padStart(2, '0')).join('')
    }, second).catch((e) => `failed: ${e.message}`)
    const times = () => site.asked.filter((path) => path === second).length
    try {
      const page = await browser.newPage()
      await page.goto(site.url)
      await offline(page)
      assert.equal(times(), 0)
      assert.equal(await hash(page), one)
      assert.equal(await hash(page), one)
      assert.equal(times(), 1)

      await t.test('a model that was replaced is fetched again, by the page that knows it', async () => {
        const two = model('twot')
        copy.list()
        assert.equal(await hash(page), one)
        await page.reload()
        await page.waitForSelector('.notice[data-key=update]', { timeout: 60000 })
        assert.equal(await hash(page), one)
        assert.equal(times(), 2, 'with the new version, as it was used before')
        await page.reload()
        await ready(page)
        assert.equal(await hash(page), two)
        await page.click('#settings-button')
        await page.select('#set-model', 'second')
        await page.click('#set-apply')
        await says(page, '#model-text', /^Second$/)
        assert.equal(times(), 2)
      })

      await t.test('a file of another version than the page is refused', async () => {
        const precache = JSON.parse(copy.text('precache.json'))
        const sample = Object.keys(precache.later).find((path) => path.startsWith('samples/')) ?? ''
        copy.put(sample, 'another')
        const answer = await page.evaluate((path) => fetch(path).then((r) => r.text()).catch(() => 'refused'), sample)
        assert.equal(answer, 'refused')
      })

      await t.test('what the browser has thrown away is not said to be ready, and is fetched again', async () => {
        await page.evaluate(async () => {
          for (const name of await caches.keys()) await (await caches.open(name)).delete('./page/pictures/grid.js')
        })
        site.faults = { 'page/pictures/grid.js': { status: 503 } }
        await page.evaluate(async () => navigator.serviceWorker.dispatchEvent(new MessageEvent('message', { data: { likeness: 'changed' } })))
        await page.waitForSelector('#offline-state[hidden]')
        site.faults = {}
        await page.reload()
        await ready(page)
        await offline(page)
        assert.ok(await page.evaluate(async () => await caches.match('./page/pictures/grid.js') !== undefined))
      })
    } finally {
      await browser.close()
      await site.close()
      copy.end()
    }
  })
}
