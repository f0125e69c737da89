/**
 * The registry: every algorithm and variant by name, with its paper and its options. A configuration names a base and
 * a list of variants; `td3`, `d4pg`, `sac` and `tqc` are bases too, and mean DDPG with the variants of `presets`:
 *
 * ```ts
 * { base: "td3", gamma: 0.98 }
 * { base: "ddpg", gamma: 0.98, variants: [{ kind: "twinCritics" }, { kind: "targetPolicySmoothing" }, { kind: "delayedPolicy" }] }
 * ```
 */
import type * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import * as Learner from "@ornstein/core/Learner"
import * as Effect from "effect/Effect"
import { pipe } from "effect/Function"
import * as Match from "effect/Match"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { A2c, ActorCritic, Ddpg } from "../bases/index.ts"
import { Algorithm } from "../family/index.ts"
import {
  BehaviourCloning,
  CategoricalCritic,
  DeepSets,
  DelayedPolicy,
  Huber,
  LayerNorm,
  QuantileCritic,
  SoftActor,
  TargetPolicySmoothing,
  TargetUpdate,
  TwinCritics
} from "../variants/index.ts"

// models

/** The options of every variant. */
export const Variant = Schema.Union([
  TwinCritics.Options,
  TargetPolicySmoothing.Options,
  DelayedPolicy.Options,
  CategoricalCritic.Options,
  QuantileCritic.Options,
  SoftActor.Options,
  BehaviourCloning.Options,
  Huber.Options,
  LayerNorm.Options,
  DeepSets.Options,
  ...TargetUpdate.Options.members
])
export type Variant = typeof Variant.Type

/** The variants that make each preset of DDPG, at their defaults. */
export const presets = {
  ddpg: [],
  td3: [{ kind: "twinCritics" }, { kind: "targetPolicySmoothing" }, { kind: "delayedPolicy" }],
  d4pg: [{ kind: "categoricalCritic" }],
  sac: [{ kind: "softActor" }, { kind: "twinCritics" }],
  tqc: [{ kind: "softActor" }, { kind: "quantileCritic" }]
} as const satisfies { readonly [name: string]: ReadonlyArray<Field.Input<typeof Variant>> }

export type Preset = keyof typeof presets

const based = <B extends Preset>(base: B) =>
  Schema.Struct({
    base: Schema.tag(base),
    ...Ddpg.Options.fields,
    variants: Schema.Array(Variant)
      .annotate({ description: "changes to the algorithm; two that replace the same slot are refused" })
      .pipe(Field.withDefault([]))
  }).check(
    Schema.makeFilter((options) =>
      compose(options).refusals.map(({ message, path }) => ({ path, issue: message }))
    )
  )

/** Algorithms for actions from a box. */
export const ContinuousOptions = Schema.Union([
  based("ddpg"),
  based("td3"),
  based("d4pg"),
  based("sac"),
  based("tqc")
])
export type ContinuousOptions = typeof ContinuousOptions.Type

/** Algorithms for actions from a list. */
export const DiscreteOptions = Schema.Union([
  Schema.Struct({ base: Schema.tag("actorCritic"), ...ActorCritic.Options.fields }),
  Schema.Struct({ base: Schema.tag("a2c"), ...A2c.Options.fields })
])
export type DiscreteOptions = typeof DiscreteOptions.Type

export const Options = Schema.Union([...ContinuousOptions.members, ...DiscreteOptions.members])
export type Options = typeof Options.Type

export interface Paper {
  readonly authors: string
  readonly year: number
  readonly title: string
  readonly link: string
}

/** What a listing shows of an algorithm or a variant. */
export interface Entry {
  readonly kind: "base" | "variant"
  readonly name: string
  readonly description: string
  readonly paper: Paper | undefined
}

// entries

