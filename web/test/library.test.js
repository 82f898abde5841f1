/**
 * The library in a real browser, as another site's page would use it: from a
 * sub-path, under a strict policy, compared with the native engine.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, test } from 'node:test'
import { crc32, deflateSync } from 'node:zlib'
import { inspectJPEG } from '../lib/decode.js'
import { launch, serve } from './page-site.js'
import { parseNPY } from './page-vectors.js'

const root = new URL('../../', import.meta.url).pathname
const dist = process.env.LIKENESS_DIST ?? join(root, 'dist')
const work = mkdtempSync(join(tmpdir(), 'likeness-library-'))
const folder = join(work, 'site')
const samples = readdirSync(join(dist, 'samples')).filter((name) => /\.jpe?g$/i.test(name)).slice(0, 4)

const firefox = (process.env.PATH ?? '').split(delimiter)
  .flatMap((dir) => ['firefox-esr', 'firefox'].map((name) => join(dir, name)))
  .find((path) => existsSync(path))

/** What the blank page runs: the library and a few helpers for the tests. */
const start = `
import { Extractor, LikenessError } from '../likeness.js'
const model = '../models/default.safetensors'
globalThis.lib = {
  Extractor,
  LikenessError,
  model,
  load: options => Extractor.load({ model, workers: 1, ...options }),
  file: async name => (await fetch('files/' + name)).blob(),
  bytes: vector => [...new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)],
  fault: promise => promise.then(
    () => ({ code: 'none', message: '', name: '', known: false }),
    e => ({ code: String(e.code), message: e.message, name: e.name, known: e instanceof LikenessError }))
}
`

/** @type {Awaited<ReturnType<typeof serve>>} */
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
  cpSync(dist, folder, { recursive: true })
  mkdirSync(join(folder, 'blank', 'files'), { recursive: true })
  const policy = /<meta http-equiv="Content-Security-Policy"[^>]*>/.exec(readFileSync(join(dist, 'index.html'), 'utf8'))
  assert.match(policy?.[0] ?? '', /default-src 'none'/)
  writeFileSync(join(folder, 'blank', 'index.html'), `<!doctype html><html lang="en"><head><meta charset="utf-8">${policy?.[0]}<title>Blank</title><link rel="icon" href="data:,"></head><body><script type="module" src="start.js"></script></body></html>`)
  writeFileSync(join(folder, 'blank', 'start.js'), start)
  for (const name of samples) cpSync(join(dist, 'samples', name), join(folder, 'blank', 'files', name))
  put('made.png', png(301, 223))
  put('large.png', png(2600, 2000))
  put('cut.jpg', readFileSync(join(dist, 'samples', samples[0])).subarray(0, 300))
  put('cut.png', png(64, 64).subarray(0, 200))
  put('empty.png', Buffer.alloc(0))
  put('notes.txt', Buffer.from('These are notes, not a picture.\n'))
  const model = readFileSync(join(dist, 'models', 'default.safetensors'))
  put('truncated.safetensors', model.subarray(0, model.length >> 1))
  put('stub.safetensors', model.subarray(0, 5))
  site = await serve(folder, '/a/sub/path/')
  browser = await launch()
  page = await open()
})

after(async () => {
  await browser?.close()
  await site?.close()
  rmSync(work, { recursive: true, force: true })
})

async function open () {
  const fresh = await browser.newPage()
  watch(fresh)
  await fresh.goto(`${site.url}blank/index.html`)
  await fresh.waitForFunction(() => 'lib' in window)
  return fresh
}

/** @param {import("puppeteer-core").Page} fresh */
function watch (fresh) {
  fresh.on('pageerror', (error) => complaints.push(String(error)))
  fresh.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') complaints.push(`${message.text()} ${message.location().url ?? ''}`)
  })
  fresh.on('request', (request) => requests.push({ url: request.url(), body: request.hasPostData() }))
}

/**
 * @param {string} name
 * @param {Buffer} bytes
 */
function put (name, bytes) {
  writeFileSync(join(folder, 'blank', 'files', name), bytes)
}

/**
 * An opaque PNG of colour gradients with some noise.
 * @param {number} width
 * @param {number} height
 */
function png (width, height) {
  const rows = Buffer.alloc(height * (1 + width * 3))
  let seed = 1
  for (let y = 0, at = 0; y < height; y++) {
    at++ // filter 0
    for (let x = 0; x < width; x++) {
      seed = Math.imul(seed, 1664525) + 1013904223 | 0
      rows[at++] = x * 255 / width
      rows[at++] = y * 255 / height
      rows[at++] = seed >>> 24
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2], 8) // 8 bits, RGB
  const chunk = (/** @type {string} */ type, /** @type {Buffer} */ data) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const all = Buffer.alloc(body.length + 8)
    all.writeUInt32BE(data.length, 0)
    body.copy(all, 4)
    all.writeUInt32BE(crc32(body), body.length + 4)
    return all
  }
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), chunk('IDAT', deflateSync(rows, { level: 1 })), chunk('IEND', Buffer.alloc(0))])
}

