// What is done with many vectors: neighbours and maps, in a worker of its own.

import { AnalysisCalls } from './analysis-calls.js'
import { compile } from './compile.js'
import { LikenessError } from './errors.js'
import { Frozen, forgetFrozen, freeze } from './frozen.js'
import { needWorkers } from './missing.js'
import { checkFrozen, checkMap, checkMeasure, checkPlace, checkSet, checkTeach, checkTune, vectorOf } from './options.js'

/**
 * @typedef {object} MapOptions
 * @property {'pca' | 'tsne' | 'umap'} [method] default umap; pca for fewer than 16 vectors
 * @property {2 | 3} [dims] default 2
 * @property {number} [seed] a whole number that chooses what is left to chance; default 0. The same vectors and options
 *   give the same bits in every browser and from the command likeness map
 * @property {number} [perplexity] tsne: about how many neighbours count, 1 to 333, at most a third of the others; default 30, or as
 *   many as there can be
 * @property {number} [neighbours] umap: neighbours of each vector, 2 to 1000; default 15
 * @property {number} [minDist] umap: how close alike vectors may come, 0 to 1; default 0.1
 * @property {number} [epochs] rounds: default 500 for umap, 200 from 10,000 vectors on, 750 for tsne
 */

/** A finished map. coords has dims numbers for each vector; explained is each axis' share of the variance, for pca;
 * rounds and neighbours tell what umap and tsne did.
 * @typedef {{method: 'pca' | 'tsne' | 'umap', dims: 2 | 3, seed: number, perplexity?: number, minDist?: number, coords: Float32Array, explained: number[], neighbours: number, rounds: number}} VectorMap */

/** What a map has to be for vectors to be placed on it, or for measuring it.
 * @typedef {{method: 'pca' | 'tsne' | 'umap', dims: 2 | 3, coords: Float32Array, perplexity?: number, minDist?: number}} PlacedMap */

/**
 * How classes are learned; what is left out has the default of the command likeness teach.
 * @typedef {object} TeachOptions
 * @property {'softmax' | 'dense' | 'knn'} [head] softmax regression, a network with hidden layers, or the nearest neighbours; default softmax
 * @property {number} [k] knn: neighbours that vote, default 5
 * @property {number} [c] softmax: inverse strength of regularisation, as scikit-learn's C, default 10
 * @property {number[]} [widths] dense: values of each hidden layer, default [1024]
 * @property {number} [epochs] rounds at most, default 60 for dense, 200 for softmax
 * @property {number} [batch] dense: vectors of one step, default 32
 * @property {number} [rate] dense: of learning, default 0.001
 * @property {number} [decay] dense: of weights, default 0.01; negative for none
 * @property {number} [dropout] dense: share of hidden values that are left out at each step, 0 to 0.9, default 0
 * @property {number} [smoothing] softmax, dense: share of the wanted probability that is spread over all classes, 0 to 0.5, default 0
 * @property {number} [patience] dense: stop when what is held out has not gained for so many epochs; default 0, never
 * @property {boolean} [balanced] small classes count as much as large ones
 * @property {boolean} [standardise] each of the vector's values is given mean 0 and variance 1 first
 * @property {number} [folds] parts of which each is told by what was learned from the others, to measure and to calibrate scores; default
 *   5, 0 does not measure
 * @property {number} [unsure] share, 0 to 0.5, of what is told right that may be called none of the classes; default 0
 * @property {number} [seed] a whole number that chooses what is left to chance; default 0
 */

/**
 * How a network is fine-tuned; what is left out has the default of the command likeness teach --from.
 * @typedef {object} TuneOptions
 * @property {string} from layer from which on all is trained: one of those that Extractor.trainable lists
 * @property {number} [views] of each picture, as Extractor.views was told; default 4
 * @property {'adam' | 'sgd'} [optimiser] default adam
 * @property {number} [rate] of learning at its highest, default 0.0003, of sgd 0.01
 * @property {number} [momentum] of sgd, default 0.9
 * @property {number} [decay] of weights, default 0.01, of sgd 0.0001; negative for none
 * @property {number} [epochs] default 30
 * @property {number} [batch] pictures of one step, default 16
 * @property {number} [warmUp] epochs in which the rate rises, default 1; then it falls by a cosine
 * @property {number} [smoothing] as that of TeachOptions
 * @property {number} [patience] as that of TeachOptions
 * @property {boolean} [balanced] as that of TeachOptions
 * @property {number} [c] of the softmax regression that it begins with, default 10
 * @property {number} [folds] as that of TeachOptions
 * @property {number} [unsure] as that of TeachOptions
 * @property {number} [seed] as that of TeachOptions
 */

