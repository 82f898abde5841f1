/** The browser's decoder, where it is asked for: the same pixels as by a canvas, turned by the engine's rules. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { crc32 } from 'node:zlib'
import { readyForBrowser } from '../lib/encoded.js'
import { dist, kinds, launch, makeSite, samples, skipped } from './library-site.js'
import { exif, withSegment, without } from './pictures/jpeg.js'
import { png } from './pictures/png.js'

/** @type {import("./library-site.js").Site} */
let site

before(async () => {
  site = await makeSite()
  site.put('made.png', png(301, 223))
})

after(() => site?.end())

for (const kind of kinds) {
  test(`decode browser: a file gives the pixels that a canvas gives, whatever way they take (${kind})`, { skip: skipped(kind) }, async () => {
    const shot = readFileSync(join(dist, 'samples', samples[0]))
    const jpeg = without(without(shot, 0xe1), 0xe2)
    site.put('shot.jpg', shot)
    site.put('plain.jpg', jpeg)
    for (const turn of [2, 3, 6]) site.put(`turned${turn}.jpg`, withSegment(jpeg, 0xe1, exif(turn)))
    site.put('profile.jpg', withSegment(jpeg, 0xe2, Buffer.from('ICC_PROFILE\0\x01\x01 not one', 'latin1')))
    site.put('adobe.jpg', withSegment(jpeg, 0xee, Buffer.from('Adobe\0d\0\0\0\0\x01', 'latin1')))
    site.put('odd.png', png(1, 1))
    const names = ['plain.jpg', 'turned3.jpg', 'turned6.jpg', 'turned2.jpg', 'wide.jpg', 'profile.jpg', 'adobe.jpg', 'made.png', 'odd.png', 'clear.png', 'shot.jpg']
    const browser = await launch(kind)
    try {
      const fresh = await site.open(browser)
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
        const extractor = await lib.load({ decode: 'browser' })
        const pairs = []
        for (const name of names) {
          const blob = made[name] ?? await lib.file(name)
          const bitmap = await createImageBitmap(blob, { premultiplyAlpha: 'none' })
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
      await browser.close()
    }
  })
}


const shot = readFileSync(join(dist, 'samples', samples[0]))
const jpeg = without(without(shot, 0xe1), 0xe2)

test('a JPEG is ready for the browser when it reaches its end mark, and its EXIF is hidden', () => {
  const ready = (/** @type {Uint8Array} */ b) => readyForBrowser(b, 'jpeg')
  assert.ok(ready(Uint8Array.from(jpeg)))
  assert.ok(ready(Buffer.concat([jpeg, Buffer.from('a film of three seconds')])), 'with something behind it')
  for (let n = jpeg.length - 1; n > 0; n -= 997) assert.ok(!ready(Uint8Array.from(jpeg.subarray(0, n))), `cut off at ${n}`)
  assert.ok(!ready(Uint8Array.from(jpeg.subarray(0, jpeg.length - 2))), 'without its end mark')
  const turned = Uint8Array.from(withSegment(jpeg, 0xe1, exif(6)))
  assert.ok(ready(turned))
  assert.equal(turned[3], 0xec)
  const filled = Uint8Array.from([0xff, 0xd8, 0xff, ...withSegment(jpeg, 0xe1, exif(6)).subarray(2)])
  assert.ok(ready(filled), 'a fill byte')
  assert.equal(filled[4], 0xec)
  const xmp = Uint8Array.from(withSegment(jpeg, 0xe1, Buffer.from('http://ns.adobe.com/xap/1.0/')))
  assert.ok(ready(xmp))
  assert.equal(xmp[3], 0xe1)
})

test('a PNG is ready for the browser when its checksums are right, and its EXIF is hidden', () => {
  const good = png(40, 30)
  const ready = (/** @type {Uint8Array} */ b) => readyForBrowser(b, 'png')
  assert.ok(ready(Uint8Array.from(good)))
  for (let n = 0; n < good.length; n += 7) assert.ok(!ready(Uint8Array.from(good.subarray(0, n))), `cut off at ${n}`)
  const damaged = Uint8Array.from(good)
  damaged[100] ^= 1
  assert.ok(!ready(damaged))
  const body = Buffer.concat([Buffer.from('eXIf'), exif(6).subarray(6)])
  const chunk = Buffer.alloc(body.length + 8)
  chunk.writeUInt32BE(body.length - 4)
  body.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(body), body.length + 4)
  const turned = Uint8Array.from(Buffer.concat([good.subarray(0, 33), chunk, good.subarray(33)]))
  assert.ok(ready(turned))
  assert.equal(Buffer.from(turned.subarray(37, 41)).toString(), 'exIx')
  assert.ok(ready(turned), 'its checksum is right')
})

test('a WebP is ready for the browser when it is as long as it says', () => {
  const chunk = (/** @type {string} */ name, /** @type {number} */ size) => Buffer.concat([Buffer.from(name), Buffer.from([size, 0, 0, 0]), Buffer.alloc(size + (size & 1))])
  const body = Buffer.concat([Buffer.from('WEBP'), chunk('VP8L', 21), chunk('EXIF', 30)])
  const file = Buffer.concat([Buffer.from('RIFF'), Buffer.from([body.length, 0, 0, 0]), body])
  const ready = (/** @type {Uint8Array} */ b) => readyForBrowser(b, 'webp')
  const whole = Uint8Array.from(file)
  assert.ok(ready(whole))
  assert.ok(!Buffer.from(whole).includes('EXIF'))
  assert.ok(!ready(Uint8Array.from(file.subarray(0, file.length - 1))))
})

test('other formats are never ready for the browser', () => {
  for (const format of ['gif', 'bmp', 'tiff', 'heic']) assert.ok(!readyForBrowser(Uint8Array.from(jpeg), format))
})
