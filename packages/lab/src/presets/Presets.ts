/** Experiments by name, each with where its hyper-parameters come from. */
import * as Box2dPresets from "./Box2dPresets.ts"
import * as MujocoPresets from "./MujocoPresets.ts"
import type { Preset } from "./Preset.ts"

export type { Preset }

// the table

export const presets: { readonly [name: string]: Preset } = {
  pendulum: {
    description: "DDPG swings a pendulum up, in 10,000 steps",
    source:
      "RL Baselines3 Zoo, ddpg.yml, Pendulum-v1: gamma 0.98, learning rates 1e-3; smaller networks, an earlier start and " +
      "tau 0.01 (from a sweep over 5 seeds) for a run of half the length; noise 0.2 and minibatches of 128, with which every seed " +
      "of 30 learns it",
    threshold: -200,
    config: {
      environment: { kind: "pendulum" },
      algorithm: { base: "ddpg", gamma: 0.98, tau: 0.01, hidden: [64, 64] },
      replay: { kind: "uniform", capacity: 100_000 },
      exploration: { kind: "gaussian", sigma: 0.2 },
      training: { steps: 10_000, warmup: 1000, learningStarts: 1000, batchSize: 128, updatesPerRound: 1 },
      evaluation: { episodes: 100 }
    }
  },
  "pendulum-td3": {
    description: "TD3 swings a pendulum up, in 10,000 steps",
    source:
      "As `pendulum`; tau 0.02 (from a sweep over 3 seeds) makes up for targets that move in every second update; minibatches " +
      "of 64; with noise of 0.1 some seeds never see a pendulum that spins, and then never stop one",
    threshold: -200,
    config: {
      environment: { kind: "pendulum" },
      algorithm: { base: "td3", gamma: 0.98, tau: 0.02, hidden: [64, 64] },
      replay: { kind: "uniform", capacity: 100_000 },
      exploration: { kind: "gaussian", sigma: 0.2 },
      training: { steps: 10_000, warmup: 1000, learningStarts: 1000, batchSize: 64, updatesPerRound: 1 },
      evaluation: { episodes: 100 }
    }
  },
  "pendulum-sac": {
    description: "SAC swings a pendulum up, in 10,000 steps",
    source: "As `pendulum`; minibatches of 64, learning rates 2e-3 (from a sweep over 3 seeds)",
    threshold: -200,
    config: {
      environment: { kind: "pendulum" },
      algorithm: {
        base: "sac",
        gamma: 0.98,
        tau: 0.01,
        hidden: [64, 64],
        actorLearningRate: 2e-3,
        criticLearningRate: 2e-3
      },
      replay: { kind: "uniform", capacity: 100_000 },
      exploration: { kind: "none" },
      training: { steps: 10_000, warmup: 500, learningStarts: 500, batchSize: 64, updatesPerRound: 1 },
      evaluation: { episodes: 100 }
    }
  },
  "pendulum-d4pg": {
    description: "D4PG swings a pendulum up, in 10,000 steps",
    source:
      "As `pendulum`; tau 0.02, 3-step returns and priorities, values from -820 (the least reward, -16.3, for ever); noise 0.3 " +
      "as in the paper and minibatches of 128, because with 0.1 and 64 some actors saturate before they have seen enough",
    threshold: -200,
    config: {
      environment: { kind: "pendulum" },
      algorithm: {
        base: "ddpg",
        gamma: 0.98,
        tau: 0.02,
        hidden: [64, 64],
        variants: [{ kind: "categoricalCritic", minimum: -820, maximum: 0 }]
      },
      replay: { kind: "prioritized", capacity: 100_000, nStep: 3 },
      exploration: { kind: "gaussian", sigma: 0.3 },
      training: { steps: 10_000, warmup: 1000, learningStarts: 1000, batchSize: 128, updatesPerRound: 1 },
      evaluation: { episodes: 100 }
    }
  },
  "pendulum-tqc": {
    description: "TQC with two critics swings a pendulum up, in 10,000 steps",
    source: "As `pendulum-sac`; two critics as in SB3-contrib, where the paper has five",
    threshold: -200,
    config: {
      environment: { kind: "pendulum" },
      algorithm: {
        base: "ddpg",
        gamma: 0.98,
        tau: 0.01,
        hidden: [64, 64],
        actorLearningRate: 2e-3,
        criticLearningRate: 2e-3,
        variants: [{ kind: "softActor" }, { kind: "quantileCritic", count: 2 }]
      },
      replay: { kind: "uniform", capacity: 100_000 },
      exploration: { kind: "none" },
      training: { steps: 10_000, warmup: 1000, learningStarts: 1000, batchSize: 64, updatesPerRound: 1 },
      evaluation: { episodes: 100 }
    }
  },
  "reach-goal": {
    description: "DDPG with hindsight brings a point to any goal, from rewards of -1 and 0, in 6,000 steps",
    source:
      "Andrychowicz et al., 2017: strategy future, k = 4, a share of random actions; sizes for four dimensions",
    threshold: -2,
    config: {
      environment: {
        kind: "pointReach",
        dimensions: 4,
        goalConditioned: true,
        reward: "sparse",
        timeLimit: 20
      },
      algorithm: { base: "ddpg", gamma: 0.9, tau: 0.02, hidden: [64, 64] },
      replay: { kind: "hindsight", capacity: 100_000 },
      exploration: { kind: "gaussian", sigma: 0.2, epsilon: 0.1 },
      training: { steps: 6000, warmup: 1000, learningStarts: 1000, batchSize: 64, updatesPerRound: 1 },
      evaluation: { episodes: 100 }
    }
  },
  "mountain-car": {
    description: "DDPG drives a car up a hill, in 40,000 steps",
    source:
      "RL Baselines3 Zoo, ddpg.yml, MountainCarContinuous-v0: Ornstein-Uhlenbeck noise 0.5, learning rates 1e-3; " +
      "smaller networks and 5-step returns (from a sweep over 2 seeds), which carry the one reward back faster",
    threshold: 90,
    config: {
      environment: { kind: "mountainCarContinuous" },
      algorithm: { base: "ddpg", gamma: 0.99, hidden: [64, 64] },
      replay: { kind: "uniform", capacity: 100_000, nStep: 5 },
      exploration: { kind: "ornsteinUhlenbeck", sigma: 0.5 },
      training: { steps: 40_000, warmup: 100, learningStarts: 100, batchSize: 64, updatesPerRound: 1 },
      evaluation: { episodes: 100 }
    }
  },
  cartpole: {
    description: "actor-critic balances a pole, in 150,000 steps",
    source:
      "Keras example actor_critic_cartpole: gamma 0.99, one hidden layer of 128, Huber loss; learning rate 1e-3 in place " +
      "of 1e-2 (from a sweep over 5 seeds), which is slower and stays",
    config: {
      environment: { kind: "cartPole" },
      algorithm: { base: "actorCritic", learningRate: 1e-3 },
      replay: { kind: "rollout", capacity: 500 },
      exploration: { kind: "none" },
      training: { steps: 150_000, sliceSteps: 5000 },
      evaluation: { episodes: 100 }
    }
  },
  "linear-quadratic": {
    description: "DDPG comes within 5 % of a regulator's closed form, in 10,000 steps",
    source: "A sweep over 3 seeds and two tau; gamma 0.9 and short episodes, so that no state runs away",
    threshold: -7,
    config: {
      environment: { kind: "linearQuadratic", actionBound: 3, timeLimit: 30 },
      algorithm: { base: "ddpg", gamma: 0.9, hidden: [64, 64] },
      replay: { kind: "uniform", capacity: 100_000 },
      exploration: { kind: "gaussian", sigma: 0.1 },
      training: { steps: 10_000, warmup: 1000, learningStarts: 1000, batchSize: 64, updatesPerRound: 1 },
      evaluation: { episodes: 100 }
    }
  },
  ...Box2dPresets.presets,
  ...MujocoPresets.presets
}

export const names: ReadonlyArray<string> = Object.keys(presets)
