import './answer.js'
import '/likeness/wasm_exec.js'

let run

globalThis.answer({
  async start ({ url, image }) {
    const go = new globalThis.Go()
    const { instance } = await WebAssembly.instantiateStreaming(fetch('/likeness/likeness.wasm'), go.importObject)
    go.run(instance)
    const engine = globalThis.__likeness
    const { error } = await engine.load(url, null)
    if (error) throw new Error(error.message)
    const layer = engine.info().value.layers.at(-1).name
    const rgba = new Uint8Array(image.data.buffer)
    run = () => {
      const { value, error } = engine.run(rgba, image.width, image.height, layer, 'flatten', false)
      if (error) throw new Error(error.message)
      return value
    }
  },
  output: () => ({ values: run() }),
  run: count => globalThis.timed(count, run)
})
