/** Picture files made by hand, byte for byte. */
import { crc32, deflateSync } from 'node:zlib'

/** @typedef {(x: number, y: number) => number[]} Colour red, green and blue, 0 to 255, of a pixel */

let seed = 1

/** Noise of 0 to 255, the same in every run. */
function noise () {
  seed = Math.imul(seed, 1664525) + 1013904223 | 0
  return seed >>> 24
}

/**
 * An opaque PNG, by default of colour gradients with some noise.
 * @param {number} width
 * @param {number} height
 * @param {Colour} [colour]
 * @param {Buffer[]} [before] chunks before the pixels
 */
export function png (width, height, colour = (x, y) => [x * 255 / width, y * 255 / height, noise()], before = []) {
  seed = 1
  const rows = Buffer.alloc(height * (1 + width * 3))
  for (let y = 0, at = 0; y < height; y++) {
    at++ // filter 0
    for (let x = 0; x < width; x++) for (const value of colour(x, y)) rows[at++] = value
  }
  return pngOf(width, height, [8, 2], deflateSync(rows, { level: 1 }), before)
}

/**
 * @param {number} width
 * @param {number} height
 * @param {number[]} kind bits, colour type
 * @param {Buffer} pixels filtered and compressed
 * @param {Buffer[]} [before] chunks before the pixels
 */
export function pngOf (width, height, kind, pixels, before = []) {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set(kind, 8)
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), ...before, chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))])
}

/**
 * A chunk of a PNG.
 * @param {string} type
 * @param {Uint8Array} data
 */
export function chunk (type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const all = Buffer.alloc(body.length + 8)
  all.writeUInt32BE(data.length, 0)
  body.copy(all, 4)
  all.writeUInt32BE(crc32(body), body.length + 4)
  return all
}

/**
 * A TIFF of 8-bit RGB in one strip, uncompressed.
 * @param {number} width
 * @param {number} height
 * @param {Colour} [colour]
 */
export function tiff (width, height, colour = (x, y) => [x * 255 / width, y * 255 / height, 90]) {
  const tags = [[256, 3, 1, width], [257, 3, 1, height], [258, 3, 3, 0], [259, 3, 1, 1], [262, 3, 1, 2], [273, 4, 1, 0], [277, 3, 1, 3], [278, 3, 1, height], [279, 4, 1, 3 * width * height]]
  const bits = 8 + 2 + 12 * tags.length + 4
  const file = Buffer.alloc(bits + 6 + 3 * width * height)
  file.write('II*\0', 'latin1')
  file.writeUInt32LE(8, 4)
  file.writeUInt16LE(tags.length, 8)
  tags[2][3] = bits
  tags[5][3] = bits + 6
  tags.forEach(([tag, type, count, value], i) => {
    const at = 10 + 12 * i
    file.writeUInt16LE(tag, at)
    file.writeUInt16LE(type, at + 2)
    file.writeUInt32LE(count, at + 4)
    if (type === 3 && count === 1) file.writeUInt16LE(value, at + 8)
    else file.writeUInt32LE(value, at + 8)
  })
  for (let i = 0; i < 3; i++) file.writeUInt16LE(8, bits + 2 * i)
  for (let y = 0, at = bits + 6; y < height; y++) for (let x = 0; x < width; x++) for (const value of colour(x, y)) file[at++] = value
  return file
}

/** @param {Buffer} jpeg @param {number} marker @param {Buffer} data */
export function withSegment (jpeg, marker, data) {
  const head = Buffer.from([0xff, marker, data.length + 2 >> 8, data.length + 2 & 255])
  return Buffer.concat([jpeg.subarray(0, 2), head, data, jpeg.subarray(2)])
}

/** A JPEG without the segments of a kind. @param {Buffer} jpeg @param {number} marker @returns {Buffer} */
export function without (jpeg, marker) {
  let at = 2
  while (jpeg[at + 1] !== marker) {
    if (jpeg[at + 1] === 0xda) return jpeg
    at += 2 + jpeg.readUInt16BE(at + 2)
  }
  return without(Buffer.concat([jpeg.subarray(0, at), jpeg.subarray(at + 2 + jpeg.readUInt16BE(at + 2))]), marker)
}

/** EXIF that says only how the picture is turned. @param {number} orientation */
export function exif (orientation) {
  return Buffer.concat([Buffer.from('Exif\0\0MM\0*', 'latin1'), Buffer.from([0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0])])
}
