import { simplifyArithmetic } from "@ornstein/jit/internal/passes/SimplifyArithmetic"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import * as Graphs from "../Graphs.ts"

const simplified = (fn: (x: tf.Tensor) => tf.Tensor): ReadonlyArray<string> => {
  const graph = Graphs.of([Graphs.f32(64)], (x) => ({ y: fn(x) }))
  const after = simplifyArithmetic(graph)
  Graphs.assertSameBits(graph, after)
  return Graphs.kernels(after)
}

describe("simplifyArithmetic", () => {
  it("drops operations that change no bit", () => {
    assert.deepStrictEqual(
      simplified((x) => tf.mul(x, 1)),
      []
    )
    assert.deepStrictEqual(
      simplified((x) => tf.mul(1, x)),
      []
    )
    assert.deepStrictEqual(
      simplified((x) => tf.div(x, 1)),
      []
    )
    assert.deepStrictEqual(
      simplified((x) => tf.sub(x, 0)),
      []
    )
    assert.deepStrictEqual(
      simplified((x) => tf.add(x, -0)),
      []
    )
    assert.deepStrictEqual(
      simplified((x) => tf.pow(x, 1)),
      []
    )
    assert.deepStrictEqual(
      simplified((x) => tf.neg(tf.neg(x))),
      ["Neg"]
    )
    assert.deepStrictEqual(
      simplified((x) => tf.relu(tf.relu(x))),
      ["Relu"]
    )
  })

  it("keeps those that change the sign of a zero", () => {
    assert.deepStrictEqual(
      simplified((x) => tf.add(x, 0)),
      ["Add"]
    )
    assert.deepStrictEqual(
      simplified((x) => tf.sub(x, -0)),
      ["Sub"]
    )
    assert.deepStrictEqual(
      simplified((x) => tf.mul(x, 0)),
      ["Multiply"]
    )
  })

  it("multiplies instead of dividing by a power of two, and by nothing else", () => {
    assert.deepStrictEqual(
      simplified((x) => tf.div(x, 256)),
      ["Multiply"]
    )
    assert.deepStrictEqual(
      simplified((x) => tf.div(x, -0.5)),
      ["Multiply"]
    )
    assert.deepStrictEqual(
      simplified((x) => tf.div(x, 3)),
      ["RealDiv"]
    )
    assert.deepStrictEqual(
      simplified((x) => tf.div(x, 2 ** 127)),
      ["RealDiv"]
    )
    assert.deepStrictEqual(
      simplified((x) => tf.div(x, 0)),
      ["RealDiv"]
    )
  })

  it("lets the gradient of relu read what relu made", () => {
    const graph = Graphs.of([Graphs.f32(64)], (x) => ({ y: tf.mul(tf.relu(x), tf.step(x)) }))
    const after = simplifyArithmetic(graph)
    assert.deepStrictEqual(Graphs.lines(after), [
      "%1 = Relu(%0) : float32[64]",
      "%2 = Step(%1) {alpha: 0} : float32[64]",
      "%3 = Multiply(%1, %2) : float32[64]",
      "output %3 y"
    ])
    Graphs.assertSameBits(graph, after)
  })

  it("keeps a shape that broadcasting by the constant makes", () => {
    const graph = Graphs.of([Graphs.f32(1)], (x) => ({ y: tf.mul(x, tf.ones([1, 1])) }))
    assert.deepStrictEqual(Graphs.kernels(simplifyArithmetic(graph)), ["Multiply"])
  })
})
