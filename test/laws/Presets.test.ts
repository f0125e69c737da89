/** Every algorithm with every kind of replay and exploration, at sizes that train in a blink. */
import {
  A2c,
  ActorCritic,
  Algorithm,
  behaviourCloning,
  categoricalCritic,
  Ddpg,
  delayedPolicy,
  huber,
  layerNorm,
  quantileCritic,
  Recipes,
  softActor,
  targetPolicySmoothing,
  targetUpdate,
  twinCritics
} from "@ornstein/algos"
import { Engine, Environment, Exploration, Replay, Training } from "@ornstein/core"
import { CartPole, Pendulum, PointReach } from "@ornstein/envs"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"

const ddpg = Ddpg.make({ hidden: [8, 8] })
const pendulum = Environment.layerContinuous(Pendulum.make({ timeLimit: 30 }))
const cartPole = Environment.layerDiscrete(CartPole.make())
const reach = Environment.layerContinuous(
  PointReach.make({ dimensions: 2, goalConditioned: true, reward: "sparse", timeLimit: 20 })
)
const gaussian = Exploration.layerGaussian({ sigma: 0.1 })
const uniform = Replay.layerUniform({ capacity: 80 })

const steps = 160
const offPolicy = { seed: 3, steps, warmup: 20, learningStarts: 30, batchSize: 8 }

type Run<R> = readonly [
  name: string,
  learner: Parameters<typeof Training.make<R>>[0],
  services: Layer.Layer<R | Replay.Replay | Exploration.Exploration, Replay.ReplayError>,
  options?: Partial<typeof offPolicy>
]

const continuous = (
  name: string,
  algorithm: Algorithm.Algorithm,
  services: Layer.Layer<Replay.Replay | Exploration.Exploration, Replay.ReplayError> = Layer.mergeAll(
    gaussian,
    uniform
  ),
  world = pendulum
): Run<Environment.Continuous> => [name, Algorithm.learner(algorithm), Layer.mergeAll(services, world)]

const registered = Object.keys(Recipes)

const runs: ReadonlyArray<Run<Environment.Continuous>> = [
  continuous("ddpg", ddpg),
  continuous("td3", ddpg.pipe(twinCritics, targetPolicySmoothing(), delayedPolicy({ every: 3 }))),
  continuous(
    "d4pg",
    ddpg.pipe(categoricalCritic({ minimum: -20, maximum: 0, atoms: 11 })),
    Layer.mergeAll(gaussian, Replay.layerPrioritized({ capacity: 80 }).pipe(Replay.nStep(3)))
  ),
  continuous("sac", ddpg.pipe(softActor(), twinCritics), Layer.mergeAll(Exploration.layerNone, uniform)),
  continuous("tqc", ddpg.pipe(softActor(), quantileCritic({ count: 2, quantiles: 5, dropped: 1 }))),
  continuous(
    "td3 with all that is left, compact memory, other noise",
    ddpg.pipe(twinCritics, huber(), layerNorm, targetUpdate({ rule: "hard", every: 7 })),
    Layer.mergeAll(
      Exploration.layerOrnsteinUhlenbeck({ sigma: 0.3, theta: 0.15, dt: 0.05 }).pipe(
        Exploration.mixture(0.2)
      ),
      Replay.layerUniform({ capacity: 80, compact: true, replacement: false }).pipe(Replay.nStep(2))
    )
  ),
  continuous(
    "noise on parameters",
    ddpg.pipe(layerNorm),
    Layer.mergeAll(Exploration.layerParameterNoise({ every: 7 }), uniform)
  ),
  continuous(
    "hindsight",
    ddpg,
    Layer.mergeAll(gaussian, Replay.layerHindsight({ capacity: 80, strategy: "future" })),
    reach
  ),
  continuous(
    "behaviour cloning from a dataset",
    ddpg.pipe(behaviourCloning()),
    Layer.mergeAll(Exploration.layerNone, Replay.layerOffline(dataset()))
  )
]

/** Forty transitions of nowhere. */
function dataset() {
  const numbers = (width: number) =>
    Float32Array.from({ length: 40 * width }, (_, i) => Math.fround(((i * 7) % 11) / 11))
  return {
    observation: numbers(3),
    action: numbers(1),
    reward: numbers(1),
    nextObservation: numbers(3),
    terminated: new Float32Array(40),
    truncated: new Float32Array(40)
  }
}

const onPolicy = (capacity: number) => ({ warmup: 0, learningStarts: 0, batchSize: capacity })

const discrete: ReadonlyArray<Run<Environment.Discrete>> = [
  [
    "actor-critic",
    ActorCritic.make({ hidden: [8] }),
    Layer.mergeAll(cartPole, Exploration.layerNone, Replay.layerRollout({ capacity: 60 })),
    onPolicy(60)
  ],
  [
    "a2c",
    A2c.make({ hidden: [8] }),
    Layer.mergeAll(
      cartPole,
      Exploration.layerNone,
      Replay.layerRollout({ capacity: 8, until: "full", normalize: false })
    ),
    onPolicy(8)
  ]
]

const train = <R>([, learner, services, options]: Run<R>, until: number, from?: Training.Saved) =>
  Effect.gen(function* () {
    const trainer = yield* Training.make(learner, { ...offPolicy, ...options, steps: until }, from)
    yield* Stream.runDrain(trainer.stream)
    const saved = yield* trainer.saved
    return { saved, parameters: trainer.agent.hash(), state: Training.hash(saved) }
  }).pipe(
    Effect.scoped,
    Effect.provideService(Engine.IsChecked, true),
    Effect.provide(Layer.mergeAll(services, Engine.layerOf(WasmEngine.make())), { local: true })
  )

const law = <R>(run: Run<R>) =>
  Effect.gen(function* () {
    const whole = yield* train(run, steps)
    const half = yield* train(run, 97)
    assert.isAbove(half.saved.state.updates, 0)
    assert.isAbove(whole.saved.state.updates, half.saved.state.updates)
    const resumed = yield* train(run, steps, half.saved)
    assert.strictEqual(resumed.parameters, whole.parameters)
    assert.strictEqual(resumed.state, whole.state)
  })

describe("a run resumed in the middle is the run that never stopped", () => {
  it.effect.each(runs.map((run) => ({ name: run[0], run })))("$name", ({ run }) => law(run))
  it.effect.each(discrete.map((run) => ({ name: run[0], run })))("$name", ({ run }) => law(run))

  it("for every preset", () => {
    const covered = new Set(runs.map(([name]) => name))
    assert.deepStrictEqual(
      registered.filter((name) => !covered.has(name)),
      []
    )
  })
})
