/** Every public constructor answers wrong and unknown options with the error of the command, in a line. */
import * as algos from "@ornstein/algos"
import * as core from "@ornstein/core"
import * as envs from "@ornstein/envs"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as Part from "@ornstein/core/Part"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"

const odd = { unheard: 1 }

/** By package and name: a wrong option, and one that is not known. Constructors of one number have only the first. */
const algorithms: { readonly [name: string]: ReadonlyArray<() => unknown> } = {
  "Ddpg.make": [() => algos.Ddpg.make({ tau: 2 }), () => algos.Ddpg.make({ gamma: 0.5, ...odd })],
  "A2c.make": [() => algos.A2c.make({ entropy: -1 }), () => algos.A2c.make({ gamma: 0.5, ...odd })],
  "ActorCritic.make": [
    () => algos.ActorCritic.make({ entropy: -1 }),
    () => algos.ActorCritic.make({ gamma: 0.5, ...odd })
  ],
  behaviourCloning: [
    () => algos.behaviourCloning({ alpha: 0 }),
    () => algos.behaviourCloning({ alpha: 1, ...odd })
  ],
  categoricalCritic: [
    () => algos.categoricalCritic({ minimum: 1, maximum: 1 }),
    () => algos.categoricalCritic({ atoms: 5, ...odd })
  ],
  criticEnsemble: [
    () => algos.criticEnsemble({ critics: 2, subset: 3 }),
    () => algos.criticEnsemble({ critics: 3, ...odd })
  ],
  deepSets: [() => algos.deepSets({ features: 0 }), () => algos.deepSets({ features: 2, ...odd })],
  // What a configuration has decoded is all that is made of it.
  "Dense.part": [
    () => Part.of(algos.Dense.part, { hidden: [0] }),
    () => Part.of(algos.Dense.part, { hidden: [4], ...odd })
  ],
  delayedPolicy: [() => algos.delayedPolicy({ every: 0.5 }), () => algos.delayedPolicy({ every: 2, ...odd })],
  huber: [() => algos.huber({ delta: -1 }), () => algos.huber({ delta: 2, ...odd })],
  quantileCritic: [
    () => algos.quantileCritic({ dropped: 25 }),
    () => algos.quantileCritic({ count: 2, ...odd })
  ],
  softActor: [
    () => algos.softActor({ logStdMinimum: 3 }),
    () => algos.softActor({ targetEntropy: 1, ...odd })
  ],
  targetPolicySmoothing: [
    () => algos.targetPolicySmoothing({ sigma: 0 }),
    () => algos.targetPolicySmoothing({ sigma: 1, ...odd })
  ],
  targetUpdate: [
    () => algos.targetUpdate({ rule: "soft", tau: 0 }),
    () => algos.targetUpdate({ rule: "hard", every: 2, ...odd })
  ]
}

