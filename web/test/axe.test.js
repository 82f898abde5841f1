/** Each view, with pictures and without, against the rules of axe-core. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { dist, launch } from './library-site.js'
import { serve } from './page-site.js'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Views, by what stands in the address. */
const views = ['', '#map', '#groups', '#groups?tab=twins', '#inside', '#inside?tab=why', '#inside?tab=numbers', '#inside?tab=compare', '#teach', '#teach?tab=results', '#teach?tab=try']

for (const [width, dark] of /** @type {const} */ ([[360, false], [1280, true]])) {
  test(`axe finds nothing wrong at ${width} px, ${dark ? 'dark' : 'light'}`, { timeout: 240_000 }, async (t) => {
    const site = await serve(dist, '/a/')
    const browser = await launch()
    t.after(async () => { await browser.close(); await site.close() })
    const page = await browser.newPage()
    await page.setBypassCSP(true) // for axe itself
    await page.setViewport({ width, height: 900 })
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }, { name: 'prefers-reduced-motion', value: 'reduce' }])
    await page.goto(site.url)
    await page.waitForFunction(() => document.querySelector('#model-dot')?.getAttribute('data-state') === 'ready', { timeout: 60000 })
    await page.waitForSelector('#samples-open:not([hidden])')
    await page.evaluate(axe)
    /** @type {string[]} */
    const found = []
    const look = async (/** @type {string} */ where) => {
      const violations = await page.evaluate(async () => (await /** @type {any} */ (globalThis).axe.run()).violations.map((/** @type {any} */ v) => `${v.id}: ${v.nodes.slice(0, 3).map((/** @type {any} */ n) => n.html.slice(0, 160)).join(' | ')}`))
      for (const v of violations) found.push(`${where} ${v}`)
    }
    for (const view of ['', '#map', '#groups', '#inside', '#teach']) {
      await page.evaluate((view) => { location.hash = view }, view)
      await new Promise((resolve) => setTimeout(resolve, 300))
      await look(`empty ${view}`)
    }
    await page.evaluate(() => { location.hash = '' })
    await page.click('#samples-open')
    await page.waitForFunction(() => document.querySelectorAll('#grid [role=option]').length > 10)
    for (const view of views) {
      await page.evaluate((view) => { location.hash = view }, view)
      await new Promise((resolve) => setTimeout(resolve, 2000))
      if (view === '#groups') {
        await page.click('#view-groups form .primary')
        await page.waitForSelector('.group')
      }
      if (view === '#teach') {
        await page.click('#teach-train')
        await page.waitForFunction(() => /told right/.test(document.querySelector('.headline')?.textContent ?? ''), { timeout: 60000 })
        await page.evaluate(() => { location.hash = '#teach' })
        await new Promise((resolve) => setTimeout(resolve, 2000))
      }
      await look(view)
    }
    assert.deepEqual(found, [])
  })
}

for (const [width, dark] of /** @type {const} */ ([[360, false], [1280, true]])) {
  test(`axe finds nothing wrong in the elements of a site at ${width} px, ${dark ? 'dark' : 'light'}, before and after a search`, { timeout: 120_000 }, async (t) => {
    const site = await serve(dist, '/a/')
    const browser = await launch()
    t.after(async () => { await browser.close(); await site.close() })
    const page = await browser.newPage()
    await page.setBypassCSP(true) // for axe itself
    await page.setViewport({ width, height: 900 })
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }, { name: 'prefers-reduced-motion', value: 'reduce' }])
    await page.goto(`${site.url}demo/index.html`)
    await page.waitForFunction(() => [...document.querySelectorAll('likeness-more')].every((e) => (e.shadowRoot?.querySelectorAll('li').length ?? 0) === 8), { timeout: 30_000 })
    await page.evaluate(axe)
    const look = () => page.evaluate(async () => (await /** @type {any} */ (globalThis).axe.run()).violations.map((/** @type {any} */ v) => `${v.id}: ${v.nodes.slice(0, 3).map((/** @type {any} */ n) => n.html.slice(0, 160)).join(' | ')}`))
    assert.deepEqual(await look(), [])
    await page.evaluate(async () => {
      const picture = await (await fetch('../samples/black-canyon.jpg')).blob()
      await /** @type {any} */ (document.querySelector('likeness-search')).search(picture)
    })
    assert.deepEqual(await look(), [])
  })
}
