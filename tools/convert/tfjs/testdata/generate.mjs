// Makes the fixtures beside it with TensorFlow.js itself, whose results are
// expected.json: node generate.mjs, where @tensorflow/tfjs 4.22.0 can be
// imported. Every layer's and node's result is kept, under its name.
import * as tf from '@tensorflow/tfjs'
import fs from 'node:fs'
import path from 'node:path'

await tf.setBackend('cpu')
const here = import.meta.dirname
const l = tf.layers

/** Pseudo-random values in -1..1. */
let seed = 1
const random = () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return seed / 2 ** 31 - 1
}
const values = (shape, scale = 0.5, offset = 0) =>
  tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random() * scale + offset), shape)

/** The picture of every fixture: the test makes the same. */
const picture = (h, w) => tf.tensor(Float32Array.from({ length: h * w * 3 }, (_, i) => ((i * 37) % 101) / 50 - 1), [1, h, w, 3])

const half = (v) => {
  const f = new Float32Array([v])
  const b = new Uint32Array(f.buffer)[0]
  const e = ((b >>> 23) & 255) - 112
  if (e <= 0) return (b >>> 31) << 15
  return ((b >>> 31) << 15) | Math.min(0x7bff, (e << 10) + ((b & 0x7fffff) >>> 13))
}

/** Stores float32 weights as kind, into shards of at most size bytes. */
function pack(entries, kind, size) {
  const specs = []
  const parts = []
  for (const { name, shape, dtype, data } of entries) {
    const spec = { name, shape, dtype }
    let bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    if (dtype === 'float32' && kind === 'float16') {
      spec.quantization = { dtype: kind, original_dtype: dtype }
      bytes = Buffer.from(Uint16Array.from(data, half).buffer)
    } else if (dtype === 'float32' && kind) {
      const steps = kind === 'uint8' ? 255 : 65535
      const min = Math.min(...data)
      const scale = (Math.max(...data) - min) / steps || 1
      spec.quantization = { dtype: kind, original_dtype: dtype, scale, min }
      const q = Array.from(data, (v) => Math.round((v - min) / scale))
      bytes = Buffer.from(kind === 'uint8' ? Uint8Array.from(q) : Uint16Array.from(q).buffer)
    }
    specs.push(spec)
    parts.push(bytes)
  }
  const all = Buffer.concat(parts)
  const paths = []
  const shards = []
  for (let at = 0; at < all.length; at += size) {
    paths.push(`group1-shard${paths.length + 1}of${Math.ceil(all.length / size)}.bin`)
    shards.push(all.subarray(at, at + size))
  }
  return { manifest: [{ paths, weights: specs }], paths, shards, all }
}

function write(name, model, packed, size, outputs, source) {
  const dir = path.join(here, name)
  fs.rmSync(dir, { recursive: true, force: true })
  fs.mkdirSync(dir)
  fs.writeFileSync(path.join(dir, 'model.json'), JSON.stringify({ ...model, weightsManifest: packed.manifest }))
  packed.paths.forEach((p, i) => fs.writeFileSync(path.join(dir, p), packed.shards[i]))
  const expected = {}
  for (const [key, t] of Object.entries(outputs)) expected[key] = { shape: t.shape, data: Buffer.from(Float32Array.from(t.dataSync()).buffer).toString('base64') }
  fs.writeFileSync(path.join(dir, 'expected.json'), JSON.stringify({ height: size[0], width: size[1], source, outputs: expected }))
}

