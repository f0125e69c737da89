/**
 * Drawing scenes in space without a display: a ray through every pixel, the nearest solid it meets, light from one side and
 * hard shadows. Pixels at an edge are the mean of four rays. Only arithmetic that is the same bits everywhere.
 *
 * ```ts
 * const frame = Caster.draw(scene, 400)
 * ```
 */
import type * as Scene from "@ornstein/core/Scene"
import * as Trigonometry from "@ornstein/core/Trigonometry"
import type * as Raster from "./Raster.ts"
import * as Solids from "./Solids.ts"

// models

type Vector = Scene.Vector

/** The pixels in which a solid can be seen: columns and rows, the last ones not among them. */
interface Window {
  /** From 1 on. */
  readonly number: number
  readonly placed: Solids.Placed
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** Where rays start and how they are aimed: a pixel at (u, v) from the middle has the direction ahead + u across + v above. */
interface View {
  readonly eye: Vector
  readonly ahead: Vector
  readonly across: Vector
  readonly above: Vector
  readonly width: number
  readonly height: number
  /** Half the height of the picture at distance 1. */
  readonly half: number
  /** Where the floor is half hidden by haze. */
  readonly haze: number
}

/** Nearer by less than this share is as near. */
const SAME = 1 - 1e-6

// pure core: vectors

const subtract = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]]

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0]
]

const norm = (a: Vector): number => Math.sqrt(dot(a, a))

const unit = (a: Vector): Vector => {
  const length = norm(a) || 1
  return [a[0] / length, a[1] / length, a[2] / length]
}

// pure core: light

/** Towards the light: from above, over the left shoulder of who looks along y. */
export const light: Vector = unit([-0.45, -0.6, 1.1])

/** What is lit from nowhere in particular, from above, and by the light itself. */
export const share = { everywhere: 0.42, above: 0.16, light: 0.5, gloss: 0.16 } as const

/** The distance at which haze hides half of the floor, in distances from the eye to the target. */
export const HAZE = 9

// pure core: views

const viewOf = ({ aspect, camera }: Scene.Spatial, width: number): View => {
  const { eye, fieldOfView, target, up } = camera
  const ahead = unit(subtract(target, eye))
  const across = unit(cross(ahead, up))
  const angle = (fieldOfView * Math.PI) / 360
  return {
    eye,
    ahead,
    across,
    above: cross(across, ahead),
    width,
    height: heightOf(aspect, width),
    half: Trigonometry.sin(angle) / Trigonometry.cos(angle),
    haze: HAZE * norm(subtract(target, eye))
  }
}

const heightOf = (aspect: number, width: number): number => Math.max(1, Math.round(width / aspect))

/** From the first to the last of the pixels that a ball at `middle` with depth `z` and this radius may touch. */
const extent = (middle: number, z: number, radius: number, scale: number, size: number): [number, number] => {
  const near = z - radius
  const far = z + radius
  if (near <= 0.01 * radius || !Number.isFinite(radius)) return [0, size]
  const low = middle - radius
  const high = middle + radius
  const from = 0.5 * size + scale * Math.min(low / near, low / far)
  const to = 0.5 * size + scale * Math.max(high / near, high / far)
  return [Math.max(0, Math.floor(from) - 1), Math.min(size, Math.ceil(to) + 1)]
}

const windowOf = (view: View, solid: Scene.Solid, i: number): Window => {
  const number = i + 1
  const placed = Solids.place(solid)
  const { radius } = placed
  const from = subtract(solid.position, view.eye)
  const z = dot(from, view.ahead)
  const scale = view.height / (2 * view.half)
  if (z + radius <= 0) return { number, placed, left: 0, right: 0, top: 0, bottom: 0 }
  const [left, right] = extent(dot(from, view.across), z, radius, scale, view.width)
  const [top, bottom] = extent(-dot(from, view.above), z, radius, scale, view.height)
  return { number, placed, left, right, top, bottom }
}

// pure core: colours of rays

/** Of a pattern of squares with sides of 1, smoothed over `wide`: how far this is from the one colour to the other. */
const ramp = (x: number, wide: number): number => {
  const wave = (at: number): number => {
    const rest = at / 2 - Math.floor(at / 2)
    return Math.abs(rest - 0.5) * 2
  }
  return (wave(x - wide / 2) - wave(x + wide / 2)) / wide
}

