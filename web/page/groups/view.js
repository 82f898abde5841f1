import { announce, breather, button, element, notice } from '../dom.js'
import { csv, save } from '../save.js'
import { Task } from '../task.js'
import { words } from '../words.js'
import { Mover } from '../mover.js'
import { centralFirst, freshId, freshName, membersOf, regroup } from './edit.js'
import { markSelected, sheet } from './sheet.js'
import { TwinsPanel } from './twins.js'

/** @typedef {import("../views.js").Page} Page */
/** @typedef {import("../collection.js").Item} Item */
/** @typedef {import("../collection.js").Group} Group */

const w = words.groups

/** Groups of alike pictures, and twins. */
export class GroupsView {
  /** @param {Page} page */
  constructor (page) {
    this.name = 'groups'
    this.page = page
    this.visible = false
    /** Counts the calls of showSheets. */
    this.listing = 0
    this.task = new Task()
    this.twins = new TwinsPanel(page)
    const tab = (/** @type {'groups'|'twins'} */ name) => element('a', { href: `#groups${name === 'twins' ? '?tab=twins' : ''}`, data: { tab: name } }, w.tabs[name])
    this.tabs = [tab('groups'), tab('twins')]
    this.method = element('select', { id: 'groups-method', on: { change: () => this.showMethod() } },
      ...Object.entries(w.methods).map(([value, text]) => element('option', { value }, text)))
    this.number = element('input', { type: 'number', id: 'groups-number', min: '1', max: '1000', value: '8', inputMode: 'numeric' })
    this.least = element('input', { type: 'number', id: 'groups-least', min: '2', max: '1000', value: '5', inputMode: 'numeric' })
    this.numberField = element('label', { className: 'setting' }, w.number, this.number)
    this.leastField = element('label', { className: 'setting', hidden: true }, w.least, this.least)
    this.proposal = button(w.propose, () => void this.propose())
    this.state = element('p', { className: 'help', id: 'groups-state' })
    this.mover = new Mover('groups-move', { label: w.move, go: w.moveGo }, (to) => this.move(to))
    this.files = element('div', { className: 'row' }, button(w.exportCSV, () => this.save('csv')), button(w.exportList, () => this.save('list')))
    const form = element('form', { className: 'tools', on: { submit: (event) => { event.preventDefault(); void this.make() } } },
      element('label', { className: 'setting' }, w.how, this.method), this.numberField, this.proposal, this.leastField,
      element('button', { type: 'submit', className: 'button primary' }, w.make))
    this.list = element('div', { className: 'groups' })
    this.panel = element('div', {}, form, this.task.box, element('div', { className: 'tools' }, this.state, this.mover.box, this.files), this.list, element('p', { className: 'help', textContent: w.keys }))
    this.full = element('div', { className: 'groups-full' }, element('nav', { className: 'tabs', aria: { label: words.frame.views.groups } }, ...this.tabs), this.panel, this.twins.box)
    this.empty = page.emptyState(w.title, w.about, 'groups')
    document.getElementById('view-groups')?.append(this.empty, this.full)
    for (const event of ['change', 'details']) page.collection.addEventListener(event, () => this.fill())
    page.embedder.addEventListener('end', () => this.fill())
    page.selection.addEventListener('change', () => {
      if (!this.visible) return
      markSelected(page, this.list)
      this.offerMove()
    })
    this.fill()
  }

  /** @param {URLSearchParams} params */
  show (params) {
    this.visible = true
    const twins = params.get('tab') === 'twins'
    for (const tab of this.tabs) {
      if ((tab.dataset.tab === 'twins') === twins) tab.setAttribute('aria-current', 'page')
      else tab.removeAttribute('aria-current')
    }
    this.panel.hidden = twins
    this.twins.box.hidden = !twins
    this.method.value = params.get('method') === 'hdbscan' ? 'hdbscan' : 'kmeans'
    if (params.get('n')) this.number.value = String(params.get('n'))
    if (params.get('least')) this.least.value = String(params.get('least'))
    this.showMethod()
    this.fill()
    if (twins) void this.twins.show(params)
    else this.twins.hide()
  }

  hide () {
    this.visible = false
    this.twins.hide()
  }

