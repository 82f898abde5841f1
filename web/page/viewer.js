import { byId } from './dom.js'

/** Shows one picture large. */
export class Viewer {
  /** @param {() => void} onSimilar called by the button to find similar ones */
  constructor (onSimilar) {
    this.dialog = byId('viewer', HTMLDialogElement)
    this.image = byId('viewer-image', HTMLImageElement)
    this.similar = byId('viewer-similar', HTMLButtonElement)
    this.url = ''
    this.onSimilar = onSimilar
    this.similar.addEventListener('click', () => {
      this.dialog.close()
      this.onSimilar()
    })
    this.dialog.addEventListener('close', () => {
      this.image.removeAttribute('src')
      URL.revokeObjectURL(this.url)
    })
  }

  /**
   * @param {string} name
   * @param {Blob} file
   * @param {(() => void)|null} onSimilar null where it makes no sense
   */
  open (name, file, onSimilar) {
    this.url = URL.createObjectURL(file)
    this.image.src = this.url
    this.image.alt = name
    byId('viewer-name', HTMLElement).textContent = name
    this.similar.hidden = onSimilar === null
    this.onSimilar = onSimilar ?? (() => {})
    this.dialog.showModal()
  }
}
