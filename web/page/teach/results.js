import { button, element } from '../dom.js'
import { markSelected, sheet } from '../groups/sheet.js'
import { csv, save } from '../save.js'
import { words } from '../words.js'
import { relabel } from './edit.js'
import { confusionMatrix, qualityTable } from './matrix.js'
import { share } from './share.js'

/** @typedef {import("../views.js").Page} Page */
/** @typedef {import("../collection.js").Item} Item */
/** @typedef {import("./lesson.js").Result} Result */

const w = words.teach

/** What was learned: how well, what it gets wrong and what it says of pictures in no class. */
export class ResultsPanel {
  /** @param {Page} page */
  constructor (page) {
    this.page = page
    this.figures = element('div', { className: 'result-figures' })
    this.wrong = element('section', { className: 'group', attributes: { 'aria-live': 'polite' } })
    this.unlabelled = element('div', { className: 'groups' })
    this.files = element('div', { className: 'tools' },
      button(w.saveModel, () => this.saveModel(), 'button small primary'), button(w.saveTable, () => this.saveTable()), element('small', { className: 'help', textContent: w.modelNote }))
    this.none = element('div', {}, element('p', { textContent: w.noResult }), element('a', { className: 'button', href: '#teach', textContent: w.toClasses }))
    this.table = element('div')
    this.full = element('div', {}, this.figures, this.wrong, this.unlabelled, this.table)
    this.box = element('div', {}, this.none, this.full, this.files)
    /** The cell whose pictures are shown; null: all that are wrong. @type {[number, number]|null} */
    this.cell = null
    /** @type {Result|null} */
    this.shown = null
  }

  /** Shows what was learned. */
  fill () {
    const { result } = this.page.lesson
    this.none.hidden = result !== null
    this.full.hidden = this.files.hidden = result === null
    if (!result) return
    if (result !== this.shown) {
      this.cell = null
      this.shown = result
      this.figures.replaceChildren(...this.summary(result))
      this.table.replaceChildren(...result.report.measured ? [qualityTable(result.report.measured)] : [])
    }
    this.showWrong(result)
    this.showUnlabelled(result)
  }

  /**
   * @param {Result} result
   * @returns {HTMLElement[]}
   */
  summary ({ report, labels }) {
    const { measured, headAlone, agreement } = report
    const worse = headAlone && measured && headAlone.accuracy > measured.accuracy
    const more = [
      headAlone && (worse ? w.headBetter : w.headAlone)(share(headAlone.accuracy)),
      agreement && w.agreement(agreement.mean.toFixed(4), share(agreement.classes))
    ].flatMap((text) => (text ? [element('p', { className: 'help', textContent: text })] : []))
    if (!measured) return [element('p', { className: 'headline', textContent: w.unmeasured(share(report.trainingAccuracy ?? 0)) }), ...more]
    const { accuracy, foldAccuracy, folds, vectors } = measured
    return [
      element('p', { className: 'headline', textContent: w.accuracy(share(accuracy), share(Math.min(...foldAccuracy)), share(Math.max(...foldAccuracy)), folds) }),
      element('p', { className: 'help', textContent: w.measuredBy(vectors) }),
      ...more,
      element('h2', { textContent: w.matrix }),
      confusionMatrix(labels, measured.confusion, (is, told) => {
        this.cell = [is, told]
        this.fill()
        this.wrong.scrollIntoView({ block: 'nearest' })
      })
    ]
  }

