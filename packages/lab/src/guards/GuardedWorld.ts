/** A world, or a wrapper around one, whose methods are watched. */
import * as Environment from "@ornstein/core/Environment"
import type * as Scene from "@ornstein/core/Scene"
import * as Space from "@ornstein/core/Space"
import * as JsonPath from "@ornstein/core/JsonPath"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Guard from "./Guard.ts"
import { Words } from "../terminal/index.ts"

// pure core: what a world says of itself

const isSize = (u: unknown): boolean => typeof u === "number" && Number.isInteger(u) && u >= 1

const isPositive = (u: unknown): boolean => typeof u === "number" && u > 0 && Number.isFinite(u)

const isBox = (u: unknown): boolean => {
  if (!JsonPath.isRecord(u) || u["_tag"] !== "Box") return false
  const { dtype, high, low, shape } = u
  if (!Array.isArray(shape) || !Array.isArray(low) || !Array.isArray(high)) return false
  const size = shape.reduce((product: number, n: unknown) => product * Number(n), 1)
  return (
    shape.every(isSize) &&
    [low, high].every((bounds) => bounds.length === size && bounds.every((x) => typeof x === "number")) &&
    low.every((x: number, i) => x <= Number(high[i])) &&
    (dtype === "float32" || dtype === "float64")
  )
}

const isDiscrete = (u: unknown): boolean => JsonPath.isRecord(u) && u["_tag"] === "Discrete" && isSize(u["n"])

const isGoals = (u: unknown): boolean =>
  JsonPath.isRecord(u) &&
  isSize(u["size"]) &&
  ["achieved", "setGoal", "reward", "isTerminal"].every((name) => typeof u[name] === "function")

const isLibraries = (u: unknown): boolean =>
  JsonPath.isRecord(u) && Object.values(u).every((release) => typeof release === "string")

const fields: ReadonlyArray<readonly [name: string, is: (u: unknown) => boolean, what: string]> = [
  ["id", (u) => typeof u === "string" && u !== "", "a name"],
  ["description", (u) => typeof u === "string", "a text"],
  ["observation", isBox, "a Space.box whose bounds are numbers"],
  ["action", (u) => isBox(u) || isDiscrete(u), "a Space.box or a Space.discrete"],
  ["timeLimit", (u) => u === undefined || isSize(u), "a number of steps, or nothing"],
  ["timeStep", (u) => u === undefined || isPositive(u), "seconds, or nothing"],
  ["rewardThreshold", (u) => u === undefined || Number.isFinite(u), "a finite number, or nothing"],
  ["goals", (u) => u === undefined || isGoals(u), "goals with their methods, or nothing"],
  ["libraries", (u) => u === undefined || isLibraries(u), "releases by name, or nothing"]
]

/** A world from which instances can be made. */
export const aWorld: Guard.Wrong = (made) => {
  if (!JsonPath.isRecord(made)) return "an environment: Environment.define makes one"
  const { make, spec } = made
  if (!JsonPath.isRecord(spec)) return "an environment with a spec: Environment.define makes one"
  const mistaken = fields.find(([name, is]) => !is(spec[name]))
  if (mistaken !== undefined) {
    const [name, , what] = mistaken
    return `an environment whose spec.${name} is ${what}, which is ${Words.shown(spec[name])}`
  }
  return Effect.isEffect(make) ? undefined : "an environment whose make is an Effect"
}

// pure core: what an instance gives

const isFinite = (x: number): boolean => Number.isFinite(x)

const anObservation =
  (space: Space.Box): Guard.Wrong =>
  (made) => {
    const size = Space.size(space)
    const isRight = space.dtype === "float32" ? made instanceof Float32Array : made instanceof Float64Array
    if (!isRight || !(made instanceof Float32Array || made instanceof Float64Array) || made.length !== size) {
      return `a ${space.dtype === "float32" ? "Float32Array" : "Float64Array"} of ${size}`
    }
    const bad = made.findIndex((x) => !isFinite(x))
    return bad < 0 ? undefined : `finite numbers: element ${bad} of the observation is ${made[bad]}`
  }

