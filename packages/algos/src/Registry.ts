/**
 * The registry: every algorithm and variant by name, with its paper and its options. A configuration names a base and
 * a list of variants; `td3`, `d4pg`, `sac` and `tqc` are bases too, and mean DDPG with the variants of `presets`:
 *
 * ```ts
 * { base: "td3", gamma: 0.98 }
 * { base: "ddpg", gamma: 0.98, variants: [{ kind: "twinCritics" }, { kind: "targetPolicySmoothing" }, { kind: "delayedPolicy" }] }
 * ```
 */
import * as Algorithm from "@ornstein/core/Algorithm"
import type * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import type * as Learner from "@ornstein/core/Learner"
import * as Effect from "effect/Effect"
import { pipe } from "effect/Function"
import * as Match from "effect/Match"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as A2c from "./A2c.ts"
import * as ActorCritic from "./ActorCritic.ts"
import * as BehaviourCloning from "./BehaviourCloning.ts"
import * as CategoricalCritic from "./CategoricalCritic.ts"
import * as Ddpg from "./Ddpg.ts"
import * as DeepSets from "./DeepSets.ts"
import * as DelayedPolicy from "./DelayedPolicy.ts"
import * as Huber from "./Huber.ts"
import * as LayerNorm from "./LayerNorm.ts"
import * as QuantileCritic from "./QuantileCritic.ts"
import * as SoftActor from "./SoftActor.ts"
import * as TargetPolicySmoothing from "./TargetPolicySmoothing.ts"
import * as TargetUpdate from "./TargetUpdate.ts"
import * as TwinCritics from "./TwinCritics.ts"

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
  TargetUpdate.Options
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
    Schema.makeFilter((options) => {
      const conflict = Result.getFailure(compose(options))
      return conflict._tag === "None" ? true : { path: ["variants"], issue: conflict.value.message }
    })
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
    behaviourCloning: ({ alpha }) => BehaviourCloning.behaviourCloning(alpha),
    delayedPolicy: ({ every }) => DelayedPolicy.delayedPolicy(every),
    huber: ({ delta }) => Huber.huber(delta),
    layerNorm: () => LayerNorm.layerNorm,
    deepSets: DeepSets.deepSets,
    targetUpdate: TargetUpdate.targetUpdate
  })
)

/** The algorithm of a configuration: the base, its preset's variants, then its own, in their order. */
const compose = (
  options: Ddpg.Options & { readonly base: Preset; readonly variants: ReadonlyArray<Variant> }
): Result.Result<Algorithm.Algorithm, Algorithm.VariantConflict> =>
  Result.try({
    try: () => {
      const preset = presets[options.base].map((variant) => Variant.make(variant))
      const algorithm = [...preset, ...options.variants].reduce(
        (algorithm, variant) => pipe(algorithm, variantOf(variant)),
        Ddpg.make(options)
      )
      const name = [options.base.toUpperCase(), ...options.variants.map(({ kind }) => kind)].join(" + ")
      return { ...algorithm, name }
    },
    catch: (cause) => {
      if (cause instanceof Algorithm.VariantConflict) return cause
      throw cause
    }
  })

/** Is it an on-policy learner for actions from a list? */
export const isDiscrete = Schema.is(DiscreteOptions)

/** The learner of a configuration for actions from a list. */
export const discrete = (options: DiscreteOptions): Learner.Learner<Environment.Discrete> =>
  options.base === "a2c" ? A2c.make(options) : ActorCritic.make(options)

/** The learner of a configuration for actions from a box. */
export const continuous = (
  options: ContinuousOptions
): Effect.Effect<Learner.Learner<Environment.Continuous>, Algorithm.VariantConflict> =>
  Effect.map(Effect.fromResult(compose(options)), Algorithm.learner)

/** The learner of a configuration; its type tells only when it runs which kind of environment it needs. */
export const learner = (
  options: Options
): Effect.Effect<
  Learner.Learner<Environment.Continuous | Environment.Discrete>,
  Algorithm.VariantConflict
> => (isDiscrete(options) ? Effect.succeed(discrete(options)) : continuous(options))
