/** The library in Chromium and Firefox: what goes in, what comes out, what is refused. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { bytesOf, dist, firefox, launch, makeSite, samples, vectors } from './library-site.js'
import { png } from './pictures/png.js'

/** @type {import("./library-site.js").Site} */
let site
/** @type {import("puppeteer-core").Browser} */
let browser
/** @type {import("puppeteer-core").Page} */
let page
/** @type {string[]} */
const complaints = []
/** @type {{url: string, body: boolean}[]} */
const requests = []

before(async () => {
  site = await makeSite()
  for (const name of samples) site.put(name, readFileSync(join(dist, 'samples', name)))
  site.put('made.png', png(301, 223))
  site.put('large.png', png(2600, 2000))
  site.put('cut.jpg', readFileSync(join(dist, 'samples', samples[0])).subarray(0, 300))
  site.put('cut.png', png(64, 64).subarray(0, 200))
  site.put('empty.png', Buffer.alloc(0))
  site.put('notes.txt', Buffer.from('These are notes, not a picture.\n'))
  const model = readFileSync(join(dist, 'models', 'default.safetensors'))
  site.put('truncated.safetensors', model.subarray(0, model.length >> 1))
  site.put('stub.safetensors', model.subarray(0, 5))
  browser = await launch()
  page = await site.open(browser, watch)
})

after(async () => {
  await browser?.close()
  await site?.end()
})

/** @param {import("puppeteer-core").Page} fresh */
function watch (fresh) {
  fresh.on('pageerror', (error) => complaints.push(String(error)))
  fresh.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') complaints.push(`${message.text()} ${message.location().url ?? ''}`)
  })
  fresh.on('request', (request) => requests.push({ url: request.url(), body: request.hasPostData() }))
}

/** The bytes of the vectors that the command gives. @param {string[]} names */
const native = (names) => site.native(names).map(bytesOf)

test('files give the native vectors byte for byte, by default as with decode exact', async () => {
  const expected = native(samples)
  assert.deepEqual(await vectors(page, samples, 'auto'), expected)
  assert.deepEqual(await vectors(page, samples, 'exact'), expected)
})

test('encoded bytes, a view of them and a Blob are the same picture', async () => {
  const same = await page.evaluate(async (name) => {
    const { lib } = /** @type {any} */ (globalThis)
    const extractor = await lib.load({ decode: 'exact' })
    const blob = await lib.file(name)
    const buffer = await blob.arrayBuffer()
    const wide = new Uint8Array(buffer.byteLength + 20)
    wide.set(new Uint8Array(buffer), 7)
    const all = []
    for (const picture of [blob, buffer, wide.subarray(7, 7 + buffer.byteLength)]) all.push(String(await extractor.extract(picture)))
    extractor.dispose()
    return { different: new Set(all).size, kept: buffer.byteLength === blob.size }
  }, samples[0])
  assert.deepEqual(same, { different: 1, kept: true })
})

test('an opaque PNG gives the native vector from the browser decoder too', async () => {
  const expected = native(['made.png'])
  assert.deepEqual(await vectors(page, ['made.png'], 'browser'), expected)
  assert.deepEqual(await vectors(page, ['made.png'], 'exact'), expected)
})

test('a worker warms itself when nothing is asked, and is warm for a picture', async () => {
  const spent = await page.evaluate(async () => {
    const { lib } = /** @type {any} */ (globalThis)
    const picture = new ImageData(224, 224)
    const times = []
    for (const wait of [0, 1000]) {
      const extractor = await lib.load()
      await new Promise((resolve) => setTimeout(resolve, wait))
      const vector = await extractor.extract(picture)
      times.push({ ms: extractor.pool.spent.engine, vector: lib.bytes(vector) })
      extractor.dispose()
    }
    return times
  })
  assert.deepEqual(spent[1].vector, spent[0].vector)
  assert.ok(spent.every(({ ms }) => ms > 0))
})