const aReward: Guard.Wrong = (made) =>
  isFinite(Number(made)) && typeof made === "number"
    ? undefined
    : `a finite number${typeof made === "number" ? `: the reward is ${made}` : ""}`

const isPoint = (u: unknown): boolean =>
  Array.isArray(u) && u.length >= 2 && u.every((x) => isFinite(Number(x)))

const isShape = (u: unknown): boolean => {
  if (!JsonPath.isRecord(u)) return false
  switch (u["_tag"]) {
    case "Polygon":
    case "Line":
      return Array.isArray(u["points"]) && u["points"].every(isPoint) && isPoint(u["fill"] ?? u["stroke"])
    case "Circle":
      return isPoint(u["centre"]) && Number.isFinite(u["radius"]) && isPoint(u["fill"])
    case "Text":
      return (
        isPoint(u["at"]) &&
        typeof u["text"] === "string" &&
        Number.isFinite(u["height"]) &&
        isPoint(u["fill"])
      )
    case "Pixels":
      return (
        isPoint(u["at"]) &&
        [u["width"], u["height"], u["columns"]].every(isPositive) &&
        u["colours"] instanceof Uint8Array
      )
    default:
      return false
  }
}

const areNumbers = (u: unknown, size: number): u is ReadonlyArray<number> =>
  Array.isArray(u) && u.length === size && u.every(Number.isFinite)

const isSolid = (u: unknown): boolean => {
  if (!JsonPath.isRecord(u)) return false
  const { _tag, checker, fill, position, rotation, size } = u
  return (
    ["Plane", "Sphere", "Ellipsoid", "Capsule", "Cylinder", "Box"].includes(String(_tag)) &&
    areNumbers(size, 3) &&
    size.every((x) => x >= 0) &&
    areNumbers(position, 3) &&
    areNumbers(rotation, 9) &&
    areNumbers(fill, 3) &&
    (checker === undefined ||
      (JsonPath.isRecord(checker) && areNumbers(checker["fill"], 3) && isPositive(checker["side"])))
  )
}

const isCamera = (u: unknown): boolean => {
  if (!JsonPath.isRecord(u)) return false
  const { eye, fieldOfView, target, up } = u
  return (
    areNumbers(eye, 3) &&
    areNumbers(target, 3) &&
    areNumbers(up, 3) &&
    eye.some((x, i) => x !== target[i]) &&
    isPositive(fieldOfView) &&
    Number(fieldOfView) < 180
  )
}

const aSpatial: Guard.Wrong = (made) => {
  if (!JsonPath.isRecord(made)) return "a Scene.spatial"
  const { aspect, camera, sky, solids } = made
  if (!isCamera(camera)) return "a Scene.spatial with a camera: Scene.orbit makes one"
  if (!isPositive(aspect)) return "a Scene.spatial whose aspect is a number above 0"
  if (!JsonPath.isRecord(sky) || !areNumbers(sky["horizon"], 3) || !areNumbers(sky["zenith"], 3)) {
    return "a Scene.spatial with a sky: two colours, horizon and zenith"
  }
  const bad = Array.isArray(solids) ? solids.findIndex((solid) => !isSolid(solid)) : 0
  return bad < 0
    ? undefined
    : `a Scene.spatial with a list of solids${Array.isArray(solids) ? `: number ${bad} is none` : ""}`
}

/** A picture that can be drawn. */
const aPicture: Guard.Wrong = (made) => {
  if (!JsonPath.isRecord(made)) return "a Scene"
  if (made["_tag"] === "Spatial") return aSpatial(made)
  const { background, bottom, left, right, shapes, top } = made
  if (
    ![left, right, bottom, top].every(Number.isFinite) ||
    !(Number(left) < Number(right)) ||
    !(Number(bottom) < Number(top))
  ) {
    return "a Scene with left < right and bottom < top"
  }
  if (!isPoint(background)) return "a Scene with a background: red, green, blue"
  const bad = Array.isArray(shapes) ? shapes.findIndex((shape) => !isShape(shape)) : 0
  return bad < 0
    ? undefined
    : `a Scene with a list of shapes${Array.isArray(shapes) ? `: number ${bad} is none` : ""}`
}

