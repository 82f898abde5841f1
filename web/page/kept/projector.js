/** @typedef {import("../collection.js").Item} Item */
/** @typedef {{name: string, blob: Blob}} Made */

/** The Projector's textures are at most so wide. */
const widest = 8192
/** Pixels of one picture of the sprite, at most. */
const largest = 64

/**
 * What the TensorFlow Embedding Projector reads beside vectors and names: one
 * picture with all the small ones in rows, and the file that names the others.
 * @param {string} name of the set
 * @param {Item[]} items
 * @param {number} dim
 * @param {(items: Item[], place: (i: number, image: ImageBitmap) => void) => Promise<void>} eachThumb
 * @returns {Promise<Made[]>}
 */
export async function projectorFiles (name, items, dim, eachThumb) {
  const columns = Math.ceil(Math.sqrt(items.length))
  const side = Math.max(1, Math.min(largest, Math.floor(widest / columns)))
  const canvas = new OffscreenCanvas(columns * side, Math.ceil(items.length / columns) * side)
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'))
  context.fillStyle = '#808080'
  context.fillRect(0, 0, canvas.width, canvas.height)
  await eachThumb(items, (i, image) => {
    const scale = side / Math.max(image.width, image.height)
    const [w, h] = [image.width * scale, image.height * scale]
    context.drawImage(image, (i % columns) * side + (side - w) / 2, Math.floor(i / columns) * side + (side - h) / 2, w, h)
  })
  const sprite = await canvas.convertToBlob({ type: 'image/png' })
  const config = {
    embeddings: [{
      tensorName: name,
      tensorShape: [items.length, dim],
      tensorPath: `${name}.tsv`,
      metadataPath: `${name}.metadata.tsv`,
      sprite: { imagePath: `${name}.sprite.png`, singleImageDim: [side, side] }
    }]
  }
  return [
    { name: `${name}.sprite.png`, blob: sprite },
    { name: `${name}.config.json`, blob: new Blob([JSON.stringify(config, null, 2) + '\n'], { type: 'application/json' }) }
  ]
}
