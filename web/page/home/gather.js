import { Analysis } from '../../likeness.js'
import { origin, sideFile } from '../kept/sidefile.js'

/** @typedef {import("../collection.js").Item} Item */
/** @typedef {import("../views.js").Page} Page */
/** @typedef {import("../task.js").Hooks} Hooks */
/** @typedef {import("../../lib/analysis.js").VectorMap} VectorMap */

/**
 * What a taught model adds to what is taken home; every part may be left out.
 * Lesson gives it.
 * @typedef {object} Taught
 * @property {Map<Item, string>} [labels] the class that the visitor has given each picture to learn from; it stands in for the pictures' labels
 *   where classes are told
 * @property {Map<Item, {label: string, score: number}>} [told] what the model says of pictures, score 0 to 1
 * @property {Confusion} [confusion] how well pictures were told that were not learned from
 * @property {{name: string, blob: Blob}} [head] what was learned, as a file
 * @property {{name: string, blob: Blob}} [model] the model file with what was learned in it, as likeness teach writes it: name ends in .safetensors
 */
/**
 * counts has a row for each class that pictures are of, and in it how many of them were told as each class; accuracy is 0 to 1,
 * folds the parts of the pictures that were kept from learning in turn, head how it was learned: softmax, dense or knn.
 * @typedef {{classes: string[], counts: number[][], accuracy?: number, folds?: number, head?: string}} Confusion */

/** Everything that is known of the pictures that have vectors, in their order, as it was when it was asked for.
 * @typedef {object} Known
 * @property {string[]} names
 * @property {Float32Array<ArrayBuffer>} data a row for each vector
 * @property {number} dim
 * @property {string[]} labels '' for none
 * @property {string[]} groups names, '' for none
 * @property {string[]|null} classes that a model was taught, null without one
 * @property {({label: string, score: number}|null)[]|null} told
 * @property {VectorMap|null} map with NaN for pictures that are not on it
 * @property {import("../kept/sidefile.js").Origin} origin
 * @property {string} side the text of vectors.npy.json
 * @property {Object<string, any>} shown the figures for shown.json
 */

/** Vectors below which a map says nothing. */
const fewest = 4
/** Pictures whose neighbours are written down, and those whose labels are compared with all; about every n-th of more. */
const [mostNeighbours, mostLabelled] = [500, 2000]
const near = 10

/**
 * What the page has, with the figures that it shows of it: those that are not
 * there yet are made, a map too.
 * @param {Page} page
 * @param {Taught|null} taught
 * @param {Hooks} hooks
 * @returns {Promise<Known>}
 */
export async function gather (page, taught, { signal, onProgress }) {
  const { collection, engine } = page
  const items = collection.done()
  const dim = items[0]?.vector?.length ?? 0
  const known = snapshot(page, items, taught)
  const extractor = await engine.ready()
  const analysis = await Analysis.start({ signal })
  try {
    const step = (/** @type {number} */ from, /** @type {number} */ to) => (/** @type {number} */ done) => onProgress({ done: from + (to - from) * done })
    await analysis.set(known.data, dim)
    signal.throwIfAborted()
    if (!known.map && items.length >= fewest) known.map = await analysis.map({}, { signal, onProgress: ({ done }) => step(0, 0.5)(done) })
    await measure(known, analysis, signal, step(0.5, 0.65))
    await listNeighbours(known, analysis, signal, step(0.65, 0.9))
    await compareLabels(known, (vectors, labels) => extractor.evaluate(vectors, labels))
    signal.throwIfAborted()
  } finally {
    analysis.dispose()
  }
  return known
}

/**
 * @param {Page} page
 * @param {Item[]} items
 * @param {Taught|null} taught
 * @returns {Known}
 */
function snapshot ({ collection, engine, route }, items, taught) {
  const dim = items[0]?.vector?.length ?? 0
  const data = new Float32Array(items.length * dim)
  items.forEach((item, i) => data.set(/** @type {Float32Array} */ (item.vector), i * dim))
  const { labels, told, confusion } = taught ?? {}
  const groups = items.map((item) => collection.groupName(item))
  /** @type {Known} */
  const known = {
    names: items.map(({ name }) => name),
    data,
    dim,
    labels: items.map(({ label }) => label),
    groups,
    classes: labels ? items.map((item) => labels.get(item) ?? '') : null,
    told: told ? items.map((item) => told.get(item) ?? null) : null,
    map: mapOf(collection, engine, items),
    origin: origin(engine),
    side: sideFile(engine, collection, items, 'npy'),
    shown: { vectors: items.length, dim, origin: origin(engine) }
  }
  if (groups.some(Boolean)) known.shown.groups = { count: new Set(groups.filter(Boolean)).size, made: groupsMade(new URLSearchParams(route.last.get('groups') ?? '')) }
  if (confusion) known.shown.taught = confusion
  return known
}

