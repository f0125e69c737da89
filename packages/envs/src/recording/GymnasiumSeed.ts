/**
 * Gymnasium's own randomness, so that a Python run and ours start alike: NumPy's `Generator(PCG64(SeedSequence(seed)))`
 * bit for bit. SeedSequence is O'Neill's seed_seq alternative (2015), PCG64 a 128-bit linear congruential generator
 * with output XSL-RR (O'Neill, 2014), normals come from a 256-step ziggurat (Marsaglia and Tsang, 2000), integers from
 * Lemire's multiplication (2019).
 *
 * Our own starts are derived from keys; this is for comparisons. An environment made with `gymnasiumSeed: s` ignores
 * its keys: the first reset is `env.reset(seed=s)`, each later one `env.reset()`.
 */
import * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import type * as Snapshot from "@ornstein/core/Snapshot"
import type * as Space from "@ornstein/core/Space"
import * as Schema from "effect/Schema"
import { Draws, Ziggurat } from "../arithmetic/index.ts"

// models

/** The option that every environment with a counterpart in Gymnasium has. */
export const Option = Schema.optionalKey(Field.nonNegativeInt).annotate({
  description: "starts are Gymnasium's own for this seed, bit for bit; left out, ours"
})

/** Draws from a generator that can be saved: state and increment as 128-bit words, and the waiting half draw. */
export interface Generator extends Draws.Draws {
  readonly save: () => Uint32Array
  readonly load: (words: Uint32Array) => void
}

// pure core: SeedSequence

const multiplier = (constant: number, factor: number) => {
  let current = constant
  return (value: number): number => {
    const mixed = value ^ current
    current = Math.imul(current, factor)
    const product = Math.imul(mixed, current)
    return (product ^ (product >>> 16)) >>> 0
  }
}

const mix = (x: number, y: number): number => {
  const product = (Math.imul(0xca01f9dd, x) - Math.imul(0x4973f715, y)) | 0
  return (product ^ (product >>> 16)) >>> 0
}

/** The first `n` 32-bit words that `SeedSequence(seed).generate_state` gives, for a seed below 2^53. */
export const seedSequence = (seed: number, n: number): Uint32Array => {
  const absorb = multiplier(0x43b0d7e5, 0x931e8875)
  const pool = [seed >>> 0, Math.floor(seed / 4294967296), 0, 0].map(absorb)
  for (let source = 0; source < 4; source++) {
    for (let target = 0; target < 4; target++) {
      if (source !== target) pool[target] = mix(pool[target]!, absorb(pool[source]!))
    }
  }
  const squeeze = multiplier(0x8b51f9dd, 0x58f38ded)
  return Uint32Array.from({ length: n }, (_, i) => squeeze(pool[i % 4]!))
}

// pure core: PCG64

const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n
const MASK_128 = (1n << 128n) - 1n
const MASK_64 = (1n << 64n) - 1n

const toWords = (value: bigint): ReadonlyArray<number> =>
  [96n, 64n, 32n, 0n].map((shift) => Number((value >> shift) & 0xffffffffn))

const fromWords = (words: Uint32Array): bigint =>
  words.reduce((value, word) => (value << 32n) | BigInt(word), 0n)

/** A generator as `numpy.random.default_rng(seed)` makes it. */
export const generator = (seed: number): Generator => {
  const words = seedSequence(seed, 8)
  // Each 64-bit word comes with its lower half first.
  const word128 = (at: number): bigint =>
    fromWords(Uint32Array.of(words[at + 1]!, words[at]!, words[at + 3]!, words[at + 2]!))
  let increment = ((word128(4) << 1n) | 1n) & MASK_128
  let state = ((increment + word128(0)) * MULTIPLIER + increment) & MASK_128
  let waiting: number | undefined

  const next64 = (): bigint => {
    state = (state * MULTIPLIER + increment) & MASK_128
    const folded = (state >> 64n) ^ (state & MASK_64)
    const turn = state >> 122n
    return ((folded >> turn) | (folded << (64n - turn))) & MASK_64
  }

  const next32 = (): number => {
    if (waiting !== undefined) {
      const high = waiting
      waiting = undefined
      return high
    }
    const bits = next64()
    waiting = Number(bits >> 32n)
    return Number(bits & 0xffffffffn)
  }

  const unit = (): number => Number(next64() >> 11n) / 9007199254740992

  const integer = (low: number, high: number): number => {
    const range = high - low
    if (!(Number.isSafeInteger(low) && Number.isSafeInteger(high) && range >= 1 && range <= 4294967295)) {
      throw new RangeError(`no integers from ${low} below ${high}`)
    }
    if (range === 1) return low
    const threshold = BigInt((4294967296 - range) % range)
    for (;;) {
      const product = BigInt(next32()) * BigInt(range)
      if ((product & 0xffffffffn) >= threshold) return low + Number(product >> 32n)
    }
  }

  return {
    uniform: (low, high) => low + (high - low) * unit(),
    normal: () => Ziggurat.normal(next64, unit),
    integer,
    save: () =>
      Uint32Array.of(...toWords(state), ...toWords(increment), waiting === undefined ? 0 : 1, waiting ?? 0),
    load: (saved) => {
      state = fromWords(saved.subarray(0, 4))
      increment = fromWords(saved.subarray(4, 8))
      waiting = saved[8] === 0 ? undefined : saved[9]
    }
  }
}

// constructors

/** A definition whose first state is made from draws instead of a key. */
export interface Definition<State extends Snapshot.Snapshot, A extends Space.Space>
  extends Omit<Environment.Definition<State, A>, "reset"> {
  readonly initial: (draws: Draws.Draws) => State
}

/** The environment of a definition; with a seed, Gymnasium's generator takes the place of keys. */
export const define = <State extends Snapshot.Snapshot, A extends Space.Space>(
  definition: Definition<State, A>,
  seed?: number
): Environment.Environment<A> => {
  const { initial, ...rest } = definition
  const environment = Environment.define({ ...rest, reset: (key) => initial(Draws.ofKey(key)) })
  if (seed === undefined) return environment
  return Environment.wrap(environment, environment.spec, (inner) => {
    const random = generator(seed)
    return {
      reset: () => inner.restore(Environment.at(initial(random))),
      state: {
        save: random.save,
        load: (saved) => {
          if (!(saved instanceof Uint32Array))
            throw new TypeError("the snapshot holds no Gymnasium generator")
          random.load(saved)
        }
      }
    }
  })
}
