import * as ort from '/ort/ort.wasm.min.mjs'
import './answer.js'
import { floats } from './picture.js'

ort.env.wasm.numThreads = 1
ort.env.wasm.wasmPaths = '/ort/'

let run

globalThis.answer({
  async start ({ url, image, preparation }) {
    const session = await ort.InferenceSession.create(url, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' })
    const planes = session.inputMetadata[0].shape.at(-1) !== 3
    const { width, height } = image
    const input = new ort.Tensor('float32', floats(image, preparation, planes), planes ? [1, 3, height, width] : [1, height, width, 3])
    run = async () => (await session.run({ [session.inputNames[0]]: input }))[session.outputNames[0]]
  },
  async output () {
    const { dims, data } = await run()
    return { values: data, planes: dims.length === 4 ? dims[1] : 0 }
  },
  run: count => globalThis.timed(count, run)
})
