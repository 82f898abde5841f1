/**
 * The built page in a real browser: pictures are dropped, read, searched,
 * mapped and exported, and what comes out is compared with the native engine.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { tiff } from './pictures/other.js'
import { png } from './pictures/png.js'
import { launch, serve } from './page-site.js'
import { parseNPY, rank } from './page-vectors.js'

const root = new URL('../../', import.meta.url).pathname
const dist = process.env.LIKENESS_DIST ?? join(root, 'dist')
const work = mkdtempSync(join(tmpdir(), 'likeness-page-'))

/** Up to 30 sample pictures by name, smallest first: the machine may be slow. */
const samples = readdirSync(join(dist, 'samples'))
  .filter((name) => /\.(jpe?g|png)$/i.test(name))
  .map((name) => ({ name, bytes: readFileSync(join(dist, 'samples', name)) }))
  .sort((a, b) => a.bytes.length - b.bytes.length)
  .slice(0, 30)
const [outsider, ...collection] = samples

/** @type {Awaited<ReturnType<typeof serve>>} */
let site
/** @type {import("puppeteer-core").Browser} */
let browser
/** @type {import("puppeteer-core").Page} */
let page
/** @type {string[]} */
const complaints = []
/** @type {{url: string, body: boolean}[]} */
const requests = []

before(async () => {
  site = await serve(dist, '/some/where/')
  browser = await launch()
  page = await open()
})

after(async () => {
  await browser?.close()
  await site?.close()
  rmSync(work, { recursive: true, force: true })
})

async function open () {
  const fresh = await browser.newPage()
  await fresh.setViewport({ width: 1100, height: 800 })
  fresh.on('pageerror', (error) => complaints.push(String(error)))
  fresh.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') {
      // What Chromium says of its own drawing in software is no fault of the page.
      if (!/GL Driver Message|software WebGL/.test(message.text())) complaints.push(message.text())
    }
  })
  fresh.on('request', (request) => requests.push({ url: request.url(), body: request.hasPostData() }))
  await fresh.goto(site.url)
  return fresh
}

/**
 * Drops files on the page, or on the zone of this name.
 * @param {{name: string, bytes: Buffer|string, type?: string}[]} files
 * @param {"add"|"search"} [zone]
 */
async function drop (files, zone = 'add') {
  const packed = files.map((f) => ({ name: f.name, type: f.type ?? 'image/jpeg', text: Buffer.from(f.bytes).toString('base64') }))
  await page.evaluate((list, where) => {
    const transfer = new DataTransfer()
    for (const { name, type, text } of list) {
      transfer.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name, { type, lastModified: 1 }))
    }
    const fire = (/** @type {string} */ kind, /** @type {Element} */ on) => on.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }))
    fire('dragenter', document.body)
    const target = document.querySelector(`[data-drop=${where}]`)
    fire('drop', target?.checkVisibility() ? target : document.body)
  }, packed, zone)
}

async function settled () {
  await page.waitForFunction(() => document.getElementById('progress')?.hidden && document.querySelectorAll('.tile[data-state=waiting]').length === 0, { timeout: 120000 })
}

/** What the grid shows, in its order: only near the window, so the window is made tall. */
async function shown () {
  return page.evaluate(() => [...document.querySelectorAll('.tile')]
    .map((tile) => /** @type {HTMLElement} */ (tile))
    .sort((a, b) => Number(a.dataset.index) - Number(b.dataset.index))
    .map((tile) => ({ name: tile.title, score: tile.dataset.score === undefined ? null : Number(tile.dataset.score) })))
}

/**
 * Clicks the tile of this name and waits until the grid is sorted by it.
 * @param {string} name
 */
async function searchBy (name) {
  await page.evaluate((wanted) => {
    const tile = [...document.querySelectorAll('.tile')].find((t) => t instanceof HTMLElement && t.title === wanted)
    if (tile instanceof HTMLElement) tile.click()
  }, name)
  await page.waitForFunction((wanted) => document.getElementById('query-name')?.textContent === wanted, {}, name)
}

