import * as Kernels from "@ornstein/jit/Kernels"
import * as TfjsEngine from "@ornstein/jit/TfjsEngine"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as tf from "@tensorflow/tfjs-core"
import { afterAll, assert, describe, it } from "vitest"
import { conforms, seen } from "./Conforms.ts"

/** How many programs are drawn of each case; more find rarer faults. */
const DRAWS = Number(process.env["CONFORMANCE_DRAWS"] ?? 3)

// The simplified graph on the oracle's own kernels: not a bit differs.
conforms(TfjsEngine.cpu(), 1, () => "exact")
conforms(WasmEngine.make(), DRAWS, (tolerance) => tolerance)

describe("the suite", () => {
  it("covers the table of kernels", () => {
    // A fused product is traced as its parts.
    const missing = Kernels.all
      .map(({ name }) => name)
      .filter((name) => name !== "_FusedMatMul" && !seen.has(name))
    assert.deepStrictEqual(missing, [])
  })
})

afterAll(() => assert.strictEqual(tf.memory().numTensors, 0))
