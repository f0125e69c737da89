import { Algorithm, Ddpg, Recipes, Registry } from "@ornstein/algos"
import { Draw, Field, Key, Learner, Part } from "@ornstein/core"
import { NdArray, Tree } from "@ornstein/jit"
import * as Scalars from "@ornstein/core/Scalars"
import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"

const decode = (input: unknown) => Effect.fromResult(Registry.bases.decode(input))

const small = { hidden: [6], gamma: 0.9 }

/** Every number of a learner after one update of everything on a minibatch of sines. */
const updated = <R>(learner: Learner.Learner<R>): ReadonlyArray<ReadonlyArray<number>> => {
  const plan = learner.plan({ observation: 2, action: 1, batch: 4 })
  const fill = (spec: NdArray.Spec) =>
    tf.tensor(
      Array.from({ length: NdArray.size(spec.shape) }, (_, i) => Math.sin(i)),
      [...spec.shape]
    )
  const filled = (specs: { readonly [name: string]: NdArray.Spec }) =>
    Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, fill(spec)]))
  const state = Tree.map(plan.init(Key.make(1)), NdArray.isNdArray, ({ data, shape }) =>
    tf.tensor(data, [...shape])
  )
  const draws = Object.fromEntries(
    Object.entries(plan.draws).map(([name, draw]) => [name, fill(Draw.spec(draw))])
  )
  const inputs = { batch: filled(plan.batch), draws, scalars: Scalars.initial(plan.scalars) }
  const [after] = Learner.sequence(plan.phases)(state, inputs)
  const isTensor = (u: unknown): u is tf.Tensor => u instanceof tf.Tensor
  return Tree.entries<tf.Tensor>(Tree.from(after, isTensor), isTensor).map(({ leaf }) =>
    Array.from(leaf.dataSync())
  )
}

/** In which updates the phases come. */
const rhythm = <R>(learner: Learner.Learner<R>): ReadonlyArray<number> =>
  learner.plan({ observation: 2, action: 1, batch: 4 }).phases.map(({ every }) => every)

