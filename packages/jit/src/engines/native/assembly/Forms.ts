/**
 * Forms of operands: from a row's encoding to the function that writes the instruction. The destination comes first, as in
 * the processor's manual. A form's tag says how its operands are drawn in tests.
 */
import { type Encoding, type Instruction, type Tuple, vector } from "./Instruction.ts"
import type { Bits, Gpr, Mask, Masking, Mem, Vec } from "./Registers.ts"

// models

export type Row<Tag extends string, F> = F & { readonly form: Tag; readonly encoding: Encoding }

type Source = Mem | Vec

/** Which prefixes an instruction can have, with their W, and what its memory operand is. */
export type Kind = Pick<Encoding, "vex" | "evex" | "tuple" | "element">

// constructors: kinds of encodings

const kind = (
  vex: Kind["vex"],
  evex: Kind["evex"],
  tuple: Tuple = "full",
  element?: Kind["element"]
): Kind => ({
  vex,
  evex,
  tuple,
  element
})

/** 32-bit elements; 64-bit elements; the latter where VEX asks for W, too. */
export const D = kind(0, 0, "full", 4)
export const Q = kind(0, 1, "full", 8)
export const QW = kind(1, 1, "full", 8)
/** The same without VEX, and without EVEX. */
export const DE = kind(undefined, 0, "full", 4)
export const QE = kind(undefined, 1, "full", 8)
export const V0 = kind(0, undefined)
export const V1 = kind(1, undefined)
/** Bytes and words: EVEX repeats none of them. */
export const B = kind(0, 0)
/** One element. */
export const S4 = kind(0, 0, 4)
export const S8 = kind(0, 1, 8)
export const S8W = kind(1, 1, 8)
export const of = kind

/** A row of the table. */
export const row = (prefix: Encoding["prefix"], map: Encoding["map"], opcode: number, k: Kind): Encoding => ({
  prefix,
  map,
  opcode,
  ...k
})

// pure core

const same = (bits: Bits, ...others: ReadonlyArray<Mask | Source>): Bits => {
  for (const other of others)
    if (other._tag === "Vec" && other.bits !== bits)
      throw new RangeError(`operands of ${bits} and ${other.bits} bits`)
  return bits
}

/** The half, quarter or eighth of a width, which is 128 bits at least as a register. */
const part = (bits: Bits, tuple: Tuple): Bits => {
  const exact = bits / (tuple === "half" ? 2 : tuple === "quarter" ? 4 : 8)
  return exact >= 256 ? 256 : 128
}

// constructors: forms. Arguments: mandatory prefix, map, opcode, kind

export type Make<R> = (prefix: Encoding["prefix"], map: Encoding["map"], opcode: number, k: Kind) => R

export type Rvm = Row<"rvm", (to: Vec, a: Vec, b: Source, masking?: Masking) => Instruction>
/** Two sources. */
export const rvm: Make<Rvm> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Vec, a: Vec, b: Source, masking?: Masking) =>
      vector(encoding, { bits: same(to.bits, a, b), reg: to.index, vvvv: a.index, rm: b, masking }),
    { form: "rvm" as const, encoding }
  )
}

export type Rvmi = Row<
  "rvmi",
  (to: Vec, a: Vec, b: Source, immediate: number, masking?: Masking) => Instruction
>
/** Two sources and a byte. */
export const rvmi: Make<Rvmi> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Vec, a: Vec, b: Source, immediate: number, masking?: Masking) =>
      vector(encoding, {
        bits: same(to.bits, a, b),
        reg: to.index,
        vvvv: a.index,
        rm: b,
        masking,
        immediate
      }),
    { form: "rvmi" as const, encoding }
  )
}

export type Rm = Row<"rm", (to: Vec, from: Source, masking?: Masking) => Instruction>
/** One source. */
export const rm: Make<Rm> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Vec, from: Source, masking?: Masking) =>
      vector(encoding, { bits: same(to.bits, from), reg: to.index, vvvv: 0, rm: from, masking }),
    { form: "rm" as const, encoding }
  )
}

export type Rmi = Row<"rmi", (to: Vec, from: Source, immediate: number, masking?: Masking) => Instruction>
/** One source and a byte. */
export const rmi: Make<Rmi> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Vec, from: Source, immediate: number, masking?: Masking) =>
      vector(encoding, { bits: same(to.bits, from), reg: to.index, vvvv: 0, rm: from, masking, immediate }),
    { form: "rmi" as const, encoding }
  )
}