/** @typedef {import('./frozen.js').FrozenOptions} FrozenOptions */
/** @typedef {import('./frozen.js').FrozenProgress} FrozenProgress */

/** One round of learning. part counts the parts of folds, the last one learns from all.
 * @typedef {{part: number, parts: number, epoch: number, epochs: number, loss: number, accuracy: number, heldOut: number, done: number}} TeachStep */

/** How well classes are told of vectors that were not learned from: confusion[a][b] is how many of class a were told to be b; shares are 0
 * to 1.
 * @typedef {{folds: number, foldAccuracy: number[], vectors: number, accuracy: number, balancedAccuracy: number, logLoss: number, confusion: number[][],
 *   classes: {label: string, vectors: number, precision: number, recall: number, f1: number}[]}} Measured */

/** What was learned. model is a model file with labels, for Extractor.load, the page and the command; told has for every vector that was set the
 * index of the label that it most probably has, score how probable that is, 0 to 1: of one that was learned from by heads that have not
 * seen it, where there are folds. Below threshold a vector is none of the labels.
 * @typedef {{model: Uint8Array<ArrayBuffer>, labels: string[], told: Int32Array, score: Float64Array, rounds: number, trainingAccuracy?: number, loss?: number,
 *   temperature: number, threshold: number, measured: Measured | null, headAlone?: Measured, agreement?: {pictures: number, mean: number, least: number, classes: number}}} TaughtClasses */

/** done rises from 0 to 1 over all stages.
 * @typedef {{stage: 'start' | 'neighbours' | 'edges' | 'moving' | 'measuring' | 'placing' | 'grouping' | 'proposing' | 'comparing' | 'learning' | 'telling', done: number}} AnalysisProgress */

/** Where each stage of a map begins and ends, of 1. @type {Record<string, [number, number]>} */
const stages = { start: [0, 0.02], neighbours: [0.02, 0.15], edges: [0.15, 0.2], moving: [0.2, 1] }

export class Analysis extends AnalysisCalls {
  /**
   * Use Analysis.start.
   * @param {WebAssembly.Module} module
   */
  constructor (module) {
    super(module)
    /** Vectors that were set. */
    this.count = 0
  }

  /**
   * Starts the worker; it needs no model.
   * @param {{signal?: AbortSignal}} [options]
   * @returns {Promise<Analysis>}
   */
  static async start ({ signal } = {}) {
    needWorkers()
    signal?.throwIfAborted()
    const analysis = new Analysis(await compile())
    try {
      await analysis.open()
      signal?.throwIfAborted()
    } catch (e) {
      analysis.dispose()
      throw e
    }
    return analysis
  }

  /**
   * Sets the vectors that the other calls are about, one after the other in one
   * array. The array must not be changed until others are set. Every value must
   * be finite.
   * @param {Float32Array} data
   * @param {number} dim values of a vector
   */
  async set (data, dim) {
    checkSet(data, dim)
    await this.run('setVectors', [data, dim])
    this.vectors = { data, dim }
    this.count = data.length / dim
  }

  /**
   * Reads a file of vectors, as exportVectors and the command likeness embed
   * write it. Files that are cut off, damaged or hold a value that is not finite
   * are refused with an error of code vectors-damaged or vectors-invalid.
   * @param {Uint8Array} file
   * @param {'npy' | 'csv' | 'jsonl' | 'tsv' | string} format
   * @param {Uint8Array} [metadata] the file of names beside a tsv
   * @returns {Promise<{data: Float32Array, dim: number, names: string[] | null, columns: [string, string[]][]}>} names is null where the
   *   format has none; columns are what the metadata holds beside the names
   */
  async read (file, format, metadata) {
    if (!['npy', 'csv', 'jsonl', 'tsv'].includes(format)) throw new LikenessError('option', `read: the format is ${format}, npy, csv, jsonl or tsv is wanted`)
    const [data, dim, names, ...rest] = await this.run('readVectors', [file, { format, metadata }])
    return { data, dim, names, columns: Array.from({ length: rest.length / 2 }, (_, i) => [rest[2 * i], rest[2 * i + 1]]) }
  }

