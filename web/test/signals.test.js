/** Sounds, series and texts: the command, the library and the page make the same of them in both browsers, a dropped sound is found, and the microphone's too. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { bin, dist, kinds, launch, makeSite, root, samples, skipped } from './library-site.js'
import { parseNPY } from './page-vectors.js'

const work = mkdtempSync(join(tmpdir(), 'likeness-signals-'))
const model = join(dist, 'models', 'default.safetensors')
const sounds = ['bell', 'chirp-up', 'clicks', 'hum', 'siren', 'rain'].flatMap((kind) => [1, 2, 3].map((n) => `${kind}-${n}.wav`))
const good = ['siren-1.wav', 'melody-2.wav', 'pulses-1.csv', 'logistic-3.csv', 'table-1.txt', 'code-2.txt']

/** All samples. @type {string[]} */
const every = []

/** Files that nothing is made of. @type {Record<string, string>} */
const bad = {
  'ogg.wav': 'OggS and no more of it',
  'empty.wav': '',
  'cut.wav': 'RIFF\x10\x00\x00\x00WAVEfmt ',
  'words.csv': 'a,b\nc,d\n',
  'uneven.csv': '1,2\n3\n',
  'bytes.txt': '\x00\x01\x02'
}

/** @type {import('./library-site.js').Site} */
let site
/** @type {import('./page-site.js')['serve'] extends (...a: any[]) => Promise<infer S> ? S : never} */
let host

/** @param {string} name */
const at = (name) => join(work, name)

before(async () => {
  execFileSync('go', ['run', './tools/samples', work], { cwd: root })
  const all = spawnSync('find', [work, '-type', 'f'], { encoding: 'utf8' }).stdout.trim().split('\n')
  for (const path of all) copyFileSync(path, at(basename(path)))
  every.push(...all.map((path) => basename(path)))
  for (const [name, text] of Object.entries(bad)) writeFileSync(at(name), text, 'latin1')
  site = await makeSite()
  for (const name of [...every, ...Object.keys(bad)]) site.put(name, readFileSync(at(name)))
  const { serve } = await import('./page-site.js')
  host = await serve(dist, '/deep/')
})
after(async () => { await host?.close(); await site?.end(); rmSync(work, { recursive: true, force: true }) })

/**
 * What the command makes of files.
 * @param {string[]} flags
 * @param {string[]} names
 */
function byCommand (flags, names) {
  const ran = spawnSync(bin, ['embed', '--model', model, '--json', '-o', at('out.npy'), ...flags, ...names.map(at)], { encoding: 'utf8' })
  const { failures } = JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '{}')
  return { bytes: readFileSync(at('out.npy')), failures: Object.fromEntries(failures.map((/** @type {any} */ f) => [basename(f.file), [f.code, f.error]])) }
}

