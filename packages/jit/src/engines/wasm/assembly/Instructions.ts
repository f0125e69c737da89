/**
 * WebAssembly instructions as functions on code: `f32x4.add(f32x4.mul(a, b), c)` is the code that leaves `a * b + c`
 * on the stack. Opcodes are those of the WebAssembly 3.0 specification, chapter "Binary format".
 *
 * Addresses are `i32` code plus a constant offset in bytes, which costs nothing at run time.
 */

// models

/** Bytes of instructions, nested as they were put together. */
export type Code = ReadonlyArray<number | Code>

/** A local variable of a function. */
export interface Local {
  readonly get: Code
  readonly set: (value: Code) => Code
  /** Sets the variable and leaves the value on the stack. */
  readonly tee: (value: Code) => Code
}

// encodings of numbers

/** An unsigned integer in LEB128. */
export const unsigned = (n: number): ReadonlyArray<number> => {
  const bytes: Array<number> = []
  let rest = n
  do {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest === 0 ? low : low | 0x80)
  } while (rest !== 0)
  return bytes
}

/** A signed integer in LEB128. */
export const signed = (n: bigint): ReadonlyArray<number> => {
  const bytes: Array<number> = []
  let rest = n
  for (;;) {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    const last = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0)
    bytes.push(last ? low : low | 0x80)
    if (last) return bytes
  }
}

const float = (width: 4 | 8, value: number): ReadonlyArray<number> => {
  const view = new DataView(new ArrayBuffer(8))
  if (width === 4) view.setFloat32(0, value, true)
  else view.setFloat64(0, value, true)
  return [...new Uint8Array(view.buffer, 0, width)]
}

// shapes of instructions

const op2 =
  (opcode: number) =>
  (a: Code, b: Code): Code => [a, b, opcode]

const simd = (opcode: number): Code => [0xfd, unsigned(opcode)]
const simd1 = (opcode: number) => {
  const code = simd(opcode)
  return (a: Code): Code => [a, code]
}
const simd2 = (opcode: number) => {
  const code = simd(opcode)
  return (a: Code, b: Code): Code => [a, b, code]
}
const simd3 = (opcode: number) => {
  const code = simd(opcode)
  return (a: Code, b: Code, c: Code): Code => [a, b, c, code]
}

const load =
  (opcode: Code) =>
  (address: Code, offset = 0): Code => [address, opcode, 0, unsigned(offset)]
const store =
  (opcode: Code) =>
  (address: Code, value: Code, offset = 0): Code => [address, value, opcode, 0, unsigned(offset)]
const storeLane =
  (opcode: number) =>
  (address: Code, value: Code, lane: number, offset = 0): Code => [
    address,
    value,
    simd(opcode),
    0,
    unsigned(offset),
    lane
  ]
const loadLane = storeLane

/** Atomic accesses state their natural alignment: 2^2 bytes. */
const atomic = (opcode: number, operands: ReadonlyArray<Code>, offset: number): Code => [
  operands,
  0xfe,
  opcode,
  2,
  unsigned(offset)
]

// control

/** Leaves the block when `br(0)` inside it is reached. */
export const block = (...body: ReadonlyArray<Code>): Code => [0x02, 0x40, body, 0x0b]
/** Starts again when `br(0)` inside it is reached; otherwise runs once. */
export const loop = (...body: ReadonlyArray<Code>): Code => [0x03, 0x40, body, 0x0b]
/** Leaves (or repeats) the enclosing block (or loop) that is `depth` levels out. */
export const br = (depth: number): Code => [0x0c, unsigned(depth)]
export const brIf = (depth: number, condition: Code): Code => [condition, 0x0d, unsigned(depth)]
export const when = (condition: Code, body: Code): Code => [condition, 0x04, 0x40, body, 0x0b]
export const ifElse = (condition: Code, body: Code, otherwise: Code): Code => [
  condition,
  0x04,
  0x40,
  body,
  0x05,
  otherwise,
  0x0b
]
export const drop = (value: Code): Code => [value, 0x1a]
export const unreachable: Code = [0x00]

// numbers

export const i32 = {
  const: (n: number): Code => [0x41, signed(BigInt(n | 0))],
  load: load([0x28]),
  load8: load([0x2d]),
  store: store([0x36]),
  store8: store([0x3a]),
  eq: op2(0x46),
  ne: op2(0x47),
  ltS: op2(0x48),
  ltU: op2(0x49),
  geS: op2(0x4e),
  add: op2(0x6a),
  sub: op2(0x6b),
  mul: op2(0x6c),
  /** Traps on a division by 0. */
  divU: op2(0x6e),
  and: op2(0x71),
  shl: op2(0x74),
  atomicLoad: (address: Code, offset = 0): Code => atomic(0x10, [address], offset),
  atomicStore: (address: Code, value: Code, offset = 0): Code => atomic(0x17, [address, value], offset),
  /** Adds in one step and leaves the value before. */
  atomicAdd: (address: Code, value: Code, offset = 0): Code => atomic(0x1e, [address, value], offset),
  /** Sleeps while the word equals `expected`: 0 woken, 1 it was another value, 2 timed out (nanoseconds; -1 never). */
  atomicWait: (address: Code, expected: Code, timeout: Code, offset = 0): Code =>
    atomic(0x01, [address, expected, timeout], offset),
  /** Wakes up to `count` sleepers and leaves how many there were. */
  atomicNotify: (address: Code, count: Code, offset = 0): Code => atomic(0x00, [address, count], offset)
}

