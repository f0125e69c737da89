/**
 * Matrix products: `c = activation(a b + bias)` with `a` `[m, k]` (or `[k, m]`, transposed) and `b` `[k, n]` (or
 * `[n, k]`).
 *
 * Every element of `c` is one chain of multiply, then add, over `k` in order, started at zero, wherever it lies in a
 * block and whoever computes it. So the bits depend on neither the blocking nor the threads.
 *
 * The factor from `b` comes first in every multiplication: where both are NaN, its bits stay.
 *
 * One factor is read as vectors (neighbours in memory are neighbours in `c`), the other number by number: four
 * numbers times two vectors make a block of 4 x 8 sums that stay in registers. Where `b` is transposed the roles
 * change: `c'` is computed from vectors of `a'`, and its blocks are turned when they are stored.
 */
import { Product } from "../../../plan/index.ts"
import {
  type Assembler,
  brIf,
  type Code,
  f32x4,
  forRange,
  i32,
  loadFirst,
  type Local,
  loop,
  plus,
  storeFirst,
  transpose4,
  v128,
  when
} from "../assembly/index.ts"

// models

export interface MatMul extends Product.Sizes {
  readonly transposeA: boolean
  readonly transposeB: boolean
  /** A row of `n` numbers (`row`) or one number (`scalar`), added to every row. */
  readonly bias: "none" | "row" | "scalar"
  /** Use fused multiply-add, whose bits depend on the machine. */
  readonly relaxed: boolean
}

/** What blocks and panels depend on. */
export type Shape = Pick<MatMul, "m" | "k" | "n" | "transposeB">

/** How a factor lies in memory, in numbers: distance of neighbours along `c`, and along `k`. */
interface Strides {
  readonly along: number
  readonly step: number
}

// pure core: shapes of blocks

/** Vectors in the widest panel: eight sums at most, so that they stay in registers with what is multiplied. */
const widestOf = (product: Shape): number =>
  product.transposeB || product.m >= 3 ? 2 : product.m === 2 ? 4 : 8

/** Parts begin at multiples of this many rows or columns, so that every part has whole panels. */
export const granule = (product: Shape): number => (Product.splitsRows(product) ? 8 : 4 * widestOf(product))

/** Lengths of panels that cover what is left after the widest; those under 4 are filled up with zeros. */
const panels = (rest: number): ReadonlyArray<number> =>
  rest >= 8 ? [8, ...panels(rest - 8)] : rest >= 4 ? [4, ...panels(rest - 4)] : rest > 0 ? [rest] : []

const numbersOf = ({ m, n, transposeB }: MatMul): number => (transposeB ? n : m)
const elementsOf = ({ m, n, transposeB }: MatMul): number => (transposeB ? m : n)

/** Rows that lie so far apart, in numbers, share few lines of the first cache. */
const APART = 256

/**
 * Copying a panel together pays where it is used often and its rows are far apart: its own, where they push each other out
 * of the cache, or those of the other factor.
 */
const packs = (product: MatMul): boolean => {
  const { k, n, relaxed, transposeA, transposeB } = product
  if (numbersOf(product) < 32) return false
  return (!transposeB && n % APART === 0 && k >= 64) || (k >= 128 && (transposeA || relaxed))
}

/** Bytes of scratch memory that a call needs: one packed panel. */
export const scratchBytes = (product: Shape): number => 16 * widestOf(product) * product.k

// pure core: code

/** Numbers to bytes. */
const words = (count: Code): Code => i32.shl(count, i32.const(2))

/** How many steps of `k` are written out in the loop. */
const UNROLL = 4

/**
 * The kernel `(a, b, c, bias, scratch, start, end)`: addresses in bytes, and the rows of `c` (or columns, see
 * `Product.splitsRows`) to compute.
 */
