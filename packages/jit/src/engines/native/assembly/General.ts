/**
 * The table of instructions of general registers: 64 bits, or 32 (which clear the upper half) where the name ends so.
 * Jumps carry their distance in 4 bytes.
 */
import { branch, fitsByte, general, type Instruction, int32, plain } from "./Instruction.ts"
import type { Gpr, Label, Mem } from "./Registers.ts"

// pure core

const immediate32 = (x: number): ReadonlyArray<number> => {
  if (!Number.isInteger(x) || x < -(2 ** 31) || x >= 2 ** 31) throw new RangeError(`immediate ${x}`)
  return int32(x)
}

/** Two operands, or one and a number: `digit` names the operation of the forms 81 and 83. */
const arithmetic = (digit: number, w: 0 | 1) =>
  Object.assign(
    (to: Gpr | Mem, from: Gpr | Mem | number): Instruction => {
      if (typeof from === "number")
        return fitsByte(from)
          ? general([0x83], digit, to, { w, immediate: [from & 255] })
          : general([0x81], digit, to, { w, immediate: immediate32(from) })
      if (to._tag === "Gpr") return general([(digit << 3) | 3], to.index, from, { w })
      if (from._tag === "Mem") throw new RangeError("memory with memory")
      return general([(digit << 3) | 1], from.index, to, { w })
    },
    { form: "arithmetic" as const, w }
  )

const one = (opcode: number, digit: number, w: 0 | 1) =>
  Object.assign((at: Gpr | Mem): Instruction => general([opcode], digit, at, { w }), {
    form: "one" as const,
    w
  })

const shift = (digit: number, w: 0 | 1) =>
  Object.assign(
    (at: Gpr | Mem, by: number): Instruction => general([0xc1], digit, at, { w, immediate: [by] }),
    { form: "shift" as const, w }
  )

/** A source of another size. */
const convert = (opcode: ReadonlyArray<number>, w: 0 | 1, from: 1 | 2 | 4 | 8) =>
  Object.assign(
    (to: Gpr, source: Gpr | Mem): Instruction =>
      general(opcode, to.index, source, {
        w,
        byteOf: from === 1 && source._tag === "Gpr" ? source.index : 0
      }),
    { form: "convert" as const, w, from }
  )

const jump = (opcode: ReadonlyArray<number>) =>
  Object.assign((to: Label): Instruction => branch(opcode, to), { form: "jump" as const })

const move = (w: 0 | 1) =>
  Object.assign(
    (to: Gpr | Mem, from: Gpr | Mem | number): Instruction => {
      if (typeof from === "number") {
        if (to._tag === "Mem") return general([0xc7], 0, to, { w, immediate: immediate32(from) })
        // 32 bits clear the upper half; a negative number is extended by its sign.
        if (from >= 0 || w === 0) {
          const bytes = int32(Number(BigInt.asIntN(32, BigInt(from))))
          if (from >= 2 ** 32 || from < -(2 ** 31)) throw new RangeError(`immediate ${from}`)
          return to.index < 8
            ? plain(0xb8 | to.index, ...bytes)
            : plain(0x41, 0xb8 | (to.index & 7), ...bytes)
        }
        return general([0xc7], 0, to, { w, immediate: immediate32(from) })
      }
      if (to._tag === "Gpr") return general([0x8b], to.index, from, { w })
      if (from._tag === "Mem") throw new RangeError("memory does not move to memory")
      return general([0x89], from.index, to, { w })
    },
    { form: "move" as const, w }
  )

const stack = (opcode: number) =>
  Object.assign(
    (of: Gpr): Instruction =>
      of.index < 8 ? plain(opcode | of.index) : plain(0x41, opcode | (of.index & 7)),
    { form: "stack" as const }
  )

const compareTest = (w: 0 | 1) =>
  Object.assign(
    (a: Gpr | Mem, b: Gpr | number): Instruction =>
      typeof b === "number"
        ? general([0xf7], 0, a, { w, immediate: immediate32(b) })
        : general([0x85], b.index, a, { w }),
    { form: "test" as const, w }
  )

// the table

