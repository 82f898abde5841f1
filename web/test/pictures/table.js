/**
 * One picture in many files, and what must come of each: the same table holds
 * the command, the engine in Node, and the library in two browsers.
 */
import { deflateSync } from 'node:zlib'
import { exif, jpeg, withSegment } from './jpeg.js'
import { bmp, gif, rows, samples, tiff, tiffOf } from './other.js'
import { chunk, png, pngOf } from './png.js'

/**
 * like: the least cosine with the plain PNG, where the picture is the same;
 * refused: the code of the refusal; note: that of a note; browser: what
 * decode 'browser' may differ by, as the least cosine, 1 being the same bits.
 * @typedef {{name: string, bytes: Buffer, like?: number, refused?: string, note?: string, browser?: number}} Row
 */

const width = 88
const height = 72

/** A sky, a hill, a house and a sun. @param {number} x @param {number} y */
function scene (x, y) {
  if ((x - 70) ** 2 + (y - 14) ** 2 < 81) return [250, 220, 90]
  if (x > 20 && x < 46 && y > 34 && y < 60) return x > 28 && x < 36 && y > 42 ? [70, 40, 30] : [190, 60, 50]
  if (y > 50 + 8 * Math.sin(x / 14)) return [60 + x, 140 + y, 60]
  return [110 + y, 150 + y, 240 - y]
}

const grey = (/** @type {number} */ x, /** @type {number} */ y) => { const [r, g, b] = scene(x, y); return Math.round((r + 2 * g + b) / 4) }
/** As it is stored for orientation 6, a quarter turn clockwise. @param {number} x @param {number} y */
const lying = (x, y) => scene(width - 1 - y, x)

/** @param {number} bytes a row @param {(y: number) => number[]} row */
const filtered = (bytes, row) => Buffer.concat(Array.from({ length: height }, (_, y) => Buffer.from([0, ...row(y), ...new Array(bytes).fill(0)].slice(0, bytes + 1))))
/** Values of some bits each, the first in the high ones. @param {number[]} values @param {number} bits */
function packed (values, bits) {
  const out = new Array(Math.ceil(values.length * bits / 8)).fill(0)
  values.forEach((v, i) => { out[i * bits >> 3] |= v << 8 - bits - (i * bits & 7) })
  return out
}
const line = (/** @type {(x: number) => number[]} */ each) => Array.from({ length: width }, (_, x) => each(x)).flat()

/** A palette of 6 x 6 x 3 colours. */
const palette = Array.from({ length: 128 }, (_, i) => i < 108 ? [(i % 6) * 51, (Math.floor(i / 6) % 6) * 51, Math.floor(i / 36) * 127] : [0, 0, 0])
const nearest = (/** @type {number} */ x, /** @type {number} */ y) => { const [r, g, b] = scene(x, y).map((v) => Math.min(v, 255)); return Math.round(r / 51) + 6 * Math.round(g / 51) + 36 * Math.round(b / 127.5) }

/** Adam7 (PNG section 8.2): first column, first row, steps of columns and rows. */
const passes = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]]
const interlaced = Buffer.from(passes.flatMap(([x0, y0, dx, dy]) => {
  const out = []
  for (let y = y0; y < height; y += dy) {
    out.push(0)
    for (let x = x0; x < width; x += dx) out.push(...scene(x, y))
  }
  return out
}))

/** @param {Buffer} b @param {number} at */
function flipped (b, at) {
  const copy = Buffer.from(b)
  copy[at] ^= 0x10
  return copy
}

const plainPNG = png(width, height, scene)
const adam7 = pngOf(width, height, [8, 2], deflateSync(interlaced))
adam7[28] = 1
const header = Buffer.from(adam7.subarray(16, 29))
const fixedAdam7 = Buffer.concat([adam7.subarray(0, 8), chunk('IHDR', header), adam7.subarray(33)])
const text = chunk('tEXt', Buffer.from('Comment\0a picture'))
const eXIf = chunk('eXIf', exif(6).subarray(6))
const photo = jpeg(width, height, scene)
const iend = 12

