/**
 * Notebook 004: a point in 256 dimensions is to reach the origin. Sequences of ten steps, networks with 512 units, a critic
 * with a branch for the state and one for the action.
 *
 * The notebook calls its targets n-step returns, and speaks of target networks that it does not have. Both targets are
 * printed here for one sequence; `noTargets` trains without target networks, `tuned` gets there, `004-as-written.ts`
 * trains with the notebook's own target.
 *
 * ```sh
 * npm run notebook:5
 * npm run notebook:5 -- --configuration tuned --runs 5
 * ```
 */
import * as PointReach from "@ornstein/envs/PointReach"
import type * as Experiment from "@ornstein/lab/Experiment"
import * as Rollout from "@ornstein/lab/Rollout"
import * as RunHistory from "@ornstein/lab/RunHistory"
import * as SavedPolicy from "@ornstein/lab/SavedPolicy"
import { Console, Effect } from "effect"
import * as Reach from "./Reach.ts"
import * as Notebook from "./Notebook.ts"

const { EPISODE } = Reach

const networks = { base: "ddpg", ...Reach.networks } as const

/** The notebook: 100 episodes, ten updates after each. Ours are spread evenly over its steps. */
const original: Experiment.Input = {
  environment: { kind: "pointReach" },
  algorithm: { ...networks, tau: 0.01 },
  replay: { kind: "uniform", capacity: 10_000, nStep: 10 },
  exploration: { kind: "ornsteinUhlenbeck", theta: 0.15, sigma: 0.2 },
  training: {
    steps: 100 * EPISODE,
    warmup: 0,
    learningStarts: 100,
    batchSize: 100,
    updateEvery: 10,
    sliceSteps: EPISODE
  },
  evaluation: { every: 10 * EPISODE, episodes: 10 }
}

/** tau = 1 makes the targets the networks themselves. */
const noTargets: Experiment.Input = { ...original, algorithm: { ...networks, tau: 1 } }

/**
 * All dimensions are alike: so are the networks that look at them. A short horizon, because a good step is good at once;
 * noise that shrinks with the distance; a small replay, so that the critic looks where the point is.
 */
const tuned: Experiment.Input = {
  ...original,
  algorithm: { base: "ddpg", gamma: 0.2, tau: 0.02, variants: [{ kind: "deepSets", features: 8 }] },
  replay: { kind: "uniform", capacity: 2000 },
  exploration: { kind: "gaussian", sigma: { kind: "exponential", from: 0.2, to: 0.01, halfLife: 800 } },
  training: {
    steps: 200 * EPISODE,
    warmup: 500,
    learningStarts: 500,
    batchSize: 16,
    sliceSteps: EPISODE
  }
}

/** Both targets of ten steps of a random point that is worth what it has now for ever. */
const difference = Effect.gen(function* () {
  const world = PointReach.make()
  const rewards: Array<number> = []
  yield* Rollout.play(
    world,
    Rollout.random(world.spec.action, 0),
    { seed: 0, steps: 10 },
    ({ reward, steps }) =>
      Effect.sync(() => {
        if (steps > 0) rewards.push(reward)
      })
  )
  const [gamma, v] = [0.97, (rewards.at(-1) ?? 0) / (1 - 0.97)]
  const numbers = (values: ReadonlyArray<number>) => values.map((value) => value.toFixed(1)).join(" ")
  yield* Console.log(`rewards            ${numbers(rewards)}`)
  yield* Console.log(`notebook's targets ${numbers(Reach.notebookTargets(rewards, gamma, v))}`)
  yield* Console.log(`n-step returns     ${numbers(Reach.nStepTargets(rewards, gamma, v))}`)
})

Notebook.main(
  "004-point-reach",
  { original, noTargets, tuned },
  1,
  Effect.fn(function* (config, { configuration, out, runs }) {
    yield* difference
    const histories = yield* Effect.forEach(Array.from({ length: runs }).keys(), (seed) =>
      Notebook.train(`004-${configuration}`, config, seed, out)
    )
    for (const history of histories) {
      const { values } = RunHistory.episodes(history)
      for (const [episode, value] of values.entries()) {
        yield* Console.log(`Episode: ${episode + 1}, Reward: ${value}`)
      }
      const { environment, policy } = yield* SavedPolicy.open({ from: history.run })
      yield* Console.log(yield* Reach.distances(environment, policy))
      yield* Notebook.film(history.run, `${history.run}/point-reach.gif`)
    }
    yield* Notebook.report(out, histories)
  }, Effect.scoped)
)