/**
 * Exports through a stand-in for the save dialog.
 * @param {string} format
 * @param {string} [failure] name of the error that writing fails with
 * @returns {Promise<Record<string, Buffer>>} files by name
 */
async function save (format, failure = '') {
  await page.evaluate((fail) => {
    const state = /** @type {any} */ (window)
    state.saved = {}
    state.showSaveFilePicker = async (/** @type {{suggestedName: string}} */ { suggestedName }) => ({
      createWritable: async () => ({
        write: async (/** @type {Blob} */ blob) => {
          if (fail) throw new DOMException('no space', fail)
          const bytes = new Uint8Array(await blob.arrayBuffer())
          state.saved[suggestedName] = Array.from(bytes, (b) => String.fromCharCode(b)).join('')
        },
        close: async () => {},
        abort: async () => {}
      })
    })
  }, failure)
  await page.click('#menu-export summary')
  await page.click(`[data-export=${format}]`)
  await page.waitForSelector('#export-files li')
  // The first is saved at once, each other needs a click of its own.
  await page.waitForFunction((n) => document.querySelectorAll('#export-files small').length === n, {}, format === 'tsv' ? 5 : 2)
  await page.$$eval('#export-files button', (all) => { for (const b of all.slice(1)) if (b instanceof HTMLElement) b.click() })
  await page.waitForFunction(() => [...document.querySelectorAll('#export-files small')].every((s) => /saved|kept/.test(s.textContent ?? '')))
  const saved = await page.evaluate(() => /** @type {any} */ (window).saved)
  return Object.fromEntries(Object.entries(saved).map(([name, text]) => [name, Buffer.from(/** @type {string} */ (text), 'latin1')]))
}

/**
 * Native vectors of files in this order, from the command.
 * @param {string[]} names
 * @param {string[]} [more] arguments
 */
function native (names, more = []) {
  const models = JSON.parse(readFileSync(join(dist, 'models', 'models.json'), 'utf8'))
  for (const { name, bytes } of samples) writeFileSync(join(work, name), bytes)
  return execFileSync(process.env.LIKENESS_BIN ?? join(root, 'bin', 'likeness'), ['embed', '--model', join(dist, models[0].file), '--format', 'npy', ...more, ...names.map((name) => join(work, name))], { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] })
}

test('the page starts, finds its model and says that nothing was sent', async () => {
  await page.waitForSelector('#model-dot[data-state=ready]', { timeout: 60000 })
  await page.waitForFunction(() => /^Nothing was sent: \d+ requests, all to this site, 0 bytes of pictures\.$/.test(document.getElementById('privacy-text')?.textContent ?? ''))
  assert.match(await page.$eval('#samples-button', (b) => b.textContent ?? ''), /Try it with \d+ sample pictures/)
  const policy = await page.$eval('meta[http-equiv=Content-Security-Policy]', (m) => m.getAttribute('content'))
  assert.match(policy ?? '', /default-src 'none'.*connect-src 'self'/)
})

test('dropped photos are read; bad files are listed and hold nothing up', async () => {
  const broken = collection[0].bytes.subarray(0, 200)
  await drop([...collection, { name: 'cut-short.jpg', bytes: broken }, { name: 'notes.txt', bytes: 'hello', type: 'text/plain' }, { name: 'empty.png', bytes: '', type: 'image/png' }])
  await settled()
  await page.setViewport({ width: 1100, height: 2400 })
  await page.waitForFunction((n) => document.querySelectorAll('.tile').length === n, {}, collection.length)
  const problems = await page.$$eval('#problems-list li', (rows) => rows.map((row) => row.textContent ?? ''))
  for (const name of ['cut-short.jpg', 'notes.txt', 'empty.png']) {
    const row = problems.find((text) => text.startsWith(name))
    assert.ok(row && row.length > name.length + 10, `${name} is listed with a reason: ${problems.join(' | ')}`)
  }
  assert.equal(problems.length, 3)
})