/** EXIF whose orientation has another type. @param {boolean} big @param {number} type 1 BYTE, 3 SHORT, 4 LONG */
function exifOf (big, type) {
  const b = Buffer.alloc(6 + 26)
  b.write(`Exif\0\0${big ? 'MM\0*' : 'II*\0'}`, 'latin1')
  const u16 = (/** @type {number} */ v, /** @type {number} */ o) => big ? b.writeUInt16BE(v, o + 6) : b.writeUInt16LE(v, o + 6)
  const u32 = (/** @type {number} */ v, /** @type {number} */ o) => big ? b.writeUInt32BE(v, o + 6) : b.writeUInt32LE(v, o + 6)
  u32(8, 4); u16(1, 8); u16(0x112, 10); u16(type, 12); u32(1, 14)
  if (type === 4) u32(6, 18)
  else if (type === 3) u16(6, 18)
  else b[24] = 6
  return b
}

/** @type {Row[]} */
const pngRows = [
  { name: 'plain.png', bytes: plainPNG, like: 1, browser: 1 },
  { name: 'interlaced.png', bytes: fixedAdam7, like: 1, browser: 1 },
  { name: 'alpha.png', bytes: pngOf(width, height, [8, 6], deflateSync(filtered(4 * width, (y) => line((x) => [...scene(x, y), 255])))), like: 1, browser: 1 },
  { name: 'see-through.png', bytes: pngOf(width, height, [8, 6], deflateSync(filtered(4 * width, (y) => line((x) => [...scene(x, y), 200])))), like: 0.8, browser: 0.999 },
  { name: 'sixteen.png', bytes: pngOf(width, height, [16, 2], deflateSync(filtered(6 * width, (y) => line((x) => scene(x, y).flatMap((v) => [v, v]))))), like: 1, browser: 0.999 },
  { name: 'grey8.png', bytes: pngOf(width, height, [8, 0], deflateSync(filtered(width, (y) => line((x) => [grey(x, y)])))), browser: 1 },
  { name: 'grey4.png', bytes: pngOf(width, height, [4, 0], deflateSync(filtered(width / 2, (y) => packed(line((x) => [grey(x, y) >> 4]), 4)))), browser: 1 },
  { name: 'grey1.png', bytes: pngOf(width, height, [1, 0], deflateSync(filtered(width / 8, (y) => packed(line((x) => [grey(x, y) >> 7]), 1)))), browser: 1 },
  { name: 'palette.png', bytes: pngOf(width, height, [8, 3], deflateSync(filtered(width, (y) => line((x) => [nearest(x, y)]))), [chunk('PLTE', Buffer.from(palette.flat()))]), like: 0.9, browser: 1 },
  { name: 'turned.png', bytes: png(height, width, lying, [eXIf]), like: 1, browser: 1 },
  { name: 'turned-late.png', bytes: Buffer.concat([png(height, width, lying).subarray(0, -iend), eXIf, plainPNG.subarray(-iend)]), like: 1, browser: 1 },
  { name: 'no-end.png', bytes: plainPNG.subarray(0, -iend), like: 1, browser: 1 },
  { name: 'wrong-end.png', bytes: flipped(plainPNG, plainPNG.length - 1), like: 1, browser: 1 },
  { name: 'wrong-text.png', bytes: flipped(png(width, height, scene, [text]), 33 + text.length - 1), like: 1, browser: 1 },
  { name: 'cut.png', bytes: plainPNG.subarray(0, plainPNG.length * 0.6), refused: 'picture-corrupt' },
  { name: 'wrong-pixels.png', bytes: flipped(plainPNG, plainPNG.length - iend - 2), refused: 'picture-corrupt' },
  { name: 'blank.png', bytes: png(width, height, () => [120, 120, 120]), note: 'picture-blank', browser: 1 },
  { name: 'dark16.png', bytes: pngOf(width, height, [16, 0], deflateSync(filtered(2 * width, (y) => line((x) => [0, grey(x, y)])))), note: 'picture-blank', browser: 0.99 },
  { name: 'logo.png', bytes: pngOf(width, height, [8, 6], deflateSync(filtered(4 * width, (y) => line((x) => [255, 255, 255, (x >> 3) + (y >> 3) & 1 ? 255 : 0])))), note: 'picture-ground', browser: 0.99 },
  { name: 'long.png', bytes: png(40, 900, (x, y) => [x * 6, y / 4, 128]), note: 'picture-shape', browser: 1 },
  { name: 'empty.png', bytes: Buffer.alloc(0), refused: 'picture-empty' },
  { name: 'no-size.png', bytes: pngOf(0, 5, [8, 2], deflateSync(Buffer.alloc(5))), refused: 'picture-zero-size' }
]

