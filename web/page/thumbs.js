import { element } from './dom.js'

/** @typedef {import("./collection.js").Item} Item */

/** Longest side of a thumbnail in pixels. */
const side = 320
/** Pictures decoded at the same time for thumbnails. */
const parallel = 2

/**
 * Makes thumbnails, the most recently asked for first, so that what is on the
 * screen comes before what has been scrolled past. Dispatches "ready" with the
 * item as detail.
 */
export class Thumbs extends EventTarget {
  /** @param {(file: Blob) => Promise<Blob|null>} other makes one of what the browser does not show */
  constructor (other) {
    super()
    this.other = other
    /** @type {Item[]} */
    this.queue = []
    /** @type {Set<Item>} */
    this.asked = new Set()
    this.running = 0
    this.readable = canvasIsHonest()
    /** Images that wait for their thumbnail. @type {Map<Item, HTMLImageElement[]>} */
    this.images = new Map()
    this.addEventListener('ready', (event) => {
      const item = /** @type {CustomEvent<Item>} */ (event).detail
      for (const image of this.images.get(item) ?? []) image.src = item.thumbURL
      this.images.delete(item)
    })
  }

  /** @param {Item} item */
  want (item) {
    if (item.thumbURL || this.asked.has(item)) return
    this.asked.add(item)
    this.queue.push(item)
    this.next()
  }

  /**
   * An image of a picture, filled as soon as its thumbnail is there.
   * @param {Item} item
   * @param {string} [alt]
   */
  image (item, alt = item.name) {
    const image = element('img', { alt, decoding: 'async', draggable: false })
    if (item.thumbURL) {
      image.src = item.thumbURL
      return image
    }
    this.images.set(item, [...(this.images.get(item) ?? []).filter((i) => i.isConnected), image])
    this.want(item)
    return image
  }

  /**
   * Tries again those whose picture has come since.
   * @param {Iterable<Item>} items
   */
  again (items) {
    for (const item of items) {
      // One that is not seen now is asked for again when it is.
      if (this.asked.delete(item)) this.want(item)
    }
  }

  next () {
    while (this.running < parallel) {
      const item = this.queue.pop()
      if (!item) return
      this.running++
      this.make(item).finally(() => {
        this.running--
        this.next()
      })
    }
  }

  /** @param {Item} item */
  async make (item) {
    const blob = await this.blob(item)
    if (!blob || !this.asked.has(item)) return
    item.thumb = blob
    item.thumbURL = URL.createObjectURL(blob)
    this.dispatchEvent(new CustomEvent('ready', { detail: item }))
  }

  /**
   * The small picture of an item, made where it is not there yet, or null.
   * @param {Item} item
   */
  async blob (item) {
    if (!item.thumb && item.later) await item.later(item)
    return item.thumb ?? (item.file && await this.of(item.file))
  }

  /**
   * The small pictures of items one after the other, made where they are not
   * there yet; those that cannot be had are left out.
   * @param {Item[]} items
   * @param {(i: number, image: ImageBitmap) => void} use
   */
  async each (items, use) {
    for (const [i, item] of items.entries()) {
      const blob = await this.blob(item)
      const image = blob && await createImageBitmap(blob).catch(() => null)
      if (!image) continue
      use(i, image)
      image.close()
    }
  }

  /**
   * A small picture of a file, or null.
   * @param {Blob} file
   */
  async of (file) {
    return (this.readable ? await shrink(file) : null) ?? await this.other(file)
  }

  /** @param {Iterable<Item>} kept items still on the page */
  keepOnly (kept) {
    const set = new Set(kept)
    this.queue = this.queue.filter((item) => set.has(item))
    for (const item of this.asked) if (!set.has(item)) this.asked.delete(item)
  }
}

/**
 * A small JPEG of a picture, or null when the browser cannot decode it.
 * @param {Blob} file
 * @returns {Promise<Blob|null>}
 */
async function shrink (file) {
  /** @type {ImageBitmap|undefined} */
  let bitmap
  try {
    bitmap = await createImageBitmap(file, { resizeWidth: side, resizeQuality: 'medium' })
    const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height))
    const canvas = document.createElement('canvas')
    canvas.width = Math.max(1, Math.round(bitmap.width * scale))
    canvas.height = Math.max(1, Math.round(bitmap.height * scale))
    const context = canvas.getContext('2d', { willReadFrequently: true })
    if (!context) return null
    for (const ground of ['#fff', '#808080']) {
      context.fillStyle = ground
      context.fillRect(0, 0, canvas.width, canvas.height)
      context.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
      if (file.type === 'image/jpeg' || !allWhite(context)) break
    }
    return await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.82))
  } catch {
    return null
  } finally {
    bitmap?.close()
  }
}

/**
 * Whether a picture vanishes on white, as a white logo does.
 * @param {CanvasRenderingContext2D} context
 */
function allWhite (context) {
  const { data } = context.getImageData(0, 0, context.canvas.width, context.canvas.height)
  return data.every((v) => v > 250)
}

/**
 * Some privacy settings add noise to what is read from a canvas; thumbnails
 * made that way would be garbage, so the engine makes them then.
 */
function canvasIsHonest () {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 8
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) return false
  context.fillStyle = 'rgb(40, 90, 160)'
  context.fillRect(0, 0, 8, 8)
  const { data } = context.getImageData(0, 0, 8, 8)
  for (let i = 0; i < data.length; i += 4) {
    if (data[i] !== 40 || data[i + 1] !== 90 || data[i + 2] !== 160) return false
  }
  return true
}
