import * as Graph from "@ornstein/jit/Graph"
import * as NdArray from "@ornstein/jit/NdArray"
import { rewrites } from "@ornstein/jit/Simplify"
import * as TfjsEngine from "@ornstein/jit/TfjsEngine"
import * as Trace from "@ornstein/jit/Trace"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import * as Graphs from "../Graphs.ts"
import * as RandomProgram from "../RandomProgram.ts"

const randomGraph = (seed: number): Graph.Graph => {
  const { program, state } = RandomProgram.make(seed)
  return Trace.trace({ name: `random ${seed}`, state, ...program }).graph
}

describe("simplify", () => {
  it("keeps every bit of random programs and their gradients", () => {
    for (let seed = 0; seed < 15; seed++) {
      const graph = randomGraph(seed)
      Graphs.assertSameBits(graph, Graphs.simplify(graph))
    }
  })

  it("has passes that each keep every bit", () => {
    for (let seed = 100; seed < 103; seed++) {
      const graph = randomGraph(seed)
      for (const pass of rewrites(TfjsEngine.cpu())) Graphs.assertSameBits(graph, pass(graph))
    }
  })

  it("leaves a simplified graph as it is", () => {
    for (let seed = 200; seed < 203; seed++) {
      const once = Graphs.simplify(randomGraph(seed))
      assert.strictEqual(Graph.print(Graphs.simplify(once)), Graph.print(once))
    }
  })

  it("makes of a dense layer's step a handful of kernels", () => {
    const { graph } = Trace.trace({
      name: "step",
      state: { w: NdArray.spec([3, 4]), b: NdArray.spec([4]) },
      inputs: { x: NdArray.spec([8, 3]), y: NdArray.spec([8, 4]) },
      fn: ({ b, w }, { x, y }) => {
        const loss = (w: tf.Tensor, b: tf.Tensor) =>
          tf.mean(tf.square(tf.sub(tf.relu(tf.add(tf.matMul(x, w), b)), y)))
        const { grads, value } = tf.valueAndGrads(loss)([w, b])
        const [dw = w, db = b] = grads
        return [{ w: tf.sub(w, tf.mul(dw, 0.1)), b: tf.sub(b, tf.mul(db, 0.1)) }, { loss: value }]
      }
    })
    assert.strictEqual(graph.nodes.length, 34)
    assert.deepStrictEqual(Graphs.kernels(Graphs.simplify(graph)), [
      "_FusedMatMul",
      "FusedElementwise",
      "Mean",
      "Sum",
      "BatchMatMul",
      "FusedElementwise",
      "FusedElementwise"
    ])
    Graphs.assertSameBits(graph, Graphs.simplify(graph))
  })
})
