/**
 * The sum of squares of an action, as NumPy computes it in the precision of the action: below 8 numbers one after the
 * other; from 8 on in eight interleaved sums, added in pairs, and then the rest.
 */
import type * as Space from "@ornstein/core/Space"

const LANES = 8

const inTurn = (
  x: ArrayLike<number>,
  from: number,
  to: number,
  start: number,
  round: (x: number) => number
): number => {
  let sum = start
  for (let i = from; i < to; i++) sum = round(sum + round(x[i]! * x[i]!))
  return sum
}

const same = (x: number): number => x

const lanes = new Float64Array(LANES)

const interleaved = (x: ArrayLike<number>, round: (x: number) => number): number => {
  const whole = x.length - (x.length % LANES)
  for (let lane = 0; lane < LANES; lane++) {
    lanes[lane] = round(x[lane]! * x[lane]!)
    for (let i = lane + LANES; i < whole; i += LANES) lanes[lane] = round(lanes[lane]! + round(x[i]! * x[i]!))
  }
  for (let width = 1; width < LANES; width *= 2) {
    for (let i = 0; i < LANES; i += 2 * width) lanes[i] = round(lanes[i]! + lanes[i + width]!)
  }
  return inTurn(x, whole, x.length, lanes[0]!, round)
}

/** Of at most 128 numbers. */
export const of = (x: Space.Numbers): number => {
  const round = x instanceof Float32Array ? Math.fround : same
  return x.length < LANES ? inTurn(x, 0, x.length, 0, round) : interleaved(x, round)
}

/** `weight` times the sum, in the precision of the numbers. */
export const weighted = (weight: number, x: Space.Numbers): number =>
  x instanceof Float32Array ? Math.fround(Math.fround(weight) * of(x)) : weight * of(x)
