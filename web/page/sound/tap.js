// What runs beside the sound card: hands over every block of samples, the mean of
// the channels.

/** @type {any} */
const scope = globalThis

export {} // its names are its own

class Tap extends scope.AudioWorkletProcessor {
  /** @param {Float32Array[][]} inputs */
  process ([channels]) {
    if (channels?.length > 0) {
      const mean = channels[0].map((_, i) => channels.reduce((sum, channel) => sum + channel[i], 0) / channels.length)
      this.port.postMessage(mean, [mean.buffer])
    }
    return true
  }
}

scope.registerProcessor('tap', Tap)
