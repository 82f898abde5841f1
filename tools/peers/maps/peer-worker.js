// One maker of maps in a worker. {name, data, dim} in, {ms, coords} out: the time
// from vectors to finished coordinates; loading is not in it.

import { TSNE } from '@saehrimnir/druidjs'
import { UMAP } from 'umap-js'
import { createUMAP } from './node_modules/embedding-atlas/dist/umap.js'

const epochs = 500
const neighbours = 15

/** @param {Float32Array} data @param {number} dim */
const rows = (data, dim) => Array.from({ length: data.length / dim }, (_, i) => Array.from(data.subarray(i * dim, (i + 1) * dim)))

/** The same stream for all that want numbers by chance. */
function chance () {
  let state = 1
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** @type {Record<string, (data: Float32Array, dim: number) => Promise<number[][]|Float32Array>>} */
const makers = {
  'umap-js': async (data, dim) => new UMAP({ nNeighbors: neighbours, minDist: 0.1, nEpochs: epochs, random: chance(), distanceFn: cosine }).fit(rows(data, dim)),
  'embedding-atlas': async (data, dim) => {
    const made = await createUMAP(data.length / dim, dim, 2, data, { metric: 'cosine', nNeighbors: neighbours, minDist: 0.1, nEpochs: epochs, seed: 1 })
    await made.run()
    return new Float32Array(made.embedding)
  },
  druidjs: async (data, dim) => /** @type {number[][]} */ (new TSNE(rows(data, dim), { perplexity: 30, epsilon: data.length / dim / 12, d: 2, seed: 1 }).transform(500))
}

/** Vectors are of length 1. @param {number[]} a @param {number[]} b */
function cosine (a, b) {
  let dot = 0
  for (let k = 0; k < a.length; k++) dot += a[k] * b[k]
  return 1 - dot
}

self.onmessage = async ({ data: { name, data, dim } }) => {
  try {
    const from = performance.now()
    const made = await makers[name](data, dim)
    const ms = performance.now() - from
    self.postMessage({ ms, coords: made instanceof Float32Array ? made : Float32Array.from(made.flatMap((row) => Array.from(row))) })
  } catch (error) {
    self.postMessage({ error: String(error) })
  }
}
