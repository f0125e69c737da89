import { broadcastOperands } from "@ornstein/jit/internal/passes/BroadcastOperands"
import { deadCode } from "@ornstein/jit/internal/passes/DeadCode"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import * as Graphs from "../Graphs.ts"

describe("broadcastOperands", () => {
  it("reads one number instead of a constant full of it", () => {
    const graph = Graphs.of([Graphs.f32(2, 3)], (x) => ({ y: tf.mul(x, tf.tensor2d([[5, 5, 5]])) }))
    const after = deadCode(broadcastOperands(graph))
    assert.deepStrictEqual(Graphs.lines(after), [
      "const  %1 float32[] = 5",
      "%2 = Multiply(%0, %1) : float32[2, 3]",
      "output %2 y"
    ])
    Graphs.assertSameBits(graph, after)
  })

  it("reads through a reshape that adds leading axes", () => {
    const graph = Graphs.of([Graphs.f32(2, 3), Graphs.f32(3)], (x, b) => ({
      y: tf.mul(x, tf.reshape(b, [1, 3]))
    }))
    const after = deadCode(broadcastOperands(graph))
    assert.deepStrictEqual(Graphs.lines(after), ["%2 = Multiply(%0, %1) : float32[2, 3]", "output %2 y"])
    Graphs.assertSameBits(graph, after)
  })

  it("keeps operands that give the result its shape, constants of several numbers, and other kernels' inputs", () => {
    const same = (fn: (x: tf.Tensor) => tf.Tensor, size = 1) => {
      const graph = Graphs.of([Graphs.f32(size)], (x) => ({ y: fn(x) }))
      assert.deepStrictEqual(Graphs.lines(deadCode(broadcastOperands(graph))), Graphs.lines(graph))
    }
    same((x) => tf.mul(x, tf.tensor1d([5, 5])))
    same((x) => tf.mul(x, tf.tensor1d([5, 6])), 2)
    same((x) => tf.mul(x, tf.tensor1d([0, -0])), 2)
    same((x) => tf.concat([x, tf.tensor1d([5, 5])]))
  })
})
