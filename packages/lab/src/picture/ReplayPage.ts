/**
 * The page of a replay: one file that asks the network for nothing. Its policy admits its own script and style by their
 * hashes and nothing else; what a run has said of itself reaches the page as data and as text only.
 */
import { createHash } from "node:crypto"
import * as Caster from "./Caster.ts"
import * as ReplayShader from "./ReplayShader.ts"

// models

/** What both kinds of replays have. */
interface Told {
  readonly title: string
  /** Seconds of the world from its start to each picture. */
  readonly times: ReadonlyArray<number>
  readonly steps: ReadonlyArray<number>
  /** The return up to each picture. */
  readonly returns: ReadonlyArray<number>
  /** Seconds of the world in a second, to begin with. */
  readonly speed: number
  readonly aspect: number
}

/** Numbers as base64 of single precision, little end first. */
export interface Spatial extends Told {
  readonly kind: "Spatial"
  readonly solids: ReadonlyArray<{
    readonly form: number
    readonly size: ReadonlyArray<number>
    readonly fill: ReadonlyArray<number>
    readonly checker: ReadonlyArray<number>
    readonly radius: number
  }>
  readonly horizon: ReadonlyArray<number>
  readonly zenith: ReadonlyArray<number>
  /** Of each picture, of each solid: position and rotation, 12 numbers; not a number where it is not there. */
  readonly poses: string
  /** Of each picture: eye, target, up, and the field of view, 10 numbers. */
  readonly cameras: string
}

export interface Flat extends Told {
  readonly kind: "Flat"
  /** All that there are; a scene's own are numbers of them. */
  readonly shapes: ReadonlyArray<unknown>
  readonly scenes: ReadonlyArray<object>
}

export type Data = Spatial | Flat

// pure core: the page

const style = `
:root { color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif; }
body { margin: 0; display: flex; flex-direction: column; align-items: center; min-height: 100vh; }
h1 { font-size: 1rem; font-weight: 600; margin: .6rem 1rem; }
canvas { display: block; touch-action: none; cursor: grab; outline-offset: 2px; }
canvas.flat { cursor: default; }
#bar { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; padding: .6rem 1rem; box-sizing: border-box; width: 100%; max-width: 70rem; }
#at { flex: 1; min-width: 8rem; }
button { min-width: 4.5rem; }
output { font-variant-numeric: tabular-nums; white-space: pre; }
#help { opacity: .7; font-size: .85rem; margin: 0 1rem .8rem; }
`

