// One engine in one worker. Messages: {id, call, args} in; {id, value} or
// {id, error} out; {progress} while a model loads.

import '../wasm_exec.js'

/** @typedef {{value?: any, error?: {code: string, message: string}}} Result */

/** Must equal the constant in wasm/main.go. */
const version = 2

/** @type {any} */
const scope = globalThis

/** @type {any} */
let engine

/** The engine stopped or its state is unknown: this worker is of no more use. */
class Crash extends Error {}

/**
 * Go turns its own panics into errors, so an exception or no answer at all
 * means that it has ended.
 * @param {string} name
 * @param {any[]} args
 */
function ask (name, ...args) {
  /** @type {Result | undefined} */
  let result
  try {
    result = engine[name](...args)
  } catch (e) {
    throw new Crash(/** @type {Error} */ (e).message)
  }
  return unwrap(result)
}

/** @param {Result | undefined} result */
function unwrap (result) {
  if (!result) throw new Crash('the engine stopped')
  if (result.error) throw result.error
  return result.value
}

/**
 * @param {WebAssembly.Module} module
 * @param {string | Blob} model absolute address, or the file that another worker has fetched
 * @returns {Promise<{info: any, file: Blob}>}
 */
async function start (module, model) {
  const go = new scope.Go()
  const instance = await WebAssembly.instantiate(module, go.importObject)
  const crashed = (/** @type {string} */ why) => scope.postMessage({ crashed: why })
  go.run(instance).then(() => crashed('the engine stopped'), (/** @type {Error} */ e) => crashed(e.message))
  engine = scope.__likeness
  if (engine.version !== version) {
    throw { code: 'version', message: `likeness.wasm has version ${engine.version}, the library ${version}: reload the page, or build it again` }
  }
  if (model instanceof Blob) {
    ask('loadBytes', new Uint8Array(await model.arrayBuffer()))
    return { info: ask('info'), file: model }
  }
  const progress = (/** @type {number} */ loaded, /** @type {number} */ total) => scope.postMessage({ progress: { loaded, total } })
  const bytes = unwrap(await engine.load(model, progress))
  return { info: ask('info'), file: new Blob([bytes]) }
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
  try {
    const canvas = new OffscreenCanvas(width, height)
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }))
    context.drawImage(bitmap, 0, 0)
    return { rgba: context.getImageData(0, 0, width, height).data, width, height }
  } catch (e) {
    throw { code: 'picture-too-large', message: `the browser could not give the ${width} x ${height} pixels (${/** @type {Error} */ (e).message}): make the picture smaller, or load with decode 'exact'` }
  } finally {
    bitmap.close()
  }
}

/**
 * @param {any} parcel
 * @param {{layer: string, pool: string, normalize: boolean, exact: boolean}} o
 * @returns {Promise<Float32Array>}
 */
async function extract (parcel, o) {
  const tail = [o.layer, o.pool, o.normalize]
  const run = (/** @type {{rgba: Uint8ClampedArray, width: number, height: number}} */ p) =>
    ask('run', new Uint8Array(p.rgba.buffer, p.rgba.byteOffset, p.rgba.length), p.width, p.height, ...tail)
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
  const bytes = await blob.arrayBuffer().catch((/** @type {Error} */ e) => {
    throw { code: 'picture-unreadable', message: `the file could not be read (${e.message}): it may have been moved, changed or deleted; choose it again` }
  })
  return ask('decode', new Uint8Array(bytes), ...tail)
}

/** @type {Record<string, (...args: any[]) => any>} */
const calls = {
  start,
  extract,
  rank: (query, data) => ask('rank', query, data),
  pca: (data, n, dim, k) => ask('pca', data, n, dim, k),
  export: (format, names, data, dim) => ask('export', format, names, data, dim)
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
    const { code, message } = /** @type {any} */ (e)
    if (e instanceof Crash) scope.postMessage({ crashed: message })
    else scope.postMessage({ id, error: { code: typeof code === 'string' ? code : 'internal', message: message ?? String(e) } })
  }
}
