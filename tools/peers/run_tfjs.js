/**
 * Runs a TensorFlow.js graph model under Node: a second opinion for tests.
 *
 *     node run_tfjs.js FOLDER INPUT.f32 1,224,224,3 OUTPUT.f32
 *
 * INPUT and OUTPUT hold little-endian float32 values.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'

const [folder, input, dims, output] = process.argv.slice(2)
setWasmPaths(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')) + '/')
await tf.setBackend('wasm')
const { modelTopology, weightsManifest } = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'))
const weightSpecs = weightsManifest.flatMap(group => group.weights)
const shards = weightsManifest.flatMap(group => group.paths).map(path => readFileSync(join(folder, path)))
const weightData = new Uint8Array(Buffer.concat(shards)).buffer
const model = await tf.loadGraphModel({ load: async () => ({ modelTopology, weightSpecs, weightData }) })
const values = new Float32Array(new Uint8Array(readFileSync(input)).buffer)
const result = /** @type {tf.Tensor} */ (model.predict(tf.tensor(values, dims.split(',').map(Number))))
const data = await result.data()
writeFileSync(output, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