test('ImageData, ImageBitmap, canvas and img of one PNG give one vector', async () => {
  const all = await page.evaluate(async () => {
    const { lib } = /** @type {any} */ (globalThis)
    const extractor = await lib.load()
    const blob = await lib.file('made.png')
    const bitmap = await createImageBitmap(blob)
    const canvas = document.createElement('canvas')
    const offscreen = new OffscreenCanvas(bitmap.width, bitmap.height)
    canvas.width = bitmap.width
    canvas.height = bitmap.height
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0)
    offscreen.getContext('2d')?.drawImage(bitmap, 0, 0)
    const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height)
    const image = new Image()
    image.src = 'files/made.png'
    /** @type {Record<string, any>} */
    const pictures = { blob, data, bitmap, canvas, offscreen, image }
    /** @type {Record<string, number[]>} */
    const result = {}
    for (const [name, picture] of Object.entries(pictures)) result[name] = lib.bytes(await extractor.extract(picture))
    // The caller's own objects are still usable.
    result.again = lib.bytes(await extractor.extract(bitmap))
    result.dataAgain = lib.bytes(await extractor.extract(data))
    extractor.dispose()
    return result
  })
  const [expected] = native(['made.png'])
  for (const [name, bytes] of Object.entries(all)) assert.deepEqual(bytes, expected, name)
})

for (const decode of /** @type {const} */ (['auto', 'browser', 'exact'])) {
  test(`bad files are rejected with codes and the worker lives on (${decode})`, async () => {
    const result = await page.evaluate(async (decode, good) => {
      const { lib } = /** @type {any} */ (globalThis)
      const extractor = await lib.load({ decode })
      const { worker } = extractor.pool.seats[0]
      const faults = []
      for (const name of ['cut.jpg', 'cut.png', 'empty.png', 'notes.txt']) faults.push(await lib.fault(extractor.extract(await lib.file(name))))
      faults.push(await lib.fault(extractor.extract('a string')))
      const { length } = await extractor.extract(await lib.file(good))
      const same = extractor.pool.seats[0].worker === worker
      extractor.dispose()
      return { faults, length, same }
    }, decode, samples[0])
    assert.deepEqual(result.faults.map((f) => f.code), ['picture-corrupt', 'picture-corrupt', 'picture-empty', 'picture-format', 'picture-type'])
    assert.ok(result.faults.every((f) => f.known && f.name === 'LikenessError' && f.message.length > 10))
    assert.ok(result.length > 100)
    assert.ok(result.same)
  })
}

test('a broken img is rejected', async () => {
  const fault = await page.evaluate(async () => {
    const { lib } = /** @type {any} */ (globalThis)
    const extractor = await lib.load()
    const image = new Image()
    image.src = 'data:image/png;base64,AAAA'
    const fault = await lib.fault(extractor.extract(image))
    extractor.dispose()
    return fault
  })
  assert.equal(fault.code, 'picture-corrupt')
})

test('an unknown layer is told with a suggestion', async () => {
  const { fault, layer } = await page.evaluate(async () => {
    const { lib } = /** @type {any} */ (globalThis)
    const extractor = await lib.load()
    const layer = extractor.layers.at(-1).name
    const fault = await lib.fault(extractor.extract(new ImageData(32, 32), { layer: layer + 'x' }))
    extractor.dispose()
    return { fault, layer }
  })
  assert.equal(fault.code, 'layer-unknown')
  assert.ok(fault.message.replace(`${layer}x`, '').includes(layer), fault.message)
})

test('a missing and a truncated model are told apart', async () => {
  const codes = await page.evaluate(async () => {
    const { lib } = /** @type {any} */ (globalThis)
    const faults = []
    for (const model of ['files/none.safetensors', 'files/truncated.safetensors', 'files/stub.safetensors', 'files/notes.txt']) faults.push(await lib.fault(lib.load({ model })))
    return faults.map((f) => f.code)
  })
  assert.deepEqual(codes, ['model-missing', 'model-invalid', 'model-invalid', 'model-invalid'])
})

test('loading tells its progress', async () => {
  const steps = await page.evaluate(async () => {
    const { lib } = /** @type {any} */ (globalThis)
    /** @type {{loaded: number, total: number, stage: string}[]} */
    const steps = []
    const extractor = await lib.load({ onProgress: (/** @type {any} */ p) => steps.push(p) })
    extractor.dispose()
    return steps
  })
  assert.equal(steps[0].stage, 'engine')
  const model = steps.filter((s) => s.stage === 'model')
  assert.ok(model.length > 0)
  assert.ok(model.every((s, i) => i === 0 || s.loaded >= model[i - 1].loaded))
  assert.equal(model.at(-1)?.loaded, readFileSync(join(dist, 'models', 'default.safetensors')).length)
})

