/**
 * Random keys. A key is a value of 64 bits; numbers are *read* from it by index with a counter-based generator
 * (Threefry-2x32 with 20 rounds; Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011), so nothing is
 * ever drawn "next": the same key and index give the same bits for ever, on every machine, in any order.
 *
 * New keys are derived by name and by number. `(seed, step)` is therefore the whole random state of a run, and a draw
 * added in one place shifts nothing elsewhere:
 *
 * ```ts
 * const exploration = Key.fold(Key.make(7), "exploration")
 * const noise = Key.normal(Key.fold(exploration, step), 0)
 * ```
 *
 * Only additions, multiplications, divisions, roots and integer operations are used: no `Math.log`, whose last bit
 * ECMAScript leaves open.
 */
import * as Schema from "effect/Schema"
import { log } from "./Elementary.ts"

// models

const Word = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffffffff }))

/** Two unsigned 32-bit words. */
export const Key = Schema.Struct({ high: Word, low: Word })
export type Key = typeof Key.Type

// pure core: Threefry-2x32-20

const PARITY = 0x1bd11bda

/**
 * One block: 64 bits of key and 64 bits of counter give 64 bits of output, written to `out[at]` and `out[at + 1]`.
 * Known answer: key (0, 0), counter (0, 0) gives (0x6b200159, 0x99ba4efe).
 */
export const block = (
  key: Key,
  counter0: number,
  counter1: number,
  out: Uint32Array | Float64Array,
  at = 0
): void => {
  const k0 = key.high | 0
  const k1 = key.low | 0
  const k2 = k0 ^ k1 ^ PARITY
  let x = (counter0 + k0) | 0
  let y = (counter1 + k1) | 0
  for (let i = 0; i < 5; i++) {
    // Four rounds with the even or the odd rotations, then the key schedule's next injection.
    const even = (i & 1) === 0
    x = (x + y) | 0
    y = (even ? (y << 13) | (y >>> 19) : (y << 17) | (y >>> 15)) ^ x
    x = (x + y) | 0
    y = (even ? (y << 15) | (y >>> 17) : (y << 29) | (y >>> 3)) ^ x
    x = (x + y) | 0
    y = (even ? (y << 26) | (y >>> 6) : (y << 16) | (y >>> 16)) ^ x
    x = (x + y) | 0
    y = (even ? (y << 6) | (y >>> 26) : (y << 24) | (y >>> 8)) ^ x
    const turn = (i + 1) % 3
    x = (x + (turn === 0 ? k0 : turn === 1 ? k1 : k2)) | 0
    y = (y + (turn === 0 ? k1 : turn === 1 ? k2 : k0) + i + 1) | 0
  }
  out[at] = x >>> 0
  out[at + 1] = y >>> 0
}

const words = new Uint32Array(2)

/** The two words as a double in [0, 1): the upper 53 of the 64 bits. */
const toUnit = (high: number, low: number): number =>
  ((high >>> 5) * 67108864 + (low >>> 6)) / 9007199254740992

const horner = (coefficients: ReadonlyArray<number>, x: number): number => {
  let sum = 0
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + coefficients[i]!
  return sum
}

const CENTRE_P = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987,
  67265.7709270087, 33430.57558358813, 2509.0809287301227
]
const CENTRE_Q = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
  28729.085735721943, 5226.495278852546
]
const MIDDLE_P = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
  0.2417807251774506, 0.022723844989269184, 0.0007745450142783414
]
const MIDDLE_Q = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
  0.0005475938084995345, 1.0507500716444169e-9
]
const TAIL_P = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
  0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7
]
const TAIL_Q = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133,
  1.8463183175100548e-5, 1.421511758316446e-7, 2.0442631033899397e-15
]

/** The standard normal quantile of p in (0, 1), to about 1e-16 relative (Wichura, algorithm AS 241, 1988). */
const quantile = (p: number): number => {
  const q = p - 0.5
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q
    return (q * horner(CENTRE_P, r)) / horner(CENTRE_Q, r)
  }
  const r = Math.sqrt(-log(q < 0 ? p : 1 - p))
  const x =
    r <= 5
      ? horner(MIDDLE_P, r - 1.6) / horner(MIDDLE_Q, r - 1.6)
      : horner(TAIL_P, r - 5) / horner(TAIL_Q, r - 5)
  return q < 0 ? -x : x
}

