/** Experiments by name, each with where its hyper-parameters come from. */
import type * as Experiment from "./Experiment.ts"

// models

export interface Preset {
  readonly description: string
  /** Where the hyper-parameters come from. */
  readonly source: string
  /** The mean return from which the task counts as solved, where its environment names none. */
  readonly threshold?: number
  readonly config: Experiment.Input
}

// the table

export const presets: { readonly [name: string]: Preset } = {
  pendulum: {
    description: "DDPG swings a pendulum up, in 10,000 steps",
    source:
      "RL Baselines3 Zoo, ddpg.yml, Pendulum-v1: gamma 0.98, learning rates 1e-3, Gaussian noise 0.1; " +
      "smaller networks, an earlier start and tau 0.01 (from a sweep over 5 seeds) for a run of half the length",
    threshold: -200,
    config: {
      environment: { kind: "pendulum" },
      algorithm: { base: "ddpg", gamma: 0.98, tau: 0.01, hidden: [64, 64] },
      replay: { kind: "uniform", capacity: 100_000 },
      exploration: { kind: "gaussian", sigma: 0.1 },
      training: { steps: 10_000, warmup: 1000, learningStarts: 1000, batchSize: 64 },
      evaluation: { episodes: 100 }
    }
  }
}

export const names: ReadonlyArray<string> = Object.keys(presets)
