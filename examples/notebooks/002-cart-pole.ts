/**
 * Notebook 002, first part: an actor-critic balances a pole. A random player, training with a running reward until it is
 * solved, the trained player; `exercise` is the notebook's exercise: another network, fewer episodes.
 *
 * ```sh
 * npm run notebook:3
 * npm run notebook:3 -- --configuration exercise --runs 5
 * ```
 */
import * as CartPole from "@ornstein/envs/CartPole"
import type * as Experiment from "@ornstein/lab/Experiment"
import * as Rollout from "@ornstein/lab/Rollout"
import * as RunHistory from "@ornstein/lab/RunHistory"
import * as SavedPolicy from "@ornstein/lab/SavedPolicy"
import { Console, Effect } from "effect"
import * as Play from "./Play.ts"
import * as Notebook from "./Notebook.ts"

/** Version 1, with episodes of up to 500 steps: with version 0's 200 the notebook's mark of 300 is out of reach. */
const original: Experiment.Input = {
  environment: { kind: "cartPole" },
  algorithm: { base: "actorCritic", gamma: 0.99, learningRate: 0.01, hidden: [128] },
  replay: { kind: "rollout", capacity: 500 },
  exploration: { kind: "none" },
  training: { steps: 100_000, sliceSteps: 5000 },
  evaluation: { every: 20_000, episodes: 20 }
}

const exercise: Experiment.Input = {
  ...original,
  algorithm: {
    base: "actorCritic",
    gamma: 0.99,
    learningRate: 0.002,
    hidden: [256],
    advantageGradient: "detached"
  }
}

const SOLVED = 300

/** The notebook's running reward after every episode: 5 % of the last return and 95 % of what it was. */
const running = (returns: ReadonlyArray<number>): ReadonlyArray<number> => {
  let reward = 0
  return returns.map((value) => (reward = 0.05 * value + (1 - 0.05) * reward))
}

Notebook.main(
  "002-cart-pole",
  { original, exercise },
  1,
  Effect.fn(function* (config, { configuration, out, runs }) {
    const world = CartPole.make()
    yield* Play.play(world, Rollout.random(world.spec.action, 0), Play.cartPole)

    const histories = yield* Effect.forEach(Array.from({ length: runs }).keys(), (seed) =>
      Notebook.train(`002-cart-pole-${configuration}`, config, seed, out)
    )
    for (const history of histories) {
      const rewards = running(RunHistory.episodes(history).values)
      const solved = rewards.findIndex((reward) => reward > SOLVED)
      const shown = rewards.slice(0, solved === -1 ? undefined : solved + 1)
      for (const [episode, reward] of shown.entries()) {
        if (episode % 10 === 0)
          yield* Console.log(`Playing episode ${episode}... reward of ${reward.toFixed(2)}`)
      }
      yield* Console.log(
        solved === -1 ? `Not solved in ${rewards.length} episodes.` : `Solved at episode ${solved + 1}!`
      )
      const { environment, policy } = yield* SavedPolicy.open({ from: history.run })
      yield* Play.play(environment, policy, Play.cartPole)
      yield* Notebook.film(history.run, `${history.run}/cart-pole.gif`)
    }
    yield* Notebook.report(out, histories)
  }, Effect.scoped)
)
