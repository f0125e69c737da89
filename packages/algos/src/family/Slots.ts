/** What an algorithm consists of: one slot for each line of the mathematics. */
import type * as Draw from "@ornstein/core/Draw"
import type * as Learner from "@ornstein/core/Learner"
import type * as Network from "@ornstein/core/Network"
import type * as Optimizer from "@ornstein/core/Optimizer"
import type * as Parameters from "@ornstein/core/Parameters"
import type * as Scalars from "@ornstein/core/Scalars"
import type * as tf from "@tensorflow/tfjs-core"
import type { Pipeable } from "effect/Pipeable"

// models

/** A critic is a list of networks; DDPG's has one entry. Each gives `[batch, criticOutputs]`. */
export type Critics = Network.Critic<ReadonlyArray<tf.Tensor>>

/** A network beside actor and critics: of one input or of several. */
export type OtherNetwork = Network.Network<ReadonlyArray<tf.Tensor>>

/** The networks at the sizes of a run. */
export interface Networks {
  readonly actor: Network.Actor
  readonly critics: Critics
  /** Those of `Algorithm.networks`. */
  readonly others?: { readonly [name: string]: OtherNetwork }
}

/** The numbers of the networks. Acting and targets take running statistics; what a loss is given is in training. */
export interface Weights {
  readonly actor: Network.Weights
  readonly critics: Network.Weights
}

