import { askText, button, element } from '../dom.js'
import { save } from '../save.js'
import { words } from '../words.js'

/** @typedef {import("../views.js").Page} Page */
/** @typedef {import("../collection.js").Item} Item */

const w = words.pictures

/** Sorting, filtering and what is done with selected pictures: the line above the grid. */
export class PictureTools {
  /**
   * @param {Page} page
   * @param {import("./grid.js").Grid} grid
   */
  constructor (page, grid) {
    this.page = page
    this.grid = grid
    const set = (/** @type {string} */ name, /** @type {HTMLInputElement|HTMLSelectElement} */ field) => page.route.set({ [name]: field.value }, { replace: true })
    this.sort = element('select', { id: 'pictures-sort', on: { change: () => set('sort', this.sort) } }, ...Object.entries(w.sorts).map(([value, text]) => element('option', { value }, text)))
    this.text = element('input', { type: 'search', id: 'pictures-find', placeholder: w.find, aria: { label: w.find }, on: { input: () => set('find', this.text) } })
    this.label = element('select', { id: 'pictures-label', aria: { label: w.label }, on: { change: () => set('label', this.label) } })
    this.group = element('select', { id: 'pictures-group', aria: { label: w.group }, on: { change: () => set('group', this.group) } })
    this.select = element('button', { type: 'button', className: 'button small', id: 'pictures-select', aria: { pressed: 'false' }, on: { click: () => this.setSelecting(!grid.selecting) } }, w.select)
    this.shown = element('span', { className: 'shown', attributes: { role: 'status' } })
    this.count = element('strong')
    this.bar = element('div', { className: 'tools selection-bar', hidden: true, attributes: { role: 'toolbar' }, aria: { label: w.select } }, this.count,
      button(w.all, () => page.selection.set(grid.items)), button(w.setLabel, () => this.setLabel()), button(w.list, () => save('pictures.txt', [...page.selection.items].map(({ name }) => `${name}\n`).join(''))),
      button(w.remove, () => page.remove(page.selection.items)), button(w.clear, () => { page.selection.clear(); this.setSelecting(false) }))
    this.box = element('div', { className: 'tools picture-tools' }, element('label', { className: 'setting' }, w.sort, this.sort), this.text, this.label, this.group, this.select, this.shown)
    document.getElementById('work')?.prepend(this.box, this.bar)
    page.selection.addEventListener('change', () => this.choose())
    grid.addEventListener('remove', () => page.remove(page.selection.items))
    for (const event of ['change', 'details']) page.collection.addEventListener(event, () => this.offer())
  }

  /** @param {boolean} on */
  setSelecting (on) {
    this.grid.setSelecting(on)
    this.select.setAttribute('aria-pressed', String(on))
  }

  choose () {
    const { size } = this.page.selection
    this.bar.hidden = size === 0
    this.count.textContent = w.selected(size)
  }

  /** What there is to choose from. */
  offer () {
    const { collection, route } = this.page
    const labels = new Set(collection.items.map(({ label }) => label))
    labels.delete('')
    const fill = (/** @type {HTMLSelectElement} */ field, /** @type {[string, string][]} */ options, /** @type {string} */ value) => {
      field.replaceChildren(...options.map(([v, text]) => element('option', { value: v }, text)))
      field.value = options.some(([v]) => v === value) ? value : ''
    }
    fill(this.label, [['', w.anyLabel], ...[...labels].sort().map((l) => /** @type {[string, string]} */ ([l, l]))], route.get('label'))
    fill(this.group, [['', w.anyGroup], ...collection.groups.map(({ id, name }) => /** @type {[string, string]} */ ([String(id), name])), ['-1', w.noGroup]], route.get('group'))
    this.label.hidden = labels.size < 2
    this.group.hidden = collection.groups.length === 0
  }

  /** Takes up the address. */
  show () {
    const { route } = this.page
    this.sort.value = route.get('sort')
    if (this.text.value !== route.get('find')) this.text.value = route.get('find')
    this.offer()
  }

  /**
   * The pictures as the address wants them; the order of a search stays.
   * @param {Item[]} items
   * @param {boolean} searched
   */
  apply (items, searched) {
    const { route, collection } = this.page
    const [text, label, group, sort] = [route.get('find').toLowerCase(), route.get('label'), route.get('group'), route.get('sort')]
    let list = items
    if (text) list = list.filter(({ name }) => name.toLowerCase().includes(text))
    if (label) list = list.filter((item) => item.label === label)
    if (group) list = list.filter((item) => item.group === Number(group))
    this.shown.textContent = w.shown(list.length, items.length)
    if (searched || !sort) return list
    const names = new Map(collection.groups.map(({ id, name }, i) => [id, i]))
    const compare = new Intl.Collator(undefined, { numeric: true }).compare
    /** @type {Record<string, (a: Item, b: Item) => number>} */
    const by = {
      name: (a, b) => compare(a.name, b.name),
      date: (a, b) => b.date - a.date,
      size: (a, b) => b.width * b.height - a.width * a.height || b.bytes - a.bytes,
      label: (a, b) => compare(a.label || '\uffff', b.label || '\uffff'),
      group: (a, b) => (names.get(a.group) ?? Infinity) - (names.get(b.group) ?? Infinity) || 0
    }
    return by[sort] ? [...list].sort(by[sort]) : list
  }

  async setLabel () {
    const { collection, selection, undo } = this.page
    const items = [...selection.items]
    const known = [...new Set(collection.items.map(({ label }) => label))].filter(Boolean).sort()
    const label = await askText(w.askLabel, { label: w.label, yes: w.giveLabel, text: items[0]?.label, known })
    if (label === null) return
    const before = new Map(items.map((item) => [item, item.label]))
    undo.do({
      label: w.labelled(items.length, label),
      redo: () => collection.setLabel(items, label),
      undo: () => {
        for (const [item, was] of before) item.label = was
        collection.dispatchEvent(new Event('details'))
      }
    })
  }
}
