// Which pictures are taken, and how each crosses to the worker.

import { LikenessError } from './errors.js'
import { kindOf } from './options.js'

/**
 * Anything a vector can be taken from. Files, Blobs, ArrayBuffer, Uint8Array,
 * Uint8ClampedArray and DataView are encoded pictures (JPEG, PNG and so on);
 * the others are pixels.
 * @typedef {Blob | ArrayBuffer | Uint8Array | Uint8ClampedArray | DataView | ImageData | ImageBitmap | HTMLImageElement | HTMLCanvasElement | OffscreenCanvas | VideoFrame} Picture
 */

/**
 * What the worker receives.
 * @typedef {{blob: Blob} | {bytes: Uint8Array} | {bitmap: ImageBitmap} | {rgba: Uint8ClampedArray, width: number, height: number}} Parcel
 */

const drawable = ['ImageBitmap', 'HTMLImageElement', 'HTMLCanvasElement', 'OffscreenCanvas', 'VideoFrame']

/**
 * The parcel of an encoded picture, or undefined.
 * @param {any} picture
 * @returns {{parcel: Parcel, transfer: Transferable[]} | undefined}
 */
export function packEncoded (picture) {
  switch (kindOf(picture)) {
    case 'Blob':
    case 'File':
      return { parcel: { blob: picture }, transfer: [] }
    case 'ArrayBuffer':
    case 'SharedArrayBuffer':
    case 'Uint8Array':
    case 'Uint8ClampedArray':
    case 'DataView': {
      // A copy, so that the caller keeps its own and only what is needed crosses.
      const view = ArrayBuffer.isView(picture) ? new Uint8Array(picture.buffer, picture.byteOffset, picture.byteLength) : new Uint8Array(picture)
      const bytes = new Uint8Array(view)
      return { parcel: { bytes }, transfer: [bytes.buffer] }
    }
  }
}

/**
 * @param {any} picture
 * @returns {Promise<{parcel: Parcel, transfer: Transferable[]}>}
 */
export async function pack (picture) {
  const encoded = packEncoded(picture)
  if (encoded) return encoded
  const kind = kindOf(picture)
  if (kind === 'ImageData') {
    if (kindOf(picture.data) !== 'Uint8ClampedArray') {
      throw new LikenessError('picture-type', 'ImageData of 8-bit pixels is wanted: read it with pixelFormat "rgba-unorm8"')
    }
    const rgba = picture.data.slice()
    return { parcel: { rgba, width: picture.width, height: picture.height }, transfer: [rgba.buffer] }
  }
  if (kind === 'HTMLImageElement') {
    await picture.decode().catch(() => {
      throw new LikenessError('picture-corrupt', `the image ${picture.src} could not be shown, so it has no pixels`)
    })
  }
  if (!drawable.includes(kind)) {
    throw new LikenessError('picture-type', `a picture of type ${picture === null ? 'null' : typeof picture === 'object' ? kind : typeof picture} cannot be read: pass a File, Blob, ImageBitmap, ImageData, <img>, <canvas>, OffscreenCanvas, VideoFrame or encoded bytes`)
  }
  try {
    const bitmap = await createImageBitmap(picture, { premultiplyAlpha: 'none' })
    return { parcel: { bitmap }, transfer: [bitmap] }
  } catch (e) {
    throw new LikenessError('picture-corrupt', `the picture has no pixels to read (${/** @type {Error} */ (e).message}): pass it once it is loaded and before it is closed`)
  }
}
