import { Camera } from './camera.js'
import { Collection } from './collection.js'
import { Analysis } from '../likeness.js'
import { announce, ask, byId, clearNotice, count, element, icon, notice, wireDialogs } from './dom.js'
import { wireIntake } from './drop.js'
import { Embedder } from './embed.js'
import { Engine } from './engine.js'
import { GroupsView } from './groups/view.js'
import { InsideView } from './inside/view.js'
import { fromFolder, nothingFound, skippedText } from './intake.js'
import { bringVectors } from './kept/bring.js'
import { Exporter } from './kept/export.js'
import { canRemember, chooseFolder } from './kept/folders.js'
import { Kept } from './kept/kept.js'
import { MapView } from './map/view.js'
import { wireMenus } from './menus.js'
import { goOffline } from './offline.js'
import { PicturesView } from './pictures/view.js'
import { watchTraffic } from './privacy.js'
import { Problems } from './problems.js'
import { ProgressPanel } from './progress.js'
import { Route } from './route.js'
import { Samples } from './samples.js'
import { Search } from './search.js'
import { Selection } from './selection.js'
import { Settings } from './settings.js'
import { Drawn } from './sound/drawn.js'
import { Sound } from './sound/sound.js'
import { Lesson } from './teach/lesson.js'
import { TeachView } from './teach/view.js'
import { Thumbs } from './thumbs.js'
import { Undo } from './undo.js'
import { Vectors } from './vectors.js'
import { Viewer } from './viewer.js'
import { Views } from './views.js'
import { words } from './words.js'

/** @typedef {import("./collection.js").Item} Item */
/** @typedef {import("./collection.js").Picture} Picture */
/** @typedef {import("./intake.js").Intake} Intake */
/** @typedef {import("./views.js").Page} Page */

watchTraffic()
const engine = new Engine()
const collection = new Collection()
const selection = new Selection(collection)
const route = new Route(['pictures', 'map', 'groups', 'inside', 'teach'])
const undo = new Undo(byId('toasts', HTMLElement))
const progress = new ProgressPanel()
const problems = new Problems()
const thumbs = new Thumbs((file) => thumbnail(file, 320))
const vectors = new Vectors(collection)
const search = new Search(engine, collection, thumbs, route, vectors)
const embedder = new Embedder(engine, collection, progress, problems)
const viewer = new Viewer(collection, route, (item) => findSimilar(item), (file) => thumbnail(file, 1600), labelsOf)
const camera = new Camera((picture, use) => void (use === 'search' ? search.byPicture(picture) : add([picture])))
const drawn = new Drawn(engine, problems)
const sound = new Sound((name, wav) => drawn.draw(name, wav), (picture, use) => void (use === 'search' ? search.byPicture(picture) : add([picture])))
const samples = new Samples(add, () => ({ hash: engine.extractor?.info.hash ?? engine.models[0]?.sha256 ?? '', layer: engine.choice.layer, pool: engine.choice.pool, resize: engine.choice.resize }))
const settings = new Settings(engine, cost, applySettings)
new Exporter(engine, collection, thumbs)
const lesson = new Lesson({ engine, collection, vectors })

/** @type {Page} */
const page = {
  engine, collection, selection, route, undo, thumbs, viewer, search, vectors, embedder, progress, problems, samples, lesson, words,
  findSimilar, remove, add, emptyState, open: (name) => views.open(name), leave, keep: () => kept.keepProject(), openProject: (file, name) => teach.openProject(file, name)
}
const pictures = new PicturesView(page)
const teach = new TeachView(page)
const views = new Views(page, [pictures, new MapView(page), new GroupsView(page), new InsideView(page), teach])

const kept = new Kept(page, take)

wireDialogs()
wireMenus()
wireIntake(() => collection.done().length > 0, take)
wireActions()
wireState()
views.update()
// start.js has nothing more to tell.
document.documentElement.dataset.started = ''
// What is stored for offline use follows, so that it does not compete.
void engine.start().then(() => goOffline(() => collection.items.length))
void samples.start()
void kept.start()

/**
 * A picture made by the engine, of what the browser cannot show.
 * @param {Blob} file
 * @param {number} side
 */
async function thumbnail (file, side) {
  const extractor = await engine.ready()
  return extractor.thumbnail(file, { side }).catch(() => null)
}

