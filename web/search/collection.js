// An index made by likeness index, read in the page: records and small pictures
// without the engine, searches through it.

import { LikenessError } from '../lib/errors.js'
import { reader } from '../lib/ranges.js'

/** What index.json says; models/INDEX.md has all of it.
 * @typedef {object} Manifest
 * @property {string} format
 * @property {string} generation
 * @property {number} count
 * @property {number} items items in a file of records
 * @property {number} [thumbs] items in a file of small pictures
 * @property {number} [lists] more than 0 where only a part of a large index is read
 * @property {number} [tags]
 * @property {number} [paths] entries in a file of paths
 * @property {{model: string, model_hash: string, file?: string, layer: string, pool: 'avg' | 'max' | 'flatten', resize?: any, signal?: any}} source
 * @property {{side: number, type: string}} [pictures]
 */

/**
 * @typedef {object} Item
 * @property {number} item its number
 * @property {string} path
 * @property {string} [url]
 * @property {string} [title]
 * @property {string} [text]
 * @property {string[]} [tags]
 * @property {number} [width]
 * @property {number} [height]
 * @property {string} [thumb]
 * @property {[number, number][]} near number and cosine of the items most like it
 */

/** @typedef {Item & {score: number}} Match score is the cosine, -1 to 1 */

const formatName = 'likeness index 1'

export class PictureIndex {
  /**
   * @param {string} base address of the folder, with a slash at the end
   * @param {Manifest} manifest
   */
  constructor (base, manifest) {
    this.base = base
    this.manifest = manifest
    this.read = reader(base)
    /** @type {Map<number, Promise<Item[]>>} */
    this.pieces = new Map()
  }

  /**
   * Reads index.json and nothing else.
   * @param {string | URL} src address of the folder, relative to the page
   * @returns {Promise<PictureIndex>} rejects with index-missing or index-invalid
   */
  static async open (src) {
    const base = new URL(String(src).replace(/\/?$/, '/'), document.baseURI).href
    const url = new URL('index.json', base)
    const response = await fetch(url, { cache: 'no-cache' }).catch(e => {
      throw new LikenessError('index-unreachable', `${url.pathname} could not be fetched (${e.message}): check the connection`)
    })
    if (!response.ok) throw new LikenessError('index-missing', `${url.pathname} is not there (the server answered ${response.status}): src must be the folder that likeness index made`)
    const manifest = await response.json().catch(() => undefined)
    if (manifest?.format !== formatName || !/^[0-9a-f]{16}$/.test(manifest.generation)) {
      throw new LikenessError('index-invalid', `${url.pathname} is no index that this version reads: build it again with likeness index, and copy its program too`)
    }
    return new PictureIndex(base, manifest)
  }

  /** The tags there are, most frequent first, with the items of each.
   * @returns {Promise<{name: string, items: Uint32Array}[]>} */
  async tags () {
    if (!this.manifest.tags) return []
    const [bytes] = await this.read([[this.file('tags', 0), 0, -1]])
    /** @type {{name: string, items: number[]}[]} */
    const tags = parse(bytes)
    return tags.map(({ name, items }) => {
      let at = 0
      return { name, items: Uint32Array.from(items, step => (at += step)) }
    })
  }

  /**
   * @param {string} kind
   * @param {number} n
   */
  file (kind, n) {
    return `${kind}/${this.manifest.generation}-${n}.bin`
  }

  /**
   * @param {number} item
   * @returns {Promise<Item>}
   */
  async item (item) {
    const { items: each, count } = this.manifest
    if (!(Number.isInteger(item) && item >= 0 && item < count)) throw new LikenessError('item-unknown', `there is no item ${item} among ${count}`)
    const n = Math.floor(item / each)
    if (this.manifest.lists) return this.one(item)
    let piece = this.pieces.get(n)
    if (!piece) {
      piece = this.read([[this.file('items', n), 0, -1]]).then(([bytes]) =>
        records(bytes, Math.min(each, count - n * each)).map((r, i) => ({ ...parse(r), item: n * each + i })))
      piece.catch(() => this.pieces.delete(n))
      this.pieces.set(n, piece)
    }
    return (await piece)[item % each]
  }