const script = `
"use strict"
const byId = (id) => document.getElementById(id)
const data = JSON.parse(byId("data").textContent)
const [canvas, play, at, speed, told] = ["view", "play", "at", "speed", "told"].map(byId)
const last = data.times.length - 1
const floats = (text) => new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer)

let [frame, clock, playing, before, stale] = [0, 0, false, undefined, true]
const view = { around: 0, above: 0, zoom: 1 }
let [rays, slow] = [4, 0]

// how a picture is drawn

/** What was drawn elsewhere: red, green and blue of each pixel. */
const picture = ({ colours, columns }) => {
  const bytes = Uint8Array.from(atob(colours), (letter) => letter.charCodeAt(0))
  const image = new ImageData(columns, bytes.length / 3 / columns)
  for (let i = 0; i < bytes.length; i++) image.data[i + Math.floor(i / 3)] = bytes[i]
  for (let i = 3; i < image.data.length; i += 4) image.data[i] = 255
  const sheet = new OffscreenCanvas(image.width, image.height)
  sheet.getContext("2d").putImageData(image, 0, 0)
  return sheet
}

const flat = () => {
  const context = canvas.getContext("2d")
  const colour = (rgb) => "rgb(" + rgb.map(Number).join(",") + ")"
  canvas.className = "flat"
  return () => {
    const scene = data.scenes[frame]
    const scale = canvas.width / (scene.right - scene.left)
    const x = (p) => scale * (p[0] - scene.left)
    const y = (p) => scale * (scene.top - p[1])
    context.fillStyle = colour(scene.background)
    context.fillRect(0, 0, canvas.width, canvas.height)
    context.lineCap = context.lineJoin = "round"
    for (const shape of scene.shapes.map((i) => data.shapes[i])) {
      if (shape._tag === "Pixels") {
        context.imageSmoothingEnabled = false
        context.drawImage(picture(shape), x(shape.at), y(shape.at) - scale * shape.height, scale * shape.width, scale * shape.height)
        continue
      }
      context.fillStyle = context.strokeStyle = colour(shape.fill ?? shape.stroke)
      context.beginPath()
      if (shape._tag === "Circle") context.arc(x(shape.centre), y(shape.centre), scale * shape.radius, 0, 7)
      else if (shape._tag === "Text") {
        context.font = (scale * shape.height) / 0.72 + "px monospace"
        context.fillText(shape.text, x(shape.at), y(shape.at))
        continue
      } else for (const p of shape.points) context.lineTo(x(p), y(p))
      context.lineWidth = scale * shape.width
      if (shape._tag === "Line") context.stroke()
      else context.fill()
    }
  }
}

const spatial = () => {
  const gl = canvas.getContext("webgl2", { antialias: false, preserveDrawingBuffer: true })
  if (gl === null) return undefined
  const [poses, cameras] = [floats(data.poses), floats(data.cameras)]
  const compile = (type, text) => {
    const shader = gl.createShader(type)
    gl.shaderSource(shader, text)
    gl.compileShader(shader)
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader))
    return shader
  }
  const program = gl.createProgram()
  gl.attachShader(program, compile(gl.VERTEX_SHADER, data.vertices))
  gl.attachShader(program, compile(gl.FRAGMENT_SHADER, data.fragments))
  gl.linkProgram(program)
  gl.useProgram(program)
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer())
  gl.bufferData(gl.ARRAY_BUFFER, Float32Array.of(-1, -1, 3, -1, -1, 3), gl.STATIC_DRAW)
  gl.enableVertexAttribArray(gl.getAttribLocation(program, "corner"))
  gl.vertexAttribPointer(gl.getAttribLocation(program, "corner"), 2, gl.FLOAT, false, 0, 0)
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture())
  for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST)
  const uniform = (name) => gl.getUniformLocation(program, name)
  const places = Object.fromEntries(
    ["count", "rays", "eye", "ahead", "across", "above", "horizon", "zenith", "size", "lens", "haze"].map((name) => [name, uniform(name)])
  )
  const share = (rgb) => rgb.map((x) => x / 255)
  gl.uniform3fv(places.horizon, share(data.horizon))
  gl.uniform3fv(places.zenith, share(data.zenith))

  const n = data.solids.length
  const rows = new Float32Array(24 * n)
  const solids = () => {
    let count = 0
    data.solids.forEach((solid, i) => {
      const pose = poses.subarray(12 * (frame * n + i), 12 * (frame * n + i + 1))
      if (Number.isNaN(pose[0])) return
      const row = rows.subarray(24 * count, 24 * ++count)
      row.set([pose[0], pose[1], pose[2], solid.form])
      for (let k = 0; k < 3; k++) row.set([pose[3 + 3 * k], pose[4 + 3 * k], pose[5 + 3 * k], solid.size[k]], 4 + 4 * k)
      row.set([...share(solid.fill), solid.radius, ...share(solid.checker.slice(0, 3)), solid.checker[3]], 16)
    })
    return count
  }

  const subtract = (a, b) => a.map((x, i) => x - b[i])
  const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
  const unit = (a) => a.map((x) => x / (Math.hypot(...a) || 1))
  const camera = () => {
    const [ex, ey, ez, tx, ty, tz, ux, uy, uz, angle] = cameras.subarray(10 * frame, 10 * frame + 10)
    const target = [tx, ty, tz]
    const from = subtract([ex, ey, ez], target)
    const flat = Math.hypot(from[0], from[1])
    const around = Math.atan2(from[1], from[0]) + view.around
    const above = Math.max(-1.55, Math.min(1.55, Math.atan2(from[2], flat) + view.above))
    view.above = above - Math.atan2(from[2], flat)
    const distance = Math.hypot(...from) * view.zoom
    const eye = [
      tx + distance * Math.cos(above) * Math.cos(around),
      ty + distance * Math.cos(above) * Math.sin(around),
      tz + distance * Math.sin(above)
    ]
    const ahead = unit(subtract(target, eye))
    // Whoever looks straight down has no other upwards than the way ahead.
    const up = view.around === 0 && view.above === 0 ? [ux, uy, uz] : [0, 0, 1]
    const across = unit(cross(ahead, up))
    return { eye, ahead, across, above: cross(across, ahead), lens: Math.tan((angle * Math.PI) / 360), distance }
  }

  return () => {
    const seen = camera()
    gl.viewport(0, 0, canvas.width, canvas.height)
    const count = solids()
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32F, 6, n, 0, gl.RGBA, gl.FLOAT, rows)
    gl.uniform1i(places.count, count)
    gl.uniform1i(places.rays, rays)
    for (const name of ["eye", "ahead", "across", "above"]) gl.uniform3fv(places[name], seen[name])
    gl.uniform2f(places.size, canvas.width, canvas.height)
    gl.uniform1f(places.lens, seen.lens)
    gl.uniform1f(places.haze, data.haze * seen.distance)
    gl.drawArrays(gl.TRIANGLES, 0, 3)
  }
}

// what the page does

const draw = data.kind === "Flat" ? flat() : spatial()
if (draw === undefined) told.textContent = "This browser draws no WebGL 2, which the replay needs"

const show = (to) => {
  frame = Math.max(0, Math.min(last, to))
  at.value = String(frame)
  at.setAttribute("aria-valuetext", data.times[frame].toFixed(2) + " seconds")
  if (draw !== undefined) {
    told.textContent =
      data.times[frame].toFixed(2) + " s   step " + data.steps[frame] + "   return " + data.returns[frame].toFixed(1)
  }
  stale = true
}
const seek = (to) => {
  show(to)
  clock = data.times[frame]
}
const run = (isOn) => {
  if (isOn && frame === last) seek(0)
  playing = isOn
  before = undefined
  play.textContent = isOn ? "Pause" : "Play"
}
const turn = (around, above) => {
  view.around += around
  view.above += above
  stale = true
}
const zoom = (by) => {
  view.zoom = Math.max(0.1, Math.min(20, view.zoom * by))
  stale = true
}
const reset = () => {
  Object.assign(view, { around: 0, above: 0, zoom: 1 })
  stale = true
}
const fit = () => {
  const density = window.devicePixelRatio || 1
  const width = Math.max(64, Math.min(window.innerWidth, 1120, (window.innerHeight - 150) * data.aspect))
  canvas.style.width = width + "px"
  canvas.style.height = width / data.aspect + "px"
  canvas.width = Math.round(width * density)
  canvas.height = Math.round((width / data.aspect) * density)
  stale = true
}

const tick = (now) => {
  if (playing) {
    if (before !== undefined) {
      const passed = (now - before) / 1000
      // A machine that cannot follow gets one ray for a pixel.
      slow = 0.9 * slow + 0.1 * passed
      if (slow > 0.05) rays = 1
      clock = Math.min(data.times[last], clock + passed * Number(speed.value))
      let to = frame
      while (to < last && data.times[to + 1] <= clock + 1e-6) to += 1
      if (to !== frame) show(to)
      if (frame === last) run(false)
    }
    before = now
  }
  if (stale && draw !== undefined) {
    stale = false
    draw()
  }
  requestAnimationFrame(tick)
}

play.addEventListener("click", () => run(!playing))
at.addEventListener("input", () => seek(Number(at.value)))
byId("reset").addEventListener("click", reset)
window.addEventListener("resize", fit)
document.addEventListener("visibilitychange", () => (before = undefined))
let drag
canvas.addEventListener("pointerdown", (event) => {
  drag = [event.clientX, event.clientY]
  canvas.setPointerCapture(event.pointerId)
})
canvas.addEventListener("pointermove", (event) => {
  if (drag === undefined) return
  turn((drag[0] - event.clientX) / 150, (event.clientY - drag[1]) / 150)
  drag = [event.clientX, event.clientY]
})
for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (drag = undefined))
canvas.addEventListener(
  "wheel",
  (event) => {
    event.preventDefault()
    zoom(Math.exp(event.deltaY / 600))
  },
  { passive: false }
)
const keys = {
  ArrowLeft: () => turn(0.1, 0),
  ArrowRight: () => turn(-0.1, 0),
  ArrowUp: () => turn(0, 0.1),
  ArrowDown: () => turn(0, -0.1),
  "+": () => zoom(1 / 1.15),
  "-": () => zoom(1.15),
  0: reset
}
const everywhere = {
  ",": () => seek(frame - 1),
  ".": () => seek(frame + 1),
  Home: () => seek(0),
  End: () => seek(last)
}
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const isFree = event.target === canvas || event.target === document.body
  const act =
    event.key === " " ? isFree && (() => run(!playing)) : everywhere[event.key] ?? (isFree && keys[event.key])
  if (!act) return
  event.preventDefault()
  act()
})

document.title = data.title
byId("title").textContent = data.title
at.max = String(last)
if (![...speed.options].some((option) => Number(option.value) === data.speed)) {
  speed.add(new Option(data.speed + " x", String(data.speed)))
}
speed.value = String(data.speed)
fit()
seek(0)
run(last > 0 && !matchMedia("(prefers-reduced-motion: reduce)").matches)
requestAnimationFrame(tick)
`

