/** Teach: from pictures in classes to a model that is kept, saved, opened again and used. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { bin, dist, kinds, launch, skipped } from './library-site.js'
import { serve } from './page-site.js'
import { sampleClasses } from './sample-classes.js'

const work = mkdtempSync(join(tmpdir(), 'likeness-teach-'))
const folder = join(work, 'classes')
/** @type {Awaited<ReturnType<typeof serve>>} */
let site
before(async () => {
  sampleClasses(folder, ['flags', 'faces', 'vehicles'], 24)
  site = await serve(dist, '/deep/')
})
after(async () => { await site?.close(); rmSync(work, { recursive: true, force: true }) })

/** @typedef {import('puppeteer-core').Page} Page */

/** @param {import('puppeteer-core').Browser} browser @param {string} [view] */
async function open (browser, view = '#teach') {
  const page = await browser.newPage()
  await page.setViewport({ width: 1100, height: 850 })
  /** @type {string[]} */
  const complaints = []
  page.on('pageerror', (e) => complaints.push(String(e)))
  await page.evaluateOnNewDocument(() => {
    // What is handed to the downloads, for the test to look at.
    const make = URL.createObjectURL
    const blobs = new Map()
    URL.createObjectURL = (blob) => {
      const url = make.call(URL, blob)
      blobs.set(url, blob)
      return url
    }
    HTMLAnchorElement.prototype.click = function () {
      if (this.download) Object.assign(window, { saved: { name: this.download, blob: blobs.get(this.href) } })
      else HTMLElement.prototype.click.call(this)
    }
  })
  await page.goto(site.url + view)
  await page.waitForFunction(() => document.querySelector('#model-dot')?.getAttribute('data-state') === 'ready', { timeout: 60000 })
  return { page, complaints }
}

/** @param {Page} page @param {RegExp} text */
function reads (page, text) {
  return page.waitForFunction((source) => new RegExp(source).test(document.body.innerText), { timeout: 120_000 }, text.source)
    .catch(async () => { throw new Error(`the page does not say ${text}: ${(await page.evaluate(() => document.body.innerText)).slice(0, 3000)}`) })
}

/** @param {Page} page @param {RegExp} text */
async function click (page, text) {
  const found = await page.waitForFunction((source) => [...document.querySelectorAll('a, button, summary')].find((e) =>
    new RegExp(source).test((e.textContent ?? '').trim()) && /** @type {HTMLElement} */ (e).checkVisibility() && !(/** @type {HTMLButtonElement} */ (e).disabled)), { timeout: 30000 }, text.source)
  await page.evaluate((e) => /** @type {HTMLElement} */ (e).click(), found)
}

/** What was last handed to the downloads. @param {Page} page */
async function saved (page) {
  await page.waitForFunction(() => Boolean(/** @type {any} */ (window).saved?.blob), { timeout: 60000 })
  const { name, base64 } = await page.evaluate(async () => {
    const { saved } = /** @type {any} */ (window)
    const bytes = new Uint8Array(await saved.blob.arrayBuffer())
    let text = ''
    for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768))
    delete (/** @type {any} */ (window).saved)
    return { name: saved.name, base64: btoa(text) }
  })
  return { name, bytes: Buffer.from(base64, 'base64') }
}

/** Puts pictures into a class by its chooser of files. @param {Page} page @param {number} n @param {string} label */
async function addTo (page, n, label) {
  await page.evaluate((n) => {
    const section = document.querySelectorAll('#view-teach section[data-class]')[n]
    const chooser = /** @type {HTMLInputElement} */ (document.querySelector('#view-teach .groups + input[type=file]'))
    chooser.click = () => {}
    Object.assign(window, { chooser });
    /** @type {HTMLElement} */ (section.querySelector('[data-part=add]')).click()
  }, n)
  const input = /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (await page.evaluateHandle(() => /** @type {any} */ (window).chooser))
  await input.uploadFile(...readdirSync(join(folder, label)).map((name) => join(folder, label, name)))
}

