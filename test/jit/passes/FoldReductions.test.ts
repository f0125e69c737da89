import * as tf from "@tensorflow/tfjs-core"
import { deadCode } from "@ornstein/jit/internal/passes/DeadCode"
import { foldReductions } from "@ornstein/jit/internal/passes/FoldReductions"
import { assert, describe, it } from "vitest"
import * as Graphs from "../Graphs.ts"

describe("foldReductions", () => {
  it("reduces everything through a reshape", () => {
    const graph = Graphs.of([Graphs.f32(2, 3)], (x) => ({
      y: tf.sum(tf.reshape(x, [6])),
      z: tf.max(tf.reshape(x, [3, 2]))
    }))
    const after = deadCode(foldReductions(graph))
    assert.deepStrictEqual(Graphs.lines(after), [
      "%1 = Sum(%0) {axis: [0, 1], keepDims: false} : float32[]",
      "%2 = Max(%0) {reductionIndices: [0, 1], keepDims: false} : float32[]",
      "output %1 y",
      "output %2 z"
    ])
    Graphs.assertSameBits(graph, after)
  })

  it("keeps the reduced axes where a reshape puts them back", () => {
    const graph = Graphs.of([Graphs.f32(2, 3)], (x) => ({ y: tf.reshape(tf.mean(x, 1), [2, 1]) }))
    const after = deadCode(foldReductions(graph))
    assert.deepStrictEqual(Graphs.lines(after), [
      "%1 = Mean(%0) {axis: 1, keepDims: true} : float32[2, 1]",
      "output %1 y"
    ])
    Graphs.assertSameBits(graph, after)
  })

  it("keeps a reduction over some axes of a reshape, and one that others read", () => {
    const graph = Graphs.of([Graphs.f32(2, 3)], (x) => {
      const mean = tf.mean(x, 1)
      return { s: tf.sum(tf.reshape(x, [3, 2]), 0), mean, y: tf.reshape(mean, [2, 1]) }
    })
    assert.deepStrictEqual(Graphs.lines(foldReductions(graph)), Graphs.lines(graph))
  })
})
