import { freshName } from '../groups/edit.js'
import { words } from '../words.js'

/** @typedef {import("../views.js").Page} Page */
/** @typedef {import("../collection.js").Item} Item */
/** @typedef {import("./lesson.js").Lesson} Lesson */

const w = words.teach

/**
 * Gives pictures other classes, and the lesson other names; can be undone.
 * @param {Page} page
 * @param {string} told what has been done
 * @param {Map<Item, string>} labels '' for no class
 * @param {{made?: string[], out?: Set<string>}} [lesson] what else becomes another
 */
export function relabel (page, told, labels, { made, out } = {}) {
  const { lesson, collection, undo } = page
  const before = { made: lesson.made, out: lesson.out, labels: new Map([...labels.keys()].map((item) => [item, item.label])) }
  const after = { made: made ?? lesson.made, out: out ?? lesson.out, labels }
  const use = (/** @type {typeof before} */ state) => {
    lesson.made = state.made
    lesson.out = state.out
    collection.setLabels(state.labels)
    lesson.tell()
  }
  undo.do({ label: told, redo: () => use(after), undo: () => use(before) })
}

/**
 * Moves pictures to a class, '' for none.
 * @param {Page} page
 * @param {Item[]} items
 * @param {string} to
 */
export function moveTo (page, items, to) {
  const moved = items.filter((item) => item.label !== to)
  if (moved.length > 0) relabel(page, w.moved(moved.length, to), new Map(moved.map((item) => [item, to])))
}

/**
 * A name that no class has.
 * @param {Page} page
 */
function freshClass (page) {
  const { classes } = page.lesson.classes()
  return freshName(classes.map(({ name }, id) => ({ id, name })), w.usualClass(classes.length + 1))
}

/**
 * A new class without pictures.
 * @param {Page} page
 */
export function makeClass (page) {
  const fresh = freshClass(page)
  relabel(page, w.made(fresh), new Map(), { made: [...page.lesson.made, fresh] })
  return fresh
}

/**
 * Moves pictures to a new class, in one step.
 * @param {Page} page
 * @param {Item[]} items
 */
export function moveToNew (page, items) {
  const fresh = freshClass(page)
  relabel(page, w.moved(items.length, fresh), new Map(items.map((item) => [item, fresh])), { made: [...page.lesson.made, fresh] })
}

/**
 * Renames a class; one of that name already takes its pictures in.
 * @param {Page} page
 * @param {import("./lesson.js").Class} from
 * @param {string} to
 */
export function renameClass (page, from, to) {
  const { lesson } = page
  const made = [...new Set(lesson.made.map((name) => (name === from.name ? to : name)).concat(to))]
  const out = new Set(lesson.out)
  // Of two that become one, the one that is there already says whether it is left out.
  if (out.delete(from.name) && lesson.classes().classes.every(({ name }) => name !== to)) out.add(to)
  relabel(page, w.renamed(from.name, to), new Map(from.items.map((item) => [item, to])), { made, out })
}

/**
 * @param {Page} page
 * @param {import("./lesson.js").Class} gone
 */
export function deleteClass (page, { name, items }) {
  const out = new Set(page.lesson.out)
  out.delete(name)
  relabel(page, w.deleted(name, items.length), new Map(items.map((item) => [item, ''])), { made: page.lesson.made.filter((one) => one !== name), out })
}

/**
 * Leaves a class out of learning, or takes it in again.
 * @param {Page} page
 * @param {string} name
 * @param {boolean} leave
 */
export function leaveOut (page, name, leave) {
  const out = new Set(page.lesson.out)
  if (leave) out.add(name)
  else out.delete(name)
  relabel(page, leave ? w.left(name) : w.taken(name), new Map(), { out })
}

/** The class of every picture is the name of its group. @param {Page} page */
export function fromGroups (page) {
  const { collection } = page
  relabel(page, w.fromGroupsDone(collection.groups.length), new Map(collection.items.map((item) => [item, collection.groupName(item)])), { made: [] })
}

/** The class of every picture is the name of its folder. @param {Page} page */
export function fromFolders (page) {
  const { collection } = page
  relabel(page, w.fromFoldersDone, new Map(collection.items.map((item) => [item, collection.folder(item)])), { made: [] })
}
