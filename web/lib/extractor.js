// The public class: a model in a pool of workers.

import { unlessAborted } from './abort.js'
import { compile } from './compile.js'
import { LikenessError } from './errors.js'
import { surroundings } from './surroundings.js'
import { needWorkers } from './missing.js'
import { checkComponents, checkExport, checkExtract, checkLoad, join, kindOf, signalText, vectorOf } from './options.js'
import { pack, packEncoded } from './pixels.js'
import { Pool } from './pool.js'
import { VectorCalls } from './vector-calls.js'

/** @typedef {import('./pixels.js').Picture} Picture */

/**
 * @typedef {object} LoadOptions
 * @property {string | URL | Blob | ArrayBuffer | Uint8Array} model address of a .safetensors model, relative to the page, or such a file
 * @property {number} [workers] 1 to 16; default: cores less one, at most 4, fewer on devices with little memory
 * @property {(p: {loaded: number, total: number, stage: 'engine' | 'model'}) => void} [onProgress] bytes; total is 0 or less when unknown
 * @property {AbortSignal} [signal]
 * @property {'auto' | 'browser' | 'exact'} [decode] who decodes files. auto, the default: the engine, the same bits
 *   everywhere and faster; HEIC and AVIF the browser where it can, else a decoder that is fetched when the first such
 *   file is met. exact: never the browser. browser: the browser for JPEG, PNG and WebP too, whose pixels differ a
 *   little from browser to browser
 * @property {number} [memory] the most bytes that reading one picture may take beside its file; default 1 GiB
 */

/**
 * @typedef {object} ExtractOptions
 * @property {string} [layer] default: the model's
 * @property {'avg' | 'max' | 'flatten' | 'gem' | `gem:${number}` | 'none'} [pool] default avg. gem: the generalised mean, the
 *   mean of max(x, 1e-6)^3 to the power 1/3; gem:P has the power P of 1 to 100 (Radenović, Tolias and Chum 2018)
 * @property {{layer?: string, pool?: ExtractOptions['pool']}[]} [layers] several vectors of one run, in place of layer and
 *   pool
 * @property {boolean} [normalize] divide by the Euclidean length; default true
 * @property {'shorter' | 'stretch' | 'fit' | 'tiles' | 'none'} [resize] how the picture is brought to the network's
 *   input size. shorter: the centre of it; stretch: all of it, out of shape; fit: all of it on a ground; tiles: the
 *   mean of parts along its longer side; none: it has that size already, others are refused. Default: the model's
 * @property {SignalOptions} [as] take files that are no pictures and make pictures of them, as Extractor.render does;
 *   'auto' leaves pictures what they are. Default: such files are refused
 * @property {AbortSignal} [signal] also ends the work that is under way
 */

/** Something to know of a picture whose vector may mean less than it seems to: picture-blank, picture-ground,
 * picture-shape or picture-profile.
 * @typedef {{code: string, message: string}} Note */

/** vectors is there where layers was given, and vector is then the first of them. width and height are those of the picture as it is shown; format is that of the file, by its content, and missing
 * for pixels.
 * @typedef {{vector: Float32Array, vectors?: Float32Array[], notes: Note[], format?: string, width: number, height: number}} Description */

/**
 * @typedef {({picture: Picture, index: number, error?: undefined} & Description) | {picture: Picture, index: number, error: LikenessError, vector?: undefined, vectors?: undefined, notes?: undefined}} Extracted
 */

/** A layer that vectors can be taken from. shape is [H, W, C]; macs are the multiply-adds of its operator, share their
 * part of the network's, 0 to 1; receptiveField is how many pixels [height, width] of the prepared picture a value can
 * depend on; also are further names that lead to it, joined are layers whose own
 * values are not computed, because this one does their work too.
 * @typedef {{name: string, op: string, shape: [number, number, number], macs: number, share: number, receptiveField: [number, number], also: string[], joined?: string[]}} Layer */

/** Parts of a score, which is the cosine of the pooled vectors. a and b have the part of each place of either picture,
 * row by row; pairs that of each pair of cells, grid being rows and columns of cells and step the places along one;
 * channels that of each channel; strongest the largest of pairs, by number of cell. All but the last sum to score.
 * @typedef {{score: number, shape: [number, number, number], a: Float64Array, b: Float64Array, grid: [number, number], step: number,
 *   pairs: Float64Array, channels: Float64Array, strongest: {a: number, b: number, part: number}[]}} Explanation */

