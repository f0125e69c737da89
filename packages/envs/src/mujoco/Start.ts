/** Noise of the first positions and velocities, drawn in Gymnasium's order. */
import type { Draws } from "../arithmetic/index.ts"

/** Uniform on [-scale, scale]. */
export const addUniform = (draws: Draws.Draws, scale: number, numbers: Float64Array): void => {
  for (let i = 0; i < numbers.length; i++) numbers[i] = numbers[i]! + draws.uniform(-scale, scale)
}

/** Normal with this standard deviation. */
export const addNormal = (draws: Draws.Draws, scale: number, numbers: Float64Array): void => {
  for (let i = 0; i < numbers.length; i++) numbers[i] = numbers[i]! + scale * draws.normal()
}
