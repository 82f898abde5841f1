// The engine's file: fetched and compiled once for the page.

import { LikenessError } from './errors.js'

/** @type {Promise<WebAssembly.Module> | undefined} */
let compiled

/** Another way to the module than by fetch. @type {(() => Promise<WebAssembly.Module>) | undefined} */
let provided

/** @param {() => Promise<WebAssembly.Module>} provide */
export function provideEngine (provide) {
  provided = provide
}

/** @returns {Promise<WebAssembly.Module>} */
export function compile () {
  compiled ??= provided ? provided() : load(new URL('../likeness.wasm', import.meta.url))
  compiled.catch(() => { compiled = undefined })
  return compiled
}

/** @param {URL} url */
async function load (url) {
  if (!globalThis.WebAssembly?.compile) throw new LikenessError('engine-invalid', 'this browser has no WebAssembly, or it is turned off: use a browser of 2023 or newer')
  const missing = (/** @type {string} */ why) => new LikenessError('engine-missing', `${url.pathname} could not be fetched (${why}): check the connection, and that the file lies beside likeness.js`)
  const get = () => fetch(url).catch(e => { throw missing(e.message) })
  const response = await get()
  if (!response.ok) throw missing(`the server answered ${response.status}`)
  try {
    return await WebAssembly.compileStreaming(response)
  } catch (e) {
    if (forbidden(e)) throw policy()
    // Perhaps a host that does not know the MIME type of wasm. A clone of the
    // response would hold the whole file in memory, for this alone.
    const plain = await get()
    const type = plain.headers.get('content-type') ?? 'nothing known'
    if (!/^application\/wasm\b/i.test(type)) console.warn(`${url.pathname} is served as ${type}: with application/wasm it starts faster`)
    const bytes = await plain.arrayBuffer().catch(e => { throw missing(e.message) })
    return await WebAssembly.compile(bytes).catch(e => { throw forbidden(e) ? policy() : invalid(e, new Uint8Array(bytes), plain, url) })
  }
}

/**
 * Whether an error is that of a policy; browsers tell it in words only.
 * @param {unknown} e
 */
export function forbidden (e) {
  return /unsafe-eval|\bCSP\b|Content.Security.Policy/i.test(String(/** @type {any} */ (e)?.message ?? e))
}

export function policy () {
  return new LikenessError('policy', "the Content-Security-Policy of this page forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src, in the header and in the <meta> element if there are both")
}

/**
 * @param {Error} e
 * @param {Uint8Array} bytes
 * @param {Response} response
 * @param {URL} url
 */
function invalid (e, bytes, response, url) {
  const magic = [0, 0x61, 0x73, 0x6d]
  if (!magic.every((b, i) => bytes[i] === b)) {
    const type = response.headers.get('content-type') ?? 'no type'
    return new LikenessError('engine-invalid', `${url.pathname} is not WebAssembly (the server sent ${bytes.length} bytes of ${type}): many hosts answer with their start page when a file is missing; check that likeness.wasm lies beside likeness.js`)
  }
  const declared = Number(response.headers.get('content-length'))
  const short = declared > bytes.length && !response.headers.get('content-encoding')
  if (short || !WebAssembly.validate(smallSIMD)) {
    return new LikenessError('engine-invalid', short ? `${url.pathname} is incomplete (${bytes.length} of ${declared} bytes): reload` : `this browser cannot run likeness.wasm (${e.message}): a browser of 2023 or newer is needed`)
  }
  return new LikenessError('engine-invalid', `${url.pathname} is damaged or cut off (${e.message}): copy it to the host again, in binary mode, or build it again`)
}

/** A module with one SIMD instruction: () -> i8x16.splat of 0. */
const smallSIMD = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11])