/** Three classes of pictures, made from nothing. @param {Page} page */
async function threeClasses (page) {
  await click(page, /^Begin with empty classes$/)
  await reads(page, /Learning needs two classes of two pictures each/)
  await click(page, /^New class$/)
  const labels = readdirSync(folder).sort()
  for (const [n, label] of labels.entries()) {
    await page.waitForFunction((n) => document.querySelectorAll('#view-teach section[data-class]').length > n, {}, n)
    await addTo(page, n, label)
    await page.waitForFunction((n) => document.querySelectorAll('#view-teach section[data-class]')[n].querySelector('.count')?.textContent === '24', { timeout: 60000 }, n)
  }
  for (const label of labels) {
    const field = await page.waitForFunction((label) => [...document.querySelectorAll('#view-teach .group-name')].find((e) => /** @type {HTMLInputElement} */ (e).value === label), {}, `Class ${labels.indexOf(label) + 1}`)
    await page.evaluate((field, label) => {
      /** @type {HTMLInputElement} */ (field).value = label
      field?.dispatchEvent(new Event('change', { bubbles: true }))
    }, /** @type {import('puppeteer-core').ElementHandle<Element>} */ (field), label)
  }
  await reads(page, /3 classes, 72 pictures to learn from\./)
}

for (const kind of kinds) {
  test(`${kind}: from empty classes to a model, its errors corrected, kept over a reload, saved and opened again, and used`, { skip: skipped(kind), timeout: 300_000 }, async (t) => {
    const browser = await launch(kind)
    t.after(() => browser.close())
    const { page, complaints } = await open(browser)
    await threeClasses(page)
    await click(page, /^Train$/)
    await reads(page, /[\d.]+\s% told right \([\d.]+\s% to [\d.]+\s% in 5 parts\)/)
    await reads(page, /Each of 72 pictures was told by what was learned without it/)

    // A picture in the wrong class is told as what it is, and put right there.
    await page.evaluate(() => { location.hash = '#teach' })
    await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('section[data-class=flags] [role=option]')).click())
    await page.select('#teach-move', String(readdirSync(folder).sort().indexOf('faces')))
    await reads(page, /Classes, pictures or settings have changed since it learned/)
    await click(page, /^Train again$/)
    await page.waitForFunction(() => location.hash === '#teach?tab=results' && /This is what it learned/.test(document.body.innerText))
    const cell = await page.waitForSelector('.matrix td.wrong button')
    assert.match(await cell?.evaluate((e) => e.getAttribute('aria-label') ?? '') ?? '', /^\d+ of faces told as flags$/)
    await cell?.click()
    await reads(page, /1 of faces told as flags/)
    await click(page, /^They are flags: move them there$/)
    await reads(page, /1 picture moved to flags/)
    await click(page, /^Train again$/)
    await reads(page, /100\s% told right|All \d+ that are told wrong/)

    // The model does outside of the page what it does in it.
    await click(page, /^Save the model/)
    const model = await saved(page)
    assert.equal(model.name, 'likeness-project.safetensors')
    const file = join(work, `${kind}.safetensors`)
    writeFileSync(file, model.bytes)
    const picture = join(folder, 'vehicles', readdirSync(join(folder, 'vehicles'))[5])
    const said = JSON.parse(execFileSync(bin, ['classify', '--model', file, '--format', 'jsonl', picture], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim().split('\n')[0])
    assert.equal(said.label, 'vehicles')
    await click(page, /^Try it$/)
    const tried = await page.waitForSelector('.try input[type=file]')
    await /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (tried).uploadFile(picture)
    await reads(page, new RegExp(`vehicles, ${Math.round(100 * said.score)} %`))

    // What is said of each picture is the same after a reload, and after opening the file elsewhere.
    await click(page, /^Results$/)
    await click(page, /^Save what it says/)
    const told = (await saved(page)).bytes.toString()
    await click(page, /^Save the project$/)
    const project = await saved(page)
    assert.equal(project.name, 'likeness-project.likeness.zip')
    await new Promise((resolve) => setTimeout(resolve, 1500)) // what is kept is written every half second
    await page.reload()
    await page.waitForFunction(() => /72 pictures/.test(document.querySelector('.result-figures')?.textContent ?? ''), { timeout: 60000 })
    await click(page, /^Save what it says/)
    assert.equal((await saved(page)).bytes.toString(), told)
    await click(page, /^Save the model/)
    assert.ok((await saved(page)).bytes.equals(model.bytes))
    await page.close()

    const zip = join(work, `${kind}.likeness.zip`)
    writeFileSync(zip, project.bytes)
    const other = await open(browser, '')
    await /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (await other.page.$('#pick-files')).uploadFile(zip)
    await reads(other.page, /The project is open: 72 pictures, 3 classes\./)
    await click(other.page, /^Save what it says/)
    assert.equal((await saved(other.page)).bytes.toString(), told)
    await click(other.page, /^Save the model/)
    assert.ok((await saved(other.page)).bytes.equals(model.bytes))
    await click(other.page, /^Save the project$/)
    assert.deepEqual(contents((await saved(other.page)).bytes), contents(project.bytes))

    // Cut off, or changed: said so, and what is there stays.
    for (const [name, bytes, why] of /** @type {[string, Buffer, RegExp][]} */ ([
      ['cut', project.bytes.subarray(0, project.bytes.length - 300), /cut\.likeness\.zip could not be opened: it is no \.zip, or was cut off/],
      ['changed', changed(project.bytes), /changed\.likeness\.zip could not be opened: vectors\.npy in it is damaged/]
    ])) {
      writeFileSync(join(work, `${name}.likeness.zip`), bytes)
      await /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (await other.page.$('#pick-files')).uploadFile(join(work, `${name}.likeness.zip`))
      await reads(other.page, why)
    }
    assert.equal(await other.page.evaluate(() => document.querySelectorAll('.matrix tbody tr').length), 3)
    assert.deepEqual([...complaints, ...other.complaints], [])
  })
}

