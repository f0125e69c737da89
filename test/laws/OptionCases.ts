/** Configurations in which every part is at work, for the law of `Options.test.ts`; a fast test sees that no part is missing. */
import type * as Part from "@ornstein/core/Part"
import * as Safetensors from "@ornstein/core/Safetensors"
import * as SchemaShape from "@ornstein/core/internal/config/SchemaShape"
import * as Experiment from "@ornstein/lab/Experiment"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"

const folder = mkdtempSync(join(tmpdir(), "ornstein-options-"))
afterAll(() => rmSync(folder, { recursive: true }))

const dataset = (name: string, scale: number): string => {
  const path = join(folder, name)
  const rows = 40
  const numbers = (width: number) => ({
    shape: width === 0 ? [rows] : [rows, width],
    data: Float32Array.from({ length: rows * Math.max(1, width) }, (_, i) => (scale * ((i * 7) % 11)) / 11)
  })
  writeFileSync(
    path,
    Safetensors.encode({
      observation: numbers(3),
      action: numbers(1),
      reward: numbers(0),
      nextObservation: numbers(3),
      terminated: { shape: [rows], data: new Float32Array(rows) },
      truncated: {
        shape: [rows],
        data: Float32Array.from({ length: rows }, (_, i) => (i % 10 === 9 ? 1 : 0))
      }
    })
  )
  return path
}

export const pendulum = {
  environment: { kind: "pendulum", timeLimit: 12 },
  algorithm: { base: "ddpg", hidden: [3] },
  replay: { kind: "uniform", capacity: 30 },
  training: { steps: 50, warmup: 5, learningStarts: 10, batchSize: 4, sliceSteps: 25 },
  evaluation: { episodes: 2 }
}

const cartPole = {
  environment: { kind: "cartPole", timeLimit: 12 },
  training: { steps: 60, sliceSteps: 30 },
  evaluation: { episodes: 2 }
}

dataset("data-other", 0.5)

const goals = {
  kind: "pointReach",
  dimensions: 2,
  goalConditioned: true,
  reward: "sparse",
  radius: 0.4,
  timeLimit: 12
}

const variant = (options: object) => ({
  ...pendulum,
  algorithm: { ...pendulum.algorithm, variants: [options] }
})

/** A ramp of each kind. */
export const moving = {
  actorLearningRate: { kind: "linear", from: 0.01, to: 0.001, steps: 20, per: "step" },
  criticLearningRate: { kind: "cosine", from: 0.01, to: 0.001, steps: 20, per: "update" },
  criticWeightDecay: { kind: "exponential", from: 0.1, to: 0.01, halfLife: 10, per: "step" },
  criticL2: {
    kind: "piecewise",
    points: [
      { at: 5, value: 0.1 },
      { at: 30, value: 0.2 }
    ],
    between: "line",
    per: "step"
  },
  actorGradientClip: { kind: "warmup", from: 0.01, steps: 20, to: 0.1, per: "step" },
  criticGradientClip: { kind: "sequence", parts: [{ ramp: 0.1, steps: 20 }], last: 0.2, per: "step" },
  tau: { kind: "product", factors: [0.1, { kind: "linear", from: 1, to: 0.5, steps: 20 }], per: "step" }
}

const { catalogues } = Experiment

export const hasOptions = ({ members }: Part.Any): boolean =>
  members.some(({ ast }) => SchemaShape.keysOf(ast).length > 1)

