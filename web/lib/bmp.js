/**
 * Pixels as a BMP file: the one kind that needs neither a canvas nor an
 * encoder, and that every browser shows.
 * @param {Uint8Array} rgba opaque
 * @param {number} width
 * @param {number} height
 * @returns {Blob}
 */
export function toBMP (rgba, width, height) {
  const stride = (3 * width + 3) & ~3
  const head = 54
  const file = new Uint8Array(head + stride * height)
  const view = new DataView(file.buffer)
  file.set([0x42, 0x4d])
  view.setUint32(2, file.length, true)
  view.setUint32(10, head, true)
  view.setUint32(14, 40, true)
  view.setInt32(18, width, true)
  view.setInt32(22, -height, true) // rows from the top
  view.setUint16(26, 1, true)
  view.setUint16(28, 24, true)
  for (let y = 0; y < height; y++) {
    for (let x = 0, at = head + y * stride, from = 4 * y * width; x < width; x++, at += 3, from += 4) {
      file[at] = rgba[from + 2]
      file[at + 1] = rgba[from + 1]
      file[at + 2] = rgba[from]
    }
  }
  return new Blob([file], { type: 'image/bmp' })
}