/** @param {string} resize */
async function see (resize) {
  await page.click('#settings-button')
  await page.select('#set-resize', resize)
  await page.click('#set-apply')
  await (await page.waitForSelector('#confirm[open] #confirm-yes'))?.click()
  await page.waitForSelector('#progress:not([hidden])')
  await settled()
}

test('the vectors equal the native ones byte for byte, also when all of each picture is asked for', async () => {
  for (const resize of ['', 'fit', '']) {
    if (resize !== await page.$eval('#set-resize', (s) => /** @type {HTMLSelectElement} */ (s).value)) await see(resize)
    const files = await save('npy')
    const name = Object.keys(files).find((file) => file.endsWith('.npy')) ?? ''
    const names = (await shown()).map((s) => s.name)
    assert.deepEqual(files[name], native(names, resize ? ['--resize', resize] : []))
    await page.keyboard.press('Escape')
  }
})

test('choosing a picture sorts the grid as the native vectors say', async () => {
  const names = (await shown()).map((s) => s.name)
  const vectors = parseNPY(native(names))
  await searchBy(names[3])
  const expected = rank(vectors[3], vectors).map(({ index, score }) => ({ name: names[index], score }))
  assert.deepEqual(await shown(), expected)
  assert.equal(expected[0].name, names[3])
  const badge = await page.$eval(".tile[data-index='1'] .score", (b) => b.textContent)
  assert.equal(badge, expected[1].score.toFixed(2).replace('-', '\u2212'))
  assert.ok(await page.$eval('.tile[data-index="0"]', (t) => t.getAttribute('aria-selected') === 'true'))
})

test('Escape goes back, arrows move, Enter finds similar ones', async () => {
  await page.keyboard.press('Escape')
  await page.waitForSelector('#query[hidden]')
  const original = await shown()
  assert.ok(original.every((s) => s.score === null))
  assert.deepEqual(original.map((s) => s.name), original.map((s) => s.name).sort((a, b) => a.localeCompare(b, undefined, { numeric: true, sensitivity: 'base' })))
  await page.focus(".tile[tabindex='0']")
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowDown')
  // Tiles may still be gliding: their aim counts, not where they are.
  const columns = await page.$$eval('.tile', tiles => tiles.filter(t => t instanceof HTMLElement && /, 0px\)$/.test(t.style.transform)).length)
  const focused = () => page.evaluate(() => (document.activeElement instanceof HTMLElement ? document.activeElement.title : ''))
  assert.equal(await focused(), original[Math.min(columns + 1, original.length - 1)].name)
  const chosen = await focused()
  await page.keyboard.press('Enter')
  await page.waitForFunction((name) => document.getElementById('query-name')?.textContent === name, {}, chosen)
  assert.equal(await focused(), chosen)
  await page.keyboard.press('Space')
  await page.waitForSelector('#viewer[open]')
  await page.keyboard.press('Escape')
  await page.waitForSelector('#viewer:not([open])')
  assert.equal(await page.$eval('#query', (q) => q.hasAttribute('hidden')), false, 'closing the viewer keeps the search')
  await page.keyboard.press('Escape')
  await page.waitForSelector('#query[hidden]')
  assert.equal(await focused(), chosen)
})

test('a new picture is dropped to search with and stays out of the collection', async () => {
  await drop([outsider], 'search')
  await page.waitForFunction((name) => document.getElementById('query-name')?.textContent === name, {}, outsider.name)
  const names = (await shown()).map((s) => s.name)
  assert.equal(names.length, collection.length)
  const [query, ...vectors] = parseNPY(native([outsider.name, ...collection.map((c) => c.name)]))
  const expected = rank(query, vectors).map(({ index, score }) => ({ name: collection[index].name, score }))
  assert.deepEqual((await shown()).map((s) => s.score), expected.map((e) => e.score))
  await page.click('#query-back')
  await page.waitForSelector('#query[hidden]')
})

