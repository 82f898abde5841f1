/**
 * Things by their paths. A path may be known from another folder up, so that one
 * has only to end as the other does.
 * @template {{name: string}} T
 */
export class Paths {
  /** @param {Iterable<T>} things */
  constructor (things) {
    /** @type {Map<string, T[]>} */
    this.byFile = new Map()
    for (const thing of things) {
      const file = last(thing.name)
      this.byFile.set(file, [...this.byFile.get(file) ?? [], thing])
    }
  }

  /**
   * The one thing that a path can mean, if there is just one.
   * @param {string} name
   * @returns {T|undefined}
   */
  find (name) {
    const found = (this.byFile.get(last(name)) ?? []).filter((thing) => endsAlike(thing.name, name))
    return found.find((thing) => thing.name === name) ?? (found.length === 1 ? found[0] : undefined)
  }
}

/** @param {string} name */
const last = (name) => name.slice(name.lastIndexOf('/') + 1)

/**
 * @param {string} a
 * @param {string} b
 */
function endsAlike (a, b) {
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  const bare = short.replace(/^(\.{0,2}\/)+/, '')
  return long === bare || long.endsWith(`/${bare}`)
}