const lillicrap: Paper = {
  authors: "Lillicrap et al.",
  year: 2015,
  title: "Continuous control with deep reinforcement learning",
  link: "https://arxiv.org/abs/1509.02971"
}
const fujimoto: Paper = {
  authors: "Fujimoto, van Hoof and Meger",
  year: 2018,
  title: "Addressing function approximation error in actor-critic methods",
  link: "https://arxiv.org/abs/1802.09477"
}
const barthMaron: Paper = {
  authors: "Barth-Maron et al.",
  year: 2018,
  title: "Distributed distributional deterministic policy gradients",
  link: "https://arxiv.org/abs/1804.08617"
}
const haarnoja: Paper = {
  authors: "Haarnoja et al.",
  year: 2018,
  title: "Soft actor-critic algorithms and applications",
  link: "https://arxiv.org/abs/1812.05905"
}
const kuznetsov: Paper = {
  authors: "Kuznetsov et al.",
  year: 2020,
  title:
    "Controlling overestimation bias with truncated mixture of continuous distributional quantile critics",
  link: "https://arxiv.org/abs/2005.04269"
}
const gu: Paper = {
  authors: "Fujimoto and Gu",
  year: 2021,
  title: "A minimalist approach to offline reinforcement learning",
  link: "https://arxiv.org/abs/2106.06860"
}
const konda: Paper = {
  authors: "Konda and Tsitsiklis",
  year: 2000,
  title: "Actor-critic algorithms",
  link: "https://papers.nips.cc/paper/1786-actor-critic-algorithms"
}
const mnih: Paper = {
  authors: "Mnih et al.",
  year: 2016,
  title: "Asynchronous methods for deep reinforcement learning",
  link: "https://arxiv.org/abs/1602.01783"
}
const huber: Paper = {
  authors: "Huber",
  year: 1964,
  title: "Robust estimation of a location parameter",
  link: "https://doi.org/10.1214/aoms/1177703732"
}
const ba: Paper = {
  authors: "Ba, Kiros and Hinton",
  year: 2016,
  title: "Layer normalization",
  link: "https://arxiv.org/abs/1607.06450"
}

const zaheer: Paper = {
  authors: "Zaheer et al.",
  year: 2017,
  title: "Deep sets",
  link: "https://arxiv.org/abs/1703.06114"
}

const base = (name: Options["base"], description: string, paper: Paper): Entry => ({
  kind: "base",
  name,
  description,
  paper
})

const variant = (name: Variant["kind"], description: string, paper: Paper | undefined): Entry => ({
  kind: "variant",
  name,
  description,
  paper
})

/** Everything that a configuration can name. */
export const entries: ReadonlyArray<Entry> = [
  base("ddpg", "deep deterministic policy gradient", lillicrap),
  base("td3", "ddpg with twinCritics, targetPolicySmoothing, delayedPolicy", fujimoto),
  base("d4pg", "ddpg with categoricalCritic", barthMaron),
  base("sac", "ddpg with softActor, twinCritics", haarnoja),
  base("tqc", "ddpg with softActor, quantileCritic", kuznetsov),
  base(
    "actorCritic",
    "for discrete actions: softmax policy and value on one trunk, an update per episode",
    konda
  ),
  base("a2c", "for discrete actions: advantages over the n steps of a rollout", mnih),
  variant("twinCritics", "several critics; the least of them, or their mean, in the target", fujimoto),
  variant("targetPolicySmoothing", "clipped noise on the target's action", fujimoto),
  variant("delayedPolicy", "actor and targets move in every d-th update", fujimoto),
  variant("categoricalCritic", "a distribution over fixed values in place of a value", barthMaron),
  variant(
    "quantileCritic",
    "quantiles in place of a value; the largest are dropped from the target",
    kuznetsov
  ),
  variant("softActor", "a stochastic policy that is paid for its entropy; learned temperature", haarnoja),
  variant("behaviourCloning", "an actor that stays near the data, for the offline replay", gu),
  variant("huber", "Huber loss for the critics", huber),
  variant("layerNorm", "layer normalisation in actor and critics", ba),
  variant("deepSets", "networks that treat all dimensions alike", zaheer),
  variant("targetUpdate", "soft, or a copy every so many updates", lillicrap)
]

// constructors

const variantOf: (options: Variant) => Algorithm.Variant = Match.type<Variant>().pipe(
  Match.discriminatorsExhaustive("kind")({
    twinCritics: TwinCritics.criticEnsemble,
    targetPolicySmoothing: TargetPolicySmoothing.targetPolicySmoothing,
    categoricalCritic: CategoricalCritic.categoricalCritic,
    quantileCritic: QuantileCritic.quantileCritic,
    softActor: SoftActor.softActor,
    behaviourCloning: BehaviourCloning.behaviourCloning,
    delayedPolicy: DelayedPolicy.delayedPolicy,
    huber: Huber.huber,
    layerNorm: () => LayerNorm.layerNorm,
    deepSets: DeepSets.deepSets,
    targetUpdate: TargetUpdate.targetUpdate
  })
)

type Refused = Algorithm.VariantConflict | Algorithm.IdleOption