export type Rvr = Row<"rvr", (to: Vec, a: Vec, b: Vec) => Instruction>
/** Two sources of 128 bits, no memory. */
export const rvr: Make<Rvr> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Vec, a: Vec, b: Vec) =>
      vector(encoding, { bits: same(128, to, a, b), reg: to.index, vvvv: a.index, rm: b }),
    { form: "rvr" as const, encoding }
  )
}

export type Vmi = Row<"vmi", (to: Vec, from: Vec, immediate: number, masking?: Masking) => Instruction> & {
  readonly digit: number
}
/** A shift by a byte: the destination stands in `vvvv`, a digit in `reg`. */
export const vmi = (
  prefix: Encoding["prefix"],
  map: Encoding["map"],
  opcode: number,
  digit: number,
  k: Kind
): Vmi => {
  const encoding = row(prefix, map, opcode, k)
  return Object.assign(
    (to: Vec, from: Vec, immediate: number, masking?: Masking) =>
      vector(encoding, {
        bits: same(to.bits, from),
        reg: digit,
        vvvv: to.index,
        rm: from,
        masking,
        immediate
      }),
    { form: "vmi" as const, encoding, digit }
  )
}

export type Move = Row<
  "move",
  {
    (to: Vec, from: Source, masking?: Masking): Instruction
    (to: Mem, from: Vec, masking?: Masking): Instruction
  }
>
/** A load (the opcode given) or a store. */
export const move = (
  prefix: Encoding["prefix"],
  map: Encoding["map"],
  opcode: number,
  store: number,
  k: Kind
): Move => {
  const encoding = row(prefix, map, opcode, k)
  const storing = row(prefix, map, store, k)
  const write = (to: Source, from: Source, masking?: Masking): Instruction => {
    if (to._tag === "Vec")
      return vector(encoding, { bits: same(to.bits, from), reg: to.index, vvvv: 0, rm: from, masking })
    if (from._tag === "Mem") throw new RangeError("memory does not move to memory")
    return vector(storing, { bits: from.bits, reg: from.index, vvvv: 0, rm: to, masking })
  }
  return Object.assign(write, { form: "move" as const, encoding })
}

export type Store = Row<"store", (to: Mem, from: Vec) => Instruction>
/** A store only, of the whole vector. */
export const store: Make<Store> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Mem, from: Vec) => vector(encoding, { bits: from.bits, reg: from.index, vvvv: 0, rm: to }),
    { form: "store" as const, encoding }
  )
}

export type Scalar3 = Row<"scalar", (to: Vec, a: Vec, b: Source, masking?: Masking) => Instruction>
/** The first element only; the others are those of `a`. */
export const scalar: Make<Scalar3> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Vec, a: Vec, b: Source, masking?: Masking) =>
      vector(encoding, { bits: same(128, to, a, b), reg: to.index, vvvv: a.index, rm: b, masking }),
    { form: "scalar" as const, encoding }
  )
}

export type ScalarMove = Row<
  "scalarMove",
  { (to: Vec, from: Mem): Instruction; (to: Mem, from: Vec): Instruction }
>
/** Loads the first element, the others become zero; or stores it. */
export const scalarMove = (
  prefix: Encoding["prefix"],
  map: Encoding["map"],
  opcode: number,
  k: Kind
): ScalarMove => {
  const encoding = row(prefix, map, opcode, k)
  const storing = row(prefix, map, opcode + 1, k)
  const write = (to: Source, from: Source): Instruction => {
    const [reg, at] = to._tag === "Vec" ? [to, from] : [from, to]
    if (reg._tag !== "Vec" || at._tag !== "Mem") throw new RangeError("one operand is memory")
    return vector(to._tag === "Vec" ? encoding : storing, {
      bits: same(128, reg),
      reg: reg.index,
      vvvv: 0,
      rm: at
    })
  }
  return Object.assign(write, { form: "scalarMove" as const, encoding })
}

export type Widen = Row<"widen", (to: Vec, from: Source, masking?: Masking) => Instruction>
/** Smaller elements become larger: the source is a half, a quarter or an eighth of the destination. */
export const widen: Make<Widen> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Vec, from: Source, masking?: Masking) => {
      same(part(to.bits, encoding.tuple), from)
      return vector(encoding, { bits: to.bits, reg: to.index, vvvv: 0, rm: from, masking })
    },
    { form: "widen" as const, encoding }
  )
}

