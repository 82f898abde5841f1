/** JPEG files made by hand (ITU-T T.81): the encoder is plain, its Huffman codes have one length. */

/** @typedef {import('./png.js').Colour} Colour */

const zigzag = [0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63]
const cosine = Array.from({ length: 64 }, (_, i) => Math.cos((2 * (i & 7) + 1) * (i >> 3) * Math.PI / 16) * (i < 8 ? Math.SQRT1_2 : 1) / 2)

/** Symbols of the two tables: DC sizes, and run and size of AC, ZRL and end of block. */
const dcSymbols = Array.from({ length: 12 }, (_, i) => i)
const acSymbols = [0x00, 0xf0, ...Array.from({ length: 160 }, (_, i) => (i / 10 << 4) + i % 10 + 1)]

/** Entropy-coded bits. */
class Bits {
  constructor () {
    /** @type {number[]} */
    this.bytes = []
    this.held = 0
    this.n = 0
  }

  /** @param {number} value @param {number} n */
  put (value, n) {
    for (let i = n - 1; i >= 0; i--) {
      this.held = this.held << 1 | value >> i & 1
      if (++this.n < 8) continue
      this.bytes.push(this.held)
      if (this.held === 0xff) this.bytes.push(0)
      this.held = this.n = 0
    }
  }

  fill () { if (this.n > 0) this.put(0xff, 8 - this.n) }

  /** @param {number[]} symbols @param {number} symbol @param {number} length */
  code (symbols, symbol, length) { this.put(symbols.indexOf(symbol), length) }
}

/** @param {number} v */
const size = (v) => 32 - Math.clz32(Math.abs(v))
/** @param {number} v */
const extra = (v) => v < 0 ? v + (1 << size(v)) - 1 : v

/** Quantised coefficients in zigzag order. @param {(x: number, y: number) => number} sample */
function transform (sample) {
  const f = Array.from({ length: 64 }, (_, i) => sample(i & 7, i >> 3) - 128)
  return zigzag.map((k) => {
    const u = k & 7
    const v = k >> 3
    let sum = 0
    for (let y = 0; y < 8; y++) for (let x = 0; x < 8; x++) sum += f[8 * y + x] * cosine[8 * u + x] * cosine[8 * v + y]
    return Math.round(sum / step)
  })
}

/** The quantiser's step. */
const step = 3

/** @param {number} marker @param {number[] | Buffer} body */
function segment (marker, body) {
  return Buffer.from([0xff, marker, body.length + 2 >> 8, body.length + 2 & 255, ...body])
}

/**
 * @param {number} width
 * @param {number} height
 * @param {Colour} colour
 * @param {{space?: 'grey' | 'ycc' | 'rgb' | 'cmyk', sampling?: [number, number], progressive?: boolean, restart?: number, adobe?: number, before?: Buffer[]}} [options]
 * sampling: of the first component beside the others; restart: blocks between markers; adobe: the transform of an Adobe segment
 */
