/**
 * Fine-tuning beside PyTorch: the same photos, frozen values, folds and recipe.
 * web/test/tune-speed.js has the time that it takes in a browser.
 *
 *   node tools/peers/teach/bench.js FOLDER MODEL.safetensors LAYER [MODEL LAYER ...]
 *
 * FOLDER has a subfolder for each class, LAYER is the one from which on is
 * trained. Needs bin/likeness (make build); PyTorch is left out where
 * PYTHON (python3) has no torch and scikit-learn.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

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
}
rmSync(work, { recursive: true, force: true })
