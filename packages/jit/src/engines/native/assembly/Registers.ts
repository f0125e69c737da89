/**
 * Operands of x86-64 instructions as values: general registers, vector registers of three widths, mask registers, memory.
 *
 * ```ts
 * vaddps(zmm(0), zmm(1), broadcast(mem({ base: rdi, index: rax, scale: 4, displacement: 64 })), zeroing(k(1)))
 * ```
 */

// models

/** A general register; the instruction says how many of its bits it means. */
export interface Gpr {
  readonly _tag: "Gpr"
  readonly index: number
}

export type Bits = 128 | 256 | 512

/** A vector register: `xmm`, `ymm` and `zmm` are its first 128, 256 and 512 bits. */
export interface Vec {
  readonly _tag: "Vec"
  readonly index: number
  readonly bits: Bits
}

export interface Mask {
  readonly _tag: "Mask"
  readonly index: number
}

/** A place in the code that is being written, known when the assembler has bound it. */
export interface Label {
  readonly _tag: "Label"
}

/** Memory at `base + index * scale + displacement` bytes; a label as the base is a place in the code. */
export interface Mem {
  readonly _tag: "Mem"
  readonly base: Gpr | Label
  /** A vector register for gathers. */
  readonly index: Gpr | Vec | undefined
  readonly scale: 1 | 2 | 4 | 8
  readonly displacement: number
  /** One element, repeated to the width of the instruction (EVEX). */
  readonly broadcast: boolean
}

/** Which elements of the destination are written; the others keep their value, or become zero. */
export interface Masking {
  readonly by: Mask
  readonly zeroing: boolean
}

/** What the processor has; `avx512` is F, DQ, BW and VL. */
export type Level = "avx512" | "avx2"

// constructors

const sixteen = Array.from({ length: 16 }, (_, index): Gpr => ({ _tag: "Gpr", index }))

const bank = (bits: Bits): ReadonlyArray<Vec> =>
  Array.from({ length: 32 }, (_, index): Vec => ({ _tag: "Vec", index, bits }))

const banks = { 128: bank(128), 256: bank(256), 512: bank(512) }

const masks = Array.from({ length: 8 }, (_, index): Mask => ({ _tag: "Mask", index }))

const pick = <A>(from: ReadonlyArray<A>, index: number, what: string): A => {
  const found = from[index]
  if (found === undefined) throw new RangeError(`there is no register ${what}${index}`)
  return found
}

export const gpr = (index: number): Gpr => pick(sixteen, index, "r")

export const rax = gpr(0)
export const rcx = gpr(1)
export const rdx = gpr(2)
export const rbx = gpr(3)
export const rsp = gpr(4)
export const rbp = gpr(5)
export const rsi = gpr(6)
export const rdi = gpr(7)
export const r8 = gpr(8)
export const r9 = gpr(9)
export const r10 = gpr(10)
export const r11 = gpr(11)
export const r12 = gpr(12)
export const r13 = gpr(13)
export const r14 = gpr(14)
export const r15 = gpr(15)

/** The vector register of that width: `vec(256, 3)` is `ymm(3)`. */
export const vec = (bits: Bits, index: number): Vec => pick(banks[bits], index, `of ${bits} bits `)
export const xmm = (index: number): Vec => vec(128, index)
export const ymm = (index: number): Vec => vec(256, index)
export const zmm = (index: number): Vec => vec(512, index)

export const k = (index: number): Mask => pick(masks, index, "k")

export const mem = (at: {
  readonly base: Gpr | Label
  readonly index?: Gpr | Vec | undefined
  readonly scale?: Mem["scale"]
  readonly displacement?: number
}): Mem => ({
  _tag: "Mem",
  base: at.base,
  index: at.index,
  scale: at.scale ?? 1,
  displacement: at.displacement ?? 0,
  broadcast: false
})

// combinators

/** One element, repeated to the width of the instruction. */
export const broadcast = (of: Mem): Mem => ({ ...of, broadcast: true })

/** That many bytes further on. */
export const offset = (of: Mem, bytes: number): Mem =>
  bytes === 0 ? of : { ...of, displacement: of.displacement + bytes }

/** The same register at another width. */
export const resize = (bits: Bits, { index }: Vec): Vec => vec(bits, index)

export const merging = (by: Mask): Masking => ({ by, zeroing: false })
export const zeroing = (by: Mask): Masking => ({ by, zeroing: true })
