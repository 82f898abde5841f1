// Reads and writes Parquet off the page. Messages: {id, read: ArrayBuffer} or
// {id, write: Columns} in; {id, value} or {id, error} out.

import { parquetMetadata, parquetReadObjects, parquetWriteBuffer } from '../../vendor/parquet.js'

/** One table of vectors: extra columns hold a text for each vector, origin is FILE.json without what it repeats.
 * @typedef {{names: string[], data: Float32Array, dim: number, columns: [string, string[]][], origin: object|null}} Table */

/** Key of the file's metadata that holds the origin. */
const key = 'likeness'
/** Columns that may hold the vectors, by the names that other programs use. */
const vectorColumns = ['vector', 'embedding', 'embeddings', 'feature', 'features']

/** @type {any} */
const scope = globalThis

scope.onmessage = async (/** @type {MessageEvent} */ { data: { id, read, write } }) => {
  try {
    if (read) {
      const table = await readTable(read)
      scope.postMessage({ id, value: table }, [table.data.buffer])
    } else {
      const buffer = writeTable(write)
      scope.postMessage({ id, value: buffer }, [buffer])
    }
  } catch (error) {
    scope.postMessage({ id, error: error instanceof Error ? error.message : String(error) })
  }
}

/**
 * @param {Table} table
 * @returns {ArrayBuffer}
 */
function writeTable ({ names, data, dim, columns, origin }) {
  const rows = names.map((_, i) => Array.from(data.subarray(i * dim, (i + 1) * dim)))
  /** @type {any[]} */
  const schema = [
    { name: 'root', num_children: 2 + columns.length },
    { name: 'name', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
    ...columns.map(([name]) => ({ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' })),
    { name: 'vector', converted_type: 'LIST', repetition_type: 'REQUIRED', num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', type: 'FLOAT', repetition_type: 'REQUIRED' }
  ]
  return parquetWriteBuffer({
    schema,
    columnData: [{ name: 'name', data: names }, ...columns.map(([name, values]) => ({ name, data: values })), { name: 'vector', data: rows }],
    kvMetadata: origin ? [{ key, value: JSON.stringify(origin) }] : []
  })
}

/**
 * @param {ArrayBuffer} file
 * @returns {Promise<Table>}
 */
async function readTable (file) {
  const metadata = parquetMetadata(file)
  const top = metadata.schema.filter((_, i) => i > 0).map(({ name }) => name)
  const vector = vectorColumns.find((name) => top.includes(name))
  if (!vector) throw new Error(`it has no column named ${vectorColumns.slice(0, -1).join(', ')} or ${vectorColumns.at(-1)} that holds vectors`)
  const name = ['name', 'file', 'path', 'filename', 'id'].find((n) => top.includes(n))
  const extra = ['label', 'group'].filter((n) => top.includes(n))
  const rows = await parquetReadObjects({ file, metadata, columns: [...name ? [name] : [], ...extra, vector] })
  const dim = rows[0]?.[vector]?.length ?? 0
  if (dim === 0) throw new Error('it holds no vectors')
  const data = new Float32Array(rows.length * dim)
  rows.forEach((row, i) => {
    const values = row[vector]
    if (values?.length !== dim) throw new Error(`row ${i + 1} has ${values?.length ?? 0} values, others ${dim}`)
    data.set(values, i * dim)
  })
  const bad = data.findIndex((x) => !Number.isFinite(x))
  if (bad >= 0) throw new Error(`row ${Math.floor(bad / dim) + 1} holds a value that is not a finite number: leave it out, or embed that picture again`)
  const text = (/** @type {any} */ value) => value === null || value === undefined ? '' : String(value)
  return {
    names: rows.map((row, i) => name ? text(row[name]) : String(i)),
    data,
    dim,
    columns: extra.map((n) => [n, rows.map((row) => text(row[n]))]),
    origin: originOf(metadata.key_value_metadata)
  }
}

/** @param {{key: string, value?: string}[]|undefined} list */
function originOf (list) {
  const text = list?.find((pair) => pair.key === key)?.value
  return text ? JSON.parse(text) : null
}
