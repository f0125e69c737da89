/** Elementwise operations as machine code: every kernel, type, way of broadcasting and size, with the bits of `wasm`. */
import { isDefined } from "@ornstein/jit/internal/plan/ElementwiseRules"
import { machine } from "@ornstein/jit/internal/engines/wasm/Machine"
import { Elementwise, type Op } from "@ornstein/jit/internal/plan/index"
import type { Level } from "@ornstein/jit/internal/engines/native/assembly/index"
import { MathFunctions } from "@ornstein/jit/internal/engines/lanes/index"
import { assert, describe, it } from "vitest"
import { Draw } from "../../../Draw.ts"
import * as Beside from "./Beside.ts"
import * as Passes from "./Passes.ts"

const { single } = Passes

/** Every so many of the 2^32 numbers is tried; `ORNSTEIN_ULP_STRIDE=1` tries all. A prime, so that all bits vary. */
const STRIDE = Number(process.env["ORNSTEIN_ULP_STRIDE"] ?? 16411)
const BATCH = 65536

const check = (cases: ReadonlyArray<Beside.Case>, level: Level): void => {
  for (const parts of [1, 3]) {
    const { differences, left } = Beside.run(cases, level, parts)
    assert.deepStrictEqual(differences.slice(0, 5), [])
    assert.deepStrictEqual(left, [])
  }
}

describe.each(Beside.levels)("elementwise kernels at %s", (level) => {
  it.each(Passes.kernels.map((kernel) => [kernel.name, kernel] as const))("%s", (_, kernel) => {
    const draw = new Draw(kernel.name.length)
    const cases: Array<Beside.Case> = []
    for (const from of ["float32", "int32", "bool"] as const) {
      if (!isDefined(kernel.name, from)) continue
      const types = Passes.operandsOf(kernel, from)
      const results =
        kernel.name === "Cast" ? (["float32", "int32", "bool"] as const) : [Passes.resultOf(kernel, from)]
      for (const to of results) {
        for (const shapes of Passes.shapesOf(types.length)) {
          cases.push(single(kernel.name, types, to, shapes, draw))
          if (to === "float32") cases.push(single(kernel.name, types, to, shapes, draw, { lasts: true }))
        }
        cases.push(
          single(kernel.name, types, to, { result: [2000], operands: types.map(() => [2000]) }, draw)
        )
        if (types.length === 2) {
          for (const constant of [0, 1, 2, -1, 0.5, -2.5]) {
            cases.push(
              single(kernel.name, types, to, { result: [100], operands: [[100], []] }, draw, { constant })
            )
          }
        }
      }
    }
    check(cases, level)
  })
})

/** `x` runs through all numbers, `y` through some of them. */
const batch = (kernel: string, first: number): Beside.Case => {
  const made = single(
    kernel,
    kernel === "Pow" ? ["float32", "float32"] : ["float32"],
    "float32",
    { result: [BATCH], operands: [[BATCH], [BATCH]] },
    new Draw(first)
  )
  const numbers = Uint32Array.from({ length: BATCH }, (_, i) => (first + i) * STRIDE)
  return {
    ...made,
    buffers: made.buffers.map((data, b) => (b === 1 ? new Float32Array(numbers.buffer) : data))
  }
}

describe.each(Beside.levels)("math functions at %s", (level) => {
  it.each(Object.values(MathFunctions).map(({ name }) => name))("%s", (name) => {
    const kernel = name.charAt(0).toUpperCase() + name.slice(1)
    const rounds = Math.ceil(2 ** 32 / STRIDE / BATCH)
    for (let round = 0; round < rounds; round++) {
      assert.deepStrictEqual(Beside.run([batch(kernel, round * BATCH)], level).differences, [])
    }
  })
})

describe.each(Beside.levels)("passes of many steps at %s", (level) => {
  it("have the bits of wasm", () => {
    const count = 100
    const cases = Array.from({ length: count }, (_, seed) => Passes.fused(seed + 1))
    for (const parts of [1, 2]) {
      const { differences, left } = Beside.run(cases, level, parts)
      assert.deepStrictEqual(differences.slice(0, 5), [])
      assert.isBelow(left.length, count / 20)
    }
  })
})

describe.each(Beside.levels)("at %s", (level) => {
  /** The squares of all operands, all of which are kept until they are added, the last first. */
  const wide = (count: number, size: number): Beside.Case => {
    const draw = new Draw(count)
    const op: Op.Elementwise = {
      _tag: "Elementwise",
      shape: [size],
      operands: Array.from({ length: count }, (_, i) => ({
        buffer: i + 1,
        shape: [size],
        dtype: "float32",
        constant: undefined
      })),
      steps: [
        ...Array.from({ length: count }, (_, input) => ({
          kernel: "Square",
          operands: [{ input }],
          inputNames: ["x"],
          attributes: {},
          dtype: "float32" as const
        })),
        {
          kernel: "AddN",
          operands: Array.from({ length: count }, (_, i) => ({ step: count - 1 - i })),
          inputNames: [],
          attributes: {},
          dtype: "float32"
        }
      ],
      results: [{ buffer: 0, dtype: "float32", step: count, lasts: false }]
    }
    const task = Elementwise.task(machine, "wide", op)
    if (task === undefined) throw new RangeError("nothing to do")
    const buffers = Array.from({ length: count + 1 }, () => Passes.elements("float32", size, draw))
    return { name: `${count} squares of ${size}`, task, buffers }
  }

  it("more values than registers wait on the stack", () => {
    const cases = [10, 20, 40, 80].flatMap((count) => [5, 16, 50].map((size) => wide(count, size)))
    assert.deepStrictEqual(Beside.run(cases, level).differences, [])
  })

  it("what needs more pointers than there are registers is left to wasm", () => {
    const result = [2, 3, 2, 3]
    // Every choice of dimensions that repeat is a way of its own to walk.
    const shapes = Array.from({ length: 15 }, (_, bits) =>
      result.map((size, d) => ((bits >> d) & 1 ? size : 1))
    )
    const add = Passes.single(
      "AddN",
      shapes.map(() => "float32"),
      "float32",
      { result, operands: shapes },
      new Draw(1)
    )
    assert.deepStrictEqual(Beside.run([add], level), { differences: [], left: [add.name] })
  })

  it("code that would touch what is not its own is not written", () => {
    const { task, ...rest } = wide(3, 50)
    const short = rest.buffers.map((data, b) => (b === 2 ? data.subarray(0, 49) : data))
    assert.throws(
      () => Beside.run([{ ...rest, task, buffers: short }], level),
      /200 bytes at 0 are not in buffer 2/
    )
  })
})