export type Narrow = Row<"narrow", (to: Vec, from: Vec, masking?: Masking) => Instruction>
/** 64-bit elements become 32-bit ones: the destination is half the source. */
export const narrow: Make<Narrow> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Vec, from: Vec, masking?: Masking) => {
      same(part(from.bits, "half"), to)
      return vector(encoding, { bits: from.bits, reg: to.index, vvvv: 0, rm: from, masking })
    },
    { form: "narrow" as const, encoding }
  )
}

export type Truncate = Row<"truncate", (to: Source, from: Vec, masking?: Masking) => Instruction>
/** Integers cut to smaller ones, into a register or memory. */
export const truncate: Make<Truncate> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Source, from: Vec, masking?: Masking) => {
      same(part(from.bits, encoding.tuple), to)
      return vector(encoding, { bits: from.bits, reg: from.index, vvvv: 0, rm: to, masking })
    },
    { form: "truncate" as const, encoding }
  )
}

export type Compare = Row<
  "compare",
  (to: Mask | Vec, a: Vec, b: Source, immediate: number, masking?: Masking) => Instruction
>
/** A comparison named by a byte, into a mask register (EVEX) or all bits of a vector's elements (VEX). */
export const compare: Make<Compare> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Mask | Vec, a: Vec, b: Source, immediate: number, masking?: Masking) => {
      const inMask = to._tag === "Mask"
      if (!inMask && (encoding.vex === undefined || a.bits === 512))
        throw new RangeError("the comparison goes into a mask")
      return vector(inMask ? encoding : { ...encoding, evex: undefined }, {
        bits: same(a.bits, b, to),
        reg: to.index,
        vvvv: a.index,
        rm: b,
        immediate,
        masking,
        evex: inMask
      })
    },
    { form: "compare" as const, encoding }
  )
}

export type Test = Row<"test", (to: Mask | Vec, a: Vec, b: Source, masking?: Masking) => Instruction>
/** The same where the opcode names the comparison. */
export const test: Make<Test> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Mask | Vec, a: Vec, b: Source, masking?: Masking) => {
      const inMask = to._tag === "Mask"
      if (!inMask && (encoding.vex === undefined || a.bits === 512))
        throw new RangeError("the comparison goes into a mask")
      return vector(inMask ? encoding : { ...encoding, evex: undefined }, {
        bits: same(a.bits, b, to),
        reg: to.index,
        vvvv: a.index,
        rm: b,
        masking,
        evex: inMask
      })
    },
    { form: "test" as const, encoding }
  )
}

export type Blend = Row<"blend", (to: Vec, a: Vec, b: Source, by: Vec) => Instruction>
/** `b` where the sign of `by` is set, else `a` (VEX). */
export const blend: Make<Blend> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Vec, a: Vec, b: Source, by: Vec) =>
      vector(encoding, {
        bits: same(to.bits, a, b, by),
        reg: to.index,
        vvvv: a.index,
        rm: b,
        immediate: by.index << 4
      }),
    { form: "blend" as const, encoding }
  )
}

export type MaskMove = Row<
  "maskMove",
  { (to: Vec, by: Vec, from: Mem): Instruction; (to: Mem, by: Vec, from: Vec): Instruction }
>
/** Elements whose sign in `by` is set; loads give zero elsewhere, and no other memory is touched (VEX). */
export const maskMove = (
  prefix: Encoding["prefix"],
  map: Encoding["map"],
  opcode: number,
  k: Kind
): MaskMove => {
  const encoding = row(prefix, map, opcode, k)
  const storing = row(prefix, map, opcode + 2, k)
  const write = (to: Source, by: Vec, from: Source): Instruction => {
    const [reg, at] = to._tag === "Vec" ? [to, from] : [from, to]
    if (reg._tag !== "Vec" || at._tag !== "Mem") throw new RangeError("one operand is memory")
    return vector(to._tag === "Vec" ? encoding : storing, {
      bits: same(reg.bits, by),
      reg: reg.index,
      vvvv: by.index,
      rm: at
    })
  }
  return Object.assign(write, { form: "maskMove" as const, encoding })
}

