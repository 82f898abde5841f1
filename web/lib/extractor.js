// The public class: a model in a pool of workers.

import { LikenessError } from './errors.js'
import { pack } from './pixels.js'
import { Pool } from './pool.js'

/** @typedef {import('./pixels.js').Picture} Picture */

/**
 * @typedef {object} LoadOptions
 * @property {string | URL} model address of a .safetensors model, relative to the page
 * @property {number} [workers] 1 to 16; default: cores less one, at most 4, fewer on devices with little memory
 * @property {(p: {loaded: number, total: number, stage: 'engine' | 'model'}) => void} [onProgress] bytes; total is 0 or less when unknown
 * @property {AbortSignal} [signal]
 * @property {'browser' | 'exact'} [decode] who decodes files: the browser (fast, default) or Go (the same bits everywhere)
 */

/**
 * @typedef {object} ExtractOptions
 * @property {string} [layer] default: the model's
 * @property {'avg' | 'max' | 'flatten' | 'none'} [pool] default avg
 * @property {boolean} [normalize] divide by the Euclidean length; default true
 * @property {AbortSignal} [signal]
 */

/**
 * @typedef {{picture: Picture, index: number, vector: Float32Array, error?: undefined} | {picture: Picture, index: number, error: LikenessError, vector?: undefined}} Extracted
 */

/** @typedef {{name: string, op: string, shape: [number, number, number], macs: number}} Layer */

/** @type {Promise<WebAssembly.Module> | undefined} */
let compiled

/** Compiles the engine once for the page. */
function compile () {
  compiled ??= (async () => {
    const response = await fetch(new URL('../likeness.wasm', import.meta.url))
    if (!response.ok) throw new LikenessError('engine-missing', `likeness.wasm could not be fetched (${response.status}): it belongs beside likeness.js`)
    const plain = response.clone()
    try {
      return await WebAssembly.compileStreaming(response)
    } catch { // a host that does not know the MIME type of wasm
      return await WebAssembly.compile(await plain.arrayBuffer())
    }
  })()
  compiled.catch(() => { compiled = undefined })
  return compiled
}

function defaultWorkers () {
  const memory = /** @type {any} */ (navigator).deviceMemory ?? 8
  return memory <= 2 ? 1 : Math.max(1, Math.min((navigator.hardwareConcurrency || 2) - 1, 4))
}

export class Extractor {
  /**
   * Use Extractor.load.
   * @param {Pool} pool
   * @param {any} info
   * @param {boolean} exact
   */
  constructor (pool, info, exact) {
    this.pool = pool
    this.exact = exact
    const { layers, ...rest } = info
    /** @type {Layer[]} in execution order; shape is height, width, channels */
    this.layers = layers
    /** @type {{name: string, hash: string, license: string, source: string, defaultLayer: string, output: string, labels: string[] | null, preparation: any, backend: string}} */
    this.info = rest
  }

  /**
   * Fetches the engine and a model and starts the workers.
   * @param {LoadOptions} options
   * @returns {Promise<Extractor>}
   */
  static async load ({ model, workers = defaultWorkers(), onProgress = () => {}, signal, decode = 'browser' }) {
    signal?.throwIfAborted()
    if (!(workers >= 1 && workers <= 16)) throw new LikenessError('option', `workers is ${workers}, 1 to 16 is wanted`)
    onProgress({ loaded: 0, total: 0, stage: 'engine' })
    const module = await compile()
    signal?.throwIfAborted()
    const pool = new Pool(module, new URL(model, document.baseURI).href, p => onProgress({ ...p, stage: 'model' }))
    const stop = () => pool.dispose()
    signal?.addEventListener('abort', stop, { once: true })
    try {
      const info = await pool.add()
      // The others find the model in the browser's cache.
      pool.onProgress = () => {}
      for (let i = 1; i < workers; i++) pool.refill()
      return new Extractor(pool, info, decode === 'exact')
    } catch (e) {
      pool.dispose()
      throw signal?.aborted ? signal.reason : e
    } finally {
      signal?.removeEventListener('abort', stop)
    }
  }

