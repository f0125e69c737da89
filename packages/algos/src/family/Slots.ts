/** What an algorithm consists of: one slot for each line of the mathematics. */
import type * as NdArray from "@ornstein/jit/NdArray"
import type * as tf from "@tensorflow/tfjs-core"
import type { Pipeable } from "effect/Pipeable"
import type * as Learner from "@ornstein/core/Learner"
import type * as Network from "@ornstein/core/Network"
import type * as Optimizer from "@ornstein/core/Optimizer"
import type * as Parameters from "@ornstein/core/Parameters"

// models

/** What one update has at hand. */
export interface Context {
  readonly state: Learner.State<tf.Tensor>
  readonly batch: {
    /** `[batch, observation]` */
    readonly observation: tf.Tensor
    /** `[batch, action]`, in [-1, 1] */
    readonly action: tf.Tensor
    /** `[batch]` */
    readonly reward: tf.Tensor
    /** `[batch]`: gamma^k, 0 after a termination */
    readonly discount: tf.Tensor
    /** `[batch, observation]` */
    readonly nextObservation: tf.Tensor
    /** `[batch]`: importance weights, where the replay gives them */
    readonly weight: tf.Tensor | undefined
  }
  readonly noise: { readonly [name: string]: tf.Tensor }
}

/** A critic is a list of networks; DDPG's has one entry. Each gives `[batch, criticOutputs]`. */
export type Critics = Network.Critic<ReadonlyArray<tf.Tensor>>

/** The networks for the sizes of a run, with the slots that compute on them. */
export interface Bound extends Slots {
  readonly sizes: Learner.Sizes
  readonly actor: Network.Actor
  readonly critics: Critics
}

export interface CriticLoss {
  /** scalar */
  readonly loss: tf.Tensor
  /** `[batch]`: y - Q(s, a), or what else a replay should take for the size of the surprise */
  readonly error: tf.Tensor
  /** `[batch]`: Q(s, a) */
  readonly value: tf.Tensor
  /** Further scalars to report. */
  readonly metrics?: Learner.Metrics
}

/** The lines of the mathematics. `model` is the finished algorithm, `c` the update at hand. */
export interface Slots {
  /** mu(s) `[batch, action]`; stochastic policies take standard normal noise of that shape. */
  readonly action: (
    model: Bound,
    actor: Parameters.Tensors,
    s: tf.Tensor,
    noise: tf.Tensor | undefined
  ) => tf.Tensor
  /** The action at s' that the target is computed with, `[batch, action]`. */
  readonly targetAction: (model: Bound, c: Context) => tf.Tensor
  /** What the critics together say of (s, a), `[batch]`: the value that targets are built from. */
  readonly value: (model: Bound, critics: Parameters.Tensors, s: tf.Tensor, a: tf.Tensor) => tf.Tensor
  /** What values at s' are worth at s, `r + discount v`: for v of shape `[batch, n]`. */
  readonly backup: (model: Bound, c: Context, next: tf.Tensor) => tf.Tensor
  /** What the critics are fitted to: y `[batch]`, or a distribution for each sample. */
  readonly target: (model: Bound, c: Context) => tf.Tensor
  /** The loss of one error, elementwise. */
  readonly regression: (error: tf.Tensor) => tf.Tensor
  readonly criticLoss: (model: Bound, c: Context, critics: Parameters.Tensors, y: tf.Tensor) => CriticLoss
  /** What is added to the critics' loss, a scalar. */
  readonly criticPenalty?: (model: Bound, c: Context, critics: Parameters.Tensors) => tf.Tensor
  /** What the actor climbs: Q(s, a) `[batch]`. */
  readonly policyValue: (model: Bound, critics: Parameters.Tensors, s: tf.Tensor, a: tf.Tensor) => tf.Tensor
  /** scalar */
  readonly actorLoss: (model: Bound, c: Context, actor: Parameters.Tensors) => tf.Tensor
  /** The new target parameters from the online and the old target ones. */
  readonly updateTarget: (online: Parameters.Tensors, target: Parameters.Tensors) => Parameters.Tensors
}

/**
 * A number that is learned together with the actor, such as a temperature or a multiplier. In its step, and in the
 * actor's, everybody sees the actor and the numbers as they were before.
 */
export interface Coefficient {
  readonly initial: number
  readonly optimizer: Optimizer.Optimizer
  /** scalar, from the number, a scalar */
  readonly loss: (model: Bound, c: Context, x: tf.Tensor) => tf.Tensor
  /** Scalars to report. */
  readonly metrics?: (model: Bound, c: Context, x: tf.Tensor) => Learner.Metrics
}

export interface Algorithm extends Slots, Pipeable {
  readonly name: string
  readonly gamma: number
  /** Builds the actor that the rest of the record describes. */
  readonly actor: (self: Algorithm, sizes: Learner.Sizes) => Network.Actor
  /** Builds one critic network that the rest of the record describes. */
  readonly critic: (self: Algorithm, sizes: Learner.Sizes) => Network.Critic
  /** Layer normalisation in the hidden layers of actor and critics. */
  readonly layerNorm: boolean
  readonly criticCount: number
  /** The width of a critic's last layer. */
  readonly criticOutputs: number
  /** A stochastic policy's actor gives a mean and a log standard deviation per action, and acting takes noise. */
  readonly isStochastic: boolean
  /** Networks with a slowly moving copy. */
  readonly targets: ReadonlyArray<"actor" | "critic">
  readonly optimizers: { readonly actor: Optimizer.Optimizer; readonly critic: Optimizer.Optimizer }
  readonly coefficients: { readonly [name: string]: Coefficient }
  /** Normal numbers that an update takes, by name. */
  readonly noise: { readonly [name: string]: (sizes: Learner.Sizes) => NdArray.Spec }
  /** The actor moves in every `policyDelay`-th update, and the targets with it unless `targetEvery` says otherwise. */
  readonly policyDelay: number
  readonly targetEvery?: number
  /** Which of the options that it was given, defaults aside, each slot is made of; a slot that is not named, of none. */
  readonly madeOf: { readonly [slot: string]: ReadonlyArray<string> }
  /** Which variant replaced which slot. */
  readonly claims: { readonly [slot: string]: string }
  /** The variants in their order, and the algorithm before them. */
  readonly variants: ReadonlyArray<{ readonly name: string; readonly apply: Variant }>
  readonly origin: Algorithm | undefined
}

export type Variant = (self: Algorithm) => Algorithm

/** What a variant may replace. */
export type Replacement = Partial<Omit<Algorithm, "madeOf" | "claims" | "variants" | "origin" | "pipe">>
