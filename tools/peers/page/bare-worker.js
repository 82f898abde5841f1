import './answer.js'
import '/likeness/wasm_exec.js'

let run

globalThis.answer({
  async start ({ url, image }) {
    const go = new globalThis.Go()
    const { instance } = await WebAssembly.instantiateStreaming(fetch('/likeness/likeness.wasm'), go.importObject)
    go.run(instance)
    const engine = globalThis.__likeness
    const { error } = await engine.load(url, {})
    if (error) throw new Error(error.message)
    const layer = engine.info().value.layers.at(-1).name
    const rgba = new Uint8Array(image.data.buffer)
    const options = { layer, pool: 'flatten', normalize: false, resize: 'none' }
    run = () => {
      const { value, error } = engine.run(rgba, image.width, image.height, options)
      if (error) throw new Error(error.message)
      return value.vector
    }
  },
  output: () => ({ values: run() }),
  run: count => globalThis.timed(count, run)
})
