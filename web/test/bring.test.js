/** Vectors come back: what the page and the command write is dropped in, with and without the pictures; bad files are refused in words. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { bin, dist, kinds, launch, skipped } from './library-site.js'
import { serve } from './page-site.js'

/** @type {Awaited<ReturnType<typeof serve>>} */
let site
const work = mkdtempSync(join(tmpdir(), 'likeness-bring-'))
const samples = join(dist, 'samples')
const pictures = readdirSync(samples).filter((name) => /\.(jpe?g|png|webp)$/.test(name)).map((name) => join(samples, name))
before(async () => { site = await serve(dist, '/deep/') })
after(async () => { await site?.close(); rmSync(work, { recursive: true, force: true }) })

/**
 * @param {string} out
 * @param {string[]} more
 */
function embed (out, ...more) {
  execFileSync(bin, ['embed', '--model', join(dist, 'models', 'default.safetensors'), '-o', join(work, out), ...more, ...pictures], { stdio: 'ignore' })
  return readdirSync(work).filter((name) => name.startsWith(out) || name.startsWith(out.replace('.tsv', '.metadata'))).map((name) => join(work, name))
}

/** @param {import('puppeteer-core').Browser} browser */
async function open (browser) {
  const page = await browser.newPage()
  await page.setViewport({ width: 1100, height: 1400 })
  await page.goto(site.url)
  await page.waitForFunction(() => document.querySelector('#model-dot')?.getAttribute('data-state') === 'ready', { timeout: 60000 })
  // Saved files are kept for the test and not written to a disk.
  await page.evaluate(() => {
    const made = /** @type {Record<string, Blob>} */ ({})
    Object.assign(window, { made, showSaveFilePicker: undefined })
    const make = URL.createObjectURL
    let last = /** @type {Blob|null} */ (null)
    URL.createObjectURL = (blob) => { last = /** @type {Blob} */ (blob); return make(blob) }
    HTMLAnchorElement.prototype.click = function () { if (this.download && last) made[this.download] = last }
  })
  return page
}

/**
 * @param {import('puppeteer-core').Page} page
 * @param {string[]} files
 */
async function choose (page, ...files) {
  const input = /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (await page.$('#pick-files'))
  await input.uploadFile(...files)
}

/**
 * @param {import('puppeteer-core').Page} page
 * @param {RegExp} text
 */
function reads (page, text) {
  return page.waitForFunction((source) => new RegExp(source).test(document.getElementById('tray')?.textContent ?? document.body.textContent ?? ''), { timeout: 60000 }, text.source)
    .catch(async () => { throw new Error(`the page does not say ${text}: ${await page.evaluate(() => document.body.innerText)}`) })
}

/**
 * @param {import('puppeteer-core').Page} page
 * @param {number} n
 */
function holds (page, n) {
  return page.waitForFunction((n) => document.querySelectorAll('#grid [role=option]').length === n, { timeout: 60000 }, n)
    .catch(async () => { throw new Error(`not ${n} pictures: ${await page.evaluate(() => document.body.innerText)}`) })
}

/**
 * What the page exports in a format, as bytes by name.
 * @param {import('puppeteer-core').Page} page
 * @param {string} format
 */
async function exported (page, format) {
  await page.evaluate((format) => /** @type {HTMLElement} */ (document.querySelector(`[data-export=${format}]`)).click(), format)
  await page.waitForFunction(() => /vectors? of/.test(document.getElementById('export-message')?.textContent ?? '') && [...document.querySelectorAll('#export-files small')].every((s) => /downloads/.test(s.textContent ?? '')), { timeout: 60000 })
  const files = await page.evaluate(async () => {
    const made = /** @type {Record<string, Blob>} */ (/** @type {any} */ (window).made)
    const out = /** @type {Record<string, string>} */ ({})
    for (const [name, blob] of Object.entries(made)) {
      out[name] = await new Promise((resolve) => {
        const reader = new FileReader()
        reader.onload = () => resolve(String(reader.result).replace(/^.*?base64,/, ''))
        reader.readAsDataURL(blob)
      })
      delete made[name]
    }
    return out
  })
  await page.keyboard.press('Escape')
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text, 'base64')]))
}

