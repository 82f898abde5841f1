// Not a module, so that it also runs where modules cannot be loaded: a page
// opened from disk, or one whose files are incomplete, says so.
(function () {
  /**
   * @param {string} state
   * @param {string} text
   */
  function say (state, text) {
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
  if (location.protocol === 'file:') {
    say('Opened from disk', 'Browsers do not let a page that is opened from disk load its parts. Serve this folder: “likeness serve dist”, or “python3 -m http.server” in it, and open the address that it tells; or copy it to any web host.')
    return
  }
  addEventListener('error', function (event) {
    if (event.target instanceof HTMLScriptElement) say('Not started', 'Parts of this page could not be loaded: check the connection and reload; if it is your own site, copy the whole dist folder again.')
  }, true)
})()
