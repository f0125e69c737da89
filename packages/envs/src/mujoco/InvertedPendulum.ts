/**
 * InvertedPendulum-v5: keep a pole upright on a cart that is pushed along a rail. Gymnasium's task on MuJoCo, after Barto,
 * Sutton and Anderson, "Neuronlike adaptive elements that can solve difficult learning control problems" (1983).
 *
 * One step is 2 substeps of 0.02 s. The action `[1]` is a push of 100 N per unit; the observation `[4]` is (x, theta, x',
 * theta'): metres, radians, both per second. A step pays 1; the one that ends the episode, |theta| > 0.2, pays 0.
 *
 * ```ts
 * const pendulum = InvertedPendulum.make({ resetNoiseScale: 0.05 })
 * ```
 */
import type * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import * as Part from "@ornstein/core/Part"
import type * as Space from "@ornstein/core/Space"
import * as Schema from "effect/Schema"
import { GymnasiumSeed } from "../recording/index.ts"
import { InvertedPendulum as Model } from "./models/index.ts"
import * as Start from "./Start.ts"
import * as Task from "./Task.ts"
import * as TaskFields from "./TaskFields.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("invertedPendulum"),
    frameSkip: TaskFields.frameSkip(2),
    resetNoiseScale: TaskFields.resetNoiseScale(0.01),
    timeLimit: TaskFields.timeLimit(1000),
    gymnasiumSeed: GymnasiumSeed.Option
  })
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** substeps of the physics in a step */
  readonly frameSkip?: number
  /** how far first positions and velocities are from the model's */
  readonly resetNoiseScale?: number
  /** steps after which an episode is cut off */
  readonly timeLimit?: number
  /** starts are Gymnasium's own for this seed, bit for bit; left out, ours */
  readonly gymnasiumSeed?: number
}

/** Radians from upright. */
const FALLEN = 0.2

const POSITIONS = 2

// constructors

export const make = (options: Input = {}): Environment.Environment<Space.Box> => {
  const { frameSkip, gymnasiumSeed, resetNoiseScale, timeLimit } = Field.make(
    "invertedPendulum",
    Options,
    options
  )
  return Task.make({
    id: "InvertedPendulum-v5",
    description: "Keep a pole upright on a cart that is pushed along a rail",
    model: Model.mjcf,
    substep: Model.SUBSTEP,
    frameSkip,
    observations: 2 * POSITIONS,
    actions: 1,
    actionBound: 3,
    timeLimit,
    rewardThreshold: 950,
    gymnasiumSeed,
    start: (draws, { qpos, qvel }) => {
      Start.addUniform(draws, resetNoiseScale, qpos)
      Start.addUniform(draws, resetNoiseScale, qvel)
    },
    measures: 0,
    measure: () => {},
    observe: ({ qpos, qvel }, out) => {
      Task.copyFrom(qpos, 0, out, 0)
      Task.copyFrom(qvel, 0, out, POSITIONS)
    },
    isHealthy: ({ qpos }) => Math.abs(qpos[1]!) <= FALLEN,
    terminates: true,
    view: { target: [0, 0, 0.25], distance: 2.4, elevation: 8 },
    reward: ({ isHealthy }) => (isHealthy ? 1 : 0)
  })
}

// part

/** What a configuration names. */
export const part = {
  ...Part.from([Options], {
    description: "Keep a pole upright on a cart that is pushed along a rail",
    source: "Gymnasium 1.3.0, MuJoCo 3.14.0",
    example: { frameSkip: 1, resetNoiseScale: 0.05, timeLimit: 100, gymnasiumSeed: 3 },
    make: (options): Environment.Environment => make(options)
  }),
  named: [{ id: "InvertedPendulum-v5", options: {} }]
}
