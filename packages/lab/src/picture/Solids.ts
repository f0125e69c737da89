/**
 * Where rays meet solids, in closed form. Only additions, products, quotients and square roots of doubles: the same bits on
 * every machine.
 */
import type * as Scene from "@ornstein/core/Scene"

// models

/** A solid as plain numbers. */
export interface Placed {
  readonly solid: Scene.Solid
  readonly form: Scene.Solid["_tag"]
  readonly x: number
  readonly y: number
  readonly z: number
  readonly sx: number
  readonly sy: number
  readonly sz: number
  /** The rotation, row by row. */
  readonly r: Float64Array
  /** No point is farther from the position. */
  readonly radius: number
}

/** Nearer than this is the surface that a ray starts from. */
const NEAR = 1e-4

// pure core

const reach = ({ _tag, size: [x, y, z] }: Scene.Solid): number => {
  switch (_tag) {
    case "Plane":
      return x > 0 && y > 0 ? Math.sqrt(x * x + y * y) : Number.POSITIVE_INFINITY
    case "Sphere":
      return x
    case "Ellipsoid":
      return Math.max(x, y, z)
    case "Capsule":
      return x + z
    case "Cylinder":
      return Math.sqrt(x * x + z * z)
    case "Box":
      return Math.sqrt(x * x + y * y + z * z)
  }
}

export const place = (solid: Scene.Solid): Placed => {
  const [x, y, z] = solid.position
  const [sx, sy, sz] = solid.size
  return {
    solid,
    form: solid._tag,
    x,
    y,
    z,
    sx,
    sy,
    sz,
    r: Float64Array.from(solid.rotation),
    radius: reach(solid)
  }
}

/** The nearer root beyond `NEAR` of a t^2 + 2 b t + c, or infinity. */
const root = (a: number, b: number, c: number): number => {
  const d = b * b - a * c
  if (d < 0 || a === 0) return Number.POSITIVE_INFINITY
  const s = Math.sqrt(d)
  const first = (-b - s) / a
  if (first > NEAR) return first
  const second = (-b + s) / a
  return second > NEAR ? second : Number.POSITIVE_INFINITY
}

/** The side of a round wall between -half and half, from outside. */
const wall = (o: Float64Array, radius: number, half: number): number => {
  const [ox, oy, oz, dx, dy, dz] = [o[0]!, o[1]!, o[2]!, o[3]!, o[4]!, o[5]!]
  const t = root(dx * dx + dy * dy, ox * dx + oy * dy, ox * ox + oy * oy - radius * radius)
  const z = oz + t * dz
  return z >= -half && z <= half ? t : Number.POSITIVE_INFINITY
}

const ball = (o: Float64Array, radius: number, z: number): number => {
  const [ox, oy, oz, dx, dy, dz] = [o[0]!, o[1]!, o[2]! - z, o[3]!, o[4]!, o[5]!]
  return root(
    dx * dx + dy * dy + dz * dz,
    ox * dx + oy * dy + oz * dz,
    ox * ox + oy * oy + oz * oz - radius * radius
  )
}

const disc = (o: Float64Array, radius: number, z: number): number => {
  const t = (z - o[2]!) / o[5]!
  const x = o[0]! + t * o[3]!
  const y = o[1]! + t * o[4]!
  return t > NEAR && x * x + y * y <= radius * radius ? t : Number.POSITIVE_INFINITY
}

const ellipsoid = (o: Float64Array, sx: number, sy: number, sz: number): number => {
  const [ox, oy, oz] = [o[0]! / sx, o[1]! / sy, o[2]! / sz]
  const [dx, dy, dz] = [o[3]! / sx, o[4]! / sy, o[5]! / sz]
  return root(dx * dx + dy * dy + dz * dz, ox * dx + oy * dy + oz * dz, ox * ox + oy * oy + oz * oz - 1)
}