  /**
   * The feature vector of one picture.
   * @param {Picture} picture
   * @param {ExtractOptions} [options]
   * @returns {Promise<Float32Array>}
   */
  async extract (picture, { layer = '', pool = 'avg', normalize = true, signal } = {}) {
    signal?.throwIfAborted()
    const { parcel, transfer } = await pack(picture)
    return this.pool.run('extract', [parcel, { layer, pool, normalize, exact: this.exact }], transfer, signal)
  }

  /**
   * The vectors of many pictures, in order, with a bounded number under way. A
   * picture that fails yields its error and the rest goes on.
   * @param {Iterable<Picture> | AsyncIterable<Picture>} pictures
   * @param {ExtractOptions & {onProgress?: (p: {done: number, failed: number}) => void}} [options]
   * @returns {AsyncGenerator<Extracted, void, void>}
   */
  async * extractAll (pictures, { onProgress = () => {}, ...options } = {}) {
    /** @type {Promise<Extracted>[]} */
    const under = []
    let done = 0
    let failed = 0
    const take = async () => {
      const next = await /** @type {Promise<Extracted>} */ (under.shift())
      options.signal?.throwIfAborted()
      done++
      if (next.error) failed++
      onProgress({ done, failed })
      return next
    }
    let index = 0
    for await (const picture of pictures) {
      options.signal?.throwIfAborted()
      const at = index++
      under.push(this.extract(picture, options).then(
        vector => ({ picture, index: at, vector }),
        error => ({ picture, index: at, error })))
      if (under.length > this.pool.seats.length) yield await take()
    }
    while (under.length) yield await take()
  }

  /**
   * Orders vectors by their cosine with a query, best first.
   * @param {Float32Array} query
   * @param {Float32Array[]} vectors
   * @returns {Promise<{index: number, score: number}[]>}
   */
  async rank (query, vectors) {
    const [index, score] = await this.pool.run('rank', [query, join(vectors, query.length)])
    return Array.from(index, (i, at) => ({ index: i, score: score[at] }))
  }

  /**
   * Principal components: k coordinates a vector, within -1 to 1.
   * @param {Float32Array[]} vectors
   * @param {number} [k]
   * @returns {Promise<{coords: Float32Array, explained: Float32Array}>}
   */
  async pca (vectors, k = 2) {
    const dim = vectors[0]?.length ?? 1
    const [coords, explained] = await this.pool.run('pca', [join(vectors, dim), vectors.length, dim, k])
    return { coords, explained }
  }

  /**
   * Files for other tools: npy, csv, jsonl, or tsv (vectors and metadata for
   * the TensorFlow Embedding Projector).
   * @param {'npy' | 'csv' | 'jsonl' | 'tsv'} format
   * @param {{names: string[], vectors: Float32Array[], name?: string}} set
   * @returns {Promise<{name: string, blob: Blob}[]>}
   */
  async exportVectors (format, { names, vectors, name = 'vectors' }) {
    const dim = vectors[0]?.length ?? 0
    const parts = await this.pool.run('export', [format, names, join(vectors, dim), dim])
    const files = [`${name}.${format}`, `${name}.metadata.tsv`]
    return parts.map((/** @type {Uint8Array<ArrayBuffer>} */ bytes, /** @type {number} */ i) => ({ name: files[i], blob: new Blob([bytes]) }))
  }

  /** Ends the workers; what is under way is rejected. */
  dispose () {
    this.pool.dispose()
  }
}

/**
 * @param {Float32Array[]} vectors
 * @param {number} dim
 */
function join (vectors, dim) {
  const data = new Float32Array(vectors.length * dim)
  vectors.forEach((v, i) => {
    if (v.length !== dim) throw new LikenessError('vectors-mixed', 'the vectors have different lengths: they come from different layers or poolings')
    data.set(v, i * dim)
  })
  return data
}
