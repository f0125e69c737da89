/** Instructions of a row of the tables with drawn operands, and what a disassembler must call them (AT&T: sources first). */
import type * as Encodings from "@ornstein/jit/internal/engines/native/assembly/Encodings"
import type * as General from "@ornstein/jit/internal/engines/native/assembly/General"
import type { Encoding, Instruction } from "@ornstein/jit/internal/engines/native/assembly/Instruction"
import {
  type Bits,
  broadcast,
  type Gpr,
  gpr,
  k,
  type Mask,
  type Masking,
  mem,
  type Mem,
  merging,
  vec,
  type Vec,
  zeroing
} from "@ornstein/jit/internal/engines/native/assembly/Registers"
import { Draw } from "../../Draw.ts"

type Row = (typeof Encodings)[keyof typeof Encodings] | (typeof General)[keyof typeof General]

export interface Sample {
  readonly row: string
  readonly bytes: ReadonlyArray<number>
  readonly text: string
}

// what is written where AT&T's manner, or EVEX, has another name

const IN_EVEX: { readonly [name: string]: string } = {
  vmovdqu: "vmovdqu32",
  vmovdqa: "vmovdqa32",
  vpand: "vpandd",
  vpandn: "vpandnd",
  vpor: "vpord",
  vpxor: "vpxord",
  vroundps: "vrndscaleps",
  vroundpd: "vrndscalepd",
  vbroadcastf128: "vbroadcastf32x4",
  vinsertf128: "vinsertf32x4",
  vinserti128: "vinserti32x4",
  vextractf128: "vextractf32x4",
  vextracti128: "vextracti32x4",
  vpbroadcastdGpr: "vpbroadcastd",
  vpbroadcastqGpr: "vpbroadcastq"
}

const IN_ATT: { readonly [name: string]: string } = {
  movsxd: "movslq",
  jae: "jae",
  callAt: "call",
  jmpAt: "jmp",
  shlCl: "shl",
  shrCl: "shr",
  sarCl: "sar",
  imulBy: "imul",
  repMovsb: "rep movsb %ds:(%rsi),%es:(%rdi)"
}

/** Widths that an instruction has, if not all. */
const WIDTHS: { readonly [name: string]: ReadonlyArray<Bits> } = {
  vbroadcastsd: [256, 512],
  vbroadcastf128: [256, 512],
  vbroadcastf64x4: [512],
  vpermps: [256, 512],
  vpermd: [256, 512],
  vpermq: [256, 512],
  vpermpd: [256, 512],
  vperm2f128: [256],
  vshuff32x4: [256, 512],
  vshuff64x2: [256, 512],
  vinsertf128: [256, 512],
  vinserti128: [256, 512],
  vinsertf64x4: [512],
  vextractf128: [256, 512],
  vextracti128: [256, 512],
  vextractf64x4: [512],
  vextracti64x4: [512]
}

const PREDICATES =
  "eq lt le unord neq nlt nle ord eq_uq nge ngt false neq_oq ge gt true eq_os lt_oq le_oq unord_s neq_us nlt_uq nle_uq ord_s eq_us nge_uq ngt_uq false_os neq_os ge_oq gt_oq true_us".split(
    " "
  )
const INTEGER_PREDICATES = ["eq", "lt", "le", undefined, "neq", "nlt", "nle", undefined]

// text of operands

const R64 = "rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15".split(" ")
const R32 = "eax ecx edx ebx esp ebp esi edi r8d r9d r10d r11d r12d r13d r14d r15d".split(" ")
const R16 = "ax cx dx bx sp bp si di r8w r9w r10w r11w r12w r13w r14w r15w".split(" ")
const R8 = "al cl dl bl spl bpl sil dil r8b r9b r10b r11b r12b r13b r14b r15b".split(" ")

const hex = (x: number | bigint): string => (x < 0 ? `-0x${(-x).toString(16)}` : `0x${x.toString(16)}`)

/** An immediate as 64 or 32 bits without a sign. */
const immediate = (x: number, bits: 32 | 64 = 64): string => `$${hex(BigInt.asUintN(bits, BigInt(x)))}`

