import { removeIdentities } from "@ornstein/jit/internal/passes/RemoveIdentities"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import * as Graphs from "../Graphs.ts"

describe("removeIdentities", () => {
  it("removes identities, casts and reshapes that change nothing", () => {
    const graph = Graphs.of([Graphs.f32(2, 3)], (x) => ({
      y: tf.neg(tf.tile(tf.slice(tf.reshape(tf.cast(x.clone(), "float32"), [2, 3]), [0, 0], [2, 3]), [1, 1]))
    }))
    const after = removeIdentities(graph)
    assert.deepStrictEqual(Graphs.kernels(after), ["Neg"])
    Graphs.assertSameBits(graph, after)
  })

  it("keeps a cast that changes the type", () => {
    const graph = Graphs.of([Graphs.f32(2)], (x) => ({ y: tf.cast(tf.greater(x, 0), "float32") }))
    assert.deepStrictEqual(Graphs.kernels(removeIdentities(graph)), ["Greater", "Cast"])
  })

  it("reads through reshapes of reshapes, and drops those that come back", () => {
    const graph = Graphs.of([Graphs.f32(2, 3)], (x) => ({
      y: tf.neg(tf.reshape(tf.expandDims(tf.reshape(x, [6]), 0), [3, 2])),
      z: tf.exp(tf.reshape(tf.reshape(x, [6]), [2, 3]))
    }))
    const after = removeIdentities(graph)
    assert.deepStrictEqual(
      Graphs.lines(after).filter(
        (line) => !line.includes("{shape: [6]}") && !line.includes("{shape: [1, 6]}")
      ),
      [
        "%3 = Reshape(%0) {shape: [3, 2]} : float32[3, 2]",
        "%4 = Neg(%3) : float32[3, 2]",
        "%7 = Exp(%0) : float32[2, 3]",
        "output %4 y",
        "output %7 z"
      ]
    )
    Graphs.assertSameBits(graph, after)
  })

  it("makes a reshape of a transpose that moves only axes of size 1, and of packing one tensor", () => {
    const graph = Graphs.of([Graphs.f32(1, 3)], (x) => ({ t: tf.transpose(x), p: tf.stack([x]) }))
    const after = removeIdentities(graph)
    assert.deepStrictEqual(Graphs.kernels(after), ["Reshape", "Reshape"])
    Graphs.assertSameBits(graph, after)
  })

  it("keeps a transpose that moves numbers", () => {
    const graph = Graphs.of([Graphs.f32(2, 3)], (x) => ({ y: tf.transpose(x) }))
    assert.deepStrictEqual(Graphs.kernels(removeIdentities(graph)), ["Transpose"])
  })
})
