/** Projects that were changed: said so by what is wrong, and what is on the page stays. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dist, launch } from './library-site.js'
import { serve } from './page-site.js'

test('a project that was changed is refused by what is wrong in it, and nothing of the page is lost', { timeout: 180_000 }, async (t) => {
  const site = await serve(dist, '/deep/')
  const browser = await launch()
  t.after(async () => { await browser.close(); await site.close() })
  const page = await browser.newPage()
  /** @type {string[]} */
  const complaints = []
  page.on('pageerror', (e) => complaints.push(String(e)))
  await page.goto(`${site.url}#teach`)
  await page.waitForFunction(() => document.querySelector('#model-dot')?.getAttribute('data-state') === 'ready', { timeout: 60000 })
  await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('#view-teach [data-do=samples]')).click())
  await page.waitForFunction(() => document.querySelectorAll('#view-teach section.group').length > 2, { timeout: 60000 })
  await page.click('#teach-train')
  await page.waitForFunction(() => /told right/.test(document.querySelector('.headline')?.textContent ?? ''), { timeout: 120_000 })
  await page.evaluate(() => {
    const make = URL.createObjectURL
    URL.createObjectURL = (blob) => {
      if (/** @type {Blob} */ (blob).type === 'application/zip') Object.assign(window, { project: blob })
      return make.call(URL, blob)
    }
    const save = [...document.querySelectorAll('button')].find((b) => b.textContent === 'Save the project')
    save?.click()
  })
  await page.waitForFunction(() => 'project' in window, { timeout: 60000 })
  /** @type {[string, string, RegExp][]} a change of project.json as code, and what is said */
  const changes = [
    ['p.likeness = "other"', 'it is not a project of this page'].map(String),
    ['p.version = 99', 'a newer version of this page has saved it'],
    ['p.pictures.length = 3', 'it has 3 pictures and 1637 vectors'],
    ['p.pictures[0].thumb.size += 1', 'its small pictures do not go with its list'],
    ['p.pictures[0].thumb.type = "text/html"', 'The list of pictures in it cannot be read'],
    ['p.lesson.options.head = "__proto__"', 'The classes in it cannot be read'],
    ['p.lesson.options.widths = "9"', 'The classes in it cannot be read'],
    ['p.lesson.result.told[0] = 1e9', 'What was learned in it cannot be read'],
    ['p.lesson.result.report.measured.confusion.pop()', 'What was learned in it cannot be read'],
    ['p.lesson.result.report.measured = 7', 'What was learned in it cannot be read'],
    ['p.groups = 7', 'The groups in it cannot be read'],
    ['p.choice.model = "no such model"', 'its vectors are of the model no such model'],
    ['p.origin.model_hash = "00"', 'another version of the model']
  ].map(([change, says]) => [change, says, new RegExp(says.replaceAll('.', '\\.'))])
  for (const [change, says, pattern] of changes) {
    await page.evaluate(async (change) => {
      const { openZip } = await import(new URL('./page/home/unzip.js', document.baseURI).href)
      const { makeZip } = await import(new URL('./page/home/zip.js', document.baseURI).href)
      const files = await openZip(/** @type {any} */ (window).project)
      const parts = []
      for (const [name, read] of files) {
        let blob = await read()
        if (name === 'project.json') {
          const p = JSON.parse(await blob.text())
          const [, path, rest] = /^p((?:\.\w+|\[\d+\])*?)((?:\.pop\(\))|(?:\.\w+|\[\d+\])(?: \+?= .*))$/.exec(change) ?? []
          const at = [...path.matchAll(/\w+/g)].reduce((value, [key]) => value[key], p)
          if (rest === '.pop()') at.pop()
          else {
            const [, key, plus, value] = /^[.[](\w+)\]? (\+?)= (.*)$/.exec(rest) ?? []
            at[key] = plus ? at[key] + JSON.parse(value) : JSON.parse(value)
          }
          blob = new Blob([JSON.stringify(p)])
        }
        parts.push({ name, blob })
      }
      const transfer = new DataTransfer()
      transfer.items.add(new File([await makeZip(parts)], 'odd.likeness.zip'))
      const input = /** @type {HTMLInputElement} */ (document.getElementById('pick-files'))
      for (const box of document.querySelectorAll('.notice')) box.remove()
      input.files = transfer.files
      input.dispatchEvent(new Event('change'))
    }, change)
    // It is asked whether to replace what is there, where the file itself is whole.
    if (/model/.test(change)) {
      await page.waitForFunction(() => document.querySelector('#confirm[open]') || document.querySelector('.notice[data-key=project]'), { timeout: 30000 })
      await page.evaluate(() => { if (document.querySelector('#confirm[open]')) /** @type {HTMLElement} */ (document.querySelector('#confirm-yes')).click() })
    }
    const said = await page.waitForFunction(() => document.querySelector('.notice[data-key=project]')?.textContent, { timeout: 30000 })
    assert.match(String(await said.jsonValue()), pattern, `${change}: ${says}`)
    assert.equal(await page.evaluate(() => document.querySelectorAll('.matrix tbody tr').length), 29, change)
  }
  assert.deepEqual(complaints, [])
})
