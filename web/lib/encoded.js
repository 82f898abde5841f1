// What has to be known of encoded pictures before the browser decodes them: it
// takes cut and damaged ones without a word, and turns them by rules of its own.

/** Formats of those that the engine reads which the browser may be asked for too. */
const known = ['jpeg', 'png', 'webp']

/**
 * Prepares a file for the browser, or says that the engine should read it: a
 * file that does not reach its end mark, or whose checksums are wrong, gets a
 * plain answer there.
 * @param {Uint8Array} bytes changed: EXIF is hidden, so that the orientation is left to the caller
 * @param {string} format
 * @returns {boolean}
 */
export function readyForBrowser (bytes, format) {
  if (!known.includes(format)) return false
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (format === 'jpeg') return readyJPEG(bytes, view)
  return format === 'png' ? readyPNG(bytes, view) : readyWebP(bytes, view)
}

/**
 * Segments up to each scan (T.81 annex B), then on to the next marker that is
 * neither a restart nor a stuffed zero.
 * @param {Uint8Array} b
 * @param {DataView} view
 */
function readyJPEG (b, view) {
  let scans = 0
  for (let at = 2; at + 1 < b.length;) {
    if (b[at] !== 0xff) return false
    while (b[at + 1] === 0xff) at++ // fill bytes
    const marker = b[at + 1]
    if (marker === 0xd9) return scans > 0
    if (marker === 0x01 || marker >= 0xd0 && marker <= 0xd7) { at += 2; continue }
    if (at + 4 > b.length) return false
    const end = at + 2 + view.getUint16(at + 2)
    if (marker === 0xe1 && latin(b, at + 4, 4) === 'Exif') b[at + 1] = 0xec
    at = end
    if (marker !== 0xda) continue
    scans++
    for (at = b.indexOf(0xff, at); at >= 0 && at + 1 < b.length; at = b.indexOf(0xff, at + 1)) {
      const next = b[at + 1]
      if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) break
    }
    if (at < 0) return false
  }
  return false
}

/**
 * @param {Uint8Array} b
 * @param {DataView} view
 */
function readyPNG (b, view) {
  for (let at = 8; at + 12 <= b.length;) {
    const size = view.getUint32(at)
    const end = at + 12 + size
    if (end > b.length) return false
    const name = latin(b, at + 4, 4)
    const critical = (b[at + 4] & 0x20) === 0
    if (critical && crc32(b.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) return false
    if (name === 'IEND') return true
    if (name === 'eXIf') {
      b.set([0x65, 0x78, 0x49, 0x78], at + 4) // exIx, a private chunk of nobody
      view.setUint32(end - 4, crc32(b.subarray(at + 4, end - 4)))
    }
    at = end
  }
  return false
}

/**
 * @param {Uint8Array} b
 * @param {DataView} view
 */
function readyWebP (b, view) {
  const all = 8 + view.getUint32(4, true)
  if (all > b.length) return false
  for (let at = 12; at + 8 <= all;) {
    if (latin(b, at, 4) === 'EXIF') b.set([0x58, 0x58, 0x58, 0x58], at)
    const size = view.getUint32(at + 4, true)
    at += 8 + size + (size & 1)
    if (at > all + 1) return false
  }
  return true
}

/**
 * @param {Uint8Array} b
 * @param {number} at
 * @param {number} n
 */
function latin (b, at, n) {
  return String.fromCharCode(...b.subarray(at, at + n))
}

/** @type {Uint32Array | undefined} */
let table

/** @param {Uint8Array} bytes */
function crc32 (bytes) {
  table ??= Uint32Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ n >>> 1 : n >>> 1
    return n
  })
  let c = 0xffffffff
  for (let i = 0; i < bytes.length; i++) c = table[(c ^ bytes[i]) & 255] ^ c >>> 8
  return ~c >>> 0
}
