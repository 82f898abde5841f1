/** The classes of Teach: by folders, groups, dragging, keys and the camera, and all of it taken back. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch } from './library-site.js'
import { addTo, click, filesOf, makeTeach, open, readFolder, reads } from './teach-page.js'
import { join } from 'node:path'

/** @typedef {import('./teach-page.js').Page} Page */

/** @type {Awaited<ReturnType<typeof makeTeach>>} */
let place
before(async () => { place = await makeTeach() })
after(() => place?.end())

test('pictures are recorded from the camera as long as a button is held, by pointer and by keys, and tell themselves live', { timeout: 180_000 }, async (t) => {
  const browser = await launch('chromium', {}, ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'])
  t.after(() => browser.close())
  const { page } = await open(browser, `${place.url}#teach`)
  await click(page, /^Begin with empty classes$/)
  const holdAt = async () => {
    await new Promise((resolve) => setTimeout(resolve, 500)) // sections have come to rest
    const box = await (await page.waitForSelector('section[data-class="Class 1"] [data-part=hold]'))?.boundingBox()
    assert.ok(box)
    return [box.x + 10, box.y + 10]
  }
  const [x, y] = await holdAt()
  await page.mouse.click(x, y)
  await reads(page, /The camera is on: hold the button of Class 1/)
  const [left, top] = await holdAt()
  await page.mouse.move(left, top)
  await page.mouse.down()
  await new Promise((resolve) => setTimeout(resolve, 1600))
  await page.mouse.up()
  const counted = () => page.evaluate(() => [...document.querySelectorAll('#view-teach section[data-class] .count')].map((e) => Number(e.textContent)))
  await page.waitForFunction(() => Number(document.querySelector('section[data-class="Class 1"] .count')?.textContent) >= 4)
  const [first] = await counted()
  await new Promise((resolve) => setTimeout(resolve, 700))
  assert.ok((await counted())[0] - first <= 1, 'nothing is recorded when the button is let go')
  await page.focus('section[data-class="Class 2"] [data-part=hold]')
  await page.keyboard.down('Space')
  await new Promise((resolve) => setTimeout(resolve, 1600))
  await page.keyboard.up('Space')
  await page.waitForFunction(() => Number(document.querySelector('section[data-class="Class 2"] .count')?.textContent) >= 4)
  await page.waitForFunction(() => document.querySelector('#progress')?.hasAttribute('hidden'), { timeout: 60000 })
  await click(page, /^Train$/)
  await reads(page, /% told right/)
  await click(page, /^Try it$/)
  await click(page, /^Use the camera$/)
  await reads(page, /Class [12], \d+ %/)
  assert.equal(await page.evaluate(() => document.querySelectorAll('.bars li').length), 2)
  await click(page, /^Classes$/)
  assert.equal(await page.evaluate(() => /** @type {HTMLVideoElement} */ (document.querySelector('.try video')).srcObject), null, 'the camera is off when another tab is seen')
})

test('classes come from folders and groups, pictures are dragged, all can be taken back; too little to learn from is said', { timeout: 180_000 }, async (t) => {
  const browser = await launch()
  t.after(() => browser.close())
  const { page } = await open(browser, place.url)
  await readFolder(page, place.folder)
  await reads(page, /3 classes, 72 pictures to learn from\./)
  const count = (/** @type {string} */ name) => page.evaluate((name) => Number(document.querySelector(`section[data-class="${name}"] .count`)?.textContent), name)
  // By dragging, by pointer.
  await page.evaluate(() => {
    const tile = /** @type {HTMLElement} */ (document.querySelector('section[data-class=faces] [role=option]'))
    const transfer = new DataTransfer()
    tile.dispatchEvent(new DragEvent('dragstart', { bubbles: true, dataTransfer: transfer }))
    const to = /** @type {HTMLElement} */ (document.querySelector('section[data-class=flags]'))
    to.dispatchEvent(new DragEvent('dragover', { bubbles: true, cancelable: true, dataTransfer: transfer }))
    to.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: transfer }))
  })
  await page.waitForFunction(() => document.querySelector('section[data-class=flags] .count')?.textContent === '25')
  assert.equal(await count('faces'), 23)
  await click(page, /^Undo$/)
  await page.waitForFunction(() => document.querySelector('section[data-class=flags] .count')?.textContent === '24')
  // Left out and deleted classes are not learned.
  await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('section[data-class=flags] [data-part=out]')).click())
  await reads(page, /3 classes, 48 pictures to learn from\./)
  await page.evaluate(() => /** @type {HTMLElement} */ ([...document.querySelectorAll('section[data-class=faces] button')].find((e) => e.textContent === 'Delete class')).click())
  await reads(page, /Learning needs two classes of two pictures each/)
  assert.equal(await page.evaluate(() => /** @type {HTMLButtonElement} */ (document.querySelector('#teach-train')).disabled), true)
  await click(page, /^From folder names$/)
  await reads(page, /Classes are the names of the folders/)
  assert.equal(await count('faces'), 24)
  await click(page, /^Groups$/)
  await page.evaluate(() => { /** @type {HTMLInputElement} */ (document.querySelector('#groups-number')).value = '2' })
  await click(page, /^Make groups$/)
  await reads(page, /2 groups/)
  await click(page, /^Teach$/)
  await click(page, /^From groups$/)
  await reads(page, /2 classes made of the groups/)
  // What it says of pictures in no class can be accepted.
  await click(page, /^From folder names$/)
  await page.evaluate(() => /** @type {HTMLElement} */ ([...document.querySelectorAll('section[data-class=vehicles] button')].find((e) => e.textContent === 'Delete class')).click())
  await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('section[data-class=flags] [data-part=out]')).click())
  await reads(page, /2 classes, 48 pictures to learn from, 24 in no class\./)
  await click(page, /^Train$/)
  await reads(page, /What it says of 24 pictures in no class/)
  await click(page, /^Put them into (faces|flags)$/)
  await reads(page, /\d+ pictures? moved to (faces|flags)/)
})

