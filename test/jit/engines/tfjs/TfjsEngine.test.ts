import { type Engine, EngineError } from "@ornstein/jit/Engine"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Program from "@ornstein/jit/Program"
import * as TfjsEngine from "@ornstein/jit/TfjsEngine"
import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu"
import * as tf from "@tensorflow/tfjs-core"
import { afterAll, assert, describe, it } from "vitest"

/** A device with memory of its own: what is written to it and read from it is a copy. */
class Device extends MathBackendCPU {
  override write(values: tf.backend_util.BackendValues, _shape: Array<number>, dtype: tf.DataType): object {
    const dataId = {}
    this.data.set(dataId, { values: values.slice(), dtype, refCount: 1 })
    return dataId
  }
  override readSync(dataId: object): tf.backend_util.BackendValues {
    return super.readSync(dataId).slice()
  }
}

/** One that keeps what it is given and looks at it when it is needed. */
class Lazy extends MathBackendCPU {}

const devices = new Map<string, MathBackendCPU>()

/** Registers such a device with the CPU's kernels, except `without`. */
const register = (name: string, without: ReadonlyArray<string> = [], make = () => new Device()): void => {
  tf.registerBackend(name, () => {
    const device = make()
    devices.set(name, device)
    return device
  })
  for (const kernel of tf.getKernelsForBackend("cpu")) {
    if (!without.includes(kernel.kernelName)) tf.registerKernel({ ...kernel, backendName: name })
  }
}

register("device")
register("webgpu-device")
register("poor", ["Tanh"])
register("lazy", [], () => new Lazy())
afterAll(() => {
  for (const name of ["device", "webgpu-device", "poor", "lazy"]) tf.removeBackend(name)
})

const compile = (engine: Engine) =>
  Program.compile(engine, {
    state: { a: NdArray.make([2], [1, 2]), b: NdArray.make([2], [10, 20]) },
    programs: {
      step: {
        inputs: { x: NdArray.spec([2]) },
        fn: ({ a, b }, { x }) => [
          { a: b, b: tf.add(a, x) },
          { sum: tf.div(tf.sum(tf.mul(a, 2)), 2), same: x, positive: tf.greater(a, x) }
        ]
      },
      twice: { inputs: {}, fn: ({ a }) => [{ a, b: a }, {}] }
    }
  })

describe("tfjs:<backend>", () => {
  it("keeps the state on the device; pull and push copy it", async () => {
    const { programs, pull, push, state } = compile(await TfjsEngine.make("device"))
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
  })

  it("frees what it makes: a call leaves the device as it was, and dispose leaves nothing", async () => {
    const engine = await TfjsEngine.make("device")
    const device = devices.get("device") ?? assert.fail("no device")
    const before = device.numDataIds()
    const { dispose, programs } = compile(engine)
    programs.step.run()
    programs.twice.run()
    const linked = device.numDataIds()
    for (let i = 0; i < 5; i++) {
      programs.step.run()
      programs.step.run()
      programs.twice.run()
    }
    assert.strictEqual(device.numDataIds(), linked)
    dispose()
    assert.strictEqual(device.numDataIds(), before)
    assert.strictEqual(tf.engine().state.numTensors, 0)
  })

  it("gives a device that looks later what there was, not what is there then", async () => {
    const { programs, pull, push, state } = Program.compile(await TfjsEngine.make("lazy"), {
      state: { a: NdArray.make([2], [1, 2]) },
      programs: { keep: { inputs: { x: NdArray.spec([2]) }, fn: (_, { x }) => [{ a: x }, {}] } }
    })
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
  })

  it("leaves the backend in use in use", async () => {
    await tf.setBackend("cpu")
    await TfjsEngine.make("device")
    assert.strictEqual(tf.getBackend(), "cpu")
  })

  it("answers later on a backend that does, and then shows the state", async () => {
    const engine = await TfjsEngine.make("webgpu-device")
    assert.strictEqual(engine.synchronous, false)
    const { programs, state } = compile(engine)
    assert.throws(() => programs.step.run(), EngineError, "runAsync")
    await programs.step.runAsync()
    assert.strictEqual(programs.step.outputs.sum.data[0], 3)
    assert.deepStrictEqual([...state.a.data], [10, 20])
  })

  it("makes asynchronous calls one after the other", async () => {
    const { programs, state } = Program.compile(await TfjsEngine.make("webgpu-device"), {
      state: { n: NdArray.scalar(0) },
      programs: { count: { inputs: {}, fn: ({ n }) => [{ n: tf.add(n, 1) }, { n }] } }
    })
    await Promise.all([1, 2, 3].map(() => programs.count.runAsync()))
    assert.strictEqual(state.n.data[0], 3)
  })

  it("runs the same asynchronously on the CPU", async () => {
    const { programs, state } = compile(TfjsEngine.cpu())
    await programs.step.runAsync()
    assert.deepStrictEqual([...state.a.data, ...state.b.data], [10, 20, 1, 2])
  })

  it("refuses a backend that is not there, naming those that are", async () => {
    const error = await TfjsEngine.make("nowhere").catch((cause: unknown) => cause)
    assert.instanceOf(error, EngineError)
    assert.match(error.message, /tfjs:nowhere: .* no backend "nowhere" .*cpu.*tfjs-backend-nowhere/)
  })

  it("refuses a kernel that the backend lacks when it links, with the user's line", async () => {
    const engine = await TfjsEngine.make("poor")
    const program = () =>
      Program.compile(engine, {
        state: {},
        programs: { f: { inputs: NdArray.spec([2]), fn: (state, x) => [state, tf.tanh(x)] } }
      })
    assert.throws(program, EngineError, /no kernel Tanh, asked for at .*TfjsEngine\.test\.ts:\d+/)
  })
})
