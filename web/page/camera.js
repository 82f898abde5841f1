import { byId } from './dom.js'

/** @typedef {import("./collection.js").Picture} Picture */

/** The dialog that takes a picture with the camera. */
export class Camera {
  /** @param {(picture: Picture, use: "search"|"add") => void} onPicture */
  constructor (onPicture) {
    this.onPicture = onPicture
    this.dialog = byId('camera', HTMLDialogElement)
    this.video = byId('camera-video', HTMLVideoElement)
    this.message = byId('camera-message', HTMLElement)
    this.buttons = { search: byId('camera-search', HTMLButtonElement), add: byId('camera-add', HTMLButtonElement) }
    this.buttons.search.addEventListener('click', () => void this.take('search'))
    this.buttons.add.addEventListener('click', () => void this.take('add'))
    this.dialog.addEventListener('close', () => this.stop())
    /** @type {MediaStream|null} */
    this.stream = null
    this.taken = 0
  }

  /** @param {boolean} searchable whether there is a collection to search */
  async open (searchable) {
    this.buttons.search.hidden = !searchable
    this.enable(false)
    this.message.textContent = 'Allow the camera when your browser asks. The picture stays in this page.'
    this.dialog.showModal()
    try {
      const stream = await openCamera(1280)
      if (!this.dialog.open) {
        for (const track of stream.getTracks()) track.stop()
        return
      }
      this.stream = stream
      this.video.srcObject = stream
      await this.video.play()
      this.message.textContent = ''
      this.enable(true);
      (searchable ? this.buttons.search : this.buttons.add).focus()
    } catch (error) {
      this.message.textContent = refusal(error)
    }
  }

  /** @param {boolean} on */
  enable (on) {
    this.video.hidden = !on
    this.buttons.search.disabled = this.buttons.add.disabled = !on
  }

  /** @param {"search"|"add"} use */
  async take (use) {
    const blob = await frameOf(this.video)
    if (!blob) {
      this.message.textContent = 'The camera gave no picture. Wait until it shows one, then try again.'
      return
    }
    this.taken++
    const name = `Camera ${this.taken}.jpg`
    this.onPicture({ name, file: new File([blob], name, { type: 'image/jpeg' }) }, use)
    if (use === 'search') this.dialog.close()
    else this.message.textContent = `${name} was added.`
  }

  stop () {
    for (const track of this.stream?.getTracks() ?? []) track.stop()
    this.stream = null
    this.video.srcObject = null
  }
}

/**
 * The camera's pictures; the browser asks the visitor.
 * @param {number} width in pixels, about
 * @returns {Promise<MediaStream>}
 */
export async function openCamera (width) {
  if (!navigator.mediaDevices) throw new DOMException('', 'SecurityError')
  return navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: width } }, audio: false })
}

/**
 * What a video shows now, as a JPEG; null where it shows nothing yet.
 * @param {HTMLVideoElement} video
 * @returns {Promise<Blob|null>}
 */
export async function frameOf (video) {
  if (video.videoWidth === 0) return null
  const canvas = document.createElement('canvas')
  canvas.width = video.videoWidth
  canvas.height = video.videoHeight
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.95))
}

/**
 * Why there is no camera, and what to do.
 * @param {unknown} error
 */
export function refusal (error) {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError') return 'The camera was not allowed. Allow it in your browser’s settings for this site, or choose a picture file instead.'
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'No camera was found. Connect one, or choose a picture file instead.'
  if (name === 'NotReadableError') return 'Another program is using the camera. Close it and try again, or choose a picture file instead.'
  if (name === 'SecurityError') return 'The camera works only on https pages and on this computer itself. Choose a picture file instead.'
  return `The camera could not be started: ${error instanceof Error ? error.message : error} Choose a picture file instead.`
}
