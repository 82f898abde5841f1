import { breather, notice } from '../dom.js'
import { readVectors } from './read.js'
import { Paths } from '../paths.js'
import { words } from '../words.js'

/** @typedef {import("../views.js").Page} Page */
/** @typedef {import("../collection.js").Picture} Picture */
/** @typedef {import("./read.js").Named} Named */
/** @typedef {import("./read.js").VectorSet} VectorSet */
/** @typedef {import("./sidefile.js").Origin} Origin */

const w = words.bring

/** Pictures up to which the page has been tried. */
export const mostPictures = 100000

/**
 * What came of files of vectors: pictures with their vectors, and the name of
 * each one's group where there are groups.
 * @typedef {{pictures: Picture[], groups: Map<Picture, string>}} Brought
 */

/**
 * Reads files of vectors, checks that they are of the model, layer and pooling
 * of the page, or chooses these where the page is empty, and joins them with
 * pictures that came along. What cannot be taken is put among the problems.
 * @param {Page} page
 * @param {Named[][]} sets as partVectors gives them
 * @param {Picture[]} pictures those that came along
 * @returns {Promise<Brought>} with the pictures that no vector belongs to at the end
 */
export async function bringVectors (page, sets, pictures) {
  /** @type {Brought} */
  const brought = { pictures: [], groups: new Map() }
  let left = pictures
  for (const set of sets) {
    try {
      const vectors = await readVectors(set)
      const rows = vectors.data.length / vectors.dim
      if (page.collection.items.length + brought.pictures.length + rows > mostPictures) throw new Error(w.tooMany(rows, mostPictures))
      await suit(page, vectors, brought.pictures.length > 0)
      if (!vectors.origin) notice('unsaid', 'warn', w.unsaid(vectors.file, `${page.engine.choice.model}, ${page.engine.choice.layer}`))
      left = await join(vectors, left, brought)
    } catch (error) {
      page.problems.add(set[0].name, error)
    }
  }
  brought.pictures.push(...left)
  return brought
}

/**
 * Whether the page makes such vectors: gem:P has a power of 1 to 100.
 * @param {string} pool
 * @returns {pool is import("../engine.js").Pool}
 */
function isPool (pool) {
  const power = Number(/^gem:(\d+(?:\.\d+)?)$/.exec(pool)?.[1] ?? NaN)
  return ['avg', 'max', 'flatten', 'gem'].includes(pool) || power >= 1 && power <= 100
}

/**
 * Makes sure that vectors and page are of one kind.
 * @param {Page} page
 * @param {VectorSet} vectors
 * @param {boolean} others whether vectors of the page's kind are on their way to it
 */
async function suit ({ engine, collection, embedder }, { origin, dim }, others) {
  await engine.ready()
  if (!origin) {
    if (dim !== engine.length()) throw new Error(w.otherLength(dim, engine.length(), engine.choice.layer))
    return
  }
  if (origin.normalized === false) throw new Error(w.notNormalised)
  const model = engine.models.find(({ sha256, name }) => (sha256 ? sha256 === origin.model_hash : name === origin.model))
  if (!model) throw new Error(w.otherModel(origin.model, engine.models.map(({ name }) => name)))
  const { layer, pool } = origin
  if (!isPool(pool)) throw new Error(w.otherPool(pool))
  const busy = others || embedder.running !== null || collection.items.length > 0
  /** @type {import("../engine.js").Choice} */
  const choice = { model: model.name, layer, pool, resize: engine.choice.resize }
  const former = { ...engine.choice }
  const same = former.model === choice.model && former.layer === layer && former.pool === pool
  if (!same) {
    if (busy) throw new Error(w.otherKind(`${origin.model}, ${layer}, ${pool}`, `${former.model}, ${former.layer}, ${former.pool}`))
    await engine.use(choice)
  }
  try {
    const resize = resizeOf(origin, engine.extractor?.info.preparation)
    if (resize === null) throw new Error(w.otherPreparation)
    if (resize !== former.resize) {
      if (busy) throw new Error(w.otherPreparation)
      await engine.use({ ...choice, resize })
    }
    if (engine.length() !== dim) throw new Error(w.otherLength(dim, engine.length(), layer))
  } catch (error) {
    if (!busy) await engine.use(former)
    throw error
  }
}

/**
 * The setting of the page that a preparation stands for, null for none.
 * @param {Origin} origin
 * @param {any} own the model's preparation
 * @returns {import("../engine.js").Resize|null}
 */
function resizeOf ({ prepare }, own) {
  if (!prepare || !own) return ''
  if (prepare.width !== own.width || prepare.height !== own.height) return null
  if (prepare.resize === own.resize) return ''
  return ['shorter', 'stretch', 'fit', 'tiles'].includes(prepare.resize ?? '') ? /** @type {import("../engine.js").Resize} */ (prepare.resize) : null
}

/**
 * @param {VectorSet} vectors
 * @param {Picture[]} pictures
 * @param {Brought} brought takes what is joined
 * @returns {Promise<Picture[]>} the pictures that are left
 */
async function join ({ names, data, dim, label, group, size }, pictures, brought) {
  const files = new Paths(pictures)
  const taken = new Set()
  const rest = breather()
  for (let i = 0; i < data.length / dim; i++) {
    await rest()
    const name = names?.[i] ?? String(i)
    const match = files.find(name)
    // A file of another size is another version of the picture: it is read anew.
    const found = match && !taken.has(match) && (!size?.[i] || match.file?.size === size[i]) ? match : undefined
    if (found) taken.add(found)
    /** @type {Picture} */
    const picture = {
      ...found,
      name: found?.name ?? name.replace(/^(\.{0,2}\/)+/, ''),
      file: found?.file ?? null,
      vector: data.slice(i * dim, (i + 1) * dim),
      bytes: size?.[i] ?? 0,
      ...label?.[i] ? { label: label[i] } : {}
    }
    brought.pictures.push(picture)
    if (group?.[i]) brought.groups.set(picture, group[i])
  }
  return pictures.filter((picture) => !taken.has(picture))
}
