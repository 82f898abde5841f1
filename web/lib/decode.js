// One picture on its way to the engine, in the worker. Files are decoded by the
// engine; the browser's decoder is asked for HEIC and AVIF, and for JPEG, PNG and
// WebP where the caller wants that. heif.js has decoders for what it cannot.

import { honestWays, pixelsOf } from './canvas.js'
import { readyForBrowser } from './encoded.js'

/** @typedef {{layer: string, pool: string, layers?: {layer: string, pool: string}[], normalize: boolean, resize: string | undefined, memory: number | undefined, keep?: number}} Reading */
/** @typedef {{vector: Float32Array, vectors?: Float32Array[], notes: {code: string, message: string}[], format?: string, width: number, height: number}} Described */
/** @typedef {{format: string, width: number, height: number, orientation: number, way: 'go' | 'browser', heif?: import('./heif-pixels.js').HEIF}} Facts */

/**
 * @typedef {object} Engine
 * @property {(name: string, ...args: any[]) => any} ask
 * @property {(bytes: number) => Uint8Array<ArrayBuffer>} place room for pixels in the engine's memory
 * @property {(stage: 'decode' | 'read' | 'engine') => void} lap the time since the last lap was that of a stage
 */

/**
 * @param {Engine} engine
 * @param {any} parcel
 * @param {Reading & {decode: 'auto' | 'browser' | 'exact', as?: string}} options as: what of a file that is no picture one is made
 * @returns {Promise<Described>}
 */
export async function describe (engine, parcel, { decode, as, ...reading }) {
  if (parcel.rgba) return run(engine, parcel, reading)
  if (parcel.bitmap) return run(engine, await pixelsOf(parcel.bitmap, false, engine.place), reading)
  const file = await bytesOf(parcel)
  engine.lap('read')
  const bytes = as ? engine.ask('render', file, nameOf(parcel), as, true) ?? file : file
  if (decode === 'browser') return byBrowser(engine, bytes, engine.ask('look', bytes), reading)
  try {
    return byEngine(engine, bytes, reading)
  } catch (e) {
    if (/** @type {any} */ (e).code !== 'picture-heic') throw e
    if (decode === 'exact') return byHEIF(engine, 'extract', bytes, reading)
    return byBrowser(engine, bytes, engine.ask('look', bytes), reading)
  }
}

/**
 * The picture of a sound, a series, a text or any file, as a BMP.
 * @param {Engine} engine
 * @param {any} parcel
 * @param {string} as
 * @param {string} [name] of the file, where it has none
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function render (engine, parcel, as, name = nameOf(parcel)) {
  return engine.ask('render', await bytesOf(parcel), name, as)
}

/**
 * The name of a file, '' for other blobs and bytes.
 * @param {any} parcel
 * @returns {string}
 */
function nameOf ({ blob }) {
  return blob?.name ?? ''
}

/**
 * The engine's call with the pixels that heif.js has decoded: those that the
 * command has.
 * @param {Engine} engine
 * @param {'extract' | 'thumbnail' | 'seen' | 'views'} call
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {object} options
 */
async function byHEIF (engine, call, bytes, options) {
  /** @type {Facts} */
  const { heif } = engine.ask('look', bytes)
  const { decodeHEIF } = await import('./heif.js').catch((/** @type {Error} */ e) => {
    throw { code: 'picture-heic', message: `the decoder for this picture could not be loaded (${e.message}): try again, or convert the picture to JPEG or PNG` }
  })
  const pixels = await decodeHEIF(bytes, /** @type {import('./heif-pixels.js').HEIF} */ (heif))
  engine.lap('decode')
  const answer = engine.ask(call, bytes, { ...options, pixels })
  engine.lap('engine')
  return answer
}

/**
 * A small upright picture.
 * @param {Engine} engine
 * @param {any} parcel
 * @param {{side: number, memory: number | undefined}} options
 */
export function thumbnail (engine, parcel, options) {
  return drawn(engine, 'thumbnail', parcel, options)
}

/**
 * The part of a picture that the network sees.
 * @param {Engine} engine
 * @param {any} parcel
 * @param {{side: number, resize: string | undefined, memory: number | undefined}} options
 */
export function seen (engine, parcel, options) {
  return drawn(engine, 'seen', parcel, options)
}

/**
 * What the layers before fine-tuning make of a picture and of views of it.
 * @param {Engine} engine
 * @param {any} parcel
 * @param {object} options
 * @returns {Promise<[Uint8Array, {code: string, message: string}[]]>}
 */
export function views (engine, parcel, options) {
  return drawn(engine, 'views', parcel, options)
}

/**
 * @param {Engine} engine
 * @param {'thumbnail' | 'seen' | 'views'} call
 * @param {any} parcel
 * @param {object} options
 * @returns {Promise<any>}
 */
async function drawn (engine, call, parcel, options) {
  const bytes = await bytesOf(parcel)
  try {
    return engine.ask(call, bytes, options)
  } catch (e) {
    if (/** @type {any} */ (e).code !== 'picture-heic') throw e
    return byHEIF(engine, call, bytes, options)
  }
}

/**
 * @param {any} parcel
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function bytesOf ({ blob, bytes }) {
  if (bytes) return bytes
  return new Uint8Array(await blob.arrayBuffer().catch((/** @type {Error} */ e) => {
    throw { code: 'picture-unreadable', message: `the file could not be read (${e.message}): it may have been moved, changed or deleted; choose it again` }
  }))
}

/**
 * @param {Engine} engine
 * @param {{rgba: Uint8ClampedArray | null, width: number, height: number}} pixels
 * @param {Reading & {orientation?: number}} reading
 * @returns {Described}
 */
function run (engine, { rgba, width, height }, reading) {
  engine.lap('read')
  const described = engine.ask('run', rgba && new Uint8Array(rgba.buffer, rgba.byteOffset, rgba.length), width, height, reading)
  engine.lap('engine')
  return described
}

/**
 * @param {Engine} engine
 * @param {Uint8Array | null} bytes null: those that it has looked at
 * @param {Reading} reading
 * @returns {Described}
 */
function byEngine (engine, bytes, reading) {
  const described = engine.ask('extract', bytes, reading)
  engine.lap('engine')
  return described
}

/**
 * The browser's decoder; what it cannot do the engine does, or says why not.
 * @param {Engine} engine
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {Facts} facts of the bytes, which the engine still has
 * @param {Reading} reading
 */
async function byBrowser (engine, bytes, { format, orientation, way }, reading) {
  const only = way === 'browser'
  if (!only && !(readyForBrowser(bytes, format) && Object.values(await honestWays()).includes(true))) return byEngine(engine, null, reading)
  let pixels
  try {
    const blob = new Blob([bytes], { type: `image/${format}` })
    // JPEGs are opaque; to say so again costs Chromium a quarter of the time.
    const bitmap = await createImageBitmap(blob, format === 'jpeg' ? {} : { premultiplyAlpha: 'none' })
    engine.lap('decode')
    pixels = await pixelsOf(bitmap, !only, engine.place)
  } catch {
    return only ? byHEIF(engine, 'extract', bytes, reading) : byEngine(engine, null, reading)
  }
  return { ...run(engine, pixels, { ...reading, orientation: only ? 1 : orientation }), format }
}