test('the map shows every picture and answers keys', async () => {
  await page.setViewport({ width: 1100, height: 800 })
  await page.click('#nav-map')
  await page.waitForFunction(() => /\d+ % of the differences/.test(document.getElementById('map-explained')?.textContent ?? ''))
  await page.waitForFunction(() => {
    const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById('map-canvas'))
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true })
    if (!copy || canvas.width === 0) return false
    copy.drawImage(canvas, 0, 0)
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height)
    const colours = new Set()
    for (let i = 0; i < data.length; i += 4 * 97) if (data[i + 3] === 255) colours.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2])
    return colours.size > 200
  })
  await page.focus('#map-canvas')
  await page.keyboard.press('ArrowRight')
  await page.waitForSelector('#map-card:not([hidden])')
  const name = await page.$eval('#map-card span', (s) => s.textContent)
  await page.keyboard.press('Enter')
  await page.waitForFunction((wanted) => document.getElementById('query-name')?.textContent === wanted, {}, name)
  await page.keyboard.press('Escape')
  await page.waitForSelector('#query[hidden]')
  await page.click('#nav-pictures')
})

test('every format is exported; a full disk is told and the files are kept', async () => {
  for (const [format, ending] of [['csv', '.csv'], ['jsonl', '.jsonl']]) {
    const files = await save(format)
    const [[name, bytes]] = Object.entries(files)
    assert.ok(name.endsWith(ending), name)
    const lines = bytes.toString().trimEnd().split('\n')
    assert.ok(lines.length >= collection.length && lines.length <= collection.length + 1, `${lines.length} lines`)
    for (const c of collection) assert.ok(bytes.includes(c.name), `${name} names ${c.name}`)
    await page.keyboard.press('Escape')
  }
  const projector = Object.values(await save('tsv'))
  assert.equal(projector.length, 5)
  await page.keyboard.press('Escape')
  await save('npy', 'QuotaExceededError')
  assert.match(await page.$eval('#export-files small', (s) => s.textContent ?? ''), /disk is full.*kept/)
  await page.evaluate(() => { delete /** @type {any} */ (window).showSaveFilePicker })
  await page.click('#export-files button')
  await page.waitForFunction(() => /downloads/.test(document.querySelector('#export-files small')?.textContent ?? ''))
  await page.keyboard.press('Escape')
  assert.equal((await shown()).length > 0, true)
})

test('an empty folder and a repeated picture are told', async () => {
  await page.evaluate(() => document.getElementById('pick-folder')?.dispatchEvent(new Event('change')))
  await page.waitForSelector('.notice[data-key=empty]')
  assert.match(await page.$eval('.notice[data-key=empty]', (n) => n.textContent ?? ''), /folder is empty/)
  await drop([collection[0]])
  await page.waitForSelector('.notice[data-key=repeated]')
})

test('a folder is added without what other programs keep in it; a blank picture is flagged', async () => {
  const folder = join(work, 'album')
  for (const inner of ['', '@eaDir', '.thumbnails', 'deep', 'deep/#recycle']) mkdirSync(join(folder, inner), { recursive: true })
  const blank = png(90, 60, () => [200, 200, 200])
  const long = png(60, 600, (x, y) => [x * 4, y / 3, 90])
  for (const [path, bytes] of /** @type {[string, Buffer][]} */ ([['blank.png', blank], ['deep/long.png', long], ['@eaDir/a.png', blank], ['.thumbnails/b.png', blank], ['deep/#recycle/c.png', blank], ['deep/._long.png', blank], ['Thumbs.db', blank]])) writeFileSync(join(folder, path), bytes)
  const chooser = /** @type {import("puppeteer-core").ElementHandle<HTMLInputElement>} */ (await page.$('#pick-folder'))
  await chooser.uploadFile(folder)
  await page.waitForSelector('.notice[data-key=skipped]')
  assert.match(await page.$eval('.notice[data-key=skipped]', (n) => n.textContent ?? ''), /^[23] folders and \d files? passed over/)
  await page.setViewport({ width: 1100, height: 2400 })
  await page.waitForSelector('.tile[title="album/deep/long.png"] .flag:not([hidden])')
  await settled()
  const flags = await page.$$eval('.tile[title^="album/"]', (tiles) => tiles.map((t) => [/** @type {HTMLElement} */ (t).title, t.querySelector('.flag')?.textContent, t.getAttribute('aria-label')]))
  assert.deepEqual(flags.map(([title, flag]) => [title, flag]).sort(), [['album/blank.png', 'blank'], ['album/deep/long.png', 'a part']])
  assert.match(flags.find(([title]) => title === 'album/blank.png')?.[2] ?? '', /vector is that of every blank picture/)
  assert.match(await page.$eval('#problems-title', (t) => t.textContent ?? ''), /2 pictures with a remark$/)
  const rows = await page.$$eval('#problems-list li.noted', (list) => list.map((row) => row.textContent ?? ''))
  assert.ok(rows.some((row) => /^album\/blank\.pngThe picture has one colour.*\.$/.test(row)), rows.join(' | '))
  assert.ok(rows.some((row) => /^album\/deep\/long\.pngThe picture is 60 x 600: only the middle \d+ %/.test(row)), rows.join(' | '))
})

