import { Camera } from './camera.js'
import { Collection } from './collection.js'
import { announce, ask, byId, calm, clearNotice, count, formatScore, notice, wireDialogs } from './dom.js'
import { wireIntake } from './drop.js'
import { Embedder } from './embed.js'
import { Engine } from './engine.js'
import { Exporter } from './export.js'
import { Grid } from './grid.js'
import { nothingFound, skippedText } from './intake.js'
import { PictureMap } from './map.js'
import { wireMenus, wireTabs } from './menus.js'
import { goOffline } from './offline.js'
import { watchTraffic } from './privacy.js'
import { Problems } from './problems.js'
import { ProgressPanel } from './progress.js'
import { Samples } from './samples.js'
import { Search } from './search.js'
import { Settings } from './settings.js'
import { Thumbs } from './thumbs.js'
import { Viewer } from './viewer.js'

/** @typedef {import("./collection.js").Item} Item */
/** @typedef {import("./collection.js").Picture} Picture */
/** @typedef {import("./intake.js").Intake} Intake */

watchTraffic()
const engine = new Engine()
const collection = new Collection()
const progress = new ProgressPanel()
const problems = new Problems()
const thumbs = new Thumbs((file) => thumbnail(file, 320))
const grid = new Grid(thumbs)
const map = new PictureMap(thumbs)
const search = new Search(engine, collection, thumbs)
const embedder = new Embedder(engine, collection, progress, problems)
const viewer = new Viewer(() => {}, (file) => thumbnail(file, 1600))
const camera = new Camera((picture, use) => void (use === 'search' ? search.byPicture(picture) : add([picture])))
const samples = new Samples((pictures) => void add(pictures))
const settings = new Settings(engine, cost, applySettings)
new Exporter(engine, collection)

/** Version of the collection that the map shows. */
let mapped = -1
let mapOpen = false
const chooseTab = wireTabs(
  [[byId('tab-grid', HTMLElement), byId('panel-grid', HTMLElement)], [byId('tab-map', HTMLElement), byId('panel-map', HTMLElement)]],
  (index) => {
    mapOpen = index === 1
    if (mapOpen) void drawMap()
    else grid.layout()
  }
)

wireDialogs()
wireMenus()
wireIntake(() => collection.done().length > 0, take)
wireActions()
wireState()
// start.js has nothing more to tell.
document.documentElement.dataset.started = ''
// What is stored for offline use follows, so that it does not compete.
void engine.start().then(() => goOffline(() => collection.items.length))
void samples.start()

/**
 * A picture made by the engine, of what the browser cannot show.
 * @param {Blob} file
 * @param {number} side
 */
async function thumbnail (file, side) {
  const extractor = await engine.ready()
  return extractor.thumbnail(file, { side }).catch(() => null)
}

/** @param {Picture[]} pictures */
async function add (pictures) {
  const { added, repeated } = await collection.add(pictures)
  if (repeated > 0) notice('repeated', 'warn', `${count(repeated, 'picture')} ${repeated === 1 ? 'was' : 'were'} here already and not added again.`)
  if (added.length > 0) announce(`${count(added.length, 'picture')} added.`)
  void embedder.run()
}

/**
 * What came in by a drop, a paste or a chooser.
 * @param {Intake} intake
 * @param {"add"|"search"} use
 */
function take (intake, use) {
  clearNotice('empty')
  if (intake.pictures.length === 0) {
    notice('empty', 'warn', nothingFound(intake))
    return
  }
  for (const problem of intake.problems) problems.show(problem)
  if (intake.skipped > 0) notice('skipped', 'good', skippedText(intake))
  if (use === 'search') {
    if (intake.pictures.length > 1) notice('query', 'warn', `One picture at a time: searching with ${intake.pictures[0].name}.`)
    else clearNotice('query')
    void search.byPicture(intake.pictures[0])
  } else {
    void add(intake.pictures)
  }
}

/** Pictures that a change of settings reads again, and for how long. */
function cost () {
  const { marks } = progress.rate
  const first = marks[0]
  const last = marks[marks.length - 1]
  const pictures = collection.done().length
  const seconds = last.done > first.done ? (last.time - first.time) / (last.done - first.done) * pictures : 0
  return { pictures, seconds }
}

/** @param {import("./engine.js").Choice} choice */
function applySettings (choice) {
  if (embedder.running) {
    notice('settings', 'warn', 'Pictures are still being read. Wait or cancel, then change the settings.')
    return
  }
  void embedder.again(choice).then((took) => (took ? search.renew() : undefined))
}

function showGrid (moving = false) {
  const items = search.query ? search.order.concat(collection.waiting()) : collection.items
  grid.show(items, search.scores, search.query?.item ?? null, moving)
  map.mark(search.order, search.query?.item ?? null)
}

