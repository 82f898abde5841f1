import { announce, button, element, notice } from '../dom.js'
import { Task } from '../task.js'
import { words } from '../words.js'
import { OptionsForm } from './form.js'
import { share } from './share.js'

/** @typedef {import("../views.js").Page} Page */
/** @typedef {import("../../lib/analysis.js").TeachStep} TeachStep */

const w = words.teach

/** Size of the drawing of loss and accuracy. */
const [across, down] = [320, 90]

/** The button that learns, how, and how it goes. */
export class TrainPanel {
  /**
   * @param {Page} page
   * @param {() => void} onDone
   */
  constructor (page, onDone) {
    this.page = page
    this.onDone = onDone
    this.task = new Task()
    /** The lesson's turn that is learned in. */
    this.turn = 0
    this.form = new OptionsForm(() => this.keep(), () => page.engine.trainable)
    this.button = button(w.train, () => void this.train(), 'button primary')
    this.button.id = 'teach-train'
    /** Steps of the present part. @type {TeachStep[]} */
    this.steps = []
    this.curve = element('div', { className: 'curve', hidden: true })
    this.state = element('p', { className: 'help', attributes: { role: 'status' } })
    this.box = element('div', { className: 'training' },
      element('div', { className: 'tools' }, this.form.choice, this.button, this.state), this.form.more, this.task.box, this.curve)
    this.form.fill(page.lesson.options)
    page.lesson.addEventListener('change', () => { if (this.turn !== page.lesson.turn) this.task.cancel() }) // other pictures are there now
  }

  /** Keeps what was chosen. */
  keep () {
    const options = this.form.read()
    if (!options) return
    this.page.lesson.options = options
    this.page.lesson.tell()
  }

  fill () {
    const { lesson } = this.page
    if (!this.box.contains(document.activeElement)) this.form.fill(lesson.options)
    this.button.textContent = lesson.result ? w.trainAgain : w.train
    this.button.disabled = !lesson.ready() || this.task.running
    this.state.textContent = !lesson.result ? '' : lesson.stale() ? w.stale : w.fresh
  }

  async train () {
    const { page } = this
    const options = this.form.read()
    if (!options || this.task.running) return
    page.lesson.options = options
    this.steps = []
    const turn = this.turn = page.lesson.turn
    try {
      const running = this.task.run(page.embedder.running ? w.waiting : w.training, async ({ signal, onProgress }) => {
        await page.embedder.idle(signal)
        return page.lesson.train({
          signal,
          onProgress: (p) => {
            if (p.stage === 'looking') this.task.text.textContent = w.looking(p.cached ?? 0)
            onProgress(p)
          },
          onStep: (step) => {
            onProgress(step)
            this.show(step)
          },
          onProblem: (why) => notice('teach-kept', 'warn', w.notKeptValues(why))
        })
      })
      this.fill()
      const result = await running
      if (turn !== page.lesson.turn) return
      if (!result) {
        notice('teach', 'warn', page.lesson.result ? w.stopped : w.stoppedFirst)
        return
      }
      const { measured } = result.report
      const said = measured ? w.trained(share(measured.accuracy), measured.vectors) : w.trainedUnmeasured
      announce(said)
      await page.keep()
      this.onDone()
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') return
      notice('teach', 'bad', w.failed(error instanceof Error ? error.message : String(error)))
    } finally {
      this.curve.hidden = true
      this.fill()
    }
  }

  /**
   * How it goes.
   * @param {TeachStep} step
   */
  show (step) {
    if (this.steps.length > 0 && this.steps[this.steps.length - 1].part !== step.part) this.steps = []
    this.steps.push(step)
    this.curve.hidden = false
    this.task.text.textContent = `${w.step(step.part, step.parts, step.epoch, step.epochs)}: ${w.curve(step.loss, step.accuracy)}`
    this.curve.replaceChildren(drawing(this.steps))
  }
}

/**
 * Loss and accuracy by epoch.
 * @param {TeachStep[]} steps
 */
function drawing (steps) {
  const space = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(space, 'svg')
  svg.setAttribute('viewBox', `0 0 ${across} ${down}`)
  svg.setAttribute('role', 'img')
  svg.setAttribute('aria-label', w.curveLabel)
  const most = Math.max(...steps.map(({ loss }) => loss), 1e-9)
  const x = (/** @type {number} */ i) => (steps.length > 1 ? i / (steps.length - 1) : 0) * across
  const lines = /** @type {[string, (step: TeachStep) => number][]} */ ([['loss', ({ loss }) => loss / most], ['accuracy', ({ accuracy }) => accuracy]])
  for (const [name, height] of lines) {
    const line = document.createElementNS(space, 'polyline')
    line.setAttribute('class', name)
    line.setAttribute('points', steps.map((step, i) => `${x(i).toFixed(1)},${(down - 4 - height(step) * (down - 8)).toFixed(1)}`).join(' '))
    svg.append(line)
  }
  return element('figure', {}, svg, element('figcaption', {}, element('span', { className: 'loss', textContent: w.lossAxis }), element('span', { className: 'accuracy', textContent: w.accuracyAxis })))
}