/**
 * Whether a map that was laid out is of the vectors that are there now.
 * @param {import("../collection.js").Laid} laid
 * @param {import("../engine.js").Engine} engine
 */
export function mapHere ({ asked }, engine) {
  return JSON.stringify(JSON.parse(asked)[1]) === JSON.stringify(engine.choice)
}

/**
 * The map that is there, if it is of these vectors.
 * @param {import("../collection.js").Collection} collection
 * @param {import("../engine.js").Engine} engine
 * @param {Item[]} items
 * @returns {VectorMap|null}
 */
function mapOf ({ laid }, engine, items) {
  if (!laid || !mapHere(laid, engine)) return null
  const { dims } = laid.map
  const rows = new Map(laid.keys.map((key, row) => [key, row]))
  const coords = new Float32Array(items.length * dims).fill(NaN)
  items.forEach(({ key }, i) => {
    const row = rows.get(key)
    if (row !== undefined) coords.set(laid.map.coords.subarray(row * dims, (row + 1) * dims), i * dims)
  })
  return { ...laid.map, coords }
}

/**
 * How the groups were made, as the address of the view has it.
 * @param {URLSearchParams} params
 */
function groupsMade (params) {
  const least = Number(params.get('least'))
  return params.get('method') === 'hdbscan' && least >= 2 ? { method: 'hdbscan', least } : { method: 'kmeans' }
}

/**
 * How well the map keeps neighbours, and what two directions hold.
 * @param {Known} known
 * @param {Analysis} analysis
 * @param {AbortSignal} signal
 * @param {(done: number) => void} onProgress
 */
async function measure (known, analysis, signal, onProgress) {
  const { map, shown, names } = known
  if (names.length < fewest) return
  const { explained } = await analysis.map({ method: 'pca' }, { signal })
  shown.pca = explained
  if (!map) return
  const { coords, explained: own, ...how } = map
  shown.map = { ...how, ...own.length > 0 ? { explained: own } : {} }
  if (coords.some((x) => !Number.isFinite(x))) return
  const every = Math.ceil(names.length / mostLabelled)
  const told = await analysis.measure(map, { near, sample: Math.ceil(names.length / every), signal, onProgress: ({ done }) => onProgress(done) })
  if (told.near > 0) Object.assign(shown.map, told, { every })
}

/**
 * @param {Known} known
 * @param {Analysis} analysis
 * @param {AbortSignal} signal
 * @param {(done: number) => void} onProgress
 */
async function listNeighbours ({ names, shown }, analysis, signal, onProgress) {
  const k = Math.min(near, names.length - 1)
  if (k < 1) return
  const every = Math.ceil(names.length / mostNeighbours)
  const list = { k, of: /** @type {number[]} */ ([]), near: /** @type {number[][]} */ ([]), score: /** @type {number[][]} */ ([]) }
  for (let i = 0; i < names.length; i += every) {
    signal.throwIfAborted()
    const found = await analysis.nearest(i, k)
    list.of.push(i)
    list.near.push(found.map(({ index }) => index))
    list.score.push(found.map(({ score }) => score))
    onProgress(i / names.length)
  }
  shown.neighbours = list
}

/**
 * P@1, P@5, mAP and kNN, as Inside shows them.
 * @param {Known} known
 * @param {(vectors: Float32Array[], labels: number[]) => Promise<{queries: number, p1: number, p5: number, map: number, knn: number}>} evaluate
 */
async function compareLabels ({ labels, data, dim, shown }, evaluate) {
  const labelled = labels.flatMap((label, i) => (label ? [i] : []))
  const every = Math.ceil(labelled.length / mostLabelled)
  const rows = labelled.filter((_, i) => i % every === 0)
  const numbers = new Map([...new Set(rows.map((i) => labels[i]))].map((label, n) => [label, n]))
  if (numbers.size < 2) return
  shown.retrieval = { every, ...await evaluate(rows.map((i) => data.subarray(i * dim, (i + 1) * dim)), rows.map((i) => numbers.get(labels[i]) ?? 0)) }
}
