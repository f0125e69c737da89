import { Algorithm, Ddpg, delayedPolicy, twinCritics } from "@ornstein/algos"
import { Draw, Environment, Optimizer, Space } from "@ornstein/core"
import { Pendulum } from "@ornstein/envs"
import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"

describe("Algorithm.variant", () => {
  it("names what it makes: what is called DDPG is DDPG", () => {
    const ddpg = Ddpg.make()
    assert.strictEqual(Algorithm.learner(ddpg).name, "DDPG")
    assert.strictEqual(ddpg.pipe(twinCritics, delayedPolicy()).name, "DDPG + twinCritics + delayedPolicy")
    const renamed = Algorithm.variant("mine", () => ({ name: "My algorithm" }))
    assert.strictEqual(ddpg.pipe(twinCritics, renamed).name, "My algorithm")
  })

  it("leaves the algorithm that it was given alone", () => {
    const ddpg = Ddpg.make()
    const td3 = twinCritics(ddpg)
    assert.strictEqual(ddpg.criticCount, 1)
    assert.strictEqual(td3.criticCount, 2)
    assert.deepStrictEqual(ddpg.claims, {})
  })

  it.effect("makes a learner whose actions lie in [-1, 1], whatever the world's", () =>
    Effect.gen(function* () {
      const world = yield* Algorithm.learner(Ddpg.make()).environment
      assert.isTrue(world.spec.action._tag === "Box" && Space.isUnit(world.spec.action))
      assert.isFalse(Space.isUnit(Pendulum.make().spec.action))
    }).pipe(Effect.provide(Environment.layerContinuous(Pendulum.make())))
  )

  it("refuses a second claim on a slot, and names both who want it", () => {
    const absolute = Algorithm.variant("absolute", () => ({ criticCount: 3 }))
    assert.throws(
      () => Ddpg.make().pipe(twinCritics, absolute),
      /twinCritics and absolute both replace "criticCount"/
    )
  })

  it("claims the optimizers of actor and critics, coefficients and draws one by one", () => {
    const of = (name: string, replacement: Algorithm.Replacement) =>
      Algorithm.variant(name, () => replacement)
    const optimizer = Optimizer.sgd({ learningRate: 0.1 })
    const weight: Algorithm.Coefficient = { initial: 0, optimizer, loss: (_m, _c, x) => tf.square(x) }
    const own = [
      of("slowActor", { optimizers: { actor: optimizer } }),
      of("slowCritics", { optimizers: { critic: optimizer } }),
      of("one", { coefficients: { one: weight }, draws: { one: () => Draw.normal([1]) } }),
      of("two", { coefficients: { two: weight }, draws: { two: () => Draw.uniform([1]) } })
    ]
    const ddpg = Ddpg.make()
    const all = own.reduce((self, variant) => variant(self), ddpg)
    assert.deepStrictEqual(all.claims, {
      "optimizers.actor": "slowActor",
      "optimizers.critic": "slowCritics",
      "coefficients.one": "one",
      "draws.one": "one",
      "coefficients.two": "two",
      "draws.two": "two"
    })
    assert.deepStrictEqual(all.optimizers, { actor: optimizer, critic: optimizer })
    assert.strictEqual(own[0]!(ddpg).optimizers.critic, ddpg.optimizers.critic)
    assert.deepStrictEqual(
      [Object.keys(all.coefficients), Object.keys(all.draws)],
      [
        ["one", "two"],
        ["one", "two"]
      ]
    )
    for (const variant of own) assert.throws(() => variant(all), Algorithm.VariantConflict)
  })
})