for (const kind of kinds) {
  test(`${kind}: vectors of the command are dropped in by each format, and what the page exports is theirs to the bit`, { skip: skipped(kind), timeout: 240_000 }, async (t) => {
    const browser = await launch(kind)
    t.after(() => browser.close())
    const wanted = embed('v.npy')
    embed('n.parquet', '--format', 'parquet')
    const first = await open(browser)
    await choose(first, join(work, 'n.parquet'))
    await holds(first, pictures.length)
    assert.deepEqual(Object.values(await exported(first, 'npy'))[0], readFileSync(join(work, 'v.npy')), 'Parquet of the command')
    await first.close()
    const page = await open(browser)
    await choose(page, ...wanted)
    await holds(page, pictures.length)
    const own = await exported(page, 'npy')
    const [npy, json] = [Object.keys(own).find((name) => name.endsWith('.npy')) ?? '', Object.keys(own).find((name) => name.endsWith('.npy.json')) ?? '']
    assert.deepEqual(own[npy], readFileSync(join(work, 'v.npy')))
    const side = JSON.parse(own[json].toString())
    const native = JSON.parse(readFileSync(join(work, 'v.npy.json'), 'utf8'))
    for (const key of ['model', 'model_hash', 'layer', 'pool', 'normalized', 'dim', 'count', 'prepare', 'format']) assert.deepEqual(side[key], native[key], key)
    for (const format of ['parquet', 'csv', 'jsonl', 'tsv']) {
      const files = await exported(page, format)
      const paths = Object.entries(files).map(([name, bytes]) => {
        writeFileSync(join(work, name), bytes)
        return join(work, name)
      })
      const other = await open(browser)
      await choose(other, ...paths.filter((path) => !/sprite|config/.test(path)))
      await holds(other, pictures.length)
      assert.deepEqual(Object.values(await exported(other, 'npy'))[0], own[npy], format)
      await other.close()
      // The command reads what the page writes.
      const text = execFileSync(bin, ['map', '--method', 'pca', paths.find((path) => path.endsWith(`.${format}`) && !path.includes('metadata')) ?? ''], { encoding: 'utf8' })
      assert.equal(text.trim().split(/\r?\n/).length, pictures.length + 1, format)
    }
  })
}

test('pictures join the vectors that came without them, in one drop or later; others are read', { timeout: 120_000 }, async (t) => {
  const browser = await launch()
  t.after(() => browser.close())
  const set = embed('w.jsonl', '--format', 'jsonl')
  const page = await open(browser)
  await choose(page, ...set, pictures[0])
  await holds(page, pictures.length)
  await page.waitForFunction(() => document.querySelectorAll('#grid img[src^="blob:"]').length === 1)
  await choose(page, ...pictures.slice(1))
  await reads(page, new RegExp(`${pictures.length - 1} pictures joined`))
  await page.waitForFunction((n) => document.querySelectorAll('#grid img[src^="blob:"]').length === n, {}, pictures.length)
  await holds(page, pictures.length)
})

test('the Projector gets names with labels, a sprite of the pictures, and a config that names them', { timeout: 120_000 }, async (t) => {
  const browser = await launch()
  t.after(() => browser.close())
  const page = await open(browser)
  const names = ['flowers/a.png', 'flowers/b.png', 'cars/c.png'].map((path) => path)
  const rows = names.map((name, i) => JSON.stringify({ name, vector: Array.from({ length: 320 }, (_, k) => (k === i ? 1 : 0)) }))
  writeFileSync(join(work, 'labels.jsonl'), rows.join('\n') + '\n')
  await choose(page, join(work, 'labels.jsonl'))
  await holds(page, 3)
  await reads(page, /does not say which model made its vectors/)
  const files = await exported(page, 'tsv')
  const find = (/** @type {string} */ end) => files[Object.keys(files).find((name) => name.endsWith(end)) ?? '']
  assert.equal(find('.metadata.tsv').toString(), 'name\tlabel\nflowers/a.png\tflowers\nflowers/b.png\tflowers\ncars/c.png\tcars\n')
  const config = JSON.parse(find('.config.json').toString())
  assert.deepEqual(config.embeddings[0].tensorShape, [3, 320])
  for (const file of [config.embeddings[0].tensorPath, config.embeddings[0].metadataPath, config.embeddings[0].sprite.imagePath]) assert.ok(files[file], file)
  const sprite = find('.sprite.png')
  assert.deepEqual([sprite.readUInt32BE(16), sprite.readUInt32BE(20)], [2 * config.embeddings[0].sprite.singleImageDim[0], 2 * config.embeddings[0].sprite.singleImageDim[1]])
})

