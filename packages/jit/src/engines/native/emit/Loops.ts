/** Loops around a body, with a pointer for every array that moves in them. */
import type { Nest } from "../../../plan/index.ts"
import * as X from "../assembly/index.ts"

// models

/** General registers that loops may use for pointers and counters. */
export const REGISTERS: ReadonlyArray<X.Gpr> = [
  X.rcx,
  X.rdx,
  X.rsi,
  X.r8,
  X.r9,
  X.rbx,
  X.rbp,
  X.r12,
  X.r13,
  X.r14,
  X.r15
]

/** Those that a body has to itself. */
export const INDEX = X.rax
export const SPARE: readonly [X.Gpr, X.Gpr] = [X.r10, X.r11]

export interface Range {
  readonly start: number
  readonly end: number
}

/** Where each array's round begins, by the array's number in the dimensions' strides. */
export type Pointers = ReadonlyMap<number, X.Gpr>

/** Loops over `dimensions` (strides in bytes), the first restricted to `range`. */
export interface Nested {
  readonly dimensions: ReadonlyArray<Nest.Dimension>
  readonly range: Range | undefined
  /** Where the arrays begin. */
  readonly from: Pointers
  /** What may be used. */
  readonly registers: ReadonlyArray<X.Gpr>
}

// pure core

const moving = (dimensions: ReadonlyArray<Nest.Dimension>, arrays: Iterable<number>): ReadonlyArray<number> =>
  [...arrays].filter((array) => dimensions.some(({ strides }) => strides[array] !== 0))

/** How many registers the loops need: one for each array that moves, and one for each loop. */
export const needed = (dimensions: ReadonlyArray<Nest.Dimension>, arrays: Iterable<number>): number =>
  moving(dimensions, arrays).length + dimensions.length

// constructors

/** The body gets the pointers of the round, and the registers that are left. */
export const nest = (
  x: X.Assembler.Assembler,
  { dimensions, from, range, registers }: Nested,
  body: (pointers: Pointers, registers: ReadonlyArray<X.Gpr>) => void
): void => {
  const take = (i: number): X.Gpr => {
    const register = registers[i]
    if (register === undefined) throw new RangeError("more loops and arrays than registers")
    return register
  }
  const arrays = moving(dimensions, from.keys())
  const pointers = new Map([...from, ...arrays.map((array, i) => [array, take(i)] as const)])
  const left = registers.slice(arrays.length + dimensions.length)
  const rounds = dimensions.map(({ size }, d) =>
    d === 0 && range !== undefined ? range.end - range.start : size
  )
  if (rounds.includes(0)) return
  arrays.forEach((array, i) => {
    const base = from.get(array)
    if (base === undefined) return
    const start = (range?.start ?? 0) * (dimensions[0]?.strides[array] ?? 0)
    x.put(X.lea(take(i), X.mem({ base, displacement: start })))
  })
  const level = (d: number): void => {
    const dimension = dimensions[d]
    if (dimension === undefined) return body(pointers, left)
    const count = rounds[d] ?? 1
    const counter = take(arrays.length + d)
    const top = x.label()
    if (count > 1) {
      x.put(X.mov32(counter, count))
      x.bind(top)
    }
    level(d + 1)
    const inner = dimensions[d + 1]
    arrays.forEach((array, i) => {
      const back = (inner?.strides[array] ?? 0) * (rounds[d + 1] ?? 0)
      const step = (dimension.strides[array] ?? 0) - back
      if (step !== 0) x.put(X.add(take(i), step))
    })
    if (count > 1) x.put(X.sub32(counter, 1), X.jne(top))
  }
  level(0)
}

/** Rounds of the innermost loop that are done together. */
export interface Group {
  readonly count: number
  readonly pointers: Pointers
  /** How far behind its pointer the array's first round lies. */
  readonly offset: (array: number) => number
  /** How far the rounds of an array lie from each other. */
  readonly step: (array: number) => number
  readonly registers: ReadonlyArray<X.Gpr>
}

/** The same loops, the innermost `size` rounds at a time, and what is left of them at the end. */
export const groups = (
  x: X.Assembler.Assembler,
  { dimensions, from, range, registers }: Nested,
  size: number,
  body: (group: Group) => void
): void => {
  const outer = dimensions.slice(0, -1)
  const last = dimensions.at(-1) ?? { size: 1, strides: [] }
  const isOuter = outer.length > 0
  const { end, start } = isOuter ? { start: 0, end: last.size } : (range ?? { start: 0, end: last.size })
  const step = (array: number): number => last.strides[array] ?? 0
  nest(x, { dimensions: outer, from, range: isOuter ? range : undefined, registers }, (pointers, left) => {
    const full = Math.floor((end - start) / size)
    const rest = (end - start) % size
    if (full > 0) {
      const dimension = { size: full, strides: last.strides.map((stride) => stride * size) }
      nest(x, { dimensions: [dimension], from: pointers, range: undefined, registers: left }, (at, others) =>
        body({ count: size, pointers: at, offset: (array) => start * step(array), step, registers: others })
      )
    }
    if (rest > 0) {
      const offset = (array: number): number => (end - rest) * step(array)
      body({ count: rest, pointers, offset, step, registers: left })
    }
  })
}
