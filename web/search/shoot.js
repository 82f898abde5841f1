// A picture from the camera.

import { element } from './element.js'

/**
 * Shows the camera in place of what is there until a picture is taken.
 * @param {HTMLElement} where
 * @param {{shoot: string, cancel: string}} words
 * @returns {Promise<Blob | undefined>} undefined where the visitor has gone back; rejects where there is no camera
 */
export async function shoot (where, words) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
  const video = element('video', { autoplay: true, muted: true, playsInline: true, srcObject: stream })
  try {
    const taken = await new Promise(resolve => {
      where.replaceChildren(video, element('div', { className: 'actions' },
        element('button', { type: 'button', className: 'first', onclick: () => resolve(true) }, words.shoot),
        element('button', { type: 'button', onclick: () => resolve(false) }, words.cancel)))
      where.hidden = false
      where.querySelector('button')?.focus()
    })
    if (!taken) return
    const canvas = element('canvas', { width: video.videoWidth, height: video.videoHeight })
    canvas.getContext('2d').drawImage(video, 0, 0)
    return await new Promise(resolve => canvas.toBlob((/** @type {Blob} */ b) => resolve(b), 'image/png'))
  } finally {
    for (const track of stream.getTracks()) track.stop()
    where.replaceChildren()
    where.hidden = true
  }
}
