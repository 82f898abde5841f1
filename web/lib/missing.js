// Why a worker could not be started: browsers give an event without a word.

import { LikenessError } from './errors.js'

/** What worker.js consists of, by static imports; a test holds it to that. */
export const parts = ['./worker.js', './decode.js', './canvas.js', './encoded.js', './bmp.js', './ranges.js', './errors.js', '../wasm_exec.js']

/**
 * The first part that cannot be had, if there is one.
 * @returns {Promise<LikenessError | undefined>}
 */
export async function missingPart () {
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
 * @returns {Promise<LikenessError>}
 */
export async function whyNoWorker (why) {
  return await missingPart() ?? new LikenessError('worker-missing', `the worker could not be started (${why}): a Content-Security-Policy must allow it with worker-src 'self' and script-src 'self'`)
}

/** Refuses surroundings in which there can be no worker. */
export function needWorkers () {
  if (typeof Worker === 'undefined') {
    throw new LikenessError('environment', 'there are no Web Workers here (Node and the service workers of extensions have none): use the command likeness embed, or an offscreen document of the extension')
  }
}

/** @returns {Worker} */
export function startWorker () {
  try {
    return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
  } catch (e) {
    const url = new URL('./worker.js', import.meta.url)
    const why = url.origin !== globalThis.location?.origin
      ? `${url.origin} is another site than this page's, and browsers start workers from the page's own only: copy the folder of likeness.js to your site`
      : `${/** @type {Error} */ (e).message}: a Content-Security-Policy must allow it with worker-src 'self'`
    throw new LikenessError('worker-missing', `the worker could not be started (${why})`)
  }
}
