import * as NdArray from "@ornstein/jit/NdArray"
import { fuseElementwise } from "@ornstein/jit/passes/FuseElementwise"
import { removeIdentities } from "@ornstein/jit/passes/RemoveIdentities"
import * as Trace from "@ornstein/jit/Trace"
import * as tf from "@tensorflow/tfjs"
import { assert, describe, it } from "vitest"
import * as Graphs from "../Graphs.ts"

describe("fuseElementwise", () => {
  it("makes one loop of a chain", () => {
    const graph = Graphs.of([Graphs.f32(2, 3), Graphs.f32(3)], (x, b) => ({ y: x.add(b).square().neg() }))
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
        const next = m.mul(0.9).add(g.mul(0.1))
        const moved = p.sub(next)
        return [{ m: next, p: moved, t: t.add(moved).div(2) }, {}]
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
      const wide = x.exp()
      const narrow = s.exp()
      return { y: wide.mul(narrow), z: narrow.mul(wide.sum()) }
    })
    Graphs.assertSameBits(graph, fuseElementwise(graph))
  })

  it("does not fuse around a node that needs a part of the loop", () => {
    const graph = Graphs.of([Graphs.f32(4)], (x) => {
      const y = x.exp()
      return { z: y.div(y.sum()) }
    })
    const after = fuseElementwise(graph)
    assert.deepStrictEqual(Graphs.kernels(after), ["Exp", "Sum", "RealDiv"])
  })

  it("computes small operands once, outside the loop", () => {
    const graph = Graphs.of([Graphs.f32(4), Graphs.f32()], (x, s) => ({ y: x.mul(s.sqrt()).add(1) }))
    assert.deepStrictEqual(Graphs.kernels(fuseElementwise(graph)), ["Sqrt", "FusedElementwise"])
  })

  it("puts nodes that the loop needs before it", () => {
    const graph = Graphs.of([Graphs.f32(4), Graphs.f32(4)], (x, y) => {
      const a = x.exp()
      const s = y.sum()
      return { z: a.mul(s) }
    })
    const after = fuseElementwise(graph)
    assert.deepStrictEqual(Graphs.kernels(after), ["Sum", "FusedElementwise"])
    Graphs.assertSameBits(graph, after)
  })

  it("carries attributes, types and conditions", () => {
    const graph = Graphs.of([Graphs.f32(64)], (x) => ({
      y: tf.where(x.greater(0), x.clipByValue(-1, 1), tf.leakyRelu(x, 0.3)).mul(x.greater(0).cast("float32"))
    }))
    const after = fuseElementwise(removeIdentities(graph))
    assert.deepStrictEqual(Graphs.kernels(after), ["FusedElementwise"])
    Graphs.assertSameBits(graph, after)
  })
})
