// TensorFlow.js, WebAssembly backend with SIMD, one thread.
import { asker } from './asker.js'

/**
 * @param {string} url of the model
 * @param {ImageData} image
 * @param {any} preparation
 */
export async function start (url, image, preparation) {
  const { floats } = await import('./picture.js')
  const { ask, stop } = asker('./tfjs-worker.js')
  await ask('start', { url, side: image.width, values: floats(image, preparation, false) })
  return { output: () => ask('output'), run: count => ask('run', count), stop }
}
