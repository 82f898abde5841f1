/** Menus made of details elements: one open at a time, closed by Escape or a click elsewhere. */
export function wireMenus () {
  const menus = [...document.querySelectorAll('details.menu')].filter((menu) => menu instanceof HTMLDetailsElement)
  document.addEventListener('click', (event) => {
    for (const menu of menus) {
      const target = event.target instanceof Element ? event.target : null
      const chosen = target?.closest('.menu-list button') && menu.contains(target)
      if (menu.open && (chosen || !target || !menu.contains(target))) menu.open = false
    }
  })
  for (const menu of menus) {
    menu.addEventListener('keydown', (event) => {
      const entries = [...menu.querySelectorAll('.menu-list button')].filter((b) => b instanceof HTMLElement && !b.hidden)
      const at = entries.findIndex((b) => b === document.activeElement)
      if (event.key === 'Escape' && menu.open) {
        menu.open = false
        menu.querySelector('summary')?.focus()
        event.stopPropagation()
      } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        menu.open = true
        const next = entries[(at + (event.key === 'ArrowDown' ? 1 : entries.length - 1 + Number(at < 0))) % entries.length]
        if (next instanceof HTMLElement) next.focus()
      } else {
        return
      }
      event.preventDefault()
    })
    menu.addEventListener('focusout', (event) => {
      if (event.relatedTarget instanceof Node && !menu.contains(event.relatedTarget)) menu.open = false
    })
  }
}

/**
 * Tabs with arrow keys.
 * @param {[HTMLElement, HTMLElement][]} pairs tab and panel
 * @param {(index: number) => void} onChange
 * @returns {(index: number) => void} chooses a tab
 */
export function wireTabs (pairs, onChange) {
  const choose = (/** @type {number} */ index) => {
    pairs.forEach(([tab, panel], i) => {
      tab.setAttribute('aria-selected', String(i === index))
      tab.tabIndex = i === index ? 0 : -1
      panel.hidden = i !== index
    })
    onChange(index)
  }
  pairs.forEach(([tab], i) => {
    tab.addEventListener('click', () => choose(i))
    tab.addEventListener('keydown', (event) => {
      const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
      if (step === 0) return
      event.preventDefault()
      const next = (i + step + pairs.length) % pairs.length
      choose(next)
      pairs[next][0].focus()
    })
  })
  return choose
}
