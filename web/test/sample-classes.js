import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dist } from './library-site.js'

/**
 * Pictures of some kinds of the sample collection, a folder for each.
 * @param {string} into a folder
 * @param {string[]} labels
 * @param {number} [most] pictures of each
 */
export function sampleClasses (into, labels, most = Infinity) {
  const collection = JSON.parse(readFileSync(join(dist, 'samples/emoji/collection.json'), 'utf8'))
  const packs = collection.packs.map((/** @type {string} */ pack) => readFileSync(join(dist, pack)))
  /** @type {Map<string, number>} */
  const written = new Map()
  let at = 0
  for (let i = 0; i < collection.count; i++) {
    if (i % collection.per_pack === 0) at = 0
    const data = packs[Math.floor(i / collection.per_pack)].subarray(at, at + collection.size[i])
    at += collection.size[i]
    const label = collection.label[i]
    const n = written.get(label) ?? 0
    if (!labels.includes(label) || n >= most) continue
    written.set(label, n + 1)
    mkdirSync(join(into, label), { recursive: true })
    writeFileSync(join(into, collection.names[i]), data)
  }
}
