import * as Kernels from "@ornstein/jit/Kernels"
import * as TfjsEngine from "@ornstein/jit/TfjsEngine"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as tf from "@tensorflow/tfjs-core"
import { afterAll, assert, describe, it } from "vitest"
import { conforms, seen } from "./Conforms.ts"

/** How many programs are drawn of each case; more find rarer faults. */
const DRAWS = Number(process.env["CONFORMANCE_DRAWS"] ?? 3)

// The simplified graph on the oracle's own kernels: not a bit differs.
conforms(TfjsEngine.cpu(), 1, () => "exact", 2 ** -149, true, false)
conforms(WasmEngine.make(), DRAWS, (tolerance) => tolerance)

/** Kernels that take other elements than floats, or none but those. */
const types: { readonly [kernel: string]: ReadonlyArray<string> } = {
  ...Object.fromEntries(
    (
      "Cast Identity Reshape ExpandDims Transpose Slice SplitV Tile PadV2 Unpack Concat Pack Mean Select Multiply Equal " +
      "NotEqual ZerosLike OnesLike GatherV2"
    )
      .split(" ")
      .map((name) => [name, ["float32", "int32", "bool"]])
  ),
  ...Object.fromEntries(
    (
      "Add Sub Maximum Minimum FloorDiv SquaredDifference Less LessEqual Greater GreaterEqual Neg Abs Square Relu AddN " +
      "Sum Prod Max Min ArgMax ArgMin Cumsum Cumprod UnsortedSegmentSum"
    )
      .split(" ")
      .map((name) => [name, ["float32", "int32"]])
  ),
  ...Object.fromEntries("LogicalAnd LogicalOr LogicalNot All Any".split(" ").map((name) => [name, ["bool"]])),
  OneHot: ["int32"],
  Fill: []
}

describe("the suite", () => {
  it("covers every type of element that a kernel takes", () => {
    const missing = Kernels.all.flatMap(({ name }) =>
      name === "_FusedMatMul"
        ? []
        : (types[name] ?? ["float32"])
            .filter((type) => !seen.get(name)?.has(type))
            .map((type) => [name, type])
    )
    assert.deepStrictEqual(missing, [])
  })

  it("covers the table of kernels", () => {
    // A fused product is traced as its parts.
    const missing = Kernels.all
      .map(({ name }) => name)
      .filter((name) => name !== "_FusedMatMul" && !seen.has(name))
    assert.deepStrictEqual(missing, [])
  })
})

afterAll(() => assert.strictEqual(tf.memory().numTensors, 0))
