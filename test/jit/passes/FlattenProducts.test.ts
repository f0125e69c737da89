import { flattenProducts } from "@ornstein/jit/internal/passes/FlattenProducts"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import * as Graphs from "../Graphs.ts"

describe("flattenProducts", () => {
  it("makes one product of a stack times one matrix", () => {
    const graph = Graphs.of([Graphs.f32(5, 2, 3), Graphs.f32(3, 4)], (x, w) => ({ y: tf.matMul(x, w) }))
    const after = flattenProducts(graph)
    assert.deepStrictEqual(Graphs.lines(after), [
      "%3 = Reshape(%0) {shape: [10, 3]} : float32[10, 3]",
      "%4 = BatchMatMul(%3, %1) {transposeA: false, transposeB: false} : float32[10, 4]",
      "%2 = Reshape(%4) {shape: [5, 2, 4]} : float32[5, 2, 4]",
      "output %2 y"
    ])
    Graphs.assertSameBits(graph, after)
  })

  it("makes a product of matrices of a stack of one, as TensorFlow.js' fused products are", () => {
    const inputs = [Graphs.f32(2, 3), Graphs.f32(3, 4), Graphs.f32(4)]
    const graph = Graphs.of(inputs, (a, b, bias) => ({
      y: tf.fused.matMul({ a, b, bias, activation: "relu" })
    }))
    const after = Graphs.simplify(graph)
    assert.deepStrictEqual(Graphs.lines(after), [
      "%3 = _FusedMatMul(%0, %1, %2) {transposeA: false, transposeB: false, activation: relu} : float32[2, 4]",
      "output %3 y"
    ])
    Graphs.assertSameBits(graph, after)
  })

  it("keeps stacks of different matrices and transposed stacks", () => {
    const graph = Graphs.of([Graphs.f32(5, 3, 2), Graphs.f32(5, 3, 4), Graphs.f32(3, 4)], (x, w, v) => ({
      y: tf.matMul(x, w, true),
      z: tf.matMul(x, v, true)
    }))
    assert.deepStrictEqual(flattenProducts(graph), graph)
  })
})
