/**
 * One picture of the collection.
 * @typedef {object} Item
 * @property {number} id unique for the life of the page
 * @property {string} name path below the chosen folder, or the file's name
 * @property {Blob} file the bytes as chosen; a handle to the disk, not a copy
 * @property {"waiting"|"done"} state
 * @property {Float32Array|null} vector
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
    /** @type {Set<string>} */
    this.known = new Set()
  }

  /**
   * Adds pictures at the end, except those already here.
   * @param {Picture[]} pictures
   * @returns {{added: Item[], repeated: number}}
   */
  add (pictures) {
    /** @type {Item[]} */
    const added = []
    let repeated = 0
    for (const { name, file } of pictures) {
      const key = identity(name, file)
      if (this.known.has(key)) { repeated++; continue }
      this.known.add(key)
      added.push({ id: this.nextId++, name, file, state: 'waiting', vector: null, thumb: null, thumbURL: '' })
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
      this.known.delete(identity(item.name, item.file))
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
   */
  setVector (item, vector) {
    item.vector = vector
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
 * @param {string} name
 * @param {Blob} file
 */
function identity (name, file) {
  return `${name}\n${file.size}\n${file instanceof File ? file.lastModified : 0}`
}
