/**
 * Sums of `float32` along the last axis: element i goes to partial sum i mod 8, and the eight are added pairwise,
 * `((0 + 4) + (2 + 6)) + ((1 + 5) + (3 + 7))`. Four rows are summed side by side, so that no addition waits for another.
 */
import type { Nest, Reduction } from "../../../plan/index.ts"
import * as X from "../assembly/index.ts"
import * as Elements from "./Elements.ts"
import { BASE, type Code } from "./Emitter.ts"
import * as Loops from "./Loops.ts"

// models

/** Numbers of the arrays in the strides of loops. */
export const INPUT = 0
export const OUTPUT = 1

export interface RowSums {
  /** Which go; the last is contiguous. */
  readonly axes: ReadonlyArray<Reduction.Axis>
  /** Which stay, with strides in bytes of input and output, restricted to a range of the first. */
  readonly dimensions: ReadonlyArray<Nest.Dimension>
  readonly range: Loops.Range
  /** Where input and output begin, from `BASE`. */
  readonly arrays: { readonly source: number; readonly result: number }
  readonly isMean: boolean
}

// pure core

const ROWS = 4

/** Groups of eight that are written out. */
const UNROLLED = 8

/** The registers of a row's partial sums: one of eight, or two of four. */
const sumsOf = (level: X.Level, row: number): ReadonlyArray<X.Vec> =>
  level === "avx512" ? [X.zmm(row)] : [X.ymm(2 * row), X.ymm(2 * row + 1)]

/** Adds up to eight elements at a place. */
const add = (
  { level }: X.Assembler.Assembler,
  row: number,
  at: X.Mem,
  count: number
): ReadonlyArray<X.Instruction> =>
  sumsOf(level, row).flatMap((sum, half) => {
    const next = X.vec(sum.bits, 8 + ((2 * row + half) % 7))
    const lanes = sum.bits / 64
    const left = count - half * lanes
    if (left <= 0) return []
    const from = X.offset(at, 4 * half * lanes)
    const load =
      left >= lanes
        ? [X.vcvtps2pd(next, from)]
        : level === "avx512"
          ? [X.vcvtps2pd(next, from, X.zeroing(Elements.FIRST))]
          : [
              X.vmaskmovps(X.resize(128, next), X.resize(128, Elements.FIRST_SIGNS), from),
              X.vcvtps2pd(next, X.resize(128, next))
            ]
    return [...load, X.vaddpd(sum, sum, next)]
  })

/** All partial sums of a row, rounded once. */
const finish = (
  { level, pool }: X.Assembler.Assembler,
  row: number,
  to: X.Mem,
  elements: number,
  isMean: boolean
): ReadonlyArray<X.Instruction> => {
  const [low, high] = sumsOf(level, row)
  if (low === undefined) return []
  const [four, two, spare] = [X.resize(256, low), X.resize(128, low), X.xmm(8)]
  const upper = level === "avx512" ? X.ymm(8) : high
  if (upper === undefined) return []
  return [
    ...(level === "avx512" ? [X.vextractf64x4(upper, low, 1)] : []),
    X.vaddpd(four, four, upper),
    X.vextractf128(spare, four, 1),
    X.vaddpd(two, two, spare),
    X.vpermilpd(spare, two, 1),
    X.vaddsd(two, two, spare),
    ...(isMean ? [X.vdivsd(two, two, pool.f64(Math.max(1, elements)))] : []),
    X.vcvtsd2ss(two, two, two),
    X.vmovss(to, two)
  ]
}

/** Appends the sums of a group of rows. */
const rowsAt = (
  { assembler }: Code,
  { arrays, axes, isMean }: RowSums,
  { count, offset, pointers: places, registers, step }: Loops.Group
): void => {
  const size = axes.at(-1)?.size ?? 0
  const elements = axes.reduce((product, axis) => product * axis.size, 1)
  const groups = Math.floor(size / 8)
  const rows = Array.from({ length: count }, (_, row) => row)
  for (const row of rows) {
    for (const sum of sumsOf(assembler.level, row)) {
      const short = X.resize(128, sum)
      assembler.put(X.vxorps(short, short, short))
    }
  }
  const outer = axes.slice(0, -1).map((axis) => ({ size: axis.size, strides: [4 * axis.stride] }))
  const base = places.get(INPUT) ?? BASE
  Loops.nest(
    assembler,
    { dimensions: outer, from: new Map([[INPUT, base]]), range: undefined, registers },
    (pointers) => {
      const displacement = arrays.source + offset(INPUT)
      const from = X.mem({ base: pointers.get(INPUT) ?? base, displacement })
      const group = (at: X.Mem, elementsOf: number): void => {
        for (const row of rows) {
          assembler.put(...add(assembler, row, X.offset(at, row * step(INPUT)), elementsOf))
        }
      }
      if (groups > UNROLLED) {
        const top = assembler.label()
        assembler.put(X.mov32(Loops.INDEX, 0))
        assembler.align(32)
        assembler.bind(top)
        group({ ...from, index: Loops.INDEX, scale: 4 }, 8)
        assembler.put(X.add(Loops.INDEX, 8), X.cmp(Loops.INDEX, 8 * groups), X.jb(top))
      } else {
        for (let i = 0; i < groups; i++) group(X.offset(from, 32 * i), 8)
      }
      if (size % 8 > 0) group(X.offset(from, 32 * groups), size % 8)
    }
  )
  const to = X.mem({ base: places.get(OUTPUT) ?? BASE, displacement: arrays.result + offset(OUTPUT) })
  for (const row of rows) {
    assembler.put(...finish(assembler, row, X.offset(to, row * step(OUTPUT)), elements, isMean))
  }
}

// constructors

export const append = (code: Code, sums: RowSums): void => {
  const { assembler } = code
  const { axes, dimensions, range } = sums
  const rest = (axes.at(-1)?.size ?? 0) % 8
  // With AVX2 a vector of the rest is one of four.
  const { level } = assembler
  if (rest > 0) assembler.put(...Elements.limit(level, assembler, level === "avx512" ? rest : rest % 4))
  const from = new Map([INPUT, OUTPUT].map((array) => [array, BASE] as const))
  Loops.groups(assembler, { dimensions, from, range, registers: Loops.REGISTERS }, ROWS, (group) =>
    rowsAt(code, sums, group)
  )
}