export type Repeat = Row<"repeat", (to: Vec, from: Source, masking?: Masking) => Instruction>
/** The first element of `xmm` or memory, or a group of elements in memory, repeated. */
export const repeat: Make<Repeat> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Vec, from: Source, masking?: Masking) =>
      vector(encoding, {
        bits: to.bits,
        reg: to.index,
        vvvv: 0,
        rm: from._tag === "Vec" ? { ...from, bits: same(128, from) } : from,
        masking
      }),
    { form: "repeat" as const, encoding }
  )
}

export type Insert = Row<
  "insert",
  (to: Vec, a: Vec, b: Source, immediate: number, masking?: Masking) => Instruction
>
/** `a` with its part number `immediate` replaced by `b`. */
export const insert: Make<Insert> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Vec, a: Vec, b: Source, immediate: number, masking?: Masking) => {
      same(encoding.tuple === 32 ? 256 : 128, b)
      return vector(encoding, {
        bits: same(to.bits, a),
        reg: to.index,
        vvvv: a.index,
        rm: b,
        immediate,
        masking
      })
    },
    { form: "insert" as const, encoding }
  )
}

export type Extract = Row<
  "extract",
  (to: Source, from: Vec, immediate: number, masking?: Masking) => Instruction
>
/** Part number `immediate` of `from`. */
export const extract: Make<Extract> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Source, from: Vec, immediate: number, masking?: Masking) => {
      same(encoding.tuple === 32 ? 256 : 128, to)
      return vector(encoding, { bits: from.bits, reg: from.index, vvvv: 0, rm: to, immediate, masking })
    },
    { form: "extract" as const, encoding }
  )
}

export type Gather = Row<"gather", (to: Vec, from: Mem, by: Mask | Vec) => Instruction>
/** An element from each address; `by` says which (a mask that must not be k0, or signs) and is cleared. */
export const gather: Make<Gather> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Vec, from: Mem, by: Mask | Vec) => {
      if (from.index?._tag !== "Vec") throw new RangeError("a gather's index is a vector")
      const bits = same(to.bits, from.index, by)
      return by._tag === "Mask"
        ? vector(encoding, {
            bits,
            reg: to.index,
            vvvv: 0,
            rm: from,
            masking: { by, zeroing: false }
          })
        : vector({ ...encoding, evex: undefined }, { bits, reg: to.index, vvvv: by.index, rm: from })
    },
    { form: "gather" as const, encoding }
  )
}

export type Signs = Row<"signs", (to: Gpr, from: Vec) => Instruction>
/** The signs of a vector's elements as bits of a general register (VEX). */
export const signs: Make<Signs> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Gpr, from: Vec) => vector(encoding, { bits: from.bits, reg: to.index, vvvv: 0, rm: from }),
    { form: "signs" as const, encoding }
  )
}

export type Transfer = Row<
  "transfer",
  { (to: Vec, from: Gpr): Instruction; (to: Gpr, from: Vec): Instruction }
>
/** Between a general register and the first element of `xmm`. */
export const transfer = (
  prefix: Encoding["prefix"],
  map: Encoding["map"],
  opcode: number,
  k: Kind
): Transfer => {
  const encoding = row(prefix, map, opcode, k)
  const storing = row(prefix, map, opcode + 0x10, k)
  const write = (to: Gpr | Vec, from: Gpr | Vec): Instruction => {
    const [reg, other] = to._tag === "Vec" ? [to, from] : [from, to]
    if (reg._tag !== "Vec" || other._tag !== "Gpr") throw new RangeError("one operand is a general register")
    return vector(to._tag === "Vec" ? encoding : storing, {
      bits: same(128, reg),
      reg: reg.index,
      vvvv: 0,
      rm: other
    })
  }
  return Object.assign(write, { form: "transfer" as const, encoding })
}

export type FromGpr = Row<"fromGpr", (to: Vec, from: Gpr, masking?: Masking) => Instruction>
/** A general register repeated (EVEX). */
export const fromGpr: Make<FromGpr> = (...args) => {
  const encoding = row(...args)
  return Object.assign(
    (to: Vec, from: Gpr, masking?: Masking) =>
      vector(encoding, { bits: to.bits, reg: to.index, vvvv: 0, rm: from, masking }),
    { form: "fromGpr" as const, encoding }
  )
}