/**
 * What was learned here, or else the model, says of a picture, where it has
 * labels.
 * @param {Blob} file
 */
async function labelsOf (file) {
  const extractor = lesson.result ? await lesson.extractor() : engine.extractor
  if (!extractor?.info.classes) return ''
  const { labels, none } = await extractor.classify(file, { top: 3 })
  return words.frame.labels(labels, none)
}

/** @param {Picture[]} list */
async function add (list) {
  const { added, repeated, joined } = await collection.add(list)
  if (joined.length > 0) {
    thumbs.again(joined)
    notice('joined', 'good', words.bring.attached(joined.length))
  }
  if (repeated > 0) notice('repeated', 'warn', words.frame.repeated(repeated))
  if (added.length > 0) announce(words.frame.added(added.length))
  void embedder.run()
}

/**
 * What came in by a drop, a paste or a chooser.
 * @param {Intake} intake
 * @param {"add"|"search"} use
 */
function take (intake, use) {
  clearNotice('empty')
  if (intake.projects.length > 0) {
    const [{ name, file }] = intake.projects
    void page.openProject(file, name)
    return
  }
  if (intake.models.length > 0) {
    void bringModel(intake.models[0])
    return
  }
  if (intake.signals.length > 0) {
    void drawn.all(intake.signals).then((pictures) => {
      if (pictures.length > 0) take({ ...intake, pictures, signals: [] }, use)
      else for (const problem of intake.problems) problems.show(problem)
    })
    return
  }
  if (intake.pictures.length === 0 && intake.vectors.length === 0) {
    notice('empty', 'warn', nothingFound(intake))
    return
  }
  for (const problem of intake.problems) problems.show(problem)
  if (intake.skipped > 0) notice('skipped', 'good', skippedText(intake))
  if (intake.vectors.length > 0) {
    void bring(intake)
  } else if (use === 'search') {
    if (intake.pictures.length > 1) notice('query', 'warn', words.frame.oneAtATime(intake.pictures[0].name))
    else clearNotice('query')
    void search.byPicture(intake.pictures[0])
  } else {
    void add(intake.pictures)
  }
}

/**
 * A model file, such as likeness teach or the view Teach writes.
 * @param {{name: string, file: Blob}} model
 */
async function bringModel ({ name, file }) {
  try {
    await engine.ready()
    const { entry, labels } = await engine.bring(name, file)
    const use = () => applySettings({ ...engine.choice, model: entry.name, layer: entry.default_layer })
    notice('brought', 'good', words.frame.modelBrought(entry.title, labels), { label: words.frame.useModel, run: use })
  } catch (error) {
    notice('brought', 'bad', words.frame.modelBad(name, error instanceof Error ? error.message : String(error)))
  }
}

/**
 * Files of vectors, with or without their pictures.
 * @param {Intake} intake
 */
async function bring ({ vectors, pictures }) {
  notice('bring', 'good', words.bring.reading(vectors.map(([{ name }]) => name).join(', ')))
  const fresh = collection.groups.length === 0
  const { pictures: list, groups } = await bringVectors(page, vectors, pictures)
  clearNotice('bring')
  const bare = list.filter(({ file, vector }) => !file && vector).length
  if (bare > 0) notice('bare', 'good', words.bring.bare(bare))
  await add(list)
  if (!fresh || groups.size === 0) return
  const names = [...new Set(groups.values())]
  // The same vectors may be held by the pictures of the collection.
  const of = new Map([...groups].map(([picture, name]) => [picture.vector, names.indexOf(name)]))
  collection.setGroups(names.map((name, id) => ({ id, name })), new Map(collection.items.flatMap((item) => {
    const id = of.get(item.vector)
    return id === undefined ? [] : [[item, id]]
  })))
}

/** Pictures that a change of settings reads again, and for how long. */
function cost () {
  const { marks } = progress.rate
  const first = marks[0]
  const last = marks[marks.length - 1]
  const many = collection.done().length
  const seconds = last.done > first.done ? (last.time - first.time) / (last.done - first.done) * many : 0
  return { pictures: many, seconds }
}

/** @param {import("./engine.js").Choice} choice */
function applySettings (choice) {
  if (embedder.running) {
    notice('settings', 'warn', words.frame.stillReading)
    return
  }
  void embedder.again(choice).then((took) => (took ? search.renew() : undefined))
}