const instanceMethods = Guard.methods("reset", "step", "snapshot", "restore")

// instances

const instance = (
  who: Guard.Who,
  { action: actions, observation: space }: Environment.Spec,
  inner: Environment.Instance
): Environment.Instance => {
  const observation = Space.allocate(space)
  const seen = { reward: 0, terminated: false, truncated: false, steps: 0 }
  const at = (): string => `step ${seen.steps} of its episode`
  const isObservation = anObservation(space)
  let isKept = false

  const call = <A>(method: string, run: () => A, wrong: Guard.Wrong = Guard.nothing): A =>
    Guard.call(who, method, run, wrong, { at })
  /** Takes over what the world shows. */
  const look = (): void => {
    observation.set(call("observation", () => inner.observation, isObservation))
    seen.reward = call("reward", () => inner.reward, aReward)
    seen.terminated = call("terminated", () => inner.terminated, Guard.aBoolean)
    seen.truncated = call("truncated", () => inner.truncated, Guard.aBoolean)
    seen.steps = call("steps", () => inner.steps, Guard.aCount)
  }
  const step = (action: Space.Numbers): void => {
    // An action from outside the space is not the world's fault, and what it says of it stays as it is.
    if (Space.contains(actions, action)) return call("step", () => inner.step(action))
    const result = Result.try(() => inner.step(action))
    if (Result.isSuccess(result)) return
    const { failure } = result
    if (failure instanceof Environment.EnvironmentError) throw failure
    return call("step", () => {
      throw failure
    })
  }
  const guarded = {
    observation,
    get reward() {
      return seen.reward
    },
    get terminated() {
      return seen.terminated
    },
    get truncated() {
      return seen.truncated
    },
    get steps() {
      return seen.steps
    },
    reset: (key: Parameters<Environment.Instance["reset"]>[0]): void => {
      seen.steps = 0
      call("reset", () => inner.reset(key))
      look()
      // What no checkpoint can hold is said before the first step, and not at the first checkpoint.
      if (!isKept) guarded.snapshot()
      isKept = true
    },
    step: (action: Space.Numbers): void => {
      const { steps } = seen
      step(action)
      look()
      // An episode that does not get on would have no end.
      if (seen.steps <= steps) {
        Guard.fail(who, `its step left steps at ${seen.steps}`, "Expected one more after every step", { at })
      }
    },
    snapshot: () => call("snapshot", () => inner.snapshot(), Guard.aSnapshot),
    restore: (snapshot: Parameters<Environment.Instance["restore"]>[0]): void => {
      call("restore", () => inner.restore(snapshot))
      look()
    }
  }
  const render = call(
    "render",
    () => inner.render,
    (made) => (made === undefined || typeof made === "function" ? undefined : "a method, or nothing")
  )
  return render === undefined
    ? guarded
    : Object.defineProperties(guarded, {
        render: { value: (): Scene.Picture => call("render", () => render.call(inner), aPicture) }
      })
}

// combinators

/** The world, whose instances are watched. */
export const world = <A extends Space.Space>(
  who: Guard.Who,
  self: Environment.Environment<A>
): Environment.Environment<A> => ({
  spec: self.spec,
  make: Effect.map(
    Guard.effect(who, "make", () => self.make, instanceMethods, { isAtWork: false }),
    (made) => instance(who, self.spec, made)
  )
})

/** The wrapper, whose worlds are watched. */
export const wrapper =
  (who: Guard.Who, wrap: Environment.Wrapper): Environment.Wrapper =>
  (self) =>
    world(
      who,
      Guard.call(who, "wrapping", () => wrap(self), aWorld, { isAtWork: false })
    )
