import { commonSubexpressions } from "@ornstein/jit/internal/passes/CommonSubexpressions"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import * as Graphs from "../Graphs.ts"

describe("commonSubexpressions", () => {
  it("computes once what is computed twice, whatever the order of a commutative kernel's operands", () => {
    const graph = Graphs.of([Graphs.f32(2), Graphs.f32(2)], (a, b) => ({
      y: tf.mul(tf.add(a, b), tf.add(b, a))
    }))
    const after = commonSubexpressions(graph)
    assert.deepStrictEqual(Graphs.lines(after), [
      "%2 = Add(%0, %1) : float32[2]",
      "%4 = Multiply(%2, %2) : float32[2]",
      "output %4 y"
    ])
    Graphs.assertSameBits(graph, after)
  })

  it("keeps apart what differs in operands' order, attributes or type", () => {
    const graph = Graphs.of([Graphs.f32(2, 2), Graphs.f32(2, 2)], (a, b) => ({
      y: tf.addN(
        [tf.sub(a, b), tf.sub(b, a), tf.sum(a, 0, true), tf.transpose(tf.sum(a, 1, true))].map((x) =>
          tf.add(x, b)
        )
      ),
      z: tf.add(tf.matMul(a, b), tf.matMul(a, b, true))
    }))
    assert.strictEqual(commonSubexpressions(graph).nodes.length, graph.nodes.length)
  })

  it("keeps infinities in attributes apart", () => {
    const [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    const graph = Graphs.of([Graphs.f32(2)], (x) => ({
      y: tf.add(tf.clipByValue(x, low, 0), tf.clipByValue(x, 0, high)),
      z: tf.add(tf.clipByValue(x, low, -0), tf.clipByValue(x, low, low))
    }))
    assert.strictEqual(commonSubexpressions(graph).nodes.length, graph.nodes.length)
  })

  it("merges constants with the same bits, and keeps 0 and -0 apart", () => {
    const graph = Graphs.of([Graphs.f32(2)], (x) => ({ y: tf.add(tf.add(tf.add(x, 0), 0), -0) }))
    const after = commonSubexpressions(graph)
    assert.deepStrictEqual(
      after.constants.map(({ data }) => data[0]),
      [0, -0]
    )
    Graphs.assertSameBits(graph, after)
  })
})
