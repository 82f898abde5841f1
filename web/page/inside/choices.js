import { element } from '../dom.js'

/** @typedef {import("../../lib/extractor.js").Layer} Layer */

/**
 * The layers to choose from, in groups of the same size: their places shrink on
 * the way through the network.
 * @param {Layer[]} layers
 */
export function layerChoices (layers) {
  /** @type {Map<string, Layer[]>} */
  const sizes = new Map()
  for (const layer of layers) {
    const key = `${layer.shape[0]} × ${layer.shape[1]} places`
    sizes.set(key, [...sizes.get(key) ?? [], layer])
  }
  return [...sizes].map(([label, list]) => element('optgroup', { label }, ...list.map(({ name, shape, receptiveField }) =>
    element('option', { value: name }, `${name} · ${shape[2]} channels · sees ${receptiveField[0]} × ${receptiveField[1]} px`))))
}