  showMethod () {
    const kmeans = this.method.value === 'kmeans'
    this.numberField.hidden = !kmeans
    this.proposal.hidden = !kmeans
    this.leastField.hidden = kmeans
  }

  /** Shows the groups as they are. */
  fill () {
    const { page } = this
    const any = page.collection.items.length > 0
    this.full.hidden = !any
    this.empty.hidden = any
    if (!this.visible || !any || this.panel.hidden) return
    const { of, none } = membersOf(page)
    const { groups } = page.collection
    this.files.hidden = groups.length === 0
    this.state.textContent = groups.length > 0 ? w.made(groups.length, none.length) : page.collection.done().length < 3 ? w.tooFew : ''
    void this.showSheets(groups, of, none)
    this.offerMove()
  }

  /**
   * The contact sheets of all groups. A newer call ends this one.
   * @param {Group[]} groups
   * @param {Map<number, Item[]>} of
   * @param {Item[]} none
   */
  async showSheets (groups, of, none) {
    const mine = ++this.listing
    const rest = breather()
    /** @type {HTMLElement[]} */
    const made = []
    for (const group of groups) {
      await rest()
      if (mine !== this.listing) return
      made.push(this.section(group, of.get(group.id) ?? []))
    }
    if (groups.length > 0 && none.length > 0) made.push(this.section(null, none))
    this.list.replaceChildren(...made)
  }

  /**
   * @param {Group|null} group null: pictures of none
   * @param {Item[]} items
   */
  section (group, items) {
    const { page } = this
    const name = group?.name ?? w.none
    const title = group
      ? element('input', { type: 'text', className: 'group-name', value: group.name, aria: { label: w.name }, on: { change: (event) => this.rename(group, event.target) } })
      : element('h2', { textContent: w.none })
    const others = page.collection.groups.filter((other) => other !== group)
    const merge = group && others.length > 0
      ? element('select', { aria: { label: `${w.merge} ${name}` }, on: { change: (event) => this.merge(group, Number(event.target.value)) } },
        element('option', { value: '' }, w.merge), ...others.map((other) => element('option', { value: String(other.id) }, other.name)))
      : null
    const made = element('section', { className: 'group', aria: { label: name } },
      element('header', {}, title, element('span', { className: 'count', textContent: items.length.toLocaleString('en') }), element('span', { className: 'spring' }),
        button(w.selectAll, () => page.selection.set(items)),
        group && items.length > 1 && button(w.split, () => void this.split(group, items)), merge),
      sheet(page, centralFirst(items), { label: name, all: w.all }))
    made.addEventListener('dragover', (event) => {
      if (event.dataTransfer?.types.includes('text/x-likeness')) event.preventDefault()
    })
    made.addEventListener('drop', (event) => {
      if (!event.dataTransfer?.types.includes('text/x-likeness')) return
      event.preventDefault()
      event.stopPropagation()
      this.moveTo(group?.id ?? -1, name)
    })
    return made
  }

  async make () {
    const { page } = this
    const method = /** @type {'kmeans'|'hdbscan'} */ (this.method.value)
    const [n, least] = [Number(this.number.value), Number(this.least.value)]
    page.route.set({ method, n: method === 'kmeans' ? n : '', least: method === 'hdbscan' ? least : '' }, { replace: true })
    await this.attempt(async () => {
      const { analysis, items } = await page.vectors.ready()
      if (items.length < 3) return notice('groups', 'warn', w.tooFew)
      const found = await this.task.run(w.making, (hooks) => analysis.groups(method === 'kmeans' ? { method, groups: Math.min(n, items.length) } : { method, least }, hooks))
      if (!found) return
      const named = nameByLabels(found.members.map((members) => Array.from(members, (i) => items[i])))
      regroup(page, w.made(found.members.length, 0), (next) => {
        next.groups = named.map((name, id) => ({ id, name }))
        next.ids = new Map(items.flatMap((item, i) => (found.of[i] >= 0 ? [[item, found.of[i]]] : [])))
      })
    })
  }

  async propose () {
    await this.attempt(async () => {
      const { analysis } = await this.page.vectors.ready()
      const best = await this.task.run(w.proposing, (hooks) => analysis.propose({ most: 60 }, hooks))
      if (!best) return
      this.number.value = String(best.groups)
      announce(`${w.number}: ${best.groups}`)
    })
  }