/** @type {Row[]} */
const jpegRows = [
  { name: 'plain.jpg', bytes: photo, like: 0.99, browser: 0.995 },
  { name: 'sampled22.jpg', bytes: jpeg(width, height, scene, { sampling: [2, 2] }), like: 0.97, browser: 0.995 },
  { name: 'sampled21.jpg', bytes: jpeg(width, height, scene, { sampling: [2, 1] }), like: 0.97, browser: 0.995 },
  { name: 'odd.jpg', bytes: jpeg(width - 3, height - 5, scene, { sampling: [2, 2] }), browser: 0.99 },
  { name: 'progressive.jpg', bytes: jpeg(width, height, scene, { progressive: true }), like: 0.99, browser: 0.995 },
  { name: 'progressive22.jpg', bytes: jpeg(width, height, scene, { progressive: true, sampling: [2, 2] }), like: 0.97, browser: 0.995 },
  { name: 'restarts.jpg', bytes: jpeg(width, height, scene, { restart: 5 }), like: 0.99, browser: 0.995 },
  { name: 'grey.jpg', bytes: jpeg(width, height, scene, { space: 'grey' }), browser: 0.995 },
  { name: 'rgb.jpg', bytes: jpeg(width, height, scene, { space: 'rgb', adobe: 0 }), like: 0.99, browser: 0.995 },
  { name: 'cmyk.jpg', bytes: jpeg(width, height, scene, { space: 'cmyk' }), browser: 0.97 },
  { name: 'turned.jpg', bytes: withSegment(jpeg(height, width, lying), 0xe1, exif(6)), like: 0.99, browser: 0.995 },
  ...[true, false].flatMap((big) => [1, 3, 4].map((type) => ({ name: `turned-${big ? 'be' : 'le'}${type}.jpg`, bytes: withSegment(jpeg(height, width, lying), 0xe1, exifOf(big, type)), like: 0.99, browser: 0.995 }))),
  { name: 'fill-byte.jpg', bytes: Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), withSegment(jpeg(height, width, lying), 0xe1, exif(6)).subarray(2)]), like: 0.99, browser: 0.995 },
  { name: 'no-end.jpg', bytes: photo.subarray(0, -2), like: 0.99, browser: 0.995 },
  { name: 'film-behind.jpg', bytes: Buffer.concat([photo, Buffer.alloc(5000, 7)]), like: 0.99, browser: 0.995 },
  { name: 'cut40.jpg', bytes: photo.subarray(0, photo.length * 0.4), refused: 'picture-corrupt' },
  { name: 'cut90.jpg', bytes: photo.subarray(0, photo.length * 0.9), refused: 'picture-corrupt' },
  { name: 'called.heic', bytes: photo, like: 0.99, browser: 0.995 },
  { name: 'comment.jpg', bytes: withSegment(photo, 0xfe, Buffer.from('a picture')), like: 0.99, browser: 0.995 }
]
const unread = Buffer.from(photo)
unread[photo.indexOf(Buffer.from([0xff, 0xc0])) + 1] = 0xc9
jpegRows.push({ name: 'arithmetic.jpg', bytes: unread, refused: 'picture-feature' })