export const define = (
  module: Assembler.Assembler,
  name: string,
  product: MatMul,
  activation: (spare: Local) => (x: Local) => Code
): Assembler.Func =>
  module.define(
    name,
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    [],
    (scope, [a, b, c, bias, scratch, start, end]) => {
      const { m, k, n, transposeA, transposeB: turned } = product
      const numbers = numbersOf(product)
      const elements = elementsOf(product)
      const aStrides: Strides = transposeA ? { along: 1, step: m } : { along: k, step: 1 }
      const bStrides: Strides = turned ? { along: k, step: 1 } : { along: 1, step: n }
      const [x, xs, y, ys] = turned ? [b, bStrides, a, aStrides] : [a, aStrides, b, bStrides]
      const numbersAreSplit = Product.splitsRows(product) !== turned
      const range = (isSplit: boolean, size: number) =>
        isSplit ? { from: start.get, to: end.get } : { from: i32.const(0), to: i32.const(size) }

      const column = scope.local("i32")
      const row = scope.local("i32")
      const xAt = scope.local("i32")
      const yAt = scope.local("i32")
      const cAt = scope.local("i32")
      const stop = scope.local("i32")
      const widest = widestOf(product)
      const vectorLocals = (count: number) => Array.from({ length: count }, () => scope.local("v128"))
      const sums = vectorLocals(8)
      const vectors = vectorLocals(widest)
      const biases = vectorLocals(Math.max(4, widest))
      const number = scope.local("v128")
      const activate = activation(number)
      const spare = [number, scope.local("v128"), scope.local("v128"), scope.local("v128")] as const

      const multiplyAdd = (sum: Local, vector: Local): Code =>
        product.relaxed
          ? f32x4.relaxedMadd(number.get, vector.get, sum.get)
          : f32x4.add(sum.get, turned ? f32x4.mul(number.get, vector.get) : f32x4.mul(vector.get, number.get))

      /** One step of `k`: `rows` numbers at `xAt` times the vectors at `yAt`, added to the sums. */
      const step = (rows: number, used: ReadonlyArray<Local>, u: number, yStep: number): Code => [
        used.map((vector, v) => vector.set(v128.load(yAt.get, 4 * u * yStep + 16 * v))),
        Array.from({ length: rows }, (_, r) => [
          number.set(v128.load32Splat(xAt.get, 4 * (r * xs.along + u * xs.step))),
          used.map((vector, v) => {
            const sum = sums[r * used.length + v]!
            return sum.set(multiplyAdd(sum, vector))
          })
        ])
      ]

      /** All of `k` for one block, from zero. */
      const accumulate = (rows: number, used: ReadonlyArray<Local>, yStep: number): Code => {
        const rounds = Math.floor(k / UNROLL)
        const forward = (steps: number): Code => [
          xAt.set(plus(xAt.get, 4 * steps * xs.step)),
          yAt.set(plus(yAt.get, 4 * steps * yStep))
        ]
        const unrolled = [
          Array.from({ length: UNROLL }, (_, u) => step(rows, used, u, yStep)),
          forward(UNROLL)
        ]
        return [
          sums.slice(0, rows * used.length).map((sum) => sum.set(f32x4.const(0))),
          rounds === 0
            ? []
            : rounds === 1
              ? unrolled
              : [
                  stop.set(plus(xAt.get, 4 * rounds * UNROLL * xs.step)),
                  loop(...unrolled, brIf(0, i32.ltU(xAt.get, stop.get)))
                ],
          Array.from({ length: k % UNROLL }, (_, u) => step(rows, used, u, yStep))
        ]
      }

      /** Bias and activation, on a vector of neighbours in a row of `c`. */
      const finish = (sum: Local, added: Local): Code => [
        product.bias === "none" ? [] : sum.set(f32x4.add(sum.get, added.get)),
        sum.set(activate(sum))
      ]

      const storeStraight = (rows: number, used: ReadonlyArray<Local>, lanes: number): Code =>
        Array.from({ length: rows }, (_, r) =>
          used.map((_, v) => {
            const sum = sums[r * used.length + v]!
            return [
              finish(sum, biases[v]!),
              storeFirst(Math.min(4, lanes - 4 * v), cAt.get, sum, 4 * r * n + 16 * v)
            ]
          })
        )

      /** The block holds columns of `c`: four of them are turned into rows, fewer are stored number by number. */
      const storeTurned = (rows: number, used: ReadonlyArray<Local>, lanes: number): Code =>
        used.map((_, v) => {
          const block = Array.from({ length: rows }, (_, r) => sums[r * used.length + v]!)
          const [p, q, r, s] = block
          const valid = Math.min(4, lanes - 4 * v)
          const at = (lane: number, r: number) => 4 * ((4 * v + lane) * n + r)
          return p !== undefined && q !== undefined && r !== undefined && s !== undefined
            ? [
                transpose4([p, q, r, s], spare),
                block
                  .slice(0, valid)
                  .map((sum, lane) => [finish(sum, biases[0]!), v128.store(cAt.get, sum.get, at(lane, 0))])
              ]
            : block.map((sum, i) => [
                finish(sum, biases[i]!),
                Array.from({ length: valid }, (_, lane) =>
                  v128.store32Lane(cAt.get, sum.get, lane, at(lane, i))
                )
              ])
        })

      const loadBiases = (address: Code, count: number, lanes: number): Code =>
        product.bias === "none"
          ? []
          : biases
              .slice(0, count)
              .map((added, v) =>
                added.set(
                  product.bias === "scalar"
                    ? v128.load32Splat(bias.get)
                    : loadFirst(Math.min(4, lanes - 4 * v), address, 16 * v)
                )
              )

      const loadTurnedBiases = (rows: number): Code =>
        product.bias === "row" && rows < 4
          ? biases
              .slice(0, rows)
              .map((added, r) => added.set(v128.load32Splat(i32.add(bias.get, words(row.get)), 4 * r)))
          : loadBiases(i32.add(bias.get, words(row.get)), rows < 4 ? rows : 1, 4)

      /** The block of `rows` numbers from `row` times `lanes` elements from `column`. */
      const block = (rows: number, lanes: number, packed: boolean): Code => {
        const used = vectors.slice(0, Math.ceil(lanes / 4))
        return [
          xAt.set(i32.add(x.get, i32.mul(row.get, i32.const(4 * xs.along)))),
          yAt.set(packed ? scratch.get : i32.add(y.get, words(column.get))),
          accumulate(rows, used, packed ? 4 * used.length : ys.step),
          cAt.set(
            i32.add(
              c.get,
              words(
                turned
                  ? i32.add(i32.mul(column.get, i32.const(n)), row.get)
                  : i32.add(i32.mul(row.get, i32.const(n)), column.get)
              )
            )
          ),
          turned ? [loadTurnedBiases(rows), storeTurned(rows, used, lanes)] : storeStraight(rows, used, lanes)
        ]
      }

      /** The panel's rows next to each other in scratch memory, the last vector filled up with zeros. */
      const copyPanel = (used: ReadonlyArray<Local>, lanes: number): Code => [
        yAt.set(i32.add(y.get, words(column.get))),
        forRange(
          row,
          scratch.get,
          plus(scratch.get, 16 * used.length * k),
          16 * used.length,
          used.map((_, v) =>
            v128.store(row.get, loadFirst(Math.min(4, lanes - 4 * v), yAt.get, 16 * v), 16 * v)
          ),
          yAt.set(plus(yAt.get, 4 * ys.step))
        )
      ]

      /** The same where the panel's columns are rows in memory: turned in tiles of 4 x 4. */
      const turnPanel = (used: ReadonlyArray<Local>, lanes: number): Code => {
        const [p, q, r, s] = [sums[0]!, sums[1]!, sums[2]!, sums[3]!]
        const tile = (steps: number): Code =>
          used.map((_, v) => [
            [p, q, r, s].map((to, lane) =>
              to.set(
                4 * v + lane < lanes
                  ? loadFirst(steps, yAt.get, 4 * (4 * v + lane) * ys.along)
                  : f32x4.const(0)
              )
            ),
            transpose4([p, q, r, s], spare),
            [p, q, r, s]
              .slice(0, steps)
              .map((from, step) => v128.store(row.get, from.get, 16 * (step * used.length + v)))
          ])
        return [
          yAt.set(i32.add(y.get, i32.mul(column.get, i32.const(4 * ys.along)))),
          forRange(
            row,
            scratch.get,
            plus(scratch.get, 16 * used.length * (k - (k % 4))),
            64 * used.length,
            tile(4),
            yAt.set(plus(yAt.get, 16))
          ),
          k % 4 === 0 ? [] : tile(k % 4)
        ]
      }

      /** All blocks of the panel of `lanes` elements from `column`. */
      const panel = (lanes: number): Code => {
        const used = vectors.slice(0, Math.ceil(lanes / 4))
        const turns = turned && !transposeA
        const packed = turns || lanes % 4 !== 0 || packs(product)
        const { from, to } = range(numbersAreSplit, numbers)
        const rest = numbers % 4
        const last: Code = [row.set(i32.const(numbers - rest)), block(rest, lanes, packed)]
        return [
          packed ? (turns ? turnPanel(used, lanes) : copyPanel(used, lanes)) : [],
          turned ? [] : loadBiases(i32.add(bias.get, words(column.get)), used.length, lanes),
          numbers < 4 ? [] : forRange(row, from, i32.and(to, i32.const(-4)), 4, block(4, lanes, packed)),
          rest === 0 ? [] : numbersAreSplit ? when(i32.eq(to, i32.const(numbers)), last) : last
        ]
      }

      const width = 4 * widest
      const { from, to } = range(!numbersAreSplit, elements)
      let next = elements - (elements % width)
      const lasts = panels(elements % width).map((lanes) => {
        const code = [column.set(i32.const(next)), panel(lanes)]
        next += lanes
        return code
      })
      return [
        elements < width ? [] : forRange(column, from, plus(to, 1 - width), width, panel(width)),
        lasts.length === 0 ? [] : numbersAreSplit ? lasts : when(i32.eq(to, i32.const(elements)), lasts)
      ]
    }
  )
