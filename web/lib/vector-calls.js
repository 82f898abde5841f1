// What an extractor's workers do with vectors, whoever made them.

import { LikenessError } from './errors.js'
import { checkComponents, checkExport, join, vectorOf } from './options.js'

/** @typedef {import('./extractor.js').Vector} Vector */

export class VectorCalls {
  /** @param {import('./pool.js').Pool} pool */
  constructor (pool) {
    this.pool = pool
  }

  /**
   * How well neighbours share labels, as likeness eval has it: precision at 1 and
   * 5, mean average precision, accuracy of the label that most of five neighbours
   * have.
   * @param {Vector[]} vectors
   * @param {number[] | Int32Array} labels a whole number for each vector
   * @returns {Promise<{queries: number, p1: number, p5: number, map: number, knn: number}>}
   */
  async evaluate (vectors, labels) {
    const { data, count } = join(vectors)
    if (labels.length !== count) throw new LikenessError('vectors-mixed', `there are ${labels.length} labels and ${count} vectors`)
    return this.pool.run('evaluate', [data, Int32Array.from(labels)])
  }

  /**
   * Orders vectors by their cosine with a query, best first.
   * @param {Vector} query
   * @param {Vector[]} vectors
   * @returns {Promise<{index: number, score: number}[]>}
   */
  async rank (query, vectors) {
    const wanted = vectorOf('the query', query)
    const { data } = join(vectors, wanted.length)
    const [index, score] = await this.pool.run('rank', [wanted, data])
    return Array.from(index, (i, at) => ({ index: i, score: score[at] }))
  }

  /**
   * The items of an index of static files that are most like a vector; see
   * PictureIndex in search/collection.js, which also reads what is known of them.
   * @param {string} base absolute address of the index, with a slash at the end
   * @param {object} manifest what its index.json holds
   * @param {Vector} vector of the index's model and layer
   * @param {{k?: number, allowed?: Uint8Array}} [options] k: 1 to 1000, default 10; allowed has 1 for each item that may be found
   * @param {AbortSignal} [signal]
   * @returns {Promise<{items: Int32Array, scores: Float32Array, lists: number, scored: number, bytes: number}>} best first;
   *   lists that were looked through, items that were compared, and bytes that were read for it
   */
  async searchIndex (base, manifest, vector, options = {}, signal) {
    return this.pool.run('searchIndex', [base, manifest, vectorOf('the vector', vector), options], [], signal)
  }

  /**
   * Principal components: k coordinates a vector, within -1 to 1.
   * @param {Vector[]} vectors
   * @param {number} [k]
   * @returns {Promise<{coords: Float32Array, explained: Float32Array}>}
   */
  async pca (vectors, k = 2) {
    const { data, count, dim } = join(vectors)
    checkComponents(k, dim)
    const [coords, explained] = await this.pool.run('pca', [data, { count, dim: Math.max(dim, 1), k }])
    return { coords, explained }
  }

  /**
   * Files for other tools: npy, csv, jsonl, or tsv (vectors and metadata for
   * the TensorFlow Embedding Projector). columns are headings and a text for each
   * vector, which the metadata of tsv has beside the names.
   * @param {'npy' | 'csv' | 'jsonl' | 'tsv'} format
   * @param {{names: string[], vectors: Vector[], name?: string, columns?: [string, string[]][]}} set
   * @returns {Promise<{name: string, blob: Blob}[]>}
   */
  async exportVectors (format, { names, vectors, name = 'vectors', columns = [] }) {
    const { data, count, dim } = join(vectors)
    checkExport(format, names, count)
    for (const [heading, values] of columns) {
      if (!/^[^\t\r\n]+$/.test(heading) || values.length !== count) throw new LikenessError('vectors-mixed', `the column ${heading} has ${values.length} values, there are ${count} vectors`)
    }
    const parts = await this.pool.run('export', [data, { format, names, dim, columns }])
    const files = [`${name}.${format}`, `${name}.metadata.tsv`]
    return parts.map((/** @type {Uint8Array<ArrayBuffer>} */ bytes, /** @type {number} */ i) => ({ name: files[i], blob: new Blob([bytes]) }))
  }
}
