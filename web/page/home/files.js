import { count } from '../dom.js'
import { writeNPY } from '../kept/npy.js'
import { writeParquet } from '../kept/parquet.js'
import { csv } from '../save.js'
import { words } from '../words.js'
import { mapHere } from './gather.js'
import { draw, matrix, scatter } from './plot.js'

/** @typedef {import("./gather.js").Known} Known */
/** @typedef {import("./gather.js").Taught} Taught */
/** @typedef {import("./zip.js").Made} Made */

const w = words.home

/** Bytes of vectors above which there is no Parquet: making it takes several times that. */
const mostParquet = 256e6

/**
 * The files of a folder that is taken home.
 * @param {Known} known
 * @param {Taught|null} taught
 * @param {Date} when
 * @returns {Promise<Made[]>}
 */
export async function filesOf (known, taught, when) {
  const { names, data, dim, origin } = known
  const [script, readme] = await Promise.all([new URL('./analysis.py', import.meta.url), new URL('./README.txt', import.meta.url)].map(text))
  const parquet = data.byteLength <= mostParquet
  const about = `${w.readme(names.length, dim, origin, when)}${parquet ? '' : `\n${w.noParquet}`}`
  /** @type {Made[]} */
  const files = [
    { name: 'README.txt', blob: new Blob([readme.replace('{about}', () => about)]) },
    { name: 'analysis.py', blob: new Blob([script]) },
    { name: 'vectors.npy', blob: new Blob([writeNPY(data, dim)]) },
    { name: 'vectors.npy.json', blob: json(known.side) },
    { name: 'pictures.csv', blob: new Blob([csv(rows(known))], { type: 'text/csv;charset=utf-8' }) },
    { name: 'pictures.json', blob: json(JSON.stringify(pictures(known)) + '\n') },
    { name: 'shown.json', blob: json(JSON.stringify(known.shown) + '\n') }
  ]
  if (parquet) files.push({ name: 'vectors.parquet', blob: new Blob([await writeParquet({ names, data, dim, columns: columns(known), origin })]) })
  files.push(...await plots(known, taught))
  if (taught?.confusion) {
    const { classes, counts } = taught.confusion
    files.push({ name: 'confusion.csv', blob: new Blob([csv([['', ...classes], ...counts.map((row, i) => [classes[i], ...row])])], { type: 'text/csv;charset=utf-8' }) })
  }
  for (const part of [taught?.head, taught?.model]) if (part) files.push({ name: `models/${part.name}`, blob: part.blob })
  return files
}

/** @param {URL} address */
async function text (address) {
  const response = await fetch(address)
  if (!response.ok) throw new Error(w.missing(address.pathname.replace(/^.*\//, ''), response.status))
  return response.text()
}

/** @param {string} text */
const json = (text) => new Blob([text], { type: 'application/json' })

/**
 * @param {Known} known
 * @returns {[string, string[]][]}
 */
function columns ({ labels, groups, classes, told }) {
  /** @type {[string, string[]][]} */
  const all = [['label', labels], ['group', groups], ['class', classes ?? []], ['told', told?.map((one) => one?.label ?? '') ?? []]]
  return all.filter(([, values]) => values.some(Boolean))
}

/**
 * Where a picture lies on the map, null for nowhere.
 * @param {Known} known
 * @param {number} i
 * @returns {number[]|null}
 */
function place ({ map }, i) {
  if (!map || !Number.isFinite(map.coords[i * map.dims])) return null
  return Array.from(map.coords.subarray(i * map.dims, (i + 1) * map.dims))
}

/**
 * The table of the pictures.
 * @param {Known} known
 * @returns {(string|number)[][]}
 */
function rows (known) {
  const named = columns(known)
  const { map, names, told } = known
  const axes = map ? ['x', 'y', 'z'].slice(0, map.dims) : []
  const heading = ['name', ...named.map(([name]) => name), ...told ? ['score'] : [], ...axes]
  return [heading, ...names.map((name, i) => [name, ...named.map(([, values]) => values[i]), ...told ? [told[i]?.score ?? ''] : [], ...place(known, i) ?? axes.map(() => '')])]
}

/** The same for programs. @param {Known} known */
function pictures (known) {
  const { names, map, told } = known
  return {
    name: names,
    ...Object.fromEntries(columns(known)),
    ...told ? { score: told.map((one) => one?.score ?? null) } : {},
    ...map ? { place: names.map((_, i) => place(known, i)) } : {}
  }
}

/**
 * @param {Known} known
 * @param {Taught|null} taught
 */
async function plots ({ names, map, groups, labels, classes }, taught) {
  /** @type {Made[]} */
  const made = []
  if (map) {
    const kinds = /** @type {[string, string[]][]} */ ([['map-by-group', groups], ['map-by-label', labels], ['map-by-class', classes ?? []]]).filter(([, of]) => of.some(Boolean))
    for (const [name, of] of kinds.length > 0 ? kinds : [/** @type {[string, string[]]} */ (['map', labels])]) made.push(...await draw(`plots/${name}`, scatter(names, map, of, words.map)))
  }
  if (taught?.confusion) made.push(...await draw('plots/confusion', matrix(taught.confusion.classes, taught.confusion.counts, w.confusion)))
  return made
}

/**
 * What there will be in the folder, line by line.
 * @param {import("../views.js").Page} page
 * @param {Taught|null} taught
 */
export function contents ({ collection, engine }, taught) {
  const items = collection.done()
  const labels = new Set(items.map(({ label }) => label).filter(Boolean)).size
  const waiting = collection.items.length - items.length
  return [
    w.vectors(items.length, engine.length()),
    labels > 0 ? count(labels, 'label') : w.noLabels,
    collection.groups.length > 0 ? count(collection.groups.length, 'group') : w.noGroups,
    collection.laid && mapHere(collection.laid, engine) ? w.map(words.map.methods[collection.laid.map.method]) : w.newMap,
    ...taught ? [w.taught] : [],
    w.script,
    ...waiting > 0 ? [w.waiting(waiting)] : []
  ]
}
