/**
 * Makers of maps side by side in one Chromium, a worker each, one after the
 * other in every round: seconds from vectors to finished coordinates, and how
 * faithful the maps are.
 *
 *   node tools/peers/maps/bench.js FILE.npy [rounds]
 *
 * The file holds vectors of length 1. Without one the sample collection's are taken.
 * ONLY=likeness leaves the others out.
 */
import { createRequire } from 'node:module'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { launch } from '../../../web/test/page-site.js'
import { host } from '../site.js'

const here = new URL('.', import.meta.url).pathname
const root = join(here, '../../..')
const samples = join(root, 'dist/samples/emoji')
const file = process.argv[2] || join(samples, JSON.parse(readFileSync(join(samples, 'collection.json'), 'utf8')).vectors.split('/').at(-1))
const rounds = Number(process.argv[3] ?? 3)
const built = join(root, 'bin/peers-maps')
mkdirSync(built, { recursive: true })

const { build } = createRequire(join(root, 'web/package.json'))('esbuild')
await build({ entryPoints: [join(here, 'peer-worker.js')], bundle: true, format: 'esm', minify: true, outfile: join(built, 'peer-worker.js'), logLevel: 'error' })

const { url, close } = await host({ dist: join(root, 'dist'), peers: built, page: here, data: join(file, '..') }, join(built, 'kept'))
const browser = await launch()
const page = await browser.newPage()
page.on('pageerror', (error) => console.error(String(error)))
await page.goto(new URL('page/page.html', url).href)
/** @type {Record<string, {ms: number[], trustworthiness?: number, kept?: number}>} */
const found = {}
const shape = await page.evaluate((name) => /** @type {any} */ (window).read(name), file.split('/').at(-1))
// Exact t-SNE takes minutes: one round of it is enough.
const all = ['likeness umap', 'umap-js', 'embedding-atlas', 'likeness tsne', 'druidjs'].filter((name) => name.includes(process.env.ONLY ?? ''))
for (let round = 0; round < rounds; round++) {
  for (const name of all) {
    if (name === 'druidjs' && round > 0) continue
    const one = await page.evaluate((name) => /** @type {any} */ (window).make(name), name)
    const row = found[name] ??= { ms: [] }
    row.ms.push(one.ms)
    Object.assign(row, { trustworthiness: one.trustworthiness, kept: one.kept })
    console.error(name, (one.ms / 1000).toFixed(2))
  }
}
await browser.close()
close()
const median = (/** @type {number[]} */ list) => [...list].sort((a, b) => a - b)[list.length >> 1]
console.log(`${shape.count} vectors of ${shape.dim} values, ${rounds} rounds, one worker each; 15 neighbours and 500 epochs for UMAP, perplexity 30 for t-SNE\n`)
console.log('| maker | seconds (median) | least | trustworthiness@10 | ten nearest kept | ratio to ours |\n|---|---|---|---|---|---|')
for (const [name, { ms, trustworthiness = NaN, kept = NaN }] of Object.entries(found)) {
  const ours = found[name === 'druidjs' || name.endsWith('tsne') ? 'likeness tsne' : 'likeness umap'].ms
  console.log(`| ${name} | ${(median(ms) / 1000).toFixed(2)} | ${(Math.min(...ms) / 1000).toFixed(2)} | ${trustworthiness.toFixed(3)} | ${kept.toFixed(3)} | ${(median(ms) / median(ours)).toFixed(1)} |`)
}
