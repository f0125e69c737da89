import * as Addon from "@ornstein/jit/internal/engines/native/addon/Addon"
import * as Assembler from "@ornstein/jit/internal/engines/wasm/assembly/Assembler"
import type * as Emitter from "@ornstein/jit/internal/engines/wasm/emit/Emitter"
import * as MathFunctions from "@ornstein/jit/internal/engines/wasm/emit/MathFunctions"
import * as Wasm from "@ornstein/jit/internal/engines/wasm/emit/Product"
import * as Runtime from "@ornstein/jit/internal/engines/wasm/Runtime"
import type * as Op from "@ornstein/jit/internal/plan/Op"
import * as Sizes from "@ornstein/jit/internal/plan/Product"
import { assert, describe, it } from "vitest"
import { Draw } from "../../Draw.ts"
import { type Machine, run, size } from "./RunProduct.ts"

const isHere = process.platform === "linux" && process.arch === "x64"
const levels = !isHere
  ? []
  : Addon.open().level === "avx512"
    ? (["avx512", "avx2"] as const)
    : (["avx2"] as const)

interface Case {
  readonly m: number
  readonly k: number
  readonly n: number
  readonly transposeA: boolean
  readonly transposeB: boolean
  readonly bias: "none" | "row" | "scalar"
  readonly activation?: string
  readonly batch?: {
    readonly a: ReadonlyArray<number>
    readonly b: ReadonlyArray<number>
    readonly c: ReadonlyArray<number>
  }
}

const opOf = ({ activation, batch, bias, k, m, n, transposeA, transposeB }: Case): Op.Product => ({
  _tag: "Product",
  a: { buffer: 0, shape: [...(batch?.a ?? []), ...(transposeA ? [k, m] : [m, k])] },
  b: { buffer: 1, shape: [...(batch?.b ?? []), ...(transposeB ? [n, k] : [k, n])] },
  bias: bias === "none" ? undefined : { buffer: 2, shape: bias === "row" ? [n] : [1] },
  output: { buffer: 3, shape: [...(batch?.c ?? []), m, n] },
  transposeA,
  transposeB,
  activation
})

interface Values {
  readonly a: Float32Array
  readonly b: Float32Array
  readonly bias: Float32Array
}

/** Numbers of all kinds, if `special`: zeros, subnormals, infinities. */
const numbers = (draw: Draw, count: number, special: boolean): Float32Array =>
  Float32Array.from({ length: count }, () =>
    special && draw.int(0, 30) === 0
      ? draw.pick(0, -0, 1e-40, -1e-42, 1e-38, 3e38, -3e38, 1e-20, Infinity)
      : 2 * draw.unit() - 1
  )

/** The definition: one chain of rounded multiplications and rounded additions over k, from zero, then the bias. */
const chain = (
  op: Op.Product,
  values: Values,
  multiplyAdd: (sum: number, x: number, y: number) => number = (sum, x, y) =>
    Math.fround(sum + Math.fround(x * y))
): Float32Array => {
  const { k, m, n } = Sizes.sizes(op)
  const matrices = size(op.output.shape) / (m * n)
  const out = new Float32Array(size(op.output.shape))
  const matrixOf = ({ shape }: Op.Matrices, matrix: number): number => {
    const own = shape.slice(0, -2)
    const all = op.output.shape.slice(0, -2)
    let rest = matrix
    let index = 0
    let stride = 1
    for (let d = all.length - 1; d >= 0; d--) {
      const at = rest % (all[d] ?? 1)
      rest = Math.floor(rest / (all[d] ?? 1))
      const width = own[d - all.length + own.length] ?? 1
      if (width > 1) index += at * stride
      stride *= width
    }
    return index
  }
  for (let matrix = 0; matrix < matrices; matrix++) {
    const [a, b] = [matrixOf(op.a, matrix) * m * k, matrixOf(op.b, matrix) * k * n]
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0
        for (let l = 0; l < k; l++) {
          const x = values.a[a + (op.transposeA ? l * m + i : i * k + l)] ?? 0
          const y = values.b[b + (op.transposeB ? j * k + l : l * n + j)] ?? 0
          sum = multiplyAdd(sum, x, y)
        }
        if (op.bias !== undefined) {
          const bias = size(op.bias.shape)
          sum = Math.fround(sum + (values.bias[bias === 1 ? 0 : j] ?? 0))
        }
        out[matrix * m * n + i * n + j] = op.activation === "Relu" ? Math.max(0, sum) + 0 : sum
      }
    }
  }
  return out
}

