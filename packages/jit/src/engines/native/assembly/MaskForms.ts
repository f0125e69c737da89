/** Forms of operands of the instructions of mask registers. They need AVX-512, those with the prefix VEX, too. */
import { type Make, of, type Row, row } from "./Forms.ts"
import { type Encoding, type Instruction, vector } from "./Instruction.ts"
import type { Gpr, Mask, Mem, Vec } from "./Registers.ts"

const needing = (instruction: Instruction): Instruction => ({ ...instruction, needs: "avx512" })

export type Mask3 = Row<"mask3", (to: Mask, a: Mask, b: Mask) => Instruction>
export const mask3: Make<Mask3> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Mask, a: Mask, b: Mask) =>
      needing(vector(encoding, { bits: 256, reg: to.index, vvvv: a.index, rm: b })),
    { form: "mask3" as const, encoding }
  )
}

export type Mask2 = Row<"mask2", (to: Mask, from: Mask) => Instruction>
export const mask2: Make<Mask2> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Mask, from: Mask) => needing(vector(encoding, { bits: 128, reg: to.index, vvvv: 0, rm: from })),
    { form: "mask2" as const, encoding }
  )
}

export type MaskShift = Row<"maskShift", (to: Mask, from: Mask, immediate: number) => Instruction>
export const maskShift: Make<MaskShift> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Mask, from: Mask, immediate: number) =>
      needing(vector(encoding, { bits: 128, reg: to.index, vvvv: 0, rm: from, immediate })),
    { form: "maskShift" as const, encoding }
  )
}

export type MaskMoves = Row<
  "kmov",
  { (to: Mask, from: Gpr | Mask | Mem): Instruction; (to: Gpr | Mem, from: Mask): Instruction }
>
/** Between masks, general registers and memory; prefix and W differ (16, 8, 32 or 64 bits). */
export const kmov = (
  [prefix, w]: readonly [Encoding["prefix"], 0 | 1],
  [registerPrefix, registerW]: readonly [Encoding["prefix"], 0 | 1]
): MaskMoves => {
  const at = (opcode: number, p: Encoding["prefix"], vex: 0 | 1): Encoding =>
    row(p, 1, opcode, of(vex, undefined))
  const encoding = at(0x90, prefix, w)
  const put = (e: Encoding, reg: Gpr | Mask, rm: Gpr | Mask | Mem) =>
    needing(vector(e, { bits: 128, reg: reg.index, vvvv: 0, rm }))
  const write = (to: Gpr | Mask | Mem, from: Gpr | Mask | Mem): Instruction => {
    if (to._tag === "Mask")
      return from._tag === "Gpr"
        ? put(at(0x92, registerPrefix, registerW), to, from)
        : put(encoding, to, from)
    if (from._tag !== "Mask") throw new RangeError("one operand is a mask")
    return to._tag === "Gpr"
      ? put(at(0x93, registerPrefix, registerW), to, from)
      : put(at(0x91, prefix, w), from, to)
  }
  return Object.assign(write, { form: "kmov" as const, encoding })
}

export type MaskOf = Row<"maskOf", (to: Mask, from: Vec) => Instruction>
/** The signs of a vector's elements as a mask (EVEX). */
export const maskOf: Make<MaskOf> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Mask, from: Vec) => vector(encoding, { bits: from.bits, reg: to.index, vvvv: 0, rm: from }),
    { form: "maskOf" as const, encoding }
  )
}

export type OfMask = Row<"ofMask", (to: Vec, from: Mask) => Instruction>
/** All bits of an element where the mask is set (EVEX). */
export const ofMask: Make<OfMask> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Vec, from: Mask) => vector(encoding, { bits: to.bits, reg: to.index, vvvv: 0, rm: from }),
    { form: "ofMask" as const, encoding }
  )
}
