/** @typedef {import("./collection.js").Item} Item */
/** @typedef {import("./collection.js").Collection} Collection */

/**
 * The pictures that are selected, one set for all views. Dispatches "change".
 */
export class Selection extends EventTarget {
  /** @param {Collection} collection pictures that leave it leave the selection */
  constructor (collection) {
    super()
    /** @type {Set<Item>} */
    this.items = new Set()
    collection.addEventListener('change', () => {
      if (this.items.size === 0) return
      const kept = collection.items.filter((item) => this.items.has(item))
      if (kept.length !== this.items.size) this.set(kept)
    })
  }

  get size () {
    return this.items.size
  }

  /** @param {Item} item */
  has (item) {
    return this.items.has(item)
  }

  /** @param {Iterable<Item>} items */
  set (items) {
    const next = new Set(items)
    if (next.size === this.items.size && [...next].every((item) => this.items.has(item))) return
    this.items = next
    this.dispatchEvent(new Event('change'))
  }

  /** @param {Iterable<Item>} items */
  add (items) {
    this.set([...this.items, ...items])
  }

  /** @param {Item} item */
  toggle (item) {
    const next = new Set(this.items)
    if (!next.delete(item)) next.add(item)
    this.set(next)
  }

  clear () {
    this.set([])
  }
}