  /**
   * Lays the vectors out: alike ones come near each other. onFrame shows the
   * map on its way, onProgress how far it is.
   * @param {MapOptions} [options]
   * @param {{signal?: AbortSignal, onFrame?: (coords: Float32Array, done: number) => void, onProgress?: (p: AnalysisProgress) => void}} [hooks]
   * @returns {Promise<VectorMap>}
   */
  async map (options = {}, { signal, onFrame, onProgress } = {}) {
    checkMap(options, this.count)
    const { method = this.count < 16 ? 'pca' : 'umap', dims = 2, seed = 0, perplexity, neighbours, minDist, epochs } = options
    const progress = (/** @type {{stage: AnalysisProgress['stage'], done: number}} */ { stage, done }) => {
      const [from, to] = stages[stage]
      onProgress?.({ stage, done: from + (to - from) * done })
    }
    const [coords, explained, used, rounds] = await this.run('mapVectors', [{ method, dims, seed, perplexity, neighbours, minDist, epochs }], { signal, onFrame, onProgress: progress })
    return { method, dims, seed, ...perplexity === undefined ? {} : { perplexity }, ...minDist === undefined ? {} : { minDist }, coords, explained, neighbours: used, rounds }
  }

  /**
   * Places vectors on a map without moving the others. Both kinds are among
   * those that were set: on tells those of the map in the order of its
   * coordinates, by default the first ones; fresh those to be placed, by
   * default all that are not on it.
   * @param {PlacedMap} map as map gives it
   * @param {{on?: Int32Array | number[], fresh?: Int32Array | number[], signal?: AbortSignal}} [options]
   * @returns {Promise<Float32Array>} dims numbers for each fresh vector
   */
  async place (map, { on, fresh, signal } = {}) {
    const n = checkPlace(map, this.count, on, fresh)
    const rows = Int32Array.from(on ?? { length: n }, (v, i) => on ? v : i)
    const known = new Set(rows)
    const others = Int32Array.from(fresh ?? Array.from({ length: this.count }, (_, i) => i).filter(i => !known.has(i)))
    const { method, dims, perplexity, minDist } = map
    return this.run('placeVectors', [{ method, dims, perplexity, minDist }, map.coords, rows, others], { signal })
  }

  /**
   * How faithful a map of all vectors is: trustworthiness is low where vectors
   * are near on it that are not alike (Venna and Kaski 2001), kept is the mean
   * share of each vector's nearest that are among its nearest on the map. near
   * is how many were looked at; 0, and no figures, where there are fewer than 3
   * vectors.
   * @param {{dims: number, coords: Float32Array}} map
   * @param {{near?: number, sample?: number, signal?: AbortSignal, onProgress?: (p: AnalysisProgress) => void}} [options] near: default 10; sample:
   *   about how many vectors are looked at, default 500
   * @returns {Promise<{near: number, trustworthiness?: number, kept?: number}>}
   */
  async measure (map, { near, sample, signal, onProgress } = {}) {
    checkMeasure(map, this.count, near, sample)
    return this.run('measureMap', [map.coords, { dims: map.dims, near, sample }], { signal, onProgress })
  }

  /**
   * Divides the vectors into groups: kmeans into so many (k-means++, spherical),
   * hdbscan into those that they form by themselves, of at least so many each.
   * @param {{method?: 'kmeans' | 'hdbscan', groups?: number, least?: number, seed?: number, among?: number[] | Int32Array}} [options] groups: default 2; least:
   *   default 5; among: indices of the vectors that are divided, by default all; the answer then counts among these
   * @param {{signal?: AbortSignal, onProgress?: (p: AnalysisProgress) => void}} [hooks]
   * @returns {Promise<{of: Int32Array, members: Int32Array[]}>} of has the group of each vector, -1 for none; members those of
   *   each group, the largest group first, in it the most central vector first
   */
  async groups ({ method = 'kmeans', groups, least, seed, among } = {}, hooks = {}) {
    const [of, ...members] = await this.run('groupVectors', [{ method, groups, least, seed }, among ? Int32Array.from(among) : null], hooks)
    return { of, members }
  }

  /**
   * The number of groups of the highest mean silhouette (Rousseeuw 1987), tried
   * on a sample of 1,000 vectors.
   * @param {{most?: number, seed?: number}} [options] most groups, default 30
   * @param {{signal?: AbortSignal, onProgress?: (p: AnalysisProgress) => void}} [hooks]
   * @returns {Promise<{groups: number, silhouette: number}>} silhouette is -1 to 1
   */
  async propose (options = {}, hooks = {}) {
    return this.run('proposeGroups', [options], hooks)
  }

