/**
 * The networks of the comparison. Their files lie in one folder, made by
 * `make bench-peers`: NAME.safetensors for our engine, NAME.onnx and
 * NAME.qdq.onnx for onnxruntime-web, NAME.tfjs/model.json for TensorFlow.js.
 * NAME.tflite, for MediaPipe, is given: `make bench-mediapipe` takes a uint8 file
 * from the folder LIKENESS_MODELS.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** A network, and the height and width of its pictures. @typedef {{name: string, title: string, size: number, width?: number}} Network */

/** @type {Network[]} */
const networks = [
  { name: 'mobilenet_v2', title: 'MobileNetV2', size: 224 },
  { name: 'resnet50', title: 'ResNet50', size: 224 },
  { name: 'inception_v3', title: 'InceptionV3', size: 299 },
  { name: 'vgg16', title: 'VGG16', size: 224 },
  { name: 'vgg16_features', title: 'VGG16 without its dense layers', size: 224 }
]

/** Further ones, run when they are asked for. @type {Network[]} */
const others = [
  ['mobilenet_v2_quant', 'MobileNetV2, a uint8 TFLite file'], ['convnext_tiny', 'ConvNeXt-tiny'], ['densenet121', 'DenseNet121'], ['efficientnet_b0', 'EfficientNet-B0'], ['googlenet', 'GoogLeNet'],
  ['mobilenet_v3_large', 'MobileNetV3-large'], ['regnet_y_400mf', 'RegNetY-400MF'], ['resnet18', 'ResNet18'],
  ['shufflenet_v2_x1_0', 'ShuffleNetV2 x1.0'], ['squeezenet1_1', 'SqueezeNet 1.1']
].map(([name, title]) => ({ name, title, size: 224 })).concat([
  { name: 'osnet_x0_25', title: 'OSNet x0.25', size: 256, width: 128 },
  { name: 'mobilefacenet', title: 'MobileFaceNet', size: 112 },
  { name: 'lraspp_mobilenet_v3_large', title: 'LR-ASPP MobileNetV3-large', size: 224 },
  { name: 'mobilenet_v1', title: 'MobileNetV1', size: 224 },
  { name: 'alexnet_lrn', title: 'AlexNet with LRN', size: 227 }
])

/**
 * @typedef {object} Entry
 * @property {string} engine
 * @property {string} precision
 * @property {string} module the page's module that runs it, see page/
 * @property {string} ending of its model file
 * @property {boolean} [ours]
 * @property {boolean} [inner] a part of another entry, without a load of its own
 * @property {boolean} [optional] left out where the network has no such file
 */

/** @type {Entry[]} */
const entries = [
  { engine: 'likeness', precision: 'int8 weights, int16', module: 'likeness.js', ending: '.safetensors', ours: true },
  { engine: 'likeness, inside its worker', precision: 'int8 weights, int16', module: 'bare.js', ending: '.safetensors', ours: true, inner: true },
  { engine: 'onnxruntime-web', precision: 'float32', module: 'ort.js', ending: '.onnx' },
  { engine: 'onnxruntime-web', precision: 'int8 QDQ', module: 'ort.js', ending: '.qdq.onnx' },
  { engine: 'tensorflow.js', precision: 'float32', module: 'tfjs.js', ending: '.tfjs/model.json' },
  { engine: 'mediapipe', precision: 'uint8', module: 'mediapipe.js', ending: '.tflite', optional: true }
]

/**
 * The entries asked for.
 * @param {string} [engine] such as likeness; all when empty
 */
export function engines (engine = '') {
  const list = entries.filter(e => engine === '' || e.engine.split(',')[0] === engine)
  if (list.length === 0) throw new Error(`no engine is named ${engine}: ENGINE may be likeness, onnxruntime-web, tensorflow.js or mediapipe`)
  return list
}

/**
 * The networks asked for.
 * @param {string} [names] separated by commas or spaces; those of the comparison when empty
 */
export function chosen (names = '') {
  const list = names.split(/[\s,]+/).filter(Boolean)
  if (list.length === 0) return networks
  const all = [...networks, ...others]
  return list.map(name => {
    const network = all.find(n => n.name === name)
    if (!network) throw new Error(`no network is named ${name}: NETWORKS may name ${all.map(n => n.name).join(', ')}`)
    return network
  })
}

/**
 * The address of an entry's file below the site, or why there is none.
 * @param {string} folder
 * @param {Network} network
 * @param {Entry} entry
 * @returns {{url: string, reason?: undefined} | {url?: undefined, reason: string}}
 */
export function fileOf (folder, network, entry) {
  const name = network.name + entry.ending
  return existsSync(join(folder, name)) ? { url: `/networks/${name}` } : { reason: `there is no ${name}` }
}