const register = (of: Gpr, size: 1 | 2 | 4 | 8 = 8): string =>
  `%${{ 1: R8, 2: R16, 4: R32, 8: R64 }[size][of.index]}`

const memory = ({ base, index, scale, displacement }: Mem): string => {
  if (base._tag !== "Gpr") throw new RangeError("no base")
  const inner =
    index === undefined
      ? register(base)
      : `${register(base)},${index._tag === "Gpr" ? register(index) : text(index)},${scale}`
  return `${displacement === 0 && (base.index & 7) !== 5 ? "" : hex(displacement)}(${inner})`
}

const text = (operand: Gpr | Mask | Mem | Vec): string => {
  switch (operand._tag) {
    case "Gpr":
      return register(operand)
    case "Mask":
      return `%k${operand.index}`
    case "Mem":
      return memory(operand)
    case "Vec":
      return `%${{ 128: "x", 256: "y", 512: "z" }[operand.bits]}mm${operand.index}`
  }
}

const masked = (masking: Masking | undefined): string =>
  masking === undefined ? "" : `{%k${masking.by.index}}${masking.zeroing ? "{z}" : ""}`

// drawing

class Drawer {
  readonly draw: Draw

  constructor(seed: number) {
    this.draw = new Draw(seed)
  }

  gpr(): Gpr {
    return gpr(this.draw.int(0, 15))
  }

  /** Bases that need a displacement or a SIB byte come often; so do displacements at the ends of a byte, scaled. */
  mem(unit = 1): Mem {
    const base = gpr(this.draw.bool() ? this.draw.pick(4, 5, 12, 13) : this.draw.int(0, 15))
    const index = this.draw.bool() ? gpr(this.draw.pick(0, 1, 3, 5, 8, 11, 12, 13, 15)) : undefined
    const displacement = this.draw.pick(
      0,
      unit,
      -unit,
      127 * unit,
      128 * unit,
      -128 * unit,
      -129 * unit,
      4,
      12,
      127,
      128,
      -128,
      -129,
      0x12345678,
      -0x7ffffff0,
      this.draw.int(-5000, 5000)
    )
    return mem({ base, index, scale: index === undefined ? 1 : this.draw.pick(1, 2, 4, 8), displacement })
  }

  masking(zero = true): Masking | undefined {
    const by = k(this.draw.int(1, 7))
    return this.draw.bool() ? undefined : zero && this.draw.bool() ? zeroing(by) : merging(by)
  }

  byte(): number {
    return this.draw.int(0, 255)
  }

  int32(): number {
    return this.draw.pick(
      0,
      1,
      -1,
      127,
      128,
      -128,
      -129,
      0x7fffffff,
      -0x80000000,
      this.draw.int(-(2 ** 31), 2 ** 31 - 1)
    )
  }
}

const unitOf = ({ tuple }: Encoding, bits: Bits): number =>
  typeof tuple === "number" ? tuple : bits / { full: 8, half: 16, quarter: 32, eighth: 64 }[tuple]

const halfOf = (bits: Bits): Bits => (bits === 512 ? 256 : 128)
const partOf = (bits: Bits, { tuple }: Encoding): Bits =>
  tuple === "half" ? halfOf(bits) : bits === 512 && tuple === "quarter" ? 128 : 128

