// Why a worker could not be started: browsers give an event without a word.

import { LikenessError } from './errors.js'
import { surroundings } from './surroundings.js'

/** What worker.js consists of, by static imports; a test holds it to that. */
export const workerParts = ['./worker.js', './decode.js', './canvas.js', './encoded.js', './bmp.js', './ranges.js', './errors.js', './engine.js', './fetch-ahead.js', '../wasm_exec.js']

/** The same of analysis-worker.js. */
export const analysisParts = ['./analysis-worker.js', './engine.js', './pack-files.js', './views-folder.js', '../wasm_exec.js']

/**
 * The first part of a worker that cannot be had, if there is one.
 * @param {string[]} [parts]
 * @returns {Promise<LikenessError | undefined>}
 */
export async function missingPart (parts = workerParts) {
  for (const part of parts) {
    const url = new URL(part, import.meta.url)
    const missing = (/** @type {string} */ why) => new LikenessError('worker-missing', `${url.pathname} ${why}`)
    const copy = 'copy the whole folder that likeness.js came in'
    try {
      const response = await fetch(url, { cache: 'no-cache' })
      if (!response.ok) return missing(`could not be fetched (the server answered ${response.status}): ${copy}`)
      const type = response.headers.get('content-type') ?? ''
      if (/html/i.test(type)) return missing(`is not there, and the server answers with a page in its place: ${copy}`)
      if (!/javascript|ecmascript/i.test(type)) return missing(`is served as ${type || 'nothing known'}: set the server to send .js files as text/javascript`)
    } catch (e) {
      return missing(`could not be fetched (${/** @type {Error} */ (e).message}): check the connection, and ${copy}`)
    }
  }
}

/**
 * @param {string} why as far as the browser tells
 * @param {string[]} [parts]
 * @returns {Promise<LikenessError>}
 */
export async function whyNoWorker (why, parts = workerParts) {
  return await missingPart(parts) ?? new LikenessError('worker-missing', `the worker could not be started (${why}): a Content-Security-Policy must allow it with worker-src 'self' and script-src 'self'`)
}

/** Refuses surroundings in which there can be no worker. */
export function needWorkers () {
  if (typeof Worker === 'undefined' && !surroundings.startWorker) {
    throw new LikenessError('environment', 'there are no Web Workers here (the service workers of extensions have none): use an offscreen document of the extension; in Node import node/index.js in place of likeness.js, as the package does by itself')
  }
}

/** @returns {Worker} */
export function startWorker () {
  if (surroundings.startWorker) return surroundings.startWorker('./worker.js')
  return started(() => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }))
}

/** @returns {Worker} */
export function startAnalysisWorker () {
  if (surroundings.startWorker) return surroundings.startWorker('./analysis-worker.js')
  return started(() => new Worker(new URL('./analysis-worker.js', import.meta.url), { type: 'module' }))
}

/**
 * Bundlers look for new Worker(new URL(...)) as it stands above.
 * @param {() => Worker} start
 */
function started (start) {
  try {
    return start()
  } catch (e) {
    const url = new URL(import.meta.url)
    const why = url.origin !== globalThis.location?.origin
      ? `${url.origin} is another site than this page's, and browsers start workers from the page's own only: copy the folder of likeness.js to your site`
      : `${/** @type {Error} */ (e).message}: a Content-Security-Policy must allow it with worker-src 'self'`
    throw new LikenessError('worker-missing', `the worker could not be started (${why})`)
  }
}
