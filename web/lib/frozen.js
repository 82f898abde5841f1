// What the layers before fine-tuning make of pictures: computed once, and kept in
// the browser for the next time.

import { unlessAborted } from './abort.js'
import { LikenessError } from './errors.js'
import { packEncoded } from './pixels.js'
import { folder } from './views-folder.js'

/** @typedef {import('./analysis.js').Analysis} Analysis */
/** @typedef {import('./extractor.js').Extractor} Extractor */
/** @typedef {import('./extractor.js').ExtractOptions} ExtractOptions */

/**
 * @typedef {object} FrozenOptions
 * @property {string} from the layer to train from, one of trainable()
 * @property {string} [layer] whose vectors are learned from; default: the model's
 * @property {number} [views] of each picture, 1 to 64, default 4
 * @property {number} [seed] as that of tune; default 0
 * @property {ExtractOptions['resize']} [resize]
 * @property {boolean} [keep] on this device for the next time, where the browser can; default true
 * @property {number} [limit] bytes up to which what earlier calls have kept stays beside it, default 2e9
 * @property {number} [memory] bytes that may be held in memory where they are not kept, default 1e9
 */

/** How far it is; cached pictures were kept by an earlier call, and the layers do not run on them again.
 * @typedef {{done: number, total: number, cached: number}} FrozenProgress */

/** Bytes that stay of earlier calls. */
const usualLimit = 2e9
/** Bytes that are held in memory. */
const usualMemory = 1e9
/** Pictures that are read at once, to find out which are known. */
const lanes = 4

/** The views of pictures, for Analysis.tune. */
export class Frozen {
  /**
   * Use Analysis.frozen.
   * @param {Required<Pick<FrozenOptions, 'from' | 'views' | 'seed'>>} options
   * @param {import('./pack-files.js').Spec | null} spec
   */
  constructor (options, spec) {
    this.options = options
    /** What the files are named by, null where none are used. */
    this.spec = spec
    /** Of each picture its views, or the digest by which they are kept. @type {(Uint8Array | string)[]} */
    this.values = []
    /** Pictures that were kept by an earlier call. */
    this.cached = 0
    /** Pictures whose views are kept for the next call. */
    this.kept = 0
    /** Why not all are. @type {LikenessError | undefined} */
    this.problem = undefined
  }

  get length () {
    return this.values.length
  }
}

/**
 * See Analysis.frozen.
 * @param {Analysis} analysis
 * @param {Extractor} extractor
 * @param {(Blob | ArrayBuffer | Uint8Array)[]} pictures
 * @param {FrozenOptions} options
 * @param {{signal?: AbortSignal, onProgress?: (p: FrozenProgress) => void}} hooks
 * @returns {Promise<Frozen>}
 */
export async function freeze (analysis, extractor, pictures, { from, layer = '', views = 4, seed = 0, resize, keep = true, limit = usualLimit, memory = usualMemory }, { signal, onProgress }) {
  const options = { from, layer, views, seed, resize, signal }
  const frozen = new Frozen({ from, views, seed }, await extractor.viewsKey(options))
  const total = pictures.length
  let held = 0
  let done = 0
  const tell = () => onProgress?.({ done, total, cached: frozen.cached })
  /** @param {string} call @param {any[]} args */
  const ask = (call, ...args) => unlessAborted(analysis.run(call, [frozen.spec, ...args]), signal)
  /** @param {unknown} e */
  const without = e => {
    signal?.throwIfAborted()
    const { message } = /** @type {Error} */ (e)
    frozen.problem ??= new LikenessError('views-not-kept', `what is made of the pictures is not kept for the next time (${message})`)
  }
  if (!keep) frozen.spec = null
  /** @type {string[]} */
  const digests = []
  const blobs = pictures.map(blobOf)
  if (keep) {
    try {
      await inLanes(lanes, total, async i => {
        signal?.throwIfAborted()
        const { digest, found } = await ask('findViews', blobs[i])
        digests[i] = digest
        if (!found) return
        frozen.values[i] = digest
        frozen.cached++
        frozen.kept++
        done++
        tell()
      })
      await ask('roomForViews', total - frozen.cached, limit)
    } catch (e) {
      without(e)
    }
  }
  await inLanes(Math.max(1, extractor.pool.workers), total, async i => {
    if (frozen.values[i]) return
    signal?.throwIfAborted()
    const values = await extractor.views(blobs[i], options)
    frozen.values[i] = values
    if (keep && !frozen.problem) {
      try {
        await ask('addViews', digests[i], values)
        frozen.values[i] = digests[i]
        frozen.kept++
      } catch (e) {
        without(e)
      }
    }
    if (typeof frozen.values[i] !== 'string' && (held += values.length) > memory) {
      const why = frozen.problem ? `, and ${frozen.problem.message}` : ''
      throw new LikenessError('views-memory', `the ${total} pictures need more memory than ${Math.round(memory / 1e6)} MB${why}: choose a later layer, fewer views or fewer pictures, free space on the disk, or use likeness teach --from`)
    }
    done++
    tell()
  })
  if (frozen.kept === 0) frozen.spec = null
  return frozen
}

/** @param {any} picture @returns {Blob} */
function blobOf (picture) {
  if (picture instanceof Blob) return picture
  const bytes = /** @type {any} */ (packEncoded(picture))?.parcel.bytes
  if (!bytes) throw new LikenessError('picture-type', 'frozen: pass Files, Blobs or encoded bytes')
  return new Blob([bytes])
}

/**
 * Does n pieces of work, some at a time.
 * @param {number} lanes
 * @param {number} n
 * @param {(i: number) => Promise<void>} work
 */
async function inLanes (lanes, n, work) {
  let next = 0
  let failed = false
  await Promise.all(Array.from({ length: Math.min(lanes, n) }, async () => {
    try {
      while (next < n && !failed) await work(next++)
    } catch (e) {
      failed = true
      throw e
    }
  }))
}

/**
 * See Analysis.forgetFrozen.
 * @returns {Promise<boolean>}
 */
export async function forgetFrozen () {
  const root = await navigator.storage?.getDirectory?.().catch(() => undefined)
  const from = await root?.getDirectoryHandle(folder).catch(() => undefined)
  if (!root || !from) return true
  let gone = true
  for await (const name of /** @type {any} */ (from).keys()) await from.removeEntry(name).catch(() => { gone = false })
  return gone
}
