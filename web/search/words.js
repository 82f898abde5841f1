// What the elements say. English is here; other languages are words/LANG.json.

/** @typedef {typeof english} Words */

export const english = {
  choose: 'Choose a picture',
  camera: 'Use the camera',
  shoot: 'Take the picture',
  cancel: 'Cancel',
  drop: 'or drop or paste one here. It does not leave your device.',
  query: 'Your picture',
  part: 'Search for this part',
  partHint: 'Drag across the picture to search for a part of it. With the keyboard: arrow keys move the part, with Shift they change its size.',
  whole: 'Search for the whole picture',
  another: 'Another picture',
  tag: 'Only with the tag',
  all: 'All pictures',
  loading: 'Loading the model',
  reading: 'Reading the picture',
  searching: 'Searching',
  results: 'The pictures most like yours',
  more: 'More like this',
  moreLikeIt: 'More like it',
  none: 'No picture has this tag.',
  alike: 'likeness',
  noCamera: 'The camera cannot be used: allow it in the browser, or choose a picture.',
  noPicture: 'What was dropped is no picture that this page may read.'
}

/** The languages of words/. */
export const languages = ['de', 'es', 'fr', 'it', 'ja', 'nl', 'pl', 'pt', 'zh']

/**
 * The words of a language, English where there are none.
 * @param {string} lang as the lang attribute has it
 * @returns {Promise<Words>}
 */
export async function wordsOf (lang) {
  const code = lang.toLowerCase().split('-')[0]
  if (!languages.includes(code)) return english
  try {
    const response = await fetch(new URL(`./words/${code}.json`, import.meta.url))
    return response.ok ? { ...english, ...await response.json() } : english
  } catch {
    return english
  }
}

/**
 * The language that holds where an element is.
 * @param {Element} element
 */
export function languageOf (element) {
  /** @type {Element | null} */
  let at = element
  while (at) {
    const own = at.closest('[lang]')
    if (own) return own.getAttribute('lang') ?? ''
    const root = at.getRootNode()
    at = root instanceof ShadowRoot ? root.host : null
  }
  return ''
}
