import { frameOf, openCamera, refusal } from '../camera.js'
import { announce, button, element } from '../dom.js'
import { words } from '../words.js'

/** @typedef {import("../collection.js").Picture} Picture */

const w = words.teach

/** Milliseconds between two pictures. */
const pace = 120
/** Width of the camera's pictures: networks see less. */
const width = 640

/**
 * The name of a class as that of a folder: without what would make it several, or
 * what file systems refuse.
 * @param {string} name
 */
function folderName (name) {
  return name.replace(/[/\\:*?"<>|\p{Cc}]+/gu, '-').replace(/^[. ]+|[. ]+$/g, '') || 'class'
}

/**
 * The camera, and buttons that record pictures of a class as long as they are
 * held: by pointer, Space or Enter.
 */
export class Recorder {
  /**
   * @param {(pictures: Picture[]) => void} onPictures
   * @param {(folder: string) => string[]} names of the pictures that are in a folder already
   */
  constructor (onPictures, names) {
    this.onPictures = onPictures
    this.names = names
    /** @type {MediaStream|null} */
    this.stream = null
    /** What is recorded now: pictures so far and their class. @type {{name: string, n: number}|null} */
    this.recording = null
    /** Rises when the camera is to be off: one that comes later is not wanted any more. */
    this.turn = 0
    this.video = element('video', { autoplay: true, muted: true, playsInline: true, hidden: true, aria: { label: words.teach.tryCamera } })
    this.message = element('p', { className: 'help', attributes: { role: 'status' } })
    this.off = button(w.cameraOff, () => this.stop())
    this.box = element('div', { className: 'recorder', hidden: true }, this.video, element('div', {}, this.message, this.off))
  }

  /**
   * A button to hold.
   * @param {string} name of the class
   */
  button (name) {
    const down = (/** @type {Event} */ event) => {
      event.preventDefault()
      void this.begin(name)
    }
    const up = () => this.end()
    const made = element('button', {
      type: 'button', className: 'button small hold', textContent: w.record, aria: { label: w.recordLabel(name) }, on: {
        pointerdown: (event) => {
          if (event.button !== 0) return
          made.setPointerCapture(event.pointerId)
          down(event)
        },
        pointerup: up,
        pointercancel: up,
        contextmenu: (event) => event.preventDefault(),
        keydown: (event) => { if ((event.key === ' ' || event.key === 'Enter') && !event.repeat) down(event) },
        keyup: up,
        blur: up
      }
    })
    return made
  }

  /** @param {string} name */
  async begin (name) {
    if (!this.stream) {
      await this.start(name)
      return
    }
    const mine = this.recording = { name, n: 0 }
    const folder = `Camera/${folderName(name)}/`
    let taken = Math.max(0, ...this.names(folder).map((path) => Number(/(\d+)\.jpg$/.exec(path)?.[1] ?? 0)))
    while (this.recording === mine) {
      const next = performance.now() + pace
      const blob = await frameOf(this.video)
      if (blob && this.recording === mine) {
        mine.n++
        taken++
        const file = new File([blob], `${folderName(name)} ${taken}.jpg`, { type: 'image/jpeg' })
        this.onPictures([{ name: `${folder}${taken}.jpg`, file, label: name }])
        this.message.textContent = w.recording(mine.n, name)
      }
      await new Promise((resolve) => setTimeout(resolve, Math.max(10, next - performance.now())))
    }
  }

  end () {
    if (this.recording && this.recording.n > 0) announce(w.recording(this.recording.n, this.recording.name))
    this.recording = null
  }

  /** @param {string} name */
  async start (name) {
    const mine = ++this.turn
    this.box.hidden = false
    this.message.textContent = ''
    try {
      const stream = await openCamera(width)
      if (mine !== this.turn) {
        for (const track of stream.getTracks()) track.stop()
        return
      }
      this.stream = stream
      this.video.srcObject = this.stream
      this.video.hidden = false
      await this.video.play()
      this.message.textContent = w.holdNow(name)
    } catch (error) {
      if (mine !== this.turn) return
      this.stop()
      this.box.hidden = false
      this.message.textContent = refusal(error)
    }
  }

  /** Turns the camera off. */
  stop () {
    this.turn++
    this.end()
    for (const track of this.stream?.getTracks() ?? []) track.stop()
    this.stream = null
    this.video.srcObject = null
    this.video.hidden = true
    this.box.hidden = true
  }
}
