/** Writes web/API.md from the library's types: node tools/site/api.js dist web/API.md */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [dist, out] = process.argv.slice(2)

/** Files, and the classes and types of each that users meet. */
const parts = [
  ['lib/extractor.d.ts', ['Extractor'], ['LoadOptions', 'ExtractOptions', 'Description', 'Extracted', 'Layer', 'Explanation', 'Note', 'SignalOptions', 'SignalKind', 'Vector']],
  ['lib/analysis.d.ts', ['Analysis'], ['MapOptions', 'VectorMap', 'AnalysisProgress', 'TeachOptions', 'TuneOptions', 'TeachStep', 'TaughtClasses', 'Measured']],
  ['lib/frozen.d.ts', ['Frozen'], ['FrozenOptions', 'FrozenProgress']],
  ['lib/errors.d.ts', ['LikenessError'], []]
]

/** Methods that only the library itself calls. */
const inner = new Set(['constructor', 'attempt', 'run', 'stop', 'renew', 'open', 'begin', 'receive', 'close', 'frozenTurn', 'closeFrozen'])

/** A comment without its stars and tags; tags of parameters become a list. @param {string} comment */
function told (comment) {
  const text = comment.replace(/^\s*\/\*\*|\*\/\s*$/g, '').split('\n').map((line) => line.replace(/^\s*\* ?/, '')).join('\n').trim()
  const [about, ...tags] = text.split(/\n?^@/m)
  const lines = tags.flatMap((tag) => {
    const param = /^param \{.*?\} (\[?[\w.]+\]?)(?:=\S+)? ?([^]*)$/.exec(tag.replace(/\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}/, '{}'))
    if (param) return param[2].trim() ? [`- \`${param[1].replace(/[[\]]/g, '')}\`: ${param[2].trim().replace(/\s+/g, ' ')}`] : []
    const returns = /^returns (?:\{\})? ?([^]*)$/.exec(tag.replace(/\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}/, '{}'))
    return returns?.[1].trim() ? [`- gives ${returns[1].trim().replace(/\s+/g, ' ')}`] : []
  })
  return [about.trim().replace(/\s+/g, ' '), ...lines].filter(Boolean)
}

/**
 * Each member that has a comment, with its signature whole.
 * @param {string} text of a class
 */
function membersOf (text) {
  /** @type {[string, string][]} */
  const found = []
  for (const match of text.matchAll(/(\/\*\*(?:[^*]|\*(?!\/))*\*\/)\s*(?=(?:static )?\w+[<(:])/g)) {
    const from = match.index + match[0].length
    let depth = 0
    let at = from
    for (; at < text.length; at++) {
      if ('({['.includes(text[at])) depth++
      else if (')}]'.includes(text[at])) depth--
      else if (text[at] === ';' && depth === 0) break
    }
    // A comment within a signature belongs to that one.
    if (depth === 0 && !found.some(([, signature]) => signature.includes(match[1]))) found.push([match[1], text.slice(from, at + 1)])
  }
  return found
}

/**
 * The text of a class, and of those that it extends.
 * @param {string} file of dist
 * @param {string} name
 * @returns {string}
 */
function classOf (file, name) {
  const text = readFileSync(join(dist, file), 'utf8')
  const start = text.search(new RegExp(`export (?:declare )?class ${name} `))
  if (start < 0) throw new Error(`${file} has no class ${name}`)
  const own = text.slice(start, text.indexOf('\n}', start))
  const base = /class \w+ extends (\w+)/.exec(own)?.[1]
  const from = base && new RegExp(`import \\{[^}]*\\b${base}\\b[^}]*\\} from '\\./([^']+)\\.js'`).exec(text)?.[1]
  return from ? `${own}\n${classOf(`lib/${from}.d.ts`, /** @type {string} */ (base))}` : own
}

const page = ['# The library', '', 'Made from the types by `make api`; do not edit. `import { Extractor, Analysis, LikenessError } from \'./likeness.js\'`. README has examples.']
for (const [file, classes, types] of parts) {
  const text = readFileSync(join(dist, String(file)), 'utf8')
  for (const name of classes) {
    const start = text.indexOf(`export declare class ${name} `) >= 0 ? text.indexOf(`export declare class ${name} `) : text.indexOf(`export class ${name} `)
    if (start < 0) throw new Error(`${file} has no class ${name}`)
    page.push('', `## ${name}`)
    const before = text.slice(0, start).match(/\/\*\*(?:[^*]|\*(?!\/))*\*\/\s*$/)
    if (before) page.push('', ...told(before[0]))
    for (const [comment, signature] of membersOf(classOf(String(file), name))) {
      const called = /^(?:static )?(\w+)/.exec(signature)?.[1] ?? ''
      const lines = told(comment)
      if (inner.has(called) || !/\(/.test(signature) || lines.length === 0) continue
      page.push('', `### ${/^static/.test(signature) ? `${name}.` : ''}${called}`, '', '```ts', signature.replace(/\n\s{4}/g, '\n').trim(), '```', '', ...lines)
    }
  }
  for (const name of types) {
    const found = new RegExp(`(\\/\\*\\*(?:[^*]|\\*(?!\\/))*\\*\\/)?\\s*export (?:declare )?type ${name} =[^]*?;\\n(?=export|\\/\\*\\*|import|$)`).exec(text)
    if (!found) throw new Error(`${file} has no type ${name}`)
    page.push('', `## type ${name}`)
    if (found[1]) page.push('', ...told(found[1]))
    page.push('', '```ts', found[0].replace(found[1] ?? '', '').trim(), '```')
  }
}
writeFileSync(out, page.join('\n') + '\n')
