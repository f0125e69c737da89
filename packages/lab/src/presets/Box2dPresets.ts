/** Experiments on landers and walkers: hyper-parameters of RL Baselines3 Zoo, whose runs take hours. */
import type { Experiment } from "../experiment/index.ts"
import type { Preset } from "./Preset.ts"

// models

type Config = Experiment.Input

// pure core

const hidden = [400, 300] as const

const evaluation = { episodes: 100 }

/** What ddpg.yml and td3.yml say of both worlds. */
const deterministic = (base: "ddpg" | "td3", environment: Config["environment"], steps: number): Config => ({
  environment,
  algorithm: { base, gamma: 0.98, tau: 0.005, hidden, actorLearningRate: 1e-3, criticLearningRate: 1e-3 },
  replay: { kind: "uniform", capacity: 200_000 },
  exploration: { kind: "gaussian", sigma: 0.1 },
  training: { steps, warmup: 10_000, learningStarts: 10_000, batchSize: 256, updatesPerRound: 1 },
  evaluation
})

const zoo = (file: string, rest: string): string => `RL Baselines3 Zoo, ${file}: ${rest}`

const DETERMINISTIC =
  "gamma 0.98, networks of 400 and 300, noise 0.1, learning rates 1e-3, minibatches of 256"

/** A rate that falls to 0 over the run. */
const falling = { kind: "linear", from: 7.3e-4, to: 0, steps: 500_000 } as const

const softLander = (algorithm: Config["algorithm"]): Config => ({
  environment: { kind: "lunarLanderContinuous" },
  ...(algorithm === undefined ? {} : { algorithm }),
  replay: { kind: "uniform", capacity: 1_000_000 },
  exploration: { kind: "none" },
  training: { steps: 500_000, warmup: 10_000, learningStarts: 10_000, batchSize: 256, updatesPerRound: 1 },
  evaluation
})

const softWalker = (algorithm: Config["algorithm"]): Config => ({
  environment: { kind: "bipedalWalker" },
  ...(algorithm === undefined ? {} : { algorithm }),
  replay: { kind: "uniform", capacity: 300_000 },
  exploration: { kind: "none" },
  training: {
    steps: 500_000,
    warmup: 10_000,
    learningStarts: 10_000,
    batchSize: 256,
    updateEvery: 64,
    updatesPerRound: 64
  },
  evaluation
})

const SOFT_LANDER = "gamma 0.99, tau 0.01, networks of 400 and 300, learning rates from 7.3e-4 to 0"
const SOFT_WALKER =
  "gamma 0.98, tau 0.02, networks of 400 and 300, learning rates 7.3e-4, 64 updates after every 64 steps; noise of the " +
  "policy's own at each step in place of state-dependent exploration (gSDE)"

const lander = { gamma: 0.99, tau: 0.01, hidden, actorLearningRate: falling, criticLearningRate: falling }
const walker = { gamma: 0.98, tau: 0.02, hidden, actorLearningRate: 7.3e-4, criticLearningRate: 7.3e-4 }

// the table

export const presets = {
  "lunar-lander": {
    description: "DDPG lands between two flags, in 300,000 steps",
    source: zoo("ddpg.yml, LunarLanderContinuous-v3", DETERMINISTIC),
    config: deterministic("ddpg", { kind: "lunarLanderContinuous" }, 300_000)
  },
  "lunar-lander-td3": {
    description: "TD3 lands between two flags, in 300,000 steps",
    source: zoo("td3.yml, LunarLanderContinuous-v3", DETERMINISTIC),
    config: deterministic("td3", { kind: "lunarLanderContinuous" }, 300_000)
  },
  "lunar-lander-sac": {
    description: "SAC lands between two flags, in 500,000 steps",
    source: zoo("sac.yml, LunarLanderContinuous-v3", `${SOFT_LANDER}; that of the temperature stays at 1e-3`),
    config: softLander({ base: "sac", ...lander })
  },
  "lunar-lander-tqc": {
    description: "TQC with two critics lands between two flags, in 500,000 steps",
    source: zoo("tqc.yml, LunarLanderContinuous-v3", SOFT_LANDER),
    config: softLander({
      base: "ddpg",
      ...lander,
      variants: [
        { kind: "softActor", temperatureLearningRate: falling },
        { kind: "quantileCritic", count: 2 }
      ]
    })
  },
  "lunar-lander-a2c": {
    description: "A2C lands between two flags with four actions, in 1,000,000 steps",
    source:
      "The best of a few settings, one seed each: eight lanes as in RL Baselines3 Zoo, a2c.yml, LunarLander-v3, whose gamma of 0.995 and " +
      "rollouts of five steps a lane did not learn it here in the first 200,000 steps, with one lane or with more entropy",
    config: {
      environment: { kind: "lunarLander" },
      algorithm: {
        base: "a2c",
        gamma: 0.99,
        entropy: 0.01,
        learningRate: { kind: "linear", from: 2e-3, to: 1e-5, steps: 1_000_000 },
        hidden: [64, 64]
      },
      replay: { kind: "rollout", capacity: 256 },
      exploration: { kind: "none" },
      training: { steps: 1_000_000, lanes: 8, normalize: { rewards: true }, sliceSteps: 5000 },
      evaluation
    }
  },
  "bipedal-walker": {
    description: "DDPG walks on two legs, in 1,000,000 steps",
    source: zoo("ddpg.yml, BipedalWalker-v3", DETERMINISTIC),
    config: deterministic("ddpg", { kind: "bipedalWalker" }, 1_000_000)
  },
  "bipedal-walker-td3": {
    description: "TD3 walks on two legs, in 1,000,000 steps",
    source: zoo("td3.yml, BipedalWalker-v3", DETERMINISTIC),
    config: deterministic("td3", { kind: "bipedalWalker" }, 1_000_000)
  },
  "bipedal-walker-sac": {
    description: "SAC walks on two legs, in 500,000 steps",
    source: zoo("sac.yml, BipedalWalker-v3", `${SOFT_WALKER}; the temperature learns at 1e-3`),
    config: softWalker({ base: "sac", ...walker })
  },
  "bipedal-walker-tqc": {
    description: "TQC with two critics walks on two legs, in 500,000 steps",
    source: zoo("tqc.yml, BipedalWalker-v3", SOFT_WALKER),
    config: softWalker({
      base: "ddpg",
      ...walker,
      variants: [
        { kind: "softActor", temperatureLearningRate: 7.3e-4 },
        { kind: "quantileCritic", count: 2 }
      ]
    })
  }
} satisfies { readonly [name: string]: Preset }
