import { Analysis } from '../likeness.js'
import { breather } from './dom.js'

/** @typedef {import("./collection.js").Collection} Collection */
/** @typedef {import("./collection.js").Item} Item */

/**
 * The collection's vectors in a worker that makes maps and groups of them. It
 * is started when it is first needed.
 */
export class Vectors {
  /** @param {Collection} collection */
  constructor (collection) {
    this.collection = collection
    /** @type {Promise<Analysis>|null} */
    this.starting = null
    /** Version of the collection whose vectors the worker has. */
    this.version = -1
    /** The pictures whose vectors it has, in their order. @type {Item[]} */
    this.items = []
    /** @type {Promise<unknown>} */
    this.last = Promise.resolve()
  }

  /**
   * The worker with the vectors of all pictures that have been read.
   * @returns {Promise<{analysis: Analysis, items: Item[], version: number}>}
   */
  ready () {
    const mine = this.last.catch(() => {}).then(() => this.set())
    this.last = mine
    return mine
  }

  async set () {
    this.starting ??= Analysis.start()
    this.starting.catch(() => { this.starting = null })
    const analysis = await this.starting
    const { version } = this.collection
    if (version !== this.version) {
      const items = this.collection.done()
      const dim = items[0]?.vector?.length ?? 1
      const data = new Float32Array(items.length * dim)
      const rest = breather()
      for (const [i, item] of items.entries()) {
        await rest()
        // One that has been read anew since, by another layer, makes another version.
        if (item.vector?.length === dim) data.set(item.vector, i * dim)
      }
      await analysis.set(data, dim)
      this.items = items
      this.version = version
    }
    return { analysis, items: this.items, version: this.version }
  }
}
