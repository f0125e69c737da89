import * as Assembler from "@ornstein/jit/internal/engines/wasm/assembly/Assembler"
import { f32x4 } from "@ornstein/jit/internal/engines/wasm/assembly/Instructions"
import * as MatMul from "@ornstein/jit/internal/engines/wasm/emit/MatMul"
import * as Product from "@ornstein/jit/internal/plan/Product"
import * as Runtime from "@ornstein/jit/internal/engines/wasm/Runtime"
import { assert, describe, it } from "vitest"

/** Where the factors, the result, the bias and the scratch memory lie, in numbers; 64 guard numbers around `c`. */
const [A, B, C, BIAS, SCRATCH, TOTAL] = [0, 16384, 40960, 61440, 62464, 65536]
const GUARD = 64
const UNTOUCHED = 12345

const numbers = (seed: number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.fround(state / 2 ** 31 - 1)
  }
}

/** Runs the kernel in the given parts and returns all of the result's memory, guards included. */
const run = (product: MatMul.MatMul, parts: number, relu = false) => {
  const assembler = Assembler.make({ pages: (4 * TOTAL) / Runtime.PAGE, shared: false })
  const activation = () => (x: { readonly get: Parameters<typeof f32x4.max>[0] }) =>
    relu ? f32x4.max(x.get, f32x4.const(0)) : x.get
  assembler.expose("kernel", MatMul.define(assembler, "kernel", product, activation))
  const memory = Runtime.memory(4 * TOTAL, false)
  const all = new Float32Array(memory.buffer)
  const random = numbers(product.m * 31 + product.k * 7 + product.n)
  // What is outside the factors must not matter.
  all.fill(Number.NaN)
  const { bias, k, m, n } = product
  for (let i = 0; i < m * k; i++) all[A + i] = random()
  for (let i = 0; i < k * n; i++) all[B + i] = random()
  for (let i = 0; i < (bias === "row" ? n : 1); i++) all[BIAS + i] = random()
  all.fill(UNTOUCHED, C - GUARD, C + m * n + GUARD)
  const kernel = Runtime.instantiate(Runtime.compile(assembler.bytes()), memory)["kernel"]
  const units = Product.splitsRows(product) ? m : n
  const granule = MatMul.granule(product)
  const cut = (part: number) => Math.min(units, Math.ceil((units * part) / parts / granule) * granule)
  for (let part = 0; part < parts; part++) {
    const [start, end] = [cut(part), cut(part + 1)]
    if (end > start) kernel?.(4 * A, 4 * B, 4 * C, 4 * BIAS, 4 * SCRATCH, start, end)
  }
  return { all, c: all.slice(C - GUARD, C + m * n + GUARD) }
}

/** The definition: one chain of rounded multiplications and rounded additions over k, then the bias. */
const expected = (product: MatMul.MatMul, all: Float32Array, relu: boolean): Float32Array => {
  const { bias, k, m, n, transposeA, transposeB } = product
  const c = new Float32Array(m * n + 2 * GUARD).fill(UNTOUCHED)
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0
      for (let l = 0; l < k; l++) {
        const a = all[A + (transposeA ? l * m + i : i * k + l)] ?? 0
        const b = all[B + (transposeB ? j * k + l : l * n + j)] ?? 0
        sum = Math.fround(sum + Math.fround(a * b))
      }
      if (bias !== "none") sum = Math.fround(sum + (all[BIAS + (bias === "row" ? j : 0)] ?? 0))
      c[GUARD + i * n + j] = relu ? Math.max(0, sum) : sum
    }
  }
  return c
}

const sizes = [1, 2, 3, 4, 5, 7, 8, 9, 12, 31, 33]
const depths = [0, 1, 3, 4, 5, 8, 13, 130]

describe("MatMul", () => {
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      const which = `${transposeA ? "a'" : "a"} ${transposeB ? "b'" : "b"}`

      it(`${which}: every element is the chain over k, to the bit, for every shape`, () => {
        let turn = 0
        for (const m of sizes) {
          for (const n of sizes) {
            const k = depths[turn % depths.length] ?? 1
            const bias = (["none", "row", "scalar"] as const)[turn % 3] ?? "none"
            const relu = turn % 2 === 1
            turn += 1
            const product = { m, k, n, transposeA, transposeB, bias, relaxed: false }
            const { all, c } = run(product, 1, relu)
            assert.deepStrictEqual(c, expected(product, all, relu), `${m} x ${k} x ${n}, bias ${bias}`)
          }
        }
      })

      it(`${which}: parts give the bits of the whole`, () => {
        for (const [m, k, n] of [
          [64, 20, 40],
          // Panels of rows that lie a multiple of 1,024 bytes apart are put together.
          [33, 66, 256],
          [33, 9, 17],
          [3, 16, 100],
          [1, 130, 72]
        ] as const) {
          const product = { m, k, n, transposeA, transposeB, bias: "row", relaxed: false } as const
          const { all, c } = run(product, 1)
          assert.deepStrictEqual(c, expected(product, all, false))
          for (const parts of [2, 3, 5]) assert.deepStrictEqual(run(product, parts).c, c, `${parts} parts`)
        }
      })

      it(`${which}: relaxed is close`, () => {
        const product = { m: 33, k: 130, n: 21, transposeA, transposeB, bias: "row", relaxed: true } as const
        const { all, c } = run(product, 2)
        const exact = expected(product, all, false)
        c.forEach((x, i) => assert.closeTo(x, exact[i] ?? 0, 1e-4))
      })
    }
  }
})
