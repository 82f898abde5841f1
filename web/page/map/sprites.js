/**
 * Draws many small pictures in one call: WebGL 2, an instance for each, the
 * pictures in the layers of one texture.
 */

/** Numbers of an instance: x, y, side in CSS pixels, cell of the atlas or -1, red, green, blue, alpha, ring. */
export const stride = 9

const vertex = `#version 300 es
in vec2 corner;
in vec4 place;
in vec4 colour;
in float ring;
uniform vec2 size;
uniform float across;
uniform float whole;
out vec3 uv;
out vec2 at;
out vec4 paint;
out float edge;
void main () {
  vec2 p = place.xy + (corner - 0.5) * place.z;
  gl_Position = vec4(p.x / size.x * 2.0 - 1.0, 1.0 - p.y / size.y * 2.0, 0.0, 1.0);
  float cells = across * across;
  float cell = mod(place.w, cells);
  uv = place.w < 0.0 ? vec3(-1.0) : vec3((mod(cell, across) + 0.02 + 0.96 * corner.x) / across * whole, (floor(cell / across) + 0.02 + 0.96 * corner.y) / across * whole, floor(place.w / cells));
  at = corner;
  paint = colour;
  edge = ring / place.z;
}`

const fragment = `#version 300 es
precision highp float;
precision highp sampler2DArray;
in vec3 uv;
in vec2 at;
in vec4 paint;
in float edge;
uniform sampler2DArray pictures;
out vec4 result;
void main () {
  vec4 picture = uv.x < 0.0 ? vec4(0.6, 0.6, 0.6, 0.35) : texture(pictures, uv);
  vec2 inside = min(at, 1.0 - at);
  if (min(inside.x, inside.y) < edge) picture = vec4(paint.rgb, 1.0);
  result = vec4(picture.rgb * picture.a, picture.a) * paint.a;
}`

export class Sprites {
  /**
   * @param {HTMLCanvasElement} canvas
   * @returns {Sprites|null} null where there is no WebGL 2
   */
  static on (canvas) {
    const gl = canvas.getContext('webgl2', { alpha: true, antialias: false, premultipliedAlpha: true })
    if (!gl) return null
    try {
      return new Sprites(canvas, gl)
    } catch {
      return null
    }
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {WebGL2RenderingContext} gl
   */
  constructor (canvas, gl) {
    this.canvas = canvas
    this.gl = gl
    this.lost = false
    this.program = program(gl)
    this.buffer = gl.createBuffer()
    this.vertices = gl.createVertexArray()
    /** @type {WebGLTexture|null} */
    this.texture = null
    this.layers = 0
    this.version = -1
    this.arrange()
    canvas.addEventListener('webglcontextlost', (event) => {
      event.preventDefault()
      this.lost = true
    })
  }

  /** Says where the numbers of an instance are. */
  arrange () {
    const { gl, program } = this
    gl.bindVertexArray(this.vertices)
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer())
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([0, 0, 1, 0, 0, 1, 1, 1]), gl.STATIC_DRAW)
    const corner = gl.getAttribLocation(program, 'corner')
    gl.enableVertexAttribArray(corner)
    gl.vertexAttribPointer(corner, 2, gl.FLOAT, false, 0, 0)
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer)
    for (const [name, length, from] of /** @type {const} */ ([['place', 4, 0], ['colour', 4, 4], ['ring', 1, 8]])) {
      const at = gl.getAttribLocation(program, name)
      gl.enableVertexAttribArray(at)
      gl.vertexAttribPointer(at, length, gl.FLOAT, false, 4 * stride, 4 * from)
      gl.vertexAttribDivisor(at, 1)
    }
  }

  /**
   * Takes up what is new in an atlas.
   * @param {import('./atlas.js').Atlas} atlas
   */
  take (atlas) {
    const { gl } = this
    const { across, cell, side } = atlas
    if (this.version !== atlas.version || !this.texture) {
      this.version = atlas.version
      gl.deleteTexture(this.texture)
      this.layers = Math.min(Math.ceil(atlas.expected / (across * across)), gl.getParameter(gl.MAX_ARRAY_TEXTURE_LAYERS))
      this.texture = gl.createTexture()
      gl.bindTexture(gl.TEXTURE_2D_ARRAY, this.texture)
      gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, gl.RGBA8, side, side, Math.max(1, this.layers))
      gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_MIN_FILTER, gl.LINEAR)
      gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE)
      gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE)
    }
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, this.texture)
    for (const { index, data } of atlas.fresh?.splice(0) ?? []) {
      const layer = Math.floor(index / (across * across))
      const place = index % (across * across)
      if (layer < this.layers) gl.texSubImage3D(gl.TEXTURE_2D_ARRAY, 0, (place % across) * cell, Math.floor(place / across) * cell, layer, cell, cell, 1, gl.RGBA, gl.UNSIGNED_BYTE, data.data)
    }
  }

  /**
   * @param {number} width CSS pixels
   * @param {number} height
   * @param {number} ratio of the screen's pixels to them
   * @param {number} across cells of the atlas
   * @param {number} whole share of its side that they take
   * @param {Float32Array} instances
   * @param {number} n
   */
  draw (width, height, ratio, across, whole, instances, n) {
    const { gl, canvas, program } = this
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)]
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w
      canvas.height = h
    }
    gl.viewport(0, 0, w, h)
    gl.clearColor(0, 0, 0, 0)
    gl.clear(gl.COLOR_BUFFER_BIT)
    if (n === 0) return
    gl.useProgram(program)
    gl.enable(gl.BLEND)
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA)
    gl.uniform2f(gl.getUniformLocation(program, 'size'), width, height)
    gl.uniform1f(gl.getUniformLocation(program, 'across'), across)
    gl.uniform1f(gl.getUniformLocation(program, 'whole'), whole)
    gl.bindVertexArray(this.vertices)
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer)
    gl.bufferData(gl.ARRAY_BUFFER, instances.subarray(0, n * stride), gl.STREAM_DRAW)
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, n)
  }
}

/** @param {WebGL2RenderingContext} gl */
function program (gl) {
  const made = gl.createProgram()
  for (const [kind, text] of /** @type {[number, string][]} */ ([[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]])) {
    const shader = /** @type {WebGLShader} */ (gl.createShader(kind))
    gl.shaderSource(shader, text)
    gl.compileShader(shader)
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader) ?? '')
    gl.attachShader(made, shader)
  }
  gl.linkProgram(made)
  if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(made) ?? '')
  return made
}