  /**
   * Near-duplicates: those whose cosine is at least the threshold, more where
   * strangers are that alike too.
   * @param {{threshold?: number}} [options] default 0.8, for the default model
   * @param {{signal?: AbortSignal, onProgress?: (p: AnalysisProgress) => void}} [hooks]
   * @returns {Promise<{members: Int32Array, cosines: Float32Array}[]>} each group with the cosines to its first member
   */
  async twins (options = {}, hooks = {}) {
    const parts = await this.run('twinVectors', [options], hooks)
    return Array.from({ length: parts.length / 2 }, (_, i) => ({ members: parts[2 * i], cosines: parts[2 * i + 1] }))
  }

  /**
   * Pairs of vectors whose pictures may be one picture that was turned or
   * mirrored, which vectors alone do not tell: compare their pixels by turns.
   * @param {Int32Array | number[]} [group] of each vector, -1 for none: pairs of one group are left out
   * @param {{least?: number}} [options] least cosine, default 0.35, for the default model
   * @param {{signal?: AbortSignal, onProgress?: (p: AnalysisProgress) => void}} [hooks]
   * @returns {Promise<Int32Array>} two indices for each pair
   */
  async turnCandidates (group, { least } = {}, hooks = {}) {
    const groups = group ? Int32Array.from(group) : new Int32Array(this.count).fill(-1)
    return this.run('twinCandidates', [{ least }, groups], hooks)
  }

  /**
   * Compares pictures in every way that one may have been turned.
   * @param {Uint8Array} prints pictures stretched to 32 x 32, their luma (ITU-R BT.601), 1024 bytes each
   * @param {Int32Array | number[]} pairs two indices of prints for each pair
   * @returns {Promise<{score: number, quarters: number, mirrored: boolean}[]>} for each pair the highest correlation (above 0.92 it is one
   *   picture), and how the second came from the first: mirrored left to right, then turned clockwise by so many quarters
   */
  async turns (prints, pairs) {
    if (!(prints instanceof Uint8Array) || prints.length % 1024 !== 0) throw new LikenessError('option', 'turns: the prints are no Uint8Array of 1024 bytes for each picture')
    const [scores, ways] = await this.run('comparePrints', [prints, Int32Array.from(pairs)])
    return Array.from(scores, (/** @type {number} */ score, /** @type {number} */ i) => ({ score, quarters: ways[i] & 3, mirrored: ways[i] >= 4 }))
  }

  /**
   * Learns to tell classes from the vectors that were set, as likeness teach does:
   * the same vectors, names and options give the same bytes.
   * @param {{class: (string | null)[], names: string[], model: Uint8Array, layer: string, pool: 'avg' | 'max' | 'flatten', resize?: string, name?: string}} what
   *   class: the label of each vector, null for those that are not learned from; names: of the pictures, which put them in order; model: the
   *   file that made the vectors, by this layer, pooling and resize; name: of the model that is made
   * @param {TeachOptions} [options]
   * @param {{signal?: AbortSignal, onProgress?: (p: AnalysisProgress) => void, onStep?: (s: TeachStep) => void}} [hooks]
   * @returns {Promise<TaughtClasses>} rejects with learn-few-classes, learn-few-pictures, learn-diverged and others of package learn
   */
  async teach (what, options = {}, { signal, onProgress, onStep } = {}) {
    checkTeach(what, options, this.count)
    const { class: of, names, model, layer, pool, resize, name } = what
    const labels = [...new Set(of.filter((label) => label !== null))]
    const at = new Map(labels.map((label, i) => [label, i]))
    const classes = Int32Array.from(of, (label) => label === null ? -1 : /** @type {number} */ (at.get(label)))
    const [file, told, score, sorted, report] = await this.run('teachVectors',
      [{ folds: 5, ...options, layer, pool, resize: resize || undefined, name }, labels, names, classes, model], { signal, onProgress, onFrame: stepsOf(onStep) })
    return { model: file, labels: sorted, told, score, ...report }
  }

  /**
   * What the layers before fine-tuning make of pictures, for tune. It is kept in
   * the origin's private file system, by the content of the pictures, so that a
   * second call with the same options does not run these layers again, and tune
   * reads it from there while it learns. What cannot be kept is held in memory, and
   * problem of the result says why; more than may be held rejects with views-memory.
   * @param {import('./extractor.js').Extractor} extractor
   * @param {(Blob | ArrayBuffer | Uint8Array)[]} pictures
   * @param {FrozenOptions} options
   * @param {{signal?: AbortSignal, onProgress?: (p: FrozenProgress) => void}} [hooks]
   * @returns {Promise<Frozen>} cached is how many pictures were known from earlier calls
   */
  async frozen (extractor, pictures, options, hooks = {}) {
    checkFrozen(pictures, options)
    return this.frozenTurn(async () => {
      try {
        return await freeze(this, extractor, pictures, options, hooks)
      } catch (e) {
        void this.closeFrozen()
        throw e
      }
    })
  }