async function layersModel(name, model, kind, shardSize, size) {
  for (const layer of model.layers) randomise(layer)
  let saved
  await model.save(tf.io.withSaveHandler(async (a) => { saved = a; return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } } }))
  const entries = []
  let at = 0
  for (const s of saved.weightSpecs) {
    const n = s.shape.reduce((a, b) => a * b, 1)
    entries.push({ ...s, data: new Float32Array(saved.weightData.slice(at, at + 4 * n)) })
    at += 4 * n
  }
  const packed = pack(entries, kind, shardSize)
  const again = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology: saved.modelTopology, weightSpecs: packed.manifest[0].weights, weightData: packed.all.buffer.slice(packed.all.byteOffset, packed.all.byteOffset + packed.all.length) }))
  const layers = again.layers.filter((x) => x.getClassName() !== 'InputLayer' && x.inboundNodes.length > 0 && !(x instanceof tf.Sequential) && !(x.getClassName() === 'Functional') && !(x.getClassName() === 'Model'))
  const probe = tf.model({ inputs: again.inputs, outputs: layers.map((x) => x.getOutputAt(0)) })
  const results = [probe.predict(picture(...size))].flat()
  const outputs = Object.fromEntries(layers.map((x, i) => [x.name, results[i]]))
  write(name, { format: 'layers-model', modelTopology: saved.modelTopology }, packed, size, outputs, 'TensorFlow.js ' + tf.version.tfjs)
}

function randomise(layer) {
  if (layer.layers) return layer.layers.forEach(randomise)
  layer.setWeights(layer.weights.map((w) => (w.name.includes('variance') ? values(w.shape, 0.4, 0.8) : values(w.shape))))
}

/** A network with a branch for every layer class. */
function zoo() {
  const input = tf.input({ shape: [13, 11, 3], name: 'picture' })
  const on = (layer, ...x) => layer.apply(x.length === 1 ? x[0] : x)
  const conv = on(l.conv2d({ name: 'conv', filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }), input)
  const valid = on(l.conv2d({ name: 'valid', filters: 4, kernelSize: [3, 2], padding: 'valid', useBias: false, dilationRate: [2, 1] }), input)
  const bn = on(l.batchNormalization({ name: 'bn', epsilon: 0.01 }), valid)
  const plainBn = on(l.batchNormalization({ name: 'bn_plain', scale: false, center: false }), bn)
  const heads = [plainBn]
  const acts = ['elu', 'selu', 'sigmoid', 'tanh', 'relu6', 'hardSigmoid', 'softplus', 'softsign', 'swish', 'mish', 'linear', 'gelu']
  let sum = conv
  for (const a of acts) {
    const y = on(l.activation({ name: 'act_' + a, activation: a }), conv)
    sum = on(l.add({ name: 'sum_' + a }), sum, y)
  }
  heads.push(sum)
  const depth = on(l.depthwiseConv2d({ name: 'depth', kernelSize: 3, depthMultiplier: 2, padding: 'same', activation: 'relu6' }), conv)
  const sep = on(l.separableConv2d({ name: 'separable', filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'tanh' }), depth)
  heads.push(sep)
  const relu = on(l.reLU({ name: 'relu_top', maxValue: 0.7 }), conv)
  const leaky = on(l.leakyReLU({ name: 'leaky', alpha: 0.2 }), bn)
  const prelu = on(l.prelu({ name: 'prelu', sharedAxes: [1, 2] }), bn)
  const elu = on(l.elu({ name: 'elu' }), bn)
  heads.push(on(l.add({ name: 'add3' }), leaky, prelu, elu))
  heads.push(on(l.average({ name: 'average' }), leaky, prelu, elu))
  heads.push(on(l.maximum({ name: 'maximum' }), leaky, prelu), on(l.minimum({ name: 'minimum' }), leaky, prelu), on(l.multiply({ name: 'multiply' }), leaky, prelu))
  heads.push(on(l.concatenate({ name: 'concat' }), relu, conv))
  heads.push(on(l.maxPooling2d({ name: 'max_same', poolSize: 3, strides: 2, padding: 'same' }), conv))
  heads.push(on(l.averagePooling2d({ name: 'avg_same', poolSize: 3, strides: 2, padding: 'same' }), conv))
  heads.push(on(l.maxPooling2d({ name: 'max_valid', poolSize: 2 }), conv), on(l.averagePooling2d({ name: 'avg_valid', poolSize: [3, 2], strides: 1 }), conv))
  heads.push(on(l.zeroPadding2d({ name: 'pad', padding: [[1, 2], [3, 0]] }), conv))
  heads.push(on(l.cropping2D({ name: 'crop', cropping: [[1, 2], [0, 1]] }), conv))
  heads.push(on(l.upSampling2d({ name: 'up', size: [2, 3] }), conv), on(l.upSampling2d({ name: 'up_linear', size: [2, 2], interpolation: 'bilinear' }), conv))
  heads.push(on(l.permute({ name: 'permute', dims: [3, 1, 2] }), conv), on(l.reshape({ name: 'reshape', targetShape: [6, -1] }), conv))
  heads.push(on(l.layerNormalization({ name: 'ln' }), conv), on(l.dropout({ name: 'dropout', rate: 0.5 }), conv))
  heads.push(on(l.globalMaxPooling2d({ name: 'gmp' }), conv))
  const gap = on(l.globalAveragePooling2d({ name: 'gap' }), conv)
  const flat = on(l.flatten({ name: 'flat' }), sep)
  const all = on(l.concatenate({ name: 'all' }), gap, flat)
  const dense = on(l.dense({ name: 'dense', units: 6, activation: 'relu' }), all)
  const norm = on(l.batchNormalization({ name: 'bn_vector' }), dense)
  const out = on(l.dense({ name: 'out', units: 5, activation: 'softmax' }), norm)
  return tf.model({ inputs: input, outputs: [...heads, out], name: 'zoo' })
}

