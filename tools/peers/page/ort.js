// onnxruntime-web, WebAssembly backend, one thread.
import { asker } from './asker.js'

/**
 * @param {string} url of the model
 * @param {ImageData} image
 * @param {any} preparation
 */
export async function start (url, image, preparation) {
  const { ask, stop } = asker('./ort-worker.js', { type: 'module' })
  await ask('start', { url, image, preparation })
  return { output: () => ask('output'), run: count => ask('run', count), stop }
}
