// From bitmaps to pixels, in the worker. Some privacy settings and extensions
// change what is read back, so each way is tried once with known pixels, and
// only one that gives them back exactly is used. Noise of one grey level would
// hardly move a vector, but nothing tells how much noise there will be, and
// vectors are promised to the last bit: there is no tolerance.

/** Browsers refuse canvases above these sizes, silently in some. */
const maxSide = 16384
const maxArea = 120e6

/** Side of the known picture in pixels. */
const probeSide = 64

/** Opaque pixels in which every value occurs. */
function known () {
  const image = new ImageData(probeSide, probeSide)
  let seed = 1
  for (let i = 0; i < image.data.length; i++) {
    seed = Math.imul(seed, 1664525) + 1013904223 | 0
    image.data[i] = i % 4 === 3 ? 255 : seed >>> 24
  }
  return image
}

/**
 * @param {ArrayLike<number>} got
 * @param {ImageData} wanted
 */
function equal (got, { data }) {
  return got.length === data.length && data.every((v, i) => v === got[i])
}

/** @typedef {{frame: boolean, canvas: boolean}} Ways the ways that give pixels unchanged */

/** @type {Promise<Ways> | undefined} */
let probed

/** @returns {Promise<Ways>} */
export function honestWays () {
  probed ??= (async () => ({ frame: await frameIsHonest().catch(() => false), canvas: await canvasIsHonest().catch(() => false) }))()
  return probed
}

async function canvasIsHonest () {
  const wanted = known()
  const bitmap = await createImageBitmap(wanted)
  const canvas = readable(probeSide, probeSide)
  canvas.drawImage(bitmap, 0, 0)
  bitmap.close()
  return equal(canvas.getImageData(0, 0, probeSide, probeSide).data, wanted)
}

/** VideoFrame.copyTo need not convert to RGBA: older browsers ignore the format asked for. */
async function frameIsHonest () {
  if (!globalThis.VideoFrame) return false
  const wanted = known()
  const canvas = new OffscreenCanvas(probeSide, probeSide)
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d', { alpha: false }))
  context.putImageData(wanted, 0, 0)
  const bitmap = canvas.transferToImageBitmap()
  const got = new Uint8Array(wanted.data.length)
  const frame = new VideoFrame(bitmap, { timestamp: 0 })
  bitmap.close()
  return await copyFrame(frame, probeSide, probeSide, got, true) && equal(got, wanted)
}

/**
 * @param {number} width
 * @param {number} height
 */
function readable (width, height) {
  return /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true }))
}

/**
 * Copies the pixels of a picture without transparency; false if it may have
 * some, which browsers treat differently.
 * @param {VideoFrame} frame closed
 * @param {number} width
 * @param {number} height
 * @param {Uint8Array<ArrayBuffer>} dst RGBA
 * @param {boolean} opaque known to be so, whatever the frame says
 */
async function copyFrame (frame, width, height, dst, opaque = frame.format === 'RGBX' || frame.format === 'BGRX') {
  try {
    const { visibleRect } = frame
    if (!opaque || visibleRect?.width !== width || visibleRect.height !== height) return false
    const options = { format: 'RGBA', colorSpace: 'srgb' }
    await frame.copyTo(dst, /** @type {any} */ (options))
    return dst.length > 0 // memory that has grown meanwhile leaves an empty view
  } finally {
    frame.close()
  }
}

/**
 * Reads the pixels of a bitmap, which it closes: into the place given, without
 * a canvas, where the browser can, three times faster for a photo; else as an
 * array of their own.
 * @param {ImageBitmap} bitmap
 * @param {boolean} upright a bitmap of a turned file may not keep its turn in a VideoFrame
 * @param {(bytes: number) => Uint8Array<ArrayBuffer>} place
 * @returns {Promise<{rgba: Uint8ClampedArray | null, width: number, height: number}>} null: they are in their place
 */
export async function pixelsOf (bitmap, upright, place) {
  const { width, height } = bitmap
  try {
    const ways = await honestWays()
    if (upright && ways.frame && width * height <= maxArea) {
      const copied = copyFrame(new VideoFrame(bitmap, { timestamp: 0 }), width, height, place(4 * width * height))
      if (await copied.catch(() => false)) return { rgba: null, width, height }
    }
    if (!ways.canvas) throw { code: 'canvas-noise', message: noise }
    if (width > maxSide || height > maxSide || width * height > maxArea) {
      throw { code: 'picture-too-large', message: `the picture has ${width} x ${height} pixels, more than a browser canvas holds: pass its file, or make it smaller first` }
    }
    const canvas = readable(width, height)
    canvas.drawImage(bitmap, 0, 0)
    return { rgba: canvas.getImageData(0, 0, width, height).data, width, height }
  } catch (e) {
    if (/** @type {any} */ (e).message && typeof (/** @type {any} */ (e).code) === 'string') throw e
    throw { code: 'picture-too-large', message: `the browser could not give the ${width} x ${height} pixels (${/** @type {Error} */ (e).message}): pass its file, or make it smaller first` }
  } finally {
    bitmap.close()
  }
}

const noise = 'this browser changes the pixels that are read from a canvas (a privacy setting such as resistFingerprinting, or an extension), so the vector would be one of noise: pass the file of the picture, or its encoded bytes, as JPEG, PNG, GIF, WebP, BMP or TIFF, which need no canvas; or allow this site to read canvases'
