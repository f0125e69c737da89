import { commonSubexpressions } from "@ornstein/jit/passes/CommonSubexpressions"
import * as tf from "@tensorflow/tfjs"
import { assert, describe, it } from "vitest"
import * as Graphs from "../Graphs.ts"

describe("commonSubexpressions", () => {
  it("computes once what is computed twice, whatever the order of a commutative kernel's operands", () => {
    const graph = Graphs.of([Graphs.f32(2), Graphs.f32(2)], (a, b) => ({ y: a.add(b).mul(b.add(a)) }))
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
      y: tf.addN([a.sub(b), b.sub(a), a.sum(0, true), a.sum(1, true).transpose()].map((x) => x.add(b))),
      z: tf.matMul(a, b).add(tf.matMul(a, b, true))
    }))
    assert.strictEqual(commonSubexpressions(graph).nodes.length, graph.nodes.length)
  })

  it("keeps infinities in attributes apart", () => {
    const [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    const graph = Graphs.of([Graphs.f32(2)], (x) => ({
      y: x.clipByValue(low, 0).add(x.clipByValue(0, high)),
      z: x.clipByValue(low, -0).add(x.clipByValue(low, low))
    }))
    assert.strictEqual(commonSubexpressions(graph).nodes.length, graph.nodes.length)
  })

  it("merges constants with the same bits, and keeps 0 and -0 apart", () => {
    const graph = Graphs.of([Graphs.f32(2)], (x) => ({ y: x.add(0).add(0).add(-0) }))
    const after = commonSubexpressions(graph)
    assert.deepStrictEqual(
      after.constants.map(({ data }) => data[0]),
      [0, -0]
    )
    Graphs.assertSameBits(graph, after)
  })
})
