// One engine, one network: milliseconds from navigation to the first vector,
// in globalThis.first; an error in globalThis.failed.
import { picture } from './picture.js'

const { module, url, size, width = size } = Object.fromEntries(new URLSearchParams(location.search))
try {
  const { start } = await import(`./${module}`)
  const engine = await start(url, picture(Number(size), Number(width)), { mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5], order: 'RGB' })
  await engine.output()
  globalThis.first = performance.now()
} catch (e) {
  globalThis.failed = e?.message ?? String(e)
}
