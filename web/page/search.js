import { byId, notice } from './dom.js'

/** @typedef {import("./collection.js").Item} Item */
/** @typedef {import("./collection.js").Picture} Picture */
/** @typedef {import("./collection.js").Collection} Collection */
/** @typedef {import("./engine.js").Engine} Engine */
/** @typedef {import("./thumbs.js").Thumbs} Thumbs */
/** @typedef {import("./collection.js").Note} Note */
/** @typedef {{item: Item|null, picture: Picture|null, name: string, image: string, vector: Float32Array, notes: Note[]}} Query */

/**
 * The present query and the order it gives. Dispatches "change" when either
 * does.
 */
export class Search extends EventTarget {
  /**
   * @param {Engine} engine
   * @param {Collection} collection
   * @param {Thumbs} thumbs
   */
  constructor (engine, collection, thumbs) {
    super()
    this.thumbs = thumbs
    this.engine = engine
    this.collection = collection
    /** @type {Query|null} */
    this.query = null
    /** Items by falling likeness, empty without a query. @type {Item[]} */
    this.order = []
    /** Cosine to the query by item. @type {Map<Item, number>} */
    this.scores = new Map()
    this.turn = 0
    this.bar = byId('query', HTMLElement)
  }

  /** @param {Item} item */
  async byItem (item) {
    if (!item.vector) return
    await this.rank({ item, picture: null, name: item.name, image: item.thumbURL, vector: item.vector, notes: item.notes })
  }

  /**
   * Searches with a picture that is not in the collection.
   * @param {Picture} picture
   */
  async byPicture (picture) {
    const turn = ++this.turn
    try {
      const extractor = await this.engine.ready()
      const { layer, pool, resize } = this.engine.choice
      const { vector, notes } = await extractor.describe(picture.file, { layer, pool, resize: resize || undefined, normalize: true })
      const thumb = await this.thumbs.of(picture.file)
      if (turn !== this.turn) return
      await this.rank({ item: null, picture, name: picture.name, image: thumb ? URL.createObjectURL(thumb) : '', vector, notes })
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      notice('query', 'bad', `${picture.name} could not be used to search: ${message}`)
    }
  }

  /** @param {Query} query */
  async rank (query) {
    const turn = ++this.turn
    const items = this.collection.done()
    const extractor = await this.engine.ready()
    const vectors = items.map((item) => /** @type {Float32Array} */ (item.vector))
    const matches = await extractor.rank(query.vector, vectors)
    if (turn !== this.turn) return
    this.release(query)
    this.query = query
    this.order = matches.map(({ index }) => items[index])
    this.scores = new Map(matches.map(({ index, score }) => [items[index], score]))
    this.show()
    this.dispatchEvent(new Event('change'))
  }

  /** Ranks again after vectors came or went; the query's own may be new too. */
  async refresh () {
    const { query } = this
    if (!query) return
    if (query.item) {
      if (this.collection.items.includes(query.item)) await this.byItem(query.item)
      else this.clear()
    } else {
      await this.rank(query)
    }
  }

  /** After a change of settings a query from outside needs a vector of the new kind. */
  async renew () {
    if (this.query?.picture) await this.byPicture(this.query.picture)
    else await this.refresh()
  }

  clear () {
    this.turn++
    if (!this.query) return
    this.release(null)
    this.query = null
    this.order = []
    this.scores = new Map()
    this.show()
    this.dispatchEvent(new Event('change'))
  }

  /**
   * Frees the image of a query from outside that is being replaced.
   * @param {Query|null} next
   */
  release (next) {
    const old = this.query
    if (old?.picture && old.image && old.image !== next?.image) URL.revokeObjectURL(old.image)
  }

  show () {
    const { query } = this
    this.bar.hidden = !query
    if (!query) return
    const image = query.item?.thumbURL || query.image
    byId('query-view', HTMLElement).hidden = image === ''
    if (image) byId('query-image', HTMLImageElement).src = image
    byId('query-name', HTMLElement).textContent = query.name
    byId('query-note', HTMLElement).textContent = ['1.00 is the same, 0 is unlike', ...query.notes.map(({ message }) => message)].join('; ')
    byId('query-add', HTMLButtonElement).hidden = query.picture === null
  }
}
