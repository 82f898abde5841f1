// Checks of what callers pass, so that a slip is told by name and not by what
// comes of it later.

import { LikenessError } from './errors.js'

const decodes = ['auto', 'browser', 'exact']
const pools = ['avg', 'max', 'flatten']
const resizes = ['shorter', 'stretch', 'fit', 'tiles', 'none']

/**
 * The kind of an object, whatever frame or worker it comes from.
 * @param {unknown} value
 * @returns {string} such as File, ImageData or Float32Array
 */
export function kindOf (value) {
  return Object.prototype.toString.call(value).slice(8, -1)
}

/** @param {string} message */
const wrong = message => new LikenessError('option', message)

/** @param {unknown} value */
function shown (value) {
  try {
    return typeof value === 'string' ? `'${value}'` : typeof value === 'object' && value !== null ? `of type ${kindOf(value)}` : String(value)
  } catch {
    return `of type ${typeof value}`
  }
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {string[]} allowed
 */
function oneOf (name, value, allowed) {
  if (value !== undefined && !(typeof value === 'string' && allowed.includes(value))) {
    throw wrong(`${name} is ${shown(value)}, one of ${allowed.map(a => `'${a}'`).join(', ')} is wanted`)
  }
}

/**
 * A power that is out of its bounds is left to the engine's refusal.
 * @param {unknown} value
 */
function poolIs (value) {
  if (!(typeof value === 'string' && value.startsWith('gem:'))) oneOf('pool', value, [...pools, 'gem', 'none'])
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {'string' | 'boolean' | 'function'} type
 */
function ofType (name, value, type) {
  if (value !== undefined && typeof value !== type) throw wrong(`${name} is ${shown(value)}, a ${type} is wanted`)
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {number} least
 * @param {number} most
 */
function within (name, value, least, most) {
  if (value !== undefined && !(Number.isInteger(value) && Number(value) >= least && Number(value) <= most)) {
    throw wrong(`${name} is ${shown(value)}, a whole number of ${least} to ${most} is wanted`)
  }
}

/** @param {unknown} signal */
function signalIs (signal) {
  if (signal !== undefined && kindOf(signal) !== 'AbortSignal') throw wrong(`signal is ${shown(signal)}, an AbortSignal is wanted`)
}

/**
 * @param {string} call
 * @param {unknown} o
 */
function objectIs (call, o) {
  if (typeof o !== 'object' || o === null) throw wrong(`${call}: the options are ${shown(o)}, an object is wanted`)
}

/** @param {any} o */
export function checkLoad (o) {
  objectIs('Extractor.load', o)
  const model = typeof o.model === 'string' ? o.model !== '' : ['URL', 'Blob', 'File', 'Uint8Array', 'ArrayBuffer'].includes(kindOf(o.model))
  if (!model) throw wrong(`model is ${o.model === '' ? 'empty' : shown(o.model)}, the address of a .safetensors model is wanted, such as 'models/default.safetensors', or its bytes`)
  within('workers', o.workers, 1, 16)
  within('memory', o.memory, 1, 2 ** 31 - 1)
  oneOf('decode', o.decode, decodes)
  ofType('onProgress', o.onProgress, 'function')
  signalIs(o.signal)
}

/**
 * @param {string} call
 * @param {any} o
 * @param {import('./extractor.js').Layer[]} layers
 */
export function checkExtract (call, o, layers) {
  objectIs(call, o)
  ofType('layer', o.layer, 'string')
  poolIs(o.pool)
  oneOf('resize', o.resize, resizes)
  ofType('normalize', o.normalize, 'boolean')
  if (o.as !== undefined) signalText(o.as)
  ofType('onProgress', o.onProgress, 'function')
  signalIs(o.signal)
  if (o.layers !== undefined) {
    if (kindOf(o.layers) !== 'Array' || o.layers.length === 0) throw wrong(`layers is ${shown(o.layers)}, an array of objects with layer and pool is wanted`)
    if (o.layer !== undefined || o.pool !== undefined) throw wrong('layers stands in place of layer and pool: give one or the other')
    for (const l of o.layers) checkExtract(call, { layer: l?.layer, pool: l?.pool }, layers)
    return
  }
  if (!o.layer) return
  const own = layers.flatMap(l => [l.name, ...l.also ?? []])
  if (own.includes(o.layer)) return
  const into = layers.find(l => l.joined?.includes(o.layer)) ?? (own.some(n => hasPart(n, o.layer)) ? undefined : layers.findLast(l => l.joined?.some(n => hasPart(n, o.layer))))
  if (into) {
    throw new LikenessError('layer-unknown', `layer '${o.layer}' has no values of its own: it was joined with its batch normalisation, activation, padding or change of order into layer '${into.name}'; ask for that one, or keep it with: likeness convert --keep ${o.layer}`)
  }
  if (!own.some(n => hasPart(n, o.layer))) {
    throw new LikenessError('layer-unknown', `the model has no layer '${o.layer}'; near it: ${near(o.layer, layers).join(', ')} (extractor.layers has all)`)
  }
}

/**
 * The options as the engine takes them, such as 'mel n_fft=1024,n_mels=64'; it
 * refuses what it does not know.
 * @param {any} as
 */
export function signalText (as) {
  if (typeof as === 'string' && /^[a-z]/.test(as)) return as
  if (typeof as !== 'object' || as === null || typeof as.kind !== 'string') throw wrong(`as is ${shown(as)}; 'auto', 'mel', 'gaf', 'recurrence', 'page' or 'bytes' is wanted, or an object with such a kind and parameters`)
  const { kind, ...parameters } = as
  const parts = Object.entries(parameters).map(([name, value]) => {
    const text = String(value)
    if (/[,=]/.test(text)) throw wrong(`as: ${name} is ${shown(value)}, which may have no comma and no =`)
    return `${name}=${text}`
  })
  return `${kind} ${parts.join(',')}`.trim()
}

/**
 * Whether a part of a name between slashes is a module's, perhaps with a number;
 * the engine refuses a part that several modules have.
 * @param {string} name
 * @param {string} module
 */
function hasPart (name, module) {
  return name.split(':')[0].split('/').some(part => part === module || part.startsWith(`${module}_`) && /^\d+$/.test(part.slice(module.length + 1)))
}

/**
 * The three layer names most like one, by the letter pairs in common (Dice's
 * coefficient).
 * @param {string} name
 * @param {import('./extractor.js').Layer[]} layers
 */
function near (name, layers) {
  const pairs = (/** @type {string} */ s) => new Set(Array.from({ length: Math.max(s.length - 1, 0) }, (_, i) => s.slice(i, i + 2).toLowerCase()))
  const wanted = pairs(name)
  return layers.flatMap(l => [l.name, ...(l.also ?? [])])
    .map(n => ({ n, score: 2 * [...pairs(n)].filter(p => wanted.has(p)).length / Math.max(wanted.size + pairs(n).size, 1) }))
    .sort((a, b) => b.score - a.score).slice(0, 3).map(({ n }) => n)
}

/**
 * A vector as the engine takes it; numbers in other containers are converted.
 * @param {string} name
 * @param {unknown} vector
 * @returns {Float32Array<ArrayBuffer>}
 */
export function vectorOf (name, vector) {
  const kind = kindOf(vector)
  if (kind === 'Float32Array') return /** @type {Float32Array<ArrayBuffer>} */ (vector)
  if (kind === 'Float64Array' || kind === 'Array' && /** @type {unknown[]} */ (vector).every(v => typeof v === 'number')) {
    return new Float32Array(/** @type {number[]} */ (vector))
  }
  throw new LikenessError('vectors-type', `${name} is ${shown(vector)}, a Float32Array, a Float64Array or an array of numbers is wanted`)
}

/**
 * Vectors of one length, one after the other.
 * @param {unknown} vectors
 * @param {number} [dim] their length, by default that of the first
 * @returns {{data: Float32Array<ArrayBuffer>, count: number, dim: number}}
 */
export function join (vectors, dim) {
  if (kindOf(vectors) !== 'Array') throw new LikenessError('vectors-type', `the vectors are ${shown(vectors)}, an array of vectors is wanted`)
  const list = /** @type {unknown[]} */ (vectors).map((v, i) => vectorOf(`vector ${i}`, v))
  dim ??= list[0]?.length ?? 0
  const data = new Float32Array(list.length * dim)
  list.forEach((v, i) => {
    if (v.length !== dim || dim === 0) throw new LikenessError('vectors-mixed', `vector ${i} has ${v.length} values, ${dim || 'at least one'} ${dim === 1 ? 'is' : 'are'} wanted: vectors of different layers, poolings or models cannot be compared`)
    data.set(v, i * dim)
  })
  return { data, count: list.length, dim }
}

/**
 * @param {unknown} k
 * @param {number} dim
 */
export function checkComponents (k, dim) {
  within('k', k, 1, Math.max(dim, 2))
}

/**
 * @param {unknown} format
 * @param {unknown} names
 * @param {number} count
 */
export function checkExport (format, names, count) {
  oneOf('format', format ?? 'none', ['npy', 'csv', 'jsonl', 'tsv'])
  if (kindOf(names) !== 'Array' || /** @type {unknown[]} */ (names).some(n => typeof n !== 'string')) throw wrong(`names is ${shown(names)}, an array of strings is wanted`)
  if (/** @type {string[]} */ (names).length !== count) throw new LikenessError('vectors-mixed', `there are ${/** @type {string[]} */ (names).length} names and ${count} vectors`)
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {number} least
 * @param {number} most
 */
function between (name, value, least, most) {
  if (value !== undefined && !(typeof value === 'number' && value >= least && value <= most)) {
    throw wrong(`${name} is ${shown(value)}, a number of ${least} to ${most} is wanted`)
  }
}

/**
 * @param {unknown} data
 * @param {unknown} dim
 */
export function checkSet (data, dim) {
  if (kindOf(data) !== 'Float32Array') throw new LikenessError('vectors-type', `the vectors are ${shown(data)}, one Float32Array is wanted with all of them one after the other`)
  const count = /** @type {Float32Array} */ (data).length
  if (!(Number.isInteger(dim) && Number(dim) >= 1)) throw wrong(`dim is ${shown(dim)}, the number of values of a vector is wanted`)
  if (count % Number(dim) !== 0) throw new LikenessError('vectors-mixed', `${count} values are not vectors of ${dim} values each`)
}

const methods = ['pca', 'tsne', 'umap']

/**
 * @param {any} o
 * @param {number} count vectors
 */
export function checkMap (o, count) {
  objectIs('map', o)
  oneOf('method', o.method, methods)
  if (o.dims !== undefined && o.dims !== 2 && o.dims !== 3) throw wrong(`dims is ${shown(o.dims)}, 2 or 3 is wanted`)
  within('seed', o.seed, 0, Number.MAX_SAFE_INTEGER)
  within('neighbours', o.neighbours, 2, 1000)
  within('epochs', o.epochs, 1, 2 ** 20)
  between('minDist', o.minDist, 0, 1)
  between('perplexity', o.perplexity, 1, 333)
  if (count === 0) throw new LikenessError('vectors-few', 'map: there are no vectors: call set before it')
  if (o.method !== undefined && o.method !== 'pca' && count < 4) {
    throw new LikenessError('vectors-few', `${o.method} wants 4 vectors or more, there ${count === 1 ? 'is' : 'are'} ${count}: use pca, or add pictures`)
  }
  const most = Math.max(1, Math.floor((count - 1) / 3))
  if (o.method === 'tsne' && o.perplexity > most) {
    throw wrong(`perplexity is ${o.perplexity}, with ${count} vectors at most ${most} is possible: choose less, or leave it out`)
  }
}

/**
 * @param {any} map
 * @param {number} count vectors that were set
 * @param {any} on
 * @param {any} fresh
 * @returns {number} vectors on the map
 */
export function checkPlace (map, count, on, fresh) {
  objectIs('place', map)
  oneOf('method', map.method ?? 'none', methods)
  if (map.dims !== 2 && map.dims !== 3) throw wrong(`the map's dims is ${shown(map.dims)}, 2 or 3 is wanted`)
  if (kindOf(map.coords) !== 'Float32Array') throw wrong(`the map's coords is ${shown(map.coords)}, a Float32Array is wanted`)
  const n = map.coords.length / map.dims
  for (const [name, list] of [['on', on], ['fresh', fresh]]) {
    if (list === undefined) continue
    if (!['Array', 'Int32Array'].includes(kindOf(list))) throw wrong(`${name} is ${shown(list)}, an array of indices is wanted`)
    for (const i of list) if (!(Number.isInteger(i) && i >= 0 && i < count)) throw wrong(`${name} holds ${shown(i)}, indices of the ${count} vectors that were set are wanted`)
  }
  if (!(n >= 1 && Number.isInteger(n)) || (on ? on.length !== n : n > count)) {
    throw new LikenessError('vectors-mixed', `the map has places of ${n} vectors, ${on ? `${on.length} are named` : `${count} were set`}`)
  }
  return n
}

/**
 * @param {any} map
 * @param {number} count
 * @param {unknown} near
 * @param {unknown} sample
 */
export function checkMeasure (map, count, near, sample) {
  objectIs('measure', map)
  within('near', near, 1, 1000)
  within('sample', sample, 1, 2 ** 31 - 1)
  within('dims', map.dims ?? 'none', 1, 3)
  if (kindOf(map.coords) !== 'Float32Array') throw wrong(`coords is ${shown(map.coords)}, a Float32Array is wanted`)
  if (map.coords.length !== count * map.dims) throw new LikenessError('vectors-mixed', `the map has ${map.coords.length} coordinates, ${count} vectors in ${map.dims} dimensions have ${count * map.dims}`)
}

/** Options of teach that are numbers, with their bounds; the engine knows what goes together. @type {[string, number, number][]} */
const teachNumbers = [['c', 1e-9, 1e9], ['rate', 1e-9, 3e38], ['decay', -1, 10], ['dropout', 0, 0.9], ['smoothing', 0, 0.5], ['unsure', 0, 0.5]]

/** Those that are whole numbers. @type {[string, number, number][]} */
const teachCounts = [['k', 1, 2 ** 31 - 1], ['epochs', 1, 2 ** 20], ['batch', 1, 2 ** 16], ['patience', 0, 2 ** 20], ['folds', 0, 1000], ['seed', 0, 2 ** 53 - 1]]

/**
 * @param {any} what
 * @param {any} o
 * @param {number} count
 */
export function checkTeach (what, o, count) {
  objectIs('teach', what)
  objectIs('teach', o)
  if (kindOf(what.model) !== 'Uint8Array') throw wrong(`model is ${shown(what.model)}, the bytes of the model file that made the vectors are wanted`)
  for (const key of ['class', 'names']) {
    if (kindOf(what[key]) !== 'Array') throw wrong(`${key} is ${shown(what[key])}, an array is wanted`)
    if (what[key].length !== count) throw new LikenessError('vectors-mixed', `teach: ${key} has ${what[key].length} values, ${count} vectors were set`)
  }
  ofType('layer', what.layer ?? 0, 'string')
  oneOf('pool', what.pool ?? 'none', pools)
  oneOf('head', o.head, ['softmax', 'dense', 'knn'])
  checkTeachNumbers(o)
  if (o.widths !== undefined) {
    if (kindOf(o.widths) !== 'Array') throw wrong(`widths is ${shown(o.widths)}, an array of numbers is wanted`)
    for (const w of o.widths) within('widths', w, 1, 2 ** 14)
  }
}

/** @param {any} o */
function checkTeachNumbers (o) {
  for (const [name, least, most] of teachNumbers) between(name, o[name], least, most)
  for (const [name, least, most] of teachCounts) within(name, o[name], least, most)
  if (o.folds === 1) throw wrong('folds is 1, at least 2 parts are wanted, or 0')
}

/**
 * @param {any} what
 * @param {any} o
 */
export function checkTune (what, o) {
  objectIs('tune', what)
  objectIs('tune', o)
  if (kindOf(what.model) !== 'Uint8Array') throw wrong(`model is ${shown(what.model)}, the bytes of the model file are wanted`)
  const frozen = what.values?.options
  for (const key of ['class', 'names', ...frozen ? [] : ['values']]) {
    if (kindOf(what[key]) !== 'Array') throw wrong(`${key} is ${shown(what[key])}, an array is wanted`)
  }
  for (const [key, usual] of /** @type {const} */ ([['from', ''], ['views', 4], ['seed', 0]])) {
    if (frozen && frozen[key] !== (o[key] ?? usual)) throw wrong(`${key} is ${shown(o[key] ?? usual)}, and the values were made with ${shown(frozen[key])}: give frozen and tune the same`)
  }
  if (what.values.length !== what.class.length || what.names.length !== what.class.length) {
    throw new LikenessError('vectors-mixed', `tune: there are ${what.class.length} classes, ${what.names.length} names and values of ${what.values.length} pictures`)
  }
  if (typeof o.from !== 'string' || o.from === '') throw wrong(`from is ${shown(o.from)}, the layer to train from is wanted: one of extractor.trainable()`)
  oneOf('optimiser', o.optimiser, ['adam', 'sgd'])
  between('momentum', o.momentum, -1, 0.999)
  between('warmUp', o.warmUp, -1, 2 ** 20)
  within('views', o.views, 1, 64)
  checkTeachNumbers(o)
}

/**
 * @param {any} pictures
 * @param {any} o
 */
export function checkFrozen (pictures, o) {
  if (kindOf(pictures) !== 'Array') throw new LikenessError('option', `frozen: the pictures are ${shown(pictures)}, an array is wanted`)
  objectIs('frozen', o)
  if (typeof o.from !== 'string' || o.from === '') throw new LikenessError('option', `frozen: from is ${shown(o.from)}, the layer to train from is wanted: one of extractor.trainable()`)
  for (const key of ['limit', 'memory']) {
    if (o[key] !== undefined && !(Number.isFinite(o[key]) && o[key] >= 0)) throw new LikenessError('option', `frozen: ${key} is ${shown(o[key])}, a number of bytes is wanted`)
  }
}
