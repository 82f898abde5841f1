// What bench.js asks of the page: read the vectors, make one map, measure it.

import { Analysis } from '../dist/likeness.js'

/** @type {{data: Float32Array, dim: number}} */
let vectors

/** @param {string} name */
async function read (name) {
  const analysis = await Analysis.start()
  const bytes = new Uint8Array(await (await fetch(`../data/${name}`)).arrayBuffer())
  vectors = await analysis.read(bytes, 'npy')
  analysis.dispose()
  return { count: vectors.data.length / vectors.dim, dim: vectors.dim }
}

/**
 * A fresh worker each time, started before the clock.
 * @param {string} name
 */
async function make (name) {
  const { data, dim } = vectors
  const [own, method] = name.split(' ')
  const analysis = await Analysis.start()
  /** @type {{ms: number, coords: Float32Array}} */
  let made
  if (own === 'likeness') {
    const from = performance.now()
    await analysis.set(data, dim)
    const { coords } = await analysis.map({ method: /** @type {any} */ (method), ...method === 'umap' ? { ...data.length / dim < 10000 ? { epochs: 500 } : {} } : {} })
    made = { ms: performance.now() - from, coords }
  } else {
    made = await peer(name)
    await analysis.set(data, dim)
  }
  const { trustworthiness, kept } = await analysis.measure({ dims: 2, coords: made.coords }, { near: 10, sample: 2000 })
  analysis.dispose()
  return { ms: made.ms, trustworthiness, kept }
}

/** @param {string} name @returns {Promise<{ms: number, coords: Float32Array}>} */
function peer (name) {
  return new Promise((resolve, reject) => {
    const worker = new Worker('../peers/peer-worker.js', { type: 'module' })
    worker.onmessage = ({ data }) => {
      worker.terminate()
      if (data.error) reject(new Error(data.error))
      else resolve(data)
    }
    worker.onerror = (event) => reject(new Error(event.message))
    worker.postMessage({ name, ...vectors })
  })
}

Object.assign(window, { read, make })