  /**
   * One record of a large index: first where it is, then it.
   * @param {number} item
   * @returns {Promise<Item>}
   */
  async one (item) {
    const { items: each, count } = this.manifest
    const n = Math.floor(item / each)
    const bytes = await this.within(this.file('items', n), item % each, Math.min(each, count - n * each))
    return { ...parse(bytes), item }
  }

  /**
   * One record of a file that has some.
   * @param {string} file
   * @param {number} i
   * @param {number} count
   */
  async within (file, i, count) {
    const [head] = await this.read([[file, 4 * i, 8]])
    if (head.length !== 8) throw damaged()
    const offsets = new DataView(head.buffer, head.byteOffset, 8)
    const [from, to] = [offsets.getUint32(0, true), offsets.getUint32(4, true)]
    if (from > to || to - from > 2 ** 24) throw damaged()
    const [bytes] = to > from ? await this.read([[file, 4 * (count + 1) + from, to - from]]) : [new Uint8Array(0)]
    if (bytes.length !== to - from) throw damaged()
    return bytes
  }

  /**
   * The number of the item with a path; undefined if there is none.
   * @param {string} path
   */
  async find (path) {
    const { paths: each = 0, count } = this.manifest
    const hash = hashOf(path)
    for (let n = 0; each && n * each < count; n++) {
      const [bytes] = await this.read([[this.file('paths', n), 0, -1]])
      const table = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      for (let at = 0; at + 8 <= bytes.length; at += 8) {
        if (table.getUint32(at, true) !== hash) continue
        const item = await this.item(table.getUint32(at + 4, true))
        if (item.path === path) return item.item
      }
    }
  }

  /**
   * The items most like one, from what the index says: no engine is needed.
   * @param {number} item
   * @param {number} [k]
   * @returns {Promise<Match[]>}
   */
  async more (item, k = 12) {
    const { near } = await this.item(item)
    return Promise.all(near.slice(0, k).map(async ([n, score]) => ({ ...await this.item(n), score })))
  }

  /**
   * The items most like a vector.
   * @param {import('../lib/extractor.js').Extractor} extractor that has the index's model
   * @param {Float32Array} vector
   * @param {{k?: number, items?: Uint32Array, signal?: AbortSignal}} [options] items are those that may be found
   * @returns {Promise<Match[]>}
   */
  async search (extractor, vector, { k = 12, items, signal } = {}) {
    let allowed
    if (items) {
      allowed = new Uint8Array(this.manifest.count)
      for (const i of items) allowed[i] = 1
    }
    const found = await extractor.searchIndex(this.base, this.manifest, vector, { k, allowed }, signal)
    return Promise.all(Array.from(found.items, async (/** @type {number} */ n, i) => ({ ...await this.item(n), score: found.scores[i] })))
  }

  /**
   * The address of an item's small picture, or of the picture itself where there
   * are no small ones; undefined where there is neither.
   * @param {Item} item
   * @returns {Promise<string | undefined>}
   */
  async thumb (item) {
    if (!item.thumb) return item.url && new URL(item.url, document.baseURI).href
    const each = this.manifest.thumbs
    if (!each) return new URL(`small/${item.thumb}`, this.base).href
    const n = Math.floor(item.item / each)
    const bytes = await this.within(this.file('thumbs', n), item.item % each, Math.min(each, this.manifest.count - n * each))
    return URL.createObjectURL(new Blob([bytes], { type: this.manifest.pictures?.type }))
  }
}

/** @param {Uint8Array} bytes */
function parse (bytes) {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw damaged()
  }
}

function damaged () {
  return new LikenessError('index-invalid', 'the index is damaged or was copied incompletely: build it again, or copy all of its files again')
}

/**
 * The records of a file: count + 1 offsets, then the records.
 * @param {Uint8Array} bytes
 * @param {number} count
 */
function records (bytes, count) {
  const head = 4 * (count + 1)
  if (bytes.length < head) throw damaged()
  const view = new DataView(bytes.buffer, bytes.byteOffset, head)
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [view.getUint32(4 * i, true), view.getUint32(4 * i + 4, true)]
    if (from > to || head + to > bytes.length) throw damaged()
    return bytes.subarray(head + from, head + to)
  })
}

/**
 * 32-bit FNV-1a.
 * @param {string} path
 */
function hashOf (path) {
  let h = 2166136261
  for (const b of new TextEncoder().encode(path)) h = Math.imul(h ^ b, 16777619)
  return h >>> 0
}
