/**
 * A product with one row, or one column, whose vectors lie across rows in memory: a matrix times a vector. Each number of
 * the matrix is used once, so nothing is put together in scratch memory: eight rows at a time are turned in registers, four
 * steps of `k` each, multiplied and added at once.
 */
import * as X from "../assembly/index.ts"
import type * as Blocks from "./Blocks.ts"
import * as Panels from "./Panels.ts"

// models

export interface TurnedRow extends Blocks.End {
  readonly columns: number
  readonly k: number
  /** Bytes from a column to the next. */
  readonly along: number
  /** Bytes from a number to the next. */
  readonly step: number
  /** The numbers come first in every multiplication. */
  readonly isSwapped: boolean
  readonly fused: boolean
}

export interface Registers {
  readonly numbers: X.Gpr
  readonly vectors: X.Gpr
  readonly c: X.Gpr
  readonly bias: X.Gpr
  readonly spare: readonly [X.Gpr, X.Gpr, X.Gpr, X.Gpr]
}

/** Sums of eight columns each that are on their way at a time. */
const GROUPS = 4

/** Steps of `k` that are turned at a time. */
const STEPS = 4

// combinators

/** Appends the code; the registers move. */
export const append = (x: X.Assembler.Assembler, product: TurnedRow, registers: Registers): void => {
  const { along, bias, columns, fused, isSwapped, k, relu, step } = product
  const { bind, label, level, put } = x
  const [spare, numberAt, rowAt, panels] = registers.spare
  const four = (from: number) => [0, 1, 2, 3].map((i) => X.ymm(from + i))
  const [sums, rows, pairs, numbers] = [four(0), four(4), four(8), four(12)]
  const last = X.ymm(15)

  /** `count` steps of the eight columns of group `g`, of which there are `valid`. */
  const tile = (g: number, valid: number, count: number): void => {
    const limit = count < STEPS ? { mask: X.k(2), signs: last } : undefined
    // Where there is no such column the last one stands in: its sum is not stored.
    const part = (i: number) => X.mem({ base: rowAt, displacement: (8 * g + Math.min(i, valid - 1)) * along })
    rows.forEach((row, i) => {
      put(Panels.load(level, X.resize(128, row), part(i), limit))
      if (limit === undefined) put(X.vinsertf128(row, row, part(i + 4), 1))
      else put(Panels.load(level, X.xmm(8), part(i + 4), limit), X.vinsertf128(row, row, X.xmm(8), 1))
    })
    const [r0 = last, r1 = last, r2 = last, r3 = last] = rows
    const [p0 = last, p1 = last, p2 = last, p3 = last] = pairs
    const sum = sums[g] ?? last
    put(X.vunpcklps(p0, r0, r1), X.vunpcklps(p1, r2, r3), X.vunpckhps(p2, r0, r1), X.vunpckhps(p3, r2, r3))
    put(X.vunpcklpd(r0, p0, p1), X.vunpckhpd(r1, p0, p1), X.vunpcklpd(r2, p2, p3), X.vunpckhpd(r3, p2, p3))
    for (let i = 0; i < count; i++) {
      const [number, vector] = [numbers[i] ?? last, rows[i] ?? last]
      const [p, q] = isSwapped ? [number, vector] : [vector, number]
      if (fused) put(X.vfmadd231ps(sum, p, q))
      else put(X.vmulps(vector, p, q), X.vaddps(sum, sum, vector))
    }
  }

  const panel = (count: number): void => {
    const groups = Math.ceil(count / 8)
    const steps = (n: number): void => {
      for (let i = 0; i < n; i++)
        put(X.vbroadcastss(numbers[i] ?? last, X.mem({ base: numberAt, displacement: i * step })))
      for (let g = 0; g < groups; g++) tile(g, Math.min(8, count - 8 * g), n)
    }
    for (let g = 0; g < groups; g++) put(X.vxorps(X.xmm(g), X.xmm(g), X.xmm(g)))
    put(X.mov(rowAt, registers.vectors), X.mov(numberAt, registers.numbers))
    const rest = k % STEPS
    const behind = Panels.repeat(
      x,
      spare,
      (k - rest) / STEPS,
      1,
      () => steps(STEPS),
      (rounds) => put(X.add(rowAt, 4 * STEPS * rounds), X.add(numberAt, STEPS * step * rounds))
    )
    if (rest > 0) {
      if (behind > 0) put(X.add(rowAt, 4 * STEPS * behind), X.add(numberAt, STEPS * step * behind))
      Panels.limitTo(x, { mask: X.k(2), signs: last }, rest, spare)
      steps(rest)
    }
    const limit = Panels.columnsLimit(last)
    const [added, zero] = [X.ymm(4), X.ymm(5)]
    if (count % 8 > 0) Panels.limitTo(x, limit, count % 8, spare)
    if (relu) put(X.vxorps(X.xmm(5), X.xmm(5), X.xmm(5)))
    for (let g = 0; g < groups; g++) {
      const isPart = count < 8 * g + 8 ? limit : undefined
      const sum = sums[g] ?? last
      if (bias === "scalar") put(X.vbroadcastss(added, X.mem({ base: registers.bias })))
      else if (bias === "row")
        put(Panels.load(level, added, X.mem({ base: registers.bias, displacement: 32 * g }), isPart))
      if (bias !== "none") put(X.vaddps(sum, sum, added))
      // max(x, 0) + 0, which makes 0 of -0.
      if (relu) put(X.vmaxps(sum, zero, sum), X.vaddps(sum, sum, zero))
      const at = X.mem({ base: registers.c, displacement: 32 * g })
      put(...Panels.store(level, at, sum, Math.min(8, count - 8 * g), limit.mask))
    }
  }

  const width = 8 * GROUPS
  const whole = Math.floor(columns / width)
  const rest = columns % width
  const next = (): void => {
    put(X.add(registers.vectors, width * along), X.add(registers.c, 4 * width))
    if (bias === "row") put(X.add(registers.bias, 4 * width))
  }
  if (whole > 0) {
    const top = label()
    if (whole > 1) {
      put(X.mov32(panels, whole))
      bind(top)
    }
    panel(width)
    if (whole > 1 || rest > 0) next()
    if (whole > 1) put(X.sub32(panels, 1), X.jne(top))
  }
  if (rest > 0) panel(rest)
}
