/**
 * Smooth lines through noisy series: local linear regression with weights by step (Cleveland, "Robust locally weighted
 * regression and smoothing scatterplots", 1979, without the robustness). At each step a straight line is fitted to what
 * is near, `(1 - |d|^3)^3` being the weight at distance `d` in half widths, and its value there is taken.
 *
 * A window that looks both ways does not lag, and a line in place of a mean does not bend at the ends. Weights by step and
 * not by number give the same line however many points there are.
 *
 * ```ts
 * Smooth.localLinear({ steps: [0, 100, 200], values: [1, 3, 2] }, 400)
 * ```
 */

// models

/** Values over steps that do not fall. */
export interface Series {
  readonly steps: ReadonlyArray<number>
  readonly values: ReadonlyArray<number>
}

// pure core

/** The most points at which a line is fitted; between them the smooth line is straight. */
const FITS = 512

/** The first index from which a step is at least `bound`. */
const firstFrom = (steps: ReadonlyArray<number>, bound: number): number => {
  let [low, high] = [0, steps.length]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (steps[middle]! < bound) low = middle + 1
    else high = middle
  }
  return low
}

const fitAt = ({ steps, values }: Series, at: number, half: number): number => {
  const [x, y] = [steps[at]!, values[at]!]
  // Sums over differences to the value in the middle: equal values give exactly that value.
  let [s0, s1, s2, t0, t1] = [0, 0, 0, 0, 0]
  for (let i = firstFrom(steps, x - half); i < steps.length && steps[i]! <= x + half; i++) {
    const d = (steps[i]! - x) / half
    const near = 1 - Math.abs(d * d * d)
    const w = near * near * near
    const difference = values[i]! - y
    s0 += w
    s1 += w * d
    s2 += w * d * d
    t0 += w * difference
    t1 += w * d * difference
  }
  const spread = s0 * s2 - s1 * s1
  return spread > 1e-9 * s0 * s0 ? y + (s2 * t0 - s1 * t1) / spread : y + t0 / s0
}

const finite = ({ steps, values }: Series): Series => {
  const kept = values.flatMap((value, i) => (Number.isFinite(value) ? [i] : []))
  return { steps: kept.map((i) => steps[i]!), values: kept.map((i) => values[i]!) }
}

/**
 * The smooth value at every step of a series, from what is at most half a `width` of steps away. Values that are not
 * finite are passed over, and stay as they are.
 */
export const localLinear = (series: Series, width: number): ReadonlyArray<number> => {
  const known = finite(series)
  const { length } = known.values
  if (length < 3 || width <= 0) return series.values
  const fits = Math.min(FITS, length)
  const places = Array.from({ length: fits }, (_, i) => Math.round((i * (length - 1)) / (fits - 1)))
  const fitted = places.map((at) => fitAt(known, at, width / 2))
  let place = 0
  const smooth = known.values.map((_, i) => {
    while (places[place + 1] !== undefined && places[place + 1]! <= i) place += 1
    const [from, to] = [places[place]!, places[place + 1]]
    if (to === undefined || from === i) return fitted[place]!
    const [x0, x1] = [known.steps[from]!, known.steps[to]!]
    const share = x1 > x0 ? (known.steps[i]! - x0) / (x1 - x0) : 0
    return fitted[place]! + share * (fitted[place + 1]! - fitted[place]!)
  })
  let next = 0
  return series.values.map((value) => (Number.isFinite(value) ? smooth[next++]! : value))
}
