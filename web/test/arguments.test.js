/** What callers pass is checked before anything is fetched: here in Node. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Extractor, LikenessError } from '../likeness.js'

/** @param {unknown} value */
const any = (value) => /** @type {any} */ (value)

/** @param {() => unknown} run */
async function fault (run) {
  try {
    await run()
  } catch (e) {
    assert.ok(e instanceof LikenessError, String(e))
    return e
  }
  throw new Error('nothing was refused')
}

test('Extractor.load names the option that is wrong', async () => {
  for (const [options, says] of /** @type {[any, RegExp][]} */ ([
    [undefined, /Extractor.load: the options are undefined, an object/],
    ['models/default.safetensors', /the options are 'models.*an object/],
    [{}, /model is undefined, the address of a .safetensors model/],
    [{ model: '' }, /model is empty/],
    [{ model: 3 }, /model is 3/],
    [{ model: {} }, /model is of type Object/],
    [{ model: 'm', workers: 0 }, /workers is 0, a whole number of 1 to 16/],
    [{ model: 'm', workers: 1.5 }, /workers is 1.5/],
    [{ model: 'm', workers: NaN }, /workers is NaN/],
    [{ model: 'm', workers: '2' }, /workers is '2'/],
    [{ model: 'm', memory: -1 }, /memory is -1/],
    [{ model: 'm', decode: 'go' }, /decode is 'go', one of 'auto', 'browser', 'exact'/],
    [{ model: 'm', onProgress: 1 }, /onProgress is 1, a function/],
    [{ model: 'm', signal: {} }, /signal is of type Object, an AbortSignal/]
  ])) {
    const { code, message } = await fault(() => Extractor.load(options))
    assert.equal(code, 'option', message)
    assert.match(message, says)
  }
})

test('where there are no workers that is said', async () => {
  const { code, message } = await fault(() => Extractor.load({ model: 'models/default.safetensors' }))
  assert.equal(code, 'environment')
  assert.match(message, /node\/index\.js/)
})

/** An extractor whose worker answers with what it was asked. */
function echo () {
  const layers = ['stem', 'block_3_expand', 'Conv_1', 'features'].map((name) => ({ name, also: name === 'features' ? ['GlobalAveragePool'] : [], op: '', shape: [1, 1, 4], joined: name === 'stem' ? ['net/conv1/Conv2D', 'bn1'] : [], macs: 0, share: 0, receptiveField: [1, 1] }))
  return new Extractor(any({ run: async (/** @type {string} */ call, /** @type {any[]} */ args) => call === 'rank' ? [[0], [args], 0] : args }), { layers }, { decode: 'auto', memory: undefined })
}

test('extract and describe name the option that is wrong', async () => {
  const extractor = echo()
  const picture = new Uint8Array(3)
  for (const [options, code, says] of /** @type {[any, string, RegExp][]} */ ([
    [null, 'option', /the options are null/],
    [{ layer: 7 }, 'option', /layer is 7, a string/],
    [{ layer: 'Conv_2' }, 'layer-unknown', /no layer 'Conv_2'; near it: Conv_1/],
    [{ layer: 'globalaverage' }, 'layer-unknown', /near it: GlobalAveragePool/],
    [{ layer: 'bn1' }, 'layer-unknown', /joined .* into layer 'stem'.*--keep bn1/],
    [{ layer: 'conv1' }, 'layer-unknown', /joined .* into layer 'stem'.*--keep conv1/],
    [{ pool: 'mean' }, 'option', /pool is 'mean', one of 'avg', 'max'/],
    [{ resize: 'crop' }, 'option', /resize is 'crop', one of 'shorter', 'stretch', 'fit', 'tiles', 'none'/],
    [{ normalize: 'no' }, 'option', /normalize is 'no', a boolean/],
    [{ signal: 1 }, 'option', /signal is 1/]
  ])) {
    for (const call of /** @type {const} */ (['extract', 'describe'])) {
      const e = await fault(() => extractor[call](picture, options))
      assert.equal(e.code, code)
      assert.match(e.message, says)
    }
    assert.equal((await fault(() => extractor.extractAll([picture], options).next())).code, code)
  }
  for (const other of [undefined, null, 'photo.jpg', 5, {}, [], new Float32Array(3), new Map()]) {
    assert.equal((await fault(() => extractor.extract(any(other)))).code, 'picture-type')
  }
  assert.match((await fault(() => extractor.extract(any('photo.jpg')))).message, /of type string cannot be read: pass a File/)
  for (const other of [undefined, null, 5, 'abc']) assert.match((await fault(() => extractor.extractAll(any(other)).next())).message, /iterable/)
})

test('encoded bytes of every kind cross as a copy', async () => {
  const extractor = echo()
  const buffer = new Uint8Array([9, 1, 2, 3, 9]).buffer
  for (const picture of [new Uint8Array(buffer, 1, 3), new Uint8ClampedArray(buffer, 1, 3), new DataView(buffer, 1, 3), buffer.slice(1, 4), Buffer.from(buffer, 1, 3)]) {
    /** @type {any} */
    let sent
    any(extractor).pool.run = async (/** @type {string} */ _, /** @type {any[]} */ args) => { sent = args[0]; return {} }
    await extractor.describe(picture)
    assert.deepEqual([...sent.bytes], [1, 2, 3])
    assert.notEqual(sent.bytes.buffer, buffer)
  }
})

test('vectors may be plain arrays and Float64Array, and are refused where they are not vectors', async () => {
  const extractor = echo()
  const [{ score }] = await extractor.rank([1, 2], [new Float64Array([3, 4]), [5, 6], new Float32Array([7, 8])])
  const [query, data] = any(score)
  assert.deepEqual(query, new Float32Array([1, 2]))
  assert.deepEqual(data, new Float32Array([3, 4, 5, 6, 7, 8]))
  for (const [run, code] of /** @type {[() => Promise<any>, string][]} */ ([
    [() => extractor.rank(any('abc'), []), 'vectors-type'],
    [() => extractor.rank(any(['1', '2']), []), 'vectors-type'],
    [() => extractor.rank(any(new Uint8Array(2)), []), 'vectors-type'],
    [() => extractor.rank([1, 2], any(undefined)), 'vectors-type'],
    [() => extractor.rank([1, 2], any([[1, 2], null])), 'vectors-type'],
    [() => extractor.rank([1, 2], [[1, 2, 3]]), 'vectors-mixed'],
    [() => extractor.rank([], [[]]), 'vectors-mixed'],
    [() => extractor.pca([[1, 2], [3]]), 'vectors-mixed'],
    [() => extractor.pca([[1, 2], [3, 4]], 0), 'option'],
    [() => extractor.pca([[1, 2], [3, 4]], 3), 'option'],
    [() => extractor.exportVectors(any('xlsx'), { names: ['a'], vectors: [[1]] }), 'option'],
    [() => extractor.exportVectors('npy', { names: any('a'), vectors: [[1]] }), 'option'],
    [() => extractor.exportVectors('npy', { names: ['a', 'b'], vectors: [[1]] }), 'vectors-mixed'],
    [() => extractor.thumbnail(any(new Map())), 'picture-type']
  ])) {
    const e = await fault(run)
    assert.equal(e.code, code, e.message)
  }
})