for (const kind of kinds) {
  test(`the library in ${kind} gives the command's bits and refusals`, { skip: skipped(kind), timeout: 180_000 }, async () => {
    const browser = await launch(kind)
    try {
      const page = await site.open(browser)
      for (const [flags, as, names] of /** @type {[string[], any, string[]][]} */ ([
        [['--as', 'auto'], 'auto', [...every, ...Object.keys(bad)]],
        [['--as', 'mel', '--signal', 'sr=16000,n_fft=400,hop_length=160,n_mels=80,power=1'], { kind: 'mel', sr: 16000, n_fft: 400, hop_length: 160, n_mels: 80, power: 1 }, good.slice(0, 2)],
        [['--as', 'recurrence', '--signal', 'threshold=point,percentage=20'], { kind: 'recurrence', threshold: 'point', percentage: 20 }, good.slice(2, 4)],
        [['--as', 'bytes'], { kind: 'bytes' }, good]
      ])) {
        const command = byCommand(flags, names)
        const results = await page.evaluate(async (names, as) => {
          const { lib } = /** @type {any} */ (globalThis)
          const extractor = await lib.load()
          const out = []
          for (const name of names) {
            const file = new File([await lib.file(name)], name)
            try {
              const vector = await extractor.extract(file, { as })
              const again = await extractor.extract(await extractor.render(file, { as }))
              out.push({ name, bytes: lib.bytes(vector), same: lib.bytes(again).join() === lib.bytes(vector).join() })
            } catch (e) {
              out.push({ name, code: /** @type {any} */ (e).code, message: /** @type {any} */ (e).message })
            }
          }
          extractor.dispose()
          return out
        }, names, as)
        const told = results.filter((r) => r.bytes)
        assert.equal(told.length, names.filter((name) => !(name in bad)).length)
        const rows = parseNPY(command.bytes)
        told.forEach((r, i) => {
          const want = [...new Uint8Array(rows[i].buffer, rows[i].byteOffset, rows[i].byteLength)]
          assert.deepEqual(r.bytes, want, `${r.name} as ${JSON.stringify(as)}`)
          assert.ok(r.same, `the picture of ${r.name}`)
        })
        for (const r of results.filter((r) => r.code)) assert.deepEqual([r.code, r.message], command.failures[r.name], r.name)
      }
      const refused = await page.evaluate(async () => {
        const { lib } = /** @type {any} */ (globalThis)
        const extractor = await lib.load()
        const wav = new Uint8Array(await (await lib.file('siren-1.wav')).arrayBuffer())
        const out = [await lib.fault(extractor.extract(wav)), await lib.fault(extractor.extract(wav, { as: 'sound' })), await lib.fault(extractor.extract(wav, { as: { kind: 'mel', n_ftt: 5 } })), await lib.fault(extractor.extract(wav, { as: 7 })), await lib.fault(extractor.extract(wav, { as: 'auto' }))]
        extractor.dispose()
        return out.map((f) => f.code)
      })
      assert.deepEqual(refused, ['picture-format', 'signal-options', 'signal-options', 'option', 'none'])
    } finally {
      await browser.close()
    }
  })

  test(`sounds, series and texts in the page in ${kind}`, { skip: skipped(kind), timeout: 180_000 }, async () => {
    const browser = await launch(kind)
    try {
      const page = await open(browser)
      await choose(page, ...sounds.map(at))
      await holds(page, sounds.length)
      await choose(page, at('walk-1.csv'))
      await holds(page, sounds.length + 1)
      // Search with one that is not there: the likest are of its kind.
      const query = /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (await page.$('#pick-query'))
      await query.uploadFile(at('siren-7.wav'))
      await best(page, /siren/)
      // With pictures beside them texts stay what they are, and are told.
      await choose(page, join(dist, 'samples', samples[0]), at('prose-1.txt'))
      await holds(page, sounds.length + 2)
      assert.match(await page.evaluate(() => document.getElementById('problems-list')?.textContent ?? ''), /prose-1\.txt.*without pictures beside it/)
      await choose(page, at('ogg.wav'))
      await page.waitForFunction(() => /ogg\.wav.*no WAV file but Ogg/.test(document.getElementById('problems-list')?.textContent ?? ''), { timeout: 20000 })
      assert.deepEqual(host.missing, [])
      assert.deepEqual(host.bodies, [])
    } finally {
      await browser.close()
    }
  })

  test(`an index of sounds is searched by a sound in ${kind}`, { skip: skipped(kind), timeout: 180_000 }, async () => {
    const folder = join(mkdtempSync(join(work, 'site-')), 'search')
    execFileSync(bin, ['index', '--model', model, '--runtime', dist, '--as', 'mel', '--signal', 'n_mels=64', '-o', folder, ...sounds.map(at)], { stdio: 'ignore' })
    const { serve } = await import('./page-site.js')
    const place = await serve(folder, '/search/')
    const browser = await launch(kind)
    try {
      const page = await browser.newPage()
      await page.goto(place.url)
      await page.waitForFunction(() => customElements.get('likeness-search') && document.querySelector('likeness-search')?.shadowRoot)
      const wav = [...readFileSync(at('siren-7.wav'))]
      const paths = await page.evaluate(async (wav) => {
        const matches = await /** @type {any} */ (document.querySelector('likeness-search')).search(new File([new Uint8Array(wav)], 'mine.wav'))
        return matches?.map((/** @type {any} */ m) => m.path)
      }, wav)
      assert.match(String(paths?.[0]), /siren/)
      const native = JSON.parse(execFileSync(bin, ['search', '--json', folder, at('siren-7.wav')], { encoding: 'utf8' }))
      assert.deepEqual(paths?.slice(0, 10), native.map((/** @type {any} */ m) => m.path))
    } finally {
      await browser.close()
      await place.close()
    }
  })

  test(`a sound from the microphone in ${kind}`, { skip: skipped(kind), timeout: 180_000 }, async () => {
    // Firefox's fake microphone has a tone of its own, Chromium's plays a file.
    const browser = await launch(kind, { 'media.navigator.streams.fake': true, 'media.navigator.permission.disabled': true, 'media.autoplay.default': 0, 'media.autoplay.blocking_policy': 0 },
      ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-audio-capture=${at('siren-5.wav')}`])
    try {
      const page = await open(browser)
      await choose(page, ...sounds.map(at))
      await holds(page, sounds.length)
      // Firefox runs no sound where the machine has no device for it.
      const runs = await page.evaluate(async () => {
        const context = new AudioContext()
        await Promise.race([context.resume(), new Promise((resolve) => setTimeout(resolve, 2000))])
        return context.state === 'running'
      })
      await page.click('#menu-add summary')
      await page.click('#menu-add [data-do=sound]')
      if (!runs) {
        assert.equal(kind, 'firefox')
        await page.waitForFunction(() => /sound does not start.*WAV file instead/.test(document.getElementById('sound-message')?.textContent ?? ''), { timeout: 20000 })
        return
      }
      await page.waitForFunction(() => !(/** @type {HTMLButtonElement} */ (document.getElementById('sound-hold')).disabled), { timeout: 20000 })
        .catch(async () => { throw new Error(await page.evaluate(() => document.getElementById('sound-message')?.textContent ?? '')) })
      const button = /** @type {import('puppeteer-core').ElementHandle<HTMLElement>} */ (await page.$('#sound-hold'))
      const box = /** @type {import('puppeteer-core').BoundingBox} */ (await button.boundingBox())
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
      await page.mouse.down()
      await page.waitForFunction(() => parseFloat(document.getElementById('sound-message')?.textContent ?? '') >= 1.4, { timeout: 20000 })
      await page.mouse.up()
      await page.waitForFunction(() => !(/** @type {HTMLButtonElement} */ (document.getElementById('sound-search')).disabled), { timeout: 20000 })
      await page.click('#sound-add')
      await page.waitForFunction(() => /was added/.test(document.getElementById('sound-message')?.textContent ?? ''))
      // By the keyboard too, once too briefly.
      await page.focus('#sound-hold')
      await page.keyboard.press('Space')
      await page.waitForFunction(() => /too short/.test(document.getElementById('sound-message')?.textContent ?? ''))
      await page.keyboard.down('Space')
      await page.waitForFunction(() => parseFloat(document.getElementById('sound-message')?.textContent ?? '') >= 0.5, { timeout: 20000 })
      await page.keyboard.up('Space')
      await page.waitForFunction(() => /^Sound 2\.wav: low tones/.test(document.getElementById('sound-message')?.textContent ?? ''), { timeout: 20000 })
      await page.evaluate(() => /** @type {HTMLDialogElement} */ (document.getElementById('sound')).close())
      await holds(page, sounds.length + 1)
      await page.evaluate(() => /** @type {HTMLElement} */ ([...document.querySelectorAll('#grid [role=option]')].at(-1)).click())
      if (kind === 'chromium') await best(page, /siren/, 1)
    } finally {
      await browser.close()
    }
  })
}

/** @param {import('puppeteer-core').Browser} browser */
async function open (browser) {
  const page = await browser.newPage()
  await page.setViewport({ width: 1100, height: 1400 })
  await page.goto(host.url)
  await page.waitForFunction(() => document.querySelector('#model-dot')?.getAttribute('data-state') === 'ready', { timeout: 60000 })
  return page
}

/**
 * @param {import('puppeteer-core').Page} page
 * @param {string[]} files
 */
async function choose (page, ...files) {
  const input = /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (await page.$('#pick-files'))
  await input.uploadFile(...files)
}

/**
 * @param {import('puppeteer-core').Page} page
 * @param {number} n
 */
function holds (page, n) {
  return page.waitForFunction((n) => document.querySelectorAll('#grid [role=option]').length === n, { timeout: 60000 }, n)
    .catch(async () => { throw new Error(`not ${n} pictures: ${await page.evaluate(() => document.body.innerText)}`) })
}

/**
 * Waits until the best of a search, after so many, has such a name.
 * @param {import('puppeteer-core').Page} page
 * @param {RegExp} name
 * @param {number} [after]
 */
function best (page, name, after = 0) {
  return page.waitForFunction((source, after) => {
    const cells = [...document.querySelectorAll('#grid [role=option]')]
    return document.querySelector('#query:not([hidden])') && new RegExp(source).test(cells[after]?.getAttribute('aria-label') ?? cells[after]?.textContent ?? '')
  }, { timeout: 30000 }, name.source, after)
    .catch(async () => { throw new Error(`the best is not ${name}: ${await page.evaluate(() => document.body.innerText)}`) })
}