// constructors

/** The key of a seed: any integer up to 2^53 in size; neighbouring seeds give unrelated keys. */
export const make = (seed: number): Key => {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`a seed is a safe integer, not ${seed}`)
  block({ high: 0x6f726e73, low: 0x7465696e }, Math.floor(seed / 4294967296), seed >>> 0, words)
  return { high: words[0]!, low: words[1]! }
}

/** A new key from a key and a name, or a number (an integer of at most 53 bits: a step, an index). */
export const fold = (key: Key, data: string | number): Key => {
  if (typeof data === "number") {
    // The offset keeps folded numbers clear of the counters that draws use.
    block(key, (0x80000000 + Math.floor(data / 4294967296)) >>> 0, data >>> 0, words)
    return { high: words[0]!, low: words[1]! }
  }
  let folded = key
  for (let i = 0; i <= data.length; i++) {
    // The last block holds the length, so no name is the beginning of another.
    block(folded, 0xc0000000, i < data.length ? data.charCodeAt(i) : 0x10000 + data.length, words)
    folded = { high: words[0]!, low: words[1]! }
  }
  return folded
}

/** `n` keys that have nothing to do with each other. */
export const split = (key: Key, n: number): ReadonlyArray<Key> =>
  Array.from({ length: n }, (_, i) => fold(key, i))

// draws: the `index`-th number of a key, from its own counter

/** A 32-bit unsigned integer. */
export const bits32 = (key: Key, index: number): number => {
  block(key, 0, index, words)
  return words[0]!
}

/** Uniform on [0, 1) with 53 random bits. */
export const uniform = (key: Key, index = 0): number => {
  block(key, 0, index, words)
  return toUnit(words[0]!, words[1]!)
}

/** Standard normal: mean 0, variance 1. */
export const normal = (key: Key, index = 0): number => {
  block(key, 1, index, words)
  // 52 bits and a half: strictly inside (0, 1) and symmetric about 1/2.
  return quantile(((words[0]! >>> 6) * 67108864 + (words[1]! >>> 6) + 0.5) / 4503599627370496)
}

/** Exponential with mean 1. */
export const exponential = (key: Key, index = 0): number => {
  block(key, 0, index, words)
  return -log(1 - toUnit(words[0]!, words[1]!))
}

/**
 * Uniform on 0, 1, ..., n - 1 for n up to 2^32, without modulo bias: a draw in the incomplete last multiple of n is
 * rejected and drawn again from the next counter.
 */
export const integer = (key: Key, n: number, index = 0): number => {
  if (!(Number.isInteger(n) && n >= 1 && n <= 4294967296)) throw new RangeError(`no integers below ${n}`)
  const limit = 4294967296 - (4294967296 % n)
  for (let attempt = 0; ; attempt++) {
    block(key, 2 + attempt, index, words)
    if (words[0]! < limit) return words[0]! % n
    if (words[1]! < limit) return words[1]! % n
  }
}

/** Fills `out` with uniforms on [low, high): `out[i]` is draw number i. */
export const uniforms = <A extends Float32Array | Float64Array>(key: Key, out: A, low = 0, high = 1): A => {
  for (let i = 0; i < out.length; i++) out[i] = low + (high - low) * uniform(key, i)
  return out
}

/** Fills `out` with independent normals: `out[i]` is draw number i. */
export const normals = <A extends Float32Array | Float64Array>(
  key: Key,
  out: A,
  mean = 0,
  standardDeviation = 1
): A => {
  for (let i = 0; i < out.length; i++) out[i] = mean + standardDeviation * normal(key, i)
  return out
}

/** Fills `out` with independent integers below n (with replacement). */
export const integers = <A extends Int32Array | Uint32Array>(key: Key, out: A, n: number): A => {
  for (let i = 0; i < out.length; i++) out[i] = integer(key, n, i)
  return out
}

/** A uniformly random order of 0, 1, ..., n - 1 (Fisher and Yates). */
export const permutation = (key: Key, n: number): Uint32Array => {
  const order = Uint32Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = integer(key, i + 1, i)
    const held = order[i]!
    order[i] = order[j]!
    order[j] = held
  }
  return order
}
