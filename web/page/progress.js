import { announce, byId, count } from './dom.js'

/** Seconds of the past that the shown speed is taken over. */
const span = 8

/** Speed and time left from the times at which pictures were finished. */
export class Rate {
  /** @param {() => number} [now] seconds */
  constructor (now = () => performance.now() / 1000) {
    this.now = now
    /** @type {{time: number, done: number}[]} */
    this.marks = [{ time: now(), done: 0 }]
  }

  /**
   * @param {number} done
   * @param {number} total
   * @returns {{perSecond: number, left: number}} left in seconds; both 0 while unknown
   */
  mark (done, total) {
    const time = this.now()
    this.marks.push({ time, done })
    while (this.marks.length > 2 && time - this.marks[0].time > span) this.marks.shift()
    const first = this.marks[0]
    const passed = time - first.time
    const perSecond = passed > 0.3 ? (done - first.done) / passed : 0
    return { perSecond, left: perSecond > 0 ? (total - done) / perSecond : 0 }
  }
}

/**
 * "12 s", "3 min", "1 h 20 min"
 * @param {number} seconds
 */
export function formatTime (seconds) {
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** The bar above the pictures. */
export class ProgressPanel {
  constructor () {
    this.box = byId('progress', HTMLElement)
    this.text = byId('progress-text', HTMLElement)
    this.bar = byId('progress-bar', HTMLProgressElement)
    this.button = byId('progress-button', HTMLButtonElement)
    this.rate = new Rate()
    this.shown = 0
    this.said = 0
    /** What the visitor calls the work, for example "Reading". */
    this.verb = 'Reading'
  }

  /**
   * @param {string} verb
   * @param {() => void} onCancel
   */
  start (verb, onCancel) {
    this.verb = verb
    this.rate = new Rate()
    this.shown = 0
    this.said = performance.now()
    this.box.hidden = false
    this.bar.hidden = false
    this.button.textContent = 'Cancel'
    this.button.onclick = onCancel
  }

  /**
   * @param {number} done
   * @param {number} total
   */
  update (done, total) {
    const now = performance.now()
    if (now - this.shown < 120 && done < total && this.shown > 0) return
    this.shown = now
    const { perSecond, left } = this.rate.mark(done, total)
    let text = `${this.verb} ${done.toLocaleString('en')} of ${count(total, 'picture')}`
    if (perSecond > 0) {
      const speed = perSecond < 10 ? perSecond.toFixed(1) : perSecond.toFixed(0)
      text += ` · ${speed} a second · ${formatTime(left)} left`
    }
    this.text.textContent = text
    this.bar.max = Math.max(1, total)
    this.bar.value = done
    if (now - this.said > 10000) {
      this.said = now
      announce(text)
    }
  }

  /**
   * A state without end known, for example the model still loading.
   * @param {string} text
   */
  wait (text) {
    this.text.textContent = text
    this.bar.removeAttribute('value')
  }

  /**
   * Stopped before the end, with a way to go on.
   * @param {string} text
   * @param {string} label
   * @param {() => void} run
   */
  paused (text, label, run) {
    this.text.textContent = text
    this.bar.hidden = true
    this.button.textContent = label
    this.button.onclick = run
    announce(text)
  }

  hide () {
    if (document.activeElement === this.button) byId('main', HTMLElement).focus()
    this.box.hidden = true
  }
}
