// Our engine without the library: what its worker takes for the same call.
import { asker } from './asker.js'

/**
 * @param {string} url of the model
 * @param {ImageData} image
 */
export async function start (url, image) {
  const { ask, stop } = asker('./bare-worker.js', { type: 'module' })
  await ask('start', { url: new URL(url, location.href).href, image })
  return { output: () => ask('output'), run: count => ask('run', count), stop }
}
