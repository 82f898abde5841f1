import { frameOf, openCamera, refusal } from '../camera.js'
import { button, element } from '../dom.js'
import { words } from '../words.js'

/** @typedef {import("../views.js").Page} Page */

const w = words.teach

/** Classes that are shown; of more, the likeliest. */
const most = 12
/** Milliseconds between two looks through the camera. */
const pace = 100

/** What was learned is tried out, by the camera or with pictures. */
export class TryPanel {
  /** @param {Page} page */
  constructor (page) {
    this.page = page
    /** @type {MediaStream|null} */
    this.stream = null
    /** Counts what is told, so that an older answer does not replace a newer one. */
    this.asked = 0
    /** Rises when the camera is to be off: one that comes later is not wanted any more. */
    this.turn = 0
    this.video = element('video', { autoplay: true, muted: true, playsInline: true, hidden: true, aria: { label: w.tryCamera } })
    this.image = element('img', { className: 'tried', alt: '', hidden: true })
    this.message = element('p', { className: 'headline', attributes: { role: 'status' } })
    this.bars = element('ul', { className: 'bars', aria: { label: w.scores } })
    this.camera = button(w.tryCamera, () => void (this.stream ? this.stop() : this.start()), 'button primary')
    this.files = element('input', { type: 'file', className: 'sr', accept: 'image/*,.heic,.heif,.tif,.tiff', tabIndex: -1, attributes: { 'aria-hidden': 'true' } })
    this.files.addEventListener('change', () => {
      const file = this.files.files?.[0]
      this.files.value = ''
      if (file) void this.picture(file)
    })
    this.none = element('p', { textContent: w.noResult })
    this.full = element('div', { className: 'try' }, element('div', {}, element('p', { className: 'help', textContent: w.tryAbout }),
      element('div', { className: 'tools' }, this.camera, button(w.tryPicture, () => this.files.click(), 'button'), this.files), this.video, this.image),
    element('div', {}, this.message, this.bars))
    this.box = element('div', {}, this.none, this.full)
  }

  fill () {
    const { result } = this.page.lesson
    this.none.hidden = result !== null
    this.full.hidden = result === null
    if (!result) this.stop()
  }

  async start () {
    const mine = ++this.turn
    this.image.hidden = true
    this.message.textContent = w.loading
    try {
      const stream = await openCamera(640)
      if (mine !== this.turn) {
        for (const track of stream.getTracks()) track.stop()
        return
      }
      this.stream = stream
      this.video.srcObject = stream
      this.video.hidden = false
      this.camera.textContent = w.tryStop
      await this.video.play()
      while (this.stream === stream) {
        const next = performance.now() + pace
        const blob = await frameOf(this.video)
        if (blob && this.stream === stream) await this.tell(blob)
        await new Promise((resolve) => setTimeout(resolve, Math.max(10, next - performance.now())))
      }
    } catch (error) {
      if (mine !== this.turn) return
      this.stop()
      this.message.textContent = refusal(error)
    }
  }

  /** Turns the camera off. */
  stop () {
    this.turn++
    for (const track of this.stream?.getTracks() ?? []) track.stop()
    this.stream = null
    this.video.srcObject = null
    this.video.hidden = true
    this.camera.textContent = w.tryCamera
  }

  /** @param {Blob} file */
  async picture (file) {
    this.stop()
    this.message.textContent = w.loading
    URL.revokeObjectURL(this.image.src)
    const small = await this.page.thumbs.of(file)
    if (small) this.image.src = URL.createObjectURL(small)
    this.image.hidden = !small
    await this.tell(file)
  }

  /**
   * Tells the class of one picture.
   * @param {Blob} picture
   */
  async tell (picture) {
    const mine = ++this.asked
    try {
      const extractor = await this.page.lesson.extractor()
      const { labels, none } = await extractor.classify(picture, { top: 1000 })
      if (mine !== this.asked) return
      const [best] = labels
      this.message.textContent = none ? w.saysNone(best.label, best.score) : w.says(best.label, best.score)
      this.draw(labels)
    } catch (error) {
      if (mine === this.asked) this.message.textContent = w.tryFailed(error instanceof Error ? error.message : String(error))
    }
  }

  /** Bars, few ones in the order of the classes, so that they do not jump. @param {{label: string, score: number}[]} labels best first */
  draw (labels) {
    const own = this.page.lesson.result?.labels ?? []
    const shown = labels.length > most ? labels.slice(0, most) : [...labels].sort((a, b) => own.indexOf(a.label) - own.indexOf(b.label))
    this.bars.replaceChildren(...shown.map(({ label, score }) => {
      return element('li', { className: label === labels[0].label ? 'best' : '' }, element('span', { textContent: label }),
        element('span', { className: 'bar', style: { '--share': String(score) }, attributes: { 'aria-hidden': 'true' } }),
        element('span', { className: 'value', textContent: `${Math.round(100 * score)} %` }))
    }))
  }
}
