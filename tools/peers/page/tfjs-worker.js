/* global importScripts, tf, answer, timed */
importScripts('answer.js', '/tfjs/tf.min.js', '/tfjs-wasm/tf-backend-wasm.min.js')

let run

answer({
  async start ({ url, side, values }) {
    tf.wasm.setWasmPaths('/tfjs-wasm/')
    tf.wasm.setThreadsCount(1)
    if (!await tf.setBackend('wasm')) throw new Error('the wasm backend cannot be used')
    if (!await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) throw new Error('the wasm backend runs without SIMD')
    const { format } = await (await fetch(url)).json()
    const model = await (format === 'graph-model' ? tf.loadGraphModel(url) : tf.loadLayersModel(url))
    const input = tf.tensor(values, [1, side, side, 3])
    run = async () => {
      const output = tf.tidy(() => {
        const all = model.predict(input)
        return all instanceof tf.Tensor ? all : Object.values(all)[0]
      })
      const values = await output.data()
      output.dispose()
      return values
    }
  },
  output: async () => ({ values: await run() }),
  run: count => timed(count, run)
})
