/**
 * Notebook 001: DDPG on the mountain car, where only the goal pays. Five runs with their policies saved, loaded and tested,
 * two CSV files, the four-panel figure, and the film.
 *
 * The notebook adds independent noise and asks for a push that keeps its direction, or HER. `ornsteinUhlenbeck` is that
 * push: noise that remembers for as long as a swing takes. `tuned` makes the rest fit.
 *
 * ```sh
 * npm run notebook:2 -- --configuration tuned
 * ```
 */
import * as Durable from "@ornstein/core/Durable"
import type * as Experiment from "@ornstein/lab/Experiment"
import * as Panels from "@ornstein/lab/Panels"
import * as RunHistory from "@ornstein/lab/RunHistory"
import { Console, Effect } from "effect"
import * as Notebook from "./Notebook.ts"

/** 200 episodes of up to 999 steps. */
const length = { episodes: 200, steps: 200 * 999, warmup: 0, sliceSteps: 200 } as const

/** The notebook: independent normal noise as large as the actions. */
const original: Experiment.Input = {
  environment: { kind: "mountainCarContinuous" },
  algorithm: {
    base: "ddpg",
    gamma: 0.99,
    tau: 0.01,
    actorLearningRate: 1e-4,
    criticLearningRate: 1e-3,
    hidden: [128, 64],
    critic: { kind: "twoBranch" },
    criticHidden: [64, 32],
    smallFinal: false
  },
  replay: { kind: "uniform", capacity: 1_000_000, replacement: false },
  exploration: { kind: "gaussian", sigma: 1 },
  training: { ...length, learningStarts: 128, batchSize: 128 },
  evaluation: { every: 10_000, episodes: 20 }
}

/** The notebook's other noise: its process with a step of 1, of which it switched the scale off. */
const correlated: Experiment.Input = {
  ...original,
  exploration: {
    kind: "ornsteinUhlenbeck",
    theta: 0.15,
    sigma: { kind: "linear", from: 0.3, to: 0.1, steps: 100_000 }
  }
}

/**
 * Noise with a memory of 67 steps, half a swing of the car, which shrinks once it has found the goal; observations
 * normalised, because velocities lie within 0.07; one small network.
 */
const tuned: Experiment.Input = {
  ...original,
  algorithm: { base: "ddpg", gamma: 0.99, tau: 0.01, actorLearningRate: 1e-4, hidden: [64, 64] },
  exploration: {
    kind: "ornsteinUhlenbeck",
    theta: 0.15,
    sigma: { kind: "linear", from: 0.5, to: 0.15, steps: 10_000 },
    dt: 0.1
  },
  training: {
    ...length,
    learningStarts: 1000,
    batchSize: 128,
    normalize: { observations: true, rewards: false, clip: 10 }
  }
}

const TEST_EPISODES = 100

/** The notebook's tables: `x` counts the episodes of each run from 1, `y` is the return. */
const table = (runs: ReadonlyArray<ReadonlyArray<number>>): string =>
  Panels.csv(runs.flatMap((returns) => returns.map((y, i) => ({ x: i + 1, y }))))

Notebook.main(
  "001-mountain-car",
  { original, correlated, tuned },
  5,
  Effect.fn(function* (config, { configuration, out, runs }) {
    const histories = yield* Effect.forEach(Array.from({ length: runs }).keys(), (seed) =>
      Notebook.train(`001-${configuration}`, config, seed, out)
    )
    const tests = yield* Effect.forEach(histories, ({ run }) => Notebook.test(run, TEST_EPISODES))
    yield* Durable.replaceText(
      `${out}/train_data.csv`,
      table(histories.map((history) => RunHistory.episodes(history).values))
    )
    yield* Durable.replaceText(`${out}/test_data.csv`, table(tests.map(({ returns }) => returns)))
    for (const [run, { mean, std }] of tests.entries()) {
      yield* Console.log(
        `run ${run}: ${TEST_EPISODES} test episodes, return ${mean.toFixed(2)} ± ${std.toFixed(2)}`
      )
    }
    for (const { run } of histories.slice(0, 1)) yield* Notebook.film(run, `${out}/mountain-car.gif`)
    yield* Notebook.report(out, histories)
  })
)
