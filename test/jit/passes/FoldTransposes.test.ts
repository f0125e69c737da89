import { deadCode } from "@ornstein/jit/internal/passes/DeadCode"
import { foldTransposes } from "@ornstein/jit/internal/passes/FoldTransposes"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import * as Graphs from "../Graphs.ts"

describe("foldTransposes", () => {
  it("lets a product read the tensor before the transpose", () => {
    const graph = Graphs.of([Graphs.f32(3, 2), Graphs.f32(3, 4)], (a, b = a) => ({
      y: tf.matMul(tf.transpose(a), tf.transpose(b), false, true)
    }))
    const after = deadCode(foldTransposes(graph))
    assert.deepStrictEqual(Graphs.lines(after), [
      "%2 = BatchMatMul(%0, %1) {transposeA: true, transposeB: false} : float32[2, 4]",
      "output %2 y"
    ])
    Graphs.assertSameBits(graph, after)
  })

  it("keeps a transpose of other axes", () => {
    const graph = Graphs.of([Graphs.f32(2, 3, 3)], (x) => ({
      y: tf.matMul(tf.transpose(x, [1, 0, 2]), tf.transpose(x, [1, 2, 0]))
    }))
    assert.deepStrictEqual(Graphs.kernels(deadCode(foldTransposes(graph))), [
      "Transpose",
      "Transpose",
      "BatchMatMul"
    ])
  })
})
