// A worker of the library in a thread of Node: gives the scripts of web workers
// what they expect to find.

import { readFile } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'

/** @type {any} */
const scope = globalThis

scope.postMessage = (/** @type {any} */ message, /** @type {any[]} */ transfer) => parentPort?.postMessage(message, transfer)

/** Node fetches no files. */
const fetchAnything = scope.fetch
scope.fetch = async (/** @type {any} */ what, /** @type {any} */ how) => {
  const url = String(what?.url ?? what)
  if (!url.startsWith('file:')) return fetchAnything(what, how)
  const bytes = await readFile(new URL(url)).catch(error => { throw new TypeError(error.message) })
  return new Response(new Uint8Array(bytes), { headers: { 'content-length': String(bytes.length), 'content-type': 'application/octet-stream' } })
}

await import(new URL(workerData.part, new URL('../lib/', import.meta.url)).href)
// Messages wait until someone listens.
parentPort?.on('message', data => scope.onmessage?.({ data }))
