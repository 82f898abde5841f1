/**
 * The library in a real browser, as another site's page would use it: from a
 * sub-path, under a strict policy, compared with the native engine.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { launch, serve } from './page-site.js'
import { parseNPY } from './page-vectors.js'

export const root = new URL('../../', import.meta.url).pathname
export const dist = process.env.LIKENESS_DIST ?? join(root, 'dist')
export const bin = process.env.LIKENESS_BIN ?? join(root, 'bin', 'likeness')
export const samples = readdirSync(join(dist, 'samples')).filter((name) => /\.jpe?g$/i.test(name)).slice(0, 4)

export const firefox = (process.env.PATH ?? '').split(delimiter)
  .flatMap((dir) => ['firefox-esr', 'firefox'].map((name) => join(dir, name)))
  .find((path) => existsSync(path))

/** For tests that go through both browsers. */
export const kinds = /** @type {const} */ (['chromium', 'firefox'])

/** @param {'chromium' | 'firefox'} kind */
export const skipped = (kind) => kind === 'firefox' && !firefox ? 'Firefox is not installed' : false

/** What the blank page runs: the library and a few helpers for the tests. */
const start = `
import { Extractor, LikenessError } from '../likeness.js'
const model = '../models/default.safetensors'
globalThis.lib = {
  Extractor,
  LikenessError,
  model,
  load: options => Extractor.load({ model, workers: 1, ...options }),
  file: async name => (await fetch('files/' + name)).blob(),
  bytes: vector => [...new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)],
  fault: promise => promise.then(
    () => ({ code: 'none', message: '', name: '', known: false }),
    e => ({ code: String(e.code), message: e.message, name: e.name, known: e instanceof LikenessError }))
}
`

/**
 * A copy of dist in a folder of its own, with a blank page beside it.
 * @param {(folder: string) => void} [change] before anything is served
 * @param {string} [header] another policy than the page's
 */
export async function makeSite (change = () => {}, header = undefined) {
  const work = mkdtempSync(join(tmpdir(), 'likeness-library-'))
  const folder = join(work, 'site')
  cpSync(dist, folder, { recursive: true })
  mkdirSync(join(folder, 'blank', 'files'), { recursive: true })
  const policy = /<meta http-equiv="Content-Security-Policy"[^>]*>/.exec(readFileSync(join(dist, 'index.html'), 'utf8'))
  if (!policy) throw new Error('index.html has no policy')
  writeFileSync(join(folder, 'blank', 'index.html'), `<!doctype html><html lang="en"><head><meta charset="utf-8">${header ? '' : policy[0]}<title>Blank</title><link rel="icon" href="data:,"></head><body><script type="module" src="start.js"></script></body></html>`)
  writeFileSync(join(folder, 'blank', 'start.js'), start)
  change(folder)
  const site = await serve(folder, '/a/sub/path/', header)
  const at = (/** @type {string} */ name) => join(folder, 'blank', 'files', name)
  return {
    ...site,
    folder,
    /** Puts a file where lib.file finds it. @param {string} name @param {Uint8Array} bytes */
    put: (name, bytes) => writeFileSync(at(name), bytes),
    /** The vectors that the command gives. @param {string[]} names @param {string[]} [more] @returns {Float32Array[]} */
    native: (names, more = []) => embed(names.map(at), work, more),
    /** A page with the library. @param {import("puppeteer-core").Browser} browser @param {(page: import("puppeteer-core").Page) => void} [watch] */
    open: async (browser, watch = () => {}) => {
      const page = await browser.newPage()
      watch(page)
      await page.goto(`${site.url}blank/index.html`)
      await page.waitForFunction(() => 'lib' in window)
      return page
    },
    end: async () => {
      await site.close()
      rmSync(work, { recursive: true, force: true })
    }
  }
}

/** @typedef {Awaited<ReturnType<typeof makeSite>>} Site */

/**
 * @param {string[]} files
 * @param {string} work a folder
 * @param {string[]} more arguments of the command
 */
export function embed (files, work, more = []) {
  const out = join(work, 'native.npy')
  execFileSync(bin, ['embed', '--model', join(dist, 'models', 'default.safetensors'), '--format', 'npy', '-o', out, ...more, ...files], { stdio: 'ignore' })
  return parseNPY(readFileSync(out))
}

/** @param {Float32Array} v */
export const bytesOf = (v) => [...new Uint8Array(v.buffer, v.byteOffset, v.byteLength)]

/**
 * The bytes of the vectors that the library gives.
 * @param {import("puppeteer-core").Page} on
 * @param {string[]} names
 * @param {'auto' | 'exact' | 'browser'} decode
 * @returns {Promise<number[][]>}
 */
export function vectors (on, names, decode) {
  return on.evaluate(async (names, decode) => {
    const { lib } = /** @type {any} */ (globalThis)
    const extractor = await lib.load({ decode })
    try {
      const all = []
      for (const name of names) {
        const vector = await extractor.extract(await lib.file(name))
        if (!(vector instanceof Float32Array)) throw new Error('not a Float32Array')
        all.push(lib.bytes(vector))
      }
      return all
    } finally {
      extractor.dispose()
    }
  }, names, decode)
}

export { launch }
