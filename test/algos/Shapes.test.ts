/** Shapes at the borders of slots: what a slot gives of another shape is refused by name when programs are traced. */
import { assert, describe, it } from "@effect/vitest"
import { Algorithm, Ddpg, softActor } from "@ornstein/algos"
import * as Agent from "@ornstein/core/Agent"
import * as Engine from "@ornstein/core/Engine"
import * as Key from "@ornstein/core/Key"
import type * as Learner from "@ornstein/core/Learner"
import * as Network from "@ornstein/core/Network"
import * as Optimizer from "@ornstein/core/Optimizer"
import * as Parameters from "@ornstein/core/Parameters"
import * as Shape from "@ornstein/core/Shape"
import * as TfjsEngine from "@ornstein/jit/TfjsEngine"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"

const sizes: Learner.Sizes = { observation: 4, action: 2, batch: 3 }

const ddpg = Ddpg.make({ hidden: [4, 4], criticL2: 0.1 })

/** The message with which an agent of the algorithm is refused. */
const refusal = (algorithm: Algorithm.Algorithm) =>
  Agent.make(Algorithm.learner(algorithm), sizes, Key.make(1)).pipe(
    Effect.scoped,
    Effect.provideService(Engine.Engine, TfjsEngine.cpu()),
    Effect.result,
    Effect.map((result) =>
      Result.isFailure(result) && result.failure._tag === "ShapeError" ? result.failure.message : ""
    )
  )

const column = (x: tf.Tensor): tf.Tensor => tf.expandDims(x, 1)
const wider = (x: tf.Tensor): tf.Tensor => tf.concat([x, x], 1)

/** What a slot may give that is written without types. */
const half: tf.Tensor = JSON.parse("0.5")
const nothing: tf.Tensor = JSON.parse("null")

/** A slot each, as it was but of another shape; and what is said of it. */
const wrong: ReadonlyArray<
  readonly [slot: string, (self: Algorithm.Algorithm) => Algorithm.Replacement, said: string]
> = [
  [
    "actor",
    () => ({
      actor: (_self, { observation }) => Network.mlp({ input: observation, hidden: [2], output: 3 })
    }),
    "gave [1, 3], expected [batch, action] = [1, 2]"
  ],
  [
    "critic",
    () => ({
      critic: (_self, { action, observation }) =>
        Network.concatenated(Network.stack({ input: observation + action, hidden: [2], output: 5 }))
    }),
    "gave [3, 5], expected [batch, criticOutputs] = [3, 1]"
  ],
  [
    "policy",
    ({ policy }) => ({ policy: (m, actor, s, noise) => wider(policy(m, actor, s, noise)) }),
    "gave [1, 4], expected [batch, action] = [1, 2]"
  ],
  [
    "targetAction",
    ({ targetAction }) => ({ targetAction: (m, c) => wider(targetAction(m, c)) }),
    "gave [3, 4], expected [batch, action] = [3, 2]"
  ],
  [
    "value",
    ({ value }) => ({ value: (m, critics, s, a) => column(value(m, critics, s, a)) }),
    "gave [3, 1], expected [batch] = [3]"
  ],
  [
    "backup",
    ({ backup }) => ({ backup: (m, c, v) => column(backup(m, c, v)) }),
    "gave [3, 1], expected [batch] = [3]"
  ],
  [
    "target",
    ({ target }) => ({ target: (m, c) => tf.concat([target(m, c), target(m, c)]) }),
    "gave [6], expected [batch] = [3]"
  ],
  [
    "regression",
    ({ regression }) => ({ regression: (m, c, error) => column(regression(m, c, error)) }),
    "gave [3, 1], expected [3]"
  ],
  [
    "criticLoss",
    ({ criticLoss }) => ({
      criticLoss: (m, c, critics, y) => ({ ...criticLoss(m, c, critics, y), loss: tf.square(y) })
    }),
    "gave [3], expected a scalar, []"
  ],
  [
    "criticPenalty",
    () => ({ criticPenalty: (_m, _c, { parameters }) => tf.square(Parameters.at(parameters, "0.l0.b")) }),
    "gave [4], expected a scalar, []"
  ],
  [
    "policyValue",
    ({ policyValue }) => ({ policyValue: (m, critics, s, a) => column(policyValue(m, critics, s, a)) }),
    "gave [3, 1], expected [batch] = [3]"
  ],
  [
    "actorLoss",
    () => ({ actorLoss: (m, c, actor) => m.policy(actor, c.s) }),
    "gave [3, 2], expected a scalar, []"
  ],
  [
    "updateTarget",
    () => ({ updateTarget: (_m, _c, online) => Parameters.map(online, (p) => tf.concat([p, p])) }),
    "gave [8, 4], expected [4, 4]"
  ]
]

