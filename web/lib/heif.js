// HEIC and AVIF where the browser has no decoder for them, or where the same
// pixels are wanted as the command has. The decoders are those that the command
// embeds (tools/heif), files of their own under their own licences, and are
// fetched when the first such picture is met. What is done to their results is
// tools/heif in Go, step by step: the pixels are equal.

import { LikenessError } from './errors.js'
import { addAlpha, chroma420, chroma444, divideAll, from16Bits, fromPlanes, spaceMono, spaceRGB, turn } from './heif-pixels.js'

/** @import { HEIF, Pixels, Planes } from './heif-pixels.js' */

/** @typedef {{memory: WebAssembly.Memory, _initialize: () => void, malloc: (n: number) => number, decode: (...args: number[]) => number}} Program */

/** @type {Map<string, Promise<WebAssembly.Module>>} */
const programs = new Map()

/**
 * Decodes the primary image, turned and cropped as the file says; EXIF
 * orientation must not be applied to it. Opacity is not multiplied in.
 * @param {Uint8Array} bytes the file
 * @param {HEIF} heif
 * @returns {Promise<Pixels>}
 */
export async function decodeHEIF (bytes, heif) {
  const format = heif.codec === 'av1' ? 'avif' : 'heic'
  const module = await load(format)
  try {
    return format === 'avif' ? decodeAVIF(module, bytes, heif) : decodeHEIC(module, bytes, heif)
  } catch (e) {
    if (e instanceof LikenessError) throw e
    throw damaged(format)
  }
}

/** @param {string} format @param {string} [what] */
function damaged (format, what) {
  return new LikenessError('picture-corrupt', `the ${format} picture is damaged${what ? ` (${what})` : ''}: copy or download it again`)
}

/** @param {string} format */
function load (format) {
  let program = programs.get(format)
  if (!program) {
    program = fetchProgram(new URL(`../heif/${format}.wasm`, import.meta.url))
    programs.set(format, program)
    program.catch(() => programs.delete(format))
  }
  return program
}

/** @param {URL} url */
async function fetchProgram (url) {
  try {
    const response = await fetch(url)
    if (!response.ok) throw new Error(`status ${response.status}`)
    return await WebAssembly.compile(await response.arrayBuffer())
  } catch (e) {
    throw new LikenessError('picture-heic', `the decoder for this picture could not be loaded from ${url.href} (${/** @type {Error} */ (e).message}): try again, or convert the picture to JPEG or PNG`)
  }
}

/**
 * A decoder with a memory of its own, which is given back with it. What the
 * libraries want of a system is refused: they only print.
 * @param {WebAssembly.Module} module
 * @returns {Program}
 */
function start (module) {
  const badDescriptor = 8
  /** @type {Record<string, (...args: number[]) => number>} */
  const system = {}
  for (const { name } of WebAssembly.Module.imports(module)) system[name] = () => badDescriptor
  const { exports } = new WebAssembly.Instance(module, {
    wasi_snapshot_preview1: {
      ...system,
      /** An environment of no variables. @param {number} count @param {number} size */
      environ_sizes_get: (count, size) => {
        const view = new DataView(program.memory.buffer)
        view.setUint32(count, 0, true)
        view.setUint32(size, 0, true)
        return 0
      },
      environ_get: () => 0,
      proc_exit: () => { throw new Error('the decoder gave up') }
    }
  })
  const program = /** @type {Program} */ (/** @type {unknown} */ (exports))
  program._initialize()
  return program
}

/** @param {Program} program @param {number} n */
function alloc (program, n) {
  const at = n < 2 ** 31 ? program.malloc(n) >>> 0 : 0
  if (at === 0) throw new Error('no memory')
  return at
}

/** @param {Program} program @param {Uint8Array} bytes */
function put (program, bytes) {
  const at = alloc(program, bytes.length)
  new Uint8Array(program.memory.buffer).set(bytes, at)
  return at
}

/** @param {Program} program @param {number} at @param {number} n */
function words (program, at, n) {
  return new Uint32Array(program.memory.buffer.slice(at, at + 4 * n))
}

/**
 * @param {WebAssembly.Module} module
 * @param {Uint8Array} bytes
 * @param {HEIF} heif
 * @returns {Pixels}
 */
function decodeHEIC (module, bytes, heif) {
  const file = bytes.slice()
  for (const at of heif.monoAt ?? []) file[at]++
  const planes = libheif(module, file, heif.bits)
  let width = heif.storedWidth, height = heif.storedHeight
  for (const step of heif.steps ?? []) { // libheif has applied them
    if (step.crop.w) { width = step.crop.w; height = step.crop.h }
    if (step.rotate % 2) [width, height] = [height, width]
  }
  if (planes.w !== width || planes.h !== height) throw damaged('heic', 'its sizes contradict each other')
  const rgba = fromPlanes(planes, heif)
  if (heif.alpha && planes.space !== spaceRGB) {
    // The program gives no opacity: it is decoded as if it were the picture.
    const view = new DataView(file.buffer)
    if (heif.primaryBytes === 4) view.setUint32(heif.primaryAt, heif.alphaId)
    else view.setUint16(heif.primaryAt, heif.alphaId)
    const alpha = libheif(module, file, heif.alphaBits)
    if (alpha.space === spaceRGB) throw damaged('heic')
    addAlpha(rgba, planes, alpha, heif.premultiplied)
  }
  return { rgba, width, height }
}

