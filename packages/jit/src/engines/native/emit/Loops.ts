/** Loops around a body, with a pointer for every array that moves in them. */
import type { Nest } from "../../../plan/index.ts"
import * as X from "../assembly/index.ts"
import { BASE } from "./Emitter.ts"

// models

/** Registers that loops around a body may use: pointers first, then counters. */
export const POINTERS: ReadonlyArray<X.Gpr> = [
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

// pure core

const moves = (dimensions: ReadonlyArray<Nest.Dimension>, array: number): boolean =>
  dimensions.some(({ strides }) => strides[array] !== 0)

/** Whether there are registers for the loops: one for each array of `arrays` that moves, and one for each loop. */
export const fit = (dimensions: ReadonlyArray<Nest.Dimension>, arrays: ReadonlyArray<number>): boolean =>
  arrays.filter((array) => moves(dimensions, array)).length + dimensions.length <= POINTERS.length

// constructors

/**
 * The loops over `dimensions` (strides in bytes), the first restricted to `range`; the body gets a pointer for every array
 * of `arrays`: `BASE` moved to the place of the round.
 */
export const nest = (
  x: X.Assembler.Assembler,
  dimensions: ReadonlyArray<Nest.Dimension>,
  arrays: ReadonlyArray<number>,
  range: Range | undefined,
  body: (pointer: (array: number) => X.Gpr) => void
): void => {
  const moving = arrays.filter((array) => moves(dimensions, array))
  const registers = new Map(moving.map((array, i) => [array, POINTERS[i] ?? BASE]))
  const pointer = (array: number): X.Gpr => registers.get(array) ?? BASE
  const rounds = dimensions.map(({ size }, d) =>
    d === 0 && range !== undefined ? range.end - range.start : size
  )
  for (const array of moving) {
    const start = (range?.start ?? 0) * (dimensions[0]?.strides[array] ?? 0)
    x.put(X.lea(pointer(array), X.mem({ base: BASE, displacement: start })))
  }
  const level = (d: number): void => {
    const dimension = dimensions[d]
    if (dimension === undefined) return body(pointer)
    const count = rounds[d] ?? 1
    if (count === 0) return
    const counter = POINTERS[moving.length + d]
    if (counter === undefined) throw new RangeError("more loops than registers")
    const top = x.label()
    if (count > 1) {
      x.put(X.mov32(counter, count))
      x.bind(top)
    }
    level(d + 1)
    const inner = dimensions[d + 1]
    for (const array of moving) {
      const back = inner === undefined ? 0 : (inner.strides[array] ?? 0) * (rounds[d + 1] ?? 0)
      const step = (dimension.strides[array] ?? 0) - back
      if (step !== 0) x.put(X.add(pointer(array), step))
    }
    if (count > 1) x.put(X.sub32(counter, 1), X.jne(top))
  }
  level(0)
}