/** How many pictures each class shows. @param {Page} page @returns {Promise<Record<string, number>>} */
const counts = (page) => page.evaluate(() => Object.fromEntries([...document.querySelectorAll('#view-teach section[data-class]')].map((e) => [/** @type {HTMLElement} */ (e).dataset.class, Number(e.querySelector('.count')?.textContent)])))

/** Waits until the classes show so many pictures. @param {Page} page @param {Record<string, number>} wanted */
async function shows (page, wanted) {
  await page.waitForFunction((wanted) => JSON.stringify([...document.querySelectorAll('#view-teach section[data-class]')].map((e) => [/** @type {HTMLElement} */ (e).dataset.class, Number(e.querySelector('.count')?.textContent)])) === wanted, { timeout: 20000 }, JSON.stringify(Object.entries(wanted)))
    .catch(async () => assert.deepEqual(await counts(page), wanted))
}

test('by keys: arrow keys choose where pictures go, the button moves them; a new class, another name and leaving out are one step back each', { timeout: 120_000 }, async (t) => {
  const browser = await launch()
  t.after(() => browser.close())
  const { page } = await open(browser, place.url)
  await readFolder(page, place.folder)
  const all = { faces: 24, flags: 24, vehicles: 24 }
  await shows(page, all)
  await page.focus('section[data-class=faces] [role=option][tabindex="0"]')
  await page.keyboard.press('Space')
  await page.waitForSelector('#teach-move:not([disabled])')
  await page.focus('#teach-move')
  for (let i = 0; i < 2; i++) await page.keyboard.press('ArrowDown')
  assert.equal(await page.$eval('#teach-move', (e) => /** @type {HTMLSelectElement} */ (e).value), 'class vehicles')
  assert.deepEqual(await counts(page), all, 'nothing has moved yet')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await shows(page, { ...all, faces: 23, vehicles: 25 })
  assert.equal(await page.$eval('#teach-move', (e) => /** @type {HTMLSelectElement} */ (e).value), 'class vehicles', 'what was chosen stays chosen')
  await click(page, /^Undo$/)
  await shows(page, all)

  await page.select('#teach-move', 'new')
  await click(page, /^Move$/)
  await shows(page, { 'Class 4': 1, faces: 23, flags: 24, vehicles: 24 })
  await reads(page, /Class 4 has one picture, or one that is read so far: learning needs two of each class/)
  await click(page, /^Undo$/)
  await shows(page, all)

  await page.$eval('section[data-class=flags] .group-name', (e) => {
    /** @type {HTMLInputElement} */ (e).value = 'banners'
    e.dispatchEvent(new Event('change', { bubbles: true }))
  })
  await shows(page, { banners: 24, faces: 24, vehicles: 24 })
  await click(page, /^Undo$/)
  await shows(page, all)
  await page.$eval('section[data-class=flags] [data-part=out]', (e) => /** @type {HTMLElement} */ (e).click())
  await reads(page, /3 classes, 48 pictures to learn from\./)
  await click(page, /^Undo$/)
  await reads(page, /3 classes, 72 pictures to learn from\./)
  assert.equal(await page.$eval('section[data-class=flags] [data-part=out]', (e) => /** @type {HTMLInputElement} */ (e).checked), false)
})

