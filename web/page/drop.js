import { byId } from './dom.js'
import { fromList, fromTransfer } from './intake.js'

/** @typedef {import("./intake.js").Intake} Intake */
/** @typedef {"add"|"search"} Use */

/**
 * Drops anywhere on the page, pastes, and the file choosers.
 * @param {() => boolean} searchable whether there is a collection to search
 * @param {(intake: Intake, use: Use) => void} onIntake
 */
export function wireIntake (searchable, onIntake) {
  wireDrop(searchable, onIntake)
  document.addEventListener('paste', (event) => {
    const { clipboardData } = event
    if (!clipboardData || ![...clipboardData.items].some((item) => item.kind === 'file')) return
    event.preventDefault()
    void fromTransfer(clipboardData).then((intake) => {
      for (const picture of intake.pictures) {
        // Browsers call every pasted picture image.png.
        if (picture.name === 'image.png') picture.name = `Pasted ${new Date().toLocaleTimeString('en', { hour12: false })}.png`
      }
      onIntake(intake, searchable() && intake.pictures.length === 1 ? 'search' : 'add')
    })
  })
  /** @type {[string, Use][]} */
  const choosers = [['pick-files', 'add'], ['pick-folder', 'add'], ['pick-query', 'search']]
  for (const [id, use] of choosers) {
    const input = byId(id, HTMLInputElement)
    input.addEventListener('change', () => {
      const { files } = input
      if (!files) return
      // An empty folder chosen gives a change without files.
      void fromList(files).then((intake) => {
        input.value = ''
        onIntake(id === 'pick-folder' ? { ...intake, folders: 1 } : intake, use)
      })
    })
  }
}

/**
 * @param {() => boolean} searchable
 * @param {(intake: Intake, use: Use) => void} onIntake
 */
function wireDrop (searchable, onIntake) {
  const over = byId('dropover', HTMLElement)
  const zones = [...over.querySelectorAll('[data-drop]')]
  let depth = 0
  const carriesFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes('Files') ?? false
  const leave = () => {
    depth = 0
    over.hidden = true
    document.body.classList.remove('dragging')
  }
  const zoneOf = (/** @type {DragEvent} */ event) => (event.target instanceof Element ? event.target.closest('[data-drop]') : null)
  addEventListener('dragenter', (event) => {
    if (!carriesFiles(event)) return
    event.preventDefault()
    depth++
    document.body.classList.add('dragging')
    if (searchable()) over.hidden = false
  })
  addEventListener('dragover', (event) => {
    if (!carriesFiles(event) || !event.dataTransfer) return
    event.preventDefault()
    event.dataTransfer.dropEffect = 'copy'
    const zone = zoneOf(event)
    for (const each of zones) each.classList.toggle('over', each === zone)
  })
  addEventListener('dragleave', (event) => {
    if (carriesFiles(event) && --depth <= 0) leave()
  })
  addEventListener('drop', (event) => {
    if (!event.dataTransfer || !carriesFiles(event)) return
    event.preventDefault()
    const use = zoneOf(event)?.getAttribute('data-drop') === 'search' ? 'search' : 'add'
    leave()
    void fromTransfer(event.dataTransfer).then((intake) => onIntake(intake, use))
  })
}
