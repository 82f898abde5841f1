/** Vectors and their order, worked out here independently of the page. */

/**
 * Rows of a two-dimensional little-endian float32 .npy file.
 * @param {Buffer} bytes
 * @returns {Float32Array[]}
 */
export function parseNPY (bytes) {
  if (bytes.toString('latin1', 0, 6) !== '\x93NUMPY') throw new Error('not an .npy file')
  const start = 10 + bytes.readUInt16LE(8)
  const header = bytes.toString('latin1', 10, start)
  const shape = /'shape': \((\d+), (\d+)\)/.exec(header)
  if (!shape || !header.includes("'<f4'")) throw new Error(`unexpected header ${header}`)
  const [rows, dim] = [Number(shape[1]), Number(shape[2])]
  if (bytes.length !== start + rows * dim * 4) throw new Error('length does not fit the header')
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length))
  return Array.from({ length: rows }, (_, i) => values.subarray(i * dim, (i + 1) * dim))
}

/**
 * Cosines in the summation order of engine/search, rounded to float32.
 * @param {Float32Array} query
 * @param {Float32Array[]} vectors
 */
export function rank (query, vectors) {
  const length = Math.sqrt(dot(query, query))
  return vectors
    .map((vector, index) => ({ index, score: Math.fround(dot(query, vector) / (length * Math.sqrt(dot(vector, vector)))) }))
    .sort((a, b) => b.score - a.score || a.index - b.index)
}

/**
 * @param {Float32Array} a
 * @param {Float32Array} b
 */
function dot (a, b) {
  const sums = [0, 0, 0, 0]
  const whole = a.length - a.length % 4
  for (let i = 0; i < a.length; i++) sums[i < whole ? i % 4 : 0] += a[i] * b[i]
  return sums[0] + sums[1] + (sums[2] + sums[3])
}
