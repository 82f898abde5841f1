/** Teach: from pictures in classes to a model that is kept, saved, opened again and used. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, writeFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { bin, dist, kinds, launch, skipped } from './library-site.js'
import { click, makeTeach, open, readFolder, reads, saved, threeClasses } from './teach-page.js'


/** @type {Awaited<ReturnType<typeof makeTeach>>} */
let place
before(async () => { place = await makeTeach() })
after(() => place?.end())

for (const kind of kinds) {
  test(`${kind}: from empty classes to a model, its errors corrected, kept over a reload, saved and opened again, and used`, { skip: skipped(kind), timeout: 300_000 }, async (t) => {
    const browser = await launch(kind)
    t.after(() => browser.close())
    const { page, complaints } = await open(browser, `${place.url}#teach`)
    await threeClasses(page, place.folder)
    await click(page, /^Train$/)
    await reads(page, /[\d.]+\s% told right \([\d.]+\s% to [\d.]+\s% in 5 parts\)/)
    await reads(page, /Each of 72 pictures was told by what was learned without it/)

    // A picture in the wrong class is told as what it is, and put right there.
    await page.evaluate(() => { location.hash = '#teach' })
    await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('section[data-class=flags] [role=option]')).click())
    await page.select('#teach-move', 'class faces')
    await click(page, /^Move$/)
    await reads(page, /Classes, pictures or settings have changed since it learned/)
    await click(page, /^Train again$/)
    await page.waitForFunction(() => location.hash === '#teach?tab=results' && /This is what it learned/.test(document.body.innerText))
    const cell = await page.waitForSelector('.matrix td.wrong button')
    assert.match(await cell?.evaluate((e) => e.getAttribute('aria-label') ?? '') ?? '', /^\d+ of faces told as flags$/)
    await cell?.click()
    await reads(page, /1 of faces told as flags/)
    await click(page, /^They are flags: move them there$/)
    await reads(page, /1 picture moved to flags/)
    await click(page, /^Train again$/)
    await reads(page, /100\s% told right|All \d+ that are told wrong/)

    // The model does outside of the page what it does in it.
    await click(page, /^Save the model/)
    const model = await saved(page)
    assert.equal(model.name, 'likeness-project.safetensors')
    const file = join(place.work, `${kind}.safetensors`)
    writeFileSync(file, model.bytes)
    const picture = join(place.folder, 'vehicles', readdirSync(join(place.folder, 'vehicles'))[5])
    const said = JSON.parse(execFileSync(bin, ['classify', '--model', file, '--format', 'jsonl', picture], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim().split('\n')[0])
    assert.equal(said.label, 'vehicles')
    await click(page, /^Try it$/)
    const tried = await page.waitForSelector('.try input[type=file]')
    await /** @type {import('./teach-page.js').Chooser} */ (tried).uploadFile(picture)
    await reads(page, new RegExp(`vehicles, ${Math.round(100 * said.score)} %`))

    // What is said of each picture is the same after a reload, and after opening the file elsewhere.
    await click(page, /^Results$/)
    await click(page, /^Save what it says/)
    const told = (await saved(page)).bytes.toString()
    await click(page, /^Save the project$/)
    const project = await saved(page)
    assert.equal(project.name, 'likeness-project.likeness.zip')
    await new Promise((resolve) => setTimeout(resolve, 1500)) // what is kept is written every half second
    await page.reload()
    await page.waitForFunction(() => /72 pictures/.test(document.querySelector('.result-figures')?.textContent ?? ''), { timeout: 60000 })
    await click(page, /^Save what it says/)
    assert.equal((await saved(page)).bytes.toString(), told)
    await click(page, /^Save the model/)
    assert.ok((await saved(page)).bytes.equals(model.bytes))
    await page.close()

    const zip = join(place.work, `${kind}.likeness.zip`)
    writeFileSync(zip, project.bytes)
    const other = await open(browser, place.url)
    await /** @type {import('./teach-page.js').Chooser} */ (await other.page.$('#pick-files')).uploadFile(zip)
    await reads(other.page, /The project is open: 72 pictures, 3 classes\./)
    await click(other.page, /^Save what it says/)
    assert.equal((await saved(other.page)).bytes.toString(), told)
    await click(other.page, /^Save the model/)
    assert.ok((await saved(other.page)).bytes.equals(model.bytes))
    await click(other.page, /^Save the project$/)
    assert.deepEqual(contents((await saved(other.page)).bytes), contents(project.bytes))

    // Cut off, or changed: said so, and what is there stays.
    for (const [name, bytes, why] of /** @type {[string, Buffer, RegExp][]} */ ([
      ['cut', project.bytes.subarray(0, project.bytes.length - 300), /cut\.likeness\.zip could not be opened: it is no \.zip, or was cut off/],
      ['changed', changed(project.bytes), /changed\.likeness\.zip could not be opened: vectors\.npy in it is damaged/]
    ])) {
      writeFileSync(join(place.work, `${name}.likeness.zip`), bytes)
      await /** @type {import('./teach-page.js').Chooser} */ (await other.page.$('#pick-files')).uploadFile(join(place.work, `${name}.likeness.zip`))
      await reads(other.page, why)
    }
    assert.equal(await other.page.evaluate(() => document.querySelectorAll('.matrix tbody tr').length), 3)
    assert.deepEqual([...complaints, ...other.complaints], [])
  })
}

