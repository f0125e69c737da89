import { simplifyArithmetic } from "@ornstein/jit/passes/SimplifyArithmetic"
import * as tf from "@tensorflow/tfjs"
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
      simplified((x) => x.mul(1)),
      []
    )
    assert.deepStrictEqual(
      simplified((x) => tf.mul(1, x)),
      []
    )
    assert.deepStrictEqual(
      simplified((x) => x.div(1)),
      []
    )
    assert.deepStrictEqual(
      simplified((x) => x.sub(0)),
      []
    )
    assert.deepStrictEqual(
      simplified((x) => x.add(-0)),
      []
    )
    assert.deepStrictEqual(
      simplified((x) => x.pow(1)),
      []
    )
    assert.deepStrictEqual(
      simplified((x) => x.neg().neg()),
      ["Neg"]
    )
    assert.deepStrictEqual(
      simplified((x) => x.relu().relu()),
      ["Relu"]
    )
  })

  it("keeps those that change the sign of a zero", () => {
    assert.deepStrictEqual(
      simplified((x) => x.add(0)),
      ["Add"]
    )
    assert.deepStrictEqual(
      simplified((x) => x.sub(-0)),
      ["Sub"]
    )
    assert.deepStrictEqual(
      simplified((x) => x.mul(0)),
      ["Multiply"]
    )
  })

  it("multiplies instead of dividing by a power of two, and by nothing else", () => {
    assert.deepStrictEqual(
      simplified((x) => x.div(256)),
      ["Multiply"]
    )
    assert.deepStrictEqual(
      simplified((x) => x.div(-0.5)),
      ["Multiply"]
    )
    assert.deepStrictEqual(
      simplified((x) => x.div(3)),
      ["RealDiv"]
    )
    assert.deepStrictEqual(
      simplified((x) => x.div(2 ** 127)),
      ["RealDiv"]
    )
    assert.deepStrictEqual(
      simplified((x) => x.div(0)),
      ["RealDiv"]
    )
  })

  it("lets the gradient of relu read what relu made", () => {
    const graph = Graphs.of([Graphs.f32(64)], (x) => ({ y: x.relu().mul(tf.step(x)) }))
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
    const graph = Graphs.of([Graphs.f32(1)], (x) => ({ y: x.mul(tf.ones([1, 1])) }))
    assert.deepStrictEqual(Graphs.kernels(simplifyArithmetic(graph)), ["Multiply"])
  })
})
