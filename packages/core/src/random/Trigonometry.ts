/**
 * Sine and cosine that are the same bits on every machine, which ECMAScript does not promise of `Math.sin`. Only
 * additions and multiplications of doubles; the result is within 0.51 units in the last place, so it is nearly always
 * the double nearest to the exact value, and then what a good C library gives, too.
 *
 * The argument is reduced by a multiple of pi / 2 (Cody and Waite, 1980), then the Taylor series is summed with its first
 * terms as unevaluated sums of two doubles (Dekker, "A floating-point technique for extending the available
 * precision", 1971).
 */

// models

/** pi / 2 in parts of 33 bits and a rest, so that their products with small integers are exact. */
const HALF_PI = [
  1.57079632673412561417, 6.0771005063039659766e-11, 2.0222662487111664558e-21, 8.47842766036889956997e-32
] as const

/** Beyond, an argument first loses multiples of the double nearest to 2 pi, which costs accuracy. */
const LARGEST = 1_600_000

const SPLITTER = 134217729

/** 1/6 and 1/24 less their doubles. */
const SIXTH_REST = 9.25185853854297e-18
const TWENTY_FOURTH_REST = 2.3129646346357427e-18

/** The last argument, its sine and its cosine: worlds ask for both, and again in the next step. */
const last = Float64Array.of(Number.NaN, 0, 0)

/** The reduced argument r as a sum of two, and r^2 as another: kept here, since passing doubles around allocates. */
const reduced = new Float64Array(4)

// pure core: sums and products of two doubles that lose nothing

/** What the double of `a b` lacks. */
const productRest = (a: number, b: number, product: number): number => {
  const ca = SPLITTER * a
  const cb = SPLITTER * b
  const ah = ca - (ca - a)
  const bh = cb - (cb - b)
  const al = a - ah
  const bl = b - bh
  return al * bl - (product - ah * bh - al * bh - ah * bl)
}

/** What the double of `a + b` lacks. */
const sumRest = (a: number, b: number, sum: number): number => {
  const other = sum - a
  return a - (sum - other) + (b - other)
}

const square = (r: number, rest: number): void => {
  const z = r * r
  reduced[0] = r
  reduced[1] = rest
  reduced[2] = z
  reduced[3] = productRest(r, r, z) + 2 * r * rest
}

/** Reduces to [-pi/4, pi/4] and gives the quadrant, modulo 4. */
const reduce = (x: number): number => {
  const near = Math.abs(x) > LARGEST ? x % (2 * Math.PI) : x
  if (Math.abs(near) <= Math.PI / 4) {
    square(near, 0)
    return 0
  }
  const quadrant = Math.round(near * (2 / Math.PI))
  const first = near - quadrant * HALF_PI[0]
  const second = -quadrant * HALF_PI[1]
  const sum = first + second
  const third = -quadrant * HALF_PI[2]
  const total = sum + third
  const rest = sumRest(first, second, sum) + sumRest(sum, third, total) - quadrant * HALF_PI[3]
  const r = total + rest
  square(r, total - r + rest)
  return quadrant & 3
}

// pure core: series on [-pi/4, pi/4], z = r^2

/** r - r^3/6 + r^5/120 - ... */
const sinSeries = (): number => {
  const r = reduced[0]!
  const rest = reduced[1]!
  const z = reduced[2]!
  const zRest = reduced[3]!
  const tail =
    z *
    z *
    (1 / 120 -
      z *
        (1 / 5040 -
          z *
            (1 / 362880 -
              z *
                (1 / 39916800 -
                  z *
                    (1 / 6227020800 -
                      z * (1 / 1307674368000 - z * (1 / 355687428096000 - z / 121645100408832000)))))))
  // sin r / r - 1 as a sum of two.
  const sixth = -z * (1 / 6)
  const sixthRest = -(productRest(z, 1 / 6, -sixth) + zRest * (1 / 6) + z * SIXTH_REST)
  const factor = sixth + tail
  const factorRest = sumRest(sixth, tail, factor) + sixthRest
  const change = r * factor
  const sum = r + change
  return (
    sum + (sumRest(r, change, sum) + productRest(r, factor, change) + r * factorRest + rest * (1 + factor))
  )
}

/** 1 - r^2/2 + r^4/24 - ... */
const cosSeries = (): number => {
  const z = reduced[2]!
  const zRest = reduced[3]!
  const tail =
    -z *
    z *
    (1 / 720 -
      z *
        (1 / 40320 -
          z *
            (1 / 3628800 -
              z *
                (1 / 479001600 -
                  z *
                    (1 / 87178291200 -
                      z * (1 / 20922789888000 - z * (1 / 6402373705728000 - z / 2432902008176640000)))))))
  // (cos r - 1 + z / 2) / z as a sum of two.
  const twentyFourth = z * (1 / 24)
  const twentyFourthRest = productRest(z, 1 / 24, twentyFourth) + zRest * (1 / 24) + z * TWENTY_FOURTH_REST
  const factor = twentyFourth + tail
  const factorRest = sumRest(twentyFourth, tail, factor) + twentyFourthRest
  const change = z * factor
  const changeRest = productRest(z, factor, change) + z * factorRest + zRest * factor
  const half = 0.5 * z
  const first = 1 - half
  const sum = first + change
  return sum + (sumRest(1, -half, first) + sumRest(first, change, sum) + changeRest - 0.5 * zRest)
}

const evaluate = (x: number): void => {
  const quadrant = reduce(x)
  const sine = sinSeries()
  const cosine = cosSeries()
  const isTurned = (quadrant & 1) === 1
  last[0] = x
  last[1] = (quadrant < 2 ? 1 : -1) * (isTurned ? cosine : sine)
  last[2] = (quadrant === 0 || quadrant === 3 ? 1 : -1) * (isTurned ? sine : cosine)
}

// constructors

/** The sine of x radians; NaN of what is not finite. */
export const sin = (x: number): number => {
  if (x !== last[0]) evaluate(x)
  return last[1]!
}

/** The cosine of x radians; NaN of what is not finite. */
export const cos = (x: number): number => {
  if (x !== last[0]) evaluate(x)
  return last[2]!
}
