/**
 * What is kept in the visitor's browser: IndexedDB. A transaction is done whole
 * or not at all, so that a tab may be closed at any moment.
 */

/** A collection that is kept.
 * @typedef {object} Entry
 * @property {string} id
 * @property {string} name
 * @property {import("../engine.js").Choice} choice what its vectors are of
 * @property {string} hash of the model
 * @property {number} count pictures
 * @property {number} updated milliseconds since 1970
 * @property {boolean} files whether the pictures themselves are kept
 * @property {import("../collection.js").Group[]} groups
 * @property {import("./folders.js").Folder[]} [folders] that its pictures are in, where the browser remembers them
 */

/** A picture that is kept.
 * @typedef {object} Row
 * @property {string} collection
 * @property {string} key
 * @property {number} order its place among the others
 * @property {string} name
 * @property {Float32Array|null} vector
 * @property {import("../collection.js").Note[]} notes
 * @property {string} label
 * @property {number} group
 * @property {number} width
 * @property {number} height
 * @property {number} bytes
 * @property {number} date
 */

/** Its small picture, and the picture where that is kept too. They are apart, since reading thousands of them takes seconds.
 * @typedef {{collection: string, key: string, thumb: Blob|null, file: Blob|null}} Blobs */

/** Pictures in one answer of the database. */
const atOnce = 2000

/** Where the map and the lesson lie among the pictures, whose keys are texts that are never empty. @type {{map: '', lesson: number}} */
const parts = { map: '', lesson: 1 }

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function answer (request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

export class Store {
  /** @param {string} [name] of the database */
  constructor (name = 'likeness') {
    this.name = name
    /** @type {Promise<IDBDatabase>|null} */
    this.opening = null
  }

  /** @returns {Promise<IDBDatabase>} */
  database () {
    this.opening ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(this.name, 1)
      request.onupgradeneeded = () => {
        request.result.createObjectStore('collections', { keyPath: 'id' })
        request.result.createObjectStore('blobs', { keyPath: ['collection', 'key'] })
        request.result.createObjectStore('items', { keyPath: ['collection', 'key'] }).createIndex('order', ['collection', 'order'])
      }
      request.onsuccess = () => {
        // A later version of the page may want to change it.
        request.result.onversionchange = () => { request.result.close(); this.opening = null }
        resolve(request.result)
      }
      request.onerror = () => reject(request.error)
      request.onblocked = () => reject(new Error('another tab has an older version of this page open: close it and try again'))
    })
    this.opening.catch(() => { this.opening = null })
    return this.opening
  }

  /**
   * @template T
   * @param {'readonly'|'readwrite'} mode
   * @param {(collections: IDBObjectStore, items: IDBObjectStore, blobs: IDBObjectStore) => Promise<T>|void} work may wait for nothing but its own requests
   * @returns {Promise<T|undefined>}
   */
  async transaction (mode, work) {
    const database = await this.database()
    const transaction = database.transaction(['collections', 'items', 'blobs'], mode, { durability: 'relaxed' })
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(undefined)
      transaction.onabort = () => reject(transaction.error ?? new DOMException('the transaction was aborted', 'AbortError'))
    })
    done.catch(() => {})
    const result = await work(transaction.objectStore('collections'), transaction.objectStore('items'), transaction.objectStore('blobs'))
    await done
    return result ?? undefined
  }

  /** All that are kept, the latest first. @returns {Promise<Entry[]>} */
  async list () {
    const all = await this.transaction('readonly', (collections) => answer(collections.getAll()))
    return (/** @type {Entry[]} */ (all ?? [])).sort((a, b) => b.updated - a.updated)
  }

  /** @param {string} id @returns {Promise<Row[]>} in their order */
  async rows (id) {
    /** @type {Row[]} */
    const rows = []
    // One answer with all of them would hold up the page while it is unpacked.
    for (let last = '', open = false; ; open = true) {
      const range = IDBKeyRange.bound([id, last], [id, []], open)
      const part = /** @type {Row[]} */ (await this.transaction('readonly', (_, items) => answer(items.getAll(range, atOnce))) ?? [])
      for (const row of part) rows.push(row)
      if (part.length < atOnce) return rows.sort((a, b) => a.order - b.order)
      last = part[part.length - 1].key
    }
  }

  /**
   * Blobs of pictures, in the order of the keys.
   * @param {string} id
   * @param {string[]} keys
   * @returns {Promise<(Blobs|undefined)[]>}
   */
  async blobs (id, keys) {
    return await this.transaction('readonly', (_collections, _items, blobs) => Promise.all(keys.map((key) => answer(blobs.get([id, key]))))) ?? []
  }

  /**
   * Writes an entry, some pictures, and takes others out, all or nothing.
   * @param {Entry} entry
   * @param {Row[]} rows
   * @param {Blobs[]} blobs
   * @param {string[]} gone keys
   */
  async write (entry, rows, blobs, gone) {
    await this.transaction('readwrite', (collections, items, stored) => {
      collections.put(entry)
      for (const row of rows) items.put(row)
      for (const blob of blobs) stored.put(blob)
      for (const key of gone) {
        items.delete([entry.id, key])
        stored.delete([entry.id, key])
      }
    })
  }

  /**
   * Keeps what is no picture of a collection; null takes it out.
   * @param {string} id
   * @param {'map'|'lesson'} part
   * @param {import("../collection.js").Laid|import("../teach/lesson.js").Stored|null} value
   */
  async writePart (id, part, value) {
    await this.transaction('readwrite', (_collections, _items, blobs) => {
      if (value) blobs.put({ collection: id, key: parts[part], laid: value })
      else blobs.delete([id, parts[part]])
    })
  }

  /**
   * @param {string} id
   * @param {'map'|'lesson'} part
   * @returns {Promise<any>} what was kept, or null
   */
  async part (id, part) {
    const found = await this.transaction('readonly', (_collections, _items, blobs) => answer(blobs.get([id, parts[part]])))
    return found?.laid ?? null
  }

  /** @param {string} id */
  async remove (id) {
    await this.transaction('readwrite', (collections, items, blobs) => {
      collections.delete(id)
      items.delete(IDBKeyRange.bound([id], [id, []]))
      blobs.delete(IDBKeyRange.bound([id], [id, []]))
    })
  }
}
