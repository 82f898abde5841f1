// What decoders of HEIC and AVIF leave to their caller: colours, opacity, turns.
// It is the JavaScript of tools/heif/colour.go and turn.go, to the bit.

import { LikenessError } from './errors.js'

/**
 * What the look at the bytes found (Go: look.HEIF, by its names in JSON).
 * @typedef {object} HEIF
 * @property {'hevc' | 'av1'} codec
 * @property {number} storedWidth
 * @property {number} storedHeight
 * @property {number} matrix
 * @property {boolean} fullRange
 * @property {number} bits
 * @property {number} alphaBits
 * @property {Step[] | null} steps
 * @property {boolean} alpha
 * @property {number} alphaId
 * @property {number} primaryAt
 * @property {number} primaryBytes
 * @property {number[] | null} monoAt
 * @property {boolean} premultiplied
 */

/** @typedef {{rotate: number, mirror: number, crop: {x: number, y: number, w: number, h: number}}} Step */

/** @typedef {{rgba: Uint8ClampedArray<ArrayBuffer>, width: number, height: number}} Pixels */

/** @typedef {{w: number, h: number, space: number, chroma: number, premultiplied: boolean, y: Uint8Array, cb: Uint8Array, cr: Uint8Array, stride: number, strideC: number}} Planes */

/** Colour spaces and chroma formats of libheif. */
export const spaceRGB = 1, spaceMono = 2, chroma420 = 1, chroma422 = 2, chroma444 = 3

/**
 * Luma weights of red and blue in units of 1/10000 (ITU-T H.273 table 4).
 * @type {Record<number, [number, number] | undefined>}
 */
const lumaWeights = { 1: [2126, 722], 2: [2990, 1140], 4: [3000, 1100], 5: [2990, 1140], 6: [2990, 1140], 7: [2120, 870], 9: [2627, 593] }

/** @param {number} matrix @param {boolean} fullRange */
function weights (matrix, fullRange) {
  const found = lumaWeights[matrix]
  if (!found) throw new LikenessError('picture-feature', 'the heic picture uses an unusual colour matrix, which is not read: save it again as an ordinary JPEG or PNG')
  const [r, b] = found
  const g = 10000 - r - b
  const round = (/** @type {number} */ p, /** @type {number} */ q) => Math.trunc(p / q + 0.5)
  const unit = fullRange ? 65536 : 65536 * 255 / 224
  return {
    offset: fullRange ? 0 : 16,
    scale: fullRange ? 65536 : round(65536 * 255, 219),
    rCr: round(unit * (2 * (10000 - r)), 10000),
    bCb: round(unit * (2 * (10000 - b)), 10000),
    gCb: round(unit * (2 * b * (10000 - b)), 10000 * g),
    gCr: round(unit * (2 * r * (10000 - r)), 10000 * g)
  }
}

/** @param {Planes} p @param {HEIF} heif */
export function fromPlanes (p, heif) {
  const rgba = new Uint8ClampedArray(4 * p.w * p.h)
  if (p.space === spaceRGB) {
    for (let y = 0; y < p.h; y++) rgba.set(p.y.subarray(p.stride * y, p.stride * y + 4 * p.w), 4 * p.w * y)
    if (p.premultiplied) divideAll(rgba)
    return rgba
  }
  const mono = p.space === spaceMono
  if (!mono && heif.matrix === 0 && p.chroma === chroma444) {
    for (let y = 0, at = 0; y < p.h; y++) {
      for (let x = 0; x < p.w; x++, at += 4) {
        rgba[at] = p.cr[p.strideC * y + x]
        rgba[at + 1] = p.y[p.stride * y + x]
        rgba[at + 2] = p.cb[p.strideC * y + x]
        rgba[at + 3] = 255
      }
    }
    return rgba
  }
  const w = weights(mono ? 2 : heif.matrix, heif.fullRange)
  const cb = new Int32Array(p.w), cr = new Int32Array(p.w)
  for (let y = 0, at = 0; y < p.h; y++) {
    if (!mono) {
      chromaRow(p, cb, p.cb, y)
      chromaRow(p, cr, p.cr, y)
    }
    const luma = p.stride * y
    for (let x = 0; x < p.w; x++, at += 4) {
      const v = ((p.y[luma + x] - w.offset) * w.scale << 4) + (1 << 19)
      rgba[at] = (v + w.rCr * cr[x]) >> 20
      rgba[at + 1] = (v - w.gCb * cb[x] - w.gCr * cr[x]) >> 20
      rgba[at + 2] = (v + w.bCb * cb[x]) >> 20
      rgba[at + 3] = 255
    }
  }
  return rgba
}

