/** Reductions as machine code: every kind, type, choice of axes and size, with the bits of `wasm`. */
import * as NdArray from "@ornstein/jit/NdArray"
import { machine } from "@ornstein/jit/internal/engines/wasm/Machine"
import { type Op, Reduction } from "@ornstein/jit/internal/plan/index"
import { assert, describe, it } from "vitest"
import { Draw } from "../../../Draw.ts"
import * as Beside from "./Beside.ts"
import * as Passes from "./Passes.ts"

const KINDS: { readonly [K in Op.ReductionKind]: ReadonlyArray<NdArray.DType> } = {
  Sum: ["float32", "int32"],
  Mean: ["float32"],
  Prod: ["float32", "int32"],
  Max: ["float32", "int32"],
  Min: ["float32", "int32"],
  All: ["bool"],
  Any: ["bool"],
  ArgMax: ["float32", "int32"],
  ArgMin: ["float32", "int32"]
}

/** Shapes and the axes that go: rows, columns, everything, nothing, in the middle, outside. */
const FORMS: ReadonlyArray<readonly [shape: ReadonlyArray<number>, axes: ReadonlyArray<number>]> = [
  ...[1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 71, 100, 260].flatMap(
    (n) =>
      [
        [[n], [0]],
        [[5, n], [1]],
        [[n, 3], [1]],
        [[3, n], [0]],
        [[n, 5], [0]]
      ] as const
  ),
  [[9, 150], [0]],
  [[150, 9], [0]],
  [[6, 7], []],
  [[1], []],
  [[], []],
  [[4, 3, 17], [1]],
  [
    [4, 3, 17],
    [0, 2]
  ],
  [
    [4, 3, 17],
    [0, 1]
  ],
  [
    [4, 3, 17],
    [1, 2]
  ],
  [
    [3, 4, 5, 9],
    [1, 3]
  ],
  [
    [3, 4, 5, 9],
    [0, 2]
  ],
  [
    [3, 4, 5, 90],
    [0, 2]
  ],
  [
    [2, 3, 2, 3, 5],
    [1, 3]
  ],
  [
    [2, 3, 2, 3, 5],
    [0, 2, 4]
  ],
  [[0, 5], [0]],
  [[0, 100], [0]],
  [[5, 0], [1]],
  [[3, 0, 5], [1]],
  [
    [3, 0, 5],
    [1, 2]
  ]
]

const caseOf = (
  kind: Op.ReductionKind,
  dtype: NdArray.DType,
  shape: ReadonlyArray<number>,
  axes: ReadonlyArray<number>,
  draw: Draw
): ReadonlyArray<Beside.Case> => {
  const op: Op.Reduction = {
    _tag: "Reduction",
    kind,
    input: 0,
    output: 1,
    dtype,
    shape,
    axes: new Set(axes)
  }
  const task = Reduction.task(machine, kind, op)
  if (task === undefined) return []
  const kept = shape.filter((_, d) => !axes.includes(d))
  return [
    {
      name: `${kind} ${dtype} [${shape.join()}] over ${axes.join()}`,
      task,
      buffers: [
        Passes.elements(dtype, NdArray.size(shape), draw),
        Passes.elements(Reduction.resultType(op), NdArray.size(kept), draw)
      ]
    }
  ]
}

describe.each(Beside.levels)("reductions at %s", (level) => {
  it.each(Object.keys(KINDS).filter((kind): kind is Op.ReductionKind => kind in KINDS))("%s", (kind) => {
    const draw = new Draw(kind.length)
    // Special numbers alone would make everything NaN: a second turn has none of them.
    const near = (cases: ReadonlyArray<Beside.Case>) =>
      cases.map(({ buffers, ...rest }) => ({
        ...rest,
        buffers: buffers.map((data, b) =>
          b === 0 && data instanceof Float32Array ? data.map(() => draw.unit() * 8 - 4) : data
        )
      }))
    const cases = KINDS[kind].flatMap((dtype) =>
      FORMS.flatMap(([shape, axes]) => {
        const made = caseOf(kind, dtype, shape, axes, draw)
        return [...made, ...near(made)]
      })
    )
    for (const [parts, only] of [[1], [3], [3, 1]]) {
      const { differences, left } = Beside.run(cases, level, parts, only)
      assert.deepStrictEqual(differences.slice(0, 5), [])
      assert.deepStrictEqual(left, [])
    }
  })
})
