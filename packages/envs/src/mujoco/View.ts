/**
 * What a model looks like now: its geoms as solids, and a camera that follows the agent. Where geoms are is computed from
 * the positions alone, in data of its own, so that looking changes no bit of the physics, and so that a restored state looks
 * as it did.
 */
import type { MjData, MjModel } from "@mujoco/mujoco"
import * as Scene from "@ornstein/core/Scene"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Library from "./Library.ts"
import type * as Physics from "./Physics.ts"

// models

export interface View {
  /** The body that stays in the middle; left out, the camera stands still. */
  readonly follow?: string
  /** What the camera looks at: a place, or of what it follows, the height above the ground. */
  readonly target: Scene.Vector
  /** From the target, in metres. */
  readonly distance: number
  /** 90: from the right-hand side of who looks along x; 0: from behind. */
  readonly azimuth?: number
  /** Degrees above the target. */
  readonly elevation?: number
  /** The side of the ground's squares, in metres; default 1. */
  readonly square?: number
}

/** A geom as it is wherever it is: its number in the model, and the solid at no place yet. */
interface Geom {
  readonly index: number
  readonly solid: Omit<Scene.Solid, "position" | "rotation">
}

/** What MuJoCo's users are shown unless they ask for more: groups 0 to 2. */
const SHOWN = 3

// pure core

const formsOf = ({ mjtGeom }: Library.MuJoCo): ReadonlyMap<number, Scene.Solid["_tag"]> =>
  new Map([
    [mjtGeom.mjGEOM_PLANE.value, "Plane"],
    [mjtGeom.mjGEOM_SPHERE.value, "Sphere"],
    [mjtGeom.mjGEOM_CAPSULE.value, "Capsule"],
    [mjtGeom.mjGEOM_ELLIPSOID.value, "Ellipsoid"],
    [mjtGeom.mjGEOM_CYLINDER.value, "Cylinder"],
    [mjtGeom.mjGEOM_BOX.value, "Box"]
  ])

/** MuJoCo gives a radius and half a length, where there are such; planes have no end for whoever falls on them. */
const sizeOf = (form: Scene.Solid["_tag"], [a = 0, b = 0, c = 0]: Float64Array): Scene.Vector => {
  switch (form) {
    case "Plane":
      return [0, 0, 0]
    case "Sphere":
      return [a, a, a]
    case "Capsule":
    case "Cylinder":
      return [a, a, b]
    default:
      return [a, b, c]
  }
}

const colourOf = ([red = 0, green = 0, blue = 0]: Float32Array): Scene.Colour => [
  Math.round(255 * red),
  Math.round(255 * green),
  Math.round(255 * blue)
]

const geomsOf = (mujoco: Library.MuJoCo, model: MjModel, square: number): ReadonlyArray<Geom> => {
  const [types, groups]: [Int32Array, Int32Array] = [model.geom_type, model.geom_group]
  const [sizes, colours]: [Float64Array, Float32Array] = [model.geom_size, model.geom_rgba]
  const { checker, fill } = Scene.floor()
  const forms = formsOf(mujoco)
  return Array.from(types, (type, index): Geom | undefined => {
    const form = forms.get(type)
    const colour = colours.slice(4 * index, 4 * index + 4)
    if (form === undefined || colour[3] === 0 || groups[index]! >= SHOWN) return undefined
    const size = sizeOf(form, sizes.slice(3 * index, 3 * index + 3))
    return {
      index,
      solid:
        form === "Plane" && checker !== undefined
          ? { _tag: form, size, fill, checker: { ...checker, side: square } }
          : { _tag: form, size, fill: colourOf(colour) }
    }
  }).filter((geom) => geom !== undefined)
}

const vector = (numbers: Float64Array, i: number): Scene.Vector => [
  numbers[3 * i]!,
  numbers[3 * i + 1]!,
  numbers[3 * i + 2]!
]

const rotation = (m: Float64Array, i: number): Scene.Rotation => [
  m[9 * i]!,
  m[9 * i + 1]!,
  m[9 * i + 2]!,
  m[9 * i + 3]!,
  m[9 * i + 4]!,
  m[9 * i + 5]!,
  m[9 * i + 6]!,
  m[9 * i + 7]!,
  m[9 * i + 8]!
]

// constructors

/** The picture of a physics, made ready when it is asked for the first time, and freed with the scope. */
export const make = (
  physics: Physics.Physics,
  { azimuth = 90, distance, elevation = 15, follow, square = 1, target }: View
): Effect.Effect<() => Scene.Spatial, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync((): { data?: MjData; geoms?: ReadonlyArray<Geom>; body?: number } => ({})),
      ({ data }) => Effect.sync(() => data?.delete())
    ),
    (ready) => () =>
      physics.show((mujoco, model, physical) => {
        const data = (ready.data ??= new mujoco.MjData(model))
        const geoms = (ready.geoms ??= geomsOf(mujoco, model, square))
        const body = (ready.body ??=
          follow === undefined ? -1 : mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_BODY.value, follow))
        const [from, to]: [Float64Array, Float64Array] = [physical.qpos, data.qpos]
        to.set(from)
        mujoco.mj_kinematics(model, data)
        const [places, turns, bodies]: [Float64Array, Float64Array, Float64Array] = [
          data.geom_xpos,
          data.geom_xmat,
          data.xpos
        ]
        const [x, y] = body < 0 ? target : vector(bodies, body)
        return Scene.spatial(
          geoms.map(({ index, solid }) => ({
            ...solid,
            position: vector(places, index),
            rotation: rotation(turns, index)
          })),
          Scene.orbit([x, y, target[2]], { distance, azimuth, elevation })
        )
      })
  )