/** Models in models, one of them called twice. */
function nested() {
  const inner = tf.sequential({ name: 'inner', layers: [l.conv2d({ name: 'c', inputShape: [8, 8, 3], filters: 3, kernelSize: 3, padding: 'same' }), l.leakyReLU({ name: 'r' })] })
  const input = tf.input({ shape: [8, 8, 3], name: 'x' })
  const branch = tf.model({ inputs: input, outputs: l.maxPooling2d({ name: 'p', poolSize: 2 }).apply(inner.apply(inner.apply(input))), name: 'branch' })
  return tf.sequential({ name: 'outer', layers: [branch, l.conv2d({ name: 'd', filters: 2, kernelSize: 2 }), l.flatten({ name: 'flat' }), l.dense({ name: 'scores', units: 4, activation: 'softmax' })] })
}

const free = () => tf.sequential({ name: 'free', layers: [l.conv2d({ name: 'c', inputShape: [null, null, 3], filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }), l.globalAveragePooling2d({ name: 'gap' })] })

await layersModel('layers', zoo(), null, 900, [13, 11])
await layersModel('nested', nested(), 'float16', 1 << 20, [8, 8])
await layersModel('free', free(), 'uint16', 1 << 20, [9, 7])

/** A graph model with most operators. */
class Graph {
  node = []
  weights = []
  add(name, op, input, attr = {}) {
    this.node.push({ name, op, input, attr })
    return name
  }
  weight(name, t, dtype = 'float32') {
    this.weights.push({ name, shape: t.shape, dtype, data: dtype === 'int32' ? Int32Array.from(t.dataSync()) : t.dataSync() })
    return this.add(name, 'Const', [], { dtype: { type: dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT' }, value: { tensor: {} } })
  }
  ints(name, v) {
    const t = Array.isArray(v) ? tf.tensor(v.flat(), Array.isArray(v[0]) ? [v.length, 2] : [v.length], 'int32') : tf.scalar(v, 'int32')
    return this.weight(name, t, 'int32')
  }
}
const s = (text) => ({ s: Buffer.from(text).toString('base64') })
const list = (...v) => ({ list: { i: v.map(String) } })
const fused = (...ops) => ({ list: { s: ops.map((o) => Buffer.from(o).toString('base64')) } })
const T = { T: { type: 'DT_FLOAT' } }
const conv = (stride, padding, dilation = 1) => ({ ...T, strides: list(1, stride, stride, 1), padding: s(padding), data_format: s('NHWC'), dilations: list(1, dilation, dilation, 1) })

function graph() {
  const g = new Graph()
  g.add('input', 'Placeholder', [], { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim: [-1, 13, 11, 3].map((d) => ({ size: String(d) })) } } })
  const k = g.weight('k', values([3, 3, 3, 4]))
  const b = g.weight('b', values([4]))
  g.add('conv', 'Conv2D', ['input', k], conv(2, 'SAME'))
  g.add('biased', 'BiasAdd', ['conv', b], { ...T, data_format: s('NHWC') })
  g.add('explicit', 'Conv2D', ['input', k], { ...conv(2, 'EXPLICIT'), explicit_paddings: list(0, 0, 1, 2, 0, 1, 0, 0) })
  g.add('dilated', 'Conv2D', ['input', k], conv(1, 'SAME', 2))
  g.add('fused_relu', '_FusedConv2D', ['input', 'k', 'b'], { ...conv(1, 'VALID'), fused_ops: fused('BiasAdd', 'Relu'), num_args: { i: '1' } })
  g.add('fused_relu6', '_FusedConv2D', ['input', 'k', 'b'], { ...conv(2, 'VALID'), fused_ops: fused('BiasAdd', 'Relu6'), num_args: { i: '1' } })
  g.add('fused_leaky', '_FusedConv2D', ['input', 'k', 'b'], { ...conv(2, 'SAME'), fused_ops: fused('BiasAdd', 'LeakyRelu'), num_args: { i: '1' }, leakyrelu_alpha: { f: 0.3 } })
  g.weight('slope', values([1, 1, 4]))
  g.add('fused_prelu', '_FusedConv2D', ['input', 'k', 'b', 'slope'], { ...conv(2, 'SAME'), fused_ops: fused('BiasAdd', 'Prelu'), num_args: { i: '2' } })
  g.weight('kd', values([3, 3, 4, 2]))
  g.weight('bd', values([8]))
  g.add('depth', 'DepthwiseConv2dNative', ['biased', 'kd'], conv(1, 'SAME'))
  g.add('depth_fused', 'FusedDepthwiseConv2dNative', ['biased', 'kd', 'bd'], { ...conv(2, 'SAME'), fused_ops: fused('BiasAdd', 'Elu'), num_args: { i: '1' } })
  for (const n of ['gamma', 'beta', 'mean']) g.weight(n, values([4]))
  g.weight('variance', values([4], 0.4, 0.8))
  g.add('bn', 'FusedBatchNormV3', ['biased', 'gamma', 'beta', 'mean', 'variance'], { ...T, epsilon: { f: 0.01 }, is_training: { b: false }, data_format: s('NHWC') })
  // Batch normalisation written out: its constants fold.
  g.weight('eps', tf.scalar(0.01))
  g.add('var_eps', 'AddV2', ['variance', 'eps'], T)
  g.add('rsqrt', 'Rsqrt', ['var_eps'], T)
  g.add('scale', 'Mul', ['rsqrt', 'gamma'], T)
  g.add('mean_scale', 'Mul', ['mean', 'scale'], T)
  g.add('shift', 'Sub', ['beta', 'mean_scale'], T)
  g.add('scaled', 'Mul', ['biased', 'scale'], T)
  g.add('shifted', 'AddV2', ['scaled', 'shift'], T)
  for (const op of ['Relu', 'Relu6', 'Elu', 'Selu', 'Sigmoid', 'Tanh', 'Softplus', 'Softmax', 'LogSoftmax', 'Square', 'Neg', 'Abs', 'Exp', 'Identity']) g.add(op.toLowerCase(), op, ['biased'], T)
  g.add('leaky', 'LeakyRelu', ['biased'], { ...T, alpha: { f: 0.1 } })
  g.add('prelu', 'Prelu', ['biased', 'slope'], T)
  g.add('sqrt', 'Sqrt', ['square'], T)
  g.weight('six', tf.scalar(0.6))
  g.weight('zero', tf.scalar(0))
  g.add('minimum', 'Minimum', ['biased', 'six'], T)
  g.add('maximum', 'Maximum', ['minimum', 'zero'], T)
  g.add('minimum2', 'Minimum', ['biased', 'tanh'], T)
  g.add('maximum2', 'Maximum', ['biased', 'tanh'], T)
  g.add('addn', 'AddN', ['biased', 'tanh', 'relu'], { ...T, N: { i: '3' } })
  g.add('add', 'Add', ['biased', 'tanh'], T)
  g.add('sub', 'Sub', ['biased', 'tanh'], T)
  g.add('div', 'RealDiv', ['biased', 'exp'], T)
  g.add('sqdiff', 'SquaredDifference', ['biased', 'tanh'], T)
  g.weight('two', tf.scalar(2))
  g.add('pow', 'Pow', ['biased', 'two'], T)
  const pool = (k, stride, padding) => ({ ...T, ksize: list(1, k, k, 1), strides: list(1, stride, stride, 1), padding: s(padding), data_format: s('NHWC') })
  g.add('maxpool', 'MaxPool', ['biased'], pool(3, 2, 'SAME'))
  g.add('avgpool', 'AvgPool', ['biased'], pool(3, 2, 'SAME'))
  g.add('avgpool_valid', 'AvgPool', ['biased'], pool(2, 1, 'VALID'))
  g.ints('hw', [1, 2])
  g.add('mean_hw', 'Mean', ['biased', 'hw'], { ...T, keep_dims: { b: false } })
  g.add('mean_keep', 'Mean', ['biased', 'hw'], { ...T, keep_dims: { b: true } })
  g.add('max_hw', 'Max', ['biased', 'hw'], { ...T, keep_dims: { b: false } })
  g.add('sum_hw', 'Sum', ['biased', 'hw'], { ...T, keep_dims: { b: false } })
  g.add('squeezed', 'Squeeze', ['mean_keep'], { ...T, squeeze_dims: list(1, 2) })
  g.ints('one', 1)
  g.add('expanded', 'ExpandDims', ['squeezed', 'one'], T)
  g.ints('last', -1)
  g.add('concat', 'ConcatV2', ['biased', 'bn', 'last'], { ...T, N: { i: '2' } })
  g.ints('pads', [[0, 0], [1, 2], [0, 1], [0, 0]])
  g.add('pad', 'Pad', ['biased', 'pads'], T)
  g.weight('with', tf.scalar(0.25))
  g.add('padv2', 'PadV2', ['biased', 'pads', 'with'], T)
  g.ints('perm', [0, 3, 1, 2])
  g.add('transposed', 'Transpose', ['biased', 'perm'], { ...T, Tperm: { type: 'DT_INT32' } })
  g.add('split', 'Split', ['axis3', 'biased'], { ...T, num_split: { i: '2' } })
  g.ints('axis3', 3)
  g.add('joined', 'ConcatV2', ['split:1', 'split', 'last'], { ...T, N: { i: '2' } })
  g.ints('begin', [0, 1, 2, 0])
  g.ints('size', [-1, 3, 2, 4])
  g.add('slice', 'Slice', ['biased', 'begin', 'size'], T)
  g.ints('end', [1, 6, 6, 2])
  g.ints('strides', [1, 2, 1, 1])
  g.add('strided', 'StridedSlice', ['biased', 'begin', 'end', 'strides'], { ...T, begin_mask: { i: '1' }, end_mask: { i: '5' }, shrink_axis_mask: { i: '0' }, ellipsis_mask: { i: '0' }, new_axis_mask: { i: '0' } })
  g.ints('ones', [1, 1, 1, 1])
  g.add('channel', 'StridedSlice', ['biased', 'begin', 'end', 'ones'], { ...T, begin_mask: { i: '1' }, end_mask: { i: '5' }, shrink_axis_mask: { i: '8' }, ellipsis_mask: { i: '0' }, new_axis_mask: { i: '0' } })
  // Flatten as Keras writes it: the batch read from the shape.
  g.add('shape', 'Shape', ['biased'], { T: T.T, out_type: { type: 'DT_INT32' } })
  g.ints('zero1', [0])
  g.ints('one1', [1])
  g.add('batch', 'StridedSlice', ['shape', 'zero1', 'one1', 'one1'], { T: { type: 'DT_INT32' }, shrink_axis_mask: { i: '1' }, begin_mask: { i: '0' }, end_mask: { i: '0' }, ellipsis_mask: { i: '0' }, new_axis_mask: { i: '0' } })
  g.ints('minus', -1)
  g.add('flat_shape', 'Pack', ['batch', 'minus'], { T: { type: 'DT_INT32' }, N: { i: '2' }, axis: { i: '0' } })
  g.add('flat', 'Reshape', ['maxpool', 'flat_shape'], T)
  g.weight('kernel', values([48, 6]))
  g.weight('kernel_t', values([5, 6]))
  g.weight('bias', values([6]))
  g.add('matmul', 'MatMul', ['flat', 'kernel'], { ...T, transpose_a: { b: false }, transpose_b: { b: false } })
  g.add('dense', '_FusedMatMul', ['flat', 'kernel', 'bias'], { ...T, fused_ops: fused('BiasAdd', 'Relu'), num_args: { i: '1' }, transpose_a: { b: false }, transpose_b: { b: false } })
  g.add('scores', 'MatMul', ['dense', 'kernel_t'], { ...T, transpose_a: { b: false }, transpose_b: { b: true } })
  g.add('probabilities', 'Softmax', ['scores'], T)
  g.ints('to', [9, 8])
  for (const [name, align, center] of [['plain', false, false], ['corners', true, false], ['centres', false, true]]) {
    g.add('bilinear_' + name, 'ResizeBilinear', ['biased', 'to'], { ...T, align_corners: { b: align }, half_pixel_centers: { b: center } })
    g.add('nearest_' + name, 'ResizeNearestNeighbor', ['biased', 'to'], { ...T, align_corners: { b: align }, half_pixel_centers: { b: center } })
  }
  g.add('cast', 'Cast', ['biased'], { SrcT: { type: 'DT_FLOAT' }, DstT: { type: 'DT_FLOAT' } })
  g.ints('dims', [4])
  g.add('filled', 'Fill', ['dims', 'six'], T)
  g.add('plus_filled', 'AddV2', ['biased', 'filled'], T)
  g.add('d2s', 'DepthToSpace', ['biased'], { ...T, block_size: { i: '2' }, data_format: s('NHWC') })
  return g
}

async function graphModel(name, kind) {
  const g = graph()
  const constant = new Set(['Const', 'Placeholder', 'Shape', 'Pack', 'Fill'])
  const folded = new Set(['var_eps', 'rsqrt', 'scale', 'mean_scale', 'shift', 'batch'])
  const names = g.node.filter((n) => !constant.has(n.op) && !folded.has(n.name)).map((n) => n.name)
  const read = new Set(g.node.flatMap((n) => n.input))
  const ends = names.filter((n) => !read.has(n))
  const signature = { inputs: { input: { name: 'input:0', dtype: 'DT_FLOAT' } }, outputs: Object.fromEntries(ends.map((n) => [n, { name: n + ':0', dtype: 'DT_FLOAT' }])) }
  const packed = pack(g.weights, kind, 1000)
  const topology = { node: g.node, library: {}, versions: {} }
  const model = await tf.loadGraphModel(tf.io.fromMemory({ modelTopology: topology, signature, weightSpecs: packed.manifest[0].weights, weightData: packed.all.buffer.slice(packed.all.byteOffset, packed.all.byteOffset + packed.all.length) }))
  const results = model.execute(picture(13, 11), names)
  write(name, { format: 'graph-model', signature, modelTopology: topology }, packed, [13, 11], Object.fromEntries(names.map((n, i) => [n, results[i]])), 'TensorFlow.js ' + tf.version.tfjs)
}
await graphModel('graph', 'uint8')
