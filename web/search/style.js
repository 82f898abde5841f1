// How the elements look. Authors change it by custom properties, and by parts.

const css = `
:host { display: block; --_accent: var(--likeness-accent, #2563eb); --_line: var(--likeness-line, color-mix(in srgb, currentColor 22%, transparent));
  --_tile: var(--likeness-tile, 160px); --_gap: var(--likeness-gap, 12px); --_radius: var(--likeness-radius, 8px); font: inherit; line-height: 1.4 }
:host([hidden]), [hidden] { display: none !important }
* { box-sizing: border-box }
button, select { font: inherit; color: inherit; min-height: 44px; padding: 0 16px; border: 1px solid var(--_line); border-radius: var(--_radius);
  background: var(--likeness-button, color-mix(in srgb, currentColor 4%, transparent)); cursor: pointer }
button:hover { border-color: currentColor }
button.first { background: var(--_accent); border-color: var(--_accent); color: var(--likeness-on-accent, #fff) }
:focus-visible { outline: 3px solid var(--_accent); outline-offset: 2px }
.ask { display: flex; flex-wrap: wrap; align-items: center; gap: var(--_gap); padding: 20px; border: 2px dashed var(--_line); border-radius: var(--_radius) }
.ask.over { border-color: var(--_accent); background: color-mix(in srgb, var(--_accent) 8%, transparent) }
.ask p { margin: 0; flex: 1 1 14em }
.query { display: flex; flex-wrap: wrap; align-items: flex-end; gap: var(--_gap); margin-block: var(--_gap) }
.frame { position: relative; touch-action: none; border-radius: var(--_radius); overflow: hidden; cursor: crosshair; line-height: 0 }
.frame canvas { display: block; max-width: 100%; height: auto }
.part { position: absolute; border: 2px solid #fff; box-shadow: 0 0 0 1px #000, 0 0 0 999px rgb(0 0 0 / .5); pointer-events: none }
.actions { display: flex; flex-wrap: wrap; gap: 8px }
video { display: block; max-width: min(100%, 480px); border-radius: var(--_radius); margin-block: var(--_gap) }
.status { min-height: 1.4em; margin-block: var(--_gap) }
.status.error { color: var(--likeness-error, light-dark(#b00020, #ff8a80)) }
progress { accent-color: var(--_accent); width: 12em; vertical-align: middle }
.tags { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; margin-block: var(--_gap) }
ol { list-style: none; margin: 0; padding: 0; display: grid; gap: var(--_gap); grid-template-columns: repeat(auto-fill, minmax(min(var(--_tile), 45%), 1fr)) }
li { min-width: 0; display: flex; flex-direction: column; gap: 6px }
.shown { display: flex; align-items: center; justify-content: center; aspect-ratio: 1; border-radius: var(--_radius); overflow: hidden;
  background: color-mix(in srgb, currentColor 6%, transparent) }
.shown img { width: 100%; height: 100%; object-fit: contain }
a { color: inherit; text-decoration: none; display: contents }
a:focus-visible .shown { outline: 3px solid var(--_accent); outline-offset: 2px }
.title { max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-size: .875em }
.meter { height: 4px; border-radius: 2px; background: color-mix(in srgb, currentColor 12%, transparent) }
.meter i { display: block; height: 100%; border-radius: 2px; background: var(--_accent) }
li button { min-height: 36px; padding: 0 8px; font-size: .875em }
.hint { font-size: .875em; opacity: .8; max-width: 42em }
h2 { font-size: 1.125em; margin: var(--_gap) 0 }
.quiet { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
@media (prefers-reduced-motion: no-preference) { button { transition: border-color .15s } }
`

/** @type {CSSStyleSheet | undefined} */
let sheet

/** @param {ShadowRoot} root */
export function dress (root) {
  if (!sheet) {
    sheet = new CSSStyleSheet()
    sheet.replaceSync(css)
  }
  root.adoptedStyleSheets = [sheet]
}
