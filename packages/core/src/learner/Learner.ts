/**
 * Learners: what training needs of an algorithm, and nothing else. A learner is a description: how its numbers begin,
 * which program acts, which programs learn from a minibatch, and in which rhythm. Training compiles it once.
 */
import type * as NdArray from "@ornstein/jit/NdArray"
import type * as tf from "@tensorflow/tfjs-core"
import type * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { Fault } from "../config/index.ts"
import type { Environment } from "../environment/index.ts"
import type { Key } from "../random/index.ts"
import type * as Decision from "./Decision.ts"
import type * as Draw from "./Draw.ts"
import type * as Optimizer from "./Optimizer.ts"
import type * as Parameters from "./Parameters.ts"
import type * as Scalars from "./Scalars.ts"

// errors

/** A variant that changes no program, because nothing reads the slots that it replaces. */
export class IdleVariant
  extends Schema.TaggedError<IdleVariant>()("IdleVariant", {
    variant: Schema.String,
    slots: Schema.Array(Schema.String),
    /** The variants that replaced what would read them. */
    hiddenBy: Schema.Array(Schema.String)
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get what(): string {
    const slots = this.slots.map((slot) => `"${slot}"`).join(", ")
    const because = this.hiddenBy.length === 0 ? "" : ` beside ${this.hiddenBy.join(" and ")}`
    return `${this.variant} has no effect${because}: nothing reads ${slots}, which it replaces`
  }
  get fix(): string {
    return "Leave it out"
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// models

/** The widths that the environment and the configuration fix. */
export interface Sizes {
  readonly observation: number
  /** Dimensions of a box, or the number of discrete actions. */
  readonly action: number
  readonly batch: number
  /** Does the replay give a `weight` for every row of a minibatch? */
  readonly isWeighted?: boolean
}

/** All numbers of a learner: networks, their slowly moving copies, and what each optimizer remembers. */
export interface State<L> {
  readonly online: { readonly [network: string]: Parameters.Parameters<L> }
  readonly target: { readonly [network: string]: Parameters.Parameters<L> }
  readonly optimizer: { readonly [network: string]: Optimizer.State<L> }
  /** What networks keep of the inputs that they have seen, and what their slow copies do; absent where none keeps any. */
  readonly statistics?: {
    readonly online: { readonly [network: string]: Parameters.Parameters<L> }
    readonly target: { readonly [network: string]: Parameters.Parameters<L> }
  }
  /** What an `Extension` keeps beside the learner's own numbers. */
  readonly extension?: { readonly [name: string]: Parameters.Parameters<L> }
}

/** What one update is given: a minibatch, what is drawn by key, and the values of its scalars. */
export interface Inputs<L> {
  readonly batch: { readonly [field: string]: L }
  readonly draws: { readonly [name: string]: L }
  readonly scalars: { readonly [name: string]: L }
}

/** What an update reports: scalars by name, averaged over updates; `error` `[batch]` feeds priorities. */
export type Metrics = { readonly [name: string]: tf.Tensor }

/** A part of the update that happens in every `every`-th update. Later phases see what earlier ones changed. */
export interface Phase {
  readonly name: string
  readonly every: number
  readonly update: (
    state: State<tf.Tensor>,
    inputs: Inputs<tf.Tensor>
  ) => readonly [state: State<tf.Tensor>, metrics: Metrics]
}

/**
 * A policy that is deployed in place of the learned one: what is evaluated and saved. It is of the same network with other
 * numbers, which `Plan.init` puts into `State.extension`: an average of the learned ones over time, or those of a moment
 * whose episodes were good. All that it remembers is there, so it is resumed like the rest; every number stays finite.
 */
export interface Deployed {
  /** The parameters of the network `Plan.policy` that act. Statistics are those of the learned one. */
  readonly policy: (state: State<tf.Tensor>) => Parameters.Tensors
  /** Does it gather experience, too? Otherwise the learned one does. */
  readonly gathers: boolean
  /** The state after an update. */
  readonly learned?: (state: State<tf.Tensor>) => State<tf.Tensor>
  /** The state after an episode has ended in training, of several lanes in their order: its return and length, scalars. */
  readonly ended?: (
    state: State<tf.Tensor>,
    episode: { readonly return: tf.Tensor; readonly length: tf.Tensor }
  ) => State<tf.Tensor>
}

/** The learner at the sizes of one run. */
export interface Plan {
  readonly init: (key: Key.Key) => State<NdArray.NdArray>
  /** The fields of a minibatch; the replay must have them all. */
  readonly batch: { readonly [field: string]: NdArray.Spec }
  /** What an update draws. */
  readonly draws: { readonly [name: string]: Draw.Draw }
  /** Its numbers that may move along with the run, by name. */
  readonly scalars: Scalars.Scalars
  /** The name of the network that acts. */
  readonly policy: string
  /** How many normal numbers a stochastic policy takes to act; a deterministic one takes 0. */
  readonly actionNoise: number
  /** The policy: observations `[rows, observation]` and their noise `[rows, actionNoise]` to `[rows, action]`. */
  readonly act: (state: State<tf.Tensor>, observation: tf.Tensor, noise: tf.Tensor | undefined) => tf.Tensor
  readonly phases: ReadonlyArray<Phase>
  /** Who is evaluated and saved, if it is not the learned policy. */
  readonly deployed?: Deployed
  /** What of it has no effect, which can be said once its programs are traced. */
  readonly idle?: () => IdleVariant | undefined
}

/**
 * An algorithm ready to be trained. `R` is the service that its environment comes from, `Environment.Continuous` or
 * `Environment.Discrete`: a program that provides the other one does not compile.
 */
export interface Learner<R> {
  readonly name: string
  readonly environment: Effect.Effect<Environment.Environment, never, R>
  /** The discount per step, which minibatches are sampled with. */
  readonly gamma: number
  /** Does it learn once from each whole rollout of its own actions? See `OnPolicy`. */
  readonly isOnPolicy?: boolean
  readonly plan: (sizes: Sizes) => Plan
  /** How the policy's output becomes an action. */
  readonly decision: Decision.Decision
}

// pure core

/** The entry of this name (a network, an optimizer's memory, a program); throws a `RangeError` if there is none. */
export const get = <A>(entries: { readonly [name: string]: A }, name: string): A => {
  const found = entries[name]
  if (found === undefined) throw new RangeError(`there is no "${name}"`)
  return found
}

/** The phases that are due in update number `n`, counted from 1. */
export const due = (phases: ReadonlyArray<Phase>, n: number): ReadonlyArray<Phase> =>
  phases.filter((phase) => n % phase.every === 0)

/** The name of the program that runs these phases: `critic+actor+targets`. */
export const programName = (phases: ReadonlyArray<Phase>): string =>
  phases.map((phase) => phase.name).join("+")

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/** After how many updates the rhythm of the phases repeats. */
export const period = (phases: ReadonlyArray<Phase>): number =>
  phases.reduce((lcm, { every }) => (lcm * every) / gcd(lcm, every), 1)

/** Every set of phases that is ever due together, by program name. */
export const programs = (phases: ReadonlyArray<Phase>): ReadonlyMap<string, ReadonlyArray<Phase>> => {
  const sets = new Map<string, ReadonlyArray<Phase>>()
  for (let n = 1; n <= period(phases); n++) {
    const set = due(phases, n)
    if (set.length > 0) sets.set(programName(set), set)
  }
  return sets
}

/** The phases one after the other, as one function. */
export const sequence =
  (phases: ReadonlyArray<Phase>): Phase["update"] =>
  (state, inputs) =>
    phases.reduce<readonly [State<tf.Tensor>, Metrics]>(
      ([current, reported], phase) => {
        const [next, metrics] = phase.update(current, inputs)
        return [next, { ...reported, ...metrics }]
      },
      [state, {}]
    )