export function jpeg (width, height, colour, { space = 'ycc', sampling = [1, 1], progressive = false, restart = 0, adobe, before = [] } = {}) {
  const clamp = (/** @type {number} */ x, /** @type {number} */ y) => colour(Math.min(x, width - 1), Math.min(y, height - 1))
  /** @param {number[]} rgb */
  const convert = ([r, g, b]) => {
    if (space === 'rgb') return [r, g, b]
    if (space === 'cmyk') return [255 - r, 255 - g, 255 - b, 0]
    return [0.299 * r + 0.587 * g + 0.114 * b, 128 - 0.1687 * r - 0.3313 * g + 0.5 * b, 128 + 0.5 * r - 0.4187 * g - 0.0813 * b].slice(0, space === 'grey' ? 1 : 3)
  }
  const n = convert([0, 0, 0]).length
  const [h, v] = n === 1 ? [1, 1] : sampling
  const across = Math.ceil(width / (8 * h))
  const down = Math.ceil(height / (8 * v))
  const parts = Array.from({ length: n }, (_, c) => {
    const [ph, pv] = c === 0 ? [h, v] : [1, 1]
    const [sx, sy] = [h / ph, v / pv] // pixels a sample
    const columns = across * ph
    const blocks = Array.from({ length: columns * down * pv }, (_, i) => transform((x, y) => {
      const [px, py] = [(8 * (i % columns) + x) * sx, (8 * Math.floor(i / columns) + y) * sy]
      let sum = 0
      for (let dy = 0; dy < sy; dy++) for (let dx = 0; dx < sx; dx++) sum += convert(clamp(px + dx, py + dy))[c]
      return sum / (sx * sy)
    }))
    // Blocks that hold pixels: scans of one component have no others.
    return { ph, pv, columns, blocks, wide: Math.ceil(Math.ceil(width / sx) / 8), high: Math.ceil(Math.ceil(height / sy) / 8) }
  })
  const bits = () => new Bits()
  /** @param {Bits} out @param {number[]} block @param {number} last */
  const dc = (out, block, last) => {
    const diff = block[0] - last
    out.code(dcSymbols, size(diff), 4)
    out.put(extra(diff), size(diff))
  }
  /** @param {Bits} out @param {number[]} block @param {number} from @param {number} to */
  const ac = (out, block, from, to) => {
    let run = 0
    for (let k = from; k <= to; k++) {
      if (block[k] === 0) { run++; continue }
      for (; run > 15; run -= 16) out.code(acSymbols, 0xf0, 8)
      out.code(acSymbols, run << 4 | size(block[k]), 8)
      out.put(extra(block[k]), size(block[k]))
      run = 0
    }
    if (run > 0) out.code(acSymbols, 0, 8)
  }
  /**
   * A scan; emit writes one unit of it.
   * @param {number[]} components @param {number} from @param {number} to @param {number} units @param {(out: Bits, unit: number, last: number[]) => void} emit
   */
  const scan = (components, from, to, units, emit) => {
    const head = segment(0xda, [components.length, ...components.flatMap((c) => [c + 1, 0]), from, to, 0])
    const pieces = [head]
    for (let unit = 0, mark = 0; unit < units; mark++) {
      const out = bits()
      const last = new Array(n).fill(0)
      const end = restart > 0 ? Math.min(unit + restart, units) : units
      for (; unit < end; unit++) emit(out, unit, last)
      out.fill()
      pieces.push(Buffer.from(out.bytes))
      if (unit < units) pieces.push(Buffer.from([0xff, 0xd0 + mark % 8]))
    }
    return Buffer.concat(pieces)
  }
  const all = parts.map((_, c) => c)
  /** @param {(out: Bits, block: number[], last: number) => void} write */
  const interleaved = (write) => (/** @type {Bits} */ out, /** @type {number} */ unit, /** @type {number[]} */ last) => {
    parts.forEach(({ ph, pv, columns, blocks }, c) => {
      for (let y = 0; y < pv; y++) {
        for (let x = 0; x < ph; x++) {
          const block = blocks[(Math.floor(unit / across) * pv + y) * columns + unit % across * ph + x]
          write(out, block, last[c])
          last[c] = block[0]
        }
      }
    })
  }
  const scans = progressive
    ? [scan(all, 0, 0, across * down, interleaved(dc)),
        ...[[1, 5], [6, 63]].flatMap(([from, to]) => parts.map(({ wide, high, columns, blocks }, c) =>
          scan([c], from, to, wide * high, (out, unit) => ac(out, blocks[Math.floor(unit / wide) * columns + unit % wide], from, to))))]
    : [scan(all, 0, 63, across * down, interleaved((out, block, last) => { dc(out, block, last); ac(out, block, 1, 63) }))]
  const lengths = (/** @type {number} */ length, /** @type {number} */ count) => Array.from({ length: 16 }, (_, i) => i + 1 === length ? count : 0)
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    ...before,
    ...adobe === undefined ? [] : [segment(0xee, [...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, adobe])],
    segment(0xdb, [0, ...new Array(64).fill(step)]),
    segment(progressive ? 0xc2 : 0xc0, [8, height >> 8, height & 255, width >> 8, width & 255, n, ...parts.flatMap(({ ph, pv }, c) => [space === 'rgb' ? 'RGB'.charCodeAt(c) : c + 1, ph << 4 | pv, 0])]),
    segment(0xc4, [0x00, ...lengths(4, 12), ...dcSymbols]),
    segment(0xc4, [0x10, ...lengths(8, 162), ...acSymbols]),
    ...restart > 0 ? [segment(0xdd, [restart >> 8, restart & 255])] : [],
    ...space === 'rgb' ? scans.map((s) => renamed(s)) : scans,
    Buffer.from([0xff, 0xd9])
  ])
}

/** A scan whose components are called R, G and B. @param {Buffer} scan */
function renamed (scan) {
  const copy = Buffer.from(scan)
  for (let c = 0; c < copy[4]; c++) copy[5 + 2 * c] = 'RGB'.charCodeAt(copy[5 + 2 * c] - 1)
  return copy
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
