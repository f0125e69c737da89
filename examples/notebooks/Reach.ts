/** What the two files of seed 004 share: its numbers, its two kinds of targets, and how far from the goal a policy ends. */
import type * as Environment from "@ornstein/core/Environment"
import type * as Evaluation from "@ornstein/core/Evaluation"
import * as PointReach from "@ornstein/envs/PointReach"
import * as Rollout from "@ornstein/lab/Rollout"
import * as Statistics from "@ornstein/lab/Statistics"
import { Effect } from "effect"

/** Steps of an episode. */
export const EPISODE = 100

/** The notebook's networks and step sizes. */
export const networks = {
  gamma: 0.97,
  actorLearningRate: 0.001,
  criticLearningRate: 0.002,
  hidden: [512, 512],
  critic: { kind: "twoBranch" },
  initial: "glorot",
  smallFinal: false
} as const

// targets

/** The notebook's: `y_i = gamma^i r_i + gamma^n v`, one reward each, and the same power of gamma for every i. */
export const notebookTargets = (
  rewards: ReadonlyArray<number>,
  gamma: number,
  v: number
): ReadonlyArray<number> => {
  const last = rewards.reduce((power) => power * gamma, 1)
  let power = 1
  return rewards.map((reward) => {
    const y = power * reward + last * v
    power *= gamma
    return y
  })
}

/** n-step returns: `y_i = r_i + gamma r_(i+1) + ... + gamma^(n-i) v`. */
export const nStepTargets = (
  rewards: ReadonlyArray<number>,
  gamma: number,
  v: number
): ReadonlyArray<number> => {
  let y = v
  return rewards.map((_, i) => (y = (rewards.at(-1 - i) ?? 0) + gamma * y)).toReversed()
}

// what a policy is worth

const TESTS = 20

/** Plays some episodes and says how far from the goal they end. */
export const distances = Effect.fnUntraced(function* (
  environment: Environment.Environment,
  policy: Evaluation.Policy
) {
  const ends = yield* Effect.forEach(Array.from({ length: TESTS }).keys(), (seed) => {
    let distance = Number.NaN
    return Rollout.play(environment, policy, { seed, steps: EPISODE }, (instance) =>
      Effect.sync(() => (distance = PointReach.distance(instance.observation, new Float64Array(256))))
    ).pipe(Effect.map(({ end }) => ({ distance, isThere: end === "terminated" })))
  })
  const reached = ends.filter(({ isThere }) => isThere).length
  return (
    `distance at the end: ${Statistics.mean(ends.map(({ distance }) => distance)).toFixed(3)}; ` +
    `${reached} of ${TESTS} episodes reached the goal`
  )
})
