/** @typedef {import("./parquet-worker.js").Table} Table */

/**
 * Asks the worker for Parquet, which lives as long as the question: few need it,
 * and its memory is given back.
 * @param {{read: ArrayBuffer}|{write: Table}} question
 * @returns {Promise<any>}
 */
function ask (question) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./parquet-worker.js', import.meta.url), { type: 'module' })
    const end = (/** @type {() => void} */ then) => { worker.terminate(); then() }
    worker.onmessage = ({ data }) => end(() => (data.error ? reject(new Error(data.error)) : resolve(data.value)))
    worker.onerror = (event) => {
      event.preventDefault?.()
      end(() => reject(new Error('the part of this page that reads and writes Parquet could not be loaded: check the connection, or choose another format')))
    }
    worker.postMessage({ id: 1, ...question })
  })
}

/**
 * @param {ArrayBuffer} buffer a Parquet file with a row for each vector
 * @returns {Promise<Table>}
 */
export const readParquet = (buffer) => ask({ read: buffer })

/**
 * A Parquet file with the columns name, those given, and vector (a list of
 * floats); the origin is in the file's metadata under the key "likeness".
 * @param {Table} table
 * @returns {Promise<ArrayBuffer>}
 */
export const writeParquet = (table) => ask({ write: table })
