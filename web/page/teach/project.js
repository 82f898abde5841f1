import { makeZip } from '../home/zip.js'
import { openZip } from '../home/unzip.js'
import { readNPY, writeNPY } from '../kept/npy.js'
import { checkSide, origin } from '../kept/sidefile.js'
import { words } from '../words.js'

/** @typedef {import("../views.js").Page} Page */
/** @typedef {import("../collection.js").Item} Item */
/** @typedef {import("../collection.js").Picture} Picture */
/** @typedef {import("../task.js").Hooks} Hooks */

/** The end of a project's file name. */
export const projectEnd = '.likeness.zip'

/** Version of the format; a page reads its own and those before. */
const version = 1

/** What is written of a picture as it is. @type {("key"|"name"|"label"|"group"|"width"|"height"|"bytes"|"date"|"notes")[]} */
const told = ['key', 'name', 'label', 'group', 'width', 'height', 'bytes', 'date', 'notes']

/**
 * Everything on the page but the pictures themselves, in one file: a .zip of
 * project.json, vectors.npy, thumbs.bin (small pictures one after the other)
 * and model.safetensors (what was learned).
 * @param {Page} page
 * @param {Hooks} hooks
 * @returns {Promise<Blob>}
 */
export async function saveProject (page, { signal, onProgress }) {
  const { collection, engine, lesson, thumbs } = page
  const items = collection.done()
  const dim = items[0]?.vector?.length ?? 0
  const data = new Float32Array(items.length * dim)
  /** @type {Blob[]} */
  const small = []
  /** @type {{size: number, type: string}[]} */
  const sizes = []
  for (const [i, item] of items.entries()) {
    signal.throwIfAborted()
    data.set(/** @type {Float32Array} */ (item.vector), i * dim)
    const blob = await thumbs.blob(item)
    sizes.push({ size: blob?.size ?? 0, type: blob?.type ?? '' })
    if (blob) small.push(blob)
    if (i % 50 === 0) onProgress({ done: 0.7 * i / items.length })
  }
  const { result, ...rest } = lesson.stored()
  const { laid } = collection
  const project = {
    likeness: 'project',
    version,
    choice: engine.choice,
    origin: origin(engine),
    groups: collection.groups,
    pictures: items.map((item, i) => ({ ...Object.fromEntries(told.map((key) => [key, item[key]])), thumb: sizes[i] })),
    laid: laid && { ...laid, map: { ...laid.map, coords: [...laid.map.coords] } },
    lesson: { ...rest, result: result && { ...result, model: undefined } }
  }
  const files = [
    { name: 'project.json', blob: new Blob([JSON.stringify(project)]) },
    { name: 'vectors.npy', blob: writeNPY(data, Math.max(dim, 1)) },
    { name: 'thumbs.bin', blob: new Blob(small) },
    ...result ? [{ name: 'model.safetensors', blob: result.model }] : []
  ]
  return makeZip(files, new Date(), signal)
}

/**
 * Opens a project in place of what is on the page, which stays as it is where
 * the file cannot be opened. Throws an Error that says why.
 * @param {Page} page
 * @param {Blob} file
 * @param {() => Promise<boolean>} sure asked when all is read, before anything is replaced
 * @returns {Promise<boolean>} false where it was not sure
 */
export async function openProject (page, file, sure) {
  const { project, pictures, stored } = await readProject(file)
  const { engine, collection } = page
  const { choice } = project
  await engine.ready()
  if (engine.models.every(({ name }) => name !== choice.model)) throw new Error(words.kept.noModel(choice.model))
  if (!await sure()) return false
  const former = engine.choice
  await engine.use(choice)
  const fits = pictures.length === 0 || pictures[0].vector?.length === engine.length()
  if (engine.extractor?.info.hash !== project.origin.model_hash || !fits) {
    await engine.use(former)
    throw new Error(fits ? words.kept.otherModel(choice.model) : words.teach.otherLength)
  }
  page.leave()
  collection.laid = project.laid
  await collection.add(pictures)
  collection.setGroups(project.groups, new Map(collection.items.filter(({ group }) => group >= 0).map((item) => [item, item.group])))
  page.lesson.restore(stored)
  return true
}

/**
 * @param {Blob} file
 * @returns {Promise<{project: any, pictures: Picture[], stored: import("./lesson.js").Stored}>}
 */
