import { EngineError } from "@ornstein/jit/Engine"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Program from "@ornstein/jit/Program"
import * as TfjsEngine from "@ornstein/jit/TfjsEngine"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"

/** Least squares by gradient descent: w' = w - 0.1 d/dw mean (x w - y)^2. */
const regression = () =>
  Program.compile(TfjsEngine.cpu(), {
    state: { w: NdArray.make([2, 1], [1, -1]), unused: NdArray.scalar(7) },
    programs: {
      step: {
        inputs: { x: NdArray.spec([3, 2]), y: NdArray.spec([3, 1]) },
        fn: ({ unused, w }, { x, y }) => {
          const loss = (v: tf.Tensor) => tf.reshape(tf.mean(tf.square(tf.sub(tf.matMul(x, v), y))), [])
          const { grad, value } = tf.valueAndGrad(loss)(w)
          return [{ w: tf.sub(w, tf.mul(grad, 0.1)), unused }, { loss: value }]
        }
      },
      predict: {
        inputs: { x: NdArray.spec([1, 2]) },
        fn: (state, { x }) => [state, tf.matMul(x, state.w)]
      }
    },
    check: true
  })

describe("Program.compile", () => {
  it("computes what a hand computes", () => {
    const { programs, state } = regression()
    programs.step.inputs.x.data.set([1, 0, 0, 1, 1, 1])
    programs.step.inputs.y.data.set([2, 0, 3])
    programs.step.run()
    // Residuals -1, -1, -3: loss 11/3, gradient 2/3 * [-4, -4].
    assert.closeTo(programs.step.outputs.loss.data[0] ?? 0, 11 / 3, 1e-6)
    assert.closeTo(state.w.data[0] ?? 0, 1 + (0.1 * 8) / 3, 1e-6)
    assert.closeTo(state.w.data[1] ?? 0, -1 + (0.1 * 8) / 3, 1e-6)
    assert.strictEqual(state.unused.data[0], 7)
  })

  it("shares the state between programs, and shows what the caller writes to it", () => {
    const { programs, push, state } = regression()
    state.w.data.set([10, 20])
    push()
    programs.predict.inputs.x.data.set([1, 2])
    programs.predict.run()
    assert.strictEqual(programs.predict.outputs.data[0], 50)
  })

  it("reads the old state everywhere in one call", () => {
    const swap = Program.compile(TfjsEngine.cpu(), {
      state: [NdArray.scalar(1), NdArray.scalar(2)] as const,
      programs: { swap: { inputs: {}, fn: ([a, b]) => [[b, a] as const, { sum: tf.add(a, b) }] } }
    })
    swap.programs.swap.run()
    assert.deepStrictEqual([swap.state[0].data[0], swap.state[1].data[0]], [2, 1])
    swap.programs.swap.run()
    assert.deepStrictEqual([swap.state[0].data[0], swap.state[1].data[0]], [1, 2])
  })

  it("does not list a state that did not change as a result", () => {
    const { programs } = regression()
    assert.deepStrictEqual(
      programs.step.graph.results.map(({ path, role }) => `${role} ${path}`),
      ["state w", "output loss"]
    )
    assert.deepStrictEqual(
      programs.predict.graph.results.map(({ role }) => role),
      ["output"]
    )
  })

  it("shows the graph as it was traced and as it runs", () => {
    const { graph, traced } = regression().programs.step
    assert.isTrue(traced.nodes.some(({ kernel }) => kernel === "Identity"))
    assert.isFalse(graph.nodes.some(({ kernel }) => kernel === "Identity"))
  })

  it("copies the initial state", () => {
    const initial = NdArray.scalar(1)
    const { programs, state } = Program.compile(TfjsEngine.cpu(), {
      state: { n: initial },
      programs: { count: { inputs: {}, fn: ({ n }) => [{ n: tf.add(n, 1) }, {}] } }
    })
    programs.count.run()
    assert.deepStrictEqual([initial.data[0], state.n.data[0]], [1, 2])
  })

  it("leaves TensorFlow.js as it was: no tensors, no backend, the one in use", () => {
    const [tensors, backend, backends] = [tf.memory().numTensors, tf.getBackend(), tf.engine().backendNames()]
    const { dispose, programs } = regression()
    programs.step.run()
    programs.step.run()
    dispose()
    assert.deepStrictEqual(tf.engine().backendNames(), backends)
    assert.strictEqual(tf.getBackend(), backend)
    assert.strictEqual(tf.memory().numTensors, tensors)
  })

  it("refuses to run after dispose", () => {
    const { dispose, programs } = regression()
    dispose()
    assert.throws(() => programs.predict.run(), EngineError, "after `dispose()`")
  })
})

describe("the types of Program.compile", () => {
  const engine = TfjsEngine.cpu()
  const state = { w: NdArray.scalar(1) }

  it("know the trees of inputs, outputs and state", () => {
    const decay = Program.define({
      inputs: { rates: [NdArray.spec([]), NdArray.spec([])] as const },
      fn: (s: { readonly w: tf.Tensor }, { rates }) =>
        [{ w: tf.mul(s.w, rates[1]) }, { pair: rates }] as const
    })
    const { programs, state: found } = Program.compile(engine, { state, programs: { decay } })
    const arrays: ReadonlyArray<NdArray.NdArray> = [
      found.w,
      programs.decay.inputs.rates[1],
      programs.decay.outputs.pair[0]
    ]
    assert.strictEqual(arrays.length, 3)
    // @ts-expect-error there is no such program
    assert.isUndefined(programs.grow)
    // @ts-expect-error there is no such output
    assert.isUndefined(programs.decay.outputs.loss)
  })

  it("refuse a program that returns another state, or reads what is not there", () => {
    const compile = () =>
      Program.compile(engine, {
        state,
        programs: {
          // @ts-expect-error the state has no v
          wrong: { inputs: {}, fn: ({ w }) => [{ v: w }, {}] },
          // @ts-expect-error the inputs have no y
          other: { inputs: { x: NdArray.spec([]) }, fn: (s, { y }) => [s, { y }] }
        }
      })
    assert.throws(compile)
  })
})
