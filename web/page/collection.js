import { breather } from './dom.js'
import { Paths } from './paths.js'

/** @typedef {import("../lib/extractor.js").Note} Note */

/**
 * One picture of the collection.
 * @typedef {object} Item
 * @property {number} id unique for the life of the page
 * @property {string} key unique in the collection and the same after a reload: the name, with ~2, ~3 for namesakes
 * @property {string} name path below the chosen folder, or the file's name
 * @property {Blob|null} file the bytes as chosen, a handle to the disk and no copy; null where only vector and thumbnail are known
 * @property {"waiting"|"done"} state
 * @property {Float32Array|null} vector
 * @property {Note[]} notes what there is to know of the vector
 * @property {string} label the folder it came in, or what the visitor has set; '' for none
 * @property {number} group id of its group, -1 for none
 * @property {number} width in pixels as shown; 0 while unknown
 * @property {number} height
 * @property {number} bytes size of the file; 0 while unknown
 * @property {number} date when the file was last changed, milliseconds since 1970; 0 while unknown
 * @property {Blob|null} thumb small picture, made when it is read
 * @property {string} thumbURL blob address of it, '' until made
 * @property {((item: Item) => Promise<void>)|undefined} [later] brings thumb and file, where they are somewhere else
 */

/**
 * A picture as it comes in. What is known of it already, for example from an
 * earlier visit, is taken up; with a vector it is not read again.
 * @typedef {{name: string, file: Blob|null} & Partial<Omit<Item, "id"|"state"|"thumbURL">>} Picture
 */

/** A group of pictures with the name that the visitor sees. @typedef {{id: number, name: string}} Group */

/** A map that has been laid out: what was asked for, the keys of the pictures in the order of its coordinates, also of
 * those that were removed since, and how many were placed on it after it was laid out.
 * @typedef {{asked: string, keys: string[], map: import("../lib/analysis.js").VectorMap, placed: number}} Laid */

/** Pictures that were taken out, with their places. @typedef {{item: Item, index: number}[]} Removed */

/**
 * The pictures on the page in their original order. Dispatches "change" when
 * pictures come or go, "vectors" (with the item as detail) when one has been
 * read, "details" when labels, groups or names are others, "laid" when there is
 * another map, and "files" when pictures have come to vectors.
 */
export class Collection extends EventTarget {
  constructor () {
    super()
    /** @type {Item[]} */
    this.items = []
    /** @type {Group[]} */
    this.groups = []
    /** @type {Laid|null} */
    this.laid = null
    /** Rises with every change of vectors. */
    this.version = 0
    this.nextId = 1
    /** Pictures by name. @type {Map<string, Item[]>} */
    this.known = new Map()
    /** @type {Map<string, Item>} */
    this.byKey = new Map()
  }

  /**
   * Adds pictures at the end, except those already here. Sizes and times are
   * asked for only where names are equal, a few at a time: a browser may go to
   * the disk for each. A picture whose vector alone is here joins it.
   * @param {Picture[]} pictures
   * @returns {Promise<{added: Item[], repeated: number, joined: Item[]}>}
   */
  async add (pictures) {
    /** @type {Item[]} */
    const added = []
    /** @type {Item[]} */
    const joined = []
    let repeated = 0
    const rest = breather()
    const fresh = this.nextId
    const bare = new Paths(this.items.filter((item) => !item.file && !item.later))
    for (const picture of pictures) {
      await rest()
      const alone = picture.file && !picture.vector ? bare.find(picture.name) : undefined
      if (alone && !alone.file && (alone.bytes === 0 || alone.bytes === picture.file?.size)) {
        alone.file = picture.file
        joined.push(alone)
        continue
      }
      const namesakes = this.known.get(picture.name) ?? []
      // Vectors that come together are of different pictures, whatever their names.
      if (namesakes.some((item) => (picture.file ? same(item.file, picture.file) : item.id < fresh))) { repeated++; continue }
      const item = this.item(picture)
      this.enter(item)
      added.push(item)
    }
    if (added.length > 0) {
      this.items = this.items.concat(added)
      if (added.some((item) => item.vector)) this.version++
      this.dispatchEvent(new Event('change'))
    }
    if (joined.length > 0) this.dispatchEvent(new CustomEvent('files', { detail: joined }))
    return { added, repeated, joined }
  }

