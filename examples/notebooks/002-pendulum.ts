/**
 * Notebook 002, second part: the Keras example's DDPG on the pendulum, with its networks, its Ornstein-Uhlenbeck process with
 * a time step, 50 episodes, and the mean of the last 40 as the mark of an episode.
 *
 * ```sh
 * npm run notebook:3:pendulum
 * ```
 */
import * as Pendulum from "@ornstein/envs/Pendulum"
import type * as Experiment from "@ornstein/lab/Experiment"
import * as Figure from "@ornstein/lab/Figure"
import * as Rollout from "@ornstein/lab/Rollout"
import * as RunHistory from "@ornstein/lab/RunHistory"
import * as SavedPolicy from "@ornstein/lab/SavedPolicy"
import * as Statistics from "@ornstein/lab/Statistics"
import { Console, Effect } from "effect"
import * as Play from "./Play.ts"
import * as Notebook from "./Notebook.ts"

/** Noise in units of normalised actions: the notebook's 0.2 is of a torque within 2. */
const original: Experiment.Input = {
  environment: { kind: "pendulum" },
  algorithm: {
    base: "ddpg",
    gamma: 0.99,
    tau: 0.005,
    actorLearningRate: 0.001,
    criticLearningRate: 0.002,
    hidden: [256, 256],
    critic: { kind: "twoBranch", branches: { state: [16, 32], action: [32] } },
    initial: "glorot"
  },
  replay: { kind: "uniform", capacity: 50_000 },
  exploration: { kind: "ornsteinUhlenbeck", theta: 0.15, sigma: 0.1, dt: 0.01 },
  training: { steps: 10_000, warmup: 0, learningStarts: 64, batchSize: 64, sliceSteps: 200 },
  evaluation: { every: 2000, episodes: 100 }
}

/** Smaller networks, random first episodes, targets that follow faster: 50 episodes suffice for every seed. */
const tuned: Experiment.Input = {
  ...original,
  algorithm: { base: "ddpg", gamma: 0.98, tau: 0.01, hidden: [64, 64] },
  exploration: { kind: "gaussian", sigma: 0.1 },
  training: { steps: 10_000, warmup: 1000, learningStarts: 1000, batchSize: 64, sliceSteps: 200 }
}

const WINDOW = 40

/** The notebook's plot: every episode, and the mean of the last 40. */
const plot = (returns: ReadonlyArray<number>, averages: ReadonlyArray<number>): Figure.Spec => ({
  width: 480,
  height: 280,
  data: {
    values: returns.flatMap((value, episode) => [
      { episode, reward: averages[episode] ?? value, line: "Averaged last 40" },
      { episode, reward: value, line: "Single episode" }
    ])
  },
  mark: { type: "line", strokeWidth: 2 },
  encoding: {
    x: { field: "episode", type: "quantitative", title: "Episode", axis: { grid: false } },
    y: { field: "reward", type: "quantitative", title: "Reward" },
    color: { field: "line", type: "nominal", title: null, legend: { orient: "bottom" } }
  }
})

Notebook.main(
  "002-pendulum",
  { original, tuned },
  1,
  Effect.fn(function* (config, { configuration, out, runs }) {
    const world = Pendulum.make()
    yield* Play.play(world, Rollout.random(world.spec.action, 0), Play.pendulum)

    const histories = yield* Effect.forEach(Array.from({ length: runs }).keys(), (seed) =>
      Notebook.train(`002-pendulum-${configuration}`, config, seed, out)
    )
    for (const history of histories) {
      const { values } = RunHistory.episodes(history)
      const averages = Statistics.smooth(values, WINDOW)
      for (const [episode, average] of averages.entries()) {
        yield* Console.log(`Episode * ${episode} * final_mark is ==> ${average}`)
      }
      yield* Figure.write(history.run, "rewards", plot(values, averages))
      const { environment, policy } = yield* SavedPolicy.open({ from: history.run })
      yield* Play.play(environment, policy, Play.pendulum)
      yield* Notebook.film(history.run, `${history.run}/pendulum.gif`)
    }
    yield* Notebook.report(out, histories)
  }, Effect.scoped)
)
