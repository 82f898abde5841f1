/** An index of static files, searched in a page by <likeness-search> and <likeness-more>. */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { bin, dist, kinds, launch, root, skipped } from './library-site.js'
import { command, hostIndex, makeIndex } from './search-site.js'

const samples = readdirSync(join(dist, 'samples')).filter((name) => /\.jpe?g$/i.test(name)).sort()

/** @type {ReturnType<typeof makeIndex>} */
let site

before(() => {
  site = makeIndex()
  site.page('search.html', '<likeness-search src="search/"></likeness-search>')
  site.page('more.html', `<likeness-more src="search/" item="${samples[0]}" count="3"></likeness-more>`)
})
after(() => site?.end())

/**
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} url
 */
async function open (browser, url) {
  const page = await browser.newPage()
  /** @type {string[]} */
  const complaints = []
  /** @type {string[]} */
  const foreign = []
  page.on('pageerror', (e) => complaints.push(String(e)))
  page.on('console', (m) => { if (['error', 'warn'].includes(m.type())) complaints.push(`${m.text()} ${m.location().url ?? ''}`) })
  page.on('request', (r) => { if (!/^(blob:|data:)/.test(r.url()) && !r.url().startsWith(new URL(url).origin)) foreign.push(r.url()) })
  await page.evaluateOnNewDocument(() => {
    const w = /** @type {any} */ (window)
    w.found = []
    w.errors = []
    addEventListener('likeness-results', (e) => w.found.push(/** @type {any} */ (e).detail.matches))
    addEventListener('likeness-error', (e) => w.errors.push(/** @type {any} */ (e).detail))
  })
  await page.goto(url)
  return { page, complaints: () => complaints.filter((c) => !c.includes('favicon')), foreign }
}

/**
 * Gives a file to the element, and waits for what it finds.
 * @param {import('puppeteer-core').Page} page
 * @param {string} file
 * @returns {Promise<{item: number, score: number, path: string}[]>}
 */
async function ask (page, file) {
  const before = await page.evaluate(() => /** @type {any} */ (window).found.length)
  await page.waitForFunction(() => document.querySelector('likeness-search')?.shadowRoot?.querySelector('input[type=file]'))
  const input = await page.evaluateHandle(() => document.querySelector('likeness-search')?.shadowRoot?.querySelector('input[type=file]'))
  await /** @type {any} */ (input).uploadFile(file)
  await page.waitForFunction((n) => /** @type {any} */ (window).found.length > n || /** @type {any} */ (window).errors.length, { timeout: 60000 }, before)
  const errors = await page.evaluate(() => /** @type {any} */ (window).errors)
  assert.deepEqual(errors, [])
  return page.evaluate(() => /** @type {any} */ (window).found.at(-1))
}

/** @param {{item: number, score: number, path: string}[]} list */
const bare = (list) => list.map(({ item, score, path }) => ({ item, score: Math.fround(score), path }))

for (const kind of kinds) {
  test(`${kind}: what the page finds is what likeness search finds, to the bit, under a strict policy at a sub-path`, { skip: skipped(kind) }, async (t) => {
    const host = await hostIndex(site.folder)
    const browser = await launch(kind)
    t.after(async () => { await browser.close(); await host.close() })
    const { page, complaints, foreign } = await open(browser, `${host.url}search.html`)
    for (const name of samples.slice(0, 3)) {
      const file = join(dist, 'samples', name)
      const expected = JSON.parse(command('search', '--json', '-k', '12', join(site.folder, 'search'), file))
      const found = await ask(page, file)
      assert.deepEqual(bare(found), bare(expected))
      assert.equal(found[0].path, name)
    }
    const shown = await page.evaluate(() => [...document.querySelector('likeness-search')?.shadowRoot?.querySelectorAll('li a') ?? []].map((a) => /** @type {HTMLAnchorElement} */ (a).href))
    assert.ok(shown[0].startsWith(`${host.url}photos/`), shown[0])
    assert.deepEqual(complaints(), [])
    assert.deepEqual(foreign, [])
  })
}

test('a visitor who gives no picture fetches little, and no model', async (t) => {
  const host = await hostIndex(site.folder)
  const browser = await launch()
  t.after(async () => { await browser.close(); await host.close() })
  const { page } = await open(browser, `${host.url}search.html`)
  await page.waitForFunction(() => document.querySelector('likeness-search')?.shadowRoot?.querySelector('button'))
  await new Promise((resolve) => setTimeout(resolve, 300))
  const bytes = host.asked.reduce((sum, a) => sum + a.bytes, 0)
  assert.ok(bytes < 60000, `${bytes} bytes`)
  assert.ok(!host.asked.some((a) => /safetensors|wasm/.test(a.path)), JSON.stringify(host.asked))
})

