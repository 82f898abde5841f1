import { byId } from '../dom.js'
import { Recorder, longest } from './recorder.js'

/** @typedef {import("../collection.js").Picture} Picture */

/** The dialog that records a sound while a button is held. */
export class Sound {
  /**
   * @param {(name: string, wav: Blob) => Promise<File>} draw makes the picture of a sound
   * @param {(picture: Picture, use: "search"|"add") => void} onPicture
   */
  constructor (draw, onPicture) {
    this.draw = draw
    this.onPicture = onPicture
    this.dialog = byId('sound', HTMLDialogElement)
    this.image = byId('sound-picture', HTMLImageElement)
    this.message = byId('sound-message', HTMLElement)
    this.hold = byId('sound-hold', HTMLButtonElement)
    this.buttons = { search: byId('sound-search', HTMLButtonElement), add: byId('sound-add', HTMLButtonElement) }
    this.recorder = new Recorder()
    /** @type {File|null} */
    this.file = null
    this.taken = 0
    this.timer = 0
    this.wire()
  }

  wire () {
    this.hold.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return
      this.hold.setPointerCapture(event.pointerId)
      this.begin()
    })
    for (const end of ['pointerup', 'pointercancel', 'blur']) this.hold.addEventListener(end, () => void this.end())
    this.hold.addEventListener('keydown', (event) => {
      if (event.key !== ' ' && event.key !== 'Enter') return
      event.preventDefault()
      if (!event.repeat) this.begin()
    })
    this.hold.addEventListener('keyup', (event) => {
      if (event.key === ' ' || event.key === 'Enter') void this.end()
    })
    this.buttons.search.addEventListener('click', () => this.give('search'))
    this.buttons.add.addEventListener('click', () => this.give('add'))
    this.dialog.addEventListener('close', () => {
      clearInterval(this.timer)
      this.recorder.close()
    })
  }

  /** @param {boolean} searchable whether there is a collection to search */
  async open (searchable) {
    this.buttons.search.hidden = !searchable
    this.show(null)
    this.hold.disabled = true
    this.message.textContent = 'Allow the microphone when your browser asks. The sound stays in this page.'
    this.dialog.showModal()
    try {
      await this.recorder.open()
      if (!this.dialog.open) {
        this.recorder.close()
        return
      }
      this.message.textContent = 'Hold the button, or the space bar, while it sounds.'
      this.hold.disabled = false
      this.hold.focus()
    } catch (error) {
      this.recorder.close()
      this.message.textContent = refusal(error)
    }
  }

  begin () {
    if (this.recorder.recording || this.hold.disabled) return
    this.show(null)
    this.recorder.begin()
    this.hold.classList.add('recording')
    this.timer = setInterval(() => {
      const seconds = this.recorder.seconds()
      this.message.textContent = `${seconds.toFixed(1)} s`
      if (seconds >= longest) void this.end()
    }, 100)
  }

  async end () {
    if (!this.recorder.recording) return
    clearInterval(this.timer)
    this.hold.classList.remove('recording')
    const wav = this.recorder.end()
    if (!wav) {
      this.message.textContent = 'That was too short. Hold the button while it sounds.'
      return
    }
    const name = `Sound ${this.taken + 1}.wav`
    try {
      const file = await this.draw(name, wav)
      this.taken++
      this.show(file)
      this.message.textContent = `${name}: low tones are at the bottom, time goes to the right.`
    } catch (error) {
      this.message.textContent = `No picture could be made of it: ${error instanceof Error ? error.message : error}`
    }
  }

  /** @param {File|null} file */
  show (file) {
    this.file = file
    if (this.image.src) URL.revokeObjectURL(this.image.src)
    this.image.hidden = !file
    if (file) this.image.src = URL.createObjectURL(file)
    else this.image.removeAttribute('src')
    this.buttons.search.disabled = this.buttons.add.disabled = !file
  }

  /** @param {"search"|"add"} use */
  give (use) {
    const { file } = this
    if (!file) return
    this.onPicture({ name: file.name, file }, use)
    this.show(null)
    if (use === 'search') this.dialog.close()
    else this.message.textContent = `${file.name} was added.`
  }
}

/** @param {unknown} error */
function refusal (error) {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError') return 'The microphone was not allowed. Allow it in your browser’s settings for this site, or choose a WAV file instead.'
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'No microphone was found. Connect one, or choose a WAV file instead.'
  if (name === 'NotReadableError') return 'Another program is using the microphone. Close it and try again, or choose a WAV file instead.'
  if (name === 'SecurityError') return 'The microphone works only on https pages and on this computer itself. Choose a WAV file instead.'
  return `The microphone could not be started: ${error instanceof Error ? error.message : error} Choose a WAV file instead.`
}
