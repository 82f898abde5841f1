import { breather } from './dom.js'

/** @typedef {import("../lib/extractor.js").Note} Note */

/**
 * One picture of the collection.
 * @typedef {object} Item
 * @property {number} id unique for the life of the page
 * @property {string} name path below the chosen folder, or the file's name
 * @property {Blob} file the bytes as chosen; a handle to the disk, not a copy
 * @property {"waiting"|"done"} state
 * @property {Float32Array|null} vector
 * @property {Note[]} notes what there is to know of the vector
 * @property {Blob|null} thumb small JPEG, made when first shown
 * @property {string} thumbURL blob address of it, "" until made
 */

/**
 * A picture as it comes in.
 * @typedef {{name: string, file: Blob}} Picture
 */

/**
 * The pictures on the page in their original order. Dispatches "change" when
 * pictures come or go and "vectors" when vectors do.
 */
export class Collection extends EventTarget {
  constructor () {
    super()
    /** @type {Item[]} */
    this.items = []
    /** Rises with every change of vectors. */
    this.version = 0
    this.nextId = 1
    /** Pictures by name. @type {Map<string, Item[]>} */
    this.known = new Map()
  }

  /**
   * Adds pictures at the end, except those already here. Sizes and times are
   * asked for only where names are equal, a few at a time: a browser may go to
   * the disk for each.
   * @param {Picture[]} pictures
   * @returns {Promise<{added: Item[], repeated: number}>}
   */
  async add (pictures) {
    /** @type {Item[]} */
    const added = []
    let repeated = 0
    const rest = breather()
    for (const { name, file } of pictures) {
      const namesakes = this.known.get(name) ?? []
      if (namesakes.some((item) => same(item.file, file))) { repeated++; await rest(); continue }
      /** @type {Item} */
      const item = { id: this.nextId++, name, file, state: 'waiting', vector: null, notes: [], thumb: null, thumbURL: '' }
      this.known.set(name, [...namesakes, item])
      added.push(item)
    }
    if (added.length > 0) {
      this.items = this.items.concat(added)
      this.dispatchEvent(new Event('change'))
    }
    return { added, repeated }
  }

  /** @param {Iterable<Item>} gone */
  remove (gone) {
    const set = new Set(gone)
    if (set.size === 0) return
    for (const item of set) {
      const namesakes = (this.known.get(item.name) ?? []).filter((other) => other !== item)
      if (namesakes.length > 0) this.known.set(item.name, namesakes)
      else this.known.delete(item.name)
      if (item.thumbURL) URL.revokeObjectURL(item.thumbURL)
      item.thumbURL = ''
    }
    this.items = this.items.filter((item) => !set.has(item))
    this.version++
    this.dispatchEvent(new Event('change'))
  }

  clear () {
    this.remove(this.items)
  }

  /**
   * @param {Item} item
   * @param {Float32Array} vector
   * @param {Note[]} notes
   */
  setVector (item, vector, notes) {
    item.vector = vector
    item.notes = notes
    item.state = 'done'
    this.version++
    this.dispatchEvent(new CustomEvent('vectors', { detail: item }))
  }

  /** Pictures with a vector, in original order. */
  done () {
    return this.items.filter((item) => item.vector !== null)
  }

  /** Pictures still without one. */
  waiting () {
    return this.items.filter((item) => item.vector === null)
  }
}

/**
 * Whether two files of one name are the same.
 * @param {Blob} a
 * @param {Blob} b
 */
function same (a, b) {
  const time = (/** @type {Blob} */ file) => file instanceof File ? file.lastModified : 0
  return a === b || a.size === b.size && time(a) === time(b)
}
