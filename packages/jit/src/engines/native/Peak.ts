/**
 * The most that one thread of this processor can do of what products are made of: a multiplication and an addition, or
 * both fused, of full vectors that are in registers, in chains that do not wait for each other.
 */
import * as Addon from "./addon/index.ts"
import {
  dec,
  type Instruction,
  jne,
  type Level,
  mov,
  rax,
  vaddps,
  vbroadcastss,
  vec,
  vfmadd231ps,
  vmulps
} from "./assembly/index.ts"
import * as Emit from "./emit/index.ts"

// models

export interface Peak {
  /** How many multiplications and additions of `float32` a call makes. */
  readonly operations: number
  readonly run: () => void
  readonly dispose: () => void
}

// pure core

/** Chains of sums: enough to hide how long an addition takes, few enough for 16 registers. */
const SUMS = 12
const TEMPORARIES = 2
const ROUNDS = 4096

/** One step of every chain: the sums are registers 0 to 11, the factors 12 and 13. */
const steps = (bits: 256 | 512, fused: boolean): ReadonlyArray<Instruction> => {
  const [a, b] = [vec(bits, SUMS), vec(bits, SUMS + 1)]
  return Array.from({ length: SUMS }, (_, i) => {
    const [sum, product] = [vec(bits, i), vec(bits, SUMS + 2 + (i % TEMPORARIES))]
    return fused ? [vfmadd231ps(sum, a, b)] : [vmulps(product, a, b), vaddps(sum, sum, product)]
  }).flat()
}

// constructors

export const make = (level: Level, fused: boolean): Peak => {
  const bits = level === "avx512" ? 512 : 256
  const code = Emit.code(level)
  const kernel: Emit.Kernel = ({ assembler: { bind, label, pool, put } }) => {
    const top = label()
    for (let i = 0; i < SUMS + 2; i++) put(vbroadcastss(vec(bits, i), pool.f32(0)))
    put(mov(rax, ROUNDS))
    bind(top)
    put(...steps(bits, fused), dec(rax), jne(top))
  }
  const start = Emit.Routine.append(code, [{ code: kernel, start: 0, end: 1, scratch: 0 }])
  const addon = Addon.open()
  const placed = addon.place(code.finish(), [start], new Uint8Array(64))
  const [run = () => {}] = addon.entries(placed)
  return { operations: (2 * bits * SUMS * ROUNDS) / 32, run, dispose: () => addon.free(placed) }
}
