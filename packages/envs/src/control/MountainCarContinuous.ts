/**
 * MountainCarContinuous-v0: drive a car out of a valley with an engine too weak for the slope. The equations and the
 * rounding are Gymnasium's, to the bit: a state is double precision after a reset and single precision after every step,
 * and NumPy 2 computes in single precision whatever meets a float32.
 *
 * The force is the action clipped to [-1, 1]; one step is
 *
 *     v <- v + 0.0015 force - 0.0025 cos(3 x),   |v| at most 0.07;   x <- x + v, in [-1.2, 0.6]
 *
 * and the left wall stops the car. The reward is -0.1 a^2 of the action as given, and 100 more at the goal, x >= 0.45
 * with v at least the goal velocity, which terminates.
 */
import type * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import * as Scene from "@ornstein/core/Scene"
import * as Space from "@ornstein/core/Space"
import * as Schema from "effect/Schema"
import * as Trigonometry from "@ornstein/core/Trigonometry"
import * as Part from "@ornstein/core/Part"
import { GymnasiumSeed, Recording } from "../recording/index.ts"

// models

/** Position and velocity; the third is 1 once a step has rounded them to single precision, 0 before. */
export type State = readonly [position: number, velocity: number, isRounded: number]

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("mountainCarContinuous"),
    goalVelocity: Schema.Finite.annotate({ description: "the least velocity at the flag that counts" }).pipe(
      Field.withDefault(0)
    ),
    timeLimit: Field.positiveInt
      .annotate({ description: "steps after which an episode is cut off" })
      .pipe(Field.withDefault(999)),
    gymnasiumSeed: GymnasiumSeed.Option
  })
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** the least velocity at the flag that counts */
  readonly goalVelocity?: number
  /** steps after which an episode is cut off */
  readonly timeLimit?: number
  /** starts are Gymnasium's own for this seed, bit for bit; left out, ours */
  readonly gymnasiumSeed?: number
}

const LEFT = -1.2
const RIGHT = 0.6
const GOAL = 0.45
const MAX_SPEED = 0.07
const POWER = 0.0015
const GRAVITY = 0.0025

// pure core

const exact = (x: number): number => x

const step = (
  goalVelocity: number,
  [position, velocity, isRounded]: State,
  action: Space.Numbers
): Environment.Outcome<State> => {
  const given = action[0]!
  const isClipped = given < -1 || given > 1
  const force = Math.max(-1, Math.min(1, given))
  const isSingle = action instanceof Float32Array

  const slope = GRAVITY * Trigonometry.cos(isRounded === 1 ? Math.fround(3 * position) : 3 * position)
  // A clipped action is a Python number, which takes the precision of whatever it meets.
  const change =
    isSingle && !isClipped
      ? Math.fround(Math.fround(force * Math.fround(POWER)) - Math.fround(slope))
      : force * POWER - slope
  const isWide = isRounded === 0 || (!isSingle && !isClipped)
  const toSpeed = isWide ? exact : Math.fround
  const unbounded = toSpeed(velocity + toSpeed(change))
  const isFast = Math.abs(unbounded) > toSpeed(MAX_SPEED)
  const bounded = isFast ? Math.sign(unbounded) * MAX_SPEED : unbounded

  // A bounded velocity is a Python number again.
  const toPosition = isRounded === 0 || (isWide && !isFast) ? exact : Math.fround
  const moved = toPosition(position + toPosition(bounded))
  const next = moved > toPosition(RIGHT) ? RIGHT : moved < toPosition(LEFT) ? LEFT : moved
  const isAtWall = next === LEFT || next === toPosition(LEFT)
  const speed = isAtWall && bounded < 0 ? 0 : bounded

  const isThere = next >= toPosition(GOAL) && speed >= toSpeed(goalVelocity)
  return {
    state: [Math.fround(next), Math.fround(speed), 1],
    reward: (isThere ? 100 : 0) - 0.1 * (given * given),
    terminated: isThere
  }
}

const observe = ([position, velocity]: State, out: Space.Numbers): void => {
  out[0] = position
  out[1] = velocity
}

