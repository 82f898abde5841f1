// MediaPipe's ImageEmbedder, on the processor.
import { asker } from './asker.js'

/**
 * @param {string} url of the model
 * @param {ImageData} image
 */
export async function start (url, image) {
  const { ask, stop } = asker('./mediapipe-worker.js', { type: 'module' })
  await ask('start', { url, image })
  return { output: () => ask('output'), run: count => ask('run', count), stop }
}