async function readProject (file) {
  const files = await openZip(file)
  const part = (/** @type {string} */ name) => {
    const read = files.get(name)
    if (!read) throw new Error(`it holds no ${name}: it is not a project that this page has saved`)
    return read()
  }
  const project = checkProject(await (await part('project.json')).text())
  const { data, rows, dim } = readNPY(await (await part('vectors.npy')).arrayBuffer())
  const thumbs = await part('thumbs.bin')
  const { pictures: list } = project
  if (rows !== list.length) throw new Error(`it has ${list.length} pictures and ${rows} vectors: it was changed`)
  if (!data.every(Number.isFinite)) throw new Error('its vectors hold values that are no numbers')
  let at = 0
  const pictures = list.map((/** @type {any} */ { thumb, ...rest }, /** @type {number} */ i) => {
    const blob = thumb.size > 0 ? thumbs.slice(at, at += thumb.size, thumb.type) : null
    return { ...rest, file: null, vector: data.slice(i * dim, (i + 1) * dim), thumb: blob }
  })
  if (at !== thumbs.size) throw new Error('its small pictures do not go with its list: it was changed')
  const { lesson } = project
  const result = lesson.result && { ...lesson.result, model: await part('model.safetensors') }
  return { project, pictures, stored: { ...lesson, result } }
}

/**
 * Checks all that the page builds on; the rest is text that it shows.
 * @param {string} text
 */
function checkProject (text) {
  /** @type {any} */
  let project
  try {
    project = JSON.parse(text)
  } catch {
    throw new Error('its project.json is cut off or damaged')
  }
  if (project?.likeness !== 'project') throw new Error('it is not a project of this page')
  if (!(project.version <= version)) throw new Error('a newer version of this page has saved it: reload, or open it there')
  const { choice, pictures, groups, laid, lesson } = project
  const damaged = (/** @type {boolean} */ good, /** @type {string} */ what) => { if (!good) throw new Error(`${what} in it cannot be read: it was changed`) }
  const strings = (/** @type {any} */ list) => Array.isArray(list) && list.every((one) => typeof one === 'string')
  const numbers = (/** @type {any} */ list, /** @type {number} */ n) => Array.isArray(list) && list.length === n && list.every((one) => typeof one === 'number')
  checkSide(project.origin)
  damaged(['model', 'layer', 'pool', 'resize'].every((key) => typeof choice?.[key] === 'string'), 'The choice of the model')
  damaged(Array.isArray(pictures) && pictures.every((one) => typeof one?.key === 'string' && typeof one.name === 'string' && typeof one.label === 'string' && Number.isInteger(one.group) &&
    ['width', 'height', 'bytes', 'date'].every((key) => Number.isFinite(one[key])) && Array.isArray(one.notes) && Number.isInteger(one.thumb?.size) && one.thumb.size >= 0 &&
    (one.thumb.size === 0 || /^image\//.test(one.thumb.type))), 'The list of pictures')
  damaged(Array.isArray(groups) && groups.every((one) => Number.isInteger(one?.id) && typeof one.name === 'string'), 'The groups')
  damaged(laid === null || typeof laid?.asked === 'string' && strings(laid.keys) && [2, 3].includes(laid.map?.dims) && numbers(laid.map.coords, laid.keys.length * laid.map.dims), 'The map')
  const { options, result } = lesson ?? {}
  damaged(strings(lesson?.classes) && strings(lesson.out) && Object.hasOwn(words.teach.heads, options?.head) && (options.widths === undefined || Array.isArray(options.widths)), 'The classes')
  damaged(result === null || strings(result?.labels) && strings(result.keys) && typeof result.name === 'string' && !/[/\\:]|^\./.test(result.name) && typeof result.choice?.model === 'string' && ['told', 'score', 'learned'].every((key) => numbers(result[key], result.keys.length)) &&
    [...result.told, ...result.learned].every((i) => Number.isInteger(i) && i < result.labels.length) && Number.isFinite(result.report?.threshold) && typeof result.options === 'object' && [result.report.measured, result.report.headAlone ?? null].every((one) => one === null || goodMeasure(one, result.labels.length)) &&
    (result.report.agreement === undefined || ['mean', 'classes'].every((key) => Number.isFinite(result.report.agreement?.[key]))), 'What was learned')
  if (laid) laid.map.coords = Float32Array.from(laid.map.coords)
  return project
}

/**
 * Whether figures have the shape that is shown.
 * @param {any} measured
 * @param {number} classes
 */
function goodMeasure (measured, classes) {
  const { accuracy, foldAccuracy, folds, vectors, confusion, classes: each } = measured
  const numbers = (/** @type {any} */ list) => Array.isArray(list) && list.every(Number.isFinite)
  return [accuracy, folds, vectors].every(Number.isFinite) && numbers(foldAccuracy) && Array.isArray(confusion) && confusion.length === classes && confusion.every((row) => numbers(row) && row.length === classes) &&
    Array.isArray(each) && each.every((one) => typeof one?.label === 'string' && [one.vectors, one.precision, one.recall, one.f1].every(Number.isFinite))
}