/** What one update has at hand. */
export interface Context {
  /** `[batch, observation]` */
  readonly s: tf.Tensor
  /** `[batch, action]`, in [-1, 1] */
  readonly a: tf.Tensor
  /** `[batch]` */
  readonly r: tf.Tensor
  /** `[batch]`: gamma^k, 0 after a termination */
  readonly discount: tf.Tensor
  /** `[batch, observation]` */
  readonly s2: tf.Tensor
  /** `[batch]`: importance weights, where the replay gives them */
  readonly weight: tf.Tensor | undefined
  /** The networks as they are now. */
  readonly online: Weights
  /** Their slowly moving copies; throws a `RangeError` for one that the algorithm's `targets` do not name. */
  readonly target: Weights
  /** A network beside actor and critics, or a copy of one; throws a `RangeError` where there is none of that name. */
  readonly network: (name: string) => Network.Weights
  /** What the update draws under a name; throws a `RangeError` where the algorithm's `draws` have none of that name. */
  readonly draw: (name: string) => tf.Tensor
  /** A scalar's value in this update; throws a `RangeError` where the algorithm's `scalars` have none of that name. */
  readonly scalar: (name: string) => tf.Tensor
  /** A coefficient's number, a scalar; throws a `RangeError` where there is none of that name. */
  readonly coefficient: (name: string) => tf.Tensor
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

/** The lines of the mathematics as they are called. What they give has the shape that stands here, or is refused. */
export interface Lines {
  /** mu(s) `[batch, action]`; stochastic policies take standard normal noise of that shape, and without it their best. */
  readonly policy: (actor: Network.Weights, s: tf.Tensor, noise?: tf.Tensor) => tf.Tensor
  /** The action at s' that the target is computed with, `[batch, action]`. */
  readonly targetAction: (c: Context) => tf.Tensor
  /**
   * What the critics together say of (s, a), `[batch]`: the value that targets are built from. It is given no draw: what
   * needs one, such as a random subset of critics, replaces `target`, whose context has `c.draw`.
   */
  readonly value: (critics: Network.Weights, s: tf.Tensor, a: tf.Tensor) => tf.Tensor
  /** What values at s' are worth at s, `r + discount v`: for v of shape `[batch]` or `[batch, n]`. */
  readonly backup: (c: Context, v: tf.Tensor) => tf.Tensor
  /** What the critics are fitted to: y `[batch]`, or a distribution `[batch, n]`. */
  readonly target: (c: Context) => tf.Tensor
  /** The loss of one error, elementwise. */
  readonly regression: (c: Context, error: tf.Tensor) => tf.Tensor
  readonly criticLoss: (c: Context, critics: Network.Weights, y: tf.Tensor) => CriticLoss
  /** What is added to the critics' loss, a scalar. */
  readonly criticPenalty?: (c: Context, critics: Network.Weights) => tf.Tensor
  /** What the actor climbs: Q(s, a) `[batch]`. */
  readonly policyValue: (critics: Network.Weights, s: tf.Tensor, a: tf.Tensor) => tf.Tensor
  /** scalar */
  readonly actorLoss: (c: Context, actor: Network.Weights) => tf.Tensor
  /** The new target parameters from the online and the old target ones. */
  readonly updateTarget: (
    c: Context,
    online: Parameters.Tensors,
    target: Parameters.Tensors
  ) => Parameters.Tensors
}

/** The finished algorithm at the sizes of a run: what a slot calls the others by. */
export interface Bound extends Lines {
  readonly sizes: Learner.Sizes
  /** The actor network itself: `[batch, action]`, of a stochastic policy `[batch, 2 action]`. */
  readonly actor: (actor: Network.Weights, s: tf.Tensor) => tf.Tensor
  /** The critic networks themselves: `[batch, criticOutputs]` of each. */
  readonly critics: (critics: Network.Weights, s: tf.Tensor, a: tf.Tensor) => ReadonlyArray<tf.Tensor>
  /** A network of `Algorithm.networks` itself. Throws a `RangeError` where there is none of that name. */
  readonly network: (name: string, weights: Network.Weights, ...inputs: ReadonlyArray<tf.Tensor>) => tf.Tensor
}

type Slot<Line> = Line extends (...args: infer Args) => infer Value
  ? (m: Bound, ...args: Args) => Value
  : never

/** A slot is a line that is given the finished algorithm `m` first, and so sees what variants have replaced. */
export type Slots = { readonly [Name in keyof Lines]: Slot<Lines[Name]> }

/**
 * A number that is learned together with the actor, such as a temperature or a multiplier. In its step, and in the
 * actor's, everybody sees the actor and the numbers as they were before.
 */
export interface Coefficient {
  readonly initial: number
  readonly optimizer: Optimizer.Optimizer
  /** scalar, from the number, a scalar */
  readonly loss: (m: Bound, c: Context, x: tf.Tensor) => tf.Tensor
  /** Scalars to report. */
  readonly metrics?: (m: Bound, c: Context, x: tf.Tensor) => Learner.Metrics
}

/**
 * A network beside actor and critics that learns by a loss of its own, such as an encoder or a model of the world. It moves
 * before the critics.
 */
export interface Other {
  readonly network: (self: Algorithm, sizes: Learner.Sizes) => OtherNetwork
  readonly optimizer: Optimizer.Optimizer
  /** scalar */
  readonly loss: (m: Bound, c: Context, weights: Network.Weights) => tf.Tensor
  /** It moves in every so many-th update. */
  readonly every: number
  /** Copies of it by name, made in every so many-th update, all at once: of the network itself or of another copy. */
  readonly copies: { readonly [copy: string]: string }
  readonly copyEvery: number
}

/** A policy that is deployed in place of the learned actor: see `Learner.Deployed`. */
export interface Deployed extends Learner.Deployed {
  /** What it keeps in the state, by name (`Extension.get`), as it begins: of the actor's own numbers. */
  readonly state: (actor: Parameters.Arrays) => { readonly [name: string]: Parameters.Arrays }
}

/** Which network, or which copy of one, a network finds beside it under a name. */
export interface Beside {
  readonly online: { readonly [name: string]: string }
  readonly target: { readonly [name: string]: string }
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
  /** What the statistics of a slowly moving copy are: those of the network, or what they were at first. */
  readonly targetStatistics: "copied" | "kept"
  readonly optimizers: { readonly actor: Optimizer.Optimizer; readonly critic: Optimizer.Optimizer }
  readonly coefficients: { readonly [name: string]: Coefficient }
  /** Networks beside actor and critics. */
  readonly networks: { readonly [name: string]: Other }
  /** What actor and critics, and their slow copies, find beside them (`Network.Weights`). */
  readonly beside: Beside
  /** What an update draws, by name. */
  readonly draws: { readonly [name: string]: (sizes: Learner.Sizes) => Draw.Draw }
  /** The numbers of its lines that may move along with the run, by name; those of the optimizers are theirs. */
  readonly scalars: Scalars.Scalars
  /** The actor moves in every `policyDelay`-th update, and the targets with it unless `targetEvery` says otherwise. */
  readonly policyDelay: number
  readonly targetEvery?: number
  /** Who is evaluated and saved, if it is not the actor itself. */
  readonly deployed?: Deployed
  /** Which of the options that it was given, defaults aside, each slot is made of; a slot that is not named, of none. */
  readonly madeOf: { readonly [slot: string]: ReadonlyArray<string> }
  /** Which variant replaced which slot. */
  readonly claims: { readonly [slot: string]: string }
  /** The variants in their order, and the algorithm before them. */
  readonly variants: ReadonlyArray<{ readonly name: string; readonly apply: Variant }>
  readonly origin: Algorithm | undefined
}

export type Variant = (self: Algorithm) => Algorithm

/** What a variant may replace; of records the entries one by one. */
export interface Replacement
  extends Partial<Omit<Algorithm, "madeOf" | "claims" | "variants" | "origin" | "pipe" | "optimizers">> {
  readonly optimizers?: Partial<Algorithm["optimizers"]>
}