/** What picture is made of a file that is none, and its parameters by the names of likeness render --help: for mel sr,
 * n_fft, hop_length, win_length, n_mels, fmin, fmax, power, top_db, offset and duration as in librosa; for gaf method and
 * image_size, for recurrence dimension, time_delay, threshold, percentage and image_size as in pyts, and column for both;
 * for page columns and lines, for bytes width; for all but page size, the side of the square picture, or 0.
 * @typedef {SignalKind | ({kind: SignalKind} & Record<string, string | number>)} SignalOptions
 * @typedef {'auto' | 'mel' | 'gaf' | 'recurrence' | 'page' | 'bytes'} SignalKind */

/** A vector in any container of numbers; a Float32Array is taken as it is.
 * @typedef {Float32Array | Float64Array | number[]} Vector */

/** @returns {number} */
function defaultWorkers () {
  const memory = /** @type {any} */ (globalThis.navigator)?.deviceMemory ?? 8
  return memory <= 2 ? 1 : Math.max(1, Math.min((globalThis.navigator?.hardwareConcurrency || 2) - 1, 4))
}

/**
 * @param {any} pictures
 * @returns {AsyncIterator<Picture> | Iterator<Picture | Promise<Picture>>}
 */
function iteratorOf (pictures) {
  const start = typeof pictures === 'object' && pictures !== null && (pictures[Symbol.asyncIterator] ?? pictures[Symbol.iterator])
  if (!start) throw new LikenessError('option', 'extractAll: an array of pictures, or another iterable, is wanted')
  return start.call(pictures)
}

export class Extractor extends VectorCalls {
  /**
   * Use Extractor.load.
   * @param {Pool} pool
   * @param {any} info
   * @param {{decode: 'auto' | 'browser' | 'exact', memory: number | undefined}} reading
   */
  constructor (pool, info, reading) {
    super(pool)
    this.reading = reading
    const { layers, ...rest } = info
    /** @type {Layer[]} in execution order; shape is height, width, channels */
    this.layers = layers
    /** @type {{name: string, hash: string, license: string, source: string, defaultLayer: string, output: string, labels: string[] | null, preparation: any, backend: string, classes: {labels: string[], layer: string, pool: any, threshold: number} | null}} */
    this.info = rest
  }

  /**
   * Fetches the engine and a model and starts the workers.
   * @param {LoadOptions} options
   * @returns {Promise<Extractor>}
   */
  static async load (options) {
    checkLoad(options)
    needWorkers()
    const { model, workers = defaultWorkers(), onProgress = () => {}, signal, decode = 'auto', memory } = options
    signal?.throwIfAborted()
    onProgress({ loaded: 0, total: 0, stage: 'engine' })
    const address = typeof model === 'string' || kindOf(model) === 'URL'
    const pool = new Pool(compile(), address ? new URL(/** @type {string | URL} */ (model), surroundings.base()).href : new Blob([/** @type {BlobPart} */ (model)]), workers, p => onProgress({ ...p, stage: 'model' }))
    const stop = () => pool.dispose()
    signal?.addEventListener('abort', stop, { once: true })
    try {
      const info = await unlessAborted(pool.add(), signal)
      void pool.fill()
      return new Extractor(pool, info, { decode, memory })
    } catch (e) {
      pool.dispose()
      throw signal?.aborted ? signal.reason : e
    } finally {
      signal?.removeEventListener('abort', stop)
    }
  }

  /**
   * The feature vector of one picture; an array of them where layers is given.
   * @template {ExtractOptions} O
   * @param {Picture} picture
   * @param {O} [options]
   * @returns {Promise<O extends {layers: object[]} ? Float32Array[] : Float32Array>}
   */
  async extract (picture, options = /** @type {O} */ ({})) {
    const { vector, vectors } = await this.describe(picture, options)
    return /** @type {any} */ (vectors ?? vector)
  }

  /**
   * A layer before pooling: values at H x W places, row by row, the C channels of
   * a place together.
   * @param {Picture} picture
   * @param {{layer?: string, resize?: ExtractOptions['resize'], signal?: AbortSignal}} [options] layer: default the model's
   * @returns {Promise<{layer: string, shape: [number, number, number], data: Float32Array}>}
   */
  async featureMap (picture, { layer = this.info.defaultLayer, resize, signal } = {}) {
    const { vector: data } = await this.describe(picture, { layer, pool: 'none', normalize: false, resize, signal })
    const found = this.layers.find(l => l.name === layer || l.also.includes(layer))
    return { layer, shape: found?.shape ?? [1, 1, data.length], data }
  }

