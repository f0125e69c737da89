import * as Graph from "@ornstein/jit/Graph"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Trace from "@ornstein/jit/Trace"
import { TraceError } from "@ornstein/jit/TraceError"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"

const x2 = NdArray.spec([2])

/** The error of tracing a function of one vector. */
const refusal = (fn: (x: tf.Tensor) => unknown): TraceError => {
  const before = tf.memory().numTensors
  const backend = tf.getBackend()
  try {
    Trace.trace({ name: "f", state: {}, inputs: x2, fn: (state, x) => [state, fn(x)] })
  } catch (error) {
    assert.instanceOf(error, TraceError)
    assert.strictEqual(error.program, "f")
    assert.strictEqual(tf.memory().numTensors, before, "leaked tensors")
    assert.strictEqual(tf.getBackend(), backend)
    return error
  }
  return assert.fail("it was not refused")
}

const kernels = (fn: (x: tf.Tensor) => tf.Tensor): ReadonlyArray<string> =>
  Trace.trace({ name: "f", state: {}, inputs: x2, fn: (state, x) => [state, fn(x)] }).graph.nodes.map(
    ({ kernel }) => kernel
  )

describe("Trace.trace", () => {
  it("records the kernels with shapes, attributes and constants", () => {
    const { graph, outputs } = Trace.trace({
      name: "f",
      state: { w: NdArray.spec([2, 3]) },
      inputs: { x: NdArray.spec([4, 2]) },
      fn: (state, { x }) => [state, { y: [tf.mul(tf.matMul(x, state.w), 2)] }]
    })
    assert.deepStrictEqual(outputs, { y: ["y.0"] })
    assert.deepStrictEqual(
      graph.nodes.map(({ attributes, inputs, kernel, outputs }) => ({ attributes, inputs, kernel, outputs })),
      [
        {
          kernel: "BatchMatMul",
          inputs: [1, 0],
          attributes: { transposeA: false, transposeB: false },
          outputs: [2]
        },
        { kernel: "Multiply", inputs: [2, 3], attributes: {}, outputs: [4] }
      ]
    )
    assert.deepStrictEqual(graph.values[4], { shape: [4, 3], dtype: "float32" })
    assert.deepStrictEqual(graph.constants, [{ value: 3, data: Float32Array.of(2) }])
    assert.deepStrictEqual(graph.results, [{ role: "output", path: "y.0", value: 4 }])
  })

  it("takes gradients while it records", () => {
    assert.deepStrictEqual(
      kernels((x) => tf.grad((v) => tf.relu(v))(x)).filter((name) => name !== "Identity"),
      ["Relu", "Step", "Cast", "Fill", "Multiply"]
    )
  })

  it("does not compute products", () => {
    const n = 4096
    const { graph } = Trace.trace({
      name: "f",
      state: {},
      inputs: NdArray.spec([n, n]),
      fn: (state, x) => [state, tf.relu(tf.matMul(tf.matMul(x, x), x))]
    })
    assert.deepStrictEqual(graph.values.at(-1)?.shape, [n, n])
  })

  it("keeps tensors made outside as constants, and leaves them alone", () => {
    const outside = tf.tensor1d([3, 4])
    const { graph } = Trace.trace({
      name: "f",
      state: {},
      inputs: x2,
      fn: (state, x) => [state, tf.mul(tf.add(x, outside), outside)]
    })
    assert.deepStrictEqual(
      graph.constants.map(({ data }) => data),
      [Float32Array.of(3, 4)]
    )
    assert.deepStrictEqual([...outside.dataSync()], [3, 4])
    outside.dispose()
  })

  it("records a tensor full of one number as a fill, however large", () => {
    const { graph } = Trace.trace({
      name: "f",
      state: {},
      inputs: NdArray.spec([1000, 1000]),
      fn: (state, x) => [state, tf.sub(tf.mul(x, tf.ones([1000, 1000])), tf.sum(tf.tensor1d([0, -0])))]
    })
    assert.deepStrictEqual(Graph.print(graph).split("\n").slice(1, 3), [
      "const  %3 float32[2] = 0, 0",
      "%1 = Fill() {shape: [1000, 1000], value: 1, dtype: float32} : float32[1000, 1000]"
    ])
  })

  it("may read back a constant, used or not", () => {
    const fn = (x: tf.Tensor) => {
      const [used, full] = [tf.scalar(3), tf.ones([2])]
      const y = tf.add(tf.mul(x, used), full)
      return tf.mul(
        y,
        [used, full, tf.scalar(2)].reduce((sum, c) => sum + (c.dataSync()[0] ?? 0), 0)
      )
    }
    const { graph } = Trace.trace({ name: "f", state: {}, inputs: x2, fn: (state, x) => [state, fn(x)] })
    assert.deepStrictEqual(
      graph.constants.map(({ data }) => data[0]),
      [3, 6]
    )
  })

  it("names the line of the user's code", () => {
    const { graph } = Trace.trace({
      name: "f",
      state: {},
      inputs: x2,
      fn: (state, x) => [state, tf.grad((v) => tf.exp(v))(x)]
    })
    for (const { site } of graph.nodes) assert.match(site, /Trace\.test\.ts:\d+:\d+$/)
  })

  it("leaves no tensors, no kernels and no backend behind", () => {
    const [before, backends] = [tf.memory(), tf.engine().backendNames()]
    kernels((x) => tf.grad((v: tf.Tensor) => tf.mean(tf.log(tf.softmax(v))))(x))
    assert.deepStrictEqual(tf.memory(), before)
    assert.deepStrictEqual(tf.engine().backendNames(), backends)
    assert.deepStrictEqual(tf.getKernelsForBackend("ornstein-trace"), [])
  })
})