  /**
   * @param {Picture} picture
   * @returns {Item}
   */
  item (picture) {
    const { name, file, vector = null } = picture
    return {
      id: this.nextId++,
      key: '',
      label: folderOf(name),
      notes: [],
      group: -1,
      width: 0,
      height: 0,
      bytes: 0,
      date: 0,
      thumb: null,
      ...picture,
      name,
      file,
      vector,
      state: vector ? 'done' : 'waiting',
      thumbURL: picture.thumb ? URL.createObjectURL(picture.thumb) : ''
    }
  }

  /**
   * Enters a picture into the indexes, with a key of its own.
   * @param {Item} item
   */
  enter (item) {
    this.known.set(item.name, [...this.known.get(item.name) ?? [], item])
    let key = item.key || item.name
    for (let n = 2; this.byKey.has(key); n++) key = `${item.name}~${n}`
    item.key = key
    this.byKey.set(key, item)
  }

  /**
   * @param {Iterable<Item>} gone
   * @returns {Removed} for restore
   */
  remove (gone) {
    const set = new Set(gone)
    /** @type {Removed} */
    const removed = []
    if (set.size === 0) return removed
    this.items.forEach((item, index) => { if (set.has(item)) removed.push({ item, index }) })
    for (const { item } of removed) {
      const namesakes = (this.known.get(item.name) ?? []).filter((other) => other !== item)
      if (namesakes.length > 0) this.known.set(item.name, namesakes)
      else this.known.delete(item.name)
      this.byKey.delete(item.key)
      if (item.thumbURL) URL.revokeObjectURL(item.thumbURL)
      item.thumbURL = ''
    }
    this.items = this.items.filter((item) => !set.has(item))
    this.version++
    this.dispatchEvent(new Event('change'))
    return removed
  }

  /**
   * Puts pictures back to the places that they were taken from.
   * @param {Removed} removed
   */
  restore (removed) {
    /** @type {Item[]} */
    const items = []
    let from = 0
    for (const { item, index } of removed) {
      while (items.length < index && from < this.items.length) items.push(this.items[from++])
      if (item.thumb) item.thumbURL = URL.createObjectURL(item.thumb)
      this.enter(item)
      items.push(item)
    }
    this.items = items.concat(this.items.slice(from))
    this.version++
    this.dispatchEvent(new Event('change'))
  }

  /**
   * Takes up a map, to be kept with the pictures.
   * @param {Laid|null} laid
   */
  setLaid (laid) {
    this.laid = laid
    this.dispatchEvent(new Event('laid'))
  }

  clear () {
    this.groups = []
    this.laid = null
    return this.remove(this.items)
  }

  /**
   * What reading a picture has given.
   * @param {Item} item
   * @param {{vector: Float32Array, notes: Note[], width: number, height: number}} read
   */
  setVector (item, { vector, notes, width, height }) {
    item.vector = vector
    item.notes = notes
    item.width = width
    item.height = height
    // Its file has just been opened, so that the disk answers at once.
    if (item.file) {
      item.bytes = item.file.size
      item.date = timeOf(item.file)
    }
    item.state = 'done'
    this.version++
    this.dispatchEvent(new CustomEvent('vectors', { detail: item }))
  }

  /**
   * @param {Iterable<Item>} items
   * @param {string} label
   */
  setLabel (items, label) {
    this.setLabels(new Map([...items].map((item) => [item, label])))
  }

  /** @param {Map<Item, string>} labels */
  setLabels (labels) {
    for (const [item, label] of labels) item.label = label
    this.dispatchEvent(new Event('details'))
  }

  /** The folder that a picture came in, '' for none. @param {Item} item */
  folder (item) {
    return folderOf(item.name)
  }

  /**
   * Takes up a grouping; pictures that are not named belong to none.
   * @param {Group[]} groups
   * @param {Map<Item, number>} ids
   */
  setGroups (groups, ids) {
    this.groups = groups
    for (const item of this.items) item.group = ids.get(item) ?? -1
    this.dispatchEvent(new Event('details'))
  }

  /** Name of a picture's group, '' for none. @param {Item} item */
  groupName (item) {
    return this.groups.find((group) => group.id === item.group)?.name ?? ''
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
 * The folder that tells what a picture is, as `likeness eval` has it: the one
 * below the folder that was chosen, or that one itself.
 * @param {string} name
 */
function folderOf (name) {
  const folders = name.split('/').slice(0, -1)
  return folders[1] ?? folders[0] ?? ''
}

/** @param {Blob|null} file */
function timeOf (file) {
  return file instanceof File ? file.lastModified : 0
}

/**
 * Whether two files of one name are the same.
 * @param {Blob|null} a
 * @param {Blob|null} b
 */
function same (a, b) {
  return a === b || a !== null && b !== null && a.size === b.size && timeOf(a) === timeOf(b)
}
