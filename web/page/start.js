// Not a module, so that it also runs where modules cannot be loaded: a page
// opened from disk, or one of which a part is missing, damaged or forbidden,
// says what is wrong with which file.
(function () {
  const again = 'If this is your own site, copy the whole dist folder there again; otherwise reload in a minute.'
  let said = false

  /**
   * @param {string} state
   * @param {string} text
   */
  function say (state, text) {
    if (said) return
    said = true
    function show () {
      const dot = document.getElementById('model-dot')
      const label = document.getElementById('model-text')
      const notices = document.getElementById('notices')
      if (!dot || !label || !notices) return
      dot.dataset.state = 'failed'
      label.textContent = state
      const box = document.createElement('div')
      box.className = 'notice'
      box.dataset.kind = 'bad'
      box.setAttribute('role', 'alert')
      box.appendChild(document.createElement('p')).textContent = text
      notices.appendChild(box)
    }
    if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', show)
    else show()
  }

  /**
   * Path of a file below the page's folder.
   * @param {string} url
   */
  function pathOf (url) {
    const base = new URL('./', document.baseURI).href
    return url.startsWith(base) ? url.slice(base.length) : url
  }

  /**
   * What is wrong with one file, '' if nothing.
   * @param {string} url
   * @param {RegExp} kind of its MIME type
   * @param {string} type that it should have
   * @returns {Promise<{fault: string, text: string}>}
   */
  async function check (url, kind, type) {
    const path = pathOf(url)
    const response = await fetch(url, { cache: 'no-cache' }).catch(function () {})
    if (!response) return { fault: `${path} could not be fetched: check the connection and reload.`, text: '' }
    if (!response.ok) return { fault: `${path} is missing (the server answered ${response.status}). ${again}`, text: '' }
    const sent = response.headers.get('content-type') ?? ''
    if (!kind.test(sent) && /html/i.test(sent)) return { fault: `${path} is missing, and the server answers with a page in its place. ${again}`, text: '' }
    if (!kind.test(sent)) return { fault: `The server sends ${path} as ${sent || 'a file of no type'}, which browsers do not run: set it to send ${path.slice(path.lastIndexOf('.'))} files as ${type}.`, text: '' }
    return { fault: '', text: await response.text() }
  }

  /**
   * The first fault among a module and those that it imports.
   * @param {string} url
   * @param {Set<string>} seen
   * @returns {Promise<string>}
   */
  async function findFault (url, seen) {
    if (seen.has(url)) return ''
    seen.add(url)
    const { fault, text } = await check(url, /javascript|ecmascript/i, 'text/javascript')
    if (fault) return fault
    for (const [, from] of text.matchAll(/^(?:import|export)\b[^'"`;()]*['"](\.[^'"]+)['"]/gm)) {
      const inner = await findFault(new URL(from, url).href, seen)
      if (inner) return inner
    }
    return ''
  }

  if (location.protocol === 'file:') {
    say('Opened from disk', 'Browsers do not let a page that is opened from disk load its parts. Serve this folder: “likeness serve dist”, or “python3 -m http.server” in it, and open the address that it tells; or copy it to any web host.')
    return
  }
  addEventListener('error', function (event) {
    if ('started' in document.documentElement.dataset) return
    const { target } = event
    if (target instanceof HTMLScriptElement) {
      void findFault(target.src, new Set()).then(function (fault) {
        say('Not started', fault || `The parts of this page could not be loaded: reload. ${again}`)
      })
    } else if (target instanceof HTMLLinkElement && target.rel === 'stylesheet') {
      void check(target.href, /css/i, 'text/css').then(function ({ fault }) { if (fault) say('Not started', fault) })
    } else if (event instanceof ErrorEvent) {
      say('Not started', `${pathOf(event.filename) || 'A part of this page'} is damaged, or of another version than the rest (${event.message}). ${again}`)
    }
  }, true)
})()