/**
 * Fills what libheif may write to; no sample of up to 15 bits has it for its
 * upper byte.
 */
const untouched = 0xab

/**
 * Runs the program's only function: first for the sizes, then for the planes.
 * It gives samples of 8 bits, but for some pictures of more (4:4:4 for one) two
 * bytes each, which only their amount tells.
 * @param {WebAssembly.Module} module
 * @param {Uint8Array} bytes
 * @param {number} bits
 * @returns {Planes}
 */
function libheif (module, bytes, bits) {
  const program = start(module)
  const file = put(program, bytes)
  const out = alloc(program, 20)
  const decode = (/** @type {number} */ sizesOnly, /** @type {number} */ to) => {
    if (!program.decode(file, bytes.length, sizesOnly, out, out + 4, out + 8, out + 12, out + 16, to)) throw damaged('heic')
  }
  decode(1, 0)
  const [w, h, space, chroma, premultiplied] = words(program, out, 5)
  if (!w || !h || w > 1 << 17 || h > 1 << 17 || space > spaceMono) throw damaged('heic')
  let wC = 0, hC = 0
  if (space !== spaceMono && space !== spaceRGB) {
    if (chroma < chroma420 || chroma > chroma444) throw damaged('heic')
    wC = chroma === chroma444 ? w : (w + 1) >> 1
    hC = chroma === chroma420 ? (h + 1) >> 1 : h
  }
  const stride = planeStride(w, space === spaceRGB ? 4 : 1), strideC = wC && planeStride(wC, 1)
  const sizeY = stride * h, sizeC = strideC * hC, size = sizeY + 2 * sizeC
  const to = alloc(program, 2 * size)
  new Uint8Array(program.memory.buffer).fill(untouched, to, to + 2 * size)
  decode(0, to)
  // The decoder's memory is not used any more, so nothing is copied.
  let all = new Uint8Array(program.memory.buffer, to, 2 * size)
  if (touched(new Uint32Array(program.memory.buffer, to + size, size / 4))) {
    if (bits <= 8 || space === spaceRGB) throw damaged('heic')
    const narrow = new Uint8Array(size)
    let at = narrowPlane(all, 0, narrow, 0, w, h, bits)
    if (wC) {
      at = narrowPlane(all, at, narrow, sizeY, wC, hC, bits)
      narrowPlane(all, at, narrow, sizeY + sizeC, wC, hC, bits)
    }
    all = narrow
  }
  return {
    w, h, space, chroma, premultiplied: premultiplied === 1, stride, strideC,
    y: all.subarray(0, sizeY), cb: all.subarray(sizeY, sizeY + sizeC), cr: all.subarray(sizeY + sizeC, size)
  }
}

/** @param {Uint32Array} words */
function touched (words) {
  for (let i = 0; i < words.length; i++) if (words[i] !== untouched * 0x01010101) return true
  return false
}

/**
 * The length of a row: an even width of at least 64 pixels, rounded up to 16
 * bytes.
 * @param {number} width
 * @param {number} bytes of a pixel
 */
function planeStride (width, bytes) {
  return (Math.max(64, width + width % 2) * bytes + 15) & ~15
}

/**
 * Drops the lower bits of a plane of two bytes a sample. Its rows are padded in
 * bytes, not in samples.
 * @param {Uint8Array} src
 * @param {number} from
 * @param {Uint8Array} dst
 * @param {number} to
 * @param {number} w
 * @param {number} h
 * @param {number} bits
 * @returns {number} where the next plane begins in src
 */
function narrowPlane (src, from, dst, to, w, h, bits) {
  const wide = planeStride(w, 2), stride = planeStride(w, 1)
  for (let y = 0; y < h; y++, from += wide, to += stride) {
    for (let x = 0; x < w; x++) dst[to + x] = Math.min((src[from + 2 * x] | src[from + 2 * x + 1] << 8) >> (bits - 8), 255)
  }
  return from
}

/**
 * @param {WebAssembly.Module} module
 * @param {Uint8Array} bytes
 * @param {HEIF} heif
 * @returns {Pixels}
 */
function decodeAVIF (module, bytes, heif) {
  const program = start(module)
  const file = put(program, bytes)
  const out = alloc(program, 24)
  // libavif writes a duration here once it has decoded a frame; the program
  // itself reports success even if it has not.
  const undone = 0xfff8dead
  const mark = new DataView(program.memory.buffer)
  mark.setUint32(out + 16, undone, true)
  mark.setUint32(out + 20, undone, true)
  const decode = (/** @type {number} */ sizesOnly, /** @type {number} */ to) => {
    if (!program.decode(file, bytes.length, sizesOnly, 0, out, out + 4, out + 8, out + 12, out + 16, to)) throw damaged('avif')
  }
  decode(1, 0)
  const [width, height, depth] = words(program, out, 3)
  if (width !== heif.storedWidth || height !== heif.storedHeight) throw damaged('avif', 'its sizes contradict each other')
  const size = width * height * (depth > 8 ? 8 : 4)
  const to = alloc(program, size)
  decode(0, to)
  if (words(program, out + 16, 2).every(v => v === undone)) throw damaged('avif')
  const rgba = new Uint8ClampedArray(4 * width * height)
  if (depth > 8) {
    from16Bits(rgba, new Uint16Array(program.memory.buffer, to, size / 2))
  } else {
    rgba.set(new Uint8Array(program.memory.buffer, to, size))
    divideAll(rgba)
  }
  return turn({ rgba, width, height }, heif.steps ?? [])
}
