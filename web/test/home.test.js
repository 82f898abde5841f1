/** Everything is taken home: a .zip, a folder, and a Python script that comes to the same figures. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { crc32 } from 'node:zlib'
import { bin, dist, launch } from './library-site.js'
import { serve } from './page-site.js'
import { parseNPY } from './page-vectors.js'

const work = mkdtempSync(join(tmpdir(), 'likeness-home-'))
/** @type {Awaited<ReturnType<typeof serve>>} */
let site
/** @type {Awaited<ReturnType<typeof launch>>} */
let browser
before(async () => { site = await serve(dist, '/deep/'); browser = await launch() })
after(async () => { await browser?.close(); await site?.close(); rmSync(work, { recursive: true, force: true }) })

/** A Python that has what the script needs. */
const python = [process.env.LIKENESS_PYTHON ?? '', 'python3', '/usr/bin/python3']
  .find((one) => one && spawnSync(one, ['-c', 'import numpy, sklearn, matplotlib']).status === 0) ?? ''
const skip = !process.env.LIKENESS_HOME
  ? 'make test-home runs it'
  : python || process.env.CI ? false : 'there is no Python with numpy, scikit-learn and matplotlib: install them, or set LIKENESS_PYTHON to one that has them'

/** @param {number} [width] */
async function open (width = 1100) {
  const page = await browser.newPage()
  await page.setViewport({ width, height: 900 })
  await page.goto(site.url)
  await page.waitForFunction(() => document.querySelector('#model-dot')?.getAttribute('data-state') === 'ready', { timeout: 60000 })
  return page
}

/** @typedef {import('puppeteer-core').Page} Page */

/** @param {Page} page @param {RegExp} text */
function reads (page, text) {
  return page.waitForFunction((source) => new RegExp(source).test(document.body.innerText), { timeout: 120_000 }, text.source)
    .catch(async () => { throw new Error(`the page does not say ${text}: ${(await page.evaluate(() => document.body.innerText)).slice(0, 1500)}`) })
}

/** @param {Page} page @param {RegExp} text */
async function click (page, text) {
  const found = await page.waitForFunction((source) => [...document.querySelectorAll('a, button')].find((e) =>
    new RegExp(source).test((e.textContent ?? '').trim()) && /** @type {HTMLElement} */ (e).checkVisibility()), { timeout: 30000 }, text.source)
  await page.evaluate((e) => /** @type {HTMLElement} */ (e).click(), found)
}

/** Opens the dialog by the keyboard alone. @param {Page} page */
async function openHome (page) {
  await page.focus('#menu-export summary')
  for (const key of /** @type {const} */ (['ArrowDown', 'ArrowDown', 'Enter'])) await page.keyboard.press(key)
  await page.waitForSelector('#home[open]')
}

/**
 * The .zip that the page gives, taken apart: CRC-32 and lengths are checked.
 * @param {Page} page
 * @param {string} name of a folder to download into
 */
async function takeZip (page, name) {
  const into = join(work, name)
  mkdirSync(into)
  const client = await page.createCDPSession()
  await client.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: into })
  await openHome(page)
  await click(page, /^Save as .zip$/)
  await reads(page, /\.zip, .*was given to your browser’s downloads/)
  for (let i = 0; i < 200 && !readdirSync(into).some((file) => file.endsWith('.zip')); i++) await new Promise((resolve) => setTimeout(resolve, 50))
  await page.keyboard.press('Escape')
  const zip = readdirSync(into).find((file) => file.endsWith('.zip')) ?? ''
  assert.match(zip, /^likeness-\d{4}-\d\d-\d\d\.zip$/)
  return unpack(readFileSync(join(into, zip)), into)
}

/**
 * @param {Buffer} bytes a .zip
 * @param {string} into
 * @returns {{folder: string, files: string[]}} the folder in it, and its files
 */
