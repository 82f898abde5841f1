/**
 * Runs an ONNX file in onnxruntime-web under Node: a second opinion for tests.
 *
 *     node run_onnx.js MODEL.onnx INPUT.f32 1,3,224,224 OUTDIR
 *
 * INPUT holds little-endian float32 values. Each output is written to
 * OUTDIR/INDEX.f32, and a line of JSON lists [{name, dims}].
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as ort from 'onnxruntime-web'

const [model, input, dims, out] = process.argv.slice(2)
ort.env.wasm.numThreads = 1
ort.env.logLevel = 'error'
const values = new Float32Array(new Uint8Array(readFileSync(input)).buffer)
const results = await run().catch((error) => {
  console.error(error.message) // and not the library's source
  process.exit(1)
})
const listed = Object.entries(results).map(([name, { data, dims }], i) => {
  writeFileSync(join(out, `${i}.f32`), new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  return { name, dims }
})
console.log(JSON.stringify(listed))

async function run () {
  const session = await ort.InferenceSession.create(readFileSync(model), { executionProviders: ['wasm'] })
  return session.run({ [session.inputNames[0]]: new ort.Tensor('float32', values, dims.split(',').map(Number)) })
}
