import { crc32 } from './zip.js'

/** Bytes that a packed file may have unpacked: a small one could claim to be any size. */
const largest = 1e9

/** Bytes at the end in which a .zip's end record lies, a comment included. */
const most = 22 + 0xffff

/**
 * The files of a .zip (APPNOTE.TXT 6.3.10), stored or deflated, by name. Their
 * bytes are read when they are asked for. Throws an Error that says what is wrong.
 * @param {Blob} zip
 * @returns {Promise<Map<string, () => Promise<Blob>>>}
 */
export async function openZip (zip) {
  const tail = new DataView(await zip.slice(Math.max(0, zip.size - most)).arrayBuffer())
  let end = tail.byteLength - 22
  while (end >= 0 && tail.getUint32(end, true) !== 0x06054b50) end--
  if (end < 0) throw new Error('it is no .zip, or was cut off')
  const [count, length, from] = [tail.getUint16(end + 10, true), tail.getUint32(end + 12, true), tail.getUint32(end + 16, true)]
  if (from + length > zip.size) throw new Error('it was cut off: the list of its files is not there')
  const list = new DataView(await zip.slice(from, from + length).arrayBuffer())
  /** @type {Map<string, () => Promise<Blob>>} */
  const files = new Map()
  for (let n = 0, at = 0; n < count; n++) {
    if (at + 46 > list.byteLength || list.getUint32(at, true) !== 0x02014b50) throw new Error('it is damaged: the list of its files cannot be read')
    const [flags, method, crc, packed, size, name, extra, comment, where] = [list.getUint16(at + 8, true), list.getUint16(at + 10, true), list.getUint32(at + 16, true),
      list.getUint32(at + 20, true), list.getUint32(at + 24, true), list.getUint16(at + 28, true), list.getUint16(at + 30, true), list.getUint16(at + 32, true), list.getUint32(at + 42, true)]
    if (at + 46 + name > list.byteLength) throw new Error('it is damaged: the list of its files cannot be read')
    const text = new TextDecoder().decode(new Uint8Array(list.buffer, at + 46, name))
    if (files.has(text)) throw new Error(`it holds ${text} twice`)
    if (flags & 1) throw new Error(`${text} in it is encrypted`)
    files.set(text, () => unpack(zip, { name: text, method, crc, packed, size, where }))
    at += 46 + name + extra + comment
  }
  return files
}

/**
 * @param {Blob} zip
 * @param {{name: string, method: number, crc: number, packed: number, size: number, where: number}} file
 * @returns {Promise<Blob>}
 */
async function unpack (zip, { name, method, crc, packed, size, where }) {
  const damaged = () => new Error(`${name} in it is damaged`)
  const head = new DataView(await zip.slice(where, where + 30).arrayBuffer())
  if (head.byteLength < 30 || head.getUint32(0, true) !== 0x04034b50) throw damaged()
  const from = where + 30 + head.getUint16(26, true) + head.getUint16(28, true)
  let blob = zip.slice(from, from + packed)
  if (blob.size !== packed) throw damaged()
  if (method === 8 && size > largest) throw new Error(`${name} in it is larger than this page unpacks: store it without packing`)
  if (method === 8) blob = await inflate(blob, size).catch(() => { throw damaged() })
  else if (method !== 0) throw new Error(`${name} in it is packed in a way that this page does not know: pack it by “deflate” or not at all`)
  if (blob.size !== size || await crc32(blob) !== crc) throw damaged()
  return blob
}

/**
 * Unpacks deflated bytes (RFC 1951), and no more than there should be.
 * @param {Blob} packed
 * @param {number} size
 */
async function inflate (packed, size) {
  const reader = packed.stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader()
  /** @type {BlobPart[]} */
  const parts = []
  for (let n = 0; ;) {
    const { done, value } = await reader.read()
    if (done) return new Blob(parts)
    n += value.length
    if (n > size) {
      void reader.cancel().catch(() => {})
      throw new Error('more bytes than were told')
    }
    parts.push(/** @type {BlobPart} */ (value))
  }
}