describe("Trace.trace refuses", () => {
  it("random numbers drawn inside", () => {
    const { reason, where } = refusal((x) => tf.add(x, tf.randomNormal([2])))
    assert.match(reason, /other numbers .* constant float32\[2\]/)
    assert.match(where, /^Add \(.*Trace\.test\.ts/)
  })

  it("values read back, synchronously or not", () => {
    assert.match(
      refusal((x) => tf.mul(x, 2).dataSync()).reason,
      /reads back a result of Multiply \(.*Trace\.test\.ts/
    )
    assert.match(refusal((x) => x.arraySync()).reason, /reads back input /)
    assert.match(refusal((x) => x.data()).reason, /reads back input /)
    assert.match(
      refusal((x) => {
        void x.data()
        return x
      }).reason,
      /reads back input /
    )
  })

  it("a read, before anything that comes of it", () => {
    const later = (x: tf.Tensor) => {
      x.dataSync()
      throw new RangeError("later")
    }
    assert.match(refusal(later).reason, /reads back/)
  })

  it("a read that the program hides", () => {
    const hidden = (x: tf.Tensor) => {
      try {
        return tf.add(x, x.dataSync()[0] ?? 0)
      } catch {
        return x
      }
    }
    assert.match(refusal(hidden).reason, /reads back/)
  })

  it("a program that does something else when it is run again", () => {
    let runs = 0
    const { reason, where } = refusal((x) => (runs++ === 0 ? tf.exp(x) : tf.log(x)))
    assert.match(reason, /Exp, then Log/)
    assert.match(where, /Trace\.test\.ts/)
    let count = 0
    assert.match(refusal((x) => tf.mul(x, count++)).reason, /a counter/)
    assert.match(
      refusal((x) => tf.leakyRelu(x, count++)).reason,
      /gives LeakyRelu other inputs or attributes/
    )
    let more = 0
    assert.match(refusal((x) => (more++ === 0 ? tf.exp(x) : tf.exp(tf.exp(x)))).reason, /nothing, then Exp/)
  })

  it("kernels that are not in the table, with the line", () => {
    const { reason, where } = refusal((x) => tf.atan2(x, x))
    assert.match(reason, /kernel Atan2 is not supported/)
    assert.match(where, /^Atan2 \(.*Trace\.test\.ts:\d+:\d+\)$/)
  })

  it("variables", () => {
    const variable = tf.variable(tf.zeros([2]), true, "outside")
    assert.match(refusal((x) => tf.add(x, variable)).reason, /tf\.Variable "outside"/)
    variable.dispose()
    assert.match(refusal((x) => tf.add(tf.variable(tf.ones([2])), x)).reason, /tf\.Variable/)
  })

  it("tensors that are kept", () => {
    const kept: Array<tf.Tensor> = []
    const keep = (x: tf.Tensor) => {
      kept.push(tf.keep(tf.exp(x)))
      return x
    }
    const trace = () => Trace.trace({ name: "f", state: {}, inputs: x2, fn: (state, x) => [state, keep(x)] })
    assert.throws(trace, TraceError, "tf.keep")
    for (const tensor of kept) tensor.dispose()
  })

  it("what the user's own code throws, with its line, even inside a gradient", () => {
    const wrong = refusal((x) => tf.matMul(tf.reshape(x, [1, 2]), tf.ones([3, 1])))
    assert.match(wrong.reason, /inner sizes of a product differ: \[1, 2\] and \[3, 1\]/)
    assert.match(wrong.where, /Trace\.test\.ts/)
    assert.match(
      refusal(
        tf.grad((v) => {
          tf.square(tf.exp(v))
          throw new RangeError("mine")
        })
      ).reason,
      /mine/
    )
  })

  it("a state that comes back as another tree", () => {
    const trace = (next: (w: tf.Tensor) => unknown) => () =>
      Trace.trace({ name: "f", state: { w: NdArray.spec([2]) }, inputs: {}, fn: ({ w }) => [next(w), {}] })
    assert.throws(
      trace(() => ({})),
      TraceError,
      "lacks a tensor, at state w"
    )
    assert.throws(
      trace((w) => ({ w: tf.reshape(w, [1, 2]) })),
      TraceError,
      "float32[1, 2], not float32[2]"
    )
    assert.throws(
      trace((w) => ({ w: tf.cast(w, "int32") })),
      TraceError,
      "int32[2], not float32[2]"
    )
    assert.throws(
      trace((w) => ({ w, v: w })),
      TraceError,
      "a tensor that the state lacks, at state v"
    )
    assert.throws(
      trace(() => ({ w: 3 })),
      TraceError,
      "not a tensor"
    )
  })

  it("anything but a pair, and asynchronous functions", () => {
    const trace = (fn: () => unknown) => () => Trace.trace({ name: "f", state: {}, inputs: {}, fn })
    assert.throws(
      trace(() => ({})),
      TraceError,
      "a pair"
    )
    assert.throws(
      trace(() => Promise.resolve([{}, {}])),
      TraceError,
      "asynchronous"
    )
  })

  it("a trace inside a trace", () => {
    assert.match(refusal((x) => (kernels((y) => y), x)).reason, /inside another program/)
  })

  it("paths that are the same", () => {
    const inputs = { a: { b: x2 }, "a.b": x2 }
    const trace = () => Trace.trace({ name: "f", state: {}, inputs, fn: (state) => [state, {}] })
    assert.throws(trace, TraceError, "two tensors have the path a.b")
  })

  it("element types that programs do not have", () => {
    assert.match(refusal((x) => tf.cast(x, "complex64")).reason, /complex64/)
  })
})
