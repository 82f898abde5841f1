/**
 * What a first visit takes from "likeness serve": requests and bytes over the
 * wire, headers included, counted by a relay between browser and server.
 *
 *   node web/test/first-visit.js        DIST, BIN, BROWSER
 */
import { spawn } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { launch } from './page-site.js'

/**
 * A relay that counts what goes through it.
 * @param {number} port of the server
 */
async function relay (port) {
  const counted = { requests: 0, received: 0, sent: 0 }
  /** @type {Set<import('node:net').Socket>} */
  const open = new Set()
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', () => { client.destroy(); upstream.destroy() })
      socket.on('close', () => open.delete(socket))
    }
    client.on('data', (data) => {
      counted.sent += data.length
      counted.requests += data.toString('latin1').match(/^(GET|HEAD|POST) /gm)?.length ?? 0
    })
    upstream.on('data', (data) => { counted.received += data.length })
    client.pipe(upstream)
    upstream.pipe(client)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the relay has no port')
  return {
    counted,
    port: address.port,
    close: () => {
      for (const socket of open) socket.destroy()
      server.close()
    }
  }
}

/**
 * @param {string} bin
 * @param {string} dist
 * @returns {Promise<{port: number, end: () => void}>}
 */
export async function likenessServe (bin, dist) {
  const server = spawn(bin, ['serve', '--port', '0', dist], { stdio: ['ignore', 'pipe', 'pipe'] })
  const port = await new Promise((resolve, reject) => {
    let text = ''
    const read = (/** @type {Buffer} */ data) => {
      text += data
      const found = /127\.0\.0\.1:(\d+)/.exec(text)
      if (found) resolve(Number(found[1]))
    }
    server.stdout.on('data', read)
    server.stderr.on('data', read)
    server.on('exit', () => reject(new Error(`likeness serve ended: ${text}`)))
  })
  return { port, end: () => { server.kill() } }
}

/**
 * Opens the page in a fresh browser and waits until it is ready for offline.
 * @param {string} bin
 * @param {string} dist
 * @param {'chromium' | 'firefox'} kind
 */
export async function firstVisit (bin, dist, kind) {
  const server = await likenessServe(bin, dist)
  const between = await relay(server.port)
  const browser = await launch(kind)
  try {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${between.port}/`)
    await page.waitForSelector('#model-dot[data-state=ready]', { timeout: 120000 })
    const shown = { ...between.counted }
    await page.waitForSelector('#offline-state:not([hidden])', { timeout: 120000 })
    return { ready: shown, offline: { ...between.counted } }
  } finally {
    await browser.close()
    between.close()
    server.end()
  }
}

if (import.meta.filename === process.argv[1]) {
  const root = new URL('../../', import.meta.url).pathname
  const { BIN = `${root}bin/likeness`, DIST = `${root}dist`, BROWSER = 'chromium' } = process.env
  const { ready, offline } = await firstVisit(BIN, DIST, /** @type {'chromium' | 'firefox'} */ (BROWSER))
  for (const [what, { requests, received }] of Object.entries({ 'until the model is ready': ready, 'until it is ready for offline': offline })) {
    console.log(`${what}: ${requests} requests, ${(received / 1e6).toFixed(2)} MB received`)
  }
}