const box = (o: Float64Array, size: readonly [number, number, number]): number => {
  let [enter, leave] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let i = 0; i < 3; i++) {
    const [from, along, half] = [o[i]!, o[i + 3]!, size[i]!]
    if (along === 0) {
      if (from < -half || from > half) return Number.POSITIVE_INFINITY
      continue
    }
    const [a, b] = [(-half - from) / along, (half - from) / along]
    enter = Math.max(enter, Math.min(a, b))
    leave = Math.min(leave, Math.max(a, b))
  }
  if (enter > leave) return Number.POSITIVE_INFINITY
  return enter > NEAR ? enter : leave > NEAR ? leave : Number.POSITIVE_INFINITY
}

const plane = (o: Float64Array, sx: number, sy: number): number => {
  const t = -o[2]! / o[5]!
  if (!(t > NEAR)) return Number.POSITIVE_INFINITY
  const x = o[0]! + t * o[3]!
  const y = o[1]! + t * o[4]!
  return (sx === 0 || Math.abs(x) <= sx) && (sy === 0 || Math.abs(y) <= sy) ? t : Number.POSITIVE_INFINITY
}

/** A ray in a solid's own axes: three numbers of its start, three of its direction. */
const own = new Float64Array(6)

const turnInto = ({ r }: Placed, at: number, x: number, y: number, z: number): void => {
  own[at] = r[0]! * x + r[3]! * y + r[6]! * z
  own[at + 1] = r[1]! * x + r[4]! * y + r[7]! * z
  own[at + 2] = r[2]! * x + r[5]! * y + r[8]! * z
}

/**
 * How many of its directions a ray goes until it meets the solid, or infinity. `ray` holds its start and its direction,
 * six numbers.
 */
export const meet = (self: Placed, ray: Float64Array): number => {
  turnInto(self, 0, ray[0]! - self.x, ray[1]! - self.y, ray[2]! - self.z)
  turnInto(self, 3, ray[3]!, ray[4]!, ray[5]!)
  const { sx, sy, sz } = self
  switch (self.form) {
    case "Plane":
      return plane(own, sx, sy)
    case "Sphere":
      return ball(own, sx, 0)
    case "Ellipsoid":
      return ellipsoid(own, sx, sy, sz)
    case "Capsule":
      return Math.min(wall(own, sx, sz), ball(own, sx, sz), ball(own, sx, -sz))
    case "Cylinder":
      return Math.min(wall(own, sx, sz), disc(own, sx, sz), disc(own, sx, -sz))
    case "Box":
      return box(own, self.solid.size)
  }
}

/** Writes what stands upright on the surface at a point, of length 1, and where the point is in the solid's own axes. */
export const upright = (self: Placed, x: number, y: number, z: number, out: Float64Array): void => {
  turnInto(self, 0, x - self.x, y - self.y, z - self.z)
  const [px, py, pz] = [own[0]!, own[1]!, own[2]!]
  const { r, sx, sy, sz } = self
  let [nx, ny, nz] = [px, py, pz]
  switch (self.form) {
    case "Plane":
      ;[nx, ny, nz] = [0, 0, 1]
      break
    case "Ellipsoid":
      ;[nx, ny, nz] = [px / (sx * sx), py / (sy * sy), pz / (sz * sz)]
      break
    case "Capsule":
      nz = pz > sz ? pz - sz : pz < -sz ? pz + sz : 0
      break
    case "Cylinder":
      if (Math.abs(pz) >= sz - 1e-6 * (sx + sz)) [nx, ny] = [0, 0]
      else nz = 0
      break
    case "Box": {
      const [ax, ay, az] = [Math.abs(px) / sx, Math.abs(py) / sy, Math.abs(pz) / sz]
      if (ax >= ay && ax >= az) [ny, nz] = [0, 0]
      else if (ay >= az) [nx, nz] = [0, 0]
      else [nx, ny] = [0, 0]
      break
    }
    case "Sphere":
      break
  }
  const length = Math.sqrt(nx * nx + ny * ny + nz * nz) || 1
  out[0] = (r[0]! * nx + r[1]! * ny + r[2]! * nz) / length
  out[1] = (r[3]! * nx + r[4]! * ny + r[5]! * nz) / length
  out[2] = (r[6]! * nx + r[7]! * ny + r[8]! * nz) / length
  out[3] = px
  out[4] = py
}