const worlds: { readonly [name: string]: ReadonlyArray<() => unknown> } = {
  BipedalWalker: [
    () => envs.BipedalWalker.make({ timeLimit: 0.5 }),
    () => envs.BipedalWalker.make({ hardcore: true, ...odd })
  ],
  LunarLander: [
    () => envs.LunarLander.make({ gravity: -12 }),
    () => envs.LunarLander.make({ timeLimit: 5, ...odd })
  ],
  LunarLanderContinuous: [
    () => envs.LunarLanderContinuous.make({ windPower: -1 }),
    () => envs.LunarLanderContinuous.make({ enableWind: true, ...odd })
  ],
  Ant: [() => envs.Ant.make({ contactForceRange: [1, -1] }), () => envs.Ant.make({ timeLimit: 5, ...odd })],
  CartPole: [() => envs.CartPole.make({ timeLimit: 0 }), () => envs.CartPole.make({ timeLimit: 5, ...odd })],
  HalfCheetah: [
    () => envs.HalfCheetah.make({ frameSkip: 0 }),
    () => envs.HalfCheetah.make({ timeLimit: 5, ...odd })
  ],
  Hopper: [
    () => envs.Hopper.make({ healthyZRange: [2, 1] }),
    () => envs.Hopper.make({ timeLimit: 5, ...odd })
  ],
  Gymnasium: [() => envs.Gymnasium.make({ id: "" }), () => envs.Gymnasium.make({ id: "Hopper-v5", ...odd })],
  Humanoid: [
    () => envs.Humanoid.make({ healthyZRange: [2, 1] }),
    () => envs.Humanoid.make({ timeLimit: 5, ...odd })
  ],
  HumanoidStandup: [
    () => envs.HumanoidStandup.make({ impactCostRange: [1, 0] }),
    () => envs.HumanoidStandup.make({ timeLimit: 5, ...odd })
  ],
  InvertedDoublePendulum: [
    () => envs.InvertedDoublePendulum.make({ frameSkip: 0.5 }),
    () => envs.InvertedDoublePendulum.make({ timeLimit: 5, ...odd })
  ],
  InvertedPendulum: [
    () => envs.InvertedPendulum.make({ resetNoiseScale: -1 }),
    () => envs.InvertedPendulum.make({ timeLimit: 5, ...odd })
  ],
  Pusher: [() => envs.Pusher.make({ timeLimit: 0 }), () => envs.Pusher.make({ timeLimit: 5, ...odd })],
  Reacher: [
    () => envs.Reacher.make({ rewardDistWeight: NaN }),
    () => envs.Reacher.make({ timeLimit: 5, ...odd })
  ],
  Spaces: [
    () => envs.Spaces.make({ observation: 1, low: [1], high: [0] }),
    () => envs.Spaces.make({ observation: 1, low: [0], high: [1], ...odd })
  ],
  LinearQuadratic: [
    () => envs.LinearQuadratic.make({ a: [[1]] }),
    () => envs.LinearQuadratic.make({ timeLimit: 5, ...odd })
  ],
  MountainCarContinuous: [
    () => envs.MountainCarContinuous.make({ timeLimit: -1 }),
    () => envs.MountainCarContinuous.make({ timeLimit: 5, ...odd })
  ],
  Pendulum: [() => envs.Pendulum.make({ gravity: NaN }), () => envs.Pendulum.make({ timeLimit: 5, ...odd })],
  PointReach: [
    () => envs.PointReach.make({ dimensions: 2, goal: [1] }),
    () => envs.PointReach.make({ dimensions: 2, ...odd })
  ],
  Probe: [
    () => envs.Probe.make({ world: "constant", ...odd }),
    () => envs.Probe.makeDiscrete({ world: "constant", ...odd })
  ],
  Swimmer: [
    () => envs.Swimmer.make({ resetNoiseScale: -1 }),
    () => envs.Swimmer.make({ timeLimit: 5, ...odd })
  ],
  Walker2d: [
    () => envs.Walker2d.make({ frameSkip: 1.5 }),
    () => envs.Walker2d.make({ timeLimit: 5, ...odd })
  ],
  Wrapper: [
    () => envs.Wrapper.timeLimit(0)(envs.Pendulum.make()),
    () => envs.Wrapper.repeatActions(0)(envs.Pendulum.make()),
    () => envs.Wrapper.stickyActions(2)(envs.Pendulum.make()),
    () => envs.Wrapper.stackObservations(0)(envs.Pendulum.make())
  ]
}

const services: { readonly [name: string]: ReadonlyArray<() => unknown> } = {
  "Exploration.layerGaussian": [
    () => core.Exploration.layerGaussian({ sigma: -1 }),
    () => core.Exploration.layerGaussian({ sigma: 1, ...odd })
  ],
  "Exploration.layerOrnsteinUhlenbeck": [
    () => core.Exploration.layerOrnsteinUhlenbeck({ theta: 0 }),
    () => core.Exploration.layerOrnsteinUhlenbeck({ theta: 1, ...odd })
  ],
  "Exploration.layerParameterNoise": [
    () => core.Exploration.layerParameterNoise({ factor: 1 }),
    () => core.Exploration.layerParameterNoise({ every: 2, ...odd })
  ],
  "Exploration.mixture": [() => core.Exploration.mixture(-1)(core.Exploration.layerNone)],
  "Replay.layerUniform": [
    () => core.Replay.layerUniform({ capacity: 0 }),
    () => core.Replay.layerUniform({ capacity: 9, ...odd })
  ],
  "Replay.layerPrioritized": [
    () => core.Replay.layerPrioritized({ alpha: 2 }),
    () => core.Replay.layerPrioritized({ capacity: 9, ...odd })
  ],
  "Replay.layerHindsight": [
    () => core.Replay.layerHindsight({ goals: 0 }),
    () => core.Replay.layerHindsight({ capacity: 9, ...odd })
  ],
  "Replay.layerRollout": [
    () => core.Replay.layerRollout({ capacity: 1.5 }),
    () => core.Replay.layerRollout({ capacity: 9, ...odd })
  ],
  "Replay.layerDataset": [
    () => core.Replay.layerDataset({ file: "" }),
    () => core.Replay.layerDataset({ file: "data", ...odd })
  ],
  "Replay.nStep": [() => core.Replay.nStep(0)],
  "Optimizer.sgd": [
    () => core.Optimizer.sgd({ learningRate: -1 }),
    () => core.Optimizer.sgd({ learningRate: 1, momentum: 1 }),
    () => core.Optimizer.sgd({ learningRate: 1, ...odd })
  ],
  "Optimizer.adam": [
    () => core.Optimizer.adam({ learningRate: Number.NaN }),
    () => core.Optimizer.adam({ learningRate: 1, beta1: 1 }),
    () => core.Optimizer.adam({ learningRate: 1, ...odd })
  ],
  "Optimizer.adamW": [
    () => core.Optimizer.adamW({ learningRate: 1, weightDecay: -1 }),
    () => core.Optimizer.adamW({ learningRate: 1, ...odd })
  ],
  "Optimizer.rmsProp": [
    () => core.Optimizer.rmsProp({ learningRate: 1, decay: 1 }),
    () => core.Optimizer.rmsProp({ learningRate: 1, ...odd })
  ]
}

