/**
 * One instruction as bytes, and how operands become them: the prefixes REX, VEX and EVEX, ModRM, SIB and displacements
 * (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, chapter 2).
 *
 * VEX is chosen where it can say the instruction: it is shorter. EVEX has the registers 16 to 31, 512 bits, masks and
 * broadcasts; its 8-bit displacements count in units of the memory operand (`tuple`).
 */
import type { Bits, Gpr, Label, Level, Mask, Masking, Mem, Vec } from "./Registers.ts"

// models

/** A place in an instruction where the distance from its end to a label is put, 4 bytes. */
export interface Fixup {
  readonly at: number
  readonly to: Label
  /** Added to the distance. */
  readonly plus: number
}

export interface Instruction {
  readonly bytes: ReadonlyArray<number>
  readonly fixup: Fixup | undefined
  readonly needs: Level
}

/** How large a memory operand is: the vector's width, a part of it, or so many bytes. */
export type Tuple = "full" | "half" | "quarter" | "eighth" | 1 | 4 | 8 | 16 | 32

/** A row of the table of encodings. */
export interface Encoding {
  readonly map: 1 | 2 | 3
  /** The mandatory prefix: none, 66, F3, F2. */
  readonly prefix: 0 | 1 | 2 | 3
  readonly opcode: number
  /** W where there is a VEX form (0 also where it is ignored). */
  readonly vex: 0 | 1 | undefined
  /** W where there is an EVEX form. */
  readonly evex: 0 | 1 | undefined
  readonly tuple: Tuple
  /** Bytes of an element that a memory operand may repeat. */
  readonly element: 4 | 8 | undefined
}

/** What an instruction's fields hold. */
export interface Fields {
  readonly bits: Bits
  readonly reg: number
  readonly vvvv: number
  readonly rm: Gpr | Mask | Mem | Vec
  readonly masking?: Masking | undefined
  readonly immediate?: number | undefined
  /** The EVEX form although VEX could say the registers: a comparison into a mask. */
  readonly evex?: boolean | undefined
}

// pure core

const bit = (index: number, n: number): number => (index >> n) & 1

export const int32 = (x: number): ReadonlyArray<number> => [
  x & 255,
  (x >> 8) & 255,
  (x >> 16) & 255,
  (x >> 24) & 255
]

export const fitsByte = (x: number): boolean => x >= -128 && x <= 127

const checked = (x: number): number => {
  if (!Number.isInteger(x) || x < -(2 ** 31) || x >= 2 ** 31) throw new RangeError(`displacement ${x}`)
  return x
}

/** ModRM, SIB and displacement, appended; 8-bit displacements count `unit` bytes. */
const address = (out: Array<number>, reg: number, rm: Fields["rm"], unit: number): Fixup | undefined => {
  const field = (reg & 7) << 3
  if (rm._tag !== "Mem") {
    out.push(0xc0 | field | (rm.index & 7))
    return undefined
  }
  const { base, index, scale } = rm
  const displacement = checked(rm.displacement)
  if (base._tag === "Label") {
    if (index !== undefined) throw new RangeError("a place in the code takes no index")
    out.push(field | 5)
    const at = out.push(0, 0, 0, 0) - 4
    return { at, to: base, plus: displacement }
  }
  const low = base.index & 7
  const short = displacement % unit === 0 && fitsByte(displacement / unit)
  // Without a displacement rbp and r13 would mean something else; rsp and r12 are said in a SIB byte.
  const mod = displacement === 0 && low !== 5 ? 0 : short ? 1 : 2
  if (index !== undefined) {
    if (index._tag === "Gpr" && index.index === 4) throw new RangeError("rsp is no index")
    out.push((mod << 6) | field | 4, ((31 - Math.clz32(scale)) << 6) | ((index.index & 7) << 3) | low)
  } else if (low === 4) out.push((mod << 6) | field | 4, 0x24)
  else out.push((mod << 6) | field | low)
  if (mod === 1) out.push((displacement / unit) & 255)
  else if (mod === 2)
    out.push(
      displacement & 255,
      (displacement >> 8) & 255,
      (displacement >> 16) & 255,
      (displacement >> 24) & 255
    )
  return undefined
}

const indexOf = (rm: Fields["rm"]): number => (rm._tag === "Mem" ? (rm.index?.index ?? 0) : 0)

const baseOf = (rm: Fields["rm"]): number =>
  rm._tag !== "Mem" ? rm.index : rm.base._tag === "Label" ? 0 : rm.base.index

