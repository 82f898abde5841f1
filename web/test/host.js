/**
 * A host that can be told to fail: files of a folder that a test may replace,
 * faults by path, and an end that may come at any time.
 */
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'

const root = new URL('../../', import.meta.url).pathname
export const dist = process.env.LIKENESS_DIST ?? join(root, 'dist')
export const bin = process.env.LIKENESS_BIN ?? join(root, 'bin', 'likeness')

/** @type {Record<string, string>} */
const types = {
  '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.wasm': 'application/wasm', '.jpg': 'image/jpeg'
}

/** @param {string | Buffer} data */
const sha256 = (data) => createHash('sha256').update(data).digest('hex')

/** A fault of the host; absent parts are as they should be. @typedef {{status?: number, type?: string, body?: string, policy?: string}} Fault */

/** A copy of the site that a test may alter. */
export function copySite () {
  const folder = join(mkdtempSync(join(tmpdir(), 'likeness-host-')), 'site')
  cpSync(dist, folder, { recursive: true })
  /** @type {(path: string) => string} */
  const text = (path) => readFileSync(join(folder, path), 'utf8')
  /** @type {(path: string, data: string | Buffer) => void} */
  const put = (path, data) => writeFileSync(join(folder, path), data)
  /** The list of the files as they are now, as tools/site writes it. */
  const list = () => {
    const precache = JSON.parse(text('precache.json'))
    const version = /name="likeness-version" content="[^"]*"/
    put('index.html', text('index.html').replace(version, 'name="likeness-version" content=""'))
    let lines = ''
    for (const group of [precache.files, precache.later]) {
      for (const path of Object.keys(group)) {
        group[path] = sha256(readFileSync(join(folder, path)))
        lines += `${path} ${group[path]}\n`
      }
    }
    precache.version = sha256(lines).slice(0, 16)
    put('index.html', text('index.html').replace(version, `name="likeness-version" content="${precache.version}"`))
    precache.files['index.html'] = sha256(text('index.html'))
    put('precache.json', JSON.stringify(precache))
    return precache
  }
  return { folder, text, put, list, end: () => rmSync(join(folder, '..'), { recursive: true, force: true }) }
}

/**
 * @param {string} folder
 * @param {number} [port]
 */
export async function host (folder, port = 0) {
  /** Every request, with the path inside the site. @type {string[]} */
  const asked = []
  const state = {
    folder,
    asked,
    /** Faults by path. @type {Record<string, Fault>} */
    faults: {},
    /** What answers carry beside: none has a date or a tag unless it is set here. @type {(data: Buffer) => Record<string, string>} */
    headers: () => ({}),
    url: '',
    close: () => Promise.resolve()
  }
  const base = '/deep/down/'
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
    const inside = path.startsWith(base) ? normalize(path.slice(base.length) || 'index.html') : ''
    asked.push(inside || path)
    const fault = state.faults[inside] ?? {}
    const file = join(state.folder, inside)
    if (!inside || fault.body === undefined && (fault.status || !existsSync(file))) return void response.writeHead(fault.status ?? 404).end()
    const data = fault.body === undefined ? readFileSync(file) : Buffer.from(fault.body)
    /** @type {Record<string, string>} */
    const headers = { 'content-type': fault.type ?? types[extname(inside)] ?? 'application/octet-stream', 'x-content-type-options': 'nosniff', ...state.headers(data) }
    if (fault.policy) headers['content-security-policy'] = fault.policy
    if (headers.etag && request.headers['if-none-match'] === headers.etag) return void response.writeHead(304, headers).end()
    if (headers['last-modified'] && request.headers['if-modified-since']) return void response.writeHead(304, headers).end()
    response.writeHead(fault.status ?? 200, headers).end(data)
  })
  await new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(undefined)))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the host has no port')
  state.url = `http://127.0.0.1:${address.port}${base}`
  state.close = () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(() => resolve()))
  }
  return state
}

/** Waits until what the page shows matches. @param {import('puppeteer-core').Page} page @param {string} selector @param {RegExp} pattern */
export async function says (page, selector, pattern) {
  await page.waitForFunction((where, source) => [...document.querySelectorAll(where)].some((e) => new RegExp(source).test(e.textContent ?? '')), { timeout: 60000 }, selector, pattern.source)
    .catch(async () => { throw new Error(`${selector} does not say ${pattern}, but ${await page.$$eval(selector, (all) => all.map((e) => e.textContent).join(' | '))}`) })
}
