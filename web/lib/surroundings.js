// What differs from a browser: set by node/index.js before anything is loaded.

/**
 * startWorker starts a worker from a script of this folder, where there are no
 * web workers; base is what addresses are relative to, where there is no page.
 * @type {{startWorker: ((part: string) => Worker) | undefined, base: () => string | undefined}}
 */
export const surroundings = {
  startWorker: undefined,
  base: () => globalThis.document?.baseURI ?? globalThis.location?.href
}