test('what was learned is told to be of before when the settings change, and when pictures go while it learns', { timeout: 180_000 }, async (t) => {
  const browser = await launch()
  t.after(() => browser.close())
  const { page, complaints } = await open(browser, place.url)
  await readFolder(page, place.folder)
  await click(page, /^Train$/)
  await reads(page, /% told right/)
  await reads(page, /This is what it learned/)
  await page.$eval('#settings-button', (e) => /** @type {HTMLElement} */ (e).click())
  await page.waitForSelector('#settings[open]')
  await page.select('#set-pool', 'max')
  await page.click('#set-apply')
  await page.waitForSelector('#confirm[open]')
  await page.click('#confirm-yes')
  await reads(page, /Classes, pictures or settings have changed since it learned/)
  await page.waitForFunction(() => document.querySelector('#progress')?.hasAttribute('hidden'), { timeout: 60000 })

  // One picture goes in the middle of learning: it is not among what is told.
  await click(page, /^Classes$/)
  await page.select('#teach-head', 'dense')
  await page.evaluate(() => {
    for (const [key, value] of [['epochs', '500'], ['widths', '512'], ['patience', '0']]) {
      const field = /** @type {HTMLInputElement} */ (document.querySelector(`#teach-${key}`))
      field.value = value
      field.dispatchEvent(new Event('change', { bubbles: true }))
    }
  })
  await click(page, /^Train again$/)
  await page.waitForFunction(() => /epoch \d+ of/.test(document.querySelector('.training .task')?.textContent ?? ''), { timeout: 60000 })
  const gone = await page.$eval('section[data-class=faces] [role=option]', (e) => /** @type {HTMLElement} */ (e).dataset.key)
  await page.evaluate(() => { location.hash = '#pictures' })
  await page.waitForSelector(`#grid [role=option]`)
  await page.evaluate((key) => {
    const tile = /** @type {HTMLElement} */ ([...document.querySelectorAll('#grid [role=option]')].find((e) => e.getAttribute('title') === key))
    tile.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, ctrlKey: true }))
  }, gone)
  await reads(page, /1 picture selected/)
  await click(page, /^Remove$/)
  await reads(page, /1 picture removed/)
  await page.evaluate(() => { location.hash = '#teach' })
  await page.waitForFunction(() => location.hash === '#teach?tab=results', { timeout: 120_000 })
  await reads(page, /Classes, pictures or settings have changed since it learned/)
  assert.equal(await page.evaluate((key) => [...document.querySelectorAll('#view-teach [data-key]')].filter((e) => e.getAttribute('data-key') === key).length, gone), 0)

  // All of them go: there is nothing to show, and nothing of it comes back.
  await click(page, /^Classes$/)
  await click(page, /^Train again$/)
  await page.waitForFunction(() => /epoch \d+ of/.test(document.querySelector('.training .task')?.textContent ?? ''), { timeout: 60000 })
  await page.$eval('[data-do=clear]', (e) => /** @type {HTMLElement} */ (e).click())
  await page.waitForSelector('#confirm[open]')
  await page.click('#confirm-yes')
  await page.waitForFunction(() => !location.hash.startsWith('#teach'))
  await page.evaluate(() => { location.hash = '#teach' })
  await click(page, /^Begin with empty classes$/)
  await click(page, /^Results$/)
  await reads(page, /Nothing has been learned yet/)
  assert.equal(await page.evaluate(() => document.querySelector('.training .task:not([hidden])')), null, 'it learns no longer')
  assert.deepEqual(complaints, [])
})

