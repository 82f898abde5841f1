/** The static host of the comparison: every engine's files, compressed and cached alike. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'

/** @type {Record<string, string>} */
const types = {
  '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.json': 'application/json', '.wasm': 'application/wasm'
}

/** Weights travel as they are: they hardly compress. */
const compressed = new Set(['.html', '.js', '.mjs', '.wasm'])

/**
 * @param {string} path
 * @param {string} keep folder for what was compressed before
 */
function brotli (path, keep) {
  const data = readFileSync(path)
  const kept = join(keep, createHash('sha256').update(data).digest('hex') + '.br')
  if (existsSync(kept)) return readFileSync(kept)
  const small = brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: data.length } })
  mkdirSync(keep, { recursive: true })
  writeFileSync(kept, small)
  return small
}

/**
 * @param {Record<string, string>} folders by first part of the path
 * @param {string} keep folder for compressed files
 */
export async function host (folders, keep) {
  let sent = 0
  /** @type {Map<string, {body: Buffer, encoding?: string}>} */
  const ready = new Map()
  const answer = (/** @type {string} */ path) => {
    const [, first, ...rest] = path.split('/')
    const folder = folders[first]
    const file = folder && join(folder, normalize('/' + rest.join('/')))
    if (!file || !existsSync(file) || !statSync(file).isFile()) return undefined
    if (!compressed.has(extname(file))) return { body: readFileSync(file) }
    let kept = ready.get(file)
    if (!kept) ready.set(file, kept = { body: brotli(file, keep), encoding: 'br' })
    return kept
  }
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const found = answer(pathname)
    if (!found) return response.writeHead(404).end()
    sent += found.body.length
    response.writeHead(200, {
      'content-type': types[extname(pathname)] ?? 'application/octet-stream',
      // Of the engines one reports its use to its maker.
      'content-security-policy': "default-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' 'unsafe-eval' data: blob:",
      'content-length': found.body.length,
      'cache-control': extname(pathname) === '.html' ? 'no-store' : 'public, max-age=86400',
      ...(found.encoding ? { 'content-encoding': found.encoding } : {})
    }).end(found.body)
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const address = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    url: `http://127.0.0.1:${address.port}`,
    /** Compresses everything under a folder that a visit may ask for. @param {string[]} paths */
    prepare: paths => { for (const path of paths) answer(path) },
    /** Bytes of bodies since the last call. */
    bytes: () => { const n = sent; sent = 0; return n },
    close: () => { server.closeAllConnections(); return new Promise(resolve => server.close(resolve)) }
  }
}