async function drawMap () {
  const items = collection.done()
  if (!mapOpen || mapped === collection.version) return
  const explained = byId('map-explained', HTMLElement)
  if (items.length < 3) {
    map.empty('The map needs at least three pictures that have been read.')
    explained.textContent = ''
    return
  }
  const version = mapped = collection.version
  if (map.points.length === 0) map.empty(`Laying out the map of ${count(items.length, 'picture')}…`)
  try {
    const extractor = await engine.ready()
    const result = await extractor.pca(items.map((item) => /** @type {Float32Array} */ (item.vector)), 2)
    if (version !== mapped) return
    map.show(items, result.coords)
    const share = Array.from(result.explained).slice(0, 2).reduce((sum, part) => sum + part, 0)
    explained.textContent = `Alike pictures lie close together. The two directions hold ${Math.round(share * 100)} % of the differences (PCA).`
  } catch (error) {
    mapped = -1
    map.empty(`The map could not be made: ${error instanceof Error ? error.message : error}`)
  }
}

function wireState () {
  collection.addEventListener('change', () => {
    const any = collection.items.length > 0
    byId('start', HTMLElement).hidden = any
    byId('work', HTMLElement).hidden = !any && problems.total === 0
    byId('toolbar', HTMLElement).hidden = !any
    byId('panel-grid', HTMLElement).hidden = !any || mapOpen
    byId('panel-map', HTMLElement).hidden = !any || !mapOpen
    thumbs.keepOnly(collection.items)
    problems.keepOnly(collection.items)
    if (search.query) void search.refresh()
    showGrid()
  })
  collection.addEventListener('vectors', (event) => grid.refresh(/** @type {CustomEvent<Item>} */ (event).detail))
  embedder.addEventListener('end', () => {
    map.forget()
    void drawMap()
    if (search.query) void search.refresh()
  })
  thumbs.addEventListener('ready', (event) => {
    if (search.query?.item === /** @type {CustomEvent<Item>} */ (event).detail) search.show()
  })
  search.addEventListener('change', () => {
    showGrid(true)
    if (!search.query) {
      announce('Original order.')
      return
    }
    const [first, second] = search.order
    const best = first === search.query.item ? second : first
    announce(best ? `Sorted by likeness to ${search.query.name}. Most alike: ${best.name}, ${formatScore(search.scores.get(best) ?? 0)}.` : 'Sorted.')
    if (!mapOpen) scrollTo({ top: 0, behavior: calm() ? 'auto' : 'smooth' })
  })
  const choose = (/** @type {Event} */ event) => {
    const { detail } = /** @type {CustomEvent<Item>} */ (event)
    if (detail.vector) void findSimilar(detail)
    else announce(`${detail.name} has not been read yet.`)
  }
  grid.addEventListener('choose', choose)
  map.addEventListener('choose', choose)
  grid.addEventListener('view', (event) => {
    const { detail } = /** @type {CustomEvent<Item>} */ (event)
    viewer.open(detail.name, detail.file, detail.vector ? () => void findSimilar(detail) : null)
  })
}

/** @param {Item} item */
async function findSimilar (item) {
  const focused = grid.hasFocus()
  await search.byItem(item)
  if (focused && !mapOpen) grid.focusItem(item)
}

/** Back to the original order, the focus staying on the picture that was searched with. */
function back () {
  if (!search.query) return
  const { item } = search.query
  const focused = grid.hasFocus() || byId('query', HTMLElement).contains(document.activeElement)
  search.clear()
  if (focused && !mapOpen) {
    if (item) grid.focusItem(item)
    else grid.focusAt(grid.at)
  }
}

function wireActions () {
  /** @type {Record<string, () => void>} */
  const actions = {
    files: () => byId('pick-files', HTMLInputElement).click(),
    folder: () => byId('pick-folder', HTMLInputElement).click(),
    search: () => byId('pick-query', HTMLInputElement).click(),
    camera: () => void camera.open(collection.done().length > 0),
    samples: () => void samples.use(),
    settings: () => settings.open(),
    clear: () => void clearAll()
  }
  document.addEventListener('click', (event) => {
    const found = event.target instanceof Element ? event.target.closest('[data-do]') : null
    const name = found?.getAttribute('data-do')
    if (name) actions[name]?.()
  })
  byId('query-back', HTMLElement).addEventListener('click', back)
  byId('query-add', HTMLElement).addEventListener('click', () => {
    const picture = search.query?.picture
    if (picture) void add([picture])
  })
  byId('query-view', HTMLElement).addEventListener('click', () => {
    const query = search.query
    const file = query?.item?.file ?? query?.picture?.file
    if (query && file) viewer.open(query.name, file, null)
  })
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open], details.menu[open]')) return
    if (search.query) back()
  })
}

async function clearAll () {
  const n = collection.items.length
  const sure = await ask('Remove all pictures?', `${count(n, 'picture')} and their vectors leave this page. The files on your disk stay.`, 'Remove')
  if (!sure) return
  embedder.cancel()
  search.clear()
  collection.clear()
  problems.clear()
  progress.hide()
  map.forget()
  chooseTab(0)
  byId('main', HTMLElement).focus()
}