function unpack (bytes, into) {
  const end = bytes.length - 22
  assert.equal(bytes.readUInt32LE(end), 0x06054b50)
  let at = bytes.readUInt32LE(end + 16)
  /** @type {string[]} */
  const files = []
  for (let n = bytes.readUInt16LE(end + 10); n > 0; n--) {
    assert.equal(bytes.readUInt32LE(at), 0x02014b50)
    const [crc, size, length, local] = [bytes.readUInt32LE(at + 16), bytes.readUInt32LE(at + 24), bytes.readUInt16LE(at + 28), bytes.readUInt32LE(at + 42)]
    const name = bytes.toString('utf8', at + 46, at + 46 + length)
    const data = bytes.subarray(local + 30 + length, local + 30 + length + size)
    assert.deepEqual([bytes.readUInt32LE(local), bytes.toString('utf8', local + 30, local + 30 + length), crc32(data)], [0x04034b50, name, crc], name)
    mkdirSync(dirname(join(into, name)), { recursive: true })
    writeFileSync(join(into, name), data)
    files.push(name.replace(/^[^/]*\//, ''))
    at += 46 + length
  }
  return { folder: join(into, /^likeness-[\d-]+/.exec(bytes.toString('latin1', 30, 60))?.[0] ?? 'none'), files: files.sort() }
}

/**
 * Runs the script of a folder.
 * @param {string} folder
 * @param {Record<string, string>} [env]
 */
function analyse (folder, env = {}) {
  assert.ok(python, 'there is no Python with scikit-learn: see web/test/python.sh')
  const ran = spawnSync(python, ['-W', 'error::RuntimeWarning', join(folder, 'analysis.py')], { encoding: 'utf8', env: { ...process.env, ...env } })
  assert.equal(ran.status, 0, ran.stderr)
  return { text: ran.stdout, results: JSON.parse(readFileSync(join(folder, 'analysis', 'results.json'), 'utf8')) }
}

const usual = ['README.txt', 'analysis.py', 'pictures.csv', 'pictures.json', 'shown.json', 'vectors.npy', 'vectors.npy.json', 'vectors.parquet']

test('the sample collection with its map and groups goes home; the script comes to the same figures', { timeout: 400_000 }, async (t) => {
  const page = await open()
  await click(page, /^Open 1,\d+ sample pictures$/)
  await page.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length > 20)
  await click(page, /^Map$/)
  await reads(page, /Alike pictures lie close together \(UMAP\)/)
  await click(page, /^Groups$/)
  await click(page, /^Make groups$/)
  await reads(page, /8 groups/)
  const { folder, files } = await takeZip(page, 'samples')
  await page.close()
  assert.deepEqual(files, [...usual, 'plots/map-by-group.png', 'plots/map-by-group.svg', 'plots/map-by-label.png', 'plots/map-by-label.svg'].sort())
  const read = (/** @type {string} */ name) => readFileSync(join(folder, name))
  const [pictures, shown, side] = ['pictures.json', 'shown.json', 'vectors.npy.json'].map((name) => JSON.parse(read(name).toString()))
  assert.equal(parseNPY(read('vectors.npy')).length, 1637)
  for (const key of ['name', 'label', 'group', 'place']) assert.equal(pictures[key].length, 1637, key)
  assert.deepEqual([side.names, side.label, side.group], [pictures.name, pictures.label, pictures.group])
  assert.equal(new Set(pictures.group).size, 8)
  assert.equal(read('pictures.csv').toString().trim().split('\r\n').length, 1638)
  assert.match(read('README.txt').toString(), /^[^]*1,637 pictures, each as 320 numbers, by the model likeness_v1\n/)
  assert.equal(read('plots/map-by-label.svg').toString().match(/<title>/g)?.length, 1637)
  assert.equal(shown.map.method, 'umap')
  // The command reads them too.
  execFileSync(bin, ['map', '--method', 'pca', join(folder, 'vectors.npy'), join(folder, 'vectors.parquet')], { stdio: 'pipe' })
  await t.test('by scikit-learn', { skip }, () => {
    const { text, results } = analyse(folder)
    t.diagnostic(text)
    assert.deepEqual([results.vectors.count, results.vectors.dim], [1637, 320])
    assert.equal(results.neighbours.first, 1, 'nearest neighbours')
    assert.equal(results.neighbours.same, 1, 'ten nearest')
    assert.ok(results.neighbours.cosine < 1e-6)
    assert.ok(results.retrieval.difference < 1e-3, 'P@1, P@5, mAP, kNN')
    assert.ok(results.pca.difference < 1e-4, 'PCA')
    assert.ok(results['map shown'].difference < 1e-4, 'trustworthiness of the map')
    assert.ok(results['t-SNE'].trustworthiness > 0.9 && results['map shown'].trustworthiness > 0.9)
    assert.ok(results.groups.rand > Math.min(...results.groups.once) - 0.15, 'groups')
    assert.ok(results['groups kept'].share > 0.99, 'k-means has come to its end')
    assert.ok(Math.abs(results.compactness.mine - results.compactness.shown) < 0.01, 'as close to their middles')
    assert.ok(results.classification.accuracy > results.classification.frequent + 0.2, 'labels')
    assert.ok(existsSync(join(folder, 'analysis', 'confusion.png')) && existsSync(join(folder, 'analysis', 't-sne.png')))
    const none = join(work, 'none')
    mkdirSync(join(none, 'matplotlib'), { recursive: true })
    writeFileSync(join(none, 'matplotlib', '__init__.py'), 'raise ImportError("not here", name="matplotlib")\n')
    assert.match(analyse(folder, { PYTHONPATH: none }).text, /no plots: matplotlib is not installed/)
  })
})

test('few pictures go home, from one on; a folder is written without replacing anything', { timeout: 200_000 }, async (t) => {
  const samples = join(dist, 'samples')
  const pictures = readdirSync(samples).filter((name) => /\.jpe?g$/.test(name)).map((name) => join(samples, name))
  for (const n of [1, 2, 3, 5]) {
    const page = await open()
    const input = /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (await page.$('#pick-files'))
    await input.uploadFile(...pictures.slice(0, n))
    await page.waitForFunction((n) => document.querySelectorAll('#grid [role=option]').length === n && document.getElementById('progress')?.hidden, {}, n)
    await page.waitForFunction(() => document.querySelectorAll('#grid img[src^="blob:"]').length > 0)
    const { folder, files } = await takeZip(page, `few-${n}`)
    assert.deepEqual(files, n < 4 ? usual : [...usual, 'plots/map.png', 'plots/map.svg'].sort())
    await t.test(`the script on ${n}`, { skip }, () => { assert.equal(analyse(folder).results.vectors.count, n) })
    if (n === 5) {
      // A folder of the page's own stands in for one that a visitor chooses.
      await page.evaluate(() => { Object.assign(window, { showDirectoryPicker: () => navigator.storage.getDirectory() }) })
      for (const times of [1, 2]) {
        await openHome(page)
        await click(page, /^Save into a folder…$/)
        await reads(page, times === 1 ? /10 files written into .*likeness-[\d-]{10}\./ : /10 files written into .*likeness-[\d-]{10}-2\./)
        await page.keyboard.press('Escape')
      }
      const written = await page.evaluate(async () => {
        const found = /** @type {Record<string, number>} */ ({})
        const walk = async (/** @type {any} */ folder, /** @type {string} */ path) => {
          for await (const one of folder.values()) {
            if (one.kind === 'directory') await walk(one, `${path}${one.name}/`)
            else found[path + one.name] = (await one.getFile()).size
          }
        }
        await walk(await navigator.storage.getDirectory(), '')
        return found
      })
      assert.equal(Object.keys(written).length, 20)
      for (const name of files) assert.ok(written[`${folder.replace(/^.*\//, '')}/${name}`] > 0, name)
    }
    await page.close()
  }
})

test('what a taught model adds is in the folder, and the script compares its accuracy', { timeout: 120_000 }, async (t) => {
  const page = await open()
  // Five kinds about centres of their own, drawn by a fixed rule; every tenth is told wrongly.
  const base64 = await page.evaluate(async () => {
    const load = (/** @type {string} */ name) => import(new URL(`./page/home/${name}.js`, document.baseURI).href)
    const [{ filesOf }, { makeZip }] = await Promise.all([load('files'), load('zip')])
    let state = 1
    const chance = () => { state = (state * 48271) % 2147483647; return state / 2147483647 - 0.5 }
    const [n, dim, classes] = [100, 16, ['a, "b"', 'été', '=c', 'd', '<e>']]
    const centres = classes.map(() => Array.from({ length: dim }, chance))
    const data = new Float32Array(n * dim)
    for (let i = 0; i < n; i++) {
      const v = centres[i % 5].map((x) => x + 0.4 * chance())
      const length = Math.hypot(...v)
      v.forEach((x, k) => { data[i * dim + k] = x / length })
    }
    const given = Array.from({ length: n }, (_, i) => classes[i % 5])
    const told = given.map((label, i) => ({ label: i % 10 ? label : classes[(i + 1) % 5], score: 0.9 }))
    const counts = classes.map((a) => classes.map((b) => given.filter((label, i) => label === a && told[i].label === b).length))
    const confusion = { classes, counts, accuracy: 0.9, folds: 5, head: 'softmax' }
    const origin = { model: 'm', model_hash: '0', layer: 'l', pool: 'avg', normalized: true, dim }
    const known = { names: given.map((_, i) => `${i}.jpg`), data, dim, labels: given.map(() => ''), groups: given.map(() => ''), classes: given, told, map: null, origin, side: '{}', shown: { vectors: n, dim, origin, taught: confusion } }
    const model = { name: 'mine.safetensors', blob: new Blob(['model']) }
    const when = new Date(2026, 1, 3, 4, 5, 6)
    const files = await filesOf(known, { confusion, model }, when)
    const zip = await makeZip(files.map((/** @type {any} */ file) => ({ ...file, name: `likeness-2026-02-03/${file.name}` })), when)
    const bytes = new Uint8Array(await zip.arrayBuffer())
    return btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(''))
  })
  await page.close()
  const { folder, files } = unpack(Buffer.from(base64, 'base64'), join(work, 'taught'))
  assert.deepEqual(files, [...usual, 'confusion.csv', 'models/mine.safetensors', 'plots/confusion.png', 'plots/confusion.svg'].sort())
  const table = readFileSync(join(folder, 'confusion.csv'), 'utf8').split('\r\n')
  assert.deepEqual(table.slice(0, 2), [',"a, ""b""",été,\'=c,d,<e>', '"a, ""b""",10,10,0,0,0'])
  assert.equal(readFileSync(join(folder, 'plots/confusion.svg'), 'utf8').match(/<rect/g)?.length, 26)
  await t.test('by scikit-learn', { skip }, () => {
    const { text, results } = analyse(folder)
    assert.match(text, /logistic regression on 5 labels of 100 pictures, 5 stratified folds: accuracy .*; the taught model showed 0\.900/)
    assert.ok(results.classification.accuracy > 0.95)
  })
})

test('a .zip that would need ZIP64 is refused in words', { timeout: 60_000 }, async () => {
  const page = await open()
  const said = await page.evaluate(async () => {
    const { makeZip, crc32 } = await import(new URL('./page/home/zip.js', document.baseURI).href)
    const large = { size: 2 ** 32 - 50 }
    const fault = (/** @type {any} */ files) => makeZip(files).then(() => '', (/** @type {Error} */ e) => e.message)
    return [await fault([{ name: 'a', blob: large }]), await fault(Array.from({ length: 65536 }, () => ({ name: 'a', blob: new Blob() }))), await crc32(new Blob(['123456789']))]
  })
  await page.close()
  assert.match(said[0], /^It is 4\.0 GB, and a \.zip holds up to 4 GB\. Save it into a folder instead/)
  assert.match(said[1], /^It has 65536 files/)
  assert.equal(said[2], 0xcbf43926) // the check value of CRC-32
})
