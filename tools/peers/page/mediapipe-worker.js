import { FilesetResolver, ImageEmbedder } from '/mediapipe/vision_bundle.mjs'
import './answer.js'

let run

globalThis.answer({
  async start ({ url, image }) {
    const files = await FilesetResolver.forVisionTasks('/mediapipe/wasm', true)
    const embedder = await ImageEmbedder.createFromOptions(files, {
      baseOptions: { modelAssetPath: url, delegate: 'CPU' },
      runningMode: 'IMAGE',
      l2Normalize: false,
      quantize: false
    })
    run = () => embedder.embed(image).embeddings[0].floatEmbedding
  },
  output: () => ({ values: run() }),
  run: count => globalThis.timed(count, run)
})
