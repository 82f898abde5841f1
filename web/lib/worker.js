// One engine in one worker. Messages: {id, call, args} in; {id, value} or
// {id, error} out; {progress} while a model loads.

import '../wasm_exec.js'

/** @typedef {{value?: any, error?: {code: string, message: string}}} Result */

/** Must equal the constant in wasm/main.go. */
const version = 1

/** @type {any} */
const scope = globalThis

/** @type {any} */
let engine

/**
 * @param {Result} r
 */
function unwrap (r) {
  if (r.error) throw r.error
  return r.value
}

/**
 * @param {WebAssembly.Module} module
 * @param {string} model absolute address
 */
async function start (module, model) {
  const go = new scope.Go()
  const instance = await WebAssembly.instantiate(module, go.importObject)
  go.run(instance).then(() => scope.postMessage({ crashed: 'the engine stopped' }), (/** @type {Error} */ e) => scope.postMessage({ crashed: e.message }))
  engine = scope.__likeness
  if (engine.version !== version) {
    throw { code: 'version', message: `likeness.wasm has version ${engine.version}, the library ${version}: reload the page, or build it again` }
  }
  unwrap(await engine.load(model, (/** @type {number} */ loaded, /** @type {number} */ total) => scope.postMessage({ progress: { loaded, total } })))
  return JSON.parse(unwrap(engine.info()))
}

/**
 * Browsers refuse canvases above these sizes, silently in some.
 */
const maxSide = 16384
const maxArea = 120e6

/**
 * @param {ImageBitmap} bitmap
 */
function pixelsOf (bitmap) {
  const { width, height } = bitmap
  if (width > maxSide || height > maxSide || width * height > maxArea) {
    bitmap.close()
    throw { code: 'picture-too-large', message: `the picture has ${width} x ${height} pixels, more than a browser canvas holds: make it smaller first` }
  }
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) throw { code: 'picture-too-large', message: 'the browser has no memory left for this picture' }
  context.drawImage(bitmap, 0, 0)
  bitmap.close()
  const { data } = context.getImageData(0, 0, width, height)
  return { rgba: data, width, height }
}

/**
 * @param {any} parcel
 * @param {{layer: string, pool: string, normalize: boolean, exact: boolean}} o
 * @returns {Promise<Float32Array>}
 */
async function extract (parcel, o) {
  const tail = [o.layer, o.pool, o.normalize]
  const run = (/** @type {{rgba: Uint8ClampedArray, width: number, height: number}} */ p) =>
    unwrap(engine.run(new Uint8Array(p.rgba.buffer, p.rgba.byteOffset, p.rgba.length), p.width, p.height, ...tail))
  if (parcel.rgba) return run(parcel)
  if (parcel.bitmap) return run(pixelsOf(parcel.bitmap))
  const blob = parcel.blob ?? new Blob([parcel.bytes])
  if (!o.exact && blob.size > 0) {
    let bitmap
    try {
      bitmap = await createImageBitmap(blob, { imageOrientation: 'from-image', premultiplyAlpha: 'none', colorSpaceConversion: 'none' })
    } catch {
      // Formats that this browser does not know, such as TIFF, go to Go below;
      // its error names the fault.
    }
    if (bitmap) return run(pixelsOf(bitmap))
  }
  return unwrap(engine.decode(new Uint8Array(await blob.arrayBuffer()), ...tail))
}

/** @type {Record<string, (...args: any[]) => any>} */
const calls = {
  start,
  extract,
  rank: (query, data) => unwrap(engine.rank(query, data)),
  pca: (data, n, dim, k) => unwrap(engine.pca(data, n, dim, k)),
  export: (format, names, data, dim) => unwrap(engine.export(format, names, data, dim)),
  crash: () => { throw new Error('crash asked for') }
}

scope.onmessage = async (/** @type {MessageEvent} */ event) => {
  const { id, call, args } = event.data
  if (call === 'crash') { // tests: an error outside any handler
    setTimeout(() => { throw new Error('crash asked for') })
    return
  }
  try {
    const value = await calls[call](...args)
    const parts = Array.isArray(value) ? value : [value]
    scope.postMessage({ id, value }, parts.filter(p => ArrayBuffer.isView(p)).map(p => p.buffer))
  } catch (e) {
    const error = /** @type {any} */ (e)
    scope.postMessage({ id, error: { code: error.code ?? 'internal', message: error.message ?? String(error) } })
  }
}