/** One drawn instruction of a vector row. */
const vectorial = (
  name: string,
  row: Extract<Row, { readonly encoding: Encoding }>,
  d: Drawer
): readonly [Instruction, string] => {
  const { encoding } = row
  const { draw } = d
  const mayEvex = encoding.evex !== undefined
  const evex = encoding.vex === undefined || (mayEvex && draw.bool())
  const widths = WIDTHS[name] ?? [128, 256, 512]
  const possible = widths.filter((w) => evex || w !== 512)
  const bits = possible[draw.int(0, possible.length - 1)] ?? 128
  const v = (b: Bits = bits) => vec(b, draw.int(0, evex ? 31 : 15))
  const masking = (zero = true) => (evex ? d.masking(zero) : undefined)
  /** A register, memory, or a repeated element with its text. */
  const source = (b: Bits = bits, scalarOnly = false): readonly [Mem | Vec, string, boolean] => {
    if (draw.bool()) {
      const reg = v(b)
      return [reg, text(reg), reg.index > 15]
    }
    if (evex && encoding.element !== undefined && !scalarOnly && draw.bool()) {
      const of = d.mem(encoding.element)
      const count = (unitOf(encoding, bits) / encoding.element) | 0
      return [broadcast(of), `${memory(of)}{1to${count}}`, true]
    }
    const of = d.mem(unitOf(encoding, bits))
    return [of, memory(of), false]
  }
  /** The name if any of these make EVEX needed. */
  const named = (...why: ReadonlyArray<Vec | Mask | boolean | Masking | undefined>): string => {
    const needed =
      encoding.vex === undefined ||
      why.some((reason) =>
        typeof reason === "object" && "_tag" in reason
          ? reason._tag === "Mask" || reason.index > 15 || reason.bits === 512
          : reason !== undefined && reason !== false
      )
    return needed ? (IN_EVEX[name] ?? name) : name
  }

  switch (row.form) {
    case "rvm":
    case "scalar": {
      const isScalar = row.form === "scalar"
      const w = isScalar ? 128 : bits
      const [to, a, m] = [v(w), v(w), masking()]
      const [b, bText, forced] = source(w, isScalar)
      return [row(to, a, b, m), `${named(to, a, forced, m)} ${bText},${text(a)},${text(to)}${masked(m)}`]
    }
    case "rvr": {
      const [to, a, b] = [v(128), v(128), v(128)]
      return [row(to, a, b), `${name} ${text(b)},${text(a)},${text(to)}`]
    }
    case "rvmi":
    case "insert": {
      const part: Bits = row.form === "insert" ? (encoding.tuple === 32 ? 256 : 128) : bits
      const [to, a, m, i] = [v(), v(), masking(), d.byte()]
      const [b, bText, forced] = source(part)
      return [
        row(to, a, b, i, m),
        `${named(to, a, forced, m)} $${hex(i)},${bText},${text(a)},${text(to)}${masked(m)}`
      ]
    }
    case "rm": {
      const [to, m] = [v(), masking()]
      const [from, fromText, forced] = source()
      return [row(to, from, m), `${named(to, forced, m)} ${fromText},${text(to)}${masked(m)}`]
    }
    case "rmi": {
      const [to, m, i] = [v(), masking(), d.byte()]
      const [from, fromText, forced] = source()
      return [row(to, from, i, m), `${named(to, forced, m)} $${hex(i)},${fromText},${text(to)}${masked(m)}`]
    }
    case "vmi": {
      const [to, from, m, i] = [v(), v(), masking(), d.byte()]
      return [row(to, from, i, m), `${named(to, from, m)} $${hex(i)},${text(from)},${text(to)}${masked(m)}`]
    }
    case "move": {
      const at = d.mem(unitOf(encoding, bits))
      const reg = v()
      const mode = draw.int(0, 2)
      if (mode === 0) {
        const m = masking(false)
        return [row(at, reg, m), `${named(reg, m)} ${text(reg)},${text(at)}${masked(m)}`]
      }
      const m = masking()
      const from = mode === 1 ? at : v()
      return [
        row(reg, from, m),
        `${named(reg, from._tag === "Vec" ? from : false, m)} ${text(from)},${text(reg)}${masked(m)}`
      ]
    }
    case "store": {
      const [at, reg] = [d.mem(unitOf(encoding, bits)), v()]
      return [row(at, reg), `${name} ${text(reg)},${text(at)}`]
    }
    case "scalarMove": {
      const [at, reg] = [d.mem(unitOf(encoding, 128)), v(128)]
      return draw.bool()
        ? [row(at, reg), `${name} ${text(reg)},${text(at)}`]
        : [row(reg, at), `${name} ${text(at)},${text(reg)}`]
    }
    case "widen": {
      const [to, m] = [v(), masking()]
      const [from, fromText, forced] = source(partOf(bits, encoding))
      return [row(to, from, m), `${named(to, forced, m)} ${fromText},${text(to)}${masked(m)}`]
    }
    case "narrow": {
      const [to, from, m] = [v(halfOf(bits)), v(), masking()]
      return [row(to, from, m), `${named(to, from, m)} ${text(from)},${text(to)}${masked(m)}`]
    }
    case "truncate": {
      const from = v()
      if (draw.bool()) {
        const [to, m] = [v(partOf(bits, encoding)), masking()]
        return [row(to, from, m), `${name} ${text(from)},${text(to)}${masked(m)}`]
      }
      const [at, m] = [d.mem(unitOf(encoding, bits)), masking(false)]
      return [row(at, from, m), `${name} ${text(from)},${text(at)}${masked(m)}`]
    }
    case "compare":
    case "test": {
      const m = masking(false)
      const inMask = evex
      const to = inMask ? k(draw.int(0, 7)) : v()
      const a = v()
      const [b, bText] = source()
      const tail = `${bText},${text(a)},${text(to)}${masked(m)}`
      if (row.form === "test") return [row(to, a, b, m), `${name} ${tail}`]
      const real = name.startsWith("vcmp")
      const i = draw.int(0, real ? 31 : 7)
      const predicate = real ? PREDICATES[i] : INTEGER_PREDICATES[i]
      const stem = real ? "vcmp" : "vpcmp"
      return [
        row(to, a, b, i, m),
        predicate === undefined
          ? `${name} $${hex(i)},${tail}`
          : `${stem}${predicate}${name.slice(stem.length)} ${tail}`
      ]
    }
    case "blend": {
      const [to, a, by] = [v(), v(), v()]
      const [b, bText] = source()
      return [row(to, a, b, by), `${name} ${text(by)},${bText},${text(a)},${text(to)}`]
    }
    case "maskMove": {
      const [reg, by, at] = [v(), v(), d.mem()]
      return draw.bool()
        ? [row(reg, by, at), `${name} ${text(at)},${text(by)},${text(reg)}`]
        : [row(at, by, reg), `${name} ${text(reg)},${text(by)},${text(at)}`]
    }
    case "repeat": {
      const [to, m] = [v(), masking()]
      const isGroup = encoding.tuple === 16 || encoding.tuple === 32
      const unit = unitOf(encoding, bits)
      const from = isGroup || draw.bool() ? d.mem(unit) : v(128)
      return [
        row(to, from, m),
        `${named(to, from._tag === "Vec" && from.index > 15, m)} ${text(from)},${text(to)}${masked(m)}`
      ]
    }
    case "extract": {
      const part: Bits = encoding.tuple === 32 ? 256 : 128
      const [from, i] = [v(), d.byte()]
      if (draw.bool()) {
        const [to, m] = [v(part), masking()]
        return [row(to, from, i, m), `${named(from, to, m)} $${hex(i)},${text(from)},${text(to)}${masked(m)}`]
      }
      const [at, m] = [d.mem(part / 8), masking(false)]
      return [row(at, from, i, m), `${named(from, m)} $${hex(i)},${text(from)},${text(at)}${masked(m)}`]
    }
    case "gather": {
      const third = evex ? 10 : 5
      const [to, index, other] = [
        draw.int(0, third - 1),
        draw.int(third, 2 * third - 1),
        draw.int(2 * third, 3 * third)
      ]
      const [reg, at] = [
        vec(bits, to),
        { ...d.mem(4), index: vec(bits, index), scale: draw.pick(1, 2, 4, 8) } satisfies Mem
      ]
      if (!evex) {
        const by = vec(bits, other)
        return [row(reg, at, by), `${name} ${text(by)},${memory(at)},${text(reg)}`]
      }
      const by = k(draw.int(1, 7))
      return [row(reg, at, by), `${name} ${memory(at)},${text(reg)}{%k${by.index}}`]
    }
    case "signs": {
      const [to, from] = [d.gpr(), v()]
      return [row(to, from), `${name} ${text(from)},${register(to, 4)}`]
    }
    case "transfer": {
      const [reg, other] = [v(128), d.gpr()]
      const otherText = register(other, name === "vmovd" ? 4 : 8)
      return draw.bool()
        ? [row(reg, other), `${name} ${otherText},${text(reg)}`]
        : [row(other, reg), `${name} ${text(reg)},${otherText}`]
    }
    case "fromGpr": {
      const [to, from, m] = [v(), d.gpr(), masking()]
      return [
        row(to, from, m),
        `${named()} ${register(from, name === "vpbroadcastdGpr" ? 4 : 8)},${text(to)}${masked(m)}`
      ]
    }
    case "maskOf": {
      const [to, from] = [k(draw.int(0, 7)), v()]
      return [row(to, from), `${name} ${text(from)},${text(to)}`]
    }
    case "ofMask": {
      const [to, from] = [v(), k(draw.int(0, 7))]
      return [row(to, from), `${name} ${text(from)},${text(to)}`]
    }
    case "mask3": {
      const [to, a, b] = [k(draw.int(0, 7)), k(draw.int(0, 7)), k(draw.int(0, 7))]
      return [row(to, a, b), `${name} ${text(b)},${text(a)},${text(to)}`]
    }
    case "mask2": {
      const [to, from] = [k(draw.int(0, 7)), k(draw.int(0, 7))]
      return [row(to, from), `${name} ${text(from)},${text(to)}`]
    }
    case "maskShift": {
      const [to, from, i] = [k(draw.int(0, 7)), k(draw.int(0, 7)), d.byte()]
      return [row(to, from, i), `${name} $${hex(i)},${text(from)},${text(to)}`]
    }
    case "kmov": {
      const [a, b, g, at] = [k(draw.int(0, 7)), k(draw.int(0, 7)), d.gpr(), d.mem()]
      const general = register(g, name === "kmovq" ? 8 : 4)
      switch (draw.int(0, 4)) {
        case 0:
          return [row(a, b), `${name} ${text(b)},${text(a)}`]
        case 1:
          return [row(a, g), `${name} ${general},${text(a)}`]
        case 2:
          return [row(g, a), `${name} ${text(a)},${general}`]
        case 3:
          return [row(a, at), `${name} ${text(at)},${text(a)}`]
        default:
          return [row(at, a), `${name} ${text(a)},${text(at)}`]
      }
    }
  }
}