test('the camera that comes too late is turned off again; recorded pictures have names of their own, also after a reload, whatever the class is called', { timeout: 180_000 }, async (t) => {
  const browser = await launch('chromium', {}, ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'])
  t.after(() => browser.close())
  const { page } = await open(browser, `${place.url}#teach`)
  await click(page, /^Begin with empty classes$/)
  await page.evaluate(() => {
    const media = navigator.mediaDevices
    const get = media.getUserMedia.bind(media)
    media.getUserMedia = async (wanted) => {
      await new Promise((resolve) => { Object.assign(window, { letCome: resolve }) })
      const stream = await get(wanted)
      Object.assign(window, { stream })
      return stream
    }
  })
  const hold = async (/** @type {string} */ name, ms = 60) => {
    await page.focus(`section[data-class="${name}"] [data-part=hold]`)
    await page.keyboard.down('Space')
    await new Promise((resolve) => setTimeout(resolve, ms))
    await page.keyboard.up('Space')
  }
  await hold('Class 1')
  await page.waitForFunction(() => 'letCome' in window)
  await click(page, /^Results$/)
  await page.evaluate(() => /** @type {any} */ (window).letCome())
  await page.waitForFunction(() => /** @type {any} */ (window).stream?.getTracks().every((/** @type {MediaStreamTrack} */ track) => track.readyState === 'ended'), { timeout: 20000 })

  const names = () => page.$$eval('#view-teach section[data-class] [role=option]', (all) => all.map((e) => e.getAttribute('title') ?? '').sort())
  const record = async () => {
    await hold('../a/b')
    await reads(page, /The camera is on/)
    const before = (await names()).length
    await hold('../a/b', 900)
    await page.waitForFunction((before) => document.querySelectorAll('#view-teach section[data-class] [role=option]').length > before, { timeout: 20000 }, before)
    await page.waitForFunction(() => document.querySelector('#progress')?.hasAttribute('hidden'), { timeout: 60000 })
    await click(page, /^Turn the camera off$/)
    return names()
  }
  await page.evaluate(() => { location.hash = '#teach'; })
  await page.evaluate(() => { Object.defineProperty(window, 'letCome', { set: (resolve) => resolve() }) })
  await page.waitForSelector('section[data-class="Class 1"]')
  await page.$eval('section[data-class="Class 1"] .group-name', (e) => {
    /** @type {HTMLInputElement} */ (e).value = '../a/b'
    e.dispatchEvent(new Event('change', { bubbles: true }))
  })
  await page.waitForSelector('section[data-class="../a/b"]')
  const first = await record()
  assert.ok(first.length >= 2 && first.every((name) => /^Camera\/-a-b\/\d+\.jpg$/.test(name)), first.join())
  const again = await record()
  assert.ok(again.length > first.length, 'nothing is recorded over what was recorded before')
  assert.equal(new Set(again).size, again.length)
})