test('extractAll keeps the order, yields errors in their place and counts', async () => {
  const names = [samples[0], 'notes.txt', 'made.png', samples[1], 'empty.png', samples[2], 'made.png']
  const result = await page.evaluate(async (names) => {
    const { lib } = /** @type {any} */ (globalThis)
    const extractor = await lib.load({ workers: 2, decode: 'exact' })
    async function * pictures () { for (const name of names) yield lib.file(name) }
    /** @type {{done: number, failed: number}[]} */
    const counts = []
    const items = []
    for await (const item of extractor.extractAll(pictures(), { onProgress: (/** @type {any} */ p) => counts.push(p) })) {
      items.push({ index: item.index, code: item.error?.code, bytes: item.vector && lib.bytes(item.vector), blob: item.picture instanceof Blob })
    }
    extractor.dispose()
    return { counts, items }
  }, names)
  assert.deepEqual(result.items.map((i) => i.index), names.map((_, i) => i))
  assert.deepEqual(result.items.map((i) => i.code ?? ''), ['', 'picture-format', '', '', 'picture-empty', '', ''])
  assert.deepEqual(result.counts, [[1, 0], [2, 1], [3, 1], [4, 1], [5, 2], [6, 2], [7, 2]].map(([done, failed]) => ({ done, failed })))
  assert.ok(result.items.every((i) => i.blob))
  const good = names.filter((n) => n !== 'notes.txt' && n !== 'empty.png')
  const once = [...new Set(good)] // the command takes no file twice
  const expected = native(once)
  assert.deepEqual(result.items.flatMap((i) => i.bytes ? [i.bytes] : []), good.map((n) => expected[once.indexOf(n)]))
})

test('a signal aborts loading, one picture and many', async () => {
  const result = await page.evaluate(async () => {
    const { lib } = /** @type {any} */ (globalThis)
    const early = AbortSignal.abort()
    const names = [(await lib.fault(lib.load({ signal: early }))).name]
    for (const delay of [0, 30]) {
      const during = new AbortController()
      const loading = lib.fault(lib.load({ signal: during.signal }))
      setTimeout(() => during.abort(), delay)
      names.push((await loading).name)
    }
    const stage = new AbortController()
    names.push((await lib.fault(lib.load({ signal: stage.signal, onProgress: (/** @type {any} */ p) => { if (p.stage === 'engine') queueMicrotask(() => stage.abort()) } }))).name)

    const extractor = await lib.load()
    const picture = new ImageData(64, 64)
    const one = new AbortController()
    const under = lib.fault(extractor.extract(picture, { signal: one.signal }))
    const waiting = lib.fault(extractor.extract(picture, { signal: one.signal }))
    await Promise.resolve()
    one.abort()
    names.push((await under).name, (await waiting).name)

    const many = new AbortController()
    let count = 0
    let name = ''
    try {
      for await (const item of extractor.extractAll(Array(50).fill(picture), { signal: many.signal })) {
        count++
        if (item.index === 2) many.abort()
      }
    } catch (e) {
      name = /** @type {Error} */ (e).name
    }
    names.push(name)
    const { length } = await extractor.extract(picture)
    extractor.dispose()
    return { names, count, length }
  })
  assert.deepEqual(result.names, Array(7).fill('AbortError'))
  assert.equal(result.count, 3)
  assert.ok(result.length > 100)
})

test('a crashed worker takes only its picture with it', async () => {
  const result = await page.evaluate(async () => {
    const { lib } = /** @type {any} */ (globalThis)
    const extractor = await lib.load()
    const large = await lib.file('large.png')
    const small = await lib.file('made.png')
    const before = lib.bytes(await extractor.extract(small))
    const { worker } = extractor.pool.seats[0]
    const fault = lib.fault(extractor.extract(large))
    const next = extractor.extract(small)
    worker.postMessage({ call: 'crash' })
    const { code } = await fault
    const after = [lib.bytes(await next), lib.bytes(await extractor.extract(small))]
    const replaced = extractor.pool.seats.length === 1 && extractor.pool.seats[0].worker !== worker
    extractor.dispose()
    return { code, before, after, replaced }
  })
  assert.equal(result.code, 'worker-crashed')
  assert.deepEqual(result.after, [result.before, result.before])
  assert.ok(result.replaced)
})

