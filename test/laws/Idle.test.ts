/** What has no effect is refused: a variant that nothing reads, and an option that a variant took the use from. */
import { assert, describe, it } from "@effect/vitest"
import {
  categoricalCritic,
  Ddpg,
  deepSets,
  huber,
  layerNorm,
  quantileCritic,
  Recipes,
  Registry,
  softActor,
  targetPolicySmoothing,
  targetUpdate,
  twinCritics
} from "@ornstein/algos"
import * as Agent from "@ornstein/core/Agent"
import * as Algorithm from "@ornstein/algos/Algorithm"
import * as Engine from "@ornstein/core/Engine"
import * as Key from "@ornstein/core/Key"
import type * as Learner from "@ornstein/core/Learner"
import * as TfjsEngine from "@ornstein/jit/TfjsEngine"
import { Effect, Result } from "effect"

const sizes: Learner.Sizes = { observation: 4, action: 2, batch: 3 }

/** The refusal of a learner when its programs are compiled. */
const refusal = <R>(learner: Learner.Learner<R>) =>
  Agent.make(learner, sizes, Key.make(1)).pipe(
    Effect.scoped,
    Effect.provideService(Engine.Engine, TfjsEngine.cpu()),
    Effect.result,
    Effect.map((result) =>
      Result.isFailure(result) && result.failure._tag === "IdleVariant" ? result.failure : undefined
    )
  )

const small = Ddpg.make({ hidden: [4, 4] })
const few = quantileCritic({ count: 2, quantiles: 5, dropped: 1 })

describe("a variant that nothing reads", () => {
  it.effect.each([
    { algorithm: small.pipe(categoricalCritic(), huber()), hiddenBy: "categoricalCritic" },
    { algorithm: small.pipe(huber(), few), hiddenBy: "quantileCritic" },
    { algorithm: small.pipe(softActor(), huber(), few, layerNorm), hiddenBy: "quantileCritic" }
  ])("$algorithm.name", ({ algorithm, hiddenBy }) =>
    Effect.gen(function* () {
      const error = yield* refusal(Algorithm.learner(algorithm))
      assert.deepStrictEqual(error?.variant, "huber")
      assert.deepStrictEqual(error?.slots, ["regression"])
      assert.deepStrictEqual(error?.hiddenBy, [hiddenBy])
    })
  )

  it.effect.each([
    small,
    small.pipe(twinCritics, huber()),
    small.pipe(twinCritics, softActor(), layerNorm),
    small.pipe(targetPolicySmoothing(), categoricalCritic()),
    Ddpg.make().pipe(deepSets({ hidden: [4], features: 2 }), huber())
  ])("is none of those of $name", (algorithm) =>
    Effect.map(refusal(Algorithm.learner(algorithm)), (error) => assert.isUndefined(error))
  )

  it.effect.each(Object.keys(Recipes))("is none of those of the base %s", (base) =>
    Effect.gen(function* () {
      const options = yield* Effect.fromResult(Registry.bases.decode({ base, hidden: [4] }))
      assert.isUndefined(yield* refusal(yield* Registry.learner(options)))
    })
  )

  it.effect("is named with the base as a configuration names it", () =>
    Effect.gen(function* () {
      const options = { base: "d4pg", hidden: [4], variants: [{ kind: "huber" }] }
      const decoded = yield* Effect.fromResult(Registry.bases.decode(options))
      const error = yield* refusal(yield* Registry.learner(decoded))
      assert.strictEqual(
        error?.message,
        `huber has no effect beside d4pg's categoricalCritic: nothing reads "regression", which it replaces. Leave it out`
      )
    })
  )
})

describe("an option that a variant took the use from", () => {
  const compose = (make: () => Algorithm.Algorithm): string => {
    const made = Result.try({ try: make, catch: (cause) => cause })
    return Result.isFailure(made) && made.failure instanceof Algorithm.IdleOption
      ? `${made.failure.option}, ${made.failure.variant}`
      : ""
  }

  it.each([
    [{ hidden: [4] as const }, deepSets(), "hidden, deepSets"],
    [{ criticHidden: [4] as const }, deepSets(), "criticHidden, deepSets"],
    [{ critic: { kind: "twoBranch" } as const }, deepSets(), "critic, deepSets"],
    [{ initial: "he" } as const, deepSets(), "initial, deepSets"],
    [{ smallFinal: false }, deepSets(), "smallFinal, deepSets"],
    [{ tau: 0.1 }, targetUpdate({ rule: "hard" }), "tau, targetUpdate"],
    [{ tau: 0.1 }, targetUpdate({ rule: "soft", tau: 0.2 }), "tau, targetUpdate"],
    [{ layerNorm: true }, layerNorm, "layerNorm, layerNorm"],
    [
      { actorLearningRate: 0.1 },
      Algorithm.variant("own", ({ optimizers }) => ({ optimizers: { actor: optimizers.actor } })),
      "actorLearningRate, own"
    ],
    [
      { criticOptimizer: { kind: "sgd" } as const },
      Algorithm.variant("own", ({ optimizers }) => ({ optimizers: { critic: optimizers.critic } })),
      "criticOptimizer, own"
    ]
  ])("%j", (options, variant, expected) =>
    assert.strictEqual(
      compose(() => Ddpg.make(options).pipe(variant)),
      expected
    )
  )

  it("is none where a slot still uses it", () => {
    const ownActor = Algorithm.variant("ownActor", ({ actor }) => ({ actor }))
    assert.strictEqual(
      compose(() => Ddpg.make({ hidden: [4] }).pipe(ownActor)),
      ""
    )
    assert.strictEqual(
      compose(() => Ddpg.make({ gamma: 0.5 }).pipe(deepSets(), targetUpdate({ rule: "hard" }))),
      ""
    )
  })
})
