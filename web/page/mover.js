import { button, element } from './dom.js'

/**
 * Where what is selected goes: a choice, and a button that does it. The choice
 * alone does nothing, since arrow keys change it on the way.
 */
export class Mover {
  /**
   * @param {string} id
   * @param {{label: string, go: string}} words what is chosen, and what the button says
   * @param {(value: string) => void} onMove
   */
  constructor (id, { label, go }, onMove) {
    this.choice = element('select', { id })
    this.button = button(go, () => onMove(this.choice.value))
    this.button.id = `${id}-go`
    this.box = element('span', { className: 'mover' }, element('label', { className: 'setting' }, label, this.choice), this.button)
  }

  /**
   * Offers other places; what was chosen stays chosen if it is still there.
   * @param {[value: string, text: string][]} places
   * @param {boolean} any whether anything is selected
   */
  offer (places, any) {
    const { choice } = this
    const now = [...choice.options].map(({ value, text }) => [value, text])
    if (JSON.stringify(now) !== JSON.stringify(places)) {
      const chosen = choice.selectedOptions[0]?.text
      choice.replaceChildren(...places.map(([value, text]) => new Option(text, value, false, text === chosen)))
    }
    choice.disabled = this.button.disabled = !any
  }
}
