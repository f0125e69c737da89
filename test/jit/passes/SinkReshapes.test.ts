import * as tf from "@tensorflow/tfjs-core"
import { sinkReshapes } from "@ornstein/jit/internal/passes/SinkReshapes"
import { assert, describe, it } from "vitest"
import * as Graphs from "../Graphs.ts"

describe("sinkReshapes", () => {
  it("moves a reshape below an elementwise node", () => {
    const graph = Graphs.of([Graphs.f32(1, 2, 3), Graphs.f32(3), Graphs.f32(1, 2, 3)], (x, row, y) => ({
      a: tf.add(tf.reshape(x, [2, 3]), row),
      b: tf.mul(tf.reshape(x, [2, 3]), tf.reshape(y, [2, 3]))
    }))
    const after = sinkReshapes(graph)
    Graphs.assertSameBits(graph, after)
    assert.deepStrictEqual(
      Graphs.kernels(Graphs.simplify(graph)).filter((kernel) => kernel !== "Reshape"),
      ["Add", "Multiply"]
    )
    assert.deepStrictEqual(
      after.nodes.filter(({ kernel }) => kernel === "Add").map(({ inputs }) => inputs),
      [[0, 1]]
    )
  })

  it("joins loops on both sides of it", () => {
    const graph = Graphs.of([Graphs.f32(6)], (x) => ({ y: tf.mul(tf.reshape(tf.exp(x), [2, 3]), 2) }))
    const after = Graphs.simplify(graph)
    assert.deepStrictEqual(Graphs.kernels(after), ["FusedElementwise", "Reshape"])
    Graphs.assertSameBits(graph, after)
  })

  it("keeps it where another operand needs the new shape", () => {
    const graph = Graphs.of([Graphs.f32(6), Graphs.f32(2, 1)], (x, column) => ({
      y: tf.add(tf.reshape(x, [2, 3]), column)
    }))
    assert.deepStrictEqual(sinkReshapes(graph), graph)
  })
})
