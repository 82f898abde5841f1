// Our engine, as a page uses it: one worker, a picture in, a vector out.
import { Extractor } from '/likeness/likeness.js'
import './answer.js'

/**
 * @param {string} url of the model
 * @param {ImageData} image
 */
export async function start (url, image) {
  // Milliseconds from navigation at which a stage of the load ended.
  const stages = globalThis.stages = { engine: 0, download: 0, ready: 0 }
  const onProgress = ({ stage }) => {
    if (stage !== 'model') return
    stages.engine ||= performance.now()
    stages.download = performance.now()
  }
  const extractor = await Extractor.load({ model: url, workers: 1, onProgress })
  stages.ready = performance.now()
  const layer = extractor.layers.at(-1).name
  const run = () => extractor.extract(image, { layer, pool: 'flatten', normalize: false, resize: 'none' })
  return {
    preparation: extractor.info.preparation,
    output: async () => ({ values: await run() }),
    run: count => globalThis.timed(count, run),
    stop: () => extractor.dispose()
  }
}