/**
 * The bytes of the vectors that the command gives.
 * @param {string[]} names
 */
function native (names) {
  const out = join(work, 'native.npy')
  execFileSync(process.env.LIKENESS_BIN ?? join(root, 'bin', 'likeness'), ['embed', '--model', join(dist, 'models', 'default.safetensors'), '--format', 'npy', '-o', out, ...names.map((name) => join(folder, 'blank', 'files', name))], { stdio: 'ignore' })
  return parseNPY(readFileSync(out)).map((v) => [...new Uint8Array(v.buffer, v.byteOffset, v.byteLength)])
}

/**
 * The bytes of the vectors that the library gives.
 * @param {import("puppeteer-core").Page} on
 * @param {string[]} names
 * @param {'exact' | 'browser'} decode
 * @returns {Promise<number[][]>}
 */
function vectors (on, names, decode) {
  return on.evaluate(async (names, decode) => {
    const { lib } = /** @type {any} */ (globalThis)
    const extractor = await lib.load({ decode })
    try {
      const all = []
      for (const name of names) {
        const vector = await extractor.extract(await lib.file(name))
        if (!(vector instanceof Float32Array)) throw new Error('not a Float32Array')
        all.push(lib.bytes(vector))
      }
      return all
    } finally {
      extractor.dispose()
    }
  }, names, decode)
}

test('decode exact gives the native vectors byte for byte', async () => {
  assert.deepEqual(await vectors(page, samples, 'exact'), native(samples))
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

/** @param {Buffer} jpeg @param {number} marker @param {Buffer} data */
function withSegment (jpeg, marker, data) {
  const head = Buffer.from([0xff, marker, data.length + 2 >> 8, data.length + 2 & 255])
  return Buffer.concat([jpeg.subarray(0, 2), head, data, jpeg.subarray(2)])
}

/** A JPEG without the segments of a kind. @param {Buffer} jpeg @param {number} marker @returns {Buffer} */
function without (jpeg, marker) {
  let at = 2
  while (jpeg[at + 1] !== marker) {
    if (jpeg[at + 1] === 0xda) return jpeg
    at += 2 + jpeg.readUInt16BE(at + 2)
  }
  return without(Buffer.concat([jpeg.subarray(0, at), jpeg.subarray(at + 2 + jpeg.readUInt16BE(at + 2))]), marker)
}

/** EXIF that says only how the picture is turned. @param {number} orientation */
function exif (orientation) {
  return Buffer.concat([Buffer.from('Exif\0\0MM\0*', 'latin1'), Buffer.from([0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0])])
}

for (const kind of /** @type {const} */ (['chromium', 'firefox'])) {
  const skip = kind === 'firefox' && !firefox ? 'Firefox is not installed' : false
  test(`a file gives the pixels that a canvas gives, whatever way they take (${kind})`, { skip }, async () => {
    const shot = readFileSync(join(dist, 'samples', samples[0]))
    const jpeg = without(without(shot, 0xe1), 0xe2)
    put('shot.jpg', shot)
    put('plain.jpg', jpeg)
    for (const turn of [2, 3, 6]) put(`turned${turn}.jpg`, withSegment(jpeg, 0xe1, exif(turn)))
    put('profile.jpg', withSegment(jpeg, 0xe2, Buffer.from('ICC_PROFILE\0\x01\x01 not one', 'latin1')))
    put('adobe.jpg', withSegment(jpeg, 0xee, Buffer.from('Adobe\0d\0\0\0\0\x01', 'latin1')))
    put('odd.png', png(1, 1))
    const names = ['plain.jpg', 'turned3.jpg', 'turned6.jpg', 'turned2.jpg', 'wide.jpg', 'profile.jpg', 'adobe.jpg', 'made.png', 'odd.png', 'clear.png', 'shot.jpg']
    const other = kind === 'firefox' ? await launch('firefox') : browser
    const fresh = await other.newPage()
    try {
      await fresh.goto(`${site.url}blank/index.html`)
      await fresh.waitForFunction(() => 'lib' in window)
      const pairs = await fresh.evaluate(async (names) => {
        const { lib } = /** @type {any} */ (globalThis)
        const canvas = new OffscreenCanvas(300, 200)
        const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }))
        for (let i = 0; i < 60; i++) {
          context.fillStyle = `rgba(${i * 4}, ${255 - i}, ${i * 37 % 256}, ${i / 60})`
          context.fillRect(i * 5, 0, 5, 200)
        }
        /** @type {Record<string, Blob>} */
        const made = { 'clear.png': await canvas.convertToBlob() }
        const wide = new OffscreenCanvas(300, 200)
        const colours = /** @type {OffscreenCanvasRenderingContext2D} */ (wide.getContext('2d', { colorSpace: 'display-p3' }))
        colours.fillStyle = 'color(display-p3 1 0.2 0)'
        colours.fillRect(0, 0, 200, 200)
        made['wide.jpg'] = await wide.convertToBlob({ type: 'image/jpeg' })
        const extractor = await lib.load()
        const pairs = []
        for (const name of names) {
          const blob = made[name] ?? await lib.file(name)
          const bitmap = await createImageBitmap(blob, { imageOrientation: 'from-image', premultiplyAlpha: 'none', colorSpaceConversion: 'none' })
          const { width, height } = bitmap
          const canvas = new OffscreenCanvas(width, height)
          const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }))
          context.drawImage(bitmap, 0, 0)
          const o = { pool: 'flatten' }
          pairs.push({ name, width, height, file: lib.bytes(await extractor.extract(blob, o)), canvas: lib.bytes(await extractor.extract(context.getImageData(0, 0, width, height), o)) })
        }
        extractor.dispose()
        return pairs
      }, names)
      assert.equal(pairs.length, names.length)
      for (const { name, file, canvas } of pairs) assert.deepEqual(file, canvas, name)
      const size = (/** @type {number} */ i) => [pairs[i].width, pairs[i].height]
      assert.deepEqual(size(2), size(0).reverse(), 'a quarter turn')
      assert.notDeepEqual(pairs[1].file, pairs[0].file, 'upside down is another picture')
    } finally {
      await (kind === 'firefox' ? other : fresh).close()
    }
  })
}

