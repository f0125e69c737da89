/**
 * Vectors of environments: n copies that act as one batch. A copy whose episode has ended is reset in the same step, and
 * the observation that it ended with is kept apart, so no transition is lost. Copy i behaves as if it were alone: its
 * resets take `resetKey(key, i, episode)`.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Field } from "../config/index.ts"
import { Key } from "../random/index.ts"
import { Snapshot } from "../state/index.ts"
import { EnvironmentError, type Environment, type Instance, type Spec } from "./Contract.ts"
import type * as Scene from "./Scene.ts"
import * as Space from "./Space.ts"

// models

/** All arrays are overwritten by `reset` and `step`; rows are copies. */
export interface Vector {
  readonly n: number
  readonly spec: Spec
  /** `[n, ...shape]`: what to act on next; for a copy that has just ended, the start of its next episode. */
  readonly observations: Space.Numbers
  /** `[n, ...shape]`: what the last step has led to, before any reset. */
  readonly finalObservations: Space.Numbers
  /** `[n]` */
  readonly rewards: Float64Array
  /** `[n]`, 1 where the last step ended the episode. */
  readonly terminated: Uint8Array
  readonly truncated: Uint8Array
  readonly reset: (key: Key.Key) => void
  /** Actions `[n, ...shape]`. Throws an `EnvironmentError` that names the copy; copies before it have moved. */
  readonly step: (actions: Space.Numbers) => void
  /** Everything that the future depends on; after `restore`, what the last step gave is as after a reset. */
  readonly snapshot: () => Snapshot.Snapshot
  readonly restore: (snapshot: Snapshot.Snapshot) => void
  /** A picture of one copy. */
  readonly render?: (copy: number) => Scene.Scene
}

// pure core

/** The key of the reset that begins episode number `episode` of a copy. */
export const resetKey = (key: Key.Key, copy: number, episode: number): Key.Key =>
  Key.fold(Key.fold(key, copy), episode)

// constructors

/**
 * n copies of an environment.
 *
 * ```ts
 * const batch = yield* Environment.vector(16)(Pendulum.make())
 * batch.reset(key)
 * batch.step(actions) // [16, 1]
 * ```
 */
export const vector =
  (n: number) =>
  (environment: Environment): Effect.Effect<Vector, EnvironmentError, Scope.Scope> => {
    const copies = Array.from({ length: Field.make("vector", Field.positiveInt, n) }, () => environment.make)
    return Effect.map(Effect.all(copies), (instances) => join(environment.spec, instances))
  }

const join = (spec: Spec, copies: ReadonlyArray<Instance>): Vector => {
  const n = copies.length
  const size = Space.size(spec.observation)
  const width = Space.size(spec.action)
  const single = spec.observation.dtype === "float32"
  const allocate = () => (single ? new Float32Array(n * size) : new Float64Array(n * size))
  const observations = allocate()
  const finalObservations = allocate()
  const rewards = new Float64Array(n)
  const terminated = new Uint8Array(n)
  const truncated = new Uint8Array(n)
  const episodes = new Float64Array(n)
  const singles = new Float32Array(width)
  const doubles = new Float64Array(width)
  let key: Key.Key | undefined

  const fail = (reason: string, fix: string): never => {
    throw new EnvironmentError({ environment: spec.id, step: copies[0]?.steps ?? 0, what: reason, fix })
  }

  const begin = (copy: Instance, i: number, runKey: Key.Key): void => {
    copy.reset(resetKey(runKey, i, episodes[i]!))
    observations.set(copy.observation, i * size)
  }

  /** Nothing has been stepped yet. */
  const clear = (): void => {
    rewards.fill(0)
    terminated.fill(0)
    truncated.fill(0)
    finalObservations.set(observations)
  }

  const { render } = copies[0] ?? {}
  return {
    n,
    spec,
    observations,
    finalObservations,
    rewards,
    terminated,
    truncated,
    reset: (runKey) => {
      key = runKey
      episodes.fill(0)
      for (let i = 0; i < n; i++) begin(copies[i]!, i, runKey)
      clear()
    },
    step: (actions) => {
      if (key === undefined) return fail("a step before the first reset", "Call reset first")
      if (actions.length !== n * width) {
        return fail(`${actions.length} numbers for ${n} actions of ${width}`, `Give ${n * width} numbers`)
      }
      const action = actions instanceof Float32Array ? singles : doubles
      for (let i = 0; i < n; i++) {
        const copy = copies[i]!
        for (let j = 0; j < width; j++) action[j] = actions[i * width + j]!
        copy.step(action)
        rewards[i] = copy.reward
        terminated[i] = copy.terminated ? 1 : 0
        truncated[i] = copy.truncated ? 1 : 0
        finalObservations.set(copy.observation, i * size)
        if (copy.terminated || copy.truncated) {
          episodes[i] = episodes[i]! + 1
          begin(copy, i, key)
        } else observations.set(copy.observation, i * size)
      }
    },
    snapshot: () => ({
      copies: copies.map((copy) => copy.snapshot()),
      key: key === undefined ? null : { high: key.high, low: key.low },
      episodes: episodes.slice()
    }),
    restore: (snapshot) => {
      const saved = Snapshot.get(snapshot, "copies")
      if (!Array.isArray(saved) || saved.length !== n)
        return fail(`the snapshot has not ${n} copies`, "Use the same n")
      const savedKey = Snapshot.get(snapshot, "key")
      key =
        savedKey === null
          ? undefined
          : { high: Snapshot.getNumber(savedKey, "high"), low: Snapshot.getNumber(savedKey, "low") }
      episodes.set(Snapshot.getFloat64(snapshot, "episodes"))
      for (const [i, copy] of copies.entries()) {
        copy.restore(saved[i])
        observations.set(copy.observation, i * size)
      }
      clear()
    },
    ...(render === undefined
      ? {}
      : { render: (i: number) => copies[i]?.render?.() ?? fail(`no copy ${i}`, `0 to ${n - 1}`) })
  }
}