/** By name: a configuration, and the places in it whose options are changed. */
export const cases: ReadonlyArray<readonly [name: string, input: object, parts: ReadonlyArray<string>]> = [
  ...catalogues.bases.parts
    .filter(({ environment }) => environment === "Continuous")
    .map(
      ({ kind: base }) => [base, { ...pendulum, algorithm: { base, hidden: [3] } }, ["algorithm"]] as const
    ),
  ...catalogues.networks.parts.map(
    ({ kind }) =>
      [
        `the network ${kind}`,
        { ...pendulum, algorithm: { network: { kind, hidden: [3] } } },
        ["algorithm.network"]
      ] as const
  ),
  [
    "a two-branch critic",
    {
      ...pendulum,
      algorithm: { hidden: [3], critic: { kind: "twoBranch", branches: { state: [2], action: [2] } } }
    },
    ["algorithm.critic"]
  ],
  ...catalogues.optimizers.parts.map(
    ({ kind }) =>
      [
        `the critics' optimizer ${kind}`,
        { ...pendulum, algorithm: { hidden: [3], criticOptimizer: { kind } } },
        ["algorithm.criticOptimizer"]
      ] as const
  ),
  [
    "the actor's optimizer",
    { ...pendulum, algorithm: { hidden: [3], actorOptimizer: { kind: "sgd" } } },
    ["algorithm.actorOptimizer"]
  ],
  [
    "actorCritic",
    { ...cartPole, algorithm: { base: "actorCritic" }, replay: { capacity: 20 } },
    ["algorithm", "replay"]
  ],
  ["a2c", { ...cartPole, algorithm: { base: "a2c" }, replay: { capacity: 8 } }, ["algorithm", "replay"]],
  ...[
    ...catalogues.variants.parts
      .filter((part) => hasOptions(part) && !["targetUpdate", "deepSets"].includes(part.kind))
      .map(({ kind }) => ({ kind })),
    { kind: "targetUpdate", rule: "soft" },
    { kind: "targetUpdate", rule: "hard" }
  ].map((options) => [JSON.stringify(options), variant(options), ["algorithm.variants.0"]] as const),
  ["deepSets", { ...pendulum, algorithm: { variants: [{ kind: "deepSets", hidden: [3] }] } }, ["algorithm"]],
  [
    "deepSets itself",
    { ...pendulum, algorithm: { variants: [{ kind: "deepSets", hidden: [3] }] } },
    ["algorithm.variants.0"]
  ],
  [
    "numbers that move",
    {
      ...pendulum,
      algorithm: { base: "td3", hidden: [3], ...moving },
      exploration: {
        kind: "gaussian",
        sigma: {
          kind: "warmup",
          from: 0.1,
          steps: 9,
          to: { kind: "exponential", from: 0.5, to: 0.1, halfLife: 9 }
        }
      },
      training: { ...pendulum.training, updatesPerRound: 2 }
    },
    ["exploration.sigma", ...Object.keys(moving).map((name) => `algorithm.${name}`)]
  ],
  ["uniform", pendulum, ["replay", "training", "evaluation"]],
  [
    "normalised",
    {
      ...pendulum,
      training: { ...pendulum.training, normalize: { observations: true, rewards: true, clip: 0.5 } }
    },
    ["training.normalize"]
  ],
  ["prioritized", { ...pendulum, replay: { kind: "prioritized", capacity: 30 } }, ["replay"]],
  [
    "hindsight",
    { ...pendulum, environment: goals, replay: { kind: "hindsight", capacity: 30 } },
    ["replay", "environment"]
  ],
  [
    "offline",
    { ...pendulum, replay: { kind: "offline", file: dataset("data", 1), capacity: 39 } },
    ["replay"]
  ],
  ...catalogues.explorations.parts.map(
    ({ kind }) =>
      [
        kind,
        { ...pendulum, exploration: kind === "parameterNoise" ? { kind, every: 4 } : { kind } },
        ["exploration"]
      ] as const
  ),
  ...[
    { kind: "timeLimit", limit: 5 },
    { kind: "repeatActions", times: 2 },
    { kind: "stickyActions" },
    { kind: "stackObservations", count: 2 }
  ].map((wrapper) => [wrapper.kind, { ...pendulum, wrappers: [wrapper] }, ["wrappers.0"]] as const),
  ["pendulum", pendulum, ["environment"]],
  [
    "mountainCarContinuous",
    { ...pendulum, environment: { kind: "mountainCarContinuous", timeLimit: 12 } },
    ["environment"]
  ],
  [
    "pointReach",
    { ...pendulum, environment: { kind: "pointReach", dimensions: 2, radius: 0.4, timeLimit: 12 } },
    ["environment"]
  ],
  [
    "linearQuadratic",
    { ...pendulum, environment: { kind: "linearQuadratic", timeLimit: 12 } },
    ["environment"]
  ],
  // Starts so far from the model's, and ranges so narrow, that some states are not healthy.
  ...[
    { kind: "ant", healthyZRange: [0.3, 0.75], timeLimit: 12 },
    { kind: "halfCheetah", timeLimit: 12 },
    { kind: "hopper", healthyStateRange: [-4, 4], resetNoiseScale: 0.25, timeLimit: 12 },
    { kind: "humanoid", healthyZRange: [1.27, 2], contactCostRange: [0.001, 10], timeLimit: 12 },
    { kind: "humanoidStandup", impactCostRange: [0.001, 0.002], timeLimit: 12 },
    { kind: "invertedDoublePendulum", timeLimit: 12 },
    { kind: "invertedPendulum", timeLimit: 12 },
    { kind: "pusher", timeLimit: 12 },
    { kind: "reacher", timeLimit: 12 },
    { kind: "swimmer", timeLimit: 12 },
    { kind: "walker2d", healthyAngleRange: [-0.2, 0.2], resetNoiseScale: 0.25, timeLimit: 12 }
  ].map((environment) => [environment.kind, { ...pendulum, environment }, ["environment"]] as const),
  ["bipedalWalker", { ...pendulum, environment: { kind: "bipedalWalker", timeLimit: 12 } }, ["environment"]],
  [
    "lunarLanderContinuous",
    { ...pendulum, environment: { kind: "lunarLanderContinuous", enableWind: true, timeLimit: 12 } },
    ["environment"]
  ],
  [
    "lunarLander",
    {
      ...cartPole,
      environment: { kind: "lunarLander", enableWind: true, timeLimit: 12 },
      algorithm: { base: "a2c" },
      replay: { capacity: 8 }
    },
    ["environment"]
  ],
  [
    "spaces",
    {
      ...pendulum,
      environment: { kind: "spaces", observation: 3, low: [-2], high: [2] },
      replay: { kind: "offline", file: dataset("data", 1) },
      evaluation: { episodes: 0 }
    },
    ["environment"]
  ],
  ["probe", { ...pendulum, environment: { kind: "probe", world: "deadEnd" } }, ["environment"]],
  ["cartPole", { ...cartPole, algorithm: { base: "a2c" }, replay: { capacity: 8 } }, ["environment"]],
  [
    "discreteProbe",
    {
      ...cartPole,
      environment: { kind: "discreteProbe", world: "deadEnd" },
      algorithm: { base: "a2c" },
      replay: { capacity: 8 }
    },
    ["environment"]
  ]
]
