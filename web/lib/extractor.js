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

/** A layer that vectors can be taken from. shape is [H, W, C]; macs are the multiply-adds of its operator, share their
 * part of the network's, 0 to 1; receptiveField is how many pixels [height, width] of the prepared picture a value can
 * depend on; also are further names that lead to it.
 * @typedef {{name: string, op: string, shape: [number, number, number], macs: number, share: number, receptiveField: [number, number], also: string[]}} Layer */

/** @type {Promise<WebAssembly.Module> | undefined} */
let compiled

/** Compiles the engine once for the page. */
function compile () {
  compiled ??= (async () => {
    const url = new URL('../likeness.wasm', import.meta.url)
    const missing = (/** @type {string} */ why) => new LikenessError('engine-missing', `${url.pathname} could not be fetched (${why}): check the connection, and that the file lies beside likeness.js`)
    const response = await fetch(url).catch(e => { throw missing(e.message) })
    if (!response.ok) throw missing(`the server answered ${response.status}`)
    const plain = response.clone()
    try {
      return await WebAssembly.compileStreaming(response)
    } catch { // a host that does not know the MIME type of wasm
      const bytes = await plain.arrayBuffer().catch(e => { throw missing(e.message) })
      return await WebAssembly.compile(bytes).catch(e => {
        throw new LikenessError('engine-invalid', `this browser cannot run likeness.wasm (${e.message}): a browser of 2023 or newer is needed, and a complete file`)
      })
    }
  })()
  compiled.catch(() => { compiled = undefined })
  return compiled
}

/**
 * The promise, or a rejection as soon as the signal aborts.
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
async function unlessAborted (promise, signal) {
  if (!signal) return promise
  promise.catch(() => {}) // it may fail after an abort
  signal.throwIfAborted()
  let stop = () => {}
  const aborted = new Promise((_, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    const value = /** @type {T} */ (await Promise.race([promise, aborted]))
    signal.throwIfAborted()
    return value
  } finally {
    signal.removeEventListener('abort', stop)
  }
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
    const module = await unlessAborted(compile(), signal)
    const pool = new Pool(module, new URL(model, document.baseURI).href, workers, p => onProgress({ ...p, stage: 'model' }))
    const stop = () => pool.dispose()
    signal?.addEventListener('abort', stop, { once: true })
    try {
      const info = await pool.add()
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
    try {
      const { parcel, transfer } = await unlessAborted(pack(picture), signal)
      return await this.pool.run('extract', [parcel, { layer, pool, normalize, exact: this.exact }], transfer, signal)
    } catch (e) {
      if (e instanceof LikenessError && picture instanceof File) e.file = picture.name
      throw e
    }
  }

  /**
   * The vectors of many pictures, in order, each as soon as it and those before
   * it are there; at most one more than there are workers is under way. A
   * picture that fails yields its error and the rest goes on.
   * @param {Iterable<Picture | Promise<Picture>> | AsyncIterable<Picture>} pictures
   * @param {ExtractOptions & {onProgress?: (p: {done: number, failed: number}) => void}} [options]
   * @returns {AsyncGenerator<Extracted, void, void>}
   */
  async * extractAll (pictures, { onProgress = () => {}, ...options } = {}) {
    const { signal } = options
    const source = Symbol.asyncIterator in pictures ? pictures[Symbol.asyncIterator]() : pictures[Symbol.iterator]()
    let open = true
    let index = 0
    /** Those under way, the oldest first. @type {Promise<Extracted>[]} */
    const under = []
    const pull = async () => {
      const { done, value } = await source.next()
      const picture = /** @type {Picture} */ (await value)
      if (done) open = false
      else under.push(this.attempt(picture, index++, options))
    }
    /** @type {Promise<void> | undefined} */
    let pulling
    const progress = { done: 0, failed: 0 }
    try {
      while (open || under.length > 0) {
        if (open && under.length <= this.pool.workers) pulling ??= pull().finally(() => { pulling = undefined })
        const next = await unlessAborted(Promise.race([pulling, under[0]].filter(p => p !== undefined)), signal)
        if (!next) continue
        under.shift()
        progress.done++
        if (next.error) progress.failed++
        onProgress({ ...progress })
        yield next
      }
    } finally {
      if (open) Promise.resolve(source.return?.()).catch(() => {})
    }
  }

  /**
   * @param {Picture} picture
   * @param {number} index
   * @param {ExtractOptions} options
   * @returns {Promise<Extracted>}
   */
  async attempt (picture, index, options) {
    try {
      return { picture, index, vector: await this.extract(picture, options) }
    } catch (error) {
      return { picture, index, error: /** @type {LikenessError} */ (error) }
    }
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