const HELP: { readonly [kind in Data["kind"]]: string } = {
  Spatial:
    "Drag to turn, wheel to come nearer. Keys: space plays, comma and full stop go a picture back and on, arrows turn, + and - come nearer, 0 goes back to the camera of the world.",
  Flat: "Keys: space plays, comma and full stop go a picture back and on."
}

const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`

/** Text that ends no element, whatever it says. */
const embedded = (data: object): string => JSON.stringify(data).replaceAll("<", "\\u003c")

// constructors

export const make = (data: Data): string => {
  const drawn =
    data.kind === "Flat"
      ? data
      : {
          ...data,
          haze: Caster.HAZE,
          vertices: ReplayShader.vertices,
          fragments: ReplayShader.fragments
        }
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Replay</title>
<style>${style}</style>
</head>
<body>
<h1 id="title"></h1>
<canvas id="view" tabindex="0" role="img" aria-label="The world" aria-describedby="help"></canvas>
<div id="bar">
<button id="play" type="button">Play</button>
<input id="at" type="range" min="0" value="0" step="1" aria-label="Picture">
<label>Speed <select id="speed">${[0.1, 0.25, 0.5, 1, 2, 4].map((x) => `<option value="${x}">${x} x</option>`).join("")}</select></label>
<button id="reset" type="button"${data.kind === "Flat" ? " hidden" : ""}>Reset view</button>
<output id="told"></output>
</div>
<p id="help">${HELP[data.kind]}</p>
<script id="data" type="application/json">${embedded(drawn)}</script>
<script>${script}</script>
</body>
</html>
`
}