/** The parts of a .zip that holds no dates: names and checksums. @param {Buffer} zip */
function contents (zip) {
  const end = zip.length - 22
  let at = zip.readUInt32LE(end + 16)
  /** @type {[string, number][]} */
  const parts = []
  for (let n = zip.readUInt16LE(end + 10); n > 0; n--) {
    const length = zip.readUInt16LE(at + 28)
    parts.push([zip.toString('utf8', at + 46, at + 46 + length), zip.readUInt32LE(at + 16)])
    at += 46 + length
  }
  return parts
}

/** A byte of the vectors is another. @param {Buffer} zip */
function changed (zip) {
  const copy = Buffer.from(zip)
  const at = copy.indexOf('NUMPY') + 4000
  copy[at] ^= 1
  return copy
}

test('the library learns the bytes that likeness teach writes, by every head, and says why nothing can be learned', { timeout: 240_000 }, async (t) => {
  const browser = await launch()
  t.after(() => browser.close())
  const { page } = await open(browser, '')
  const pictures = readdirSync(folder).flatMap((label) => readdirSync(join(folder, label)).map((name) => ({ label, name: `${label}/${name}`, base64: readFileSync(join(folder, label, name)).toString('base64') })))
  // In another order than the command has them in.
  pictures.sort((a, b) => (a.base64 < b.base64 ? -1 : 1))
  await page.evaluate(async (pictures) => {
    const { Extractor, Analysis } = await import(new URL('./likeness.js', location.href).href)
    const extractor = await Extractor.load({ model: 'models/default.safetensors', workers: 2 })
    const vectors = []
    for (const { base64 } of pictures) vectors.push(await extractor.extract(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))])))
    const dim = vectors[0].length
    const data = new Float32Array(vectors.length * dim)
    vectors.forEach((v, i) => data.set(v, i * dim))
    const analysis = await Analysis.start()
    await analysis.set(data, dim)
    const model = new Uint8Array(await (await extractor.modelFile()).arrayBuffer())
    const what = { class: pictures.map(({ label }) => label), names: pictures.map(({ name }) => name), model, layer: extractor.info.defaultLayer, pool: 'avg', name: 'taught' }
    Object.assign(window, {
      teach: async (/** @type {any} */ options, /** @type {any} */ more = {}, /** @type {any} */ hooks = {}) => {
        try {
          const taught = await analysis.teach({ ...what, ...more }, options, hooks)
          const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', taught.model))
          return { hash: [...hash].map((b) => b.toString(16).padStart(2, '0')).join(''), accuracy: taught.measured?.accuracy, labels: taught.labels }
        } catch (e) {
          const { code, name } = /** @type {any} */ (e)
          return { code: typeof code === 'string' ? code : name, message: /** @type {any} */ (e).message }
        }
      }
    })
  }, pictures)
  const ask = (/** @type {any} */ options, /** @type {any} */ more = {}) => page.evaluate((options, more) => /** @type {any} */ (window).teach(options, more), options, more)
  for (const [options, flags] of /** @type {[any, string[]][]} */ ([
    [{}, []],
    [{ head: 'dense', widths: [48, 16], epochs: 12, dropout: 0.25, smoothing: 0.1, patience: 3, seed: 7, balanced: true }, ['--head', 'dense', '--widths', '48,16', '--epochs', '12', '--dropout', '0.25', '--smoothing', '0.1', '--patience', '3', '--seed', '7', '--balanced']],
    [{ head: 'knn', k: 3, folds: 3, unsure: 0.1 }, ['--head', 'knn', '--k', '3', '--folds', '3', '--unsure', '0.1']]
  ])) {
    const out = join(work, 'taught.safetensors')
    const report = JSON.parse(execFileSync(bin, ['teach', '--model', join(dist, 'models/default.safetensors'), '--json', ...flags, '-o', out, folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
    const { createHash } = await import('node:crypto')
    assert.deepEqual(await ask(options), { hash: createHash('sha256').update(readFileSync(out)).digest('hex'), accuracy: report.cross_validation.accuracy, labels: ['faces', 'flags', 'vehicles'] }, JSON.stringify(options))
  }
  const same = pictures.map(() => 'one')
  assert.equal((await ask({}, { class: same })).code, 'learn-few-classes')
  assert.match((await ask({}, { class: same })).message, /two or more are wanted/)
  assert.equal((await ask({}, { class: pictures.map((_, i) => (i === 0 ? 'a' : i === 1 ? 'b' : null)) })).code, 'learn-few-pictures')
  assert.equal((await ask({ head: 'dense', rate: 1e38, epochs: 5, folds: 0 })).code, 'learn-diverged')
  assert.equal((await ask({ folds: 1 })).code, 'option')
  assert.equal((await ask({}, { layer: 'no such layer' })).code, 'learn-attach')
  assert.equal((await ask({}, { model: 'x' })).code, 'option')
  const stopped = await page.evaluate(async () => {
    const stop = new AbortController()
    const begun = performance.now()
    const answer = await /** @type {any} */ (window).teach({ head: 'dense', epochs: 1000, folds: 0 }, {}, { signal: stop.signal, onStep: () => stop.abort() })
    return { ...answer, ms: performance.now() - begun }
  })
  assert.equal(stopped.code, 'AbortError')
  assert.equal((await ask({})).labels.length, 3) // the next call works
})

test('pictures are recorded from the camera as long as a button is held, by pointer and by keys, and tell themselves live', { timeout: 180_000 }, async (t) => {
  const browser = await launch('chromium', {}, ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'])
  t.after(() => browser.close())
  const { page } = await open(browser)
  await click(page, /^Begin with empty classes$/)
  const place = async () => {
    await new Promise((resolve) => setTimeout(resolve, 500)) // sections have come to rest
    const box = await (await page.waitForSelector('section[data-class="Class 1"] [data-part=hold]'))?.boundingBox()
    assert.ok(box)
    return [box.x + 10, box.y + 10]
  }
  const [x, y] = await place()
  await page.mouse.click(x, y)
  await reads(page, /The camera is on: hold the button of Class 1/)
  const [left, top] = await place()
  await page.mouse.move(left, top)
  await page.mouse.down()
  await new Promise((resolve) => setTimeout(resolve, 1600))
  await page.mouse.up()
  const counted = () => page.evaluate(() => [...document.querySelectorAll('#view-teach section[data-class] .count')].map((e) => Number(e.textContent)))
  await page.waitForFunction(() => Number(document.querySelector('section[data-class="Class 1"] .count')?.textContent) >= 4)
  const [first] = await counted()
  await new Promise((resolve) => setTimeout(resolve, 700))
  assert.ok((await counted())[0] - first <= 1, 'nothing is recorded when the button is let go')
  await page.focus('section[data-class="Class 2"] [data-part=hold]')
  await page.keyboard.down('Space')
  await new Promise((resolve) => setTimeout(resolve, 1600))
  await page.keyboard.up('Space')
  await page.waitForFunction(() => Number(document.querySelector('section[data-class="Class 2"] .count')?.textContent) >= 4)
  await page.waitForFunction(() => document.querySelector('#progress')?.hasAttribute('hidden'), { timeout: 60000 })
  await click(page, /^Train$/)
  await reads(page, /% told right/)
  await click(page, /^Try it$/)
  await click(page, /^Use the camera$/)
  await reads(page, /Class [12], \d+ %/)
  assert.equal(await page.evaluate(() => document.querySelectorAll('.bars li').length), 2)
  await click(page, /^Classes$/)
  assert.equal(await page.evaluate(() => /** @type {HTMLVideoElement} */ (document.querySelector('.try video')).srcObject), null, 'the camera is off when another tab is seen')
})

test('classes come from folders and groups, pictures are dragged, all can be taken back; too little to learn from is said', { timeout: 180_000 }, async (t) => {
  const browser = await launch()
  t.after(() => browser.close())
  const { page } = await open(browser, '')
  mkdirSync(join(work, 'mine', 'b'), { recursive: true })
  await /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (await page.$('#pick-folder')).uploadFile(folder)
  await page.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length > 20 && document.querySelectorAll('#grid [data-state=waiting]').length === 0, { timeout: 60000 })
  await click(page, /^Teach$/)
  await reads(page, /3 classes, 72 pictures to learn from\./)
  const count = (/** @type {string} */ name) => page.evaluate((name) => Number(document.querySelector(`section[data-class="${name}"] .count`)?.textContent), name)
  // By dragging, by pointer.
  await page.evaluate(() => {
    const tile = /** @type {HTMLElement} */ (document.querySelector('section[data-class=faces] [role=option]'))
    const transfer = new DataTransfer()
    tile.dispatchEvent(new DragEvent('dragstart', { bubbles: true, dataTransfer: transfer }))
    const to = /** @type {HTMLElement} */ (document.querySelector('section[data-class=flags]'))
    to.dispatchEvent(new DragEvent('dragover', { bubbles: true, cancelable: true, dataTransfer: transfer }))
    to.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: transfer }))
  })
  await page.waitForFunction(() => document.querySelector('section[data-class=flags] .count')?.textContent === '25')
  assert.equal(await count('faces'), 23)
  await click(page, /^Undo$/)
  await page.waitForFunction(() => document.querySelector('section[data-class=flags] .count')?.textContent === '24')
  // Left out and deleted classes are not learned.
  await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('section[data-class=flags] [data-part=out]')).click())
  await reads(page, /3 classes, 48 pictures to learn from\./)
  await page.evaluate(() => /** @type {HTMLElement} */ ([...document.querySelectorAll('section[data-class=faces] button')].find((e) => e.textContent === 'Delete class')).click())
  await reads(page, /Learning needs two classes of two pictures each/)
  assert.equal(await page.evaluate(() => /** @type {HTMLButtonElement} */ (document.querySelector('#teach-train')).disabled), true)
  await click(page, /^From folder names$/)
  await reads(page, /Classes are the names of the folders/)
  assert.equal(await count('faces'), 24)
  await click(page, /^Groups$/)
  await page.evaluate(() => { /** @type {HTMLInputElement} */ (document.querySelector('#groups-number')).value = '2' })
  await click(page, /^Make groups$/)
  await reads(page, /2 groups/)
  await click(page, /^Teach$/)
  await click(page, /^From groups$/)
  await reads(page, /2 classes made of the groups/)
  // What it says of pictures in no class can be accepted.
  await click(page, /^From folder names$/)
  await page.evaluate(() => /** @type {HTMLElement} */ ([...document.querySelectorAll('section[data-class=vehicles] button')].find((e) => e.textContent === 'Delete class')).click())
  await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('section[data-class=flags] [data-part=out]')).click())
  await reads(page, /2 classes, 48 pictures to learn from, 24 in no class\./)
  await click(page, /^Train$/)
  await reads(page, /What it says of 24 pictures in no class/)
  await click(page, /^Put them into (faces|flags)$/)
  await reads(page, /\d+ pictures? moved to (faces|flags)/)
})