const check = (machine: Machine, c: Case, draw: Draw, parts: number, special: boolean): void => {
  const op = opOf(c)
  const values = {
    a: numbers(draw, size(op.a.shape), special),
    b: numbers(draw, size(op.b.shape), special),
    bias: numbers(draw, op.bias === undefined ? 0 : size(op.bias.shape), special)
  }
  const result = run(machine, op, values, parts)
  const wanted = chain(op, values)
  const what = JSON.stringify({ ...c, parts })
  assert(result !== undefined, what)
  assert(result.isClean, `${what} writes beside`)
  const wrong = wanted.findIndex((x, i) => !Object.is(x, result.c[i]))
  assert(wrong < 0, `${what}: element ${wrong} is ${result.c[wrong]}, not ${wanted[wrong]}`)
}

/** The same by the engine `wasm`. */
const ofWasm = (op: Op.Product, values: Values): Float32Array => {
  const { k, m, n } = Sizes.sizes(op)
  const [a, b, bias, c, scratch, bytes] = [
    0,
    4 * m * k,
    4 * (m * k + k * n),
    4 * (m * k + k * n + n),
    4 * (m * k + k * n + n + m * n),
    1 << 20
  ]
  const module = Assembler.make({ pages: bytes / Runtime.PAGE, shared: false })
  const target: Emitter.Target = {
    module,
    math: MathFunctions.make(module),
    relaxed: false,
    address: (buffer) => [a, b, bias, c][buffer] ?? 0,
    shared: (_, make) => make()
  }
  const part = Wasm.emit(op, target, "product")
  module.expose(
    "run",
    module.define("run", [], [], () => part(0, Sizes.splitsRows({ m }) ? m : n, scratch))
  )
  const memory = Runtime.memory(bytes, false)
  const put = (at: number, data: Float32Array) =>
    new Uint32Array(memory.buffer, at, data.length).set(new Uint32Array(data.buffer))
  put(a, values.a)
  put(b, values.b)
  put(bias, values.bias)
  Runtime.instantiate(Runtime.compile(module.bytes()), memory)["run"]?.()
  return new Float32Array(memory.buffer.slice(c, c + 4 * m * n))
}

const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 31, 33, 47, 64, 100]
const depths = [0, 1, 3, 4, 5, 7, 8, 13, 64, 130]

describe.each(levels)("products in machine code, %s", (level) => {
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      it(`${transposeA ? "a'" : "a"} ${transposeB ? "b'" : "b"}: every element is the chain over k, to the bit, for every shape`, () => {
        const draw = new Draw(1)
        for (const m of sizes) {
          for (const n of sizes) {
            check(
              { level, fused: false },
              {
                m,
                n,
                k: draw.pick(0, ...depths),
                transposeA,
                transposeB,
                bias: draw.pick("none", "row", "scalar"),
                ...(draw.bool() ? { activation: "Relu" } : {})
              },
              draw,
              draw.int(1, 3),
              draw.bool()
            )
          }
        }
      })
    }
  }

  it("gives the NaN that the engine wasm gives, whichever meet", () => {
    const draw = new Draw(3)
    const nans = [
      0x7fc00000, 0xffc00000, 0x7fc12345, 0xffe00001, 0x7f812345, 0x7f800000, 0xff800000, 0, 0x80000000
    ]
    const some = (count: number) =>
      new Float32Array(
        Uint32Array.from({ length: count }, () =>
          draw.int(0, 3) === 0 ? draw.pick(0, ...nans) : draw.pick(0x3f800000, 0xbf000000)
        ).buffer
      )
    for (const [m, k, n] of [
      [9, 5, 17],
      [1, 4, 33],
      [8, 3, 1],
      [3, 2, 5],
      [26, 2, 40],
      [64, 66, 64]
    ] as const) {
      for (const transposeA of [false, true]) {
        for (const transposeB of [false, true]) {
          for (const bias of ["none", "row", "scalar"] as const) {
            const activation = draw.pick(undefined, "Relu", "Tanh", "Elu")
            const op = opOf({
              m,
              k,
              n,
              transposeA,
              transposeB,
              bias,
              ...(activation === undefined ? {} : { activation })
            })
            const values = { a: some(m * k), b: some(k * n), bias: some(n) }
            const result = run({ level, fused: false }, op, values)
            assert(result !== undefined)
            const bits = (of: Float32Array) => Array.from(new Uint32Array(of.buffer), (x) => x.toString(16))
            assert.deepEqual(
              bits(result.c),
              bits(ofWasm(op, values)),
              JSON.stringify({ m, k, n, transposeA, transposeB, bias, activation })
            )
          }
        }
      }
    }
  })

  it("in pieces: many steps, many rows, both, and several matrices", () => {
    const draw = new Draw(6)
    const two = { a: [2], b: [1], c: [2] }
    for (const [m, k, n, batch] of [
      [24, 449, 17],
      [25, 1000, 19],
      [150, 448, 37],
      [300, 460, 9],
      [700, 100, 12],
      [26, 450, 13, two],
      [160, 448, 5, two]
    ] as const) {
      for (const transposeA of [false, true]) {
        for (const transposeB of [false, true]) {
          check(
            { level, fused: false },
            {
              m,
              k,
              n,
              transposeA,
              transposeB,
              bias: draw.pick("none", "row", "scalar"),
              ...(draw.bool() ? { activation: "Relu" } : {}),
              ...(batch === undefined ? {} : { batch })
            },
            draw,
            draw.int(1, 2),
            draw.bool()
          )
        }
      }
    }
  })

  it("batches, also broadcast ones", () => {
    const draw = new Draw(2)
    const batches = [
      { a: [3], b: [3], c: [3] },
      { a: [1], b: [3], c: [3] },
      { a: [], b: [2], c: [2] },
      { a: [2, 1], b: [1, 3], c: [2, 3] },
      { a: [2, 3], b: [2, 1], c: [2, 3] }
    ]
    for (const batch of batches) {
      for (let i = 0; i < 20; i++) {
        check(
          { level, fused: false },
          {
            m: draw.size(),
            k: draw.size(),
            n: draw.size(),
            transposeA: draw.bool(),
            transposeB: draw.bool(),
            bias: draw.pick("none", "row", "scalar"),
            batch
          },
          draw,
          draw.int(1, 2),
          true
        )
      }
    }
  })
})

