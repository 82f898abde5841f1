import { count } from './dom.js'

/** What the page says, in English, by view. Functions where there are numbers or names in it. */
export const words = {
  frame: {
    /** @type {Record<string, string>} */
    views: { pictures: 'Pictures', map: 'Map', groups: 'Groups', inside: 'Inside' },
    title: (/** @type {string} */ view) => `${view} · Likeness`,
    undo: 'Undo',
    cancel: 'Cancel',
    likeness: 'likeness',
    progress: 'Progress',
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
    about: 'Here your pictures are sorted into groups of alike ones, and pictures that are there twice are found.',
    tabs: { groups: 'Groups', twins: 'Twins' },
    how: 'How',
    methods: { kmeans: 'A number of groups', hdbscan: 'Groups that form by themselves' },
    number: 'Number',
    least: 'At least',
    propose: 'Propose',
    make: 'Make groups',
    making: 'Making groups',
    proposing: 'Trying numbers of groups',
    made: (/** @type {number} */ n, /** @type {number} */ none) => `${count(n, 'group')}${none > 0 ? `, ${count(none, 'picture')} in none` : ''}.`,
    none: 'In no group',
    group: (/** @type {number} */ n) => `Group ${n}`,
    name: 'Name of the group',
    all: (/** @type {number} */ n) => `Show all ${n.toLocaleString('en')}`,
    selectAll: 'Select all',
    merge: 'Merge into…',
    split: 'Split in two',
    splitting: 'Splitting',
    move: 'Move selected to…',
    fresh: 'A new group',
    moved: (/** @type {number} */ n, /** @type {string} */ to) => `${count(n, 'picture')} moved to ${to}.`,
    merged: (/** @type {string} */ from, /** @type {string} */ to) => `${from} merged into ${to}.`,
    splitDone: (/** @type {string} */ name) => `${name} split in two.`,
    renamed: (/** @type {string} */ from, /** @type {string} */ to) => `${from} is now ${to}.`,
    exportCSV: 'Save as table (.csv)',
    exportList: 'Save as list of folders',
    tooFew: 'Groups need at least three pictures that have been read.',
    failed: (/** @type {string} */ why) => `The groups could not be made: ${why}`,
    keys: 'Arrow keys move, Space selects, Enter opens. Drag pictures from group to group, or select some and choose where they go.'
  },
  twins: {
    threshold: 'How alike',
    looking: 'Looking for twins',
    found: (/** @type {number} */ sets, /** @type {number} */ others) => sets === 0 ? 'No twins: nothing is there twice at this likeness.' : `${count(sets, 'picture')} ${sets === 1 ? 'is' : 'are'} there more than once, with ${count(others, 'copy', 'copies')} beside the best.`,
    keep: 'Keep',
    best: 'largest',
    select: (/** @type {number} */ n) => `Select the ${count(n, 'other')}`,
    save: 'Save the list of the others',
    remove: 'Take the others off this page',
    more: (/** @type {number} */ n) => `Show ${n.toLocaleString('en')} more`,
    about: 'A page cannot delete files. Choose what to keep of each; the list of the others is for you to work through.',
    size: (/** @type {number} */ w, /** @type {number} */ h) => w > 0 ? `${w} × ${h}` : 'size unknown',
    first: 'reference',
    failed: (/** @type {string} */ why) => `Twins could not be looked for: ${why}`
  },
  inside: {
    title: 'Look inside the network',
    about: 'Here you see what the network sees in a picture, layer by layer, and why two pictures are alike.'
  }
}