test('fine-tuning in the page: the bytes of likeness teach --from, told better than by a head, cancelled at any time', { timeout: 400_000 }, async (t) => {
  const browser = await launch()
  t.after(() => browser.close())
  const { page } = await open(browser, '')
  await /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (await page.$('#pick-folder')).uploadFile(folder)
  await page.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length > 20 && document.querySelectorAll('#grid [data-state=waiting]').length === 0, { timeout: 60000 })
  await click(page, /^Teach$/)
  await page.select('#teach-head', 'tune')
  const set = (/** @type {Record<string, string>} */ values) => page.evaluate((values) => {
    for (const [key, value] of Object.entries(values)) {
      const field = /** @type {HTMLInputElement} */ (document.querySelector(`#teach-${key}`))
      field.value = value
      field.dispatchEvent(new Event('change', { bubbles: true }))
    }
  }, values)
  await set({ from: 'expanded_conv_15/add', epochs: '3', views: '2', folds: '2', seed: '3' })
  await click(page, /^Train$/)
  await reads(page, /A head alone reaches [\d.]+\s% in the same parts/)
  await reads(page, /its vectors agree by a cosine of (?:0\.99\d\d|1\.0000), and \d+\s% of the pictures get the same class/)
  await click(page, /^Save the model/)
  const { bytes } = await saved(page)
  const out = join(work, 'likeness-project.safetensors')
  execFileSync(bin, ['teach', '--model', join(dist, 'models/default.safetensors'), '--from', 'expanded_conv_15/add', '--epochs', '3', '--views', '2', '--folds', '2', '--seed', '3', '-o', out, folder], { stdio: 'ignore' })
  assert.ok(bytes.equals(readFileSync(out)), 'the page and the command write different files')
  // Stopped, what was learned before stays.
  await set({ epochs: '500' })
  await click(page, /^Train again$/)
  await page.waitForFunction(() => /epoch \d+ of at most 500/.test(document.querySelector('.training .task')?.textContent ?? ''), { timeout: 60000 })
  await click(page, /^Cancel$/)
  await reads(page, /Stopped\. What was learned before stays/)
  await click(page, /^Save the model/)
  assert.ok((await saved(page)).bytes.equals(bytes))
})

