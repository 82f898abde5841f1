/**
 * HEIC and AVIF in module workers, under the site's policy: the decoders are
 * fetched once, and pixels are those of the command (go test ./tools/heif
 * -run PageCases makes the cases).
 */
import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, test } from 'node:test'
import { launch, serve } from './page-site.js'

const root = new URL('../../', import.meta.url).pathname
const dist = process.env.LIKENESS_DIST ?? join(root, 'dist')
const folder = mkdtempSync(join(tmpdir(), 'likeness-heif-'))
const firefox = (process.env.PATH ?? '').split(delimiter)
  .flatMap((dir) => ['firefox-esr', 'firefox'].map((name) => join(dir, name)))
  .find((path) => existsSync(path))

const worker = `
import { decodeHEIF } from '../lib/heif.js'
const hex = async (bytes) => Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).subarray(0, 8), b => b.toString(16).padStart(2, '0')).join('')
onmessage = async ({ data: { bytes, heif } }) => {
  try {
    const { rgba, width, height } = await decodeHEIF(bytes, heif)
    postMessage({ width, height, sum: await hex(rgba) })
  } catch (e) {
    postMessage({ code: e.code, message: e.message })
  }
}
`

const start = `
const worker = new Worker('worker.js', { type: 'module' })
globalThis.ask = (data, heif) => new Promise((resolve, reject) => {
  worker.onmessage = (e) => resolve(e.data)
  worker.onerror = (e) => reject(new Error(e.message || 'the worker did not start'))
  worker.postMessage({ bytes: Uint8Array.from(atob(data), (c) => c.charCodeAt(0)), heif })
})
`

/** @type {Awaited<ReturnType<typeof serve>>} */
let site

before(async () => {
  cpSync(join(dist, 'lib'), join(folder, 'lib'), { recursive: true })
  cpSync(join(dist, 'heif'), join(folder, 'heif'), { recursive: true })
  mkdirSync(join(folder, 'try'))
  writeFileSync(join(folder, 'try', 'index.html'), '<!doctype html><title>Try</title><link rel="icon" href="data:,"><script type="module" src="start.js"></script>')
  writeFileSync(join(folder, 'try', 'start.js'), start)
  writeFileSync(join(folder, 'try', 'worker.js'), worker)
  site = await serve(folder, '/')
})

after(async () => {
  await site?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** @typedef {{name: string, data: string, heif: object, width: number, height: number, sum: string}} Case */

for (const kind of /** @type {const} */ (['chromium', 'firefox'])) {
  const skip = kind === 'firefox' && !firefox ? 'Firefox is not installed' : false
  test(`${kind} gives the command's pixels of HEIC and AVIF`, { skip, timeout: 300_000 }, async () => {
    /** @type {Case[]} */
    const cases = JSON.parse(readFileSync(new URL('heif-cases.json', import.meta.url), 'utf8'))
    const browser = await launch(kind)
    try {
      const page = await browser.newPage()
      site.asked.length = 0
      await page.goto(`${site.url}try/index.html`)
      await page.waitForFunction('globalThis.ask')
      /** @param {string} data @param {object} heif */
      const ask = (data, heif) => page.evaluate((data, heif) => /** @type {any} */ (globalThis).ask(data, heif), data, heif)
      assert.deepEqual(site.asked.filter((path) => path.endsWith('.wasm')), [], 'a decoder was fetched before a picture was there')
      for (const { name, data, heif, width, height, sum } of cases) {
        assert.deepEqual(await ask(data, heif), { width, height, sum }, name)
      }
      assert.deepEqual(site.asked.filter((path) => path.endsWith('.wasm')).sort(), ['/heif/avif.wasm', '/heif/heic.wasm'])
      for (const { name, data, heif } of [cases[0], cases[7]]) {
        const cut = Buffer.from(data, 'base64').subarray(0, -60).toString('base64')
        const answer = await ask(cut, heif)
        assert.equal(answer.code, 'picture-corrupt', `${name}, cut off: ${JSON.stringify(answer)}`)
      }
    } finally {
      await browser.close()
    }
  })
}
