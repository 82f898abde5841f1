import { byId, notice } from './dom.js'
import { words } from './words.js'

/** @typedef {import("./collection.js").Item} Item */
/** @typedef {import("./collection.js").Picture} Picture */
/** @typedef {import("./collection.js").Collection} Collection */
/** @typedef {import("./engine.js").Engine} Engine */
/** @typedef {import("./thumbs.js").Thumbs} Thumbs */
/** @typedef {import("./route.js").Route} Route */
/** @typedef {import("../lib/extractor.js").Note} Note */
/** @typedef {{item: Item|null, picture: Picture|null, name: string, image: string, vector: Float32Array, notes: Note[]}} Query */

/** Vectors up to which a search copies them. */
const many = 2000

/**
 * The picture that is searched with, and the order it gives. The address names
 * it (like): a picture of the collection by its key, one from outside by a key
 * that holds as long as the page is open. Dispatches "change" when the query
 * or the order has become another.
 */
export class Search extends EventTarget {
  /**
   * @param {Engine} engine
   * @param {Collection} collection
   * @param {Thumbs} thumbs
   * @param {Route} route
   * @param {import("./vectors.js").Vectors} vectors
   */
  constructor (engine, collection, thumbs, route, vectors) {
    super()
    this.vectors = vectors
    this.thumbs = thumbs
    this.engine = engine
    this.collection = collection
    this.route = route
    /** @type {Query|null} */
    this.query = null
    /** Key of the query, '' without one. */
    this.key = ''
    /** Queries from outside the collection. @type {Map<string, Query>} */
    this.outside = new Map()
    /** Items by falling likeness, empty without a query. @type {Item[]} */
    this.order = []
    /** Cosine to the query by item. @type {Map<Item, number>} */
    this.scores = new Map()
    /** How many of the order are more alike than strangers; all where that is not known. */
    this.near = 0
    this.turn = 0
    /** Pictures from outside that were asked for; pictures that end being read meanwhile take none of them back. */
    this.asked = 0
    this.bar = byId('query', HTMLElement)
    route.addEventListener('change', () => void this.follow())
    collection.addEventListener('change', () => void (this.query ? this.refresh() : this.follow()))
  }

  /** Takes up the query that the address names, as soon as it is known. */
  async follow () {
    const key = this.route.get('like')
    if (key === this.key && this.query) return
    if (key === '') {
      this.clear()
      return
    }
    const item = this.collection.byKey.get(key)
    const outside = this.outside.get(key)
    if (item?.vector) await this.rank(queryOf(item), key)
    else if (outside) await this.rank(outside, key)
    else if (this.query) this.clear()
  }

  /**
   * Searches with a picture that is not in the collection.
   * @param {Picture} picture
   */
  async byPicture (picture) {
    const asked = ++this.asked
    try {
      const query = await this.read(picture)
      if (asked !== this.asked) return
      const key = `outside ${this.outside.size + 1}`
      this.outside.set(key, query)
      this.route.set({ like: key, show: '' })
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      notice('query', 'bad', `${picture.name} could not be used to search: ${message}`)
    }
  }

  /**
   * @param {Picture} picture
   * @returns {Promise<Query>}
   */
  async read (picture) {
    if (!picture.file) throw new Error('its file is not here')
    const extractor = await this.engine.ready()
    const { layer, pool, resize } = this.engine.choice
    const { vector, notes } = await extractor.describe(picture.file, { layer, pool, resize: resize || undefined, normalize: true })
    const thumb = await this.thumbs.of(picture.file)
    return { item: null, picture, name: picture.name, image: thumb ? URL.createObjectURL(thumb) : '', vector, notes }
  }

  /**
   * @param {Query} query
   * @param {string} key
   */
  async rank (query, key) {
    const turn = ++this.turn
    const { items, matches } = await this.ranked(query.vector)
    if (turn !== this.turn) return
    this.query = query
    this.key = key
    this.order = matches.map(({ index }) => items[index])
    this.scores = new Map(matches.map(({ index, score }) => [items[index], score]))
    const unlike = this.engine.unlike()
    const far = unlike === null ? -1 : matches.findIndex(({ score }) => score < unlike)
    this.near = far < 0 ? items.length : far
    this.show()
    this.dispatchEvent(new Event('change'))
  }

  /**
   * Few vectors are handed to the engine; many lie with the one that makes maps,
   * where they need not be copied for each search.
   * @param {Float32Array} vector
   * @returns {Promise<{items: Item[], matches: {index: number, score: number}[]}>}
   */
  async ranked (vector) {
    const items = this.collection.done()
    if (items.length > many) {
      const { analysis, items } = await this.vectors.ready()
      return { items, matches: await analysis.rank(vector) }
    }
    const extractor = await this.engine.ready()
    return { items, matches: await extractor.rank(vector, items.map((item) => /** @type {Float32Array} */ (item.vector))) }
  }

  /** Ranks again after vectors came or went; the query's own may be new too. */
  async refresh () {
    const { query, key } = this
    if (!query) return
    if (!query.item) await this.rank(query, key)
    else if (query.item.vector && this.collection.byKey.get(key) === query.item) await this.rank(queryOf(query.item), key)
    else this.clear()
  }

  /** After a change of settings queries from outside need vectors of the new kind. */
  async renew () {
    const { query, key } = this
    for (const [old, { picture }] of [...this.outside]) {
      if (old !== key || !picture) this.outside.delete(old)
      else this.outside.set(old, await this.read(picture))
    }
    const fresh = this.outside.get(key)
    if (query?.picture && fresh) await this.rank(fresh, key)
    else await this.refresh()
  }

  /** Back to no query; the address no longer names one. */
  clear () {
    this.turn++
    if (!this.query) return
    const { key } = this
    this.query = null
    this.key = ''
    this.order = []
    this.scores = new Map()
    this.show()
    if (this.route.get('like') === key) this.route.set({ like: '' }, { replace: true })
    this.dispatchEvent(new Event('change'))
  }

  show () {
    const { query } = this
    this.bar.hidden = !query
    if (!query) return
    const image = query.item?.thumbURL || query.image
    byId('query-view', HTMLElement).hidden = image === ''
    if (image) byId('query-image', HTMLImageElement).src = image
    byId('query-name', HTMLElement).textContent = query.name
    const others = this.near - (query.item ? 1 : 0)
    byId('query-note', HTMLElement).textContent = [this.near < this.order.length ? words.frame.near(others) : words.frame.scale, ...query.notes.map(({ message }) => message)].join('; ')
    byId('query-add', HTMLButtonElement).hidden = query.picture === null
  }
}

/**
 * @param {Item} item with a vector
 * @returns {Query}
 */
function queryOf (item) {
  return { item, picture: null, name: item.name, image: item.thumbURL, vector: /** @type {Float32Array} */ (item.vector), notes: item.notes }
}
