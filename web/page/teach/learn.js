import { Extractor } from '../../likeness.js'
import { words } from '../words.js'

/** @typedef {import("../collection.js").Item} Item */
/** @typedef {import("./form.js").Options} Options */
/** @typedef {import("../../lib/analysis.js").TaughtClasses} TaughtClasses */
/** @typedef {{signal?: AbortSignal, onStep?: (step: import("../../lib/analysis.js").TeachStep) => void, onProgress?: (p: {done: number, stage?: string, cached?: number}) => void, onProblem?: (why: string) => void}} Hooks */
/** @typedef {import("../engine.js").Choice & {pool: "avg"|"max"|"flatten", model: Uint8Array, name: string}} What */
/** @typedef {import("../../lib/analysis.js").Analysis} Analysis */

/** Share of fine-tuning that looking at the pictures takes, about. */
const lookShare = 0.1

/**
 * Learns a head from vectors.
 * @param {Analysis} analysis with the vectors of items
 * @param {Item[]} items
 * @param {Map<Item, string>} of classes
 * @param {Omit<What, "model"> & {model: any}} what
 * @param {Options} options
 * @param {Hooks} hooks
 * @returns {Promise<{items: Item[], taught: TaughtClasses}>}
 */
export async function teach (analysis, items, of, what, options, hooks) {
  const classes = items.map((item) => of.get(item) ?? null)
  return { items, taught: await analysis.teach({ ...what, class: classes, names: items.map(({ key }) => key) }, /** @type {any} */ (options), hooks) }
}

/**
 * Trains the network itself, from a layer on, on the pictures.
 * @param {Extractor} extractor
 * @param {Analysis} analysis
 * @param {Map<Item, string>} of classes
 * @param {Omit<What, "model"> & {model: any}} what
 * @param {Options} options
 * @param {Hooks} hooks
 * @returns {Promise<{items: Item[], taught: TaughtClasses}>}
 */
export async function tune (extractor, analysis, of, what, options, { signal, onProgress, onStep, onProblem }) {
  const items = [...of.keys()]
  const bare = items.filter(({ file }) => !file).length
  if (bare > 0) throw new Error(words.teach.noFiles(bare))
  const { from, views, seed } = /** @type {any} */ (options)
  const { layer, pool, resize } = what
  if (pool === 'flatten') throw new Error(words.teach.noFlatten)
  const values = await analysis.frozen(extractor, items.map(({ file }) => /** @type {Blob} */ (file)), { from, layer, views, seed, resize: /** @type {any} */ (resize || undefined) },
    { signal, onProgress: ({ done, total, cached }) => onProgress?.({ done: lookShare * done / total, stage: 'looking', cached }) })
  if (values.problem) onProblem?.(values.problem.message)
  const { head, ...rest } = options
  const hooks = {
    signal,
    onStep: (/** @type {import("../../lib/analysis.js").TeachStep} */ step) => onStep?.({ ...step, done: lookShare + (1 - lookShare) * step.done }),
    onProgress: (/** @type {{done: number}} */ { done }) => onProgress?.({ done: lookShare + (1 - lookShare) * done })
  }
  return { items, taught: await analysis.tune({ ...what, pool, class: [...of.values()], names: items.map(({ key }) => key), values }, /** @type {any} */ (rest), hooks) }
}

/**
 * What a network that was trained says of pictures that it has not learned from.
 * @param {Blob} model
 * @param {Item[]} items
 * @param {Map<string, {label: string, score: number}>} said
 * @param {Hooks} hooks
 */
export async function tellOthers (model, items, said, { signal }) {
  const extractor = await Extractor.load({ model, workers: 1 })
  try {
    for (const { key, file } of items) {
      signal?.throwIfAborted()
      const { labels: [best] } = file ? await extractor.classify(file, { top: 1, signal }) : { labels: [] }
      if (best) said.set(key, best)
    }
  } finally {
    extractor.dispose()
  }
}
