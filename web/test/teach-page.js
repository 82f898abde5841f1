/** Teach as the tests drive it: pictures in classes, a page that hands over what is saved. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dist } from './library-site.js'
import { serve } from './page-site.js'
import { sampleClasses } from './sample-classes.js'

/** @typedef {import('puppeteer-core').Page} Page */
/** @typedef {import('puppeteer-core').ElementHandle<HTMLInputElement>} Chooser */

/** Three folders of 24 pictures, and the site. */
export async function makeTeach () {
  const work = mkdtempSync(join(tmpdir(), 'likeness-teach-'))
  const folder = join(work, 'classes')
  sampleClasses(folder, ['flags', 'faces', 'vehicles'], 24)
  const site = await serve(dist, '/deep/')
  return { work, folder, url: site.url, end: async () => { await site.close(); rmSync(work, { recursive: true, force: true }) } }
}

/** @param {import('puppeteer-core').Browser} browser @param {string} url */
export async function open (browser, url) {
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
  await page.goto(url)
  await page.waitForFunction(() => document.querySelector('#model-dot')?.getAttribute('data-state') === 'ready', { timeout: 60000 })
  return { page, complaints }
}

/** @param {Page} page @param {RegExp} text */
export function reads (page, text) {
  return page.waitForFunction((source) => new RegExp(source).test(document.body.innerText), { timeout: 120_000 }, text.source)
    .catch(async () => { throw new Error(`the page does not say ${text}: ${(await page.evaluate(() => document.body.innerText)).slice(0, 3000)}`) })
}

/** @param {Page} page @param {RegExp} text */
export async function click (page, text) {
  const found = await page.waitForFunction((source) => [...document.querySelectorAll('a, button, summary')].find((e) =>
    new RegExp(source).test((e.textContent ?? '').trim()) && /** @type {HTMLElement} */ (e).checkVisibility() && !(/** @type {HTMLButtonElement} */ (e).disabled)), { timeout: 30000 }, text.source)
  await page.evaluate((e) => /** @type {HTMLElement} */ (e).click(), found)
}

/** What was last handed to the downloads. @param {Page} page */
export async function saved (page) {
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

/** Puts pictures into a class by its chooser of files. @param {Page} page @param {number} n of the class @param {string[]} files */
export async function addTo (page, n, files) {
  await page.evaluate((n) => {
    const section = document.querySelectorAll('#view-teach section[data-class]')[n]
    const chooser = /** @type {HTMLInputElement} */ (document.querySelector('#view-teach .groups + input[type=file]'))
    chooser.click = () => {}
    Object.assign(window, { chooser });
    /** @type {HTMLElement} */ (section.querySelector('[data-part=add]')).click()
  }, n)
  const input = /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (await page.evaluateHandle(() => /** @type {any} */ (window).chooser))
  await input.uploadFile(...files)
}

/** The files of a folder. @param {string} folder @param {number} [most] */
export const filesOf = (folder, most = Infinity) => readdirSync(folder).sort().slice(0, most).map((name) => join(folder, name))

/** Reads a folder with a folder for each class, and goes to Teach. @param {Page} page @param {string} folder */
export async function readFolder (page, folder) {
  await /** @type {Chooser} */ (await page.$('#pick-folder')).uploadFile(folder)
  await page.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length > 20 && document.querySelectorAll('#grid [data-state=waiting]').length === 0, { timeout: 60000 })
  await click(page, /^Teach$/)
}

/** Three classes of pictures, made from nothing. @param {Page} page @param {string} folder @param {number} [most] pictures of each */
export async function threeClasses (page, folder, most = 24) {
  await click(page, /^Begin with empty classes$/)
  await reads(page, /Learning needs two classes of two pictures each/)
  await click(page, /^New class$/)
  const labels = readdirSync(folder).sort()
  for (const [n, label] of labels.entries()) {
    await page.waitForFunction((n) => document.querySelectorAll('#view-teach section[data-class]').length > n, {}, n)
    await addTo(page, n, filesOf(join(folder, label), most))
    await page.waitForFunction((n, most) => document.querySelectorAll('#view-teach section[data-class]')[n].querySelector('.count')?.textContent === String(most), { timeout: 60000 }, n, most)
  }
  for (const label of labels) {
    const field = await page.waitForFunction((label) => [...document.querySelectorAll('#view-teach .group-name')].find((e) => /** @type {HTMLInputElement} */ (e).value === label), {}, `Class ${labels.indexOf(label) + 1}`)
    await page.evaluate((field, label) => {
      /** @type {HTMLInputElement} */ (field).value = label
      field?.dispatchEvent(new Event('change', { bubbles: true }))
    }, /** @type {import('puppeteer-core').ElementHandle<Element>} */ (field), label)
  }
  await reads(page, new RegExp(`3 classes, ${3 * most} pictures to learn from\\.`))
}
