/**
 * Notebook 000: DDPG swings up a pendulum, with one hidden layer of 128 units, an Ornstein-Uhlenbeck process whose scale
 * decays, and every 20th episode played without noise, filmed and printed.
 *
 * ```sh
 * npm run notebook:1 -- --runs 5
 * ```
 */
import * as Film from "@ornstein/lab/Film"
import type * as Experiment from "@ornstein/lab/Experiment"
import * as Numbers from "@ornstein/lab/Numbers"
import * as Sink from "@ornstein/lab/Sink"
import { Console, Effect } from "effect"
import * as Notebook from "./Notebook.ts"

const EPISODE = 200

/** The notebook's settings; of its noise it shows only that it decays. */
const original: Experiment.Input = {
  environment: { kind: "pendulum" },
  algorithm: { base: "ddpg", gamma: 0.95, tau: 0.01, hidden: [128], initial: "glorot", smallFinal: false },
  replay: { kind: "uniform", capacity: 10_000 },
  exploration: {
    kind: "ornsteinUhlenbeck",
    theta: 0.15,
    sigma: { kind: "linear", from: 0.3, to: 0.05, steps: 180 * EPISODE }
  },
  training: { steps: 180 * EPISODE, warmup: 0, learningStarts: 32, batchSize: 32, sliceSteps: EPISODE },
  evaluation: { every: 20 * EPISODE, episodes: 100 }
}

/** Two hidden layers, a longer horizon, noise that ends: 60 episodes in place of 180. */
const tuned: Experiment.Input = {
  ...original,
  algorithm: { base: "ddpg", gamma: 0.98, hidden: [64, 64] },
  replay: { kind: "uniform", capacity: 100_000 },
  exploration: { kind: "gaussian", sigma: { kind: "linear", from: 0.3, to: 0.05, steps: 60 * EPISODE } },
  training: { steps: 60 * EPISODE, warmup: 200, learningStarts: 200, batchSize: 64, sliceSteps: EPISODE }
}

/** What the notebook does in every 20th episode: play without noise, render, print. */
const watch = Sink.durable("films", ({ directory, trainer: { environment, policy } }) =>
  Effect.succeed((event) =>
    Effect.gen(function* () {
      if (event._tag !== "Evaluated" || event.step === 0) return
      const episode = event.step / EPISODE - 1
      const { gif, summary } = yield* Film.record(environment, policy, {
        seed: 0,
        steps: EPISODE,
        width: 160
      }).pipe(Effect.orDie)
      yield* directory.write(`episode-${episode}.gif`, gif)
      yield* Console.log(`Episode ${episode}# , Reward${Numbers.value(summary.return)}`)
    })
  )
)

Notebook.main(
  "000-pendulum",
  { original, tuned },
  1,
  Effect.fn(function* (config, { configuration, out, runs }) {
    const histories = yield* Effect.forEach(Array.from({ length: runs }).keys(), (seed) =>
      Notebook.train(`000-${configuration}`, config, seed, out, watch)
    )
    yield* Notebook.report(out, histories)
  })
)
