/**
 * Tries the recipes of web/SITES.md: makes a site by each generator as they say,
 * with an index of the sample pictures, and searches it in Chromium by one of
 * them. Hugo is tried where it is installed.
 *
 *   node tools/sites/try.js
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { dist, samples } from '../../web/test/library-site.js'
import { launch } from '../../web/test/page-site.js'
import { command, hostIndex, makeIndex } from '../../web/test/search-site.js'

const here = new URL('.', import.meta.url).pathname
const work = mkdtempSync(join(tmpdir(), 'likeness-sites-'))
const index = makeIndex()

/** @param {string} folder @param {Record<string, string>} files */
function write (folder, files) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

const tags = `<script type="module" src="/search/likeness/search/likeness-search.js"></script>
<likeness-search src="/search/"></likeness-search>
`

/** What each recipe consists of: files, where the index goes, the build, and the folder that it makes.
 * @type {Record<string, {files: Record<string, string>, index: string, build: string[], out: string}>} */
const recipes = {
  eleventy: {
    files: { 'eleventy.config.js': "export default (config) => { config.addPassthroughCopy('search') }\n", 'index.md': `# Pictures\n\n${tags}` },
    index: 'search', build: ['node', 'node_modules/@11ty/eleventy/cmd.cjs', '--quiet'], out: '_site'
  },
  astro: {
    files: { 'src/pages/index.astro': `<html lang="en"><head><title>Pictures</title></head><body><h1>Pictures</h1>\n${tags.replace('<script ', '<script is:inline ')}</body></html>\n`, 'astro.config.mjs': 'export default { telemetry: false }\n' },
    index: 'public/search', build: ['node', 'node_modules/astro/astro.js', 'build', '--silent'], out: 'dist'
  },
  hugo: {
    files: { 'hugo.toml': "baseURL = 'http://localhost/'\ntitle = 'Pictures'\ndisableKinds = ['taxonomy', 'term', 'RSS', 'sitemap']\n", 'layouts/index.html': `<!doctype html><html lang="en"><title>Pictures</title><h1>Pictures</h1>\n${tags}</html>\n` },
    index: 'static/search', build: ['hugo', '--quiet'], out: 'public'
  }
}

const picture = join(dist, 'samples', samples[0])
const wanted = JSON.parse(command('search', '--json', '-k', '12', join(index.folder, 'search'), picture)).map((/** @type {any} */ m) => m.item)
const browser = await launch()
try {
  for (const [name, recipe] of Object.entries(recipes)) {
    const folder = join(work, name)
    write(folder, { 'package.json': '{"type":"module"}', ...recipe.files })
    symlinkSync(join(here, 'node_modules'), join(folder, 'node_modules'))
    cpSync(join(index.folder, 'search'), join(folder, recipe.index), { recursive: true })
    try {
      execFileSync(recipe.build[0], recipe.build.slice(1), { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1' } })
    } catch (error) {
      if (/** @type {any} */ (error).code !== 'ENOENT') throw error
      console.log(`${name}: not tried, ${recipe.build[0]} is not installed`)
      continue
    }
    const host = await hostIndex(join(folder, recipe.out), { base: '/' })
    const page = await browser.newPage()
    await page.goto(host.url)
    await page.waitForFunction(() => customElements.get('likeness-search'))
    const found = await page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
      return (await /** @type {any} */ (document.querySelector('likeness-search')).search(new Blob([bytes])))?.map((/** @type {any} */ m) => m.item)
    }, readFileSync(picture).toString('base64'))
    await page.close()
    await host.close()
    assert.deepEqual(found, wanted, name)
    console.log(`${name}: the site finds what likeness search finds`)
  }
} finally {
  await browser.close()
  index.end()
  rmSync(work, { recursive: true, force: true })
}
