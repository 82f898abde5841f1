import { count } from './dom.js'

/** What the page says, in English, by view. Functions where there are numbers or names in it. */
export const words = {
  frame: {
    /** @type {Record<string, string>} */
    views: { pictures: 'Pictures', map: 'Map', groups: 'Groups', inside: 'Inside' },
    title: (/** @type {string} */ view) => `${view} · Likeness`,
    undo: 'Undo',
    redo: 'Do it again',
    undone: (/** @type {string} */ label) => `Taken back: ${label}`,
    removed: (/** @type {number} */ n) => `${count(n, 'picture')} removed.`,
    added: (/** @type {number} */ n) => `${count(n, 'picture')} added.`,
    repeated: (/** @type {number} */ n) => `${count(n, 'picture')} ${n === 1 ? 'was' : 'were'} here already and not added again.`,
    notRead: (/** @type {string} */ name) => `${name} has not been read yet.`,
    noFile: 'Only its vector is here, not the picture itself: add the picture again to read it under other settings.',
    oneAtATime: (/** @type {string} */ name) => `One picture at a time: searching with ${name}.`,
    stillReading: 'Pictures are still being read. Wait or cancel, then change the settings.',
    choosePictures: 'Choose pictures',
    trySamples: 'Try the sample pictures'
  },
  pictures: {
    originalOrder: 'Original order.',
    sorted: 'Sorted.',
    sortedBy: (/** @type {string} */ name) => `Sorted by likeness to ${name}.`,
    best: (/** @type {string} */ name, /** @type {string} */ score) => `Most alike: ${name}, ${score}.`
  },
  map: {
    title: 'See what lies close together',
    about: 'Here your pictures become a map: alike ones are neighbours, so that you see at a glance what there is and what stands apart.',
    tooFew: 'The map needs at least three pictures that have been read.',
    laying: (/** @type {number} */ n) => `Laying out the map of ${count(n, 'picture')}…`,
    explained: (/** @type {number} */ share) => `Alike pictures lie close together. The two directions hold ${Math.round(share * 100)} % of the differences (PCA).`,
    failed: (/** @type {string} */ why) => `The map could not be made: ${why}`
  },
  groups: {
    title: 'Find what belongs together',
    about: 'Here your pictures are sorted into groups of alike ones, and pictures that are there twice are found.'
  },
  inside: {
    title: 'Look inside the network',
    about: 'Here you see what the network sees in a picture, layer by layer, and why two pictures are alike.'
  }
}
