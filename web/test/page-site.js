/** A static host at a sub-path and a browser to visit it with. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { delimiter, extname, join, normalize } from 'node:path'
import puppeteer from 'puppeteer-core'

/** @type {Record<string, string>} */
const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.jpg': 'image/jpeg',
  '.png': 'image/png',
  '.ts': 'text/plain'
}

/** As a header it binds the workers too, which the page's own meta element does not. */
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src 'self' blob: data:; style-src 'self'; media-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'none'"

/**
 * Serves a folder below a path.
 * @param {string} folder
 * @param {string} base begins and ends with a slash
 * @param {string} [header] another policy
 */
export async function serve (folder, base, header = policy) {
  /** Requests for what is not there. @type {string[]} */
  const missing = []
  /** Requests that carried a body. @type {string[]} */
  const bodies = []
  /** Every request. @type {string[]} */
  const asked = []
  const server = createServer(async (request, response) => {
    request.on('data', () => bodies.push(request.url ?? ''))
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
    asked.push(path)
    if (!path.startsWith(base)) {
      if (path !== '/favicon.ico') missing.push(path)
      response.writeHead(404).end()
      return
    }
    const inside = normalize(path.slice(base.length) || 'index.html')
    try {
      const data = await readFile(join(folder, inside))
      response.writeHead(200, {
        'content-type': types[extname(inside)] ?? 'application/octet-stream',
        'content-security-policy': header
      }).end(data)
    } catch {
      missing.push(path)
      response.writeHead(404).end()
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}${base}`,
    missing,
    bodies,
    asked,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    }
  }
}

/**
 * A browser's program: CHROME_PATH, or the first of some names.
 * @param {'chromium' | 'firefox'} kind
 */
function program (kind) {
  const names = kind === 'firefox' ? ['firefox-esr', 'firefox'] : ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
  const found = [
    kind === 'chromium' ? process.env.CHROME_PATH ?? '' : '',
    ...(process.env.PATH ?? '').split(delimiter).flatMap((dir) => names.map((name) => join(dir, name))),
    kind === 'chromium' ? '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome' : '/Applications/Firefox.app/Contents/MacOS/firefox'
  ].find((path) => path && existsSync(path))
  if (!found) throw new Error(kind === 'firefox' ? 'Firefox is not installed.' : 'The browser tests need Chrome or Chromium: install it, or set CHROME_PATH to its program.')
  return found
}

/**
 * @param {'chromium' | 'firefox'} [kind]
 * @param {Record<string, unknown>} [prefs] Firefox's settings
 * @param {string[]} [more] Chromium's arguments
 */
export async function launch (kind = 'chromium', prefs = {}, more = []) {
  const common = { executablePath: program(kind), protocolTimeout: 600_000 }
  if (kind === 'firefox') return lenient(await puppeteer.launch({ ...common, browser: 'firefox', extraPrefsFirefox: prefs }))
  // Maps are drawn by WebGL, in software where there is no graphics processor.
  const args = ['--disable-gpu', '--enable-unsafe-swiftshader', '--disable-background-networking', '--disable-component-update', '--no-first-run', ...more]
  // Chromium's sandbox refuses to run as root.
  if (process.getuid?.() === 0) args.push('--no-sandbox')
  return puppeteer.launch({ ...common, args })
}

/**
 * Firefox's long-term versions know no orientation of the screen, which comes
 * last when a size is set and does not matter to a desktop page; and they hold
 * the driver's way of waiting to the page's policy, which forbids it.
 * @param {import('puppeteer-core').Browser} browser
 */
function lenient (browser) {
  const make = browser.newPage.bind(browser)
  browser.newPage = async (...options) => {
    const page = await make(...options)
    const set = page.setViewport.bind(page)
    page.setViewport = (size) => set(size).catch((error) => {
      if (!/setScreenOrientationOverride/.test(String(error))) throw error
    })
    page.waitForFunction = /** @type {any} */ (async (/** @type {any} */ test, /** @type {{timeout?: number}} */ { timeout = 30000 } = {}, /** @type {any[]} */ ...args) => {
      for (const end = performance.now() + timeout; performance.now() < end; await new Promise((resolve) => setTimeout(resolve, 50))) {
        // A page that is being left has nothing to be asked.
        const found = await page.evaluateHandle(test, ...args).catch(() => null)
        if (found && await found.evaluate((value) => Boolean(value))) return found
      }
      throw new Error(`Waiting failed: ${timeout} ms exceeded`)
    })
    return page
  }
  return browser
}
