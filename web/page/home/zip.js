import { breather } from '../dom.js'

/** One file that is taken home: its path with slashes, from the folder on. @typedef {{name: string, blob: Blob}} Made */

/** What the fields of a .zip hold; beyond it is ZIP64, which many programs do not open. */
const [mostBytes, mostFiles] = [0xffffffff, 0xffff]

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1
  return n
})

/**
 * CRC-32 (ISO 3309), as .zip has it.
 * @param {Blob} blob
 * @param {AbortSignal} [signal]
 */
export async function crc32 (blob, signal) {
  let crc = ~0
  const rest = breather()
  const part = 1 << 20
  for (let at = 0; at < blob.size; at += part) {
    signal?.throwIfAborted()
    await rest()
    for (const byte of new Uint8Array(await blob.slice(at, at + part).arrayBuffer())) crc = table[(crc ^ byte) & 255] ^ (crc >>> 8)
  }
  return ~crc >>> 0
}

/**
 * Files as one .zip, stored as they are (APPNOTE.TXT 6.3.10, method 0), with
 * names in UTF-8. The blobs are not copied. Throws an Error that says what to do
 * where a .zip cannot hold them.
 * @param {Made[]} files
 * @param {Date} [when] the time that is written beside each, in this time zone
 * @param {AbortSignal} [signal]
 * @returns {Promise<Blob>}
 */
export async function makeZip (files, when = new Date(), signal = undefined) {
  const names = files.map(({ name }) => new TextEncoder().encode(name))
  const size = files.reduce((sum, { blob }, i) => sum + blob.size + 2 * names[i].length + 76, 22)
  if (size > mostBytes) throw new Error(`It is ${(size / 2 ** 30).toFixed(1)} GB, and a .zip holds up to 4 GB. Save it into a folder instead, or take some of the pictures off the page.`)
  if (files.length > mostFiles) throw new Error(`It has ${files.length} files, and a .zip holds up to ${mostFiles}.`)
  /** @type {BlobPart[]} */
  const parts = []
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const directory = []
  let at = 0
  for (const [i, { blob }] of files.entries()) {
    const common = [[2, 20], [2, 1 << 11], [2, 0], ...clock(when), [4, await crc32(blob, signal)], [4, blob.size], [4, blob.size], [2, names[i].length], [2, 0]]
    const head = bytes([[4, 0x04034b50], ...common], names[i])
    directory.push(bytes([[4, 0x02014b50], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, at]], names[i]))
    parts.push(head, blob)
    at += head.length + blob.size
  }
  const length = directory.reduce((sum, entry) => sum + entry.length, 0)
  return new Blob([...parts, ...directory, bytes([[4, 0x06054b50], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, length], [4, at], [2, 0]])], { type: 'application/zip' })
}

/**
 * Time and date as MS-DOS has them: to two seconds, from 1980 on.
 * @param {Date} when
 * @returns {[number, number][]}
 */
function clock (when) {
  const year = Math.min(Math.max(when.getFullYear(), 1980), 2107)
  return [
    [2, when.getHours() << 11 | when.getMinutes() << 5 | when.getSeconds() >> 1],
    [2, (year - 1980) << 9 | (when.getMonth() + 1) << 5 | when.getDate()]
  ]
}

/**
 * Numbers, the least byte first, and what follows them.
 * @param {number[][]} fields bytes and value of each
 * @param {Uint8Array} [more]
 */
function bytes (fields, more = new Uint8Array()) {
  const out = new Uint8Array(fields.reduce((sum, [width]) => sum + width, more.length))
  const view = new DataView(out.buffer)
  let at = 0
  for (const [width, value] of fields) {
    if (width === 4) view.setUint32(at, value, true)
    else view.setUint16(at, value, true)
    at += width
  }
  out.set(more, at)
  return out
}
