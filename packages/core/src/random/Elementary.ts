/**
 * Logarithm, exponential and powers of doubles by IEEE basic operations alone, so that they have the same bits on every
 * machine: ECMAScript leaves the last bits of `Math.log`, `Math.exp` and powers open.
 */

// pure core

const bits = new DataView(new ArrayBuffer(8))

/** The natural logarithm of a positive normal double, within 1 ulp. */
export const log = (x: number): number => {
  // x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); log(1 + f) by the series in s = f / (2 + f).
  bits.setFloat64(0, x)
  const high = bits.getUint32(0)
  let k = (high >>> 20) - 1023
  bits.setUint32(0, (high & 0x000fffff) | 0x3ff00000)
  let m = bits.getFloat64(0)
  if (m > Math.SQRT2) {
    m *= 0.5
    k += 1
  }
  const f = m - 1
  const s = f / (2 + f)
  const z = s * s
  const even =
    z *
    (0.6666666666666735 +
      z *
        (0.3999999999940942 +
          z *
            (0.2857142874366239 +
              z *
                (0.22222198432149784 +
                  z * (0.1818357216161805 + z * (0.15313837699209373 + z * 0.14798198605116586))))))
  const half = 0.5 * f * f
  return k * 0.6931471803691238 - (half - (s * (half + even) + k * 1.9082149292705877e-10) - f)
}

/** 2^k for an integer k between -1022 and 1023. */
const powerOfTwo = (k: number): number => {
  bits.setUint32(0, (k + 1023) << 20)
  bits.setUint32(4, 0)
  return bits.getFloat64(0)
}

/** e^x for |x| up to 700, within 2 ulp. */
export const exp = (x: number): number => {
  // x = k log 2 + r with |r| at most log(2) / 2, and log 2 in two parts; then the series of e^r.
  const k = Math.round(x / Math.LN2)
  const r = x - k * 0.6931471803691238 - k * 1.9082149292705877e-10
  let sum = 1
  for (let n = 14; n >= 1; n--) sum = 1 + (r * sum) / n
  return sum * powerOfTwo(k)
}

/** x^y for x >= 0. Exact for y = 0 and y = 1; 0^y is 0 for y > 0. */
export const pow = (x: number, y: number): number => {
  if (y === 0) return 1
  if (y === 1 || x === 0) return x
  return exp(y * log(x))
}
