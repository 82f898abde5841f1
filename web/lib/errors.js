/**
 * A failure with a code for programs and a message that says what to do.
 */
export class LikenessError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor (code, message) {
    super(message)
    this.name = 'LikenessError'
    /** One word for programs, such as picture-corrupt, layer-unknown or worker-crashed. */
    this.code = code
    /** Name of the file, where the picture was one. @type {string | undefined} */
    this.file = undefined
  }
}

/**
 * @param {'extractor' | 'analysis'} [what]
 * @returns {LikenessError}
 */
export function disposed (what = 'extractor') {
  return new LikenessError('disposed', `this ${what} was disposed: ${what === 'analysis' ? 'start' : 'load'} a new one`)
}
