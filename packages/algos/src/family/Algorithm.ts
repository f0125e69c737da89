/**
 * Algorithms of the deterministic policy gradient as records of slots. Each slot is one line of the mathematics; **a
 * variant is a function `Algorithm => Algorithm`** that replaces a few slots:
 *
 * ```ts
 * const td3 = Ddpg.make(options).pipe(twinCritics, targetPolicySmoothing({ sigma: 0.2, clip: 0.5 }), delayedPolicy({ every: 2 }))
 * ```
 *
 * Slots are given the whole model, so a slot that one variant replaced is seen by all others. Two variants that want
 * the same slot are refused; variants on different slots commute.
 */
import * as Fault from "@ornstein/core/Fault"
import * as Trace from "@ornstein/jit/Trace"
import * as tf from "@tensorflow/tfjs-core"
import * as Effect from "effect/Effect"
import { pipeArguments } from "effect/Pipeable"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Learner from "@ornstein/core/Learner"
import * as Programs from "@ornstein/core/Programs"
import * as Bound from "./Bound.ts"
import * as Phases from "./Phases.ts"
import type { Algorithm, Networks, Replacement, Variant } from "./Slots.ts"

// errors

const listed = (names: ReadonlyArray<string>): string => names.map((name) => `"${name}"`).join(", ")

/** Two variants want to replace the same slots. */
export class VariantConflict
  extends Schema.TaggedError<VariantConflict>()("VariantConflict", {
    slots: Schema.Array(Schema.String),
    first: Schema.String,
    second: Schema.String
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get what(): string {
    return `${this.first} and ${this.second} both replace ${listed(this.slots)}`
  }
  get fix(): string {
    return "Leave one of them out"
  }
  override get message(): string {
    return Fault.message(this)
  }
}

/** An option that nobody reads, because a variant replaced every slot that was made of it. */
export class IdleOption
  extends Schema.TaggedError<IdleOption>()("IdleOption", {
    option: Schema.String,
    variant: Schema.String
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get what(): string {
    return `${this.option} has no effect: ${this.variant} replaces all that is made of it`
  }
  get fix(): string {
    return "Leave one of them out"
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// models

export type {
  Algorithm,
  Bound,
  Coefficient,
  Context,
  CriticLoss,
  Critics,
  Deployed,
  Lines,
  Networks,
  Other,
  OtherNetwork,
  Replacement,
  Slots,
  Variant,
  Weights
} from "./Slots.ts"

// constructors

/** What an algorithm has none of, or has as most have it, unless it says so. */
type Optional = "madeOf" | "scalars" | "targetStatistics" | "networks" | "beside"

/** An algorithm from its slots; variants are applied with `.pipe(...)`. */
export const make = (
  algorithm: Omit<Algorithm, "claims" | "variants" | "origin" | "pipe" | Optional> &
    Partial<Pick<Algorithm, Optional>>
): Algorithm => ({
  madeOf: {},
  scalars: {},
  targetStatistics: "copied",
  networks: {},
  beside: { online: {}, target: {} },
  ...algorithm,
  claims: {},
  variants: [],
  origin: undefined,
  pipe() {
    return pipeArguments(this, arguments)
  }
})

/** The records of which a variant replaces single entries. */
const RECORDS = ["optimizers", "coefficients", "networks", "draws", "scalars"] as const

const isRecord = (slot: string): boolean => RECORDS.some((record) => record === slot)

/** The slots that a replacement holds; of the records each entry is one. */
const claimed = (replaced: Replacement): ReadonlyArray<string> => [
  ...Object.keys(replaced).filter((slot) => slot !== "name" && !isRecord(slot)),
  ...RECORDS.flatMap((record) => Object.keys(replaced[record] ?? {}).map((name) => `${record}.${name}`))
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
 * const absolute = Algorithm.variant("absolute", () => ({ regression: (_m, _c, error) => tf.abs(error) }))
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
      optimizers: { ...self.optimizers, ...replaced.optimizers },
      coefficients: { ...self.coefficients, ...replaced.coefficients },
      networks: { ...self.networks, ...replaced.networks },
      draws: { ...self.draws, ...replaced.draws },
      scalars: { ...self.scalars, ...replaced.scalars },
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

/** The algorithm at the sizes of a run, with networks of its own or other ones. */
export const bind = (algorithm: Algorithm, sizes: Learner.Sizes, networks?: Networks) =>
  Bound.make(algorithm, sizes, networks)

/** The slots that are read while the programs of an algorithm are traced, and what training needs of it. */
const traced = (
  algorithm: Algorithm,
  sizes: Learner.Sizes
): { readonly reads: ReadonlySet<string>; readonly plan: Learner.Plan } => {
  const reads = new Set<string>()
  const self = watched(algorithm, reads)
  const networks = Bound.networks(self, sizes)
  return { reads, plan: Phases.plan(self, Bound.make(self, sizes, networks), networks) }
}

/** Draws and scalars are read by name, and whoever asks for them has a slot besides. */
const slotsOf = (algorithm: Algorithm, variant: string): ReadonlyArray<string> =>
  Object.entries(algorithm.claims).flatMap(([slot, owner]) =>
    owner === variant && !/^(draws|scalars)\./.test(slot) ? [slot] : []
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
    const { plan, reads } = traced(rest, sizes)
    const state = plan.init(Key.make(0))
    for (const [name, { fn, inputs }] of Object.entries(Programs.learning(plan, sizes))) {
      Trace.trace({ name, fn, state, inputs })
    }
    return unread(rest, reads) === name ? [] : [other.name]
  })

/** The algorithm as a learner for continuous actions. */
export const learner = (algorithm: Algorithm): Learner.Learner<Environment.Continuous> => ({
  name: algorithm.name,
  environment: Environment.Continuous.use((world) => Effect.succeed(Environment.rescaleActions(world))),
  gamma: algorithm.gamma,
  decision: "direct",
  plan: (sizes) => {
    const { plan, reads } = traced(algorithm, sizes)
    return {
      ...plan,
      idle: () => {
        const variant = unread(algorithm, reads)
        if (variant === undefined) return undefined
        const hiddenBy = hiding(algorithm, sizes, variant)
        return new Learner.IdleVariant({ variant, slots: slotsOf(algorithm, variant), hiddenBy })
      }
    }
  }
})