test('when a crashed worker cannot be replaced nothing waits for ever, and it is tried again', async () => {
  const result = await page.evaluate(async () => {
    const { lib } = /** @type {any} */ (globalThis)
    const extractor = await lib.load()
    const { model } = extractor.pool
    const large = await lib.file('large.png')
    const picture = new ImageData(64, 64)
    const first = lib.fault(extractor.extract(large))
    const second = lib.fault(extractor.extract(picture))
    extractor.pool.model = new URL('files/none.safetensors', document.baseURI).href
    extractor.pool.seats[0].worker.postMessage({ call: 'crash' })
    const codes = [(await first).code, (await second).code, (await lib.fault(extractor.extract(picture))).code]
    extractor.pool.model = model
    const { length } = await extractor.extract(picture)
    extractor.dispose()
    return { codes, length }
  })
  assert.deepEqual(result.codes, ['worker-crashed', 'model-missing', 'model-missing'])
  assert.ok(result.length > 100)
})

test('dispose rejects what is under way, what waits and what comes later', async () => {
  const codes = await page.evaluate(async () => {
    const { lib } = /** @type {any} */ (globalThis)
    const extractor = await lib.load()
    const picture = new ImageData(64, 64)
    const faults = [lib.fault(extractor.extract(await lib.file('large.png'))), lib.fault(extractor.extract(picture))]
    await Promise.resolve()
    extractor.dispose()
    extractor.dispose()
    faults.push(lib.fault(extractor.extract(picture)))
    return (await Promise.all(faults)).map((f) => f.code)
  })
  assert.deepEqual(codes, ['disposed', 'disposed', 'disposed'])
})

test('a small picture is quick once warm', async (t) => {
  const times = await page.evaluate(async () => {
    const { lib } = /** @type {any} */ (globalThis)
    const extractor = await lib.load()
    const picture = new ImageData(224, 224)
    picture.data.fill(255).forEach((_, i, d) => { if (i % 4 !== 3) d[i] = i * 31 })
    for (let i = 0; i < 5; i++) await extractor.extract(picture)
    const times = []
    for (let i = 0; i < 30; i++) {
      const from = performance.now()
      await extractor.extract(picture)
      times.push(performance.now() - from)
    }
    extractor.dispose()
    return times
  })
  const median = times.sort((a, b) => a - b)[15]
  t.diagnostic(`224 x 224, one worker: median ${median.toFixed(1)} ms`)
  assert.ok(median < 5000)
})

test('Firefox gives the native vectors byte for byte', { skip: firefox ? false : 'Firefox is not installed' }, async () => {
  const other = await launch('firefox')
  try {
    const fresh = await site.open(other)
    const names = [...samples.slice(0, 2), 'made.png']
    assert.deepEqual(await vectors(fresh, names, 'auto'), native(names))
  } finally {
    await other.close()
  }
})

test('no request left this site, none had a body, nothing broke the policy', () => {
  assert.ok(requests.length > 10)
  const foreign = requests.filter(({ url }) => /^(https?|wss?):/.test(url) && !url.startsWith(site.url))
  assert.deepEqual(foreign, [])
  assert.deepEqual(requests.filter(({ body }) => body), [])
  assert.deepEqual(site.bodies, [])
  assert.deepEqual([...new Set(site.missing)], ['/a/sub/path/blank/files/none.safetensors'])
  // The browser itself notes the missing model and the crashes asked for.
  assert.deepEqual(complaints.filter((c) => !/none\.safetensors|crash asked for/.test(c)), [])
})

test('after one visit the page extracts with the server gone', async () => {
  const [expected] = native(['made.png'])
  const visit = await browser.newPage()
  watch(visit)
  await visit.goto(site.url)
  await visit.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready
    if (active && active.state !== 'activated') await new Promise((resolve) => active.addEventListener('statechange', resolve, { once: true }))
  })
  const before = requests.length
  await site.close()
  await visit.reload()
  const bytes = await visit.evaluate(async (base, list) => {
    const { Extractor } = await import(`${base}likeness.js`)
    const extractor = await Extractor.load({ model: 'models/default.safetensors', workers: 1 })
    const vector = await extractor.extract(Uint8Array.from(list))
    extractor.dispose()
    return [...new Uint8Array(vector.buffer)]
  }, site.url, [...png(301, 223)])
  assert.deepEqual(bytes, expected)
  assert.ok(requests.slice(before).every(({ url, body }) => !body && (url.startsWith(site.url) || /^(blob|data):/.test(url))))
  await assert.rejects(fetch(site.url), 'the server is really gone')
})
