/** What walkers in the plane have in common: Hopper and Walker2d are paid for speed and for standing. */
import type * as Environment from "@ornstein/core/Environment"
import type * as Space from "@ornstein/core/Space"
import * as SquareSum from "./SquareSum.ts"
import * as Start from "./Start.ts"
import * as Task from "./Task.ts"

// models

export type Range = readonly [low: number, high: number]

/** The options that both have. */
export interface Options {
  readonly frameSkip: number
  readonly forwardRewardWeight: number
  readonly ctrlCostWeight: number
  readonly healthyReward: number
  readonly terminateWhenUnhealthy: boolean
  readonly resetNoiseScale: number
  readonly excludeCurrentPositionsFromObservation: boolean
  readonly timeLimit: number
  readonly gymnasiumSeed?: number
}

export interface Walker
  extends Pick<
    Task.Task,
    "id" | "description" | "model" | "substep" | "rewardThreshold" | "actions" | "isHealthy"
  > {
  readonly options: Options
  /** Of positions, and of velocities. */
  readonly positions: number
}

/** Velocities beyond it are observed as it. */
const FASTEST = 10

// pure core

export const isWithin = ([low, high]: Range, x: number): boolean => low < x && x < high

// constructors

/** The reward is `w_f v + w_h - w_c |a|^2`, v the velocity of the torso, w_h paid while healthy. */
export const make = (walker: Walker): Environment.Environment<Space.Box> => {
  const { options, positions, ...described } = walker
  const { ctrlCostWeight, forwardRewardWeight, frameSkip, healthyReward, resetNoiseScale } = options
  const dt = Task.timeStep({ frameSkip, substep: walker.substep })
  const from = options.excludeCurrentPositionsFromObservation ? 1 : 0
  return Task.make({
    ...described,
    frameSkip,
    timeLimit: options.timeLimit,
    gymnasiumSeed: options.gymnasiumSeed,
    observations: 2 * positions - from,
    actionBound: 1,
    start: (draws, { qpos, qvel }) => {
      Start.addUniform(draws, resetNoiseScale, qpos)
      Start.addUniform(draws, resetNoiseScale, qvel)
    },
    measures: 1,
    measure: ({ qpos }, out) => {
      out[0] = qpos[0]!
    },
    observe: ({ qpos, qvel }, out) => {
      Task.copyFrom(qpos, from, out, 0)
      for (let i = 0; i < positions; i++)
        out[positions - from + i] = Math.max(-FASTEST, Math.min(FASTEST, qvel[i]!))
    },
    terminates: options.terminateWhenUnhealthy,
    view: { follow: "torso", target: [0, 0, 0.75], distance: 2.4, elevation: 10 },
    reward: ({ action, after, before, isHealthy }) =>
      forwardRewardWeight * ((after[0]! - before[0]!) / dt) +
      (isHealthy ? healthyReward : 0) -
      SquareSum.weighted(ctrlCostWeight, action)
  })
}