test('a picture that the browser does not show has a thumbnail all the same', async () => {
  await drop([{ name: 'plain.tif', bytes: tiff(40, 30), type: 'image/tiff' }])
  await page.waitForFunction(() => {
    const image = document.querySelector('.tile[title="plain.tif"] img')
    return image instanceof HTMLImageElement && image.naturalWidth === 40
  })
  await settled()
})

test('cancelling keeps what was read, and the rest can go on', async () => {
  await page.evaluate(() => { for (const b of document.querySelectorAll('.notice button')) if (b instanceof HTMLElement) b.click() })
  const copies = Array.from({ length: 40 }, (_, i) => ({ name: `copy ${i}.jpg`, bytes: collection[i % collection.length].bytes }))
  await drop(copies)
  await page.waitForFunction(() => /^Reading [1-9]/.test(document.getElementById('progress-text')?.textContent ?? ''))
  await page.click('#progress-button')
  await page.waitForFunction(() => /^Stopped: \d+ of \d+ pictures read/.test(document.getElementById('progress-text')?.textContent ?? ''))
  const read = await page.$eval('#progress-text', (t) => Number(/\d+/.exec(t.textContent ?? '')?.[0]))
  assert.ok(read >= collection.length, `${read} are kept`)
  await page.click('#progress-button')
  await settled()
})

test('a missing model is told with a way to retry', async () => {
  const other = await browser.newPage()
  let missing = true
  await other.setBypassServiceWorker(true)
  await other.setRequestInterception(true)
  other.on('request', (request) => {
    if (missing && request.url().endsWith('/models/models.json')) void request.respond({ status: 404, body: '' })
    else void request.continue()
  })
  await other.goto(site.url)
  await other.waitForSelector('.notice[data-key=model]')
  assert.match(await other.$eval('.notice[data-key=model]', (n) => n.textContent ?? ''), /models\.json answered 404.*make build/)
  missing = false
  await other.click('.notice[data-key=model] .primary')
  await other.waitForSelector('#model-dot[data-state=ready]', { timeout: 60000 })
  await other.close()
})

test('after the first visit everything works with the network off', async () => {
  await page.waitForSelector('#offline-state:not([hidden])', { timeout: 60000 })
  await page.setOfflineMode(true)
  try {
    await page.reload()
    await page.waitForSelector('#model-dot[data-state=ready]', { timeout: 60000 })
    await page.waitForSelector('#samples:not([hidden])')
    await page.click('#samples-button')
    await page.waitForSelector('.tile')
    await settled()
    assert.ok((await shown()).length > 0)
    assert.equal(await page.$('#problems:not([hidden])'), null)
  } finally {
    await page.setOfflineMode(false)
  }
})

test('no request left this site, none had a body, the console is empty', () => {
  assert.ok(requests.length > 10)
  const foreign = requests.filter(({ url }) => /^(https?|wss?):/.test(url) && !url.startsWith(site.url))
  assert.deepEqual(foreign, [])
  assert.deepEqual(requests.filter(({ body }) => body), [])
  assert.deepEqual(site.bodies, [])
  assert.deepEqual(site.missing, [])
  assert.deepEqual(complaints, [])
})
