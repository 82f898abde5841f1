import { Analysis } from '../../likeness.js'
import { readParquet } from './parquet.js'
import { checkSide, readSideFile } from './sidefile.js'

/** @typedef {import("./sidefile.js").SideFile} SideFile */
/** @typedef {import("./sidefile.js").Origin} Origin */

/** A file by its path. @typedef {{name: string, file: Blob}} Named */

/** Vectors that came in a file, a row of data for each. names is null where no file has them; size holds bytes of
 * the pictures' files, where they are known.
 * @typedef {{file: string, names: string[]|null, data: Float32Array, dim: number, label: string[]|null, group: string[]|null, size: number[]|null, origin: Origin|null}} VectorSet */

/** Files of vectors by the end of their names. @type {[RegExp, string][]} */
const formats = [[/\.npy$/i, 'npy'], [/\.jsonl$/i, 'jsonl'], [/\.parquet$/i, 'parquet'], [/\.csv$/i, 'csv'], [/\.tsv$/i, 'tsv']]

/** @param {string} name */
const formatOf = (name) => formats.find(([end]) => end.test(name))?.[1] ?? ''

/**
 * Parts what may hold vectors from other files. A table is taken for one by its
 * first bytes, or by the files beside it.
 * @param {Named[]} files
 * @returns {Promise<{sets: Named[][], others: Named[]}>} sets begin with the file of vectors, what belongs to it follows
 */
export async function partVectors (files) {
  const byName = new Map(files.map((file) => [file.name, file]))
  /** @type {Named[][]} */
  const sets = []
  const used = new Set()
  for (const file of files) {
    const format = formatOf(file.name)
    if (!format || /\.metadata\.tsv$/i.test(file.name)) continue
    const beside = [`${file.name}.json`, file.name.replace(/\.tsv$/i, '.metadata.tsv'), `${file.name}.metadata.tsv`]
      .flatMap((name) => (name !== file.name && byName.get(name)) || [])
    if (format === 'csv' && !(await head(file.file)).startsWith('name,v0')) continue
    if (format === 'tsv' && beside.length === 0 && !/^-?[\d.]+(e[-+]?\d+)?\t/.test(await head(file.file))) continue
    sets.push([file, ...beside])
    for (const one of [file, ...beside]) used.add(one)
  }
  return { sets, others: files.filter((file) => !used.has(file)) }
}

/** @param {Blob} file */
async function head (file) {
  return file.slice(0, 64).text().catch(() => '')
}

/**
 * Reads one set of partVectors. Throws an Error that says what is wrong with
 * which file and what to do.
 * @param {Named[]} set
 * @returns {Promise<VectorSet>}
 */
export async function readVectors ([main, ...beside]) {
  const format = formatOf(main.name)
  const side = await sideOf(main, beside)
  const bytes = await main.file.arrayBuffer()
  const read = format === 'parquet' ? await readParquet(bytes) : await readRows(new Uint8Array(bytes), format, beside)
  const columns = new Map(read.columns)
  /** @type {VectorSet} */
  const result = {
    file: main.name,
    names: read.names ?? side?.names ?? null,
    data: read.data,
    dim: read.dim,
    label: columns.get('label') ?? side?.label ?? null,
    group: columns.get('group') ?? side?.group ?? null,
    size: side?.size ?? null,
    origin: side ?? (read.origin && checkSide(read.origin))
  }
  const rows = read.dim > 0 ? read.data.length / read.dim : 0
  if (rows === 0) throw new Error('It holds no vectors: embed some pictures first.')
  if (side?.dim !== undefined && side.dim !== read.dim || [result.names, result.label, result.group, result.size].some((list) => list && list.length !== rows)) {
    throw new Error(`${main.name}.json is of other vectors: one of the two was changed or replaced. Take both from one run, or leave the .json out.`)
  }
  return result
}

/**
 * @param {Named} main
 * @param {Named[]} beside
 * @returns {Promise<SideFile|null>}
 */
async function sideOf (main, beside) {
  const json = beside.find(({ name }) => name === `${main.name}.json`)
  if (!json) return null
  try {
    return readSideFile(await json.file.text())
  } catch (error) {
    throw new Error(`${json.name} cannot be used: ${error instanceof Error ? error.message : error}. Take it anew from where it came, or leave it out.`)
  }
}

/**
 * Numbers in NumPy's format or as text, by the engine, in a worker whose memory
 * is given back afterwards.
 * @param {Uint8Array} bytes
 * @param {string} format
 * @param {Named[]} beside
 */
async function readRows (bytes, format, beside) {
  const meta = beside.find(({ name }) => /\.metadata\.tsv$/i.test(name))
  const metadata = meta && format === 'tsv' ? new Uint8Array(await meta.file.arrayBuffer()) : undefined
  const analysis = await Analysis.start()
  try {
    return { ...await analysis.read(bytes, format, metadata), origin: null }
  } finally {
    analysis.dispose()
  }
}
