/**
 * The matrix in a NumPy file: format 1 to 3, float32, two dimensions, in C order
 * (numpy.lib.format). Throws an Error that says what is not so.
 * @param {ArrayBuffer} buffer
 * @returns {{data: Float32Array<ArrayBuffer>, rows: number, dim: number}}
 */
export function readNPY (buffer) {
  const bytes = new Uint8Array(buffer)
  const view = new DataView(buffer)
  if (bytes.length < 12 || bytes[0] !== 0x93 || String.fromCharCode(...bytes.subarray(1, 6)) !== 'NUMPY') throw new Error('it is no .npy file')
  const long = bytes[6] >= 2
  const head = long ? view.getUint32(8, true) : view.getUint16(8, true)
  const from = (long ? 12 : 10) + head
  const text = new TextDecoder().decode(bytes.subarray(long ? 12 : 10, from))
  const kind = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1]
  if (kind !== '<f4') throw new Error(`its numbers are of the kind ${kind ?? 'unknown'}, <f4 (float32) is wanted: write it with .astype('float32')`)
  if (!/'fortran_order'\s*:\s*False/.test(text)) throw new Error('it is in Fortran order: write it with numpy.ascontiguousarray')
  const shape = /'shape'\s*:\s*\(\s*(\d+)\s*,\s*(\d+)\s*,?\s*\)/.exec(text)
  if (!shape) throw new Error('it has not two dimensions, a row for each picture')
  const [rows, dim] = [Number(shape[1]), Number(shape[2])]
  if (bytes.length - from !== 4 * rows * dim) throw new Error(`it should have ${rows} rows of ${dim} numbers, and has ${bytes.length - from} bytes of them: it was cut off, or changed`)
  return { data: new Float32Array(buffer.slice(from)), rows, dim }
}

/**
 * A NumPy file (format 1.0) of float32, a row for each vector.
 * @param {Float32Array<ArrayBuffer>} data
 * @param {number} dim
 */
export function writeNPY (data, dim) {
  const dict = `{'descr': '<f4', 'fortran_order': False, 'shape': (${data.length / dim}, ${dim}), }`
  // The values begin at a multiple of 64 bytes.
  const text = `${dict.padEnd(Math.ceil((dict.length + 11) / 64) * 64 - 11)}\n`
  const head = new Uint8Array(10 + text.length)
  head.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, text.length & 255, text.length >> 8])
  head.set(new TextEncoder().encode(text), 10)
  return new Blob([head, data])
}