const squares = (x: number, y: number, wide: number): number => 0.5 - 0.5 * ramp(x, wide) * ramp(y, wide)

/** All that casting one scene needs, in one place; rays and points are written into the same few numbers. */
const caster = (scene: Scene.Spatial, view: View) => {
  const windows = scene.solids.map((solid, i) => windowOf(view, solid, i))
  const opaque = windows.filter(({ placed }) => placed.form !== "Plane").map(({ placed }) => placed)
  const { above, across, ahead, eye, half, haze, height, width } = view
  const { horizon, zenith } = scene.sky
  const ray = new Float64Array(6)
  const toLight = Float64Array.of(0, 0, 0, ...light)
  const [lightX, lightY, lightZ] = light
  const sideways = unit(cross(light, [0, 0, 1]))
  const [besideX, besideY, besideZ] = sideways
  const [behindX, behindY, behindZ] = cross(light, sideways)
  /** Of each of them, beside, behind and along the light, and the square of its radius. */
  const balls = Float64Array.from(
    opaque.flatMap(({ radius, x, y, z }) => [
      x * besideX + y * besideY + z * besideZ,
      x * behindX + y * behindY + z * behindZ,
      x * lightX + y * lightY + z * lightZ,
      radius * radius * (1 + 1e-9)
    ])
  )
  const surface = new Float64Array(5)
  const colour = new Float64Array(3)

  /** Aims at a point of the picture, in pixels from its upper left corner. */
  const aim = (x: number, y: number): void => {
    const u = ((2 * x - width) / height) * half
    const v = ((height - 2 * y) / height) * half
    for (let i = 0; i < 3; i++) {
      ray[i] = eye[i]!
      ray[3 + i] = ahead[i]! + u * across[i]! + v * above[i]!
    }
  }

  /** May a point be in somebody's shadow, and is it? Balls around solids are looked at first, in the light's own axes. */
  const isShaded = (x: number, y: number, z: number): boolean => {
    const beside = x * besideX + y * besideY + z * besideZ
    const behind = x * behindX + y * behindY + z * behindZ
    const along = x * lightX + y * lightY + z * lightZ
    for (let i = 0; i < opaque.length; i++) {
      const placed = opaque[i]!
      const u = balls[4 * i]! - beside
      const v = balls[4 * i + 1]! - behind
      const { radius } = placed
      if (u * u + v * v >= balls[4 * i + 3]! || balls[4 * i + 2]! - along <= -radius) continue
      toLight[0] = x
      toLight[1] = y
      toLight[2] = z
      if (Solids.meet(placed, toLight) < Number.POSITIVE_INFINITY) return true
    }
    return false
  }

  const sky = (): void => {
    const dx = ray[3]!
    const dy = ray[4]!
    const dz = ray[5]!
    const height = Math.min(1, Math.max(0, dz / Math.sqrt(dx * dx + dy * dy + dz * dz)) * 1.6)
    for (let i = 0; i < 3; i++) colour[i] = horizon[i]! + height * (zenith[i]! - horizon[i]!)
  }

  /** The colour of what a ray meets after `t`; true where it lies in shadow. */
  const shade = (window: Window, t: number): boolean => {
    const dx = ray[3]!
    const dy = ray[4]!
    const dz = ray[5]!
    const length = Math.sqrt(dx * dx + dy * dy + dz * dz)
    const x = ray[0]! + t * dx
    const y = ray[1]! + t * dy
    const z = ray[2]! + t * dz
    const { form, solid } = window.placed
    Solids.upright(window.placed, x, y, z, surface)
    let nx = surface[0]!
    let ny = surface[1]!
    let nz = surface[2]!
    // Who is inside, or below a plane, sees the other side.
    const facing = -(nx * dx + ny * dy + nz * dz) / length
    if (facing < 0) [nx, ny, nz] = [-nx, -ny, -nz]
    const lit = nx * light[0] + ny * light[1] + nz * light[2]
    const off = 1e-4 * (1 + t * length)
    const isDark = lit <= 0 || isShaded(x + off * nx, y + off * ny, z + off * nz)
    // Half way between the light and the eye: a surface that stands so shines (Blinn, 1977), to the 16th power.
    const hx = light[0] - dx / length
    const hy = light[1] - dy / length
    const hz = light[2] - dz / length
    let gloss =
      isDark || form === "Plane" ? 0 : (nx * hx + ny * hy + nz * hz) / Math.sqrt(hx * hx + hy * hy + hz * hz)
    for (let i = 0; i < 4; i++) gloss *= gloss
    const bright = share.everywhere + share.above * (0.5 + 0.5 * nz) + (isDark ? 0 : share.light * lit)
    const { checker, fill } = solid
    const mixed =
      checker === undefined
        ? 0
        : squares(
            surface[3]! / checker.side,
            surface[4]! / checker.side,
            // A pixel is as wide on the floor as it is far, and longer where the floor is seen at a slant.
            (t * length * 2 * half) / height / checker.side / Math.max(0.05, Math.sqrt(Math.abs(facing))) +
              1e-6
          )
    const far = form === "Plane" ? t * length : 0
    const hidden = (far * far) / (far * far + haze * haze)
    for (let i = 0; i < 3; i++) {
      const own = fill[i]! + mixed * ((checker?.fill[i] ?? 0) - fill[i]!)
      const shown = Math.min(255, own * bright + 255 * share.gloss * gloss)
      colour[i] = shown + hidden * (horizon[i]! - shown)
    }
    return isDark
  }

  /** Those that the row of pixels may see. */
  let inRow: ReadonlyArray<Window> = windows
  const enter = (row: number): void => {
    inRow = windows.filter(({ bottom, top }) => row >= top && row < bottom)
  }

  /** Shoots through (x, y) of this row; which solid it met from 1 on, 0 for the sky, and whether in shadow. */
  const look = (x: number, y: number): number => {
    aim(x, y)
    let nearest = Number.POSITIVE_INFINITY
    let found: Window | undefined
    for (let i = 0; i < inRow.length; i++) {
      const window = inRow[i]!
      if (x < window.left || x >= window.right) continue
      const t = Solids.meet(window.placed, ray)
      // Where two surfaces are one, as at a joint of limbs of one thickness, the first is seen and not a speckle of both.
      if (t >= SAME * nearest) continue
      nearest = t
      found = window
    }
    if (found === undefined) {
      sky()
      return 0
    }
    return 2 * found.number + (shade(found, nearest) ? 1 : 0)
  }

  return { colour, enter, look }
}

