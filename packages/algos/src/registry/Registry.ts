/**
 * The registry: every algorithm and variant, each a part with its options, its paper and what it departs from. A
 * configuration names a base and a list of variants; `td3`, `d4pg`, `sac` and `tqc` are bases too, and mean DDPG with
 * variants (`Recipes`):
 *
 * ```ts
 * { base: "td3", gamma: 0.98 }
 * { base: "ddpg", gamma: 0.98, variants: [{ kind: "twinCritics" }, { kind: "targetPolicySmoothing" }, { kind: "delayedPolicy" }] }
 * ```
 *
 * Variants of your own stand beside ours:
 *
 * ```ts
 * const bases = Registry.basesWith(Registry.variants.with(absolute))
 * ```
 */
import * as Catalogue from "@ornstein/core/Catalogue"
import type * as Environment from "@ornstein/core/Environment"
import type * as Learner from "@ornstein/core/Learner"
import type * as Part from "@ornstein/core/Part"
import * as Effect from "effect/Effect"
import { A2c, ActorCritic, Recipe, Recipes } from "../bases/index.ts"
import type { Algorithm, Base } from "../family/index.ts"
import * as Variants from "../variants/index.ts"

// catalogues

/** Those of every module of the room `variants`: a line of its face adds one. */
export const variants = Catalogue.of<Algorithm.Variant>("variant").with(
  ...Object.values(Variants).map(({ part }) => part)
)

/** The options of every variant. */
export type Variant = typeof variants.schema.Type

/** Our bases, which take variants of this catalogue. */
export const basesWith = <P extends Part.Any<Algorithm.Variant>>(
  variants: Catalogue.Catalogue<Algorithm.Variant, P>
) =>
  Catalogue.of<Base.Composition>("base").with(
    Recipe.base(Recipes.ddpg, variants),
    Recipe.base(Recipes.td3, variants),
    Recipe.base(Recipes.d4pg, variants),
    Recipe.base(Recipes.sac, variants),
    Recipe.base(Recipes.tqc, variants),
    ActorCritic.part,
    A2c.part
  )

export const bases = basesWith(variants)

/** The options of every base. */
export type Options = typeof bases.schema.Type

// combinators

/** The learner of a configuration; its type tells only when it runs which kind of environment it needs. */
export const learner = (
  options: Options
): Effect.Effect<
  Learner.Learner<Environment.Continuous | Environment.Discrete>,
  Algorithm.VariantConflict | Algorithm.IdleOption
> => {
  const { learner, refusals } = bases.make(options)
  const [first] = refusals
  return first === undefined ? Effect.succeed(learner) : Effect.fail(first.error)
}