  /**
   * The part of a picture that the network sees, as a BMP of about side pixels.
   * @param {Blob | ArrayBuffer | Uint8Array} picture
   * @param {{side?: number, resize?: ExtractOptions['resize'], signal?: AbortSignal}} [options] side: 1 to 2048, default 480
   * @returns {Promise<Blob>}
   */
  async seen (picture, { side = 480, resize, signal } = {}) {
    const packed = packEncoded(picture)
    if (!packed) throw new LikenessError('picture-type', 'seen: pass a File, a Blob or encoded bytes')
    return this.pool.run('seen', [packed.parcel, { side, resize, memory: this.reading.memory }], packed.transfer, signal)
  }

  /**
   * The picture of a file that is none, as a BMP, the same bytes everywhere: of a
   * WAV file its log-mel spectrogram, of a CSV file of a time series its Gramian
   * angular field or recurrence plot, of a text a page, of any file its bytes.
   * Rejects with a code that begins with signal- where none can be made.
   * @param {Blob | ArrayBuffer | Uint8Array} file
   * @param {{as?: SignalOptions, name?: string, signal?: AbortSignal}} [options] as: default auto, by the ending of the name; name: default that of a File
   * @returns {Promise<Blob>}
   */
  async render (file, { as = 'auto', name, signal } = {}) {
    const packed = packEncoded(file)
    if (!packed) throw new LikenessError('picture-type', 'render: pass a File, a Blob or bytes')
    return this.pool.run('render', [packed.parcel, { as: signalText(as), name }], packed.transfer, signal)
  }

  /**
   * The layers after which the network can be trained for vectors of a layer:
   * views and Analysis.tune take them as from.
   * @param {string} [layer] default: the model's
   * @returns {Promise<{layer: string, shape: [number, number, number], parameters: number, end: boolean}[]>} in the network's order; parameters are
   *   trained from there on, end marks the ends of blocks
   */
  async trainable (layer = '') {
    return this.pool.run('trainable', [layer])
  }

  /**
   * What the network makes of a picture up to the layer after which it is to be
   * trained, and of further views of it: mirrored, cropped and coloured ones. For
   * Analysis.tune.
   * @param {Blob | ArrayBuffer | Uint8Array} picture
   * @param {{from: string, layer?: string, views?: number, seed?: number, resize?: ExtractOptions['resize'], signal?: AbortSignal}} options from: one of
   *   trainable(); views: 1 to 64, default 4; seed: as that of Analysis.tune
   * @returns {Promise<Uint8Array>} rejects with tune-layer and others of package tune
   */
  async views (picture, { from, layer = '', views = 4, seed = 0, resize, signal }) {
    const packed = packEncoded(picture)
    if (!packed) throw new LikenessError('picture-type', 'views: pass a File, a Blob or encoded bytes')
    const [values] = await this.pool.run('views', [packed.parcel, { from, layer, views, seed, resize, memory: this.reading.memory }], packed.transfer, signal)
    return values
  }

  /**
   * Names what views gives of a picture: where the key is the same, it is the same
   * bytes.
   * @param {{from: string, layer?: string, views?: number, seed?: number, resize?: ExtractOptions['resize'], signal?: AbortSignal}} options those of views
   * @returns {Promise<{key: string, model: string, views: number, each: number}>} model: hash of its file; each: values of one view
   */
  async viewsKey ({ from, layer = '', views = 4, seed = 0, resize, signal }) {
    const [key, model, count, each] = await this.pool.run('viewsKey', [{ from, layer, views, seed, resize }], [], signal)
    return { key, model, views: count, each }
  }

  /**
   * Why two pictures are alike: their score split into parts of places, which sum
   * to it. See package explain of the engine.
   * @param {Picture} a
   * @param {Picture} b
   * @param {{layer?: string, pool?: 'avg' | 'max' | 'flatten', resize?: ExtractOptions['resize'], strongest?: number, signal?: AbortSignal}} [options]
   *   strongest: how many pairs of cells to name, default 10
   * @returns {Promise<Explanation>}
   */
  async explain (a, b, { layer = '', pool = 'avg', resize, strongest = 10, signal } = {}) {
    checkExtract('explain', { layer: layer || undefined, pool, resize, signal }, this.layers)
    signal?.throwIfAborted()
    const [first, second] = [await pack(a), await pack(b)]
    return this.pool.run('explain', [first.parcel, second.parcel, { layer, pool, normalize: true, resize, strongest, ...this.reading }], [...first.transfer, ...second.transfer], signal)
  }

