import * as Graph from "@ornstein/jit/Graph"
import * as NdArray from "@ornstein/jit/NdArray"
import * as TfjsDevice from "@ornstein/jit/internal/engines/tfjs/TfjsDevice"
import * as TfjsEngine from "@ornstein/jit/TfjsEngine"
import { kernels, keepNan } from "@ornstein/jit/internal/passes/KeepNan"
import { unfuse } from "@ornstein/jit/internal/passes/Unfuse"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import * as Graphs from "../Graphs.ts"

/** TensorFlow.js' CPU kernels, but those of the pass take NaN for 0.5, as code of a shading language may. */
const lossy = (keepsNan: boolean): TfjsDevice.Device => {
  const device = TfjsDevice.cpu()
  const { backend } = device
  const forgetful = (name: string, kernel: TfjsDevice.Kernel): TfjsDevice.Kernel => ({
    kernelFunc: (call) => {
      const looked = name === "EluGrad" ? "y" : name === "Softmax" ? "logits" : "x"
      const x: unknown = Reflect.get(call.inputs, looked)
      if (!isHandle(x)) throw new TypeError(`${name} has no ${looked}`)
      const data = Float32Array.from(TfjsDevice.numbers(backend.readSync(x.dataId)), (v) =>
        Number.isNaN(v) ? 0.5 : v
      )
      const handle = TfjsDevice.upload(device, { data, shape: x.shape, dtype: "float32" })
      return kernel.kernelFunc({ ...call, inputs: { ...call.inputs, [looked]: handle } })
    }
  })
  return {
    ...device,
    keepsNan,
    kernels: new Map(
      Array.from(device.kernels, ([name, kernel]) => [
        name,
        kernels.includes(name) ? forgetful(name, kernel) : kernel
      ])
    )
  }
}

const isHandle = (u: unknown): u is TfjsDevice.Handle =>
  typeof u === "object" && u !== null && "dataId" in u && "shape" in u

const functions: { readonly [kernel: string]: (x: tf.Tensor) => tf.Tensor } = {
  Exp: tf.exp,
  Expm1: tf.expm1,
  Log: tf.log,
  Log1p: tf.log1p,
  Tanh: tf.tanh,
  Sigmoid: tf.sigmoid,
  Softplus: tf.softplus,
  Elu: tf.elu,
  EluGrad: tf.grad((x: tf.Tensor) => tf.elu(x)),
  Selu: tf.selu,
  Relu: tf.relu,
  Relu6: tf.relu6,
  Softmax: (x) => tf.softmax(x)
}

/** Which numbers of the result are NaN. */
const places = (device: TfjsDevice.Device, graph: Graph.Graph): ReadonlyArray<boolean> => {
  const linked = TfjsEngine.resident(device, { state: new Map(), programs: new Map([["f", graph]]) })
  const program = linked.programs.get("f") ?? assert.fail("no program")
  // An infinity makes NaN of all in a softmax.
  const infinite = graph.nodes.some(({ kernel }) => kernel === "Softmax") ? 3 : Number.POSITIVE_INFINITY
  const values = [1, Number.NaN, infinite, -infinite, -0.5, -2, 0, 9]
  for (const { data } of program.inputs.values()) data.forEach((_, i) => (data[i] = values[i % 8] ?? 0))
  program.run()
  return Array.from(program.outputs.get("y")?.data ?? [], Number.isNaN)
}

const shapes = [[], [8], [3, 8], [1, 2, 1, 2, 8]].map((shape) => ({ shape }))

describe("keepNan", () => {
  it("is tried on every kernel that it writes anew", () => {
    assert.sameMembers(Object.keys(functions), [...kernels])
  })

  for (const [kernel, f] of Object.entries(functions)) {
    it.each(kernel === "Softmax" ? shapes.slice(1) : shapes)(
      `${kernel} of $shape gives NaN where the oracle does, whatever the backend's kernel does`,
      ({ shape }) => {
        const graph = Graphs.simplify(Graphs.of([Graphs.f32(...shape)], (x) => ({ y: f(x) })))
        const expected = places(TfjsDevice.cpu(), graph)
        assert.deepStrictEqual(places(lossy(false), graph), expected)
        if (shape.length > 0) assert.notDeepEqual(places(lossy(true), graph), expected)
      }
    )

    it(`${kernel} keeps its bits`, () => {
      const graph = unfuse(Graphs.simplify(Graphs.of([Graphs.f32(5, 7)], (x) => ({ y: f(x) }))))
      const after = keepNan(graph)
      assert.include(Graphs.kernels(graph), kernel)
      assert.notDeepEqual(Graphs.kernels(after), Graphs.kernels(graph))
      // The backends that it is for compute the logarithm of the rounded sum.
      if (kernel !== "Log1p") Graphs.assertSameBits(graph, after)
    })
  }

  it("writes a maximum for relu, a choice for the others, with the line of the user's code", () => {
    const graph = keepNan(
      unfuse(Graphs.of([Graphs.f32(2)], (x) => ({ y: tf.relu(x), z: tf.exp(x), w: tf.add(tf.relu(x), 1) })))
    )
    assert.deepStrictEqual(Graphs.kernels(graph), ["Maximum", "NotEqual", "Exp", "Select", "Maximum", "Add"])
    for (const { site } of graph.nodes) assert.include(site, "KeepNan.test.ts")
    assert.deepStrictEqual(
      graph.constants.map(({ data }) => [...data]),
      [[1], [0]]
    )
  })

  it("leaves integers, and kernels that keep NaN", () => {
    const graph = Graphs.of([NdArray.spec([2], "int32"), Graphs.f32(2)], (n, x) => ({
      y: tf.relu(n),
      z: tf.sqrt(tf.square(x))
    }))
    assert.strictEqual(Graph.print(keepNan(graph)), Graph.print(graph))
  })
})
