/** Numbers that move along with a run: the same bits as constants where they stand still, one program whatever they are. */
import { assert, describe, it } from "@effect/vitest"
import { Agent, Engine, Key, type Ramp, Scalars, Training } from "@ornstein/core"
import type * as Jit from "@ornstein/jit/Engine"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as Experiment from "@ornstein/lab/Experiment"
import { Effect, Layer, Stream } from "effect"

const options = { steps: 400, warmup: 50, learningStarts: 60, batchSize: 8, sliceSteps: 100 }

const td3 = (algorithm: object = {}, training: object = {}): Experiment.Input => ({
  environment: { kind: "pendulum" },
  algorithm: { base: "td3", hidden: [8, 8], ...algorithm },
  replay: { kind: "uniform", capacity: 200 },
  training: { ...options, ...training }
})

/** An engine that counts what it links. */
const counting = (): { readonly engine: Jit.Engine; readonly linked: () => number } => {
  const inner = WasmEngine.make()
  let linked = 0
  const link: Jit.Engine["link"] = (module) => {
    linked += 1
    return inner.link(module)
  }
  const linkAsync = (module: Jit.Module) => Promise.resolve(link(module))
  return { engine: { ...inner, link, linkAsync }, linked: () => linked }
}

const train = (
  input: Experiment.Input,
  {
    engine = WasmEngine.make(),
    scalars = {}
  }: { readonly engine?: Jit.Engine; readonly scalars?: Scalars.Scalars } = {}
) =>
  Effect.gen(function* () {
    const config = yield* Effect.fromResult(Experiment.decode(input))
    return yield* Effect.gen(function* () {
      const trainer = yield* Training.make(yield* Experiment.learner(config), config.training)
      trainer.agent.setScalars(scalars)
      const reports = yield* Stream.runCollect(trainer.stream)
      return { reports, scalars: trainer.agent.scalars(), hash: Training.hash(yield* trainer.saved) }
    }).pipe(
      Effect.scoped,
      Effect.provide(Layer.merge(Experiment.layer(config), Layer.succeed(Engine.Engine, engine)))
    )
  })

type Base = "ddpg" | "a2c" | "actorCritic"

/** By scalar: where a configuration gives it, a constant, and a ramp that is there at once and stays. */
const standing = (value: number): Ramp.Timed => ({ kind: "linear", from: value, to: value, steps: 7 })

const given: ReadonlyArray<
  readonly [name: string, base: Base, value: number, of: (x: Ramp.Timed) => object]
> = [
  ["tau", "ddpg", 0.05, (tau) => ({ tau })],
  ["actorLearningRate", "ddpg", 3e-3, (actorLearningRate) => ({ actorLearningRate })],
  ["criticLearningRate", "ddpg", 3e-3, (criticLearningRate) => ({ criticLearningRate })],
  ["criticWeightDecay", "ddpg", 0.1, (criticWeightDecay) => ({ criticWeightDecay })],
  ["criticL2", "ddpg", 0.1, (criticL2) => ({ criticL2 })],
  ["actorGradientClip", "ddpg", 1e-3, (actorGradientClip) => ({ actorGradientClip })],
  ["criticGradientClip", "ddpg", 0.1, (criticGradientClip) => ({ criticGradientClip })],
  ["huberDelta", "ddpg", 0.3, (delta) => ({ variants: [{ kind: "huber", delta }] })],
  ["cloningAlpha", "ddpg", 0.7, (alpha) => ({ variants: [{ kind: "behaviourCloning", alpha }] })],
  ["tau", "ddpg", 0.07, (tau) => ({ variants: [{ kind: "targetUpdate", rule: "soft", tau }] })],
  ["smoothingSigma", "ddpg", 0.7, (sigma) => ({ variants: [{ kind: "targetPolicySmoothing", sigma }] })],
  ["smoothingClip", "ddpg", 0.1, (clip) => ({ variants: [{ kind: "targetPolicySmoothing", clip }] })],
  [
    "temperatureLearningRate",
    "ddpg",
    0.01,
    (temperatureLearningRate) => ({ variants: [{ kind: "softActor", temperatureLearningRate }] })
  ],
  ["targetEntropy", "ddpg", -0.3, (targetEntropy) => ({ variants: [{ kind: "softActor", targetEntropy }] })],
  ["learningRate", "a2c", 3e-3, (learningRate) => ({ learningRate })],
  ["valueCoefficient", "a2c", 0.7, (valueCoefficient) => ({ valueCoefficient })],
  ["entropyWeight", "a2c", 0.2, (entropy) => ({ entropy })],
  ["gradientClip", "a2c", 0.1, (gradientClip) => ({ gradientClip })],
  ["learningRate", "actorCritic", 3e-3, (learningRate) => ({ learningRate })],
  ["huberDelta", "actorCritic", 0.3, (huberDelta) => ({ huberDelta })],
  ["entropyWeight", "actorCritic", 0.2, (entropy) => ({ entropy })]
]

