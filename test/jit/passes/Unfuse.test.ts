import { unfuse } from "@ornstein/jit/internal/passes/Unfuse"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import * as Graphs from "../Graphs.ts"

describe("unfuse", () => {
  it("writes fused nodes as TensorFlow.js' own kernels", () => {
    const graph = Graphs.simplify(
      Graphs.of([Graphs.f32(2, 3), Graphs.f32(3, 3), Graphs.f32(3)], (x, w, b) => ({
        y: tf.neg(tf.square(tf.tanh(tf.add(tf.matMul(x, w), b))))
      }))
    )
    assert.deepStrictEqual(Graphs.kernels(graph), ["_FusedMatMul", "FusedElementwise"])
    assert.deepStrictEqual(Graphs.kernels(unfuse(graph)), ["BatchMatMul", "Add", "Tanh", "Square", "Neg"])
  })

  it("tiles the operands of kernels that do not broadcast", () => {
    const graph = Graphs.of([Graphs.f32(2, 2)], (x) => ({
      y: tf.where(tf.greater(x, 0), x, tf.zerosLike(x))
    }))
    const after = Graphs.simplify(graph)
    assert.deepStrictEqual(Graphs.lines(unfuse(after)).slice(0, 1), ["const  %1 float32[] = 0"])
    assert.deepStrictEqual(Graphs.kernels(unfuse(after)), ["Greater", "Reshape", "Tile", "Select"])
    Graphs.assertSameBits(graph, after)
  })

  it("takes a sum of many tensors in parts, from left to right", () => {
    const graph = Graphs.of(
      Array.from({ length: 14 }, () => Graphs.f32(3)),
      (...xs) => ({ y: tf.addN([...xs]) })
    )
    const after = unfuse(Graphs.simplify(graph))
    assert.deepStrictEqual(
      after.nodes.map(({ inputs, kernel }) => [kernel, inputs.length]),
      [
        ["AddN", 7],
        ["AddN", 7],
        ["AddN", 2]
      ]
    )
    Graphs.assertSameBits(graph, after)
  })
})
