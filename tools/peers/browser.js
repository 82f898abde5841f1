/** Chromium or Firefox, the same for every engine, and the memory of its processes. */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import puppeteer from 'puppeteer-core'

/** @param {string[]} names */
function program (...names) {
  const found = [
    process.env.CHROME_PATH && names.includes('chromium') ? process.env.CHROME_PATH : '',
    ...(process.env.PATH ?? '').split(delimiter).flatMap(dir => names.map(name => join(dir, name)))
  ].find(path => path && existsSync(path))
  if (!found) throw new Error(`none of ${names.join(', ')} is installed`)
  return found
}

/** @param {string} kind chromium or firefox */
export function launch (kind) {
  const common = { protocolTimeout: 600_000 }
  if (kind === 'firefox') {
    // Timers at their full resolution, as Chromium's are a tenth of a millisecond.
    return puppeteer.launch({ ...common, browser: 'firefox', executablePath: program('firefox', 'firefox-esr'), extraPrefsFirefox: { 'privacy.reduceTimerPrecision': false } })
  }
  if (kind !== 'chromium') throw new Error(`BROWSER is ${kind}: chromium or firefox is wanted`)
  const args = ['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--no-first-run']
  if (process.getuid?.() === 0) args.push('--no-sandbox') // it refuses to run as root
  return puppeteer.launch({ ...common, executablePath: program('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'), args })
}

/**
 * The largest resident set that any page process of a browser has had, in MiB;
 * null where the system does not tell.
 * @param {import('puppeteer-core').Browser} browser
 */
export function peakMemory (browser) {
  const root = browser.process()?.pid
  if (!root || !existsSync('/proc/self/status')) return null
  /** @type {Map<number, number[]>} */
  const children = new Map()
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name)).map(Number)) {
    const parent = Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1])
    children.set(parent, [...(children.get(parent) ?? []), pid])
  }
  let peak = 0
  const visit = (/** @type {number} */ pid) => {
    const command = read(`/proc/${pid}/cmdline`)
    if (/--type=renderer|-contentproc.*\btab\b/s.test(command)) {
      peak = Math.max(peak, Number(/^VmHWM:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0))
    }
    for (const child of children.get(pid) ?? []) visit(child)
  }
  visit(root)
  return peak === 0 ? null : Math.round(peak / 1024)
}

/** @param {string} path */
function read (path) {
  try {
    return readFileSync(path, 'utf8')
  } catch { // the process has ended
    return ''
  }
}
