/**
 * Code that is being written: instructions one after the other, labels, and constants that stand behind the code and are
 * addressed relative to the instruction. So the code does not depend on where it lies.
 *
 * ```ts
 * const x = Assembler.make("avx2")
 * const top = x.label()
 * x.put(mov(rax, 0))
 * x.bind(top)
 * x.put(vmulps(ymm(0), ymm(0), x.pool.splat(256, 0.5)), add(rax, 1), cmp(rax, 10), jb(top), vzeroupper, ret)
 * x.bytes()
 * ```
 */
import type { Instruction } from "./Instruction.ts"
import { type Bits, type Label, type Level, mem, type Mem } from "./Registers.ts"

// models

/** Constants behind the code; equal ones are one. */
export interface Pool {
  /** One number, for broadcasts and scalar instructions. */
  readonly f32: (value: number) => Mem
  readonly f64: (value: number) => Mem
  readonly u32: (bits: number) => Mem
  readonly u64: (bits: bigint) => Mem
  /** A vector full of one float32, float64, or pattern of 32 or 64 bits. */
  readonly splat: (bits: Bits, value: number) => Mem
  readonly splat64: (bits: Bits, value: number) => Mem
  readonly splatBits: (bits: Bits, pattern: number) => Mem
  readonly splatBits64: (bits: Bits, pattern: bigint) => Mem
  /** These bytes, at a multiple of their number (64 at most, a power of two). */
  readonly bytes: (bytes: Uint8Array) => Mem
}

export interface Assembler {
  readonly level: Level
  readonly put: (...instructions: ReadonlyArray<Instruction>) => void
  /** Bytes that are no instructions. */
  readonly data: (bytes: Uint8Array) => void
  readonly label: () => Label
  /** The label is here. */
  readonly bind: (label: Label) => void
  /** The next instruction begins at a multiple of that many bytes. */
  readonly align: (to: 16 | 32 | 64) => void
  readonly pool: Pool
  /** How many bytes of code there are, without constants. */
  readonly size: () => number
  /** How far from the beginning a bound label lies. */
  readonly at: (label: Label) => number
  /** Code and constants. They must begin at a multiple of 64 bytes. */
  readonly bytes: () => Uint8Array<ArrayBuffer>
}

// pure core

/** Instructions of 1 to 8 bytes that do nothing (AMD's and Intel's optimization manuals). */
const NOTHING: ReadonlyArray<ReadonlyArray<number>> = [
  [0x90],
  [0x66, 0x90],
  [0x0f, 0x1f, 0x00],
  [0x0f, 0x1f, 0x40, 0x00],
  [0x0f, 0x1f, 0x44, 0x00, 0x00],
  [0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00],
  [0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00],
  [0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00]
]

const repeated = (bytes: number, write: (view: DataView, at: number) => number): Uint8Array => {
  const out = new Uint8Array(bytes)
  const view = new DataView(out.buffer)
  let at = 0
  while (at < bytes) at += write(view, at)
  return out
}

const f32 = (value: number) => (view: DataView, at: number) => (view.setFloat32(at, value, true), 4)
const f64 = (value: number) => (view: DataView, at: number) => (view.setFloat64(at, value, true), 8)
const u32 = (value: number) => (view: DataView, at: number) => (view.setUint32(at, value, true), 4)
const u64 = (value: bigint) => (view: DataView, at: number) => (view.setBigUint64(at, value, true), 8)

// constructors

export const make = (level: Level): Assembler => {
  let code = new Uint8Array(1 << 14)
  let size = 0
  const places = new Map<Label, number>()
  const fixups: Array<{
    readonly at: number
    readonly from: number
    readonly to: Label
    readonly plus: number
  }> = []
  const constants = new Map<string, { readonly label: Label; readonly bytes: Uint8Array }>()

  const reserve = (more: number): void => {
    if (size + more <= code.length) return
    const larger = new Uint8Array(2 * (size + more))
    larger.set(code)
    code = larger
  }
  const append = (bytes: ReadonlyArray<number>): void => {
    reserve(bytes.length)
    for (const byte of bytes) code[size++] = byte
  }
  const align = (to: number): void => {
    for (let missing = (to - (size % to)) % to; missing > 0; ) {
      const nothing = NOTHING[Math.min(missing, NOTHING.length) - 1] ?? []
      append(nothing)
      missing -= nothing.length
    }
  }
  const label = (): Label => ({ _tag: "Label" })
  const place = (of: Label): number => {
    const at = places.get(of)
    if (at === undefined) throw new RangeError("a label has no place")
    return at
  }
  const constant = (bytes: Uint8Array): Mem => {
    const key = bytes.join()
    const known = constants.get(key)
    if (known !== undefined) return mem({ base: known.label })
    const made = label()
    constants.set(key, { label: made, bytes })
    return mem({ base: made })
  }

  return {
    level,
    put: (...instructions) => {
      for (const { bytes, fixup, needs } of instructions) {
        if (needs === "avx512" && level === "avx2") throw new RangeError("the instruction needs AVX-512")
        const at = size
        append(bytes)
        if (fixup !== undefined) fixups.push({ ...fixup, at: at + fixup.at, from: size })
      }
    },
    data: (bytes) => {
      reserve(bytes.length)
      code.set(bytes, size)
      size += bytes.length
    },
    label,
    bind: (of) => {
      if (places.has(of)) throw new RangeError("a label has two places")
      places.set(of, size)
    },
    align,
    pool: {
      f32: (value) => constant(repeated(4, f32(value))),
      f64: (value) => constant(repeated(8, f64(value))),
      u32: (bits) => constant(repeated(4, u32(bits))),
      u64: (bits) => constant(repeated(8, u64(bits))),
      splat: (bits, value) => constant(repeated(bits / 8, f32(value))),
      splat64: (bits, value) => constant(repeated(bits / 8, f64(value))),
      splatBits: (bits, pattern) => constant(repeated(bits / 8, u32(pattern))),
      splatBits64: (bits, pattern) => constant(repeated(bits / 8, u64(pattern))),
      bytes: (bytes) => constant(bytes.slice())
    },
    size: () => size,
    at: place,
    bytes: () => {
      // The largest first: each lies at a multiple of its own size without gaps.
      const sorted = [...constants.values()].toSorted((a, b) => b.bytes.length - a.bytes.length)
      const start = Math.ceil(size / 64) * 64
      const out = new Uint8Array(start + sorted.reduce((sum, { bytes }) => sum + bytes.length, 0))
      out.set(code.subarray(0, size))
      let at = start
      const pool = new Map<Label, number>()
      for (const { label: of, bytes } of sorted) {
        out.set(bytes, at)
        pool.set(of, at)
        at += bytes.length
      }
      const view = new DataView(out.buffer)
      for (const fixup of fixups)
        view.setInt32(fixup.at, (pool.get(fixup.to) ?? place(fixup.to)) + fixup.plus - fixup.from, true)
      return out
    }
  }
}
