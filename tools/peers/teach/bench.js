/**
 * Fine-tuning beside PyTorch: the same photos, frozen values, folds and recipe;
 * and how long it takes in Chromium.
 *
 *   node tools/peers/teach/bench.js FOLDER MODEL.safetensors LAYER [MODEL LAYER ...]
 *
 * FOLDER has a subfolder for each class, LAYER is the one from which on is
 * trained. Needs bin/likeness and dist (make build); PyTorch is left out where
 * PYTHON (python3) has no torch and scikit-learn.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launch, serve } from '../../../web/test/page-site.js'

const here = new URL('.', import.meta.url).pathname
const root = join(here, '../../..')
const bin = join(root, 'bin/likeness')
const [folder, ...pairs] = process.argv.slice(2)
if (!folder || pairs.length < 2) throw new Error('node tools/peers/teach/bench.js FOLDER MODEL.safetensors LAYER')
const python = process.env.PYTHON ?? 'python3'
const work = mkdtempSync(join(tmpdir(), 'likeness-bench-teach-'))
const torch = spawnSync(python, ['-c', 'import torch, sklearn']).status === 0
if (!torch) console.log(`${python} has no PyTorch with scikit-learn: it is left out`)

/** @param {string[]} args */
const likeness = (args) => execFileSync(bin, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 26 })

/** Files of the folder with their classes. */
const files = readdirSync(folder).filter((label) => statSync(join(folder, label)).isDirectory()).flatMap((label) => readdirSync(join(folder, label)).map((name) => ({ label, name: `${label}/${name}` })))

/**
 * Seconds to look at 100 pictures and to train 30 epochs, in Chromium.
 * @param {string} model
 * @param {string} from
 */
async function inChromium (model, from) {
  const site = join(work, 'site')
  cpSync(join(root, 'dist'), site, { recursive: true })
  cpSync(folder, join(site, 'photos'), { recursive: true })
  copyFileSync(model, join(site, 'models/bench.safetensors'))
  const host = await serve(site, '/bench/')
  const browser = await launch()
  try {
    const page = await browser.newPage()
    await page.goto(host.url)
    return await page.evaluate(async (files, from) => {
      const { Extractor, Analysis } = await import(new URL('./likeness.js', location.href).href)
      const extractor = await Extractor.load({ model: 'models/bench.safetensors', workers: 1 })
      const analysis = await Analysis.start()
      const model = new Uint8Array(await extractor.modelFile().arrayBuffer())
      const begun = performance.now()
      const values = []
      for (const { name } of files) values.push(await extractor.views(await (await fetch(`photos/${name}`)).blob(), { from, views: 4 }))
      const looked = performance.now()
      const taught = await analysis.tune({ class: files.map(({ label }) => label), names: files.map(({ name }) => name), values, model, layer: extractor.info.defaultLayer, pool: 'avg' }, { from, folds: 0 })
      return { looking: (looked - begun) / 1000, training: (performance.now() - looked) / 1000, pictures: files.length, agreement: taught.agreement.mean }
    }, files.filter((_, i) => i % Math.max(1, Math.floor(files.length / 100)) === 0).slice(0, 100), from)
  } finally {
    await browser.close()
    await host.close()
  }
}

for (let i = 0; i < pairs.length; i += 2) {
  const [model, layer] = pairs.slice(i, i + 2)
  const out = join(work, 'tuned.safetensors')
  const ours = JSON.parse(likeness(['teach', '--model', model, '--from', layer, '--views', '1', '--json', '-o', out, folder]))
  const views = JSON.parse(likeness(['teach', '--model', model, '--from', layer, '--json', '-o', out, folder]))
  console.log(JSON.stringify({ model: model.replace(/^.*\//, ''), from: layer, pictures: ours.pictures, classes: ours.labels.length,
    head_alone: ours.head_alone.accuracy, fine_tuned: ours.cross_validation.accuracy, with_4_views: views.cross_validation.accuracy,
    seconds_of_a_fold: Number((ours.seconds / 6).toFixed(2)), agreement: Number(ours.agreement.cosine_mean.toFixed(4)) }))
  if (torch) {
    const values = join(work, 'values.npy')
    likeness(['embed', '--model', model, '--layer', layer, '--pool', 'flatten', '--normalize=false', '--format', 'npy', '-o', values, folder])
    console.log(`  PyTorch ${execFileSync(python, [join(here, 'torch_peer.py'), model, layer, values, `${values}.json`], { encoding: 'utf8' }).trim()}`)
  }
  console.log(`  Chromium ${JSON.stringify(await inChromium(model, layer))}`)
}
rmSync(work, { recursive: true, force: true })
