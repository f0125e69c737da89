import { Engine } from "@ornstein/jit"
import * as TensorflowEngine from "@ornstein/jit/TensorflowEngine"
import { assert, describe, it } from "vitest"
import { conforms } from "../../Conforms.ts"

/** A process can load one of the two packages, so the GPU has a file of its own. */
const gpu = await TensorflowEngine.make({ device: "gpu" }).catch((cause: unknown) => {
  if (cause instanceof Engine.EngineError) return cause
  throw cause
})

describe("a GPU that was asked for", () => {
  it("runs the programs, or an error says what is missing", async () => {
    if (gpu instanceof Engine.EngineError) {
      assert.strictEqual(gpu.engine, "tensorflow:gpu")
      assert.isNotEmpty(gpu.reason)
      assert.isNotEmpty(gpu.fix)
    } else assert.strictEqual((await TensorflowEngine.probe({ device: "gpu" })).device, "GPU")
  })
})

if (gpu instanceof Engine.EngineError) {
  console.warn(`skipped: ${gpu.message}`)
  describe.skip(`tensorflow:gpu (skipped: ${gpu.reason})`, () => {
    it("computes what the oracle computes", () => undefined)
  })
} else conforms(gpu, 3, (tolerance) => tolerance, 2 ** -126, true, false)
