import { type Engine, EngineError } from "@ornstein/jit/Engine"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Program from "@ornstein/jit/Program"
import * as TfjsEngine from "@ornstein/jit/TfjsEngine"
import * as WebgpuEngine from "@ornstein/jit/WebgpuEngine"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import { onWebgpu, webgpu } from "../../../webgpu.ts"
import { conforms } from "../../Conforms.ts"
import * as DdpgUpdate from "../../DdpgUpdate.ts"

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (cause: unknown) => cause
  )

describe("the adapter that was asked for", () => {
  it("is what computes, or there is an error that says why not", async () => {
    const outcome = await WebgpuEngine.make().then(
      ({ adapter, dispose }) => {
        dispose()
        return adapter
      },
      (cause: unknown) => cause
    )
    if (outcome instanceof EngineError) {
      assert.strictEqual(outcome.engine, "tfjs:webgpu")
      assert.match(outcome.reason, /not installed|no build|does not load|adapter/)
      assert.notStrictEqual(outcome.fix, "")
    } else assert.include(outcome, { kind: "hardware" })
  })
})

/** Functions of one number that give NaN for NaN. */
const functions: { readonly [name: string]: (x: tf.Tensor) => tf.Tensor } = {
  exp: tf.exp,
  expm1: tf.expm1,
  log: tf.log,
  log1p: tf.log1p,
  tanh: tf.tanh,
  sigmoid: tf.sigmoid,
  softplus: tf.softplus,
  relu: tf.relu,
  relu6: tf.relu6,
  elu: tf.elu,
  selu: tf.selu,
  sqrt: tf.sqrt,
  rsqrt: tf.rsqrt,
  abs: tf.abs,
  neg: tf.neg,
  square: tf.square,
  reciprocal: tf.reciprocal,
  leakyRelu: (x) => tf.leakyRelu(x, 0.3),
  step: (x) => tf.step(x),
  clip: (x) => tf.clipByValue(x, -1, 1),
  pow: (x) => tf.pow(x, 1.5),
  maximum: (x) => tf.maximum(x, 0),
  minimum: (x) => tf.minimum(x, 0),
  max: (x) => tf.max(x, 1),
  min: (x) => tf.min(x, 1),
  softmax: (x) => tf.softmax(x),
  logSoftmax: (x) => tf.logSoftmax(x),
  "gradient of relu": tf.grad((x: tf.Tensor) => tf.relu(x)),
  "gradient of elu": tf.grad((x: tf.Tensor) => tf.elu(x)),
  "gradient of tanh": tf.grad((x: tf.Tensor) => tf.tanh(x))
}

// Its sums are in another order, and its functions are the driver's.
if (!(webgpu instanceof EngineError)) {
  conforms(webgpu, 1, (tolerance) => (tolerance === "exact" ? "close" : "sum"), 2 ** -126, false)
}

