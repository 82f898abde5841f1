/** @typedef {import("../collection.js").Item} Item */

/** Side of a cell in pixels, cells across a page. */
const cell = 56
const across = 18
/** Larger pictures kept for the few that are shown large. */
const mostLarge = 120
const parallel = 4

/**
 * Small pictures for the map on a few shared canvases, about 12 kB each, so
 * that ten thousand stay near 120 MB and are drawn in one frame.
 */
export class Atlas {
  /** @param {() => void} onChange called when a picture has become drawable */
  constructor (onChange) {
    this.onChange = onChange
    /** @type {CanvasRenderingContext2D[]} */
    this.pages = []
    /** @type {Map<Item, number>} */
    this.cells = new Map()
    /** @type {Map<Item, ImageBitmap>} least recently drawn first */
    this.large = new Map()
    /** @type {Map<Item, "small"|"large">} */
    this.queue = new Map()
    this.running = 0
    /** @type {Set<Item>} */
    this.making = new Set()
  }

  /**
   * Draws an item as a square, or returns false when it is not there yet.
   * @param {CanvasRenderingContext2D} context
   * @param {Item} item
   * @param {number} x left
   * @param {number} y top
   * @param {number} size CSS pixels
   * @param {boolean} fine whether the larger picture is wanted
   */
  draw (context, item, x, y, size, fine) {
    if (fine) {
      const bitmap = this.large.get(item)
      if (bitmap) {
        this.large.delete(item)
        this.large.set(item, bitmap)
        context.drawImage(bitmap, x, y, size, size)
        return true
      }
      this.want(item, 'large')
    }
    const index = this.cells.get(item)
    if (index === undefined) {
      this.want(item, 'small')
      return false
    }
    const place = index % (across * across)
    const page = this.pages[Math.floor(index / (across * across))].canvas
    context.drawImage(page, (place % across) * cell, Math.floor(place / across) * cell, cell, cell, x, y, size, size)
    return true
  }

  /**
   * @param {Item} item
   * @param {"small"|"large"} kind
   */
  want (item, kind) {
    if (!item.thumb || this.making.has(item) || this.queue.get(item) === 'small') return
    this.queue.set(item, kind)
    this.next()
  }

  next () {
    while (this.running < parallel) {
      const first = this.queue.entries().next()
      if (first.done) return
      const [item, kind] = first.value
      this.queue.delete(item)
      this.running++
      this.making.add(item)
      this.make(item, kind).finally(() => {
        this.making.delete(item)
        this.running--
        this.next()
      })
    }
  }

  /**
   * @param {Item} item
   * @param {"small"|"large"} kind
   */
  async make (item, kind) {
    if (!item.thumb || kind === 'small' && this.cells.has(item) || kind === 'large' && this.large.has(item)) return
    const { pages } = this
    const whole = await createImageBitmap(item.thumb).catch(() => null)
    if (!whole) return
    const side = Math.min(whole.width, whole.height)
    const x = (whole.width - side) / 2
    const y = (whole.height - side) / 2
    if (this.pages !== pages) {
      // Cleared meanwhile: whoever still wants it asks again.
    } else if (kind === 'small') {
      this.put(item, whole, x, y, side)
    } else {
      this.large.set(item, await createImageBitmap(whole, x, y, side, side))
      for (const [old, bitmap] of this.large) {
        if (this.large.size <= mostLarge) break
        bitmap.close()
        this.large.delete(old)
      }
    }
    whole.close()
    this.making.delete(item)
    this.onChange()
  }

  /**
   * @param {Item} item
   * @param {ImageBitmap} bitmap
   * @param {number} x
   * @param {number} y
   * @param {number} side
   */
  put (item, bitmap, x, y, side) {
    const index = this.cells.size
    const place = index % (across * across)
    if (place === 0) {
      const canvas = document.createElement('canvas')
      canvas.width = canvas.height = cell * across
      const context = canvas.getContext('2d')
      if (!context) return
      context.imageSmoothingQuality = 'high'
      this.pages.push(context)
    }
    this.cells.set(item, index)
    const context = this.pages[Math.floor(index / (across * across))]
    context.drawImage(bitmap, x, y, side, side, (place % across) * cell, Math.floor(place / across) * cell, cell, cell)
  }

  /** Forgets everything, for when pictures have been removed. */
  clear () {
    for (const bitmap of this.large.values()) bitmap.close()
    this.large.clear()
    this.queue.clear()
    this.cells.clear()
    this.pages = []
  }
}