const bit = (/** @type {number} */ v, /** @type {number} */ bits) => Math.round(Math.min(v, 255) * ((1 << bits) - 1) / 255)
const r565 = (/** @type {number} */ x, /** @type {number} */ y) => { const [r, g, b] = scene(x, y); const v = bit(r, 5) << 11 | bit(g, 6) << 5 | bit(b, 5); return [v & 255, v >> 8] }
const r555 = (/** @type {number} */ x, /** @type {number} */ y) => { const [r, g, b] = scene(x, y); const v = bit(r, 5) << 10 | bit(g, 5) << 5 | bit(b, 5); return [v & 255, v >> 8] }
const bgr = (/** @type {number} */ x, /** @type {number} */ y) => { const [r, g, b] = scene(x, y).map((v) => Math.min(v, 255)); return [b, g, r] }
/** Runs of a row (RLE8): as they come, then the end of the line. @param {number} y */
function runs (y) {
  const out = []
  for (let x = 0; x < width;) {
    let n = 1
    while (x + n < width && n < 255 && nearest(x + n, y) === nearest(x, y)) n++
    out.push(n, nearest(x, y))
    x += n
  }
  return [...out, 0, 0]
}

/** @type {Row[]} */
const bmpRows = [
  { name: 'rgb24.bmp', bytes: bmp(width, height, 24, rows(height, (y) => line((x) => bgr(x, y)))), like: 1 },
  { name: 'rgb32.bmp', bytes: bmp(width, height, 32, rows(height, (y) => line((x) => [...bgr(x, y), 0]))), like: 1 },
  { name: 'from-top.bmp', bytes: bmp(width, -height, 24, Buffer.concat(Array.from({ length: height }, (_, y) => Buffer.from(line((x) => bgr(x, y)))))), like: 1 },
  { name: 'rgb565.bmp', bytes: bmp(width, height, 16, rows(height, (y) => line((x) => r565(x, y))), { compression: 3, masks: [0xf800, 0x7e0, 0x1f] }), like: 0.97 },
  { name: 'rgb555.bmp', bytes: bmp(width, height, 16, rows(height, (y) => line((x) => r555(x, y)))), like: 0.96 },
  { name: 'palette8.bmp', bytes: bmp(width, height, 8, rows(height, (y) => line((x) => [nearest(x, y)])), { palette }), like: 0.9 },
  { name: 'bits1.bmp', bytes: bmp(width, height, 1, rows(height, (y) => packed(line((x) => [grey(x, y) >> 7]), 1)), { palette: [[0, 0, 0], [255, 255, 255]] }) },
  { name: 'rle8.bmp', bytes: bmp(width, height, 8, Buffer.from([...Array.from({ length: height }, (_, i) => runs(height - 1 - i)).flat(), 0, 1]), { palette, compression: 1 }), like: 0.9 },
  { name: 'os2.bmp', bytes: bmp(width, height, 24, rows(height, (y) => line((x) => bgr(x, y))), { os2: true }), like: 1 },
  { name: 'cut.bmp', bytes: bmp(width, height, 24, rows(height, (y) => line((x) => bgr(x, y)))).subarray(0, 9000), refused: 'picture-corrupt' }
]

const frame = { index: nearest }
const black = { index: () => 0 }
const whole = gif(width, height, palette, [frame])

/** @type {Row[]} */
const gifRows = [
  { name: 'plain.gif', bytes: whole, like: 0.9 },
  { name: 'black-first.gif', bytes: gif(width, height, palette, [black, frame]), like: 0.9 },
  { name: 'screen-zero.gif', bytes: gif(width, height, palette, [frame], { screen: [0, 0] }), like: 0.9 },
  { name: 'unknown-extension.gif', bytes: gif(width, height, palette, [frame], { before: Buffer.from([0x21, 0x77, 3, 1, 2, 3, 0]) }), like: 0.9 },
  { name: 'no-end.gif', bytes: whole.subarray(0, -1), like: 0.9 },
  { name: 'cut.gif', bytes: whole.subarray(0, whole.length / 2), refused: 'picture-corrupt' }
]

