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

/** Appends `rows` rows that lie `strides` bytes from each other. */
const rowsAt = (
  { assembler }: Code,
  { axes, isMean }: RowSums,
  rows: number,
  strides: ReadonlyArray<number>,
  places: { readonly input: X.Mem; readonly output: X.Mem },
  registers: ReadonlyArray<X.Gpr>
): void => {
  const size = axes.at(-1)?.size ?? 0
  const elements = axes.reduce((product, axis) => product * axis.size, 1)
  const groups = Math.floor(size / 8)
  const indices = Array.from({ length: rows }, (_, row) => row)
  for (const row of indices) {
    for (const sum of sumsOf(assembler.level, row)) {
      const short = X.resize(128, sum)
      assembler.put(X.vxorps(short, short, short))
    }
  }
  const outer = axes.slice(0, -1).map((axis) => ({ size: axis.size, strides: [4 * axis.stride] }))
  const base = places.input.base
  if (base._tag !== "Gpr") throw new RangeError("rows lie in memory")
  Loops.nest(
    assembler,
    { dimensions: outer, from: new Map([[0, base]]), range: undefined, registers },
    (pointers) => {
      const from = { ...places.input, base: pointers.get(0) ?? base }
      const group = (at: X.Mem, count: number): void => {
        for (const row of indices) {
          assembler.put(...add(assembler, row, X.offset(at, row * (strides[0] ?? 0)), count))
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
  for (const row of indices) {
    assembler.put(
      ...finish(assembler, row, X.offset(places.output, row * (strides[1] ?? 0)), elements, isMean)
    )
  }
}

// constructors

export const append = (code: Code, sums: RowSums): void => {
  const { assembler } = code
  const { arrays, axes, dimensions, range } = sums
  const rest = (axes.at(-1)?.size ?? 0) % 8
  // With AVX2 a vector of the rest is one of four.
  if (rest > 0) assembler.put(...Elements.limit(assembler, assembler.level === "avx512" ? rest : rest % 4))
  const outer = dimensions.slice(0, -1)
  const last = dimensions.at(-1) ?? { size: 1, strides: [0, 0] }
  const { end, start } = outer.length > 0 ? { start: 0, end: last.size } : range
  const [step, outStep] = [last.strides[0] ?? 0, last.strides[1] ?? 0]
  const from = new Map([
    [0, BASE],
    [1, BASE]
  ])
  Loops.nest(
    assembler,
    { dimensions: outer, from, range: outer.length > 0 ? range : undefined, registers: Loops.REGISTERS },
    (pointers, registers) => {
      const full = Math.floor((end - start) / ROWS)
      const places = (at: Loops.Pointers, row: number) => ({
        input: X.mem({ base: at.get(0) ?? BASE, displacement: arrays.source + row * step }),
        output: X.mem({ base: at.get(1) ?? BASE, displacement: arrays.result + row * outStep })
      })
      if (full > 0) {
        const grouped = [{ size: full, strides: [ROWS * step, ROWS * outStep] }]
        Loops.nest(
          assembler,
          { dimensions: grouped, from: pointers, range: undefined, registers },
          (at, left) => rowsAt(code, sums, ROWS, [step, outStep], places(at, start), left)
        )
      }
      const others = (end - start) % ROWS
      if (others > 0) {
        rowsAt(code, sums, others, [step, outStep], places(pointers, start + full * ROWS), registers)
      }
    }
  )
}