  /**
   * Removes all that frozen has kept.
   * @returns {Promise<boolean>} false where another page still uses some of it
   */
  static forgetFrozen () {
    return forgetFrozen()
  }

  /**
   * Trains the network itself from a layer on, with a head, as likeness teach
   * --from does: the same pictures, names and options give the same bytes. It
   * needs no vectors.
   * @param {{class: string[], names: string[], values: Frozen | Uint8Array[], model: Uint8Array, layer: string, pool: 'avg' | 'max', resize?: string, name?: string}} what
   *   of each picture its label and its name, and values as frozen gives them, or what Extractor.views gave of each; the others as those of teach
   * @param {TuneOptions} options
   * @param {{signal?: AbortSignal, onProgress?: (p: AnalysisProgress) => void, onStep?: (s: TeachStep) => void}} [hooks]
   * @returns {Promise<TaughtClasses>} headAlone is what softmax regression reaches in the same folds, agreement how near the int8 file comes to
   *   the float run: cosines of vectors, and the share of equal classes. Rejects with tune-layer, tune-diverged and others of package tune
   */
  async tune (what, options, { signal, onProgress, onStep } = {}) {
    checkTune(what, options)
    const { class: of, names, values, model, layer, pool, resize, name } = what
    const labels = [...new Set(of)]
    const at = new Map(labels.map((label, i) => [label, i]))
    const classes = Int32Array.from(of, (label) => /** @type {number} */ (at.get(label)))
    const [list, spec] = values instanceof Frozen ? [values.values, values.spec] : [values, null]
    const learn = () => this.run('tuneNetwork',
      [{ folds: 5, ...options, layer, pool, resize: resize || undefined, name }, labels, names, classes, model, list, spec], { signal, onProgress, onFrame: stepsOf(onStep) })
    const [file, told, score, sorted, report] = spec ? await this.frozenTurn(() => learn().finally(() => this.closeFrozen())) : await learn()
    return { model: file, labels: sorted, told, score, ...report }
  }

  /**
   * The k vectors nearest to one of them, without it, or to another vector, by
   * cosine, best first.
   * @param {number | Float32Array | number[]} query an index, or a vector
   * @param {number} [k] at most 999; default 10
   * @returns {Promise<{index: number, score: number}[]>}
   */
  async nearest (query, k = 10) {
    const own = typeof query === 'number' ? query : -1
    if (typeof query === 'number' && !(Number.isInteger(query) && query >= 0 && query < this.count)) {
      throw new LikenessError('option', `nearest: ${query} is not the index of one of the ${this.count} vectors that were set`)
    }
    if (!(Number.isInteger(k) && k >= 1 && k <= 999)) throw new LikenessError('option', `nearest: k is ${k}, a whole number of 1 to 999 is wanted`)
    if (!this.vectors) throw new LikenessError('option', 'nearest: no vectors were set: call set before it')
    const { data, dim } = this.vectors
    const vector = typeof query === 'number' ? data.slice(own * dim, (own + 1) * dim) : vectorOf('the query', query)
    const [index, score] = await this.run('nearest', [vector, k + (own < 0 ? 0 : 1)])
    const found = Array.from(index, (/** @type {number} */ i, /** @type {number} */ at) => ({ index: i, score: score[at] }))
    return found.filter(({ index }) => index !== own).slice(0, k)
  }

  /**
   * Orders all vectors by their cosine with a query, best first, as Extractor's
   * rank does; the vectors are where they are searched already.
   * @param {Float32Array | number[]} query
   * @returns {Promise<{index: number, score: number}[]>}
   */
  async rank (query) {
    const [index, score] = await this.run('rankSet', [vectorOf('the query', query)])
    return Array.from(index, (/** @type {number} */ i, /** @type {number} */ at) => ({ index: i, score: score[at] }))
  }
}

/**
 * What the engine tells of learning, for a hook.
 * @param {((s: TeachStep) => void) | undefined} onStep
 */
function stepsOf (onStep) {
  return onStep && ((/** @type {Float32Array} */ [part, parts, epoch, epochs, loss, accuracy, heldOut], /** @type {number} */ done) =>
    onStep({ part, parts, epoch, epochs, loss, accuracy, heldOut, done }))
}
