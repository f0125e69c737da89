/**
 * Algorithms of the deterministic policy gradient as records of slots. Each slot is one line of the mathematics; **a
 * variant is a function `Algorithm => Algorithm`** that replaces a few slots:
 *
 * ```ts
 * const td3 = Ddpg.make(options).pipe(twinCritics, targetPolicySmoothing({ sigma: 0.2, clip: 0.5 }), delayedPolicy(2))
 * ```
 *
 * Slots are given the whole model, so a slot that one variant replaced is seen by all others. Two variants that want
 * the same slot are refused; variants on different slots commute.
 */
import type * as NdArray from "@ornstein/jit/NdArray"
import * as Trace from "@ornstein/jit/Trace"
import * as tf from "@tensorflow/tfjs-core"
import * as Effect from "effect/Effect"
import { type Pipeable, pipeArguments } from "effect/Pipeable"
import * as Schema from "effect/Schema"
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Learner from "@ornstein/core/Learner"
import * as Network from "@ornstein/core/Network"
import type * as Optimizer from "@ornstein/core/Optimizer"
import type * as Parameters from "@ornstein/core/Parameters"
import * as Phases from "./Phases.ts"
import * as Programs from "@ornstein/core/Programs"

// errors

const listed = (names: ReadonlyArray<string>): string => names.map((name) => `"${name}"`).join(", ")

/** Two variants want to replace the same slots. */
export class VariantConflict extends Schema.TaggedError<VariantConflict>()("VariantConflict", {
  slots: Schema.Array(Schema.String),
  first: Schema.String,
  second: Schema.String
}) {
  override get message(): string {
    return `${this.first} and ${this.second} both replace ${listed(this.slots)}. Leave one of them out`
  }
}

/** An option that nobody reads, because a variant replaced every slot that was made of it. */
export class IdleOption extends Schema.TaggedError<IdleOption>()("IdleOption", {
  option: Schema.String,
  variant: Schema.String
}) {
  override get message(): string {
    return `${this.option} has no effect: ${this.variant} replaces all that is made of it. Leave one of them out`
  }
}

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
export interface Model extends Slots {
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
    model: Model,
    actor: Parameters.Tensors,
    s: tf.Tensor,
    noise: tf.Tensor | undefined
  ) => tf.Tensor
  /** The action at s' that the target is computed with, `[batch, action]`. */
  readonly targetAction: (model: Model, c: Context) => tf.Tensor
  /** What the critics together say of (s, a), `[batch]`: the value that targets are built from. */
  readonly value: (model: Model, critics: Parameters.Tensors, s: tf.Tensor, a: tf.Tensor) => tf.Tensor
  /** What values at s' are worth at s, `r + discount v`: for v of shape `[batch, n]`. */
  readonly backup: (model: Model, c: Context, next: tf.Tensor) => tf.Tensor
  /** What the critics are fitted to: y `[batch]`, or a distribution for each sample. */
  readonly target: (model: Model, c: Context) => tf.Tensor
  /** The loss of one error, elementwise. */
  readonly regression: (error: tf.Tensor) => tf.Tensor
  readonly criticLoss: (model: Model, c: Context, critics: Parameters.Tensors, y: tf.Tensor) => CriticLoss
  /** What is added to the critics' loss, a scalar. */
  readonly criticPenalty?: (model: Model, c: Context, critics: Parameters.Tensors) => tf.Tensor
  /** What the actor climbs: Q(s, a) `[batch]`. */
  readonly policyValue: (model: Model, critics: Parameters.Tensors, s: tf.Tensor, a: tf.Tensor) => tf.Tensor
  /** scalar */
  readonly actorLoss: (model: Model, c: Context, actor: Parameters.Tensors) => tf.Tensor
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
  readonly loss: (model: Model, c: Context, x: tf.Tensor) => tf.Tensor
  /** Scalars to report. */
  readonly metrics?: (model: Model, c: Context, x: tf.Tensor) => Learner.Metrics
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

// constructors

/** An algorithm from its slots; variants are applied with `.pipe(...)`. */
export const make = (
  algorithm: Omit<Algorithm, "madeOf" | "claims" | "variants" | "origin" | "pipe"> &
    Partial<Pick<Algorithm, "madeOf">>
): Algorithm => ({
  madeOf: {},
  ...algorithm,
  claims: {},
  variants: [],
  origin: undefined,
  pipe() {
    return pipeArguments(this, arguments)
  }
})

/** The slots that a replacement holds; of noises and coefficients each one is a slot. */
const claimed = (replaced: Replacement): ReadonlyArray<string> => [
  ...Object.keys(replaced).filter((slot) => !["name", "noise", "coefficients"].includes(slot)),
  ...Object.keys(replaced.noise ?? {}).map((name) => `noise.${name}`),
  ...Object.keys(replaced.coefficients ?? {}).map((name) => `coefficients.${name}`)
]

/** The options that a slot is made of which only replaced slots are made of. */
const idleOption = (
  madeOf: Algorithm["madeOf"],
  claims: Algorithm["claims"],
  slots: ReadonlyArray<string>
): string | undefined => {
  const alive = new Set(
    Object.entries(madeOf).flatMap(([slot, options]) => (claims[slot] === undefined ? options : []))
  )
  return slots.flatMap((slot) => madeOf[slot] ?? []).find((option) => !alive.has(option))
}