export const mov = move(1)
export const mov32 = move(0)
/** All 64 bits of a number. */
export const movabs = Object.assign(
  (to: Gpr, value: bigint): Instruction =>
    plain(
      0x48 | (to.index >> 3),
      0xb8 | (to.index & 7),
      ...int32(Number(BigInt.asIntN(32, value))),
      ...int32(Number(BigInt.asIntN(32, value >> 32n)))
    ),
  { form: "absolute" as const }
)
/** The lowest byte of a register to memory. */
export const mov8 = Object.assign(
  (to: Mem, from: Gpr | number): Instruction =>
    typeof from === "number"
      ? general([0xc6], 0, to, { immediate: [from & 255] })
      : general([0x88], from.index, to, { byteOf: from.index }),
  { form: "storeByte" as const }
)
/** Zeros and signs in front: 8 or 16 bits to 32 (64 with zeros), 32 bits to 64. */
export const movzx8 = convert([0x0f, 0xb6], 0, 1)
export const movzx16 = convert([0x0f, 0xb7], 0, 2)
export const movsx8 = convert([0x0f, 0xbe], 0, 1)
export const movsxd = convert([0x63], 1, 4)
export const lea = Object.assign((to: Gpr, of: Mem): Instruction => general([0x8d], to.index, of, { w: 1 }), {
  form: "address" as const
})

export const add = arithmetic(0, 1)
export const or = arithmetic(1, 1)
export const and = arithmetic(4, 1)
export const sub = arithmetic(5, 1)
export const xor = arithmetic(6, 1)
export const cmp = arithmetic(7, 1)
export const add32 = arithmetic(0, 0)
export const or32 = arithmetic(1, 0)
export const and32 = arithmetic(4, 0)
export const sub32 = arithmetic(5, 0)
export const xor32 = arithmetic(6, 0)
export const cmp32 = arithmetic(7, 0)
export const test = compareTest(1)
export const test32 = compareTest(0)
export const imul = convert([0x0f, 0xaf], 1, 8)
/** `to = from * by`. */
export const imulBy = Object.assign(
  (to: Gpr, from: Gpr | Mem, by: number): Instruction =>
    fitsByte(by)
      ? general([0x6b], to.index, from, { w: 1, immediate: [by & 255] })
      : general([0x69], to.index, from, { w: 1, immediate: immediate32(by) }),
  { form: "multiply" as const }
)
export const inc = one(0xff, 0, 1)
export const dec = one(0xff, 1, 1)
export const neg = one(0xf7, 3, 1)
export const not = one(0xf7, 2, 1)
export const shl = shift(4, 1)
export const shr = shift(5, 1)
export const sar = shift(7, 1)
export const shl32 = shift(4, 0)
export const shr32 = shift(5, 0)
export const sar32 = shift(7, 0)
/** Shifts by the register `cl`. */
export const shlCl = one(0xd3, 4, 1)
export const shrCl = one(0xd3, 5, 1)
export const sarCl = one(0xd3, 7, 1)
export const cmovb = convert([0x0f, 0x42], 1, 8)
export const cmovae = convert([0x0f, 0x43], 1, 8)
export const cmove = convert([0x0f, 0x44], 1, 8)
export const cmovne = convert([0x0f, 0x45], 1, 8)
export const cmovl = convert([0x0f, 0x4c], 1, 8)
export const cmovge = convert([0x0f, 0x4d], 1, 8)
export const cmovg = convert([0x0f, 0x4f], 1, 8)
export const tzcnt = Object.assign(
  (to: Gpr, from: Gpr | Mem): Instruction => general([0x0f, 0xbc], to.index, from, { w: 1, prefix: 0xf3 }),
  { form: "count" as const }
)

export const jmp = jump([0xe9])
export const jb = jump([0x0f, 0x82])
export const jae = jump([0x0f, 0x83])
export const je = jump([0x0f, 0x84])
export const jne = jump([0x0f, 0x85])
export const jbe = jump([0x0f, 0x86])
export const ja = jump([0x0f, 0x87])
export const jl = jump([0x0f, 0x8c])
export const jge = jump([0x0f, 0x8d])
export const jle = jump([0x0f, 0x8e])
export const jg = jump([0x0f, 0x8f])
export const jp = jump([0x0f, 0x8a])
export const jnp = jump([0x0f, 0x8b])
/** A call to a label. */
export const call = jump([0xe8])
/** To the address that a register or memory holds. */
export const callAt = Object.assign((at: Gpr | Mem): Instruction => general([0xff], 2, at), {
  form: "indirect" as const
})
export const jmpAt = Object.assign((at: Gpr | Mem): Instruction => general([0xff], 4, at), {
  form: "indirect" as const
})
export const push = stack(0x50)
export const pop = stack(0x58)
export const prefetcht0 = Object.assign((at: Mem): Instruction => general([0x0f, 0x18], 1, at), {
  form: "memory" as const
})
export const ret = plain(0xc3)
export const cpuid = plain(0x0f, 0xa2)
export const xgetbv = plain(0x0f, 0x01, 0xd0)
export const syscall = plain(0x0f, 0x05)
/** Copies rcx bytes from rsi to rdi. */
export const repMovsb = plain(0xf3, 0xa4)
/** Raises SIGILL. */
export const ud2 = plain(0x0f, 0x0b)
