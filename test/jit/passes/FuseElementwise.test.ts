import * as NdArray from "@ornstein/jit/NdArray"
import { fuseElementwise } from "@ornstein/jit/internal/passes/FuseElementwise"
import { removeIdentities } from "@ornstein/jit/internal/passes/RemoveIdentities"
import * as Trace from "@ornstein/jit/Trace"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import * as Graphs from "../Graphs.ts"

describe("fuseElementwise", () => {
  it("makes one loop of a chain", () => {
    const graph = Graphs.of([Graphs.f32(2, 3), Graphs.f32(3)], (x, b) => ({
      y: tf.neg(tf.square(tf.add(x, b)))
    }))
    const after = fuseElementwise(graph)
    assert.deepStrictEqual(Graphs.lines(after), [
      "%4 = FusedElementwise(%0, %1) : float32[2, 3]",
      "    $0 = Add(%0, %1) : float32",
      "    $1 = Square($0) : float32",
      "    $2 = Neg($1) : float32 -> %4",
      "output %4 y"
    ])
    Graphs.assertSameBits(graph, after)
  })

  it("gives every value that somebody reads: Adam and the target in one loop", () => {
    // m' = 0.9 m + 0.1 g, p' = p - m', t' = (t + p') / 2.
    const p2 = NdArray.spec([2])
    const { graph } = Trace.trace({
      name: "update",
      state: { m: p2, p: p2, t: p2 },
      inputs: p2,
      fn: ({ m, p, t }, g) => {
        const next = tf.add(tf.mul(m, 0.9), tf.mul(g, 0.1))
        const moved = tf.sub(p, next)
        return [{ m: next, p: moved, t: tf.div(tf.add(t, moved), 2) }, {}]
      }
    })
    const after = fuseElementwise(graph)
    assert.deepStrictEqual(Graphs.kernels(after), ["FusedElementwise"])
    assert.deepStrictEqual(
      Graphs.lines(after).filter((line) => line.includes("->") || line.startsWith("next")),
      [
        "    $2 = Add($0, $1) : float32 -> %8",
        "    $3 = Sub(%1, $2) : float32 -> %9",
        "    $5 = RealDiv($4, %11) : float32 -> %12",
        "next   %8 m",
        "next   %9 p",
        "next   %12 t"
      ]
    )
    Graphs.assertSameBits(graph, after)
  })

  it("does not make two loops that need each other", () => {
    const graph = Graphs.of([Graphs.f32(4), Graphs.f32()], (x, s) => {
      const wide = tf.exp(x)
      const narrow = tf.exp(s)
      return { y: tf.mul(wide, narrow), z: tf.mul(narrow, tf.sum(wide)) }
    })
    Graphs.assertSameBits(graph, fuseElementwise(graph))
  })

  it("does not fuse around a node that needs a part of the loop", () => {
    const graph = Graphs.of([Graphs.f32(4)], (x) => {
      const y = tf.exp(x)
      return { z: tf.div(y, tf.sum(y)) }
    })
    const after = fuseElementwise(graph)
    assert.deepStrictEqual(Graphs.kernels(after), ["Exp", "Sum", "RealDiv"])
  })

  it("computes small operands once, outside the loop", () => {
    const graph = Graphs.of([Graphs.f32(4), Graphs.f32()], (x, s) => ({
      y: tf.add(tf.mul(x, tf.sqrt(s)), 1)
    }))
    assert.deepStrictEqual(Graphs.kernels(fuseElementwise(graph)), ["Sqrt", "FusedElementwise"])
  })

  it("puts nodes that the loop needs before it", () => {
    const graph = Graphs.of([Graphs.f32(4), Graphs.f32(4)], (x, y) => {
      const a = tf.exp(x)
      const s = tf.sum(y)
      return { z: tf.mul(a, s) }
    })
    const after = fuseElementwise(graph)
    assert.deepStrictEqual(Graphs.kernels(after), ["Sum", "FusedElementwise"])
    Graphs.assertSameBits(graph, after)
  })

  it("carries attributes, types and conditions", () => {
    const graph = Graphs.of([Graphs.f32(64)], (x) => ({
      y: tf.mul(
        tf.where(tf.greater(x, 0), tf.clipByValue(x, -1, 1), tf.leakyRelu(x, 0.3)),
        tf.cast(tf.greater(x, 0), "float32")
      )
    }))
    const after = fuseElementwise(removeIdentities(graph))
    assert.deepStrictEqual(Graphs.kernels(after), ["FusedElementwise"])
    Graphs.assertSameBits(graph, after)
  })
})
