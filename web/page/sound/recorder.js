/** Seconds that a recording may last. */
export const longest = 60

/** The microphone, whose samples are kept while they are wanted. */
export class Recorder {
  constructor () {
    /** @type {MediaStream|null} */
    this.stream = null
    /** @type {AudioContext|null} */
    this.context = null
    /** @type {Float32Array[]} */
    this.blocks = []
    this.recording = false
  }

  /** Asks for the microphone and listens. */
  async open () {
    if (!navigator.mediaDevices) throw new DOMException('', 'SecurityError')
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false }, video: false })
    this.stream = stream
    const context = this.context = new AudioContext()
    await context.audioWorklet.addModule(new URL('./tap.js', import.meta.url))
    const tap = new AudioWorkletNode(context, 'tap', { numberOfOutputs: 0 })
    tap.port.onmessage = ({ data }) => {
      if (this.recording && this.seconds() < longest) this.blocks.push(data)
    }
    context.createMediaStreamSource(stream).connect(tap)
    // Firefox waits for ever where there is no loudspeaker.
    await Promise.race([context.resume(), new Promise((_, reject) => setTimeout(() => reject(new Error('the browser’s sound does not start, perhaps because no loudspeaker or headphones are connected.')), 5000))])
  }

  begin () {
    this.blocks = []
    this.recording = true
  }

  seconds () {
    return this.blocks.reduce((sum, block) => sum + block.length, 0) / (this.context?.sampleRate ?? 1)
  }

  /**
   * What was recorded, as a WAV file of floats; null when it is too short.
   * @returns {Blob|null}
   */
  end () {
    this.recording = false
    return this.seconds() < 0.1 ? null : new Blob(wavOf(this.blocks, this.context?.sampleRate ?? 0), { type: 'audio/wav' })
  }

  close () {
    this.recording = false
    for (const track of this.stream?.getTracks() ?? []) track.stop()
    void this.context?.close()
    this.stream = this.context = null
    this.blocks = []
  }
}

/**
 * The parts of a WAV file of one channel of 32-bit floats.
 * @param {Float32Array[]} blocks
 * @param {number} rate
 */
export function wavOf (blocks, rate) {
  const samples = blocks.reduce((sum, block) => sum + block.length, 0)
  const head = new DataView(new ArrayBuffer(44))
  const text = (/** @type {number} */ at, /** @type {string} */ s) => { for (let i = 0; i < s.length; i++) head.setUint8(at + i, s.charCodeAt(i)) }
  text(0, 'RIFF')
  head.setUint32(4, 36 + 4 * samples, true)
  text(8, 'WAVEfmt ')
  head.setUint32(16, 16, true)
  head.setUint16(20, 3, true) // floats
  head.setUint16(22, 1, true)
  head.setUint32(24, rate, true)
  head.setUint32(28, 4 * rate, true)
  head.setUint16(32, 4, true)
  head.setUint16(34, 32, true)
  text(36, 'data')
  head.setUint32(40, 4 * samples, true)
  const body = new DataView(new ArrayBuffer(4 * samples))
  let at = 0
  for (const block of blocks) for (const v of block) body.setFloat32(4 * at++, v, true)
  return [head.buffer, body.buffer]
}
