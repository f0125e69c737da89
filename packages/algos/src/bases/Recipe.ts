/**
 * Recipes: algorithms that are DDPG with variants, as data. TD3 is one:
 *
 * ```ts
 * const td3 = Recipe.make("td3", {
 *   description: "ddpg with twinCritics, targetPolicySmoothing, delayedPolicy",
 *   source: Papers.fujimoto,
 *   variants: [{ kind: "twinCritics" }, { kind: "targetPolicySmoothing" }, { kind: "delayedPolicy" }],
 *   defaults: Base.deterministic
 * })
 * ```
 *
 * A configuration may add variants to it, of a catalogue: `{ base: "td3", variants: [{ kind: "huber" }] }`.
 */
import type * as Catalogue from "@ornstein/core/Catalogue"
import type * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import * as Learner from "@ornstein/core/Learner"
import * as Part from "@ornstein/core/Part"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Algorithm, Base } from "../family/index.ts"
import { Architecture, Dense } from "../networks/index.ts"
import * as Ddpg from "./Ddpg.ts"

// models

/** A variant as a configuration names it. */
export interface Named {
  readonly kind: string
  readonly [option: string]: unknown
}

export interface Recipe<K extends string = string> {
  readonly kind: K
  readonly description: string
  readonly source: Part.Source
  readonly departures: ReadonlyArray<string>
  /** What DDPG is changed by, in order. */
  readonly variants: ReadonlyArray<Named>
  readonly defaults: Base.Defaults
}

/** The variants that a recipe and a configuration choose from. */
type Variants<P extends Part.Any<Algorithm.Variant>> = Catalogue.Catalogue<Algorithm.Variant, P>

// composing

type Refused = Algorithm.VariantConflict | Algorithm.IdleOption

/** A variant's effect, or why it has none. */
const applied = (
  algorithm: Algorithm.Algorithm,
  variant: Algorithm.Variant
): Result.Result<Algorithm.Algorithm, Refused> =>
  Result.try({
    try: () => variant(algorithm),
    catch: (cause) => {
      if (cause instanceof Algorithm.VariantConflict || cause instanceof Algorithm.IdleOption) return cause
      throw cause
    }
  })

/** How the same is written without the base's own variant that stands in the way. */
const without = ({ defaults, variants }: Recipe, first: string, given: string): string => {
  const kept = [...variants.map(({ kind }) => kind).filter((kind) => kind !== first), given]
  const { kind } = defaults.exploration
  const exploration = kind === Base.deterministic.exploration.kind ? "" : ` and the exploration "${kind}"`
  return `begin with base "ddpg" and the variants ${kept.join(", ")}${exploration}`
}

const refusal = (
  recipe: Recipe,
  given: string,
  isOwn: boolean,
  error: Refused,
  path: Base.Refusal["path"]
): Base.Refusal => {
  const base = recipe.kind
  if (error._tag === "IdleOption") {
    return { path: [error.option], allowed: `has no effect beside ${error.variant}; leave it out`, error }
  }
  const slots = error.slots.map((slot) => `"${slot}"`).join(", ")
  if (!isOwn) {
    return { path, allowed: `replaces ${slots}, as ${error.first} does; leave one of them out`, error }
  }
  return error.first === error.second
    ? { path, allowed: `${base} has ${error.first} already; leave it out`, error }
    : {
        path,
        allowed: `replaces ${slots}, as ${error.first} does, which ${base} has; leave it out, or ${without(recipe, error.first, given)}`,
        error
      }
}

interface Composed {
  readonly algorithm: Algorithm.Algorithm
  readonly refusals: ReadonlyArray<Base.Refusal>
}

/** A variant that a configuration names, and the field where it does. */
interface Given {
  readonly kind: string
  readonly variant: Algorithm.Variant
  readonly path: Base.Refusal["path"]
}

