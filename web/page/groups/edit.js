/** @typedef {import("../collection.js").Item} Item */
/** @typedef {import("../collection.js").Group} Group */
/** @typedef {import("../views.js").Page} Page */
/** @typedef {{groups: Group[], ids: Map<Item, number>}} Grouping */

/**
 * The grouping as it is.
 * @param {Page} page
 * @returns {Grouping}
 */
export function groupingOf ({ collection }) {
  return {
    groups: collection.groups.map((group) => ({ ...group })),
    ids: new Map(collection.items.filter((item) => item.group >= 0).map((item) => [item, item.group]))
  }
}

/**
 * Changes the grouping; can be undone. Groups that nothing belongs to any more
 * go.
 * @param {Page} page
 * @param {string} label
 * @param {(next: Grouping) => void} change
 */
export function regroup (page, label, change) {
  const before = groupingOf(page)
  const next = groupingOf(page)
  change(next)
  const used = new Set(next.ids.values())
  next.groups = next.groups.filter((group) => used.has(group.id))
  const use = (/** @type {Grouping} */ { groups, ids }) => page.collection.setGroups(groups, ids)
  page.undo.do({ label, redo: () => use(next), undo: () => use(before) })
}

/** A number that no group has. @param {Group[]} groups */
export function freshId (groups) {
  return groups.reduce((most, group) => Math.max(most, group.id), -1) + 1
}

/**
 * A name that no group has: the name, or it with a number.
 * @param {Group[]} groups
 * @param {string} name
 */
export function freshName (groups, name) {
  const taken = new Set(groups.map((group) => group.name))
  let out = name
  for (let n = 2; taken.has(out); n++) out = `${name} (${n})`
  return out
}

/**
 * The pictures of each group, in the order of the collection, and those of none.
 * @param {Page} page
 * @returns {{of: Map<number, Item[]>, none: Item[]}}
 */
export function membersOf ({ collection }) {
  /** @type {Map<number, Item[]>} */
  const of = new Map(collection.groups.map((group) => [group.id, []]))
  /** @type {Item[]} */
  const none = []
  for (const item of collection.items) (of.get(item.group) ?? none).push(item)
  return { of, none }
}

/**
 * Puts the picture first whose vector is nearest to the group's mean.
 * @param {Item[]} items
 */
export function centralFirst (items) {
  const read = items.filter((item) => item.vector)
  if (read.length < 3) return items
  const mean = new Float64Array(/** @type {Float32Array} */ (read[0].vector).length)
  for (const { vector } of read) /** @type {Float32Array} */ (vector).forEach((x, k) => { mean[k] += x })
  const score = (/** @type {Item} */ { vector }) => {
    if (!vector) return -Infinity
    let dot = 0
    let square = 0
    for (let k = 0; k < mean.length; k++) {
      dot += vector[k] * mean[k]
      square += vector[k] * vector[k]
    }
    return square > 0 ? dot / Math.sqrt(square) : -Infinity
  }
  const scores = new Map(items.map((item) => [item, score(item)]))
  return [...items].sort((a, b) => (scores.get(b) ?? 0) - (scores.get(a) ?? 0))
}