/** One drawn instruction of general registers. */
const scalar = (
  name: string,
  row: Exclude<Row, Instruction | { readonly encoding: Encoding }>,
  d: Drawer
): readonly [Instruction, string] => {
  const { draw } = d
  const stem = IN_ATT[name] ?? name.replace(/(?<=[a-z])(?:32|8|16)$/, "")
  const sizeOf = (w: 0 | 1): 4 | 8 => (w === 1 ? 8 : 4)
  const suffixed = (w: 0 | 1, operand: Gpr | Mem) =>
    operand._tag === "Mem" ? `${stem}${w === 1 ? "q" : "l"}` : stem
  const either = () => (draw.bool() ? d.gpr() : d.mem())
  const show = (operand: Gpr | Mem, size: 1 | 2 | 4 | 8) =>
    operand._tag === "Gpr" ? register(operand, size) : memory(operand)
  switch (row.form) {
    case "arithmetic":
    case "move": {
      const size = sizeOf(row.w)
      if (draw.bool()) {
        const [to, value] = [either(), d.int32()]
        const instruction = row(to, value)
        if (row.form === "arithmetic" || to._tag === "Mem")
          return [
            instruction,
            `${suffixed(row.w, to)} ${immediate(value, size === 8 ? 64 : 32)},${show(to, size)}`
          ]
        // A number without a sign needs 32 bits only.
        const short = value >= 0 || size === 4
        return [instruction, `mov ${immediate(value, short ? 32 : 64)},${register(to, short ? 4 : 8)}`]
      }
      const [a, b] = [d.gpr(), either()]
      return b._tag === "Mem" && draw.bool()
        ? [row(b, a), `${stem} ${register(a, size)},${memory(b)}`]
        : [row(a, b), `${stem} ${show(b, size)},${register(a, size)}`]
    }
    case "one": {
      const at = either()
      const shifts = name.endsWith("Cl") ? "%cl," : ""
      return [row(at), `${suffixed(row.w, at)} ${shifts}${show(at, sizeOf(row.w))}`]
    }
    case "shift": {
      const [at, by] = [either(), draw.int(2, 63)]
      return [row(at, by), `${suffixed(row.w, at)} $${hex(by)},${show(at, sizeOf(row.w))}`]
    }
    case "convert": {
      const [to, from] = [d.gpr(), either()]
      const size = sizeOf(row.w)
      const att = name.startsWith("movzx")
        ? `movz${row.from === 1 ? "b" : "w"}l`
        : name === "movsx8"
          ? "movsbl"
          : stem
      return [row(to, from), `${att} ${show(from, row.from)},${register(to, size)}`]
    }
    case "test": {
      const at = either()
      const size = sizeOf(row.w)
      if (draw.bool()) {
        const b = d.gpr()
        return [row(at, b), `${stem} ${register(b, size)},${show(at, size)}`]
      }
      const value = d.int32()
      return [
        row(at, value),
        `${suffixed(row.w, at)} ${immediate(value, size === 8 ? 64 : 32)},${show(at, size)}`
      ]
    }
    case "absolute": {
      const [to, value] = [d.gpr(), (BigInt(d.int32()) << 32n) ^ BigInt(d.int32())]
      return [row(to, value), `movabs $${hex(BigInt.asUintN(64, value))},${register(to)}`]
    }
    case "storeByte": {
      const at = d.mem()
      if (draw.bool()) {
        const i = d.byte()
        return [row(at, i), `movb $${hex(i)},${memory(at)}`]
      }
      const from = d.gpr()
      return [row(at, from), `mov ${register(from, 1)},${memory(at)}`]
    }
    case "address": {
      const [to, of] = [d.gpr(), d.mem()]
      return [row(to, of), `lea ${memory(of)},${register(to)}`]
    }
    case "multiply": {
      const [to, from, by] = [d.gpr(), either(), d.int32()]
      return [row(to, from, by), `imul ${immediate(by)},${show(from, 8)},${register(to)}`]
    }
    case "count": {
      const [to, from] = [d.gpr(), either()]
      return [row(to, from), `${name} ${show(from, 8)},${register(to)}`]
    }
    case "bits": {
      const [to, from, count] = [d.gpr(), either(), d.gpr()]
      return [row(to, from, count), `${name} ${register(count)},${show(from, 8)},${register(to)}`]
    }
    case "jump": {
      const { bytes } = row({ _tag: "Label" })
      return [{ bytes, fixup: undefined, needs: "avx2" }, stem]
    }
    case "indirect": {
      const at = either()
      return [row(at), `${stem} *${show(at, 8)}`]
    }
    case "stack": {
      const of = d.gpr()
      return [row(of), `${name} ${register(of)}`]
    }
    case "memory":
    case "state": {
      const at = d.mem()
      return [row(at), `${name} ${memory(at)}`]
    }
  }
}

/** `count` drawn instructions; one where there are no operands. Where jumps go is not compared. */
export const of = (name: string, row: Row, count: number): ReadonlyArray<Sample> => {
  if (typeof row !== "function") return [{ row: name, bytes: row.bytes, text: IN_ATT[name] ?? name }]
  const d = new Drawer(Buffer.from(name).reduce((sum, letter) => Math.imul(sum, 31) + letter, 7))
  return Array.from({ length: count }, () => {
    const [{ bytes }, text] = "encoding" in row ? vectorial(name, row, d) : scalar(name, row, d)
    return { row: name, bytes, text }
  })
}

/** Two samples without EVEX and three with it, where there are such. */
export const few = (name: string, row: Row): ReadonlyArray<Sample> => {
  const all = of(name, row, 60)
  const [long, short] = [true, false].map((isLong) =>
    all.filter(({ bytes }) => (bytes[0] === 0x62) === isLong)
  )
  return [...(short ?? []).slice(0, 2), ...(long ?? []).slice(0, 3)]
}