const unitOf = ({ tuple, element }: Encoding, bits: Bits, broadcast: boolean): number => {
  if (broadcast) {
    if (element === undefined) throw new RangeError("the instruction repeats no element")
    return element
  }
  if (typeof tuple === "number") return tuple
  return bits / { full: 8, half: 16, quarter: 32, eighth: 64 }[tuple]
}

/** An instruction with a VEX or an EVEX prefix. */
export const vector = (encoding: Encoding, fields: Fields): Instruction => {
  const { map, prefix, opcode } = encoding
  const { bits, reg, vvvv, rm, masking, immediate } = fields
  const broadcast = rm._tag === "Mem" && rm.broadcast
  const [index, base] = [indexOf(rm), baseOf(rm)]
  const short =
    encoding.vex !== undefined &&
    bits !== 512 &&
    masking === undefined &&
    !broadcast &&
    fields.evex !== true &&
    reg < 16 &&
    vvvv < 16 &&
    index < 16 &&
    base < 16
  const bytes: Array<number> = []
  let fixup: Fixup | undefined
  if (short) {
    const w = encoding.vex ?? 0
    const last = (w << 7) | ((~vvvv & 15) << 3) | (bits === 256 ? 4 : 0) | prefix
    const [r, x, b] = [bit(reg, 3) ^ 1, bit(index, 3) ^ 1, bit(base, 3) ^ 1]
    if (x === 1 && b === 1 && w === 0 && map === 1) bytes.push(0xc5, (r << 7) | last, opcode)
    else bytes.push(0xc4, (r << 7) | (x << 6) | (b << 5) | map, last, opcode)
    fixup = address(bytes, reg, rm, 1)
  } else {
    if (encoding.evex === undefined) throw new RangeError("the instruction has no EVEX form")
    if (masking !== undefined && masking.by.index === 0) throw new RangeError("k0 masks nothing")
    // A register operand takes the bit of the index for its fifth; a vector as the index has its fifth in V'.
    const isVectorIndex = rm._tag === "Mem" && rm.index?._tag === "Vec"
    const x = rm._tag === "Mem" ? bit(index, 3) : bit(base, 4)
    bytes.push(
      0x62,
      ((bit(reg, 3) ^ 1) << 7) | ((x ^ 1) << 6) | ((bit(base, 3) ^ 1) << 5) | ((bit(reg, 4) ^ 1) << 4) | map,
      (encoding.evex << 7) | ((~vvvv & 15) << 3) | 4 | prefix,
      (masking?.zeroing === true ? 0x80 : 0) |
        ((bits === 512 ? 2 : bits === 256 ? 1 : 0) << 5) |
        (broadcast ? 0x10 : 0) |
        ((bit(isVectorIndex ? index : vvvv, 4) ^ 1) << 3) |
        (masking?.by.index ?? 0),
      opcode
    )
    fixup = address(bytes, reg, rm, unitOf(encoding, bits, broadcast))
  }
  if (immediate !== undefined) bytes.push(immediate & 255)
  return { bytes, fixup, needs: short ? "avx2" : "avx512" }
}

/** An instruction of general registers: `prefix` before REX, W, the opcode, and an immediate's bytes. */
export const general = (
  opcode: ReadonlyArray<number>,
  reg: number,
  rm: Gpr | Mem,
  options: {
    readonly w?: 0 | 1
    readonly prefix?: number
    /** The registers are bytes: without REX, 4 to 7 would be ah to bh. */
    readonly byteOf?: number
    readonly immediate?: ReadonlyArray<number>
  } = {}
): Instruction => {
  const bytes: Array<number> = options.prefix === undefined ? [] : [options.prefix]
  const rex =
    0x40 | ((options.w ?? 0) << 3) | (bit(reg, 3) << 2) | (bit(indexOf(rm), 3) << 1) | bit(baseOf(rm), 3)
  if (rex !== 0x40 || (options.byteOf ?? 0) >= 4) bytes.push(rex)
  for (const byte of opcode) bytes.push(byte)
  const fixup = address(bytes, reg, rm, 1)
  for (const byte of options.immediate ?? []) bytes.push(byte)
  return { bytes, fixup, needs: "avx2" }
}

/** Bytes without operands. */
export const plain = (...bytes: ReadonlyArray<number>): Instruction => ({
  bytes,
  fixup: undefined,
  needs: "avx2"
})

/** A jump or call to a label, 4 bytes of distance after the opcode. */
export const branch = (opcode: ReadonlyArray<number>, to: Label): Instruction => ({
  bytes: [...opcode, 0, 0, 0, 0],
  fixup: { at: opcode.length, to, plus: 0 },
  needs: "avx2"
})