describe("the registry", () => {
  it.effect.each(Object.values(Recipes).map(({ kind, variants }) => ({ base: kind, variants })))(
    "$base is DDPG with its variants",
    ({ base, variants }) =>
      Effect.gen(function* () {
        const preset = yield* Registry.learner(yield* decode({ base, ...small }))
        const spelled = yield* Registry.learner(yield* decode({ base: "ddpg", ...small, variants }))
        assert.strictEqual(preset.name, base.toUpperCase())
        assert.strictEqual(spelled.name, ["DDPG", ...variants.map(({ kind }) => kind)].join(" + "))
        assert.deepStrictEqual(updated(preset), updated(spelled))
      })
  )

  it("has the bases of their papers", () => {
    const kinds = Object.values(Recipes).map(
      ({ kind, variants }) => `${kind}: ${variants.map((variant) => variant.kind).join(" ")}`
    )
    assert.deepStrictEqual(kinds, [
      "ddpg: ",
      "td3: twinCritics targetPolicySmoothing delayedPolicy",
      "d4pg: categoricalCritic",
      "sac: softActor twinCritics",
      "tqc: softActor quantileCritic"
    ])
  })

  it.effect("has learners for actions from a list too", () =>
    Effect.gen(function* () {
      const names = yield* Effect.forEach(["actorCritic", "a2c"], (base) =>
        Effect.map(Effect.flatMap(decode({ base }), Registry.learner), ({ name }) => name)
      )
      assert.deepStrictEqual(names, ["actor-critic", "A2C"])
    })
  )

  it.effect("gives variants the options of a configuration", () =>
    Effect.gen(function* () {
      const of = (variant: object) =>
        Effect.flatMap(decode({ base: "ddpg", ...small, variants: [variant] }), Registry.learner)
      assert.deepStrictEqual(rhythm(yield* of({ kind: "delayedPolicy", every: 5 })), [1, 5, 5])
      assert.deepStrictEqual(rhythm(yield* of({ kind: "targetUpdate", rule: "hard", every: 7 })), [1, 1, 7])
      const changed = [
        [{ kind: "huber" }, { delta: 0.01 }],
        [{ kind: "behaviourCloning" }, { alpha: 9 }],
        [{ kind: "targetUpdate", rule: "soft" }, { tau: 0.5 }]
      ] as const
      for (const [variant, options] of changed) {
        const [plain, other] = [yield* of(variant), yield* of({ ...variant, ...options })]
        assert.notDeepEqual(updated(other), updated(plain), variant.kind)
      }
    })
  )

  it.effect("refuses variants that replace the same slot, and says which", () =>
    Effect.gen(function* () {
      const options = yield* decode({ base: "td3", variants: [{ kind: "categoricalCritic" }] })
      const [refusal] = Registry.bases.make(options).refusals
      assert.deepStrictEqual(refusal?.path, ["variants", 0])
      assert.strictEqual(
        refusal?.allowed,
        'replaces "value", "criticLoss", "policyValue", as twinCritics does, which td3 has; leave it out, or begin with base "ddpg" and the variants targetPolicySmoothing, delayedPolicy, categoricalCritic'
      )
      const error = yield* Effect.flip(Registry.learner(options))
      assert.strictEqual(error._tag, "VariantConflict")
    })
  )

  it.effect("says how a variant goes with the rest of a base, and that works", () =>
    Effect.gen(function* () {
      const options = yield* decode({ base: "sac", ...small, variants: [{ kind: "criticEnsemble" }] })
      const [refusal] = Registry.bases.make(options).refusals
      assert.match(
        refusal?.allowed ?? "",
        /begin with base "ddpg" and the variants softActor, criticEnsemble and the exploration "none"$/
      )
      const variants = [{ kind: "softActor" }, { kind: "criticEnsemble" }]
      const { name } = yield* Registry.learner(yield* decode({ base: "ddpg", ...small, variants }))
      assert.strictEqual(name, "DDPG + softActor + criticEnsemble")
    })
  )

  it.effect("gives options to variants", () =>
    Effect.gen(function* () {
      const options = { base: "ddpg", ...small, variants: [{ kind: "criticEnsemble", critics: 3 }] }
      const learner = yield* Registry.learner(yield* decode(options))
      const { critic } = learner.plan({ observation: 2, action: 1, batch: 4 }).init(Key.make(0)).online
      assert.deepStrictEqual(Object.keys(critic ?? {}), ["0.l0", "0.l1", "1.l0", "1.l1", "2.l0", "2.l1"])
    })
  )

  it.effect("has the nine rows of TD3's ablation as nine configurations", () =>
    Effect.gen(function* () {
      const [cdq, tps, dp] = [
        { kind: "twinCritics" },
        { kind: "targetPolicySmoothing" },
        { kind: "delayedPolicy" }
      ]
      const rows = {
        TD3: { base: "td3" },
        DDPG: { base: "ddpg", ...Ddpg.paper },
        AHE: { base: "ddpg" },
        "AHE + DP": { base: "ddpg", variants: [dp] },
        "AHE + TPS": { base: "ddpg", variants: [tps] },
        "AHE + CDQ": { base: "ddpg", variants: [cdq] },
        "TD3 - DP": { base: "ddpg", variants: [cdq, tps] },
        "TD3 - TPS": { base: "ddpg", variants: [cdq, dp] },
        "TD3 - CDQ": { base: "ddpg", variants: [tps, dp] }
      }
      const learned = yield* Effect.forEach(Object.values(rows), (row) =>
        Effect.map(Effect.flatMap(decode({ ...row, hidden: [6, 5] }), Registry.learner), (learner) =>
          JSON.stringify([rhythm(learner), updated(learner)])
        )
      )
      assert.strictEqual(new Set(learned).size, 9)
    })
  )

  it("has a paper for every base and variant", () => {
    for (const { kind, source } of [...Registry.bases.parts, ...Registry.variants.parts]) {
      assert.match(typeof source === "string" ? "" : source.link, /^https:/, kind)
    }
  })

  it("knows which learners choose from a list", () => {
    const kinds = Registry.bases.parts.flatMap(({ environment, kind }) =>
      environment === "Discrete" ? [kind] : []
    )
    assert.deepStrictEqual(kinds, ["actorCritic", "a2c"])
  })

  it.effect("takes variants of one's own, whose options are typed", () =>
    Effect.gen(function* () {
      const absolute = Part.make("absolute", {
        description: "errors by their size",
        source: "for this test",
        options: {
          scale: Field.positive.annotate({ description: "weight" }).pipe(Field.withDefault(1))
        },
        example: { scale: 2 },
        make: ({ scale }) =>
          Algorithm.variant("absolute", () => ({
            regression: (_m, _c, error) => tf.mul(tf.abs(error), scale)
          }))
      })
      const variants = Registry.variants.with(absolute)
      const bases = Registry.basesWith(variants)
      const input = { base: "td3", variants: [{ kind: "absolute", scale: 3 }] }
      const options = yield* Effect.fromResult(bases.decode(input))
      if (options.base === "td3") {
        const [first] = options.variants
        if (first?.kind === "absolute") assert.strictEqual(first.scale satisfies number, 3)
      }
      assert.strictEqual(bases.make(options).learner.name, "TD3 + absolute")
      const mistyped = yield* Effect.flip(
        Effect.fromResult(bases.decode({ base: "td3", variants: [{ kind: "absolut" }] }))
      )
      assert.include(mistyped.message, 'did you mean "absolute"?')
    })
  )
})