/** A quarter of a pixel from its middle: where the four rays of an edge go. */
const CORNERS = [
  [0.25, 0.25],
  [0.75, 0.25],
  [0.25, 0.75],
  [0.75, 0.75]
] as const

/** Does another solid, or a shadow's edge, begin beside this pixel? */
const isEdge = (met: Int32Array, width: number, height: number, x: number, y: number): boolean => {
  const at = y * width + x
  const here = met[at]
  return (
    (x > 0 && met[at - 1] !== here) ||
    (x < width - 1 && met[at + 1] !== here) ||
    (y > 0 && met[at - width] !== here) ||
    (y < height - 1 && met[at + width] !== here)
  )
}

// constructors

/** The pixels of the frame that `draw` makes. */
export const pixels = ({ aspect }: Scene.Spatial, width: number): number => width * heightOf(aspect, width)

/** The scene, `width` pixels wide and as high as its proportions ask. */
export const draw = (scene: Scene.Spatial, width: number): Raster.Frame => {
  const view = viewOf(scene, width)
  const { height } = view
  const { colour, enter, look } = caster(scene, view)
  const pixels = new Uint8Array(3 * width * height)
  const met = new Int32Array(width * height)
  for (let y = 0; y < height; y++) {
    enter(y)
    for (let x = 0; x < width; x++) {
      const at = y * width + x
      met[at] = look(x + 0.5, y + 0.5)
      for (let i = 0; i < 3; i++) pixels[3 * at + i] = Math.round(colour[i]!)
    }
  }
  const sum = new Float64Array(3)
  for (let y = 0; y < height; y++) {
    enter(y)
    for (let x = 0; x < width; x++) {
      if (!isEdge(met, width, height, x, y)) continue
      sum.fill(0)
      for (const [across, down] of CORNERS) {
        look(x + across, y + down)
        for (let i = 0; i < 3; i++) sum[i] = sum[i]! + colour[i]!
      }
      for (let i = 0; i < 3; i++) pixels[3 * (y * width + x) + i] = Math.round(sum[i]! / 4)
    }
  }
  return { width, height, pixels }
}