export const i64 = {
  const: (n: bigint): Code => [0x42, signed(n)]
}

export const f32 = {
  const: (x: number): Code => [0x43, float(4, x)],
  load: load([0x2a]),
  store: store([0x38]),
  add: op2(0x92),
  mul: op2(0x94)
}

// vectors

const splatted = (bytes: ReadonlyArray<number>): Code => [
  simd(0x0c),
  Array.from({ length: 16 / bytes.length }, () => bytes)
]

export const v128 = {
  load: load(simd(0x00)),
  load8Splat: load(simd(0x07)),
  load32Splat: load(simd(0x09)),
  load32Zero: load(simd(0x5c)),
  load64Zero: load(simd(0x5d)),
  /** The vector given with one lane read from memory. */
  load8Lane: loadLane(0x54),
  load32Lane: loadLane(0x56),
  store: store(simd(0x0b)),
  store8Lane: storeLane(0x58),
  store32Lane: storeLane(0x5a),
  store64Lane: storeLane(0x5b),
  not: simd1(0x4d),
  and: simd2(0x4e),
  /** `a`, but not where `b` is set. */
  andNot: simd2(0x4f),
  or: simd2(0x50),
  /** Bits of `a` where `mask` is set, of `b` elsewhere. */
  bitselect: simd3(0x52)
}

export const i8x16 = {
  /** Sixteen bytes of `a` (0 to 15) and `b` (16 to 31). */
  shuffle: (a: Code, b: Code, lanes: ReadonlyArray<number>): Code => [a, b, simd(0x0d), lanes],
  narrowI16x8U: simd2(0x66)
}

export const i16x8 = {
  narrowI32x4U: simd2(0x86),
  extendLowU: simd1(0x89)
}

export const i32x4 = {
  const: (n: number): Code => splatted([n & 255, (n >> 8) & 255, (n >> 16) & 255, (n >> 24) & 255]),
  eq: simd2(0x37),
  ne: simd2(0x38),
  ltS: simd2(0x39),
  gtS: simd2(0x3b),
  leS: simd2(0x3d),
  geS: simd2(0x3f),
  abs: simd1(0xa0),
  neg: simd1(0xa1),
  extendLowI16U: simd1(0xa9),
  add: simd2(0xae),
  sub: simd2(0xb1),
  mul: simd2(0xb5),
  minS: simd2(0xb6),
  maxS: simd2(0xb8),
  truncSatF32x4: simd1(0xf8),
  truncSatF64x2Zero: simd1(0xfc)
}

export const i64x2 = {
  const: (n: bigint): Code =>
    splatted(Array.from({ length: 8 }, (_, i) => Number((n >> BigInt(8 * i)) & 255n))),
  add: simd2(0xce),
  shl: simd2(0xcb),
  shrU: simd2(0xcd)
}

export const f32x4 = {
  const: (x: number): Code => splatted(float(4, x)),
  eq: simd2(0x41),
  ne: simd2(0x42),
  lt: simd2(0x43),
  gt: simd2(0x44),
  le: simd2(0x45),
  ge: simd2(0x46),
  floor: simd1(0x68),
  abs: simd1(0xe0),
  neg: simd1(0xe1),
  sqrt: simd1(0xe3),
  add: simd2(0xe4),
  sub: simd2(0xe5),
  mul: simd2(0xe6),
  div: simd2(0xe7),
  min: simd2(0xe8),
  max: simd2(0xe9),
  /** `a < b ? b : a`, one instruction where `max` needs several. */
  pmax: simd2(0xeb),
  fromI32x4: simd1(0xfa),
  /** The two numbers of `a`, rounded, and two zeros. */
  demoteF64x2Zero: simd1(0x5e),
  /** `a * b + c`, rounded once or twice as the machine likes: not reproducible. */
  relaxedMadd: simd3(0x105)
}

export const f64x2 = {
  const: (x: number): Code => splatted(float(8, x)),
  /** The two low numbers of a `f32x4`. */
  promoteLowF32x4: simd1(0x5f),
  /** The two low integers of an `i32x4`. */
  fromLowI32x4: simd1(0xfe),
  floor: simd1(0x75),
  trunc: simd1(0x7a),
  eq: simd2(0x47),
  ne: simd2(0x48),
  lt: simd2(0x49),
  gt: simd2(0x4a),
  ge: simd2(0x4c),
  abs: simd1(0xec),
  neg: simd1(0xed),
  sqrt: simd1(0xef),
  add: simd2(0xf0),
  sub: simd2(0xf1),
  mul: simd2(0xf2),
  div: simd2(0xf3),
  pmin: simd2(0xf6),
  pmax: simd2(0xf7)
}
