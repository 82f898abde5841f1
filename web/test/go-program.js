// Runs a Go program built for js/wasm in headless Chromium, whose compiler is
// what visitors have (Node's may be years older):
//
//   node web/test/go-program.js PROGRAM.wasm ARGUMENT...
//
// The program sees the current folder's files, read-only. Its output and exit
// status are passed on. GO_WASM_EXEC names Go's wasm_exec.js, otherwise go tells.
import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join, resolve } from 'node:path'
import { launch } from './page-site.js'

const [program, ...args] = process.argv.slice(2)
if (!program) {
  console.error('usage: node go-program.js PROGRAM.wasm ARGUMENT...')
  process.exit(2)
}
const glue = process.env.GO_WASM_EXEC ?? join(execFileSync('go', ['env', 'GOROOT'], { encoding: 'utf8' }).trim(), 'lib/wasm/wasm_exec.js')

// Isolation makes the page's clock exact to five microseconds.
const headers = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }
const server = createServer(async (request, response) => {
  const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
  const [file, type] = path === '/program' ? [program, 'application/wasm'] : path === '/glue' ? [glue, 'text/javascript'] : ['', 'text/html']
  try {
    const data = path.startsWith('/file/') ? await readFile(resolve(path.slice('/file/'.length))) : file ? await readFile(file) : ''
    response.writeHead(200, { ...headers, 'content-type': type }).end(data)
  } catch {
    response.writeHead(404, headers).end()
  }
})
await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)))
const address = server.address()
if (address === null || typeof address === 'string') throw new Error('the server has no port')

const browser = await launch()
const page = await browser.newPage()
// Go's timers may fire after it has exited.
let closing = false
page.on('console', message => console.log(message.text()))
page.on('pageerror', error => { if (!closing) console.error(String(error)) })
await page.goto(`http://127.0.0.1:${address.port}/`)
const status = await page.evaluate(/** @param {string[]} argv */ async argv => {
  /** @type {any} */
  const scope = globalThis
  await import(/** @type {any} */ ('/glue'))
  /** Open files by descriptor, read up to a place. @type {Map<number, {data: Uint8Array, at: number}>} */
  const open = new Map()
  let next = 3
  const missing = () => Object.assign(new Error('not found'), { code: 'ENOENT' })
  const stat = (/** @type {number} */ size) => ({
    dev: 0, ino: 0, mode: 0o100444, nlink: 1, uid: 0, gid: 0, rdev: 0, size, blksize: 4096, blocks: 0, atimeMs: 0, mtimeMs: 0, ctimeMs: 0, isDirectory: () => false
  })
  /** @param {string} path */
  const fetched = async path => {
    const response = await fetch(`/file/${encodeURIComponent(path)}`)
    if (!response.ok) throw missing()
    return new Uint8Array(await response.arrayBuffer())
  }
  /** @typedef {(error: unknown, result?: unknown) => void} Callback */
  Object.assign(scope.fs, {
    open: (/** @type {string} */ path, /** @type {number} */ _flags, /** @type {number} */ _mode, /** @type {Callback} */ done) => {
      fetched(path).then(data => { open.set(next, { data, at: 0 }); done(null, next++) }, done)
    },
    stat: (/** @type {string} */ path, /** @type {Callback} */ done) => { fetched(path).then(data => done(null, stat(data.length)), done) },
    fstat: (/** @type {number} */ fd, /** @type {Callback} */ done) => { done(null, stat(open.get(fd)?.data.length ?? 0)) },
    close: (/** @type {number} */ fd, /** @type {Callback} */ done) => { open.delete(fd); done(null) },
    read: (/** @type {number} */ fd, /** @type {Uint8Array} */ buffer, /** @type {number} */ offset, /** @type {number} */ length, /** @type {number | null} */ position, /** @type {Callback} */ done) => {
      const file = open.get(fd)
      if (!file) { done(missing()); return }
      const part = file.data.subarray(position ?? file.at).subarray(0, length)
      if (position === null) file.at += part.length
      buffer.set(part, offset)
      done(null, part.length)
    }
  })
  scope.path.resolve = (/** @type {string} */ path) => path
  scope.process.cwd = () => '/'
  const go = new scope.Go()
  go.argv = argv
  return new Promise((resolve, reject) => {
    go.exit = resolve
    WebAssembly.instantiateStreaming(fetch('/program'), go.importObject).then(({ instance }) => go.run(instance)).catch(reject)
  })
}, ['program', ...args])
closing = true
await browser.close()
server.closeAllConnections()
server.close()
process.exitCode = Number(status)
