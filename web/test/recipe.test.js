/** README's recipe: every step of its table, by the command as it is written and in the page. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { bin, dist, launch, root } from './library-site.js'
import { serve } from './page-site.js'
import { sampleClasses } from './sample-classes.js'

const work = mkdtempSync(join(tmpdir(), 'likeness-recipe-'))
const folder = join(work, 'classes')
const layer = 'expanded_conv_15/add'
/** @type {Awaited<ReturnType<typeof serve>>} */
let site
before(async () => {
  sampleClasses(folder, ['flags', 'faces', 'vehicles'], 12)
  execFileSync('go', ['run', './tools/samples', join(work, 'sounds')], { cwd: root, stdio: 'ignore' })
  site = await serve(dist, '/deep/')
})
after(async () => { await site?.close(); rmSync(work, { recursive: true, force: true }) })

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const table = readme.slice(readme.indexOf('| step | in the page | command |')).split('\n\n')[0].split('\n').slice(2)
  .map((line) => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim()))

/** A sound of the samples. @returns {string} */
function sound () {
  const sounds = join(work, 'sounds', 'sounds')
  const [kind] = readdirSync(sounds)
  return join(sounds, kind, readdirSync(join(sounds, kind))[0])
}

test('every command of the recipe works as it is written, one after the other', { timeout: 300_000 }, () => {
  assert.ok(table.length >= 12)
  const [a, b] = readdirSync(join(folder, 'flags')).map((name) => join(folder, 'flags', name))
  for (const [step, , cell] of table) {
    const commands = [...cell.matchAll(/`bin\/likeness ([^`]*)`/g)].map(([, args]) => args)
    assert.ok(commands.length > 0, `${step} has no command`)
    for (const command of commands) {
      const args = command.split(' ').map((arg) => ({ FOLDER: folder, LAYER: layer, A: a, B: b, SOUNDS: join(work, 'sounds', 'sounds') }[arg] ?? arg))
      // A step of its own options gives vectors of its own.
      const out = args[args.indexOf('-o') + 1]
      if (args.includes('-o')) rmSync(join(work, out), { recursive: true, force: true })
      if (command.startsWith('map') || command.startsWith('cluster')) execFileSync(bin, ['embed', '-o', 'vectors.npy', folder], { cwd: work, stdio: 'ignore' })
      const { status, stdout: printed, stderr } = spawnSync(bin, [...args, ...elsewhere(args)], { cwd: work, encoding: 'utf8' })
      assert.equal(status, 0, `${step}: ${command}: ${stderr}`)
      if (args.includes('-o')) assert.ok(existsSync(join(work, out)), `${step}: ${command} wrote no ${out}`)
      else assert.ok(printed.length > 20, `${step}: ${command} printed nothing`)
    }
  }
})

/** What the command finds by itself where a reader runs it. @param {string[]} args */
function elsewhere ([command, ...args]) {
  const model = join(root, 'models/likeness_v1.safetensors')
  if (command === 'inspect') return [model]
  const runtime = command === 'index' ? ['--runtime', dist] : []
  return args.includes('--model') || ['map', 'cluster', 'search', 'pull', 'export'].includes(command) ? [] : [...runtime, '--model', model]
}

/** @typedef {import('puppeteer-core').Page} Page */

/** @param {Page} page @param {RegExp} text */
function reads (page, text) {
  return page.waitForFunction((source) => new RegExp(source).test(document.body.innerText), { timeout: 90_000 }, text.source)
    .catch(async () => { throw new Error(`the page does not say ${text}: ${(await page.evaluate(() => document.body.innerText)).slice(0, 2000)}`) })
}

/** @param {Page} page @param {RegExp} text */
async function click (page, text) {
  const found = await page.waitForFunction((source) => [...document.querySelectorAll('a, button, summary')].find((e) =>
    new RegExp(source).test((e.textContent ?? '').trim()) && /** @type {HTMLElement} */ (e).checkVisibility() && !(/** @type {HTMLButtonElement} */ (e).disabled)), { timeout: 30000 }, text.source)
  await page.evaluate((e) => /** @type {HTMLElement} */ (e).click(), found)
}

/** Puts files into a chooser. @param {Page} page @param {string} id @param {string[]} files */
async function choose (page, id, ...files) {
  await /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (await page.$(id)).uploadFile(...files)
}

/** Changes a setting and waits until all pictures are read by it. @param {Page} page @param {string} id @param {string} value @param {RegExp} says */
async function setting (page, id, value, says) {
  await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('#settings-button')).click())
  await page.waitForSelector('#settings[open]')
  await page.select(id, value)
  await click(page, /^Apply$/)
  await click(page, /^Read again$/)
  // It says so as soon as the setting is taken up; pictures are read until the progress goes.
  await reads(page, says)
  await page.waitForFunction(() => document.querySelector('#progress')?.hasAttribute('hidden') && !document.querySelector('dialog[open]'), { timeout: 60000 })
}

/** What is done in the page for each step of the table. @type {Record<string, (page: Page) => Promise<unknown>>} */
const steps = {
  'choose a network': async (page) => {
    await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('#settings-button')).click())
    assert.match(await page.$eval('#set-model', (e) => e.textContent ?? ''), /likeness_v1/)
    await page.keyboard.press('Escape')
    await click(page, /^Inside$/)
    await reads(page, /How much the layer finds/)
  },
  preprocess: (page) => setting(page, '#set-resize', 'fit', /320 numbers a picture/),
  'extract, from the last or any layer': (page) => setting(page, '#set-layer', layer, /160 numbers a picture/),
  'flatten or pool': async (page) => {
    await setting(page, '#set-pool', 'flatten', /4,000 numbers a picture/)
    await setting(page, '#set-pool', 'avg', /160 numbers a picture/)
    await page.evaluate(() => { location.hash = '#inside?tab=numbers' })
    await reads(page, /Flattened: 4,000 numbers/)
  },
  'PCA, t-SNE, UMAP': async (page) => {
    for (const [method, name] of [['pca', 'PCA'], ['tsne', 't-SNE'], ['umap', 'UMAP']]) {
      await page.evaluate((method) => { location.hash = `#map?method=${method}` }, method)
      await reads(page, new RegExp(`\\(${name}\\)`))
    }
  },
  clusters: async (page) => {
    await click(page, /^Groups$/)
    await page.$eval('#groups-number', (e) => { /** @type {HTMLInputElement} */ (e).value = '3' })
    await click(page, /^Make groups$/)
    await reads(page, /3 groups/)
  },
  retrieval: async (page) => {
    await click(page, /^Pictures$/)
    await page.waitForSelector('#grid [role=option]')
    await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('#grid [role=option]')).focus())
    await page.keyboard.press('Enter')
    await reads(page, /Sorted by likeness to/)
  },
  'feature maps, why two are alike': async (page) => {
    await page.evaluate(() => { location.hash = '#inside?tab=why' })
    await reads(page, /The parts of the \d+ places of the left picture sum to/)
  },
  'which layer is best': async (page) => {
    await click(page, /^Compare layers$/)
    await click(page, /^Compare$/)
    await reads(page, /They agree by/)
  },
  'transfer learning: a head on the vectors': async (page) => {
    await click(page, /^Teach$/)
    await click(page, /^Train$/)
    await reads(page, /% told right \(/)
  },
  'fine-tuning: the network itself, from a layer on': async (page) => {
    await page.select('#teach-head', 'tune')
    await page.evaluate(() => {
      for (const [key, value] of [['epochs', '2'], ['folds', '2'], ['views', '2']]) {
        const field = /** @type {HTMLInputElement} */ (document.querySelector(`#teach-${key}`))
        field.value = value
        field.dispatchEvent(new Event('change', { bubbles: true }))
      }
    })
    await click(page, /^Train again$/)
    await reads(page, /A head alone reaches/)
  },
  'other data': async (page) => {
    await click(page, /^Pictures$/)
    await choose(page, '#pick-files', sound())
    await reads(page, /37 pictures|1 picture added|added/)
    await page.waitForFunction(() => document.querySelector('#progress')?.hasAttribute('hidden'), { timeout: 60000 })
  },
  'take it along': async (page) => {
    await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('[data-do=home]')).click())
    await page.waitForSelector('#home[open]')
    await reads(page, /What you have taught: model, classes, confusion matrix/)
    await click(page, /^Save as .zip$/)
    await reads(page, /\.zip, .*was given to your browser’s downloads/)
  }
}

test('every step of the recipe is done in the page, one after the other', { timeout: 400_000 }, async (t) => {
  assert.deepEqual(Object.keys(steps), table.map(([step]) => step))
  const browser = await launch()
  t.after(() => browser.close())
  const page = await browser.newPage()
  await page.setViewport({ width: 1200, height: 900 })
  /** @type {string[]} */
  const complaints = []
  page.on('pageerror', (e) => complaints.push(String(e)))
  await page.goto(site.url)
  await page.waitForFunction(() => document.querySelector('#model-dot')?.getAttribute('data-state') === 'ready', { timeout: 60000 })
  await choose(page, '#pick-folder', folder)
  await page.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length > 10 && document.querySelectorAll('#grid [data-state=waiting]').length === 0, { timeout: 60000 })
  for (const [step, run] of Object.entries(steps)) {
    await run(page).catch((/** @type {Error} */ e) => { throw new Error(`${step}: ${e.message}`, { cause: e }) })
  }
  assert.deepEqual(complaints, [])
})
