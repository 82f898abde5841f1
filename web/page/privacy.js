import { byId, count, formatBytes, element } from './dom.js'

/**
 * The line that says what was sent, counted and not claimed: requests from the
 * browser's own record of this page and of the workers that report theirs, and
 * bytes of request bodies from counters around every way to send one.
 */

/** @typedef {{requests: number, received: number, sent: number}} Traffic */

/** @type {Map<string, Traffic>} by origin */
const traffic = new Map()

/** @param {string} url */
function entry (url) {
  let origin = 'elsewhere'
  try {
    origin = new URL(url, location.href).origin
  } catch { /* counted as elsewhere */ }
  let found = traffic.get(origin)
  if (!found) traffic.set(origin, found = { requests: 0, received: 0, sent: 0 })
  return found
}

/** @param {PerformanceEntryList} entries */
function record (entries) {
  for (const item of entries) {
    // Pictures shown from memory are no requests.
    if (/^(blob|data|about):/.test(item.name)) continue
    const where = entry(item.name)
    where.requests++
    if (item instanceof PerformanceResourceTiming) where.received += item.transferSize
  }
  schedule()
}

/** @param {unknown} body */
function sizeOf (body) {
  if (body === null || body === undefined) return 0
  if (typeof body === 'string') return new Blob([body]).size
  if (body instanceof Blob) return body.size
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return body.byteLength
  // A form or a stream has no size beforehand; one is enough to raise the alarm.
  return 1
}

/** Puts counters around fetch, XMLHttpRequest, sendBeacon and WebSocket. */
function countBodies () {
  const { fetch, WebSocket } = window
  const { open, send } = XMLHttpRequest.prototype
  const beacon = navigator.sendBeacon
  const urls = new WeakMap()
  window.fetch = (input, init) => {
    const url = input instanceof Request ? input.url : String(input)
    if (init?.body || input instanceof Request && input.body) note(url, init?.body ?? input)
    return fetch.call(window, input, init)
  }
  XMLHttpRequest.prototype.open = function (/** @type {string} */ method, /** @type {string|URL} */ url, /** @type {unknown[]} */ ...rest) {
    urls.set(this, String(url))
    return Reflect.apply(open, this, [method, url, ...rest])
  }
  XMLHttpRequest.prototype.send = function (body) {
    note(urls.get(this) ?? '', body)
    return send.call(this, body)
  }
  navigator.sendBeacon = (url, body) => {
    note(String(url), body)
    return beacon.call(navigator, url, body)
  }
  window.WebSocket = class extends WebSocket {
    /** @param {Parameters<WebSocket["send"]>[0]} data */
    send (data) {
      note(this.url, data)
      super.send(data)
    }
  }
}

/**
 * @param {string} url
 * @param {unknown} body
 */
function note (url, body) {
  entry(url).sent += sizeOf(body)
  schedule()
}

let scheduled = false
function schedule () {
  if (scheduled) return
  scheduled = true
  setTimeout(() => {
    scheduled = false
    show()
  }, 200)
}

function show () {
  const all = [...traffic.entries()].sort(([a], [b]) => Number(b === location.origin) - Number(a === location.origin))
  const requests = all.reduce((sum, [, t]) => sum + t.requests, 0)
  const sent = all.reduce((sum, [, t]) => sum + t.sent, 0)
  const foreign = all.filter(([origin, t]) => origin !== location.origin && t.requests + t.sent > 0).reduce((sum, [, t]) => sum + t.requests, 0)
  const alarm = sent > 0 || foreign > 0
  byId('privacy', HTMLElement).toggleAttribute('data-alarm', alarm)
  const where = foreign > 0 ? `${foreign} of them to other sites` : 'all to this site'
  const text = `${alarm ? 'Something was sent' : 'Nothing was sent'}: ${count(requests, 'request')}, ${where}, ${alarm ? `${formatBytes(sent)} sent` : '0 bytes of pictures'}.`
  const line = byId('privacy-text', HTMLElement)
  if (line.textContent !== text) line.textContent = text
  const rows = all.map(([origin, t]) => element('tr', {},
    element('td', { textContent: origin === location.origin ? 'This site' : origin }),
    element('td', { textContent: t.requests.toLocaleString('en') }),
    element('td', { textContent: t.received > 0 ? formatBytes(t.received) : 'from cache' }),
    element('td', { textContent: formatBytes(t.sent) })))
  document.querySelector('#privacy-table tbody')?.replaceChildren(...rows)
}

/** Starts counting; the page itself is the first request. */
export function watchTraffic () {
  countBodies()
  performance.setResourceTimingBufferSize(5000)
  record(performance.getEntriesByType('navigation'))
  new PerformanceObserver((list) => record(list.getEntries())).observe({ type: 'resource', buffered: true })
}
