/** Worlds on MuJoCo: each with DDPG, TD3 and SAC, with the settings of those who published results. */
import type { Experiment } from "../experiment/index.ts"
import type { Preset } from "./Preset.ts"

// models

/** A world, and how long and with which discount it is learned in. */
interface Task {
  readonly environment: Experiment.Input["environment"]
  /** What a learner does in it. */
  readonly does: string
  readonly steps: number
  readonly gamma?: number
  /** The mean return from which it counts as solved, where the world names none. */
  readonly threshold?: number
  /** What the deterministic learners are run with. */
  readonly deterministic: Settings
  /** Steps that are uniformly random before SAC learns. */
  readonly random: number
}

/** Networks and rhythm that go together. */
interface Settings {
  readonly source: string
  readonly hidden: readonly [number, ...Array<number>]
  /** What else is not the base's own. */
  readonly algorithm?: {
    readonly actorLearningRate: number
    readonly criticLearningRate: number
    readonly smallFinal: boolean
  }
  readonly batchSize: number
  readonly random: number
}

// settings

const paper: Settings = {
  source:
    "Fujimoto et al., 2018, for TD3 and for the DDPG beside it: 400 and 300 units, learning rates 1e-3, minibatches of 100, " +
    "1000 random steps, noise 0.1",
  hidden: [400, 300],
  batchSize: 100,
  random: 1000
}

const authors: Settings = {
  source:
    "The code of TD3's authors (https://github.com/sfujim/TD3), with which their learning curves were made, and its DDPG: 256 and " +
    "256 units from PyTorch's first values, learning rates 3e-4, minibatches of 256, 25,000 random steps, noise 0.1",
  hidden: [256, 256],
  algorithm: { actorLearningRate: 3e-4, criticLearningRate: 3e-4, smallFinal: false },
  batchSize: 256,
  random: 25_000
}

const zoo: Settings = {
  source:
    "RL Baselines3 Zoo, ddpg.yml and td3.yml, MuJoCo: 400 and 300 units, learning rates 1e-3, minibatches of 256, " +
    "10,000 random steps, noise 0.1",
  hidden: [400, 300],
  batchSize: 256,
  random: 10_000
}

const haarnoja =
  "Haarnoja et al., 2018, version 2: 256 and 256 units, learning rates 3e-4, minibatches of 256; random steps as RL Baselines3 " +
  "Zoo has them; the temperature's learning rate is 1e-3"

const tasks: { readonly [world: string]: Task } = {
  ant: {
    environment: { kind: "ant" },
    does: "runs on four legs",
    steps: 1_000_000,
    deterministic: authors,
    random: 10_000
  },
  "half-cheetah": {
    environment: { kind: "halfCheetah" },
    does: "runs in the plane",
    steps: 1_000_000,
    deterministic: authors,
    random: 10_000
  },
  hopper: {
    environment: { kind: "hopper" },
    does: "hops on one leg",
    steps: 1_000_000,
    deterministic: authors,
    random: 10_000
  },
  humanoid: {
    environment: { kind: "humanoid" },
    does: "walks on two legs",
    steps: 1_000_000,
    threshold: 5000,
    deterministic: zoo,
    random: 10_000
  },
  "humanoid-standup": {
    environment: { kind: "humanoidStandup" },
    does: "gets up from lying on the back",
    steps: 1_000_000,
    threshold: 100_000,
    deterministic: zoo,
    random: 10_000
  },
  "inverted-double-pendulum": {
    environment: { kind: "invertedDoublePendulum" },
    does: "keeps two poles upright, one on the other",
    steps: 100_000,
    deterministic: paper,
    random: 1000
  },
  "inverted-pendulum": {
    environment: { kind: "invertedPendulum" },
    does: "keeps a pole upright on a cart",
    steps: 100_000,
    deterministic: paper,
    random: 1000
  },
  pusher: {
    environment: { kind: "pusher" },
    does: "pushes a puck to a goal",
    steps: 500_000,
    deterministic: zoo,
    random: 10_000
  },
  reacher: {
    environment: { kind: "reacher" },
    does: "brings a fingertip to a target",
    steps: 100_000,
    deterministic: paper,
    random: 1000
  },
  swimmer: {
    environment: { kind: "swimmer" },
    does: "swims with three links",
    steps: 1_000_000,
    gamma: 0.9999,
    deterministic: zoo,
    random: 10_000
  },
  walker2d: {
    environment: { kind: "walker2d" },
    does: "walks in the plane on two legs",
    steps: 1_000_000,
    threshold: 4000,
    deterministic: authors,
    random: 10_000
  }
}

// constructors

const spoken = (steps: number): string => `in ${steps.toLocaleString("en-US")} steps`

/** Where the discount is another than everywhere. */
const discounted = ({ gamma }: Task): string => (gamma === undefined ? "" : `; gamma ${gamma} as in the Zoo`)

const common = ({ environment, gamma, steps }: Task) => ({
  environment,
  gamma: gamma === undefined ? {} : { gamma },
  replay: { kind: "uniform" as const, capacity: steps },
  evaluation: { episodes: 10 }
})

const deterministic = (base: "ddpg" | "td3", task: Task): Preset => {
  const { algorithm = {}, batchSize, hidden, random, source } = task.deterministic
  const { environment, evaluation, gamma, replay } = common(task)
  return {
    description: `${base.toUpperCase()} ${task.does}, ${spoken(task.steps)}`,
    source: `${source}${discounted(task)}`,
    ...(task.threshold === undefined ? {} : { threshold: task.threshold }),
    config: {
      environment,
      algorithm: { base, ...gamma, hidden, ...algorithm },
      replay,
      exploration: { kind: "gaussian", sigma: 0.1 },
      training: { steps: task.steps, warmup: random, learningStarts: random, batchSize, updatesPerRound: 1 },
      evaluation
    }
  }
}

const soft = (task: Task): Preset => {
  const { environment, evaluation, gamma, replay } = common(task)
  return {
    description: `SAC ${task.does}, ${spoken(task.steps)}`,
    source: `${haarnoja}${discounted(task)}`,
    ...(task.threshold === undefined ? {} : { threshold: task.threshold }),
    config: {
      environment,
      algorithm: {
        base: "sac",
        ...gamma,
        hidden: [256, 256],
        actorLearningRate: 3e-4,
        criticLearningRate: 3e-4
      },
      replay,
      exploration: { kind: "none" },
      training: {
        steps: task.steps,
        warmup: task.random,
        learningStarts: task.random,
        batchSize: 256,
        updatesPerRound: 1
      },
      evaluation
    }
  }
}

/** By world and learner: `reacher-td3`. */
export const presets: { readonly [name: string]: Preset } = Object.fromEntries(
  Object.entries(tasks).flatMap(([world, task]) => [
    [`${world}-ddpg`, deterministic("ddpg", task)],
    [`${world}-td3`, deterministic("td3", task)],
    [`${world}-sac`, soft(task)]
  ])
)