const coefficient = (changes: Partial<Algorithm.Coefficient>): Algorithm.Replacement => ({
  coefficients: {
    weight: {
      initial: 1,
      optimizer: Optimizer.sgd({ learningRate: 0.1 }),
      loss: (_m, _c, x) => tf.square(x),
      ...changes
    }
  }
})

const untyped: typeof wrong = [
  ["actorLoss", () => ({ actorLoss: () => half }), "gave the number 0.5, expected a tensor: a scalar, []"],
  ["value", () => ({ value: () => nothing }), "gave no tensor (object), expected a tensor: [batch] = [3]"],
  ["regression", () => ({ regression: () => half }), "gave the number 0.5, expected a tensor: [3]"]
]

describe("what a slot gives of another shape is refused", () => {
  it.effect.each([...wrong, ...untyped].map(([slot, replacement, said]) => ({ slot, replacement, said })))(
    "$slot",
    ({ replacement, said, slot }) =>
      Effect.map(refusal(ddpg.pipe(Algorithm.variant("mine", replacement))), (message) =>
        assert.strictEqual(message, `slot "${slot}" of mine: ${said}`)
      )
  )

  it("in every slot that there is", () => {
    const names = Object.keys(Algorithm.bind(ddpg, sizes)).filter(
      (name) => name !== "sizes" && name !== "network"
    )
    // A network is built by a slot for one critic, and called for all of them.
    const slots = names.map((name) => (name === "critics" ? "critic" : name))
    assert.deepStrictEqual(wrong.map(([slot]) => slot).toSorted(), slots.toSorted())
  })

  it.effect.each([
    ["error", { error: tf.scalar(0) }, "gave [], expected [batch] = [3]"],
    ["value", { value: tf.zeros([3, 1]) }, "gave [3, 1], expected [batch] = [3]"],
    ["metric", { metrics: { mine: tf.zeros([3]) } }, "gave [3], expected a scalar, []"]
  ] as const)("in what the critics' loss reports: %s", ([, change, said]) => {
    const mine = Algorithm.variant("mine", ({ criticLoss }) => ({
      criticLoss: (m, c, critics, y) => ({ ...criticLoss(m, c, critics, y), ...change })
    }))
    return Effect.map(refusal(ddpg.pipe(mine)), (message) =>
      assert.strictEqual(message, `slot "criticLoss" of mine: ${said}`)
    )
  })

  it.effect.each([
    ["loss", coefficient({ loss: (_m, c) => c.r }), "gave [3], expected a scalar, []"],
    ["metrics", coefficient({ metrics: (_m, c) => ({ r: c.r }) }), "gave [3], expected a scalar, []"]
  ] as const)("in a coefficient's %s", ([, replacement, said]) =>
    Effect.map(refusal(ddpg.pipe(Algorithm.variant("mine", () => replacement))), (message) =>
      assert.strictEqual(message, `slot "coefficients.weight" of mine: ${said}`)
    )
  )

  it.effect("names the algorithm where no variant has replaced the slot", () =>
    Effect.gen(function* () {
      const self = { ...ddpg, value: (): tf.Tensor => tf.zeros([3, 1]) }
      assert.match(yield* refusal(self), /^slot "value" of DDPG: gave \[3, 1\]/)
      assert.match(
        yield* refusal(self.pipe(softActor())),
        /^slot "value" of DDPG: gave \[3, 1\]/,
        "and not what a variant has made of it"
      )
    })
  )
})

describe("a shape", () => {
  it("is the tensor itself where it fits", () => {
    const x = tf.zeros([2, 3])
    assert.strictEqual(Shape.assert("x", x, { rows: 2, columns: 3 }), x)
    assert.strictEqual(Shape.assertLike("x", x, tf.ones([2, 3])), x)
    assert.throws(() => Shape.assert("x", x, { rows: 2 }), "x: gave [2, 3], expected [rows] = [2]")
    assert.throws(
      () => Shape.assert("x", x, { rows: 4, columns: 3 }),
      "x: gave [2, 3], expected [rows, columns]"
    )
    assert.throws(() => Shape.assertLike("x", x, tf.ones([3, 2])), "x: gave [2, 3], expected [3, 2]")
  })
})
