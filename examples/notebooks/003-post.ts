/**
 * Notebook 003: the DDPG of a post that explains the paper: two hidden layers of 256, final layers within 3e-3,
 * Ornstein-Uhlenbeck noise on actions that a wrapper normalises, 50 episodes of the pendulum, and the learning curve.
 *
 * ```sh
 * npm run notebook:4 -- --runs 5
 * ```
 */
import type * as Experiment from "@ornstein/lab/Experiment"
import * as RunHistory from "@ornstein/lab/RunHistory"
import * as Statistics from "@ornstein/lab/Statistics"
import { Console, Effect } from "effect"
import * as Notebook from "./Notebook.ts"

/** Networks and noise as the post gives them; what it leaves to its code as published with it. */
const original: Experiment.Input = {
  environment: { kind: "pendulum" },
  algorithm: {
    base: "ddpg",
    gamma: 0.99,
    tau: 0.01,
    actorLearningRate: 1e-4,
    criticLearningRate: 1e-3,
    hidden: [256, 256]
  },
  replay: { kind: "uniform", capacity: 50_000 },
  exploration: { kind: "ornsteinUhlenbeck", theta: 0.15, sigma: 0.3 },
  training: { steps: 10_000, warmup: 0, learningStarts: 128, batchSize: 128, sliceSteps: 100 },
  evaluation: { every: 500, episodes: 100 }
}

/** Half the episodes, and ten would do: four updates a step, a faster actor, a shorter horizon, a quarter of the units. */
const tuned: Experiment.Input = {
  ...original,
  algorithm: { base: "ddpg", gamma: 0.98, tau: 0.01, hidden: [64, 64] },
  training: {
    steps: 5000,
    warmup: 200,
    learningStarts: 200,
    batchSize: 64,
    updatesPerRound: 4,
    sliceSteps: 100
  }
}

/** The post's line for an episode: its return and the mean of the ten before it; the first has none before it. */
const line = (values: ReadonlyArray<number>, episode: number): string => {
  const before = values.slice(Math.max(0, episode - 10), episode)
  const average = before.length === 0 ? "none yet" : String(Statistics.mean(before))
  return `episode: ${episode}, reward: ${values[episode]?.toFixed(2)}, average_reward: ${average}`
}

Notebook.main(
  "003-post",
  { original, tuned },
  1,
  Effect.fn(function* (config, { configuration, out, runs }) {
    const histories = yield* Effect.forEach(Array.from({ length: runs }).keys(), (seed) =>
      Notebook.train(`003-${configuration}`, config, seed, out)
    )
    for (const history of histories) {
      const { values } = RunHistory.episodes(history)
      yield* Effect.forEach(values.keys(), (episode) => Console.log(line(values, episode)), { discard: true })
      yield* Notebook.film(history.run, `${history.run}/pendulum.gif`)
    }
    yield* Notebook.report(out, histories)
  })
)