// rendering: 600 by 400 pixels for a road 1.8 wide, as in Gymnasium

const PIXEL = (RIGHT - LEFT) / 600

const height = (x: number): number => 0.45 * Trigonometry.sin(3 * x) + 0.55

const road: ReadonlyArray<Scene.Point> = Array.from({ length: 101 }, (_, i) => {
  const x = LEFT + ((RIGHT - LEFT) * i) / 100
  return [x, height(x)]
})

const render = ([position]: State): Scene.Scene => {
  const slope = 1.35 * Trigonometry.cos(3 * position)
  const cos = 1 / Math.sqrt(1 + slope * slope)
  const sin = slope * cos
  /** From the car's own axes, in pixels, 10 above the road. */
  const place = (x: number, y: number): Scene.Point => [
    position + PIXEL * (cos * x - sin * (y + 10)),
    height(position) + PIXEL * (sin * x + cos * (y + 10))
  ]
  const wheel = (x: number) => Scene.circle(place(x, 0), 8 * PIXEL, [128, 128, 128])
  const foot = height(GOAL)
  const top = foot + 50 * PIXEL
  return {
    left: LEFT,
    right: RIGHT,
    bottom: 0,
    top: 400 * PIXEL,
    background: Scene.white,
    shapes: [
      Scene.line(road, 2 * PIXEL, Scene.black),
      {
        _tag: "Polygon",
        points: [place(-20, 0), place(-20, 20), place(20, 20), place(20, 0)],
        fill: Scene.black
      },
      wheel(-10),
      wheel(10),
      Scene.line(
        [
          [GOAL, foot],
          [GOAL, top]
        ],
        PIXEL,
        Scene.black
      ),
      {
        _tag: "Polygon",
        points: [
          [GOAL, top],
          [GOAL, top - 10 * PIXEL],
          [GOAL + 25 * PIXEL, top - 5 * PIXEL]
        ],
        fill: [204, 204, 0]
      }
    ]
  }
}

// constructors

/**
 * ```ts
 * const car = MountainCarContinuous.make({ goalVelocity: 0.03 })
 * ```
 */
export const make = (options: Input = {}): Environment.Environment<Space.Box> => {
  const { goalVelocity, timeLimit, gymnasiumSeed } = Field.make("mountainCarContinuous", Options, options)
  return GymnasiumSeed.define(
    {
      id: "MountainCarContinuous-v0",
      description: "Drive out of a valley with an engine too weak for the slope",
      source: "Gymnasium 1.3.0",
      observation: Space.box({ shape: [2], low: [LEFT, -MAX_SPEED], high: [RIGHT, MAX_SPEED] }),
      action: Space.box({ shape: [1], low: -1, high: 1 }),
      timeLimit,
      rewardThreshold: 90,
      clipsActions: true,
      initial: (draws): State => [draws.uniform(-0.6, -0.4), 0, 0],
      step: (state, action) => step(goalVelocity, state, action),
      observe,
      render
    },
    gymnasiumSeed
  )
}

/** Recordings from Gymnasium; the label `goal_velocity=0.03` names that option. */
export const recorded: Recording.Subject = {
  make: (label, gymnasiumSeed) =>
    make({
      ...(label.startsWith("goal_velocity=")
        ? { goalVelocity: Number(label.slice("goal_velocity=".length)) }
        : {}),
      ...(gymnasiumSeed === undefined ? {} : { gymnasiumSeed })
    }),
  toState: ([position = 0, velocity = 0], step) => [position, velocity, step === 0 ? 0 : 1],
  fromState: (state) => Recording.numbers(state).slice(0, 2)
}

// part

/** What a configuration names. */
export const part = {
  ...Part.from([Options], {
    description: "Drive out of a valley with an engine too weak for the slope",
    source: "Gymnasium 1.3.0",
    example: { goalVelocity: 0.01, timeLimit: 500 },
    make: (options): Environment.Environment => make(options)
  }),
  named: [{ id: "MountainCarContinuous-v0", options: {}, recorded }]
}