  /** @param {() => Promise<unknown>} work */
  async attempt (work) {
    try {
      await work()
    } catch (error) {
      notice('groups', 'bad', w.failed(error instanceof Error ? error.message : String(error)))
    }
  }

  /**
   * @param {Group} group
   * @param {HTMLInputElement} field
   */
  rename (group, field) {
    const name = field.value.trim()
    if (name === '' || name === group.name) {
      field.value = group.name
      return
    }
    regroup(this.page, w.renamed(group.name, name), (next) => {
      const own = next.groups.find(({ id }) => id === group.id)
      if (own) own.name = freshName(next.groups.filter((other) => other !== own), name)
    })
  }

  /**
   * @param {Group} from
   * @param {number} to
   */
  merge (from, to) {
    const target = this.page.collection.groups.find(({ id }) => id === to)
    if (!target) return
    regroup(this.page, w.merged(from.name, target.name), ({ ids }) => {
      for (const [item, id] of ids) if (id === from.id) ids.set(item, to)
    })
  }

  /**
   * @param {Group} group
   * @param {Item[]} items
   */
  async split (group, items) {
    await this.attempt(async () => {
      const { analysis, items: all } = await this.page.vectors.ready()
      const wanted = new Set(items)
      const rows = all.flatMap((item, i) => (wanted.has(item) ? [i] : []))
      const halves = await this.task.run(w.splitting, (hooks) => analysis.groups({ method: 'kmeans', groups: 2, among: rows }, hooks))
      if (!halves) return
      const moved = new Set(Array.from(halves.members[1] ?? [], (i) => all[rows[i]]))
      regroup(this.page, w.splitDone(group.name), (next) => {
        const id = freshId(next.groups)
        next.groups.splice(next.groups.findIndex((g) => g.id === group.id) + 1, 0, { id, name: freshName(next.groups, group.name) })
        for (const item of moved) next.ids.set(item, id)
      })
    })
  }

  /** Offers to move what is selected. */
  offerMove () {
    const { groups } = this.page.collection
    this.mover.box.hidden = groups.length === 0
    this.mover.offer([...groups.map(({ id, name }) => /** @type {[string, string]} */ ([String(id), name])), ['new', w.fresh], ['-1', w.none]], this.page.selection.size > 0)
  }

  /** @param {string} value "new" or the number of a group */
  move (value) {
    const group = this.page.collection.groups.find(({ id }) => String(id) === value)
    if (value === 'new') this.moveTo(null, w.fresh)
    else this.moveTo(Number(value), group?.name ?? w.none)
  }

  /**
   * @param {number|null} to null: a new group
   * @param {string} name
   */
  moveTo (to, name) {
    const items = [...this.page.selection.items]
    if (items.length === 0) return
    regroup(this.page, w.moved(items.length, name), (next) => {
      const id = to ?? freshId(next.groups)
      if (to === null) next.groups.push({ id, name: freshName(next.groups, w.group(next.groups.length + 1)) })
      for (const item of items) {
        if (id < 0) next.ids.delete(item)
        else next.ids.set(item, id)
      }
    })
  }

  /** @param {'csv'|'list'} kind */
  save (kind) {
    const { collection } = this.page
    const rows = collection.items.map((item) => [item.name, collection.groupName(item)])
    if (kind === 'csv') save('groups.csv', csv([['name', 'group'], ...rows]), 'text/csv;charset=utf-8')
    else save('groups.txt', rows.filter(([, group]) => group).map(([name, group]) => `${group.replace(/[/\\]/g, '_')}/${name.replace(/^.*\//, '')}\t${name}\n`).join(''))
  }
}

/**
 * A name for each group: the label that most of its pictures have, where that is
 * more than half, else a number.
 * @param {Item[][]} groups
 */
function nameByLabels (groups) {
  /** @type {{id: number, name: string}[]} */
  const named = []
  groups.forEach((items, id) => {
    /** @type {Map<string, number>} */
    const counts = new Map()
    for (const { label } of items) if (label) counts.set(label, (counts.get(label) ?? 0) + 1)
    const [label, n] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? ['', 0]
    named.push({ id, name: freshName(named, n * 2 > items.length ? label : w.group(id + 1)) })
  })
  return named.map(({ name }) => name)
}
