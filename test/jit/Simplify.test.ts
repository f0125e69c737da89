import * as Graph from "@ornstein/jit/Graph"
import * as NdArray from "@ornstein/jit/NdArray"
import { rewrites, simplify } from "@ornstein/jit/Simplify"
import * as Trace from "@ornstein/jit/Trace"
import * as tf from "@tensorflow/tfjs"
import { assert, describe, it } from "vitest"
import { Draw } from "./Draw.ts"
import * as Graphs from "./Graphs.ts"

/** A program of random operations, many of which a pass looks for, and the gradient of a part of it. */
const randomProgram = (seed: number): Graph.Graph => {
  const rows = new Draw(seed).size()
  const columns = new Draw(seed + 1).size()
  const inputs = [
    Graphs.f32(rows, columns),
    Graphs.f32(rows, columns),
    Graphs.f32(columns, columns),
    Graphs.f32(columns),
    Graphs.f32()
  ]
  const program = (...xs: ReadonlyArray<tf.Tensor>): tf.Tensor => {
    const draw = new Draw(seed)
    const [a, b, w, row, scalar] = xs
    if (!a || !b || !w || !row || !scalar) return assert.fail("inputs")
    const known = [a, b]
    const any = () => known[draw.int(0, known.length - 1)] ?? a
    const unary: ReadonlyArray<(x: tf.Tensor) => tf.Tensor> = [
      (x) => x.relu(),
      (x) => x.tanh(),
      (x) => x.neg(),
      (x) => x.mul(1).div(8),
      (x) => x.add(0).sub(0),
      (x) =>
        x
          .reshape([rows * columns])
          .square()
          .reshape([rows, columns]),
      (x) => x.transpose().transpose(),
      (x) => tf.matMul(x, w).add(row).relu(),
      (x) => tf.matMul(x, w.transpose()),
      (x) => tf.fused.matMul({ a: x, b: w, bias: row, activation: "relu" }),
      (x) => x.sub(x.mean()).mul(scalar),
      (x) => x.sum(0).reshape([1, columns]).add(x),
      (x) => x.sub(x.max(1, true)).exp(),
      (x) => x.leakyRelu(0.1),
      (x) => x.clipByValue(-1, 1).mul(tf.onesLike(x).mul(0.5)),
      (x) => tf.concat([x, x], 0).slice([0, 0], [rows, columns])
    ]
    const binary: ReadonlyArray<(x: tf.Tensor, y: tf.Tensor) => tf.Tensor> = [
      tf.add,
      tf.sub,
      tf.mul,
      tf.maximum
    ]
    for (let i = 0; i < 8; i++) {
      const f = unary[draw.int(0, unary.length - 1)]
      const g = binary[draw.int(0, binary.length - 1)]
      const next = draw.bool() ? f?.(any()) : g?.(any(), any())
      known.push(next ?? assert.fail("nothing drawn"))
    }
    return tf.addN([...known.slice(-2), ...[w.sum(0), row, scalar, b].map((x) => a.add(x))])
  }
  return Trace.trace({
    name: `random ${seed}`,
    state: {},
    inputs,
    fn: (state, xs) => {
      const loss = (...ys: ReadonlyArray<tf.Tensor>) =>
        program(...ys)
          .add(program(...xs))
          .mean()
          .asScalar()
      return [state, { y: program(...xs), z: program(...xs).sum(), grads: tf.grads(loss)([...xs]) }]
    }
  }).graph
}

describe("simplify", () => {
  it("keeps every bit of random programs and their gradients", () => {
    for (let seed = 0; seed < 15; seed++) {
      const graph = randomProgram(seed)
      Graphs.assertSameBits(graph, simplify(graph))
    }
  })

  it("has passes that each keep every bit", () => {
    for (let seed = 100; seed < 103; seed++) {
      const graph = randomProgram(seed)
      for (const pass of rewrites) Graphs.assertSameBits(graph, pass(graph))
    }
  })

  it("leaves a simplified graph as it is", () => {
    for (let seed = 200; seed < 203; seed++) {
      const once = simplify(randomProgram(seed))
      assert.strictEqual(Graph.print(simplify(once)), Graph.print(once))
    }
  })

  it("makes of a dense layer's step a handful of kernels", () => {
    const { graph } = Trace.trace({
      name: "step",
      state: { w: NdArray.spec([3, 4]), b: NdArray.spec([4]) },
      inputs: { x: NdArray.spec([8, 3]), y: NdArray.spec([8, 4]) },
      fn: ({ b, w }, { x, y }) => {
        const loss = (w: tf.Tensor, b: tf.Tensor) => tf.matMul(x, w).add(b).relu().sub(y).square().mean()
        const { grads, value } = tf.valueAndGrads(loss)([w, b])
        const [dw = w, db = b] = grads
        return [{ w: w.sub(dw.mul(0.1)), b: b.sub(db.mul(0.1)) }, { loss: value }]
      }
    })
    assert.strictEqual(graph.nodes.length, 34)
    assert.deepStrictEqual(Graphs.kernels(simplify(graph)), [
      "_FusedMatMul",
      "FusedElementwise",
      "Mean",
      "Sum",
      "BatchMatMul",
      "FusedElementwise",
      "FusedElementwise"
    ])
    Graphs.assertSameBits(graph, simplify(graph))
  })
})