test('more like this needs neither model nor engine, and says what likeness search says', async (t) => {
  const host = await hostIndex(site.folder)
  const browser = await launch()
  t.after(async () => { await browser.close(); await host.close() })
  const { page, complaints } = await open(browser, `${host.url}more.html`)
  await page.waitForFunction(() => /** @type {any} */ (window).found.length || /** @type {any} */ (window).errors.length)
  const found = await page.evaluate(() => /** @type {any} */ (window).found.at(-1))
  const expected = JSON.parse(command('search', '--json', '-k', '4', join(site.folder, 'search'), join(dist, 'samples', samples[0])))
  assert.deepEqual(found.map((/** @type {any} */ m) => m.path), expected.slice(1).map((/** @type {any} */ m) => m.path))
  assert.ok(!host.asked.some((a) => /safetensors|wasm/.test(a.path)))
  await page.evaluate(() => document.querySelector('likeness-more')?.setAttribute('item', 'nothing.jpg'))
  await page.waitForFunction(() => /** @type {any} */ (window).errors.length)
  assert.equal((await page.evaluate(() => /** @type {any} */ (window).errors))[0].code, 'item-unknown')
  assert.deepEqual(complaints(), [])
})

test('keys mark a part of the picture, and the part is searched', async (t) => {
  const host = await hostIndex(site.folder)
  const browser = await launch()
  t.after(async () => { await browser.close(); await host.close() })
  const { page } = await open(browser, `${host.url}search.html`)
  const whole = await ask(page, join(dist, 'samples', samples[0]))
  await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('likeness-search')?.shadowRoot?.querySelector('.frame')).focus())
  for (const key of /** @type {const} */ (['ArrowLeft', 'ArrowUp', 'ArrowUp'])) await page.keyboard.press(key)
  const n = await page.evaluate(() => /** @type {any} */ (window).found.length)
  await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('likeness-search')?.shadowRoot?.querySelector('[part=search-part]')).click())
  await page.waitForFunction((n) => /** @type {any} */ (window).found.length > n, { timeout: 60000 }, n)
  const part = await page.evaluate(() => /** @type {any} */ (window).found.at(-1))
  assert.equal(part.length, whole.length)
  assert.notEqual(part[0].score, whole[0].score)
})

test('lists, tags and packed files: a host with ranges gives parts, one without gives whole files, the matches are the same', async (t) => {
  const folder = join(site.root, 'tagged')
  const rows = samples.map((name, i) => JSON.stringify({ path: join(dist, 'samples', name), title: `Picture ${i}`, url: `/p/${i}`, tags: i % 2 ? ['odd', 'all'] : ['all'] }))
  writeFileSync(join(site.root, 'list.jsonl'), rows.join('\n'))
  command('index', '-o', join(folder, 'search'), '--model', join(dist, 'models', 'default.safetensors'), '--runtime', dist, '--list', join(site.root, 'list.jsonl'), '--exact-limit', '1', '--thumbs', 'packed')
  assert.ok(readdirSync(join(folder, 'search')).includes('lists') && readdirSync(join(folder, 'search')).includes('thumbs'))
  writeFileSync(join(folder, 'search.html'), readFileSync(join(site.folder, 'search.html')))
  const browser = await launch()
  t.after(() => browser.close())
  const file = join(dist, 'samples', samples[1])
  const expected = JSON.parse(command('search', '--json', '-k', '12', '--tag', 'odd', join(folder, 'search'), file))
  assert.ok(expected.length > 0 && expected.length < samples.length)
  for (const ranges of [true, false]) {
    const host = await hostIndex(folder, { ranges })
    t.after(() => host.close())
    const { page } = await open(browser, `${host.url}search.html`)
    await ask(page, file)
    const n = await page.evaluate(() => /** @type {any} */ (window).found.length)
    await page.evaluate(() => {
      const select = /** @type {HTMLSelectElement} */ (document.querySelector('likeness-search')?.shadowRoot?.querySelector('select'))
      select.selectedIndex = [...select.options].findIndex((o) => o.text.startsWith('odd'))
      select.dispatchEvent(new Event('change'))
    })
    await page.waitForFunction((n) => /** @type {any} */ (window).found.length > n, {}, n)
    assert.deepEqual(bare(await page.evaluate(() => /** @type {any} */ (window).found.at(-1))), bare(expected))
    await page.waitForFunction(() => [...document.querySelector('likeness-search')?.shadowRoot?.querySelectorAll('img') ?? []].every((i) => i.complete && i.naturalWidth > 0))
    assert.equal(host.asked.some((a) => a.part), ranges)
    await page.close()
  }
})