const short = (base: Base, algorithm: object): Experiment.Input =>
  base === "ddpg"
    ? {
        environment: { kind: "pendulum", timeLimit: 30 },
        algorithm: { base, hidden: [4], ...algorithm },
        training: { ...options, steps: 120 }
      }
    : {
        environment: { kind: "cartPole" },
        algorithm: { base, hidden: [4], ...algorithm },
        replay: { kind: "rollout", capacity: 10, until: "full" },
        training: { steps: 120, sliceSteps: 60 }
      }

describe("a number of the updates", () => {
  it.live.each(given.map(([name, base, value, of]) => ({ name, base, value, of })))(
    "$name of $base: a ramp that stands still has the bits of the constant, one that moves is reported and matters",
    ({ base, name, of, value }) =>
      Effect.gen(function* () {
        const constant = yield* train(short(base, of(value)))
        const still = yield* train(short(base, of(standing(value))))
        const moving = { kind: "linear", from: value, to: value / 2, steps: 200 } as const
        const moved = yield* train(short(base, of(moving)))
        assert.strictEqual(still.hash, constant.hash)
        assert.notStrictEqual(moved.hash, constant.hash)
        assert.strictEqual(constant.scalars[name], value)
        for (const { metrics } of constant.reports) assert.notProperty(metrics, name)
        const last = moved.reports.at(-1)?.metrics[name] ?? Number.NaN
        assert.isBelow(Math.abs(last), Math.abs(value))
        assert.isAbove(Math.abs(last), Math.abs(value) / 2)
        assert.closeTo(still.reports.at(-1)?.metrics[name] ?? Number.NaN, value, 1e-12)
      })
  )
})

const moving = {
  actorLearningRate: {
    kind: "warmup",
    steps: 60,
    to: { kind: "cosine", from: 3e-3, to: 1e-4, steps: 200 },
    per: "update"
  },
  criticLearningRate: { kind: "cosine", from: 2e-3, to: 0, steps: 380 },
  tau: {
    kind: "piecewise",
    points: [
      { at: 0, value: 0.1 },
      { at: 300, value: 0.01 }
    ]
  }
} as const

describe("a run whose numbers move", () => {
  it.live("is the same however it is sliced", () =>
    Effect.gen(function* () {
      const whole = yield* train(td3(moving))
      for (const sliceSteps of [7, 400]) {
        assert.strictEqual((yield* train(td3(moving, { sliceSteps }))).hash, whole.hash)
      }
      const rates = whole.reports.map(({ metrics }) => metrics["actorLearningRate"] ?? Number.NaN)
      // Up in the warm-up of 60 updates, which begin at step 60, then down.
      assert.isBelow(rates[0]!, rates[1]!)
      assert.isAbove(rates[2]!, rates[3]!)
    })
  )

  it.live("reads a ramp over steps by the step, one over updates by the update", () =>
    Effect.gen(function* () {
      const at = (per: "step" | "update") =>
        train(
          td3(
            { tau: { kind: "linear", from: 0, to: 1, steps: 1000, per } },
            { steps: 100, updateEvery: 2, sliceSteps: 100 }
          )
        )
      const tauOf = ({ reports }: { readonly reports: ReadonlyArray<Training.Report> }) =>
        reports[0]?.metrics["tau"] ?? Number.NaN
      // Updates after steps 60, 62, ..., 100, whose numbers from 0 are one less: 79 in the mean; and updates 0 to 20.
      assert.closeTo(tauOf(yield* at("step")), 0.079, 1e-12)
      assert.closeTo(tauOf(yield* at("update")), 0.01, 1e-12)
    })
  )

  it.live("is another run with other numbers, by the same programs", () =>
    Effect.gen(function* () {
      const { engine, linked } = counting()
      const [own, foreign] = [yield* train(td3(moving), { engine }), yield* train(td3(), { engine })]
      assert.strictEqual(linked(), 2)
      assert.notStrictEqual(own.hash, foreign.hash)
      // The programs of the one with the numbers of the other.
      const exchanged = yield* train(td3(), { engine, scalars: own.scalars })
      assert.strictEqual(linked(), 3)
      assert.strictEqual(exchanged.hash, own.hash)
      assert.deepStrictEqual(exchanged.reports, own.reports)
    })
  )
})

describe("an agent", () => {
  it.effect("takes other numbers without compiling, and refuses those that it has not", () =>
    Effect.gen(function* () {
      const { engine, linked } = counting()
      const config = yield* Effect.fromResult(Experiment.decode(td3()))
      const learner = yield* Experiment.learner(config)
      const agent = yield* Agent.make(learner, { observation: 3, action: 1, batch: 8 }, Key.make(1)).pipe(
        Effect.provideService(Engine.Engine, engine)
      )
      agent.setScalars({ tau: 0.5, actorLearningRate: moving.actorLearningRate })
      assert.strictEqual(agent.scalars()["tau"], 0.5)
      assert.strictEqual(linked(), 1)
      assert.throws(() => agent.setScalars({ tua: 0.5 }), RangeError, 'there is no "tua"')
    }).pipe(Effect.scoped)
  )
})
