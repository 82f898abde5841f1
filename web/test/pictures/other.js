/** TIFF, BMP and GIF files made by hand. */

/** @typedef {import('./png.js').Colour} Colour */

/**
 * A TIFF (6.0) of given samples.
 * @param {number} width
 * @param {number} height
 * @param {Buffer[]} strips
 * @param {{bits: number[], photometric: number, big?: boolean, orientation?: number, more?: [number, number, number[]][]}} options
 * big: most significant byte first; more: tag, type and values
 */
export function tiffOf (width, height, strips, { bits, photometric, big = false, orientation, more = [] }) {
  /** @type {[number, number, number[]][]} */
  const tags = [
    [256, 4, [width]], [257, 4, [height]], [258, 3, bits], [259, 3, [1]], [262, 3, [photometric]],
    [273, 4, strips.map(() => 0)], [277, 3, [bits.length]], [278, 4, [Math.ceil(height / (strips.length / (more.some(([t]) => t === 284) ? bits.length : 1)))]], [279, 4, strips.map((s) => s.length)], ...more
  ]
  if (orientation) tags.push([274, 3, [orientation]])
  tags.sort((a, b) => a[0] - b[0])
  const start = 8 + 2 + 12 * tags.length + 4
  const long = (/** @type {[number, number, number[]]} */ [, type, values]) => values.length * (type === 3 ? 2 : 4)
  let at = start + tags.reduce((sum, tag) => sum + (long(tag) > 4 ? long(tag) : 0), 0)
  const offsets = strips.map((s) => { const here = at; at += s.length; return here })
  const file = Buffer.alloc(at)
  const u16 = (/** @type {number} */ v, /** @type {number} */ o) => big ? file.writeUInt16BE(v, o) : file.writeUInt16LE(v, o)
  const u32 = (/** @type {number} */ v, /** @type {number} */ o) => big ? file.writeUInt32BE(v, o) : file.writeUInt32LE(v, o)
  file.write(big ? 'MM' : 'II', 'latin1')
  u16(42, 2)
  u32(8, 4)
  u16(tags.length, 8)
  let out = start
  tags.forEach((tag, i) => {
    const [id, type] = tag
    const values = id === 273 ? offsets : tag[2]
    const entry = 10 + 12 * i
    u16(id, entry)
    u16(type, entry + 2)
    u32(values.length, entry + 4)
    let place = entry + 8
    if (long(tag) > 4) {
      u32(out, place)
      place = out
      out += long(tag)
    }
    values.forEach((v, k) => type === 3 ? u16(v, place + 2 * k) : u32(v, place + 4 * k))
  })
  strips.forEach((s, i) => s.copy(file, offsets[i]))
  return file
}

/**
 * The values of all pixels, one after the other.
 * @param {number} width
 * @param {number} height
 * @param {Colour} colour
 */
export function samples (width, height, colour) {
  return Buffer.from(Array.from({ length: width * height }, (_, i) => colour(i % width, Math.floor(i / width))).flat())
}

/** A TIFF of 8-bit RGB in one strip. @param {number} width @param {number} height @param {Colour} [colour] */
export function tiff (width, height, colour = (x, y) => [x * 255 / width, y * 255 / height, 90]) {
  return tiffOf(width, height, [samples(width, height, colour)], { bits: [8, 8, 8], photometric: 2 })
}

/**
 * A BMP with a header of 40 bytes, or 12 for OS/2.
 * @param {number} width
 * @param {number} height negative: rows from the top
 * @param {number} bits
 * @param {Buffer} pixels rows of whole four bytes
 * @param {{palette?: number[][], masks?: number[], compression?: number, os2?: boolean}} [options] palette: red, green, blue
 */
export function bmp (width, height, bits, pixels, { palette = [], masks = [], compression = 0, os2 = false } = {}) {
  const head = os2 ? 12 : 40
  const table = Buffer.from(palette.flatMap(([r, g, b]) => os2 ? [b, g, r] : [b, g, r, 0]))
  const fields = Buffer.alloc(4 * masks.length)
  masks.forEach((m, i) => fields.writeUInt32LE(m, 4 * i))
  const start = 14 + head + fields.length + table.length
  const file = Buffer.alloc(start)
  file.write('BM', 'latin1')
  file.writeUInt32LE(start + pixels.length, 2)
  file.writeUInt32LE(start, 10)
  file.writeUInt32LE(head, 14)
  if (os2) {
    file.writeUInt16LE(width, 18)
    file.writeUInt16LE(height, 20)
    file.writeUInt16LE(1, 22)
    file.writeUInt16LE(bits, 24)
  } else {
    file.writeInt32LE(width, 18)
    file.writeInt32LE(height, 22)
    file.writeUInt16LE(1, 26)
    file.writeUInt16LE(bits, 28)
    file.writeUInt32LE(compression, 30)
    file.writeUInt32LE(pixels.length, 34)
    file.writeUInt32LE(palette.length, 46)
  }
  fields.copy(file, 14 + head)
  table.copy(file, 14 + head + fields.length)
  return Buffer.concat([file, pixels])
}

/**
 * Rows from the bottom, each of whole four bytes.
 * @param {number} height
 * @param {(y: number) => number[]} row
 */
export function rows (height, row) {
  return Buffer.concat(Array.from({ length: height }, (_, i) => {
    const values = row(height - 1 - i)
    return Buffer.from([...values, ...new Array((4 - values.length % 4) % 4).fill(0)])
  }))
}

/**
 * A GIF of 128 colours whose LZW codes are literals of eight bits.
 * @param {number} width
 * @param {number} height
 * @param {number[][]} palette of 128
 * @param {{at?: [number, number, number, number], index: (x: number, y: number) => number, clear?: number}[]} frames clear: transparent colour
 * @param {{screen?: [number, number], before?: Buffer}} [options]
 */
export function gif (width, height, palette, frames, { screen = [width, height], before = Buffer.alloc(0) } = {}) {
  const u16 = (/** @type {number} */ v) => [v & 255, v >> 8]
  const pieces = [Buffer.from([...Buffer.from('GIF89a'), ...u16(screen[0]), ...u16(screen[1]), 0xf6, 0, 0, ...palette.flat()]), before]
  for (const { at = [0, 0, width, height], index, clear } of frames) {
    const codes = []
    const [w, h] = [at[2], at[3]]
    // A clear code in time keeps the codes at eight bits.
    for (let i = 0; i < w * h; i++) {
      if (i % 100 === 0) codes.push(128)
      codes.push(index(i % w, Math.floor(i / w)))
    }
    codes.push(129)
    const blocks = []
    for (let i = 0; i < codes.length; i += 255) blocks.push(Math.min(255, codes.length - i), ...codes.slice(i, i + 255))
    pieces.push(Buffer.from([0x21, 0xf9, 4, clear === undefined ? 0 : 1, 10, 0, clear ?? 0, 0, 0x2c, ...at.flatMap(u16), 0, 7, ...blocks, 0]))
  }
  return Buffer.concat([...pieces, Buffer.from([0x3b])])
}