/** A variant that was left out because of what it met. */
interface Refusal {
  readonly path: ReadonlyArray<string | number>
  readonly message: string
  readonly error: Refused
}

/** A variant's effect, or why it has none. */
const applied = (
  algorithm: Algorithm.Algorithm,
  variant: Variant
): Result.Result<Algorithm.Algorithm, Refused> =>
  Result.try({
    try: () => pipe(algorithm, variantOf(variant)),
    catch: (cause) => {
      if (cause instanceof Algorithm.VariantConflict || cause instanceof Algorithm.IdleOption) return cause
      throw cause
    }
  })

const refusal = (base: Preset, isOwn: boolean, error: Refused, index: number): Refusal => {
  if (error._tag === "IdleOption") {
    return { path: [error.option], message: `has no effect beside ${error.variant}; leave it out`, error }
  }
  const path = ["variants", index]
  const slots = error.slots.map((slot) => `"${slot}"`).join(", ")
  if (!isOwn) {
    return {
      path,
      message: `replaces ${slots}, as ${error.first} does; leave one of them out`,
      error
    }
  }
  return error.first === error.second
    ? { path, message: `${base} has ${error.first} already; leave it out`, error }
    : { path, message: `replaces ${slots}, as ${error.first} does, which ${base} has; leave it out`, error }
}

/** The algorithm of a configuration: the base, its preset's variants, then its own in their order; and what is wrong. */
const compose = (
  options: Ddpg.Options & { readonly base: Preset; readonly variants: ReadonlyArray<Variant> }
): { readonly algorithm: Algorithm.Algorithm; readonly refusals: ReadonlyArray<Refusal> } => {
  const { base, variants, ...ddpg } = options
  const refusals: Array<Refusal> = []
  const owners = new Set<string>()
  let algorithm = Ddpg.make(ddpg)
  const apply = (variant: Variant, index: number): void => {
    const result = applied(algorithm, variant)
    if (Result.isSuccess(result)) algorithm = result.success
    else {
      const error = result.failure
      refusals.push(refusal(base, error._tag === "VariantConflict" && owners.has(error.first), error, index))
    }
  }
  for (const variant of presets[base]) {
    owners.add(variant.kind)
    apply(Variant.make(variant), -1)
  }
  for (const [i, variant] of variants.entries()) apply(variant, i)
  const name = [base.toUpperCase(), ...variants.map(({ kind }) => kind)].join(" + ")
  return { algorithm: { ...algorithm, name }, refusals }
}

/** Is it an on-policy learner for actions from a list? */
export const isDiscrete = Schema.is(DiscreteOptions)

/** The learner of a configuration for actions from a list. */
export const discrete = (options: DiscreteOptions): Learner.Learner<Environment.Discrete> => {
  if (options.base === "a2c") {
    const { base: _, ...rest } = options
    return A2c.make(rest)
  }
  const { base: _, ...rest } = options
  return ActorCritic.make(rest)
}

/** The learner, which names variants as a configuration does: those of its base by the base. */
const named = (
  base: Preset,
  learner: Learner.Learner<Environment.Continuous>
): Learner.Learner<Environment.Continuous> => {
  const own = new Set<string>(presets[base].map(({ kind }) => kind))
  return {
    ...learner,
    plan: (sizes) => {
      const plan = learner.plan(sizes)
      return {
        ...plan,
        idle: () => {
          const idle = plan.idle?.()
          if (idle === undefined) return undefined
          const hiddenBy = idle.hiddenBy.map((name) => (own.has(name) ? `${base}'s ${name}` : name))
          return new Learner.IdleVariant({ variant: idle.variant, slots: idle.slots, hiddenBy })
        }
      }
    }
  }
}

/** The learner of a configuration for actions from a box. */
export const continuous = (
  options: ContinuousOptions
): Effect.Effect<Learner.Learner<Environment.Continuous>, Refused> => {
  const { algorithm, refusals } = compose(options)
  const [first] = refusals
  return first === undefined
    ? Effect.succeed(named(options.base, Algorithm.learner(algorithm)))
    : Effect.fail(first.error)
}

/** The learner of a configuration; its type tells only when it runs which kind of environment it needs. */
export const learner = (
  options: Options
): Effect.Effect<Learner.Learner<Environment.Continuous | Environment.Discrete>, Refused> =>
  isDiscrete(options) ? Effect.succeed(discrete(options)) : continuous(options)
