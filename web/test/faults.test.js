/** What must hold in the browser when something goes wrong: make test-faults. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { copySite, host } from './host.js'
import { kinds, makeSite, skipped } from './library-site.js'
import { launch } from './page-site.js'
import { png } from './pictures/png.js'

const off = process.env.LIKENESS_FAULTS ? false : 'make test-faults runs this'

/** @type {import('./library-site.js').Site} */
let site

before(async () => {
  if (off) return
  site = await makeSite()
  for (let i = 0; i < 40; i++) site.put(`p${i}.png`, png(200 + 5 * i, 150 + i))
})

after(() => site?.end())

for (const kind of kinds) {
  test(`workers that crash take only their own pictures with them (${kind})`, { skip: off || skipped(kind) }, async (t) => {
    const browser = await launch(kind)
    try {
      const page = await site.open(browser)
      const result = await page.evaluate(async () => {
        const { lib } = /** @type {any} */ (globalThis)
        const extractor = await lib.load({ workers: 2 })
        const files = await Promise.all(Array.from({ length: 40 }, (_, i) => lib.file(`p${i}.png`)))
        /** @type {string[]} */
        const want = []
        for await (const { vector } of extractor.extractAll(files)) want.push(String(vector))
        const rounds = []
        for (let round = 0; round < 4; round++) {
          /** @type {string[]} */
          const codes = []
          let right = 0
          let seen = 0
          const turn = [...files, ...files, ...files]
          for await (const { index, vector, error } of extractor.extractAll(turn)) {
            if (error) codes.push(error.code)
            else if (String(vector) === want[index % 40]) right++
            // One after the other, and in the last round all at once.
            seen++
            const { seats } = extractor.pool
            if (round < 3 ? seen % 20 === 7 + round : seen === 30) {
              for (const seat of round < 3 ? seats.slice(0, 1) : seats) seat.worker.postMessage({ call: 'crash' })
            }
          }
          rounds.push({ codes, right, seen })
        }
        for (let i = 0; i < 200 && extractor.pool.seats.filter((/** @type {any} */ s) => s.ready).length < 2; i++) await new Promise((resolve) => setTimeout(resolve, 50))
        const seats = extractor.pool.seats.length
        const last = String(await extractor.extract(files[3])) === want[3]
        extractor.dispose()
        return { rounds, seats, last }
      })
      let crashed = 0
      for (const { codes, right, seen } of result.rounds) {
        assert.equal(seen, 120)
        assert.equal(right + codes.length, 120)
        assert.ok(codes.every((/** @type {string} */ c) => c === 'worker-crashed'), codes.join())
        assert.ok(codes.length <= 6, `${codes.length} pictures were lost`)
        crashed += codes.length
      }
      assert.equal(result.seats, 2)
      assert.ok(result.last)
      t.diagnostic(`${crashed} of 480 pictures were lost with their workers`)
    } finally {
      await browser.close()
    }
  })
}

/**
 * Bounds what a site may store.
 * @param {import('puppeteer-core').Page} page
 * @param {number} [bytes] absent: as the browser has it
 */
async function quota (page, bytes) {
  const session = await page.createCDPSession()
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.url()).origin, ...(bytes === undefined ? {} : { quotaSize: bytes }) })
  return session
}

/** Reads the samples and waits for their vectors. @param {import('puppeteer-core').Page} page */
async function works (page) {
  await page.waitForSelector('#model-dot[data-state=ready]', { timeout: 120000 })
  const files = await page.evaluate(async () => {
    const transfer = new DataTransfer()
    const canvas = new OffscreenCanvas(90, 60)
    canvas.getContext('2d')?.fillRect(9, 9, 40, 30)
    transfer.items.add(new File([await canvas.convertToBlob()], 'drawn.png', { type: 'image/png' }))
    for (const kind of ['dragenter', 'drop']) document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }))
    return transfer.items.length
  })
  assert.equal(files, 1)
  await page.waitForFunction(() => document.querySelectorAll('.tile').length === 1 && !document.querySelector('.tile[data-state=waiting]'), { timeout: 60000 })
  assert.equal(await page.$$eval('.tile[data-state=failed], .tile[data-state=bad]', (all) => all.length), 0)
}

test('no room to keep the page: it says so and works; with room it is kept', { skip: off }, async () => {
  const copy = copySite()
  const server = await host(copy.folder)
  const browser = await launch()
  try {
    const page = await browser.newPage()
    /** @type {string[]} */
    const errors = []
    page.on('pageerror', (error) => errors.push(String(error)))
    server.faults = { 'sw.js': { status: 404 } } // so that the quota comes first
    await page.goto(server.url)
    const session = await quota(page, 300_000)
    server.faults = {}
    await page.reload()
    await page.waitForFunction(() => /no room left/.test(document.getElementById('notices')?.textContent ?? ''), { timeout: 60000 })
    assert.equal(await page.$eval('#offline-state', (e) => /** @type {HTMLElement} */ (e).hidden), true)
    await works(page)
    assert.deepEqual(errors, [])
    await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(server.url).origin })
    await page.reload()
    await page.waitForSelector('#offline-state:not([hidden])', { timeout: 120000 })
    assert.equal(await page.$$eval('#notices [data-key=offline]', (all) => all.length), 0)
    await works(page)
  } finally {
    await browser.close()
    await server.close()
    copy.end()
  }
})

test('no room to keep what is wanted later: it is given all the same', { skip: off }, async () => {
  const copy = copySite()
  const server = await host(copy.folder)
  const browser = await launch()
  try {
    const page = await browser.newPage()
    await page.goto(server.url)
    await page.waitForSelector('#offline-state:not([hidden])', { timeout: 120000 })
    await page.reload() // by the service worker
    await page.waitForSelector('#model-dot[data-state=ready]', { timeout: 120000 })
    await quota(page, 1000)
    const sizes = await page.evaluate(async () => {
      const get = async () => (await (await fetch('heif/heic.wasm')).arrayBuffer()).byteLength
      return [await get(), await get()]
    })
    assert.ok(sizes[0] > 100_000 && sizes[0] === sizes[1], `${sizes}`)
    await works(page)
    // What was there before is still there.
    await server.close()
    await page.reload()
    await works(page)
  } finally {
    await browser.close()
    await server.close().catch(() => {})
    copy.end()
  }
})

test('a host that fails while the page is kept: it says so, and the next visit keeps it', { skip: off }, async () => {
  const copy = copySite()
  const server = await host(copy.folder)
  const browser = await launch()
  try {
    const page = await browser.newPage()
    server.faults = { 'precache.json': { status: 500 } }
    await page.goto(server.url)
    await page.waitForFunction(() => /could not be kept.*answered 500/.test(document.getElementById('notices')?.textContent ?? ''), { timeout: 60000 })
    await works(page)
    server.faults = {}
    await page.reload()
    await page.waitForSelector('#offline-state:not([hidden])', { timeout: 120000 })
  } finally {
    await browser.close()
    await server.close()
    copy.end()
  }
})