  /**
   * What a picture shows, of the labels that a model has: those that it was
   * taught by likeness teach, or those of the network that was converted.
   * @param {Picture} picture
   * @param {{top?: number, resize?: ExtractOptions['resize'], as?: SignalOptions, signal?: AbortSignal}} [options] top: labels that are told, default 5
   * @returns {Promise<{labels: {label: string, score: number}[], none: boolean}>} scores are 0 to 1, best first, the same bits as the
   *   command likeness classify has; none: the best score is below the model's threshold, so that the picture is
   *   probably none of them. Rejects with no-labels where the model has none
   */
  async classify (picture, { top = 5, resize, as, signal } = {}) {
    const { classes } = this.info
    if (!classes) throw new LikenessError('no-labels', `the model ${this.info.name} has no labels: likeness teach gives it some, or convert a classifier with its labels`)
    if (!(Number.isInteger(top) && top >= 1)) throw new LikenessError('option', `classify: top is ${top}, a whole number from 1 on is wanted`)
    const { labels, layer, pool, threshold } = classes
    const { vector } = await this.describe(picture, { layer, pool, normalize: false, resize, as, signal })
    /** @type {Float64Array} */
    const scores = await this.pool.run('classify', [vector], [], signal)
    const all = Array.from(scores, (score, i) => ({ label: labels[i], score })).sort((a, b) => b.score - a.score)
    return { labels: all.slice(0, top), none: all.length > 0 && all[0].score < threshold }
  }

  /**
   * The feature vector of one picture with what there is to know of it.
   * @param {Picture} picture
   * @param {ExtractOptions} [options]
   * @returns {Promise<Description>}
   */
  async describe (picture, options = {}) {
    checkExtract('describe', options, this.layers)
    const { layer = '', pool = 'avg', layers, normalize = true, resize, as, signal } = options
    signal?.throwIfAborted()
    try {
      const { parcel, transfer } = await unlessAborted(pack(picture), signal)
      const takes = layers?.map(l => ({ layer: l.layer ?? '', pool: l.pool ?? 'avg' }))
      const described = await this.pool.run('describe', [parcel, { layer, pool, layers: takes, normalize, resize, as: as && signalText(as), ...this.reading }], transfer, signal)
      return takes ? { vector: described.vectors[0], ...described } : described
    } catch (e) {
      if (e instanceof LikenessError) e.file = /** @type {any} */ (picture)?.name
      throw e
    }
  }

  /**
   * A small upright picture on white of any file that the engine reads, also
   * where the browser shows none (TIFF) or would need much memory: BMP, which
   * every browser shows.
   * @param {Blob | ArrayBuffer | Uint8Array} picture
   * @param {{side?: number, signal?: AbortSignal}} [options] side: of the longer one, 1 to 2048 pixels, default 320
   * @returns {Promise<Blob>}
   */
  async thumbnail (picture, { side = 320, signal } = {}) {
    const packed = packEncoded(picture)
    if (!packed) throw new LikenessError('picture-type', 'thumbnail: pass a File, a Blob or encoded bytes')
    return this.pool.run('thumbnail', [packed.parcel, { side, memory: this.reading.memory }], packed.transfer, signal)
  }

  /**
   * The vectors of many pictures, in order, each as soon as it and those before
   * it are there; at most one more than there are workers is under way. A
   * picture that fails yields its error and the rest goes on.
   * @param {Iterable<Picture | Promise<Picture>> | AsyncIterable<Picture>} pictures
   * @param {ExtractOptions & {onProgress?: (p: {done: number, failed: number}) => void}} [options]
   * @returns {AsyncGenerator<Extracted, void, void>}
   */
  async * extractAll (pictures, options = {}) {
    checkExtract('extractAll', options, this.layers)
    const { onProgress = () => {}, ...each } = options
    const { signal } = each
    const source = iteratorOf(pictures)
    let open = true
    let index = 0
    /** Those under way, the oldest first. @type {Promise<Extracted>[]} */
    const under = []
    const pull = async () => {
      const { done, value } = await source.next()
      const picture = /** @type {Picture} */ (await value)
      if (done) open = false
      else under.push(this.attempt(picture, index++, each))
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
      return { picture, index, ...await this.describe(picture, options) }
    } catch (error) {
      return { picture, index, error: /** @type {LikenessError} */ (error) }
    }
  }

  /** The file of the model that runs. @returns {Promise<Blob>} */
  modelFile () {
    return this.pool.keep()
  }

  /** Ends the workers; what is under way is rejected. */
  dispose () {
    this.pool.dispose()
  }
}