onWebgpu("the device", (engine) => {
  const compile = () =>
    Program.compile(engine(), {
      state: { a: NdArray.make([2], [1, 2]), b: NdArray.make([2], [10, 20]) },
      programs: {
        step: {
          inputs: { x: NdArray.spec([2]) },
          fn: ({ a, b }, { x }) => [
            { a: b, b: tf.add(a, x) },
            { sum: tf.div(tf.sum(tf.mul(a, 2)), 2), same: x, positive: tf.greater(a, x) }
          ]
        },
        keep: { inputs: { x: NdArray.spec([2]) }, fn: ({ b }, { x }) => [{ a: x, b }, {}] }
      }
    })

  it("keeps the state; pull and push copy it", () => {
    const { dispose, programs, pull, push, state } = compile()
    programs.step.inputs.x.data.set([5, 6])
    programs.step.run()
    assert.strictEqual(programs.step.outputs.sum.data[0], 3)
    assert.deepStrictEqual([...programs.step.outputs.same.data], [5, 6])
    assert.deepStrictEqual([...programs.step.outputs.positive.data], [0, 0])
    assert.deepStrictEqual([...state.a.data, ...state.b.data], [1, 2, 10, 20])
    pull()
    assert.deepStrictEqual([...state.a.data, ...state.b.data], [10, 20, 6, 8])
    state.a.data.set([100, 200])
    programs.step.run()
    assert.strictEqual(programs.step.outputs.sum.data[0], 30)
    state.a.data.set([100, 200])
    push()
    programs.step.run()
    assert.strictEqual(programs.step.outputs.sum.data[0], 300)
    dispose()
  })

  it("keeps what it was given, whatever the caller writes there next", () => {
    const { dispose, programs, pull, push, state } = compile()
    programs.keep.inputs.x.data.set([5, 6])
    programs.keep.run()
    programs.keep.inputs.x.data.set([7, 8])
    pull()
    assert.deepStrictEqual([...state.a.data], [5, 6])
    state.a.data.set([1, 1])
    push()
    state.a.data.set([2, 2])
    pull()
    assert.deepStrictEqual([...state.a.data], [1, 1])
    dispose()
  })

  it("answers later where the caller does not wait, in the order of the calls", async () => {
    const { dispose, programs, pull, state } = Program.compile(engine(), {
      state: { n: NdArray.scalar(0) },
      programs: { count: { inputs: {}, fn: ({ n }) => [{ n: tf.add(n, 1) }, { n }] } }
    })
    const calls = [programs.count.runAsync(), programs.count.runAsync()]
    programs.count.run()
    assert.strictEqual(programs.count.outputs.n.data[0], 2)
    await Promise.all([...calls, programs.count.runAsync()])
    pull()
    assert.strictEqual(state.n.data[0], 4)
    dispose()
    assert.instanceOf(await rejection(Promise.resolve().then(programs.count.runAsync)), EngineError)
  })

  it("computes an update of DDPG as the oracle does, and the same bits again", () => {
    const sizes = { batch: 8, hidden: [16, 16], observation: 3, action: 1 }
    const runs = [true, false].map((check) => {
      const compiled = DdpgUpdate.compile(engine(), sizes, check)
      for (let n = 0; n < 3; n++) {
        DdpgUpdate.drawBatch(compiled, n)
        compiled.programs.update.run()
      }
      compiled.pull()
      const { w } = compiled.state.actor.online[1] ?? assert.fail("no layer")
      const numbers = [...w.data, ...compiled.programs.update.outputs.criticLoss.data]
      compiled.dispose()
      return numbers
    })
    assert.deepStrictEqual(runs[0], runs[1])
  })

  it("holds as much after many calls as after one, and nothing when all is disposed", () => {
    const { memory } = engine()
    const { dispose, programs } = compile()
    const call = () => {
      programs.step.run()
      programs.keep.run()
    }
    for (let i = 0; i < 3; i++) call()
    const { buffers, bytes, tensors } = memory()
    for (let i = 0; i < 25; i++) call()
    assert.deepStrictEqual(memory(), { buffers, bytes, tensors })
    assert.isAbove(tensors, 0)
    dispose()
    assert.strictEqual(memory().tensors, 0)
  })

  it("gives NaN where the oracle does: what a network is made of, and all functions of one number", () => {
    const names = Object.keys(functions)
    const places = (on: Engine): ReadonlyArray<ReadonlyArray<boolean>> => {
      const { dispose, programs } = Program.compile(on, {
        state: {},
        programs: {
          f: {
            inputs: { x: NdArray.spec([2, 5]), w: NdArray.spec([5, 2]) },
            fn: (state, { w, x }) => [
              state,
              [tf.relu(tf.matMul(x, w)), tf.mean(tf.square(x)), ...Object.values(functions).map((f) => f(x))]
            ]
          }
        }
      })
      programs.f.inputs.x.data.set([1, Number.NaN, -2, 0.5, -0.5, 1, 2, 3, 4, 5])
      programs.f.inputs.w.data.fill(1)
      programs.f.run()
      const found = programs.f.outputs.map(({ data }) => Array.from(data, Number.isNaN))
      dispose()
      return found
    }
    const [found, expected] = [places(engine()), places(TfjsEngine.cpu())]
    expected.forEach((nan, i) => assert.deepStrictEqual(found[i], nan, names[i - 2] ?? "a layer"))
    assert.isAbove(expected.filter((nan) => nan[0] || nan[1]).length, names.length)
  })

  it("adds more tensors than the device binds buffers", () => {
    const { dispose, programs } = Program.compile(engine(), {
      state: {},
      programs: {
        f: {
          inputs: Array.from({ length: 20 }, () => NdArray.spec([2])),
          fn: (state, xs) => [state, { sum: tf.addN([...xs]), joined: tf.concat([...xs]) }]
        }
      }
    })
    programs.f.inputs.forEach(({ data }, i) => data.fill(i))
    programs.f.run()
    assert.deepStrictEqual([...programs.f.outputs.sum.data], [190, 190])
    assert.strictEqual(programs.f.outputs.joined.data[39], 19)
    dispose()
  })

  it("refuses tensors without elements, with the user's line", () => {
    const program = () =>
      Program.compile(engine(), {
        state: {},
        programs: { f: { inputs: NdArray.spec([0, 2]), fn: (state, x) => [state, tf.sum(x, 0)] } }
      })
    assert.throws(program, EngineError, /Sum \(.*WebgpuEngine\.test\.ts:\d+:\d+\) .* \[0,2\]/)
  })

  it("names what computes", () => {
    const { adapter, name } = engine()
    const isSoftware = adapter.kind === "software"
    assert.match(name, isSoftware ? /^tfjs:webgpu:software/ : /^tfjs:webgpu/)
    assert.strictEqual(name.includes("software"), isSoftware)
  })
})

onWebgpu("an engine that was disposed", () => {
  it("says so", async () => {
    const engine = await WebgpuEngine.make({ adapter: "any" })
    const { programs } = DdpgUpdate.compile(engine, { batch: 2, hidden: [2], observation: 1, action: 1 })
    engine.dispose()
    assert.throws(() => programs.act.run(), EngineError, "dispose")
    assert.instanceOf(await rejection(programs.act.runAsync()), EngineError)
    assert.throws(() => engine.memory(), EngineError, "dispose")
  })
})

describe("tfjs:cpu beside it", () => {
  it("is not touched", () => {
    assert.strictEqual(TfjsEngine.cpu().name, "tfjs:cpu")
    assert.isUndefined(Reflect.get(globalThis, "GPUDevice"))
  })
})
