/** An index of pictures on a host that can be told how to behave. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { bin, dist } from './library-site.js'

/** @type {Record<string, string>} */
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.wasm': 'application/wasm', '.jpg': 'image/jpeg', '.bin': 'application/octet-stream' }

/** What the issue of strict hosts allows. */
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src 'self' blob:"

/** @param {string[]} args */
export const command = (...args) => execFileSync(bin, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

/**
 * A folder with an index of the sample pictures in search/, and pages.
 * @param {string[]} [flags] of likeness index
 */
export function makeIndex (flags = []) {
  const root = mkdtempSync(join(tmpdir(), 'likeness-search-'))
  const folder = join(root, 'site')
  mkdirSync(folder)
  const samples = join(dist, 'samples')
  command('index', '-o', join(folder, 'search'), '--model', join(dist, 'models', 'default.safetensors'), '--runtime', dist, '--base', 'photos/', ...flags, samples)
  return {
    folder,
    root,
    /** @param {string} name @param {string} body */
    page: (name, body) => writeFileSync(join(folder, name), `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Test</title><script type="module" src="./search/likeness/search/likeness-search.js"></script><main><h1>Pictures</h1>${body}</main></html>`),
    end: () => rmSync(root, { recursive: true, force: true })
  }
}

/**
 * @param {string} folder
 * @param {{base?: string, ranges?: boolean, policy?: string}} [options]
 */
export async function hostIndex (folder, { base = '/a/b/', ranges = true, policy: header = policy } = {}) {
  /** Paths, bytes sent, and whether they were the part asked for. @type {{path: string, part?: boolean, bytes: number}[]} */
  const asked = []
  const state = {
    asked,
    url: '',
    /** Bytes after which the connection of a path is cut. @type {Record<string, number>} */
    cut: {},
    close: () => Promise.resolve()
  }
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
    const inside = path.startsWith(base) ? normalize(path.slice(base.length) || 'index.html') : ''
    const file = join(folder, inside.endsWith('/') ? `${inside}index.html` : inside)
    if (!inside || !existsSync(file)) {
      asked.push({ path: inside || path, bytes: 0 })
      return void response.writeHead(404).end()
    }
    const data = readFileSync(file)
    const headers = { 'content-type': types[extname(file)] ?? 'application/octet-stream', 'content-security-policy': header }
    const wanted = ranges ? /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') : null
    const part = wanted ? data.subarray(Number(wanted[1]), Number(wanted[2]) + 1) : data
    asked.push({ path: inside, part: !!wanted, bytes: part.length })
    const at = Object.keys(state.cut).find((name) => inside.includes(name))
    if (at) {
      response.writeHead(200, { ...headers, 'content-length': String(part.length) }).write(part.subarray(0, state.cut[at]))
      return void setTimeout(() => response.destroy(), 20)
    }
    if (wanted) response.writeHead(206, { ...headers, 'content-range': `bytes ${wanted[1]}-${Number(wanted[1]) + part.length - 1}/${data.length}` }).end(part)
    else response.writeHead(200, headers).end(data)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the host has no port')
  state.url = `http://127.0.0.1:${address.port}${base}`
  state.close = () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(() => resolve()))
  }
  return state
}
