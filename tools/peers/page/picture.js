// The one picture that every engine gets.

/**
 * @param {number} height in pixels
 * @param {number} [width] the same by default
 * @returns {ImageData} a smooth picture with some noise, the same every time
 */
export function picture (height, width = height) {
  const image = new ImageData(width, height)
  let seed = 1
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      seed = Math.imul(seed, 1664525) + 1013904223 | 0
      const noise = (seed >>> 28) - 8
      image.data[at] = 128 + 90 * Math.sin(x / 17) + noise
      image.data[at + 1] = 128 + 90 * Math.cos((x + y) / 29) + noise
      image.data[at + 2] = 255 * y / height + noise
      image.data[at + 3] = 255
    }
  }
  return image
}

/**
 * The picture as a peer's input.
 * @param {ImageData} image
 * @param {{mean: number[], std: number[], order: string}} preparation
 * @param {boolean} planes channels first
 */
export function floats (image, { mean, std, order }, planes) {
  const { width, height, data } = image
  const out = new Float32Array(3 * width * height)
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) {
      const value = (data[4 * i + (order === 'BGR' ? 2 - c : c)] - mean[c]) / std[c]
      out[planes ? c * width * height + i : 3 * i + c] = value
    }
  }
  return out
}