/**
 * The chroma of a row at full width, in units of 1/16 and without its offset.
 * Where there is a sample for two pixels, the nearer one counts three times as
 * much as the other neighbour, in each direction.
 * @param {Planes} p
 * @param {Int32Array} dst
 * @param {Uint8Array} plane
 * @param {number} y
 */
function chromaRow (p, dst, plane, y) {
  if (p.chroma === chroma444) {
    for (let x = 0; x < p.w; x++) dst[x] = (plane[p.strideC * y + x] - 128) * 16
    return
  }
  let near = y, far = y
  if (p.chroma !== chroma422) {
    near = y >> 1
    far = Math.min(Math.max(near - 1 + 2 * (y & 1), 0), ((p.h + 1) >> 1) - 1)
  }
  near *= p.strideC
  far *= p.strideC
  const last = ((p.w + 1) >> 1) - 1
  for (let x = 0; x < p.w; x++) {
    const at = x >> 1
    const other = Math.min(Math.max(at - 1 + 2 * (x & 1), 0), last)
    dst[x] = 3 * (3 * plane[near + at] + plane[far + at]) + 3 * plane[near + other] + plane[far + other] - 128 * 16
  }
}

/**
 * A value without the opacity a that was multiplied in, both of the same unit.
 * @param {number} v
 * @param {number} a
 */
function divide (v, a) {
  return a === 0 ? 0 : Math.min(Math.trunc((v * 255 + (a >> 1)) / a), 255)
}

/** @param {Uint8ClampedArray} rgba */
export function divideAll (rgba) {
  for (let at = 0; at < rgba.length; at += 4) {
    const a = rgba[at + 3]
    if (a === 255) continue
    for (let c = at; c < at + 3; c++) rgba[c] = divide(rgba[c], a)
  }
}

/**
 * Takes opacity from the luma of another picture, at the nearest place if that
 * has another size.
 * @param {Uint8ClampedArray} rgba
 * @param {Planes} p
 * @param {Planes} alpha
 * @param {boolean} premultiplied
 */
export function addAlpha (rgba, p, alpha, premultiplied) {
  for (let y = 0, at = 3; y < p.h; y++) {
    const row = alpha.stride * Math.trunc(y * alpha.h / p.h)
    for (let x = 0; x < p.w; x++, at += 4) rgba[at] = alpha.y[row + Math.trunc(x * alpha.w / p.w)]
  }
  if (premultiplied) divideAll(rgba)
}

/** @param {Uint8ClampedArray} dst @param {Uint16Array} src multiplied with opacity */
export function from16Bits (dst, src) {
  for (let at = 0; at < dst.length; at += 4) {
    const a = src[at + 3]
    for (let c = at; c < at + 3; c++) dst[c] = divide(src[c], a)
    dst[at + 3] = Math.trunc((a * 255 + 32767) / 65535)
  }
}

/**
 * Applies what libavif leaves to its caller.
 * @param {Pixels} px
 * @param {Step[]} steps
 */
export function turn (px, steps) {
  for (const { rotate, mirror, crop } of steps) {
    const { width: w, height: h } = px
    if (rotate) { // quarters, anticlockwise
      if (rotate === 1) px = arrange(px, h, w, (x, y) => w * x + w - 1 - y)
      else if (rotate === 2) px = arrange(px, w, h, (x, y) => w * (h - 1 - y) + w - 1 - x)
      else px = arrange(px, h, w, (x, y) => w * (h - 1 - x) + y)
    } else if (mirror === 1) px = arrange(px, w, h, (x, y) => w * (h - 1 - y) + x)
    else if (mirror) px = arrange(px, w, h, (x, y) => w * y + w - 1 - x)
    else px = arrange(px, crop.w, crop.h, (x, y) => w * (crop.y + y) + crop.x + x)
  }
  return px
}

/**
 * @param {Pixels} px
 * @param {number} width
 * @param {number} height
 * @param {(x: number, y: number) => number} from which pixel comes to a place
 * @returns {Pixels}
 */
function arrange (px, width, height, from) {
  const src = new Uint32Array(px.rgba.buffer), dst = new Uint32Array(width * height)
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) dst[at] = src[from(x, y)]
  }
  return { rgba: new Uint8ClampedArray(dst.buffer), width, height }
}