test('the beginning of a JPEG tells whether it is plain and upright', () => {
  const shot = readFileSync(join(dist, 'samples', samples[0]))
  const jpeg = without(without(shot, 0xe1), 0xe2)
  const is = (/** @type {Uint8Array} */ b) => { const { plain, upright } = inspectJPEG(b); return `${plain ? 'plain' : ''} ${upright ? 'upright' : ''}`.trim() }
  assert.equal(is(shot), 'upright', 'it has a profile')
  assert.equal(is(jpeg), 'plain upright')
  assert.equal(is(withSegment(jpeg, 0xe1, exif(1))), 'plain upright')
  assert.equal(is(withSegment(jpeg, 0xe1, exif(6))), 'plain')
  assert.equal(is(withSegment(withSegment(jpeg, 0xe1, exif(1)), 0xe1, exif(3))), 'plain')
  assert.equal(is(withSegment(jpeg, 0xe1, exif(1).subarray(0, 20))), 'plain', 'EXIF that is cut off')
  assert.equal(is(withSegment(jpeg, 0xe1, Buffer.from('http://ns.adobe.com/xap/1.0/'))), 'plain upright')
  assert.equal(is(withSegment(jpeg, 0xe1, Buffer.alloc(60000)).subarray(0, 50000)), '', 'the frame is not in sight')
  assert.equal(is(withSegment(jpeg, 0xe2, Buffer.from('ICC_PROFILE\0'))), 'upright')
  assert.equal(is(withSegment(jpeg, 0xee, Buffer.from('Adobe'))), 'upright')
  assert.equal(is(png(4, 4)), '')
  for (let n = 0; n < 100; n++) assert.equal(is(jpeg.subarray(0, n)), '', `cut off at ${n}`)
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

for (const decode of /** @type {const} */ (['browser', 'exact'])) {
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

test('an option out of range is rejected', async () => {
  const codes = await page.evaluate(async () => {
    const { lib } = /** @type {any} */ (globalThis)
    return [(await lib.fault(lib.load({ workers: 0 }))).code, (await lib.fault(lib.load({ workers: 17 }))).code]
  })
  assert.deepEqual(codes, ['option', 'option'])
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
  assert.deepEqual(result.items.flatMap((i) => i.bytes ? [i.bytes] : []), native(names.filter((n) => n !== 'notes.txt' && n !== 'empty.png')))
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
    const fresh = await other.newPage()
    await fresh.goto(`${site.url}blank/index.html`)
    await fresh.waitForFunction(() => 'lib' in window)
    const names = [...samples.slice(0, 2), 'made.png']
    assert.deepEqual(await vectors(fresh, names, 'exact'), native(names))
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