test('a model file that is dropped is used, and says what pictures show; another file is refused by name', { timeout: 120_000 }, async (t) => {
  const browser = await launch()
  t.after(() => browser.close())
  const model = join(work, 'mine.safetensors')
  execFileSync(bin, ['teach', '--model', join(dist, 'models/default.safetensors'), '--folds', '0', '-o', model, folder], { stdio: 'ignore' })
  const { page } = await open(browser, '')
  const files = /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (await page.$('#pick-files'))
  writeFileSync(join(work, 'bad.safetensors'), readFileSync(model).subarray(0, 5000))
  await files.uploadFile(join(work, 'bad.safetensors'))
  await reads(page, /bad\.safetensors is no model that can be used: /)
  await files.uploadFile(model)
  await reads(page, /The model mine is among the models now and tells 3 classes/)
  await click(page, /^Use it$/)
  await reads(page, /mine· 320 numbers a picture|mine\s+· 320 numbers a picture/)
  const picture = join(folder, 'flags', readdirSync(join(folder, 'flags'))[1])
  await files.uploadFile(picture)
  await page.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length === 1 && document.querySelectorAll('#grid [data-state=waiting]').length === 0, { timeout: 60000 })
  await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('#grid [role=option]')).focus())
  await page.keyboard.press('Space')
  await page.waitForFunction(() => /^flags \d+ %, /.test(document.getElementById('viewer-labels')?.textContent ?? ''), { timeout: 30000 })
})