test('a damaged index, a cut connection, a file that is gone, a folder that is no index: one clear error each, no answer', async (t) => {
  const folder = join(site.root, 'hostile')
  const { cpSync } = await import('node:fs')
  cpSync(site.folder, folder, { recursive: true })
  const browser = await launch()
  t.after(() => browser.close())
  const vectors = readdirSync(join(folder, 'search', 'vectors'))[0]
  const whole = readFileSync(join(folder, 'search', 'vectors', vectors))
  /** @type {[string, () => void, RegExp, (host: any) => void][]} */
  const cases = [
    ['index-invalid', () => { const b = Buffer.from(whole); b[100] ^= 1; writeFileSync(join(folder, 'search', 'vectors', vectors), b) }, /damaged/, () => {}],
    ['index-invalid', () => writeFileSync(join(folder, 'search', 'vectors', vectors), whole.subarray(9)), /damaged/, () => {}],
    ['index-unreachable', () => writeFileSync(join(folder, 'search', 'vectors', vectors), whole), /connection|fetched/, (host) => { host.cut = { 'vectors/': 10 } }],
    ['index-changed', () => { writeFileSync(join(folder, 'search', 'vectors', vectors), whole); const m = JSON.parse(readFileSync(join(folder, 'search', 'index.json'), 'utf8')); m.generation = '0123456789abcdef'; writeFileSync(join(folder, 'search', 'index.json'), JSON.stringify(m)) }, /replaced|incompletely/, () => {}],
    ['index-invalid', () => writeFileSync(join(folder, 'search', 'index.json'), '<html>'), /no index/, () => {}]
  ]
  for (const [code, damage, words, fault] of cases) {
    damage()
    const host = await hostIndex(folder)
    t.after(() => host.close())
    fault(host)
    const { page } = await open(browser, `${host.url}search.html`)
    await page.waitForFunction(() => document.querySelector('likeness-search')?.shadowRoot?.querySelector('input[type=file]'))
    const input = await page.evaluateHandle(() => document.querySelector('likeness-search')?.shadowRoot?.querySelector('input[type=file]'))
    await /** @type {any} */ (input).uploadFile(join(dist, 'samples', samples[0]))
    await page.waitForFunction(() => /** @type {any} */ (window).errors.length, { timeout: 60000 })
    const { found, errors } = await page.evaluate(() => ({ found: /** @type {any} */ (window).found, errors: /** @type {any} */ (window).errors }))
    assert.deepEqual(found, [])
    assert.equal(errors[0].code, code, JSON.stringify(errors))
    assert.match(errors[0].message, words)
    await page.close()
  }
})

test('the words are those of the page\'s language', async (t) => {
  site.page('de.html', '<section lang="de-AT"><likeness-search src="search/"></likeness-search></section>')
  const host = await hostIndex(site.folder)
  const browser = await launch()
  t.after(async () => { await browser.close(); await host.close() })
  const { page } = await open(browser, `${host.url}de.html`)
  await page.waitForFunction(() => document.querySelector('likeness-search')?.shadowRoot?.querySelector('button'))
  assert.equal(await page.evaluate(() => document.querySelector('likeness-search')?.shadowRoot?.querySelector('button')?.textContent), 'Bild auswählen')
})

test('every language has every word', async () => {
  const { english, languages } = await import('../search/words.js')
  for (const code of languages) {
    const words = JSON.parse(readFileSync(new URL(`../search/words/${code}.json`, import.meta.url), 'utf8'))
    assert.deepEqual(Object.keys(words), Object.keys(english), code)
  }
})

test('the three commands of README make a site that is searched', { timeout: 120_000 }, async () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const block = /\*\*You have a site\*\*.*?```sh\n(.*?)```/s.exec(readme)?.[1] ?? ''
  const lines = block.split('\n').filter(Boolean).map((line) => line.replace(/\s+#.*$/, ''))
  assert.equal(lines.length, 3)
  const work = mkdtempSync(join(tmpdir(), 'likeness-readme-'))
  symlinkSync(dist, join(work, 'dist'))
  mkdirSync(join(work, 'bin'))
  symlinkSync(bin, join(work, 'bin/likeness'))
  symlinkSync(join(root, 'models'), join(work, 'models'))
  const run = (/** @type {string} */ line) => execFileSync('sh', ['-c', line], { cwd: work, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  run(lines[0])
  assert.match(run(lines[1]), /allium-oreophilum/)
  const [, ...args] = lines[2].split(' ')
  const served = spawn(bin, args, { cwd: work, stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    for (let i = 0; ; i++) {
      const answer = await fetch('http://127.0.0.1:8090/search/').catch(() => null)
      if (answer?.ok) {
        assert.match(await answer.text(), /<likeness-search src/)
        break
      }
      assert.ok(i < 100, 'the site is not served')
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  } finally {
    served.kill()
    rmSync(work, { recursive: true, force: true })
  }
})
