/**
 * Writes FILE.br and FILE.gz beside the files of a folder that gain by it, for
 * hosts that send those to browsers that take them. Those that are younger than
 * their files are left as they are.
 *
 *   node tools/site/compress.js dist [quality of brotli, 0 to 11]
 */
import { readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** What may gain; pictures and compressed files do not. */
const kinds = ['.html', '.js', '.css', '.json', '.wasm', '.safetensors', '.svg', '.py']

/** A compressed file that is not this much smaller is not worth its place. */
const most = 0.95

const [folder = 'dist', best = String(constants.BROTLI_MAX_QUALITY)] = process.argv.slice(2)
const quality = Number(best)

/** Ends of the names, and what makes the bytes. @type {Record<string, (data: Buffer) => Promise<Buffer>>} */
const ways = {
  '.br': (data) => promisify(brotliCompress)(data, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: data.length
    }
  }),
  '.gz': (data) => promisify(gzip)(data, { level: constants.Z_BEST_COMPRESSION })
}

/** @param {string} path @returns {bigint} nanoseconds, 0 where there is no file */
function timeOf (path) {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.mtimeNs ?? 0n
}

/**
 * @param {string} file
 * @param {string} end
 */
async function compress (file, end) {
  const to = file + end
  if (timeOf(to) >= timeOf(file)) return
  const data = readFileSync(file)
  const small = await ways[end](data)
  if (small.length > most * data.length) return rmSync(to, { force: true })
  writeFileSync(to + '.tmp', small)
  renameSync(to + '.tmp', to)
}

const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && kinds.includes(extname(entry.name)))
  .map((entry) => join(entry.parentPath, entry.name))
await Promise.all(files.flatMap((file) => Object.keys(ways).map((end) => compress(file, end))))
