/** Environments around environments: what every wrapper is made with, and the one that training needs. */
import * as Effect from "effect/Effect"
import type { Key } from "../random/index.ts"
import { Snapshot } from "../state/index.ts"
import { EnvironmentError, refusal, type Environment, type Instance, type Spec } from "./Contract.ts"
import type * as Scene from "./Scene.ts"
import * as Space from "./Space.ts"

// models

/** What a wrapper changes of the instance inside; what it leaves out stays as it is. */
export interface Changes {
  readonly observation?: Space.Numbers
  readonly reward?: () => number
  readonly terminated?: () => boolean
  readonly truncated?: () => boolean
  readonly steps?: () => number
  readonly reset?: (key: Key.Key) => void
  readonly step?: (action: Space.Numbers) => void
  /** Of an instance inside that steps beside this thread. */
  readonly beside?: Instance["beside"]
  readonly render?: () => Scene.Picture
  /** The wrapper's own state; `load` runs after the instance inside has been restored. */
  readonly state?: {
    readonly save: () => Snapshot.Snapshot
    readonly load: (saved: Snapshot.Snapshot) => void
  }
}

// pure core

/** The spec of a world whose observations or rewards are no longer those that its goals are about. */
export const withoutGoals = <A extends Space.Space>(spec: Spec<A>): Spec<A> => {
  const { goals: _, ...rest } = spec
  return rest
}

// combinators

/**
 * A wrapper from what it changes: another spec, and for each instance the changes around it. The snapshot of a wrapper
 * with state is `{ inner, own }`; a wrapper without state leaves the snapshot alone.
 */
export const wrap = <A extends Space.Space, B extends Space.Space>(
  self: Environment<A>,
  spec: Spec<B>,
  change: (inner: Instance) => Changes
): Environment<B> => ({ spec, make: Effect.map(self.make, (inner) => changed(spec, inner, change(inner))) })

const changed = (spec: Spec, inner: Instance, changes: Changes): Instance => {
  const { reward, terminated, truncated, steps, state } = changes
  const render = changes.render ?? inner.render
  return {
    get observation() {
      return changes.observation ?? inner.observation
    },
    get reward() {
      return reward === undefined ? inner.reward : reward()
    },
    get terminated() {
      return terminated === undefined ? inner.terminated : terminated()
    },
    get truncated() {
      return truncated === undefined ? inner.truncated : truncated()
    },
    get steps() {
      return steps === undefined ? inner.steps : steps()
    },
    reset: changes.reset ?? ((key) => inner.reset(key)),
    step: changes.step ?? ((action) => inner.step(action)),
    snapshot:
      state === undefined ? () => inner.snapshot() : () => ({ inner: inner.snapshot(), own: state.save() }),
    restore: (snapshot) => {
      if (state === undefined) return inner.restore(snapshot)
      if (!Snapshot.isRecord(snapshot) || snapshot["inner"] === undefined || snapshot["own"] === undefined) {
        throw new EnvironmentError({
          environment: spec.id,
          step: inner.steps,
          what: "the snapshot was taken without this wrapper",
          fix: "Restore it into an environment with the same wrappers"
        })
      }
      inner.restore(snapshot["inner"])
      state.load(Snapshot.copy(snapshot["own"]))
    },
    ...(render === undefined ? {} : { render }),
    ...(changes.beside === undefined ? {} : { beside: changes.beside })
  }
}

/**
 * Actions in [-1, 1]^n for learners: each dimension is carried to its own bounds, `low + (u + 1) (high - low) / 2`,
 * computed in double precision and rounded once to the precision of the learner's action. An action outside [-1, 1]
 * is refused; a space that is [-1, 1] already stays as it is; one without bounds cannot be made.
 *
 * ```ts
 * const learned = Environment.rescaleActions(Pendulum.make()) // torque 2 u
 * ```
 */
export const rescaleActions = (self: Environment<Space.Box>): Environment<Space.Box> => {
  const { action: space, id } = self.spec
  if (Space.isUnit(space)) return self
  const spec = {
    ...self.spec,
    action: Space.box({ shape: space.shape, low: -1, high: 1, dtype: space.dtype }),
    units: space
  }
  if (!Space.isBounded(space)) {
    const reason = `the action space ${Space.format(space)} has no bounds to rescale to`
    return {
      spec,
      make: Effect.fail(new EnvironmentError({ environment: id, step: 0, what: reason, fix: "Bound it" }))
    }
  }
  const change = (inner: Instance): Changes => {
    const singles = new Float32Array(Space.size(space))
    const doubles = new Float64Array(Space.size(space))
    const rescaled = (action: Space.Numbers): Space.Numbers => {
      if (!Space.contains(spec.action, action)) throw refusal(spec, inner.steps, action)
      const numbers = action instanceof Float32Array ? singles : doubles
      Space.fromUnit(space, action, numbers)
      return numbers
    }
    const { beside } = inner
    return {
      step: (action) => inner.step(rescaled(action)),
      ...(beside === undefined
        ? {}
        : { beside: { ...beside, send: (action: Space.Numbers) => beside.send(rescaled(action)) } })
    }
  }
  const { makeBeside } = self
  return {
    ...wrap(self, spec, change),
    ...(makeBeside === undefined
      ? {}
      : {
          makeBeside: (lanes: number, workers: number) =>
            Effect.map(makeBeside(lanes, workers), (all) =>
              all.map((inner) => changed(spec, inner, change(inner)))
            )
        })
  }
}
