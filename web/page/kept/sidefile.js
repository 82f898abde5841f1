/** @typedef {import("../collection.js").Item} Item */
/** @typedef {import("../engine.js").Engine} Engine */

/** What made a set of vectors, in the words of FILE.json that likeness embed writes beside FILE.
 * @typedef {{model: string, model_hash: string, layer: string, pool: string, normalized: boolean, dim: number, prepare?: {resize?: string, width?: number, height?: number}}} Origin */

/** The rest of it: a value for each vector, in their order.
 * @typedef {Origin & {format?: string, count?: number, names?: string[], size?: number[], label?: string[], group?: string[]}} SideFile */

/**
 * What made the vectors of the page.
 * @param {Engine} engine
 * @returns {Origin}
 */
export function origin (engine) {
  const { model, layer, pool, resize } = engine.choice
  // The engine gives its fields in any order; what is saved twice is to be the same.
  const prepare = Object.fromEntries(Object.entries(engine.extractor?.info.preparation ?? {}).sort())
  return {
    model,
    model_hash: engine.extractor?.info.hash ?? '',
    layer,
    pool,
    normalized: true,
    dim: engine.length(),
    prepare: resize ? { ...prepare, resize } : prepare
  }
}

/**
 * The names of the groups, '' for none, or null where there are no groups.
 * @param {import("../collection.js").Collection} collection
 * @param {Item[]} items
 * @returns {string[]|null}
 */
export function groupNames (collection, items) {
  return collection.groups.length > 0 ? items.map((item) => collection.groupName(item)) : null
}

/**
 * FILE.json for vectors of the page. It has no checksum, since the page does
 * not know all that likeness embed --update wants to know.
 * @param {Engine} engine
 * @param {import("../collection.js").Collection} collection
 * @param {Item[]} items
 * @param {string} format
 * @returns {string}
 */
export function sideFile (engine, collection, items, format) {
  const group = groupNames(collection, items)
  /** @type {SideFile} */
  const side = {
    ...origin(engine),
    format,
    count: items.length,
    names: items.map(({ name }) => name),
    size: items.map(({ bytes }) => bytes),
    ...items.some(({ label }) => label) ? { label: items.map(({ label }) => label) } : {},
    ...group ? { group } : {}
  }
  return JSON.stringify(side, null, 1) + '\n'
}

/**
 * Reads FILE.json, by the page or by the command.
 * @param {string} text
 * @returns {SideFile}
 */
export function readSideFile (text) {
  /** @type {any} */
  let side
  try {
    side = JSON.parse(text)
  } catch {
    throw new Error('it is cut off or damaged')
  }
  return checkSide(side)
}

/**
 * @param {any} side as it came
 * @returns {SideFile}
 */
export function checkSide (side) {
  if (typeof side?.model_hash !== 'string' || typeof side.layer !== 'string' || typeof side.pool !== 'string') {
    throw new Error('it does not say which model, layer and pooling made the vectors')
  }
  for (const key of ['names', 'label', 'group', 'size']) {
    if (side[key] !== undefined && !Array.isArray(side[key])) throw new Error(`its ${key} are no list`)
  }
  return side
}
