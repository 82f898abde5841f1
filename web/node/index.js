// The library in Node: the same vectors as in a browser, from the same engine,
// with Node's threads in place of web workers.
//
//   import { Extractor } from 'likeness'
//   const extractor = await Extractor.load({ model: new URL('model.safetensors', import.meta.url) })
//   const vector = await extractor.extract(await readFile('photo.jpg'))

import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { Worker as Thread } from 'node:worker_threads'
import { provideEngine } from '../lib/compile.js'
import { surroundings } from '../lib/surroundings.js'

/** A thread that is talked to as a web worker is. */
class NodeWorker {
  /** @param {string} part path of the worker's script, from lib/ on */
  constructor (part) {
    /** @type {((event: {data: any}) => void) | null} */
    this.onmessage = null
    /** @type {((event: {message: string}) => void) | null} */
    this.onerror = null
    /** @type {(() => void) | null} */
    this.onmessageerror = null
    this.thread = new Thread(new URL('./worker.js', import.meta.url), { workerData: { part } })
    this.thread.on('message', data => this.onmessage?.({ data }))
    this.thread.on('messageerror', () => this.onmessageerror?.())
    this.thread.on('error', error => this.onerror?.({ message: error.message }))
  }

  /**
   * @param {any} message
   * @param {any[]} [transfer]
   */
  postMessage (message, transfer) {
    this.thread.postMessage(message, transfer)
  }

  terminate () {
    void this.thread.terminate()
  }
}

surroundings.startWorker = part => /** @type {any} */ (new NodeWorker(part))
surroundings.base = () => pathToFileURL(process.cwd() + '/').href
provideEngine(async () => WebAssembly.compile(new Uint8Array(await readFile(new URL('../likeness.wasm', import.meta.url)))))

export * from '../likeness.js'