/** DDPG, changed by the recipe's variants, then by what is given in its order; and what is wrong. */
const compose = (
  recipe: Recipe,
  ddpg: Ddpg.Input,
  own: ReadonlyArray<Algorithm.Variant>,
  given: ReadonlyArray<Given>
): Composed => {
  const base = own.reduce((algorithm, variant) => variant(algorithm), Ddpg.make(ddpg))
  const owners = new Set(Object.values(base.claims))
  const name = [recipe.kind.toUpperCase(), ...given.map((variant) => variant.kind)].join(" + ")
  const refusals: Array<Base.Refusal> = []
  const algorithm = given.reduce((algorithm, { kind, path, variant }) => {
    const result = applied(algorithm, variant)
    if (Result.isSuccess(result)) return result.success
    const error = result.failure
    refusals.push(
      refusal(recipe, kind, error._tag === "VariantConflict" && owners.has(error.first), error, path)
    )
    return algorithm
  }, base)
  return { algorithm: { ...algorithm, name }, refusals }
}

/** The learner, which names variants as a configuration does: those of its base by the base. */
const byBase = (
  base: string,
  own: ReadonlySet<string>,
  learner: Learner.Learner<Environment.Continuous>
): Learner.Learner<Environment.Continuous> => ({
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
})

/** Has a variant networks of its own? */
const areReplaced = ({ claims }: Algorithm.Algorithm, network: string | undefined): boolean =>
  claims["actor"] !== network || claims["critic"] !== network

/** Of each network its numbers and two moments, and of a critic a target; in float32. */
const leastBytes =
  ({ weights }: Architecture.Architecture) =>
  (observation: number): number => {
    if (weights === undefined) return 0
    const { actor, critic } = weights(observation)
    return 4 * (3 * actor + 4 * critic)
  }

// constructors

/** A recipe; `departures` are none if not given. */
export const make = <const K extends string>(
  kind: K,
  recipe: Omit<Recipe, "kind" | "departures"> & Partial<Pick<Recipe, "departures">>
): Recipe<K> => ({ departures: [], ...recipe, kind })

/** The base that a recipe stands for, whose variants are those of a catalogue. */
export const base = <K extends string, P extends Part.Any<Algorithm.Variant>>(
  recipe: Recipe<K>,
  variants: Variants<P>
) => {
  const { defaults, kind } = recipe
  const schema = Schema.Struct({
    base: Schema.tag(kind),
    ...Ddpg.Options.fields,
    variants: Schema.Array(variants.schema)
      .annotate({ description: "changes to the algorithm; two that replace the same slot are refused" })
      .pipe(Field.withDefault([]))
  })
  const kinds = new Set(recipe.variants.map((variant) => variant.kind))
  return Base.of(
    "Continuous",
    defaults,
    Part.from([schema], {
      ...recipe,
      example: { gamma: 0.9, hidden: [8] },
      make: (options): Base.Composition => {
        const { base: _, network: named, variants: given, ...ddpg } = options
        const own = recipe.variants.map((variant) =>
          variants.make(Result.getOrThrow(variants.decode(variant)))
        )
        const [networkKind, network] =
          named === undefined ? [undefined, Dense.make(ddpg)] : Ddpg.network(named)
        const { algorithm, refusals } = compose(recipe, ddpg, own, [
          ...(networkKind === undefined
            ? []
            : [
                {
                  kind: networkKind,
                  variant: Architecture.variant(networkKind, network),
                  path: ["network", "kind"]
                }
              ]),
          ...given.map((options, index) => ({
            kind: variants.partOf(options).kind,
            variant: variants.make(options),
            path: ["variants", index]
          }))
        ])
        return {
          _tag: "Continuous",
          learner: byBase(kind, kinds, Algorithm.learner(algorithm)),
          refusals,
          // A variant's networks have sizes of their own.
          leastBytes: areReplaced(algorithm, networkKind) ? () => 0 : leastBytes(network)
        }
      }
    })
  )
}
