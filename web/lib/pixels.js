// Which pictures are taken, and how each crosses to the worker.

import { LikenessError } from './errors.js'

/**
 * Anything a vector can be taken from. ArrayBuffer and Uint8Array are encoded
 * files (JPEG, PNG and so on).
 * @typedef {Blob | ImageBitmap | ImageData | HTMLImageElement | HTMLCanvasElement | OffscreenCanvas | VideoFrame | ArrayBuffer | Uint8Array} Picture
 */

/**
 * What the worker receives.
 * @typedef {{blob: Blob} | {bytes: Uint8Array} | {bitmap: ImageBitmap} | {rgba: Uint8ClampedArray, width: number, height: number}} Parcel
 */

/**
 * @param {Picture} picture
 * @returns {Promise<{parcel: Parcel, transfer: Transferable[]}>}
 */
export async function pack (picture) {
  if (picture instanceof Blob) return { parcel: { blob: picture }, transfer: [] }
  // Copies, so that the caller keeps its own and only what is needed crosses.
  if (picture instanceof ArrayBuffer || picture instanceof Uint8Array) {
    const bytes = new Uint8Array(picture instanceof Uint8Array ? picture : new Uint8Array(picture))
    return { parcel: { bytes }, transfer: [bytes.buffer] }
  }
  if (picture instanceof ImageData) {
    if (!(picture.data instanceof Uint8ClampedArray)) {
      throw new LikenessError('picture-type', 'ImageData of 8-bit pixels is wanted: read it with pixelFormat "rgba-unorm8"')
    }
    const rgba = picture.data.slice()
    return { parcel: { rgba, width: picture.width, height: picture.height }, transfer: [rgba.buffer] }
  }
  if (picture instanceof HTMLImageElement) {
    await picture.decode().catch(() => {
      throw new LikenessError('picture-corrupt', `the image ${picture.src} could not be shown, so it has no pixels`)
    })
  }
  const drawable = [globalThis.ImageBitmap, globalThis.HTMLImageElement, globalThis.HTMLCanvasElement, globalThis.OffscreenCanvas, globalThis.VideoFrame]
  if (!drawable.some(type => type !== undefined && picture instanceof type)) {
    throw new LikenessError('picture-type', 'pass a File, Blob, ImageBitmap, ImageData, <img>, <canvas>, OffscreenCanvas, VideoFrame or encoded bytes')
  }
  try {
    const bitmap = await createImageBitmap(picture, { premultiplyAlpha: 'none', colorSpaceConversion: 'none' })
    return { parcel: { bitmap }, transfer: [bitmap] }
  } catch (e) {
    throw new LikenessError('picture-corrupt', `the picture has no pixels to read (${/** @type {Error} */ (e).message}): pass it once it is loaded and before it is closed`)
  }
}