  /**
   * The pictures of the chosen number, or all that are told wrong.
   * @param {Result} result
   */
  showWrong (result) {
    const { collection } = this.page
    if (!result.report.measured) {
      this.wrong.replaceChildren()
      return
    }
    const { cell } = this
    const [is, told] = cell ? cell.map((i) => result.labels[i]) : ['', '']
    const items = collection.items.filter(({ key }) => {
      const learned = result.learned.get(key)
      const said = result.told.get(key)?.label
      return learned !== undefined && said !== undefined && (cell ? learned === is && said === told : learned !== said)
    }).sort((a, b) => (result.told.get(b.key)?.score ?? 0) - (result.told.get(a.key)?.score ?? 0))
    const title = cell ? w.cell(items.length, is, told) : w.wrong(items.length)
    const actions = items.length === 0
      ? []
      : cell && is !== told
        ? [button(w.correct(told), () => this.move(items, () => told))]
        : cell ? [] : [button(w.correctEach, () => this.move(items, ({ key }) => result.told.get(key)?.label ?? ''))]
    this.wrong.replaceChildren(
      element('header', {}, element('h2', { textContent: title }), element('span', { className: 'spring' }), ...actions,
        cell && button(w.wrongAll, () => { this.cell = null; this.fill() })),
      actions.length > 0 ? element('p', { className: 'help', textContent: w.correctSelected }) : '',
      ...items.length > 0 ? [this.told(result, items, title)] : [])
  }

  /**
   * Pictures with what is said of each.
   * @param {Result} result
   * @param {Item[]} items
   * @param {string} label
   */
  told (result, items, label) {
    return sheet(this.page, items, {
      label, all: w.all, note: ({ key }) => {
        const said = result.told.get(key)
        return said ? w.score(said.label, said.score) : ''
      }
    })
  }

  /**
   * Gives pictures, or those of them that are selected, the class that is told.
   * @param {Item[]} items
   * @param {(item: Item) => string} to
   */
  move (items, to) {
    const { selection } = this.page
    const chosen = items.filter((item) => selection.has(item))
    const moved = chosen.length > 0 ? chosen : items
    const names = new Set(moved.map(to))
    relabel(this.page, w.moved(moved.length, names.size === 1 ? [...names][0] : w.told), new Map(moved.map((item) => [item, to(item)])))
  }

  /** @param {Result} result */
  showUnlabelled (result) {
    const { threshold } = result.report
    /** @type {Map<string, Item[]>} */
    const of = new Map()
    let n = 0
    for (const item of this.page.collection.items) {
      const said = result.told.get(item.key)
      if (item.label || !said) continue
      n++
      const name = said.score < threshold ? '' : said.label
      of.set(name, [...of.get(name) ?? [], item])
    }
    if (n === 0) {
      this.unlabelled.replaceChildren()
      return
    }
    const sections = [...of].sort(([a], [b]) => (a === '' ? 1 : b === '' ? -1 : result.labels.indexOf(a) - result.labels.indexOf(b))).map(([name, items]) => {
      items.sort((a, b) => (result.told.get(b.key)?.score ?? 0) - (result.told.get(a.key)?.score ?? 0))
      return element('section', { className: 'group', aria: { label: name || w.noneOfThese } },
        element('header', {}, element('h3', { textContent: name || w.noneOfThese }), element('span', { className: 'count', textContent: items.length.toLocaleString('en') }), element('span', { className: 'spring' }),
          name ? button(w.accept(name), () => this.move(items, () => name)) : ''),
        this.told(result, items, name || w.noneOfThese))
    })
    this.unlabelled.replaceChildren(element('h2', { textContent: w.unlabelled(n) }), ...sections)
  }

  mark () {
    markSelected(this.page, this.box)
  }

  saveModel () {
    const { result } = this.page.lesson
    if (result) save(`${result.name}.safetensors`, [result.model], 'application/octet-stream')
  }

  saveTable () {
    const { lesson, collection } = this.page
    const { result } = lesson
    if (!result) return
    const rows = collection.items.flatMap(({ key, name }) => {
      const said = result.told.get(key)
      return said ? [[name, result.learned.get(key) ?? '', said.score < result.report.threshold ? '' : said.label, said.score]] : []
    })
    save('told.csv', csv([['name', 'class', 'told', 'score'], ...rows]), 'text/csv;charset=utf-8')
  }
}
