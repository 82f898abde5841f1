// Several engines in one page, one running at a time. Driven by ../bench.js.
import { picture } from './picture.js'

/** @type {Map<string, any>} */
const engines = new Map()
/** The preparation of our model, which all inputs share. */
let preparation = { mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5], order: 'RGB' }

globalThis.bench = {
  /**
   * Starts an engine.
   * @param {string} key
   * @param {{module: string, url: string, size: number, width?: number}} o
   */
  async start (key, { module, url, size, width }) {
    const { start } = await import(`./${module}`)
    const engine = await start(url, picture(size, width), preparation)
    if (engine.preparation) preparation = engine.preparation
    engines.set(key, engine)
  },
  /**
   * The network's last layer, channels last.
   * @param {string} key
   */
  async output (key) {
    const { values, planes = 0 } = await engines.get(key).output()
    if (planes === 0) return Array.from(values)
    const pixels = values.length / planes
    return Array.from(values, (_, i) => values[(i % planes) * pixels + Math.floor(i / planes)])
  },
  /**
   * Milliseconds of each of some runs.
   * @param {string} key
   * @param {number} count
   */
  run: (key, count) => engines.get(key).run(count)
}