const rgb = samples(width, height, scene)
/** A TIFF strip of single bits, the first in the low one. @param {number} v */
const mirrored = (v) => Array.from({ length: 8 }, (_, i) => (v >> i & 1) << 7 - i).reduce((a, b) => a | b)
const bits1 = Buffer.from(Array.from({ length: height }, (_, y) => packed(line((x) => [grey(x, y) >> 7]), 1)).flat())
const floats = Buffer.alloc(4 * width * height)
for (let i = 0; i < width * height; i++) floats.writeFloatLE(grey(i % width, Math.floor(i / width)) / 255, 4 * i)

/** @type {Row[]} */
const tiffRows = [
  { name: 'plain.tif', bytes: tiff(width, height, scene), like: 1 },
  { name: 'big-endian.tif', bytes: tiffOf(width, height, [rgb], { bits: [8, 8, 8], photometric: 2, big: true }), like: 1 },
  { name: 'strips.tif', bytes: tiffOf(width, height, [rgb.subarray(0, rgb.length / 2), rgb.subarray(rgb.length / 2)], { bits: [8, 8, 8], photometric: 2 }), like: 1 },
  { name: 'turned.tif', bytes: tiffOf(height, width, [samples(height, width, lying)], { bits: [8, 8, 8], photometric: 2, orientation: 6 }), like: 1 },
  { name: 'planes.tif', bytes: tiffOf(width, height, [0, 1, 2].map((c) => Buffer.from(rgb.filter((_, i) => i % 3 === c))), { bits: [8, 8, 8], photometric: 2, more: [[284, 3, [2]]] }), like: 1 },
  { name: 'cmyk.tif', bytes: tiffOf(width, height, [samples(width, height, (x, y) => [...scene(x, y).map((v) => 255 - Math.min(v, 255)), 0])], { bits: [8, 8, 8, 8], photometric: 5 }), like: 0.99 },
  { name: 'grey4.tif', bytes: tiffOf(width, height, [Buffer.from(Array.from({ length: height }, (_, y) => packed(line((x) => [grey(x, y) >> 4]), 4)).flat())], { bits: [4], photometric: 1 }) },
  { name: 'bits1.tif', bytes: tiffOf(width, height, [bits1], { bits: [1], photometric: 1 }) },
  { name: 'fill-order2.tif', bytes: tiffOf(width, height, [bits1.map(mirrored)].map((b) => Buffer.from(b)), { bits: [1], photometric: 1, more: [[266, 3, [2]]] }) },
  { name: 'float.tif', bytes: tiffOf(width, height, [floats], { bits: [32], photometric: 1, more: [[339, 3, [3]]] }) },
  { name: 'cut.tif', bytes: tiff(width, height, scene).subarray(0, 9000), refused: 'picture-corrupt' }
]

/** @type {Row[]} */
const otherRows = [
  { name: 'notes.txt', bytes: Buffer.from('These are notes, not a picture.\n'), refused: 'picture-format' },
  { name: 'drawing.svg', bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>'), refused: 'picture-format' },
  { name: 'half.webp', bytes: Buffer.from('RIFF\x40\0\0\0WEBPVP8L\x34\0\0\0', 'latin1'), refused: 'picture-corrupt' }
]

/** @type {Row[]} */
export const table = [...pngRows, ...jpegRows, ...bmpRows, ...gifRows, ...tiffRows, ...otherRows]

/** Files that must give one vector: the same picture, or the same after all. */
export const equal = [['grey1.png', 'bits1.tif', 'fill-order2.tif', 'bits1.bmp'], ['grey4.png', 'grey4.tif'], ['plain.gif', 'black-first.gif'], ['plain.jpg', 'no-end.jpg', 'called.heic', 'progressive.jpg', 'restarts.jpg'], ['palette.png', 'palette8.bmp', 'rle8.bmp', 'plain.gif']]