/**
 * A variant that replaces slots; `slots` is given the algorithm before. Throws a `VariantConflict` when another
 * variant holds one of them, and an `IdleOption` when an option that was given is used by nobody then.
 *
 * ```ts
 * const absolute = Algorithm.variant("absolute", () => ({ regression: (error) => tf.abs(error) }))
 * ```
 */
export const variant = (name: string, slots: (self: Algorithm) => Replacement): Variant => {
  const apply: Variant = (self) => {
    const replaced = slots(self)
    const wanted = claimed(replaced)
    const taken = wanted.filter((slot) => self.claims[slot] !== undefined)
    const first = self.claims[taken[0] ?? ""]
    if (first !== undefined) throw new VariantConflict({ slots: taken, first, second: name })
    const claims = { ...self.claims, ...Object.fromEntries(wanted.map((slot) => [slot, name])) }
    const option = idleOption(self.madeOf, claims, wanted)
    if (option !== undefined) throw new IdleOption({ option, variant: name })
    return {
      ...self,
      // A name never lies: DDPG with twin critics is not called DDPG.
      name: `${self.name} + ${name}`,
      ...replaced,
      noise: { ...self.noise, ...replaced.noise },
      coefficients: { ...self.coefficients, ...replaced.coefficients },
      claims,
      variants: [...self.variants, { name, apply }],
      origin: self.origin ?? self
    }
  }
  return apply
}

// pure core

/** The mean over the batch, weighted where the replay gives weights; divided by the batch size in either case. */
export const batchMean = (perSample: tf.Tensor, weight: tf.Tensor | undefined): tf.Tensor =>
  tf.mean(weight === undefined ? perSample : tf.mul(perSample, weight))

/** A column `[batch, 1]` from `[batch]` where `like` has two dimensions, so that both broadcast. */
export const columnLike = (x: tf.Tensor, like: tf.Tensor): tf.Tensor =>
  like.rank === 2 ? tf.expandDims(x, 1) : x

/** The same value; what is read of it is added to `reads`. */
const watched = <A extends object>(value: A, reads: Set<string>): A =>
  new Proxy(value, {
    get: (target, key, receiver): unknown => {
      reads.add(String(key))
      return Reflect.get(target, key, receiver)
    }
  })

/** The algorithm with its networks at the sizes of a run. */
export const model = (algorithm: Algorithm, sizes: Learner.Sizes): Model => ({
  ...algorithm,
  sizes,
  actor: algorithm.actor(algorithm, sizes),
  critics: Network.ensemble(algorithm.critic(algorithm, sizes), algorithm.criticCount)
})

/** The slots that are read while the programs of an algorithm are traced, and what training needs of it. */
const traced = (
  algorithm: Algorithm,
  sizes: Learner.Sizes
): { readonly reads: ReadonlySet<string>; readonly model: Learner.Model } => {
  const reads = new Set<string>()
  const self = watched(algorithm, reads)
  const slots = {
    ...algorithm,
    sizes,
    actor: self.actor(self, sizes),
    critics: Network.ensemble(self.critic(self, sizes), self.criticCount)
  }
  return { reads, model: Phases.model(self, watched(slots, reads)) }
}

/** Noise is read by name, and whoever draws it has a slot besides. */
const slotsOf = (algorithm: Algorithm, variant: string): ReadonlyArray<string> =>
  Object.entries(algorithm.claims).flatMap(([slot, owner]) =>
    owner === variant && !slot.startsWith("noise.") ? [slot] : []
  )

/** A variant of which no slot was read: what would read it, another variant replaced. */
const unread = (algorithm: Algorithm, reads: ReadonlySet<string>): string | undefined =>
  algorithm.variants
    .map(({ name }) => name)
    .find((name) => {
      const slots = slotsOf(algorithm, name)
      return slots.length > 0 && !slots.some((slot) => reads.has(slot.split(".")[0] ?? slot))
    })

/** The other variants, without each of which this one would be read. */
const hiding = ({ origin, variants }: Algorithm, sizes: Learner.Sizes, name: string): ReadonlyArray<string> =>
  variants.flatMap((other) => {
    if (other.name === name || origin === undefined) return []
    const rest = variants
      .filter((variant) => variant !== other)
      .reduce((self, { apply }) => apply(self), origin)
    const { model, reads } = traced(rest, sizes)
    const state = model.init(Key.make(0))
    for (const [name, { fn, inputs }] of Object.entries(Programs.learning(model, sizes))) {
      Trace.trace({ name, fn, state, inputs })
    }
    return unread(rest, reads) === name ? [] : [other.name]
  })

/** The algorithm as a learner for continuous actions. */
export const learner = (algorithm: Algorithm): Learner.Learner<Environment.Continuous> => ({
  name: algorithm.name,
  environment: Environment.Continuous.use((world) => Effect.succeed(Environment.rescaleActions(world))),
  gamma: algorithm.gamma,
  decide: (output, _key, action) => action.set(output),
  model: (sizes) => {
    const { model, reads } = traced(algorithm, sizes)
    return {
      ...model,
      idle: () => {
        const variant = unread(algorithm, reads)
        if (variant === undefined) return undefined
        const hiddenBy = hiding(algorithm, sizes, variant)
        return new Learner.IdleVariant({ variant, slots: slotsOf(algorithm, variant), hiddenBy })
      }
    }
  }
})