const thrown = (run: () => unknown): unknown => {
  const result = Result.try({ try: run, catch: (cause) => cause })
  return Result.isFailure(result) ? result.failure : undefined
}

const check = (error: unknown): void => {
  assert.instanceOf(error, core.Config.ConfigError)
  assert.match(error.message, /^options of [a-zA-Z0-9.]+: [^\n]{1,250}$/)
}

describe.each(Object.entries({ ...algorithms, ...worlds, ...services }))("%s", (_name, wrong) => {
  it.each(wrong.map((run, i) => [i, run] as const))("refuses wrong options, case %d", (_, run) =>
    check(thrown(run))
  )
})

describe("Training.make", () => {
  const world = core.Environment.layerContinuous(envs.Pendulum.make())
  const learner = algos.Algorithm.learner(algos.Ddpg.make({ hidden: [4] }))
  const all = Layer.mergeAll(
    world,
    core.Exploration.layerNone,
    core.Replay.layerUniform({ capacity: 100 }),
    core.Engine.layerOf(WasmEngine.make())
  )

  it.effect.each([{ steps: 0 }, { steps: 5, ...odd }, { normalize: { clip: 0 } }])("refuses %j", (options) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(core.Training.make(learner, options))
      check(error)
    }).pipe(Effect.scoped, Effect.provide(all))
  )
})

describe("Evaluation.run", () => {
  it.effect.each([{ episodes: 0 }, { episodes: 2, ...odd }])("refuses %j", (options) =>
    Effect.map(Effect.flip(core.Evaluation.run(envs.Pendulum.make(), () => undefined, options)), check)
  )
})

describe("engines", () => {
  it.effect.each([
    core.Engine.layerAuto({ threads: 0 }),
    core.Engine.layerNative({ threads: 0 }),
    core.Engine.layerNative({ fused: true, ...odd }),
    core.Engine.layerWasm({ threads: 0 }),
    core.Engine.layerWasm({ relaxed: true, ...odd }),
    core.Engine.layerTensorflow({ device: "cpu", threads: 0 }),
    core.Engine.layerTensorflow({ device: "cpu", ...odd }),
    core.Engine.layerWebgpu({ adapter: "any", ...odd })
  ])("refuse wrong options as layers", (layer) =>
    Effect.map(Effect.flip(Effect.provide(core.Engine.Engine, layer)), check)
  )

  it("refuse wrong options alone, in their own words", () => {
    for (const options of [{ threads: 0 }, { threads: 1.5 }, { threads: 1, ...odd }]) {
      const error = thrown(() => WasmEngine.make(options))
      assert.match(error instanceof Error ? error.message : "", /^engine wasm: [^\n]{1,200}$/)
    }
  })
})

describe("this file", () => {
  it("has every variant and every world", () => {
    const covered = new Set(Object.keys(algorithms).map((name) => name.split(".")[0]))
    const withoutOptions = new Set([
      "Algorithm",
      "Architecture",
      "Base",
      "Networks",
      "Papers",
      "Phases",
      "Recipe",
      "Recipes",
      "Registry",
      "layerNorm",
      "twinCritics"
    ])
    const uncovered = Object.keys(algos).filter((name) => !covered.has(name) && !withoutOptions.has(name))
    assert.deepStrictEqual(uncovered, [])
    const names = new Set(["discreteprobe", ...Object.keys(worlds).map((name) => name.toLowerCase())])
    const kinds = envs.Registry.worlds.parts.map(({ kind }) => kind)
    assert.deepStrictEqual(
      kinds.filter((kind) => !names.has(kind.toLowerCase())),
      []
    )
    // From values that exist, or from a configuration.
    const free = ["layer", "layerNone", "layerOffline"]
    const made = new Set([...free, ...Object.keys(services).map((name) => name.split(".")[1])])
    const layers = Object.keys({ ...core.Replay, ...core.Exploration }).filter((name) =>
      name.startsWith("layer")
    )
    assert.deepStrictEqual(
      layers.filter((name) => !made.has(name)),
      []
    )
  })
})