describe.runIf(levels.length > 0)("fused products", () => {
  const cases = [
    [9, 16, 17],
    [1, 16, 33],
    [40, 16, 1],
    [3, 15, 47],
    [26, 7, 40],
    [64, 1, 64]
  ] as const

  it("round once for each step, at every level", () => {
    const draw = new Draw(4)
    // Products of such numbers and their sums are exact in 53 bits, so that only the last rounding is left.
    const exact = (count: number) =>
      Float32Array.from({ length: count }, () => (draw.bool() ? 1 : -1) * Math.fround(0.5 + draw.unit() / 2))
    let differs = 0
    for (const [m, k, n] of cases) {
      for (const transposeA of [false, true]) {
        for (const transposeB of [false, true]) {
          const op = opOf({ m, k, n, transposeA, transposeB, bias: "none" })
          const values = { a: exact(m * k), b: exact(k * n), bias: exact(0) }
          const strict = chain(op, values)
          const wanted = chain(op, values, (sum, x, y) => Math.fround(sum + x * y))
          for (const level of levels) {
            assert.deepEqual(
              run({ level, fused: true }, op, values)?.c,
              wanted,
              JSON.stringify({ m, k, n, level })
            )
          }
          differs += wanted.filter((x, i) => x !== strict[i]).length
        }
      }
    }
    assert(differs > 1000, "rounding once is seen")
  })

  it("make 0 of -0 by relu: a product too small for any number, and below 0, rounds the sum to -0", () => {
    const all = (count: number, value: number) => new Float32Array(count).fill(value)
    for (const [m, k, n] of cases) {
      for (const transposeA of [false, true]) {
        for (const transposeB of [false, true]) {
          const of = { m, k, n, transposeA, transposeB, bias: "none" } as const
          const values = { a: all(m * k, 1e-30), b: all(k * n, -1e-30), bias: all(0, 0) }
          for (const level of levels) {
            const result = (activation?: string) =>
              run({ level, fused: true }, opOf(activation === undefined ? of : { ...of, activation }), values)
            const what = JSON.stringify({ ...of, level })
            assert.deepEqual(result()?.c, all(m * n, -0), what)
            assert.deepEqual(result("Relu")?.c, all(m * n, 0), what)
          }
        }
      }
    }
  })

  it("have the same bits at every level, whatever the numbers", () => {
    const draw = new Draw(5)
    for (const [m, k, n] of cases) {
      const op = opOf({
        m,
        k,
        n,
        transposeA: draw.bool(),
        transposeB: draw.bool(),
        bias: "row",
        activation: "Relu"
      })
      const values = {
        a: numbers(draw, m * k, true),
        b: numbers(draw, k * n, true),
        bias: numbers(draw, n, true)
      }
      const [first, ...others] = levels.map((level) => run({ level, fused: true }, op, values)?.c)
      for (const other of others) assert.deepEqual(other, first)
    }
  })
})
