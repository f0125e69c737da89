/** What an environment is: its spec, its instances, and what goes wrong in them. */
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { Fault, PartError } from "../config/index.ts"
import type { Key } from "../random/index.ts"
import type { Snapshot } from "../state/index.ts"
import type * as Goals from "./Goals.ts"
import type * as Scene from "./Scene.ts"
import * as Space from "./Space.ts"

// errors

/** A fault in the middle of an episode or at its start: which environment, at which step, what, and how to fix it. */
export class EnvironmentError
  extends Schema.TaggedError<EnvironmentError>()("EnvironmentError", {
    environment: Schema.String,
    /** Steps taken in this episode before the fault; 0 right after a reset. */
    step: Schema.Int,
    /** Steps taken in the run before it, where it came up in one, and the lane, where there are several. */
    ofRun: Schema.optionalKey(Schema.Int),
    lane: Schema.optionalKey(Schema.Int),
    /** A word for programs, where a world that is somebody else's process fails in several ways: `hung`, `died`. */
    reason: Schema.optionalKey(Schema.String),
    ...Fault.fields
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.failed
  get where(): string {
    const { environment, lane, ofRun, step } = this
    const run = ofRun === undefined ? "" : `, step ${ofRun} of the run`
    return `${environment}, step ${step} of its episode${run}${lane === undefined ? "" : `, lane ${lane}`}`
  }
  override get message(): string {
    return Fault.message(this)
  }
}

/** The same error, with the step of the run at which it came up, and the lane, if there are several. */
export const atStep = (error: EnvironmentError, ofRun: number, lane?: number): EnvironmentError => {
  const { environment, fix, reason, step, what } = error
  return new EnvironmentError({
    environment,
    step,
    ofRun,
    what,
    fix,
    ...(reason === undefined ? {} : { reason }),
    ...(lane === undefined ? {} : { lane })
  })
}

// models

/** What is known of an environment without making one. */
export interface Spec<A extends Space.Space = Space.Space> {
  /** A name with a version: `Pendulum-v1`. */
  readonly id: string
  readonly description: string
  readonly observation: Space.Box
  readonly action: A
  /** Where actions are carried from [-1, 1]: the world's own space. */
  readonly units?: Space.Box
  /** Episodes are truncated after this many steps. */
  readonly timeLimit?: number
  /** Seconds of the world in a step, where its steps are times: films are shown at this pace. */
  readonly timeStep?: number
  /** The mean return from which the task counts as solved. */
  readonly rewardThreshold?: number
  /** Where observations contain a goal: what hindsight replay needs to know. */
  readonly goals?: Goals.Goals
  /**
   * Where a snapshot can be gone on with exactly: everywhere if left out, else at the starts and ends of episodes. One that
   * is taken between cuts its episode off: what is restored is truncated.
   */
  readonly snapshots?: "episodes"
  /** Where its truth comes from: a paper, a release of another library. */
  readonly source?: string
  /** What else computes it, each with the release whose bits it has: `{ mujoco: "3.14.0" }`. */
  readonly libraries?: { readonly [name: string]: string }
}

/** What can go wrong with an environment: in the world itself, or in what somebody else has made of one. */
export type WorldError = EnvironmentError | PartError.PartError

/**
 * A live environment. `observation`, `reward`, `terminated` and `truncated` describe the last `reset` or `step`;
 * `observation` is one array that is overwritten. Methods throw an `EnvironmentError`.
 */
export interface Instance {
  readonly observation: Space.Numbers
  readonly reward: number
  readonly terminated: boolean
  readonly truncated: boolean
  /** Steps taken in this episode. */
  readonly steps: number
  readonly reset: (key: Key.Key) => void
  /** Numbers of the action space; a discrete action is an array of one index. */
  readonly step: (action: Space.Numbers) => void
  /** Everything that the future depends on. */
  readonly snapshot: () => Snapshot.Snapshot
  /** Continues from a snapshot, in this or another instance, bit for bit. */
  readonly restore: (snapshot: Snapshot.Snapshot) => void
  /** A picture of the current state, where the environment has one. */
  readonly render?: () => Scene.Picture
  /** Where the world steps beside this thread: the two halves of `step`. */
  readonly beside?: Beside
}

/** A step in two halves, between which other worlds step. */
export interface Beside {
  /** Begins the step; the action is taken at once. */
  readonly send: (action: Space.Numbers) => void
  /** Waits for what it gives; throws what `step` throws. */
  readonly collect: () => void
}

export interface Environment<A extends Space.Space = Space.Space> {
  readonly spec: Spec<A>
  readonly make: Effect.Effect<Instance, WorldError, Scope.Scope>
  /** So many instances on so many threads; left out, where other threads do not find the world (`Workers.foundAt`). */
  readonly makeBeside?: (
    lanes: number,
    workers: number
  ) => Effect.Effect<ReadonlyArray<Instance>, WorldError, Scope.Scope>
}

export type Wrapper = <A extends Space.Space>(self: Environment<A>) => Environment<A>

// pure core

/** The refusal of an action: says what is wrong with it. */
export const refusal = (spec: Spec, step: number, action: Space.Numbers): EnvironmentError => {
  const shown = `[${Array.from(action).join(", ")}]`
  const length = Space.size(spec.action)
  const [reason, fix] =
    action.length !== length
      ? [`the action ${shown} has ${action.length} numbers`, `It takes ${length}`]
      : action.some(Number.isNaN)
        ? [`the action ${shown} is not a number`, "Look for a diverged policy"]
        : [`the action ${shown} is outside the space`, `Actions come from ${Space.format(spec.action)}`]
  return new EnvironmentError({ environment: spec.id, step, what: reason, fix })
}

// combinators

/** Synchronous use of instances as an effect: what they throw on purpose becomes a typed failure. */
export const attempt = <A>(use: () => A): Effect.Effect<A, WorldError> =>
  Effect.try({
    try: use,
    catch: (cause) => {
      if (cause instanceof EnvironmentError || cause instanceof PartError.PartError) return cause
      throw cause
    }
  })
