/** @typedef {import("../collection.js").Item} Item */

/** Side of a page in pixels, and of its cells: small ones for many pictures. */
const side = 1008
const [largeCell, smallCell] = [56, 36]
/** Pictures from which on cells are small. */
const many = 4000
/** Larger pictures kept for the few that are shown large. */
const mostLarge = 120
const parallel = 8

/**
 * Small pictures for the map on a few shared canvases, about 12 kB each, or 5 kB
 * where there are many, so that twenty thousand stay near 100 MB.
 */
export class Atlas {
  /** @param {() => void} onChange called when a picture has become drawable */
  constructor (onChange) {
    this.onChange = onChange
    this.side = side
    /** Rises when everything is forgotten. */
    this.version = 0
    this.cell = largeCell
    /** Pictures that a graphics processor takes up, which then needs no pages. @type {{index: number, data: ImageData}[]|null} */
    this.fresh = null
    /** Pictures that there will be. */
    this.expected = 0
    const scratch = document.createElement('canvas')
    this.scratch = /** @type {CanvasRenderingContext2D} */ (scratch.getContext('2d', { willReadFrequently: true }))
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

  /** Cells along a page. */
  get across () {
    return Math.floor(side / this.cell)
  }

  /** @param {number} n pictures that there are */
  expect (n) {
    const cell = n > many ? smallCell : largeCell
    if (cell === this.cell && n <= this.expected) return
    this.cell = cell
    this.expected = Math.max(400, Math.ceil(n * 1.3))
    this.scratch.canvas.width = this.scratch.canvas.height = cell
    this.scratch.imageSmoothingQuality = 'high'
    this.clear()
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
    const { across, cell } = this
    const place = index % (across * across)
    const page = this.pages[Math.floor(index / (across * across))]?.canvas
    if (!page) {
      this.want(item, 'large') // a graphics processor has the small ones
      return false
    }
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
    const { version } = this
    const whole = await createImageBitmap(item.thumb).catch(() => null)
    if (!whole) return
    const length = Math.min(whole.width, whole.height)
    const x = (whole.width - length) / 2
    const y = (whole.height - length) / 2
    if (this.version !== version) {
      // Cleared meanwhile: whoever still wants it asks again.
    } else if (kind === 'small') {
      this.put(item, whole, x, y, length)
    } else {
      this.large.set(item, await createImageBitmap(whole, x, y, length, length))
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
   * @param {number} length of the square that is taken
   */
  put (item, bitmap, x, y, length) {
    const { across, cell, scratch } = this
    const index = this.cells.size
    this.cells.set(item, index)
    const place = index % (across * across)
    if (this.fresh) {
      scratch.clearRect(0, 0, cell, cell)
      scratch.drawImage(bitmap, x, y, length, length, 0, 0, cell, cell)
      this.fresh.push({ index, data: scratch.getImageData(0, 0, cell, cell) })
      return
    }
    if (place === 0) {
      const canvas = document.createElement('canvas')
      canvas.width = canvas.height = side
      const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
      context.imageSmoothingQuality = 'high'
      this.pages.push(context)
    }
    const context = this.pages[Math.floor(index / (across * across))]
    context.drawImage(bitmap, x, y, length, length, (place % across) * cell, Math.floor(place / across) * cell, cell, cell)
  }

  /** Forgets everything, for when pictures have been removed. */
  clear () {
    for (const bitmap of this.large.values()) bitmap.close()
    this.large.clear()
    this.queue.clear()
    this.cells.clear()
    this.pages = []
    this.version++
    if (this.fresh) this.fresh = []
  }
}
