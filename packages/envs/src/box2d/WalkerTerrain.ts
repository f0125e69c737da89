/**
 * The ground of BipedalWalker: 200 steps of grass that goes gently up and down, and for the hardcore walker stumps, pits and
 * stairs between stretches of it, each for a drawn number of steps. Rules and the order of draws are Gymnasium's.
 */
import type { Draws } from "../arithmetic/index.ts"
import type * as World from "./World.ts"

// models

export interface Terrain {
  /** The heights of the ground, a step apart, from x = 0. */
  readonly heights: ReadonlyArray<number>
  /** Blocks that stand on it or line a pit. */
  readonly blocks: ReadonlyArray<ReadonlyArray<World.Point>>
}

/** What the ground is for some steps. */
type Stretch = "grass" | "stump" | "stairs" | "pit"

/** In the order of their numbers. */
const OBSTACLES = ["stump", "stairs", "pit"] as const

/** A step of the ground, metres. */
export const STEP = 14 / 30
export const LENGTH = 200
/** Steps of level ground at the start, and of grass at most between two obstacles: also those behind the finish. */
export const PAD = 20
export const GRASS = 10
/** The height at the start, to which grass returns. */
export const LEVEL = 400 / 30 / 4
const DEPTH = 4

// pure core

const block = (x: number, bottom: number, width: number, top: number): ReadonlyArray<World.Point> => [
  [x, bottom],
  [x + width, bottom],
  [x + width, top],
  [x, top]
]

/** The ground from these draws. */
export const draw = (draws: Draws.Draws, isHardcore: boolean): Terrain => {
  const heights: Array<number> = []
  const blocks: Array<ReadonlyArray<World.Point>> = []
  let stretch: Stretch = "grass"
  let isFirst = false
  let left = PAD
  let [y, slope, before] = [LEVEL, 0, LEVEL]
  const stairs = { steps: 0, width: 0, rise: 0 }

  const grass = (i: number): void => {
    slope = 0.8 * slope + 0.01 * Math.sign(LEVEL - y)
    if (i > PAD) slope += draws.uniform(-1, 1) / 30
    y += slope
  }

  /** The first step of an obstacle: how long it is, and its blocks. */
  const begin = (obstacle: Stretch, x: number): void => {
    if (obstacle === "pit") {
      left = draws.integer(3, 5)
      blocks.push(block(x, y - DEPTH * STEP, STEP, y), block(x + left * STEP, y - DEPTH * STEP, STEP, y))
      left += 2
      before = y
    }
    if (obstacle === "stump") {
      left = draws.integer(1, 3)
      blocks.push(block(x, y, left * STEP, y + left * STEP))
    }
    if (obstacle === "stairs") {
      stairs.rise = draws.uniform(0, 1) > 0.5 ? 1 : -1
      stairs.width = draws.integer(4, 5)
      stairs.steps = draws.integer(3, 5)
      before = y
      for (let s = 0; s < stairs.steps; s++) {
        const top = y + s * stairs.rise * STEP
        blocks.push(block(x + s * stairs.width * STEP, top - STEP, stairs.width * STEP, top))
      }
      left = stairs.steps * stairs.width
    }
  }

  /** Any other step of one; a stump leaves the ground as it is. */
  const goOn = (obstacle: Stretch): void => {
    if (obstacle === "pit") y = left > 1 ? before - DEPTH * STEP : before
    if (obstacle === "stairs") {
      const gone = (stairs.steps * stairs.width - left - stairs.rise) / stairs.width
      y = before + gone * stairs.rise * STEP
    }
  }

  for (let i = 0; i < LENGTH; i++) {
    if (isFirst) begin(stretch, i * STEP)
    else if (stretch === "grass") grass(i)
    else goOn(stretch)
    isFirst = false
    heights.push(y)
    left -= 1
    if (left > 0) continue
    left = draws.integer(GRASS / 2, GRASS)
    const isObstacle: boolean = stretch === "grass" && isHardcore
    stretch = isObstacle ? OBSTACLES[draws.integer(1, 4) - 1]! : "grass"
    // The first step of grass repeats the height before it.
    isFirst = true
  }
  return { heights, blocks }
}
