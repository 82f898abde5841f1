/** Browsers that change what is read from a canvas: files are right all the same, and the rest is told. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { bytesOf, dist, launch, makeSite, root, samples, skipped } from './library-site.js'
import { png } from './pictures/png.js'

/** @type {import("./library-site.js").Site} */
let site
const files = ['made.png', 'photo.jpg']

/** An extension's patch: every value read from a canvas is up to `amount` off. @param {number} amount */
const patch = (amount) => `{
  const { prototype } = OffscreenCanvasRenderingContext2D
  const { getImageData } = prototype
  prototype.getImageData = function (...args) {
    const image = getImageData.apply(this, args)
    for (let i = 0; i < image.data.length; i += 97) image.data[i] += i % 2 ? ${amount} : -${amount}
    return image
  }
}
`

/** The same for VideoFrame.copyTo. */
const frames = `{
  const { prototype } = VideoFrame
  const { copyTo } = prototype
  prototype.copyTo = async function (to, options) {
    const layout = await copyTo.call(this, to, options)
    for (let i = 0; i < to.length; i += 97) to[i] ^= 1
    return layout
  }
}
`

before(async () => {
  site = await makeSite((folder) => {
    writeFileSync(join(folder, 'lib', 'patch.js'), '')
    const worker = join(folder, 'lib', 'worker.js')
    writeFileSync(worker, `import './patch.js'\n${readFileSync(worker, 'utf8')}`)
  })
  site.put('made.png', png(301, 223))
  site.put('photo.jpg', readFileSync(join(dist, 'samples', samples[0])))
  site.put('scene.avif', readFileSync(join(root, 'tools', 'heif', 'testdata', 'scene.avif')))
})

after(() => site?.end())

/**
 * What each kind of picture gives: a vector's bytes or an error.
 * @param {import("puppeteer-core").Browser} browser
 */
async function ask (browser) {
  const page = await site.open(browser)
  const result = await page.evaluate(async (names) => {
    const { lib } = /** @type {any} */ (globalThis)
    /** @type {Record<string, any>} */
    const result = {}
    for (const decode of ['auto', 'browser', 'exact']) {
      const extractor = await lib.load({ decode })
      result[decode] = []
      for (const name of names) result[decode].push(lib.bytes(await extractor.extract(await lib.file(name))))
      result[`avif ${decode}`] = lib.bytes(await extractor.extract(await lib.file('scene.avif')))
      extractor.dispose()
    }
    const extractor = await lib.load()
    const bitmap = await createImageBitmap(await lib.file('made.png'))
    const canvas = document.createElement('canvas')
    canvas.width = bitmap.width
    canvas.height = bitmap.height
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0)
    const image = new Image()
    image.src = 'files/made.png'
    const frame = globalThis.VideoFrame ? new VideoFrame(bitmap, { timestamp: 0 }) : bitmap // resistFingerprinting has none
    const offscreen = new OffscreenCanvas(20, 20)
    offscreen.getContext('2d')
    /** @type {Record<string, any>} */
    const pictures = { bitmap, canvas, image, frame, offscreen }
    result.pixels = {}
    for (const [name, picture] of Object.entries(pictures)) result.pixels[name] = await lib.fault(extractor.extract(picture))
    result.data = (await extractor.extract(new ImageData(40, 30))).length
    extractor.dispose()
    return result
  }, files)
  await page.close()
  return result
}

/** @param {Awaited<ReturnType<typeof ask>>} result */
function filesAreRight (result) {
  const expected = site.native(files).map(bytesOf)
  assert.deepEqual(result.auto, expected)
  assert.deepEqual(result.exact, expected)
  assert.deepEqual(result.browser[0], expected[0], 'a PNG has the same pixels in the browser')
  assert.ok(result.data > 100, 'ImageData is data, whatever the canvas does')
}

/** @param {Awaited<ReturnType<typeof ask>>} result */
function pixelsAreRefused (result) {
  for (const [name, fault] of Object.entries(result.pixels)) {
    assert.equal(fault.code, 'canvas-noise', name)
    assert.match(fault.message, /privacy setting.*pass the file/, name)
  }
  for (const decode of ['auto', 'browser']) assert.deepEqual(result[`avif ${decode}`], result['avif exact'], `AVIF, decode ${decode}`)
}

for (const amount of [60, 1]) {
  test(`Chromium whose canvases are off by ${amount}: files are right, pixels are refused`, async () => {
    const browser = await launch()
    try {
      writeFileSync(join(site.folder, 'lib', 'patch.js'), patch(amount))
      const result = await ask(browser)
      filesAreRight(result)
      pixelsAreRefused(result)
    } finally {
      await browser.close()
    }
  })
}

test('Chromium whose frames and canvases are off: decode browser goes through the engine', async () => {
  const browser = await launch()
  try {
    writeFileSync(join(site.folder, 'lib', 'patch.js'), patch(2) + frames)
    const result = await ask(browser)
    filesAreRight(result)
    pixelsAreRefused(result)
    assert.deepEqual(result.browser, result.auto)
  } finally {
    await browser.close()
  }
})

test('Chromium whose frames are off: the canvas is used', async () => {
  const browser = await launch()
  try {
    writeFileSync(join(site.folder, 'lib', 'patch.js'), frames)
    const result = await ask(browser)
    filesAreRight(result)
    for (const [name, { code }] of Object.entries(result.pixels)) assert.equal(code, 'none', name)
  } finally {
    await browser.close()
  }
})

test('Firefox with resistFingerprinting: files are right, pixels are refused', { skip: skipped('firefox') }, async () => {
  const browser = await launch('firefox', { 'privacy.resistFingerprinting': true })
  try {
    writeFileSync(join(site.folder, 'lib', 'patch.js'), '')
    const result = await ask(browser)
    filesAreRight(result)
    pixelsAreRefused(result)
  } finally {
    await browser.close()
  }
})

test('Firefox as it comes, and Chromium, give back what was put in', async (t) => {
  for (const kind of /** @type {const} */ (['chromium', 'firefox'])) {
    await t.test(kind, { skip: skipped(kind) }, async () => {
      const browser = await launch(kind)
      try {
        writeFileSync(join(site.folder, 'lib', 'patch.js'), '')
        const page = await site.open(browser)
        const ways = await page.evaluate(async (url) => (await import(`${url}lib/canvas.js`)).honestWays(), site.url)
        assert.deepEqual(ways, { frame: true, canvas: true })
      } finally {
        await browser.close()
      }
    })
  }
})