function wireState () {
  const fill = () => document.body.toggleAttribute('data-empty', collection.items.length === 0)
  fill()
  collection.addEventListener('change', () => {
    fill()
    thumbs.keepOnly(collection.items)
    problems.keepOnly(collection.items)
  })
  embedder.addEventListener('end', () => void (search.query ? search.refresh() : search.follow()))
  thumbs.addEventListener('ready', (event) => {
    if (search.query?.item === /** @type {CustomEvent<Item>} */ (event).detail) search.show()
  })
}

/**
 * @param {Item} item
 * @param {string} [view]
 */
function findSimilar (item, view = route.view) {
  if (!item.vector) {
    announce(words.frame.notRead(item.name))
    return
  }
  const params = view === route.view ? route.params : new URLSearchParams(route.last.get(view) ?? '')
  route.go(view, { ...Object.fromEntries(params), like: item.key, show: '' })
}

/** Back to the original order, the focus staying on the picture that was searched with. */
function back () {
  if (!search.query) return
  const { item } = search.query
  const focused = pictures.grid.hasFocus() || byId('query', HTMLElement).contains(document.activeElement)
  route.set({ like: '', show: '' })
  if (focused && pictures.visible) pictures.focus(item)
}

/** @param {Iterable<Item>} items */
function remove (items) {
  const list = [...items]
  if (list.length === 0) return
  /** @type {import("./collection.js").Removed} */
  let removed = []
  undo.do({
    label: words.frame.removed(list.length),
    redo: () => { removed = collection.remove(list) },
    undo: () => {
      collection.restore(removed)
      void embedder.run()
    }
  })
}

/**
 * @param {string} title
 * @param {string} text
 * @param {string} drawing
 */
function emptyState (title, text, drawing) {
  return element('div', { className: 'empty' },
    element('div', { className: 'empty-drawing' }, icon(drawing)),
    element('h2', { textContent: title }),
    element('p', { textContent: text }),
    element('div', { className: 'choices' },
      element('button', { type: 'button', className: 'button primary', data: { do: 'samples' } }, words.frame.trySamples),
      element('button', { type: 'button', className: 'button', data: { do: 'files' } }, words.frame.choosePictures)))
}

function wireActions () {
  /** @type {Record<string, () => void>} */
  const actions = {
    files: () => byId('pick-files', HTMLInputElement).click(),
    folder: () => void pickFolder(),
    search: () => byId('pick-query', HTMLInputElement).click(),
    camera: () => void camera.open(collection.done().length > 0),
    sound: () => void sound.open(collection.done().length > 0),
    samples: () => void samples.use(),
    settings: () => settings.open(),
    home: () => void takeHome(),
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
    const { item, picture, name } = search.query ?? {}
    if (item) viewer.open(item)
    else if (picture?.file) viewer.preview(name ?? '', picture.file)
  })
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open], details.menu[open]')) return
    if (search.query) back()
  })
}

/** A folder: one that can be found again after a reload, where the browser can. */
async function pickFolder () {
  if (!canRemember()) {
    byId('pick-folder', HTMLInputElement).click()
    return
  }
  try {
    const folder = await chooseFolder()
    if (!folder) return
    kept.remember(folder)
    take(await fromFolder(folder), 'add')
  } catch (error) {
    notice('folder', 'bad', words.kept.folderFailed(error instanceof Error ? error.message : String(error)))
  }
}

/** @type {import("./home/home.js").Home|null} */
let home = null

/** All there is, as a folder; what makes it is loaded when it is first wanted. */
async function takeHome () {
  try {
    home ??= new (await import('./home/home.js')).Home(page)
    home.open(lesson.home())
  } catch {
    notice('home', 'bad', words.home.noPart)
  }
}

/** Takes everything off the page; what is kept on the device stays there. */
function leave () {
  embedder.cancel()
  search.clear()
  kept.leave()
  lesson.clear()
  collection.clear()
  undo.forget()
  problems.clear()
  progress.hide()
}

async function clearAll () {
  const n = collection.items.length
  const sure = await ask('Remove all pictures?', `${count(n, 'picture')} and their vectors leave this page. The files on your disk stay.`, 'Remove')
  if (!sure) return
  leave()
  void Analysis.forgetFrozen()
  route.go('pictures')
  byId('main', HTMLElement).focus()
}
