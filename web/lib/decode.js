// From an encoded picture to pixels, in the worker. Whatever way they come,
// the pixels are those that a canvas would give.

/** Browsers refuse canvases above these sizes, silently in some. */
const maxSide = 16384
const maxArea = 120e6

/** Bytes of a file that are looked at for its colour profile and orientation. */
const headBytes = 1 << 18

/**
 * @param {Blob} blob
 * @returns {Promise<{bitmap: ImageBitmap, upright: boolean}>} bitmap: turned upright, with the file's own colour values; upright: the file's own rows are known to be those
 */
export async function bitmapOf (blob) {
  const { plain, upright } = inspectJPEG(new Uint8Array(await blob.slice(0, headBytes).arrayBuffer()))
  /** @type {ImageBitmapOptions} */
  const options = { imageOrientation: 'from-image' }
  if (!plain) Object.assign(options, { premultiplyAlpha: 'none', colorSpaceConversion: 'none' })
  return { bitmap: await createImageBitmap(blob, options), upright }
}

/**
 * What a file's beginning tells. plain: it is a JPEG in grey or YCbCr without a
 * colour profile, so that nothing of it can be converted or premultiplied;
 * Chromium decodes a quarter faster when it is not told to leave that out.
 * upright: it is a JPEG and its EXIF, if any, does not turn it.
 * @param {Uint8Array} b
 * @returns {{plain: boolean, upright: boolean}}
 */
export function inspectJPEG (b) {
  const unknown = { plain: false, upright: false }
  const found = { plain: true, upright: true }
  if (b[0] !== 0xff || b[1] !== 0xd8) return unknown
  for (let at = 2; at + 10 <= b.length;) {
    const marker = b[at + 1]
    if (b[at] !== 0xff || marker < 0xc0) return unknown
    const end = at + 2 + (b[at + 2] << 8 | b[at + 3])
    if (marker >= 0xc0 && marker <= 0xc2) { // a frame
      const channels = b[at + 9]
      return { ...found, plain: found.plain && (channels === 1 || channels === 3) }
    }
    if (marker < 0xc4 || marker === 0xda || marker === 0xff) return unknown
    // APP2 holds profiles (and little else), APP14 tells of colours in another model.
    if (marker === 0xe2 || marker === 0xee) found.plain = false
    if (marker === 0xe1 && !uprightEXIF(b.subarray(at + 4, end))) found.upright = false
    at = end
  }
  return unknown
}

/** @param {Uint8Array} b a JPEG's APP1, which need not be EXIF */
function uprightEXIF (b) {
  if (String.fromCharCode(...b.subarray(0, 6)) !== 'Exif\0\0') return true
  const view = new DataView(b.buffer, b.byteOffset + 6, Math.max(b.length - 6, 0))
  try {
    const little = view.getUint16(0) === 0x4949
    const first = view.getUint32(4, little)
    const count = view.getUint16(first, little)
    for (let i = 0; i < count; i++) {
      const entry = first + 2 + 12 * i
      if (view.getUint16(entry, little) === 0x112 && view.getUint16(entry + 8, little) !== 1) return false
    }
    return true
  } catch { // it ends too early
    return false
  }
}

/**
 * Whether VideoFrame.copyTo converts to RGBA here; older browsers have it and
 * ignore the format asked for.
 * @type {Promise<boolean> | undefined}
 */
let converts

function canConvert () {
  converts ??= (async () => {
    if (!globalThis.VideoFrame) return false
    const orange = new Uint8Array([0, 128, 255, 255, 0, 128, 255, 255, 0, 128, 255, 255, 0, 128, 255, 255])
    const got = new Uint8Array(16)
    const frame = new VideoFrame(orange, { format: 'BGRX', codedWidth: 2, codedHeight: 2, timestamp: 0 })
    return await copyFrame(frame, 2, 2, got) && [255, 128, 0, 255].every((v, i) => got[i] === v && got[i + 12] === v)
  })().catch(() => false)
  return converts
}

/**
 * Copies the pixels of a picture without transparency; false if it may have
 * some, which browsers treat differently.
 * @param {VideoFrame} frame closed
 * @param {number} width
 * @param {number} height
 * @param {Uint8Array<ArrayBuffer>} dst RGBA
 */
async function copyFrame (frame, width, height, dst) {
  try {
    const opaque = frame.format === 'RGBX' || frame.format === 'BGRX'
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
  if (width > maxSide || height > maxSide || width * height > maxArea) {
    bitmap.close()
    throw { code: 'picture-too-large', message: `the picture has ${width} x ${height} pixels, more than a browser canvas holds: make it smaller first` }
  }
  try {
    if (upright && await canConvert()) {
      const copied = copyFrame(new VideoFrame(bitmap, { timestamp: 0 }), width, height, place(4 * width * height))
      if (await copied.catch(() => false)) return { rgba: null, width, height }
    }
    const canvas = new OffscreenCanvas(width, height)
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }))
    context.drawImage(bitmap, 0, 0)
    return { rgba: context.getImageData(0, 0, width, height).data, width, height }
  } catch (e) {
    throw { code: 'picture-too-large', message: `the browser could not give the ${width} x ${height} pixels (${/** @type {Error} */ (e).message}): make the picture smaller, or load with decode 'exact'` }
  } finally {
    bitmap.close()
  }
}