/** Bad files and what must be said of them. @type {[string, (dir: string) => string[], RegExp][]} */
const bad = [
  ['a value that is no number', (dir) => {
    const data = readFileSync(join(work, 'v.npy'))
    data.writeFloatLE(NaN, data.length - 400)
    return written(dir, { 'nan.npy': data })
  }, /nan\.npy.*vector \d+ holds a value that is not a finite number/],
  ['cut off', (dir) => written(dir, { 'cut.npy': readFileSync(join(work, 'v.npy')).subarray(0, 5000) }), /cut\.npy.*cut off or damaged/],
  ['cut off as text', (dir) => written(dir, { 'cut.jsonl': readFileSync(join(work, 'w.jsonl')).subarray(0, 5000) }), /cut\.jsonl.*cut off/],
  ['cut off Parquet', (dir) => written(dir, { 'cut.parquet': Buffer.from('PAR1xxxx') }), /cut\.parquet/],
  ['another model', (dir) => {
    const side = JSON.parse(readFileSync(join(work, 'v.npy.json'), 'utf8'))
    side.model = 'vgg16'
    side.model_hash = side.model_hash.replace(/./g, 'a')
    return written(dir, { 'other.npy': readFileSync(join(work, 'v.npy')), 'other.npy.json': JSON.stringify(side) })
  }, /other\.npy.*model vgg16.*Vectors of two models cannot be compared/],
  ['another length', (dir) => written(dir, { 'short.jsonl': '{"name":"a","vector":[1,0]}\n' }), /short\.jsonl.*2 numbers.*another model or layer/],
  ['the .json of others', (dir) => {
    const side = JSON.parse(readFileSync(join(work, 'v.npy.json'), 'utf8'))
    side.names = side.names.slice(1)
    return written(dir, { 'mixed.npy': readFileSync(join(work, 'v.npy')), 'mixed.npy.json': JSON.stringify(side) })
  }, /mixed\.npy.*is of other vectors/],
  ['too many', (dir) => {
    const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (100001, 320), }".padEnd(117) + '\n'
    const data = Buffer.alloc(128 + 100001 * 320 * 4)
    data.write('\x93NUMPY\x01\x00\x76\x00' + header, 'latin1')
    return written(dir, { 'many.npy': data })
  }, /many\.npy.*100,001 vectors, and this page holds up to 100,000.*likeness map/]
]

/**
 * @param {string} dir
 * @param {Record<string, Buffer|string>} files
 */
function written (dir, files) {
  return Object.entries(files).map(([name, bytes]) => {
    writeFileSync(join(dir, name), bytes)
    return join(dir, name)
  })
}

test('files of vectors that are wrong are refused with the reason, and nothing of them is taken', { timeout: 180_000 }, async (t) => {
  const browser = await launch()
  t.after(() => browser.close())
  embed('v.npy')
  embed('w.jsonl', '--format', 'jsonl')
  const page = await open(browser)
  for (const [what, make, says] of bad) {
    await choose(page, ...make(work))
    await page.waitForFunction((source) => [...document.querySelectorAll('#problems-list li')].some((row) => new RegExp(source, 'is').test(row.textContent ?? '')), { timeout: 60000 }, says.source)
      .catch(async () => { throw new Error(`${what}: ${await page.evaluate(() => document.getElementById('problems-list')?.textContent)}`) })
    assert.equal(await page.$$eval('#grid [role=option]', (tiles) => tiles.length), 0, `${what}: ${basename(make(work)[0])}`)
  }
})

test('vectors pooled by generalised means are dropped in, settings and exports know their power, and pictures that join are read the same way', { timeout: 120_000 }, async (t) => {
  const browser = await launch()
  t.after(() => browser.close())
  const [first, ...others] = pictures
  execFileSync(bin, ['embed', '--model', join(dist, 'models', 'default.safetensors'), '--pool', 'gem:4.5', '-o', join(work, 'g.npy'), ...others], { stdio: 'ignore' })
  execFileSync(bin, ['embed', '--model', join(dist, 'models', 'default.safetensors'), '--pool', 'gem:4.5', '-o', join(work, 'gall.npy'), ...others, first], { stdio: 'ignore' })
  const page = await open(browser)
  await choose(page, join(work, 'g.npy'), join(work, 'g.npy.json'))
  await holds(page, others.length)
  await choose(page, first)
  await holds(page, pictures.length)
  await page.waitForFunction(() => document.querySelectorAll('#grid [data-state=waiting]').length === 0 && document.querySelector('#progress')?.hasAttribute('hidden'), { timeout: 60000 })
  const got = await exported(page, 'npy')
  assert.deepEqual(Object.values(got)[0], readFileSync(join(work, 'gall.npy')))
  assert.equal(JSON.parse(String(got[Object.keys(got).find((name) => name.endsWith('.json')) ?? ''])).pool, 'gem:4.5')
  await page.$eval('#settings-button', (e) => /** @type {HTMLElement} */ (e).click())
  await page.waitForSelector('#settings[open]')
  assert.equal(await page.$eval('#set-pool', (e) => /** @type {HTMLSelectElement} */ (e).selectedOptions[0].text), 'Generalised mean of power 4.5')
  await page.select('#set-pool', 'gem')
  await page.click('#set-apply')
  await page.waitForSelector('#confirm[open]')
  await page.click('#confirm-yes')
  await page.waitForFunction(() => document.querySelector('#progress')?.hasAttribute('hidden'), { timeout: 60000 })
})
