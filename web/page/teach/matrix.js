import { element } from '../dom.js'
import { words } from '../words.js'
import { share } from './share.js'

/** @typedef {import("../../lib/analysis.js").Measured} Measured */

const w = words.teach

/**
 * How well each class is told.
 * @param {Measured} measured
 */
export function qualityTable ({ classes }) {
  const head = (/** @type {string} */ text) => element('th', { textContent: text, attributes: { scope: 'col' } })
  return element('div', { className: 'table-box', tabIndex: 0, attributes: { role: 'region' }, aria: { label: w.tableLabel } }, element('table', { className: 'figures' },
    element('caption', { textContent: w.tableCaption }),
    element('thead', {}, element('tr', {}, head(w.table.class), head(w.table.vectors), head(w.table.precision), head(w.table.recall), head(w.table.f1))),
    element('tbody', {}, ...classes.map((one) => element('tr', {},
      element('th', { textContent: one.label, attributes: { scope: 'row' } }),
      ...[one.vectors.toLocaleString('en'), share(one.precision), share(one.recall), share(one.f1)].map((textContent) => element('td', { textContent })))))))
}

/**
 * The confusion matrix; every number that is not 0 is a button.
 * @param {string[]} labels
 * @param {number[][]} counts counts[a][b] is how many of class a were told as b
 * @param {(is: number, told: number) => void} onCell
 */
export function confusionMatrix (labels, counts, onCell) {
  const cell = (/** @type {number} */ is, /** @type {number} */ told) => {
    const n = counts[is][told]
    const all = counts[is].reduce((sum, m) => sum + m, 0)
    return element('td', { className: is === told ? 'right' : n > 0 ? 'wrong' : '', style: { '--share': String(all > 0 ? n / all : 0) } },
      n > 0
        ? element('button', { type: 'button', textContent: n.toLocaleString('en'), data: { cell: `${is},${told}` }, aria: { label: w.cell(n, labels[is], labels[told]) }, on: { click: () => onCell(is, told) } })
        : element('span', { textContent: '·', attributes: { 'aria-label': '0' } }))
  }
  return element('div', { className: 'table-box', tabIndex: 0, attributes: { role: 'region' }, aria: { label: w.matrix } }, element('table', { className: 'matrix' },
    element('caption', { textContent: w.matrixCaption }),
    element('thead', {}, element('tr', {}, element('td', { textContent: `${w.is} ↓ ${w.told} →` }), ...labels.map((label) => element('th', { title: label, attributes: { scope: 'col' } }, element('span', { textContent: label }))))),
    element('tbody', {}, ...labels.map((label, is) => element('tr', {}, element('th', { textContent: label, title: label, attributes: { scope: 'row' } }), ...labels.map((_, told) => cell(is, told)))))))
}
