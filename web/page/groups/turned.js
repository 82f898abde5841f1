import { breather } from '../dom.js'

/** @typedef {import("../views.js").Page} Page */
/** @typedef {import("../collection.js").Item} Item */
/** @typedef {import("../../lib/analysis.js").Analysis} Analysis */
/** How a picture came from another: mirrored left to right, then turned clockwise by quarters.
 * @typedef {{a: Item, b: Item, quarters: number, mirrored: boolean}} Turned */

/** Side of the pictures that are compared, pixels. */
const side = 32
/** Correlation from which on two are of one picture: see engine/twins. */
const least = 0.92

/** Prints of pictures that were made before. @type {WeakMap<Item, Uint8Array>} */
const made = new WeakMap()

/**
 * Pictures that are another one turned or mirrored, among those that the vectors
 * find near each other. They are compared by their small pictures.
 * @param {Page} page
 * @param {Analysis} analysis that has their vectors
 * @param {Item[]} items
 * @param {Int32Array} group of each, -1 for none: pairs of a group are known
 * @param {{signal: AbortSignal, onProgress: (p: {done: number}) => void}} hooks
 * @returns {Promise<Turned[]>}
 */
export async function findTurned (page, analysis, items, group, { signal, onProgress }) {
  // A canvas that lies would make strangers of copies.
  if (!page.thumbs.readable) return []
  const pairs = await analysis.turnCandidates(group, {}, { signal, onProgress: ({ done }) => onProgress({ done: 0.2 * done }) })
  const wanted = [...new Set(pairs)]
  /** @type {Map<number, number>} */
  const place = new Map()
  const prints = new Uint8Array(wanted.length * side * side)
  const rest = breather()
  for (const [i, index] of wanted.entries()) {
    signal.throwIfAborted()
    await rest()
    const print = await printOf(page, items[index])
    if (print) {
      prints.set(print, place.size * side * side)
      place.set(index, place.size)
    }
    onProgress({ done: 0.2 + 0.8 * i / wanted.length })
  }
  /** @type {number[]} */
  const known = []
  /** @type {[Item, Item][]} */
  const both = []
  for (let i = 0; i < pairs.length; i += 2) {
    const [a, b] = [place.get(pairs[i]), place.get(pairs[i + 1])]
    if (a === undefined || b === undefined) continue
    known.push(a, b)
    both.push([items[pairs[i]], items[pairs[i + 1]]])
  }
  const turns = await analysis.turns(prints.subarray(0, place.size * side * side), known)
  return turns.flatMap(({ score, quarters, mirrored }, i) => (score >= least && (quarters > 0 || mirrored) ? [{ a: both[i][0], b: both[i][1], quarters, mirrored }] : []))
}

/**
 * @param {Page} page
 * @param {Item} item
 */
async function printOf (page, item) {
  const before = made.get(item)
  if (before) return before
  const thumb = await page.thumbs.blob(item)
  const image = thumb && await createImageBitmap(thumb, { resizeWidth: side, resizeHeight: side, resizeQuality: 'medium' }).catch(() => null)
  if (!image) return null
  const canvas = new OffscreenCanvas(side, side)
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }))
  context.fillStyle = '#fff'
  context.fillRect(0, 0, side, side)
  context.drawImage(image, 0, 0)
  image.close()
  const { data } = context.getImageData(0, 0, side, side)
  const print = Uint8Array.from({ length: side * side }, (_, i) => (19595 * data[4 * i] + 38470 * data[4 * i + 1] + 7471 * data[4 * i + 2] + 32768) >> 16)
  made.set(item, print)
  return print
}