/** The parts of a .zip that holds no dates: names and checksums. @param {Buffer} zip */
function contents (zip) {
  const end = zip.length - 22
  let at = zip.readUInt32LE(end + 16)
  /** @type {[string, number][]} */
  const parts = []
  for (let n = zip.readUInt16LE(end + 10); n > 0; n--) {
    const length = zip.readUInt16LE(at + 28)
    parts.push([zip.toString('utf8', at + 46, at + 46 + length), zip.readUInt32LE(at + 16)])
    at += 46 + length
  }
  return parts
}

/** A byte of the vectors is another. @param {Buffer} zip */
function changed (zip) {
  const copy = Buffer.from(zip)
  const at = copy.indexOf('NUMPY') + 4000
  copy[at] ^= 1
  return copy
}

test('a model file that is dropped is used, and says what pictures show; another file is refused by name', { timeout: 120_000 }, async (t) => {
  const browser = await launch()
  t.after(() => browser.close())
  const model = join(place.work, 'mine.safetensors')
  execFileSync(bin, ['teach', '--model', join(dist, 'models/default.safetensors'), '--folds', '0', '-o', model, place.folder], { stdio: 'ignore' })
  const { page } = await open(browser, place.url)
  const files = /** @type {import('./teach-page.js').Chooser} */ (await page.$('#pick-files'))
  writeFileSync(join(place.work, 'bad.safetensors'), readFileSync(model).subarray(0, 5000))
  await files.uploadFile(join(place.work, 'bad.safetensors'))
  await reads(page, /bad\.safetensors is no model that can be used: /)
  await files.uploadFile(model)
  await reads(page, /The model mine is among the models now and tells 3 classes/)
  await click(page, /^Use it$/)
  await reads(page, /mine· 320 numbers a picture|mine\s+· 320 numbers a picture/)
  const picture = join(place.folder, 'flags', readdirSync(join(place.folder, 'flags'))[1])
  await files.uploadFile(picture)
  await page.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length === 1 && document.querySelectorAll('#grid [data-state=waiting]').length === 0, { timeout: 60000 })
  await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('#grid [role=option]')).focus())
  await page.keyboard.press('Space')
  await page.waitForFunction(() => /^flags \d+ %, /.test(document.getElementById('viewer-labels')?.textContent ?? ''), { timeout: 30000 })
})

test('another tab with the same project hears of what was learned, and shows it when it is asked to', { timeout: 180_000 }, async (t) => {
  const browser = await launch()
  t.after(() => browser.close())
  const { page } = await open(browser, place.url)
  await readFolder(page, place.folder)
  await click(page, /^Train$/)
  await reads(page, /% told right/)
  const { page: second } = await open(browser, place.url)
  await second.waitForSelector('[data-kept]')
  await second.$eval('[data-kept]', (e) => /** @type {HTMLElement} */ (e).click())
  await second.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length > 20, { timeout: 60000 })
  await second.evaluate(() => { location.hash = '#teach?tab=results' })
  await reads(second, /Each of 72 pictures was told/)
  await page.bringToFront() // the other way of waiting stands still in a tab that is hidden
  await click(page, /^Classes$/)
  await page.$eval('section[data-class=flags] [data-part=out]', (e) => /** @type {HTMLElement} */ (e).click())
  await reads(page, /3 classes, 48 pictures to learn from\./)
  await click(page, /^Train again$/)
  await reads(page, /Each of 48 pictures was told/)
  assert.equal(await page.evaluate(() => /Another tab/.test(document.body.innerText)), false, 'the tab that has changed it hears nothing')
  await second.bringToFront()
  await reads(second, /Another tab has changed/)
  await click(second, /^Show its state$/)
  await reads(second, /Each of 48 pictures was told/)
})
