import { byId } from './dom.js'

/** Shows one picture large. */
export class Viewer {
  /**
   * @param {() => void} onSimilar called by the button to find similar ones
   * @param {(file: Blob) => Promise<Blob|null>} other makes a picture of what the browser does not show
   */
  constructor (onSimilar, other) {
    this.dialog = byId('viewer', HTMLDialogElement)
    this.image = byId('viewer-image', HTMLImageElement)
    this.similar = byId('viewer-similar', HTMLButtonElement)
    this.url = ''
    this.onSimilar = onSimilar
    this.similar.addEventListener('click', () => {
      this.dialog.close()
      this.onSimilar()
    })
    /** @type {Blob|null} */
    this.file = null
    this.image.addEventListener('error', () => {
      const { file } = this
      this.file = null
      if (file) void other(file).then((made) => { if (made && this.dialog.open) this.show(made) })
    })
    this.dialog.addEventListener('close', () => {
      this.file = null
      this.image.removeAttribute('src')
      URL.revokeObjectURL(this.url)
    })
  }

  /** @param {Blob} file */
  show (file) {
    URL.revokeObjectURL(this.url)
    this.url = URL.createObjectURL(file)
    this.image.src = this.url
  }

  /**
   * @param {string} name
   * @param {Blob} file
   * @param {(() => void)|null} onSimilar null where it makes no sense
   */
  open (name, file, onSimilar) {
    this.file = file
    this.show(file)
    this.image.alt = name
    byId('viewer-name', HTMLElement).textContent = name
    this.similar.hidden = onSimilar === null
    this.onSimilar = onSimilar ?? (() => {})
    this.dialog.showModal()
  }
}
