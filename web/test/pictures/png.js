/** PNG files made by hand, byte for byte (PNG, third edition). */
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
