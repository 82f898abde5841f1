// Parts of an index's files, over HTTP: by ranges of bytes where the host gives
// them, whole files where it does not.

import { LikenessError } from './errors.js'

/** Whole files of the last index, by address. @type {Map<string, Promise<Uint8Array<ArrayBuffer>>>} */
const whole = new Map()

/** Bytes of whole files that are kept. */
const most = 64e6
let kept = 0

/** Requests under way at one time: browsers queue more than that by themselves, but give up on thousands. */
const atOnce = 24

/**
 * @param {string} base the address of the folder that has index.json
 * @returns {(ranges: [file: string, offset: number, length: number][]) => Promise<Uint8Array<ArrayBuffer>[]>}
 *   length -1 stands for the whole file
 */
export function reader (base) {
  return async ranges => {
    /** @type {Uint8Array<ArrayBuffer>[]} */
    const parts = []
    let next = 0
    const work = async () => {
      while (next < ranges.length) {
        const i = next++
        const [file, offset, length] = ranges[i]
        parts[i] = await part(new URL(file, base), offset, length)
      }
    }
    await Promise.all(Array.from({ length: Math.min(atOnce, ranges.length) }, work))
    return parts
  }
}

/**
 * @param {URL} url
 * @param {number} offset
 * @param {number} length
 */
async function part (url, offset, length) {
  const held = whole.get(url.href)
  if (held) return cut(await held, offset, length)
  if (length < 0) return cut(await keep(url, bytesOf(url, await ask(url))), 0, -1)
  const response = await ask(url, `bytes=${offset}-${offset + length - 1}`)
  if (response.status === 206) return bytesOf(url, response)
  return cut(await keep(url, bytesOf(url, response)), offset, length)
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {number} offset
 * @param {number} length
 */
function cut (bytes, offset, length) {
  return length < 0 ? bytes : bytes.subarray(offset, offset + length)
}

/**
 * @param {URL} url
 * @param {Promise<Uint8Array<ArrayBuffer>>} bytes
 */
function keep (url, bytes) {
  if (kept > most) {
    whole.clear()
    kept = 0
  }
  whole.set(url.href, bytes)
  bytes.then(b => { kept += b.length }, () => { whole.delete(url.href) })
  return bytes
}

/**
 * @param {URL} url
 * @param {string} [range]
 */
async function ask (url, range) {
  const response = await fetch(url, range ? { headers: { range } } : {}).catch(e => {
    throw new LikenessError('index-unreachable', `${url.pathname} could not be fetched (${e.message}): check the connection`)
  })
  if (response.ok) return response
  throw new LikenessError(response.status === 404 || response.status === 416 ? 'index-changed' : 'index-unreachable',
    `${url.pathname} could not be fetched (the server answered ${response.status}): ${response.status === 404 ? 'the index was replaced, or was copied incompletely' : 'try again later'}`)
}

/**
 * @param {URL} url
 * @param {Response} response
 */
async function bytesOf (url, response) {
  try {
    return new Uint8Array(await response.arrayBuffer())
  } catch (e) {
    throw new LikenessError('index-unreachable', `the connection broke while ${url.pathname} was read (${/** @type {Error} */ (e).message}): try again`)
  }
}
