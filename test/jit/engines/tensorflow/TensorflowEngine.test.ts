import { Engine } from "@ornstein/jit"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Program from "@ornstein/jit/Program"
import * as Addon from "@ornstein/jit/internal/engines/tensorflow/Addon"
import * as Session from "@ornstein/jit/internal/engines/tensorflow/Session"
import * as TensorflowEngine from "@ornstein/jit/TensorflowEngine"
import * as tf from "@tensorflow/tfjs-core"
import { createHash } from "node:crypto"
import { assert, describe, it } from "vitest"
import { device, onTensorflow, tensorflow } from "../../../engines.ts"
import { conforms } from "../../Conforms.ts"
import * as DdpgUpdate from "../../DdpgUpdate.ts"

if (tensorflow instanceof Engine.EngineError) console.warn(`skipped: ${tensorflow.message}`)
// TensorFlow takes numbers below 2^-126 for 0. On a GPU the same is asked in TensorflowGpu.test.ts.
else if (device === "cpu") conforms(tensorflow, 3, (tolerance) => tolerance, 2 ** -126, true, false)

const sizes = { batch: 16, hidden: [32, 32], observation: 3, action: 1 }

/** The numbers of the state after some updates. */
const trained = (engine: Engine.Engine, updates: number): string => {
  const compiled = DdpgUpdate.compile(engine, sizes)
  for (let n = 0; n < updates; n++) {
    DdpgUpdate.drawBatch(compiled, n)
    compiled.programs.update.run()
  }
  compiled.pull()
  const hash = createHash("sha256")
  for (const { w, b } of [...compiled.state.actor.online, ...compiled.state.critic.online]) {
    hash.update(w.data).update(b.data)
  }
  compiled.dispose()
  return hash.digest("hex")
}

const refusal = (f: () => unknown): Engine.EngineError => {
  try {
    f()
  } catch (cause) {
    if (cause instanceof Engine.EngineError) return cause
    throw cause
  }
  return assert.fail("it was not refused")
}

onTensorflow("the state", (engine) => {
  const compile = () =>
    Program.compile(engine(), {
      state: { total: NdArray.make([2], [1, 2]), count: NdArray.scalar(0) },
      programs: {
        add: {
          inputs: { x: NdArray.spec([2]) },
          fn: ({ count, total }, { x }) => [
            { total: tf.add(total, x), count: tf.add(count, 1) },
            { before: total, after: tf.add(total, x) }
          ]
        },
        swap: {
          inputs: {},
          fn: ({ count, total }) => [
            { total: tf.concat([tf.slice(total, [1]), tf.slice(total, [0], [1])]), count },
            {}
          ]
        }
      }
    })

  it("stays on the device between calls, and is read and written when asked", () => {
    const compiled = compile()
    const { add, swap } = compiled.programs
    add.inputs.x.data.set([10, 20])
    add.run()
    assert.deepStrictEqual([...add.outputs.before.data], [1, 2])
    assert.deepStrictEqual([...add.outputs.after.data], [11, 22])
    swap.run()
    assert.deepStrictEqual([...compiled.state.total.data], [1, 2], "not read yet")
    compiled.pull()
    assert.deepStrictEqual([...compiled.state.total.data, ...compiled.state.count.data], [22, 11, 1])
    compiled.state.total.data.set([5, 6])
    add.run()
    assert.deepStrictEqual([...add.outputs.before.data], [22, 11], "not written yet")
    compiled.push()
    compiled.state.total.data.fill(99)
    add.run()
    assert.deepStrictEqual([...add.outputs.before.data], [5, 6], "a copy was written")
    compiled.dispose()
  })

  it("does not share the memory of an input that it was set to", () => {
    const size = 1 << 16
    const compiled = Program.compile(engine(), {
      state: { w: NdArray.zeros([size]) },
      programs: {
        set: { inputs: { x: NdArray.spec([size]) }, fn: (_, { x }) => [{ w: x }, {}] },
        sum: { inputs: {}, fn: (state) => [state, { sum: tf.sum(state.w) }] }
      }
    })
    const { set, sum } = compiled.programs
    set.inputs.x.data.fill(1)
    set.run()
    set.inputs.x.data.fill(7)
    sum.run()
    assert.strictEqual(sum.outputs.sum.data[0], size)
    compiled.dispose()
  })

  it("may be empty", () => {
    const compiled = Program.compile(engine(), {
      state: {},
      programs: { two: { inputs: {}, fn: (state) => [state, { two: tf.scalar(2) }] } }
    })
    compiled.push()
    compiled.pull()
    compiled.programs.two.run()
    assert.strictEqual(compiled.programs.two.outputs.two.data[0], 2)
    compiled.dispose()
  })

  it("belongs to one compiled module", async () => {
    const [one, other] = [compile(), compile()]
    one.programs.add.run()
    one.dispose()
    await other.programs.add.runAsync()
    other.pull()
    assert.deepStrictEqual([...other.state.count.data], [1])
    other.dispose()
    assert.match(refusal(one.programs.add.run).message, /used after `dispose\(\)`/)
  })

  it("leaves no tensors behind", () => {
    const before = tf.memory().numTensors
    trained(engine(), 3)
    assert.strictEqual(tf.memory().numTensors, before)
  })
})

onTensorflow("updates", (engine) => {
  it("have the same bits in every run", () => {
    assert.strictEqual(trained(engine(), 300), trained(engine(), 300))
  })

  it("keep the number of tensors and the resident memory over 20,000 of them", async () => {
    const compiled = DdpgUpdate.compile(engine(), sizes)
    DdpgUpdate.drawBatch(compiled, 0)
    const run = (updates: number): number => {
      for (let n = 0; n < updates; n++) compiled.programs.update.run()
      return process.memoryUsage.rss()
    }
    run(4000)
    const { tensors } = await TensorflowEngine.probe({ device })
    const before = run(1000)
    const growth = run(20_000) - before
    assert.strictEqual((await TensorflowEngine.probe({ device })).tensors, tensors)
    // One lost minibatch of 64 bytes a call would be 1.3 MB, one lost tensor of the network 80 MB.
    assert.isBelow(growth, 16 * 2 ** 20)
    compiled.dispose()
  }, 300_000)
})

onTensorflow("what is refused", (engine) => {
  it.runIf(device === "cpu")("a GPU where there is none, saying what is missing", async () => {
    const library = await Addon.load({ device: "cpu" })
    assert.strictEqual(Session.ask("cpu", library).device, "CPU")
    const error = refusal(() => Session.ask("gpu", library))
    assert.match(error.reason, /ran nothing on a GPU \(/)
    assert.match(String(error.cause), /GPU:0/)
  })

  // A GPU refuses no index.
  it.runIf(device === "cpu")("what TensorFlow refuses while it runs, with its words", () => {
    const compiled = Program.compile(engine(), {
      state: {},
      programs: {
        gather: {
          inputs: { x: NdArray.spec([3]), i: NdArray.spec([1], "int32") },
          fn: (state, { i, x }) => [state, tf.gather(x, i)]
        }
      }
    })
    compiled.programs.gather.inputs.i.data[0] = 7
    assert.match(refusal(compiled.programs.gather.run).reason, /TensorFlow refused: .*7/)
    compiled.dispose()
  })

  it("other threads and the other package, once the library is loaded", async () => {
    const other: Addon.DeviceName = device === "cpu" ? "gpu" : "cpu"
    const messages = await Promise.all(
      [{ device, threads: 63 }, { device: other }].map((options) =>
        TensorflowEngine.make(options).then(
          () => "nothing",
          (cause: unknown) => String(cause)
        )
      )
    )
    assert.match(messages[0] ?? "", /loaded with its own choice of threads/)
    assert.match(messages[1] ?? "", /only one of the two packages/)
  })
})

describe("what can be missing", () => {
  const missing = (code: string | undefined, message: string) =>
    Addon.importError("gpu", Object.assign(new Error(message), { code }))

  it.each([
    [
      "the package",
      missing("ERR_MODULE_NOT_FOUND", "Cannot find package '@tensorflow/tfjs-node-gpu' imported from x"),
      /is not installed/,
      /npm install --ignore-scripts @tensorflow\/tfjs-node-gpu@4\.22\.0/
    ],
    [
      "the package, in a bundler's words",
      missing(undefined, 'Could not resolve "@tensorflow/tfjs-node-gpu" imported by "@ornstein/jit".'),
      /is not installed/,
      /--ignore-scripts/
    ],
    [
      "its addon",
      missing(
        undefined,
        "The Node.js native addon module (tfjs_binding.node) can not be found at path: /x. \nPlease"
      ),
      /was not built/,
      /ornstein native build .*--gpu/
    ],
    [
      "a library",
      missing("ERR_DLOPEN_FAILED", "libcudart.so.12: cannot open shared object file: No such file"),
      /does not load: libcudart\.so\.12/,
      /Install what it names/
    ],
    ["anything else", missing(undefined, "boom"), /does not load: boom/, /ornstein doctor/]
  ])("%s", (_, error, reason, fix) => {
    assert.strictEqual(error.engine, "tensorflow:gpu")
    assert.match(error.reason, reason)
    assert.match(error.fix, fix)
  })

  it("threads that are no number of threads", async () => {
    for (const threads of [0, 1.5, Number.NaN]) {
      const refused = await TensorflowEngine.make({ device: "cpu", threads }).then(
        () => "nothing",
        (cause: unknown) => String(cause)
      )
      assert.match(refused, /threads is/)
    }
  })
})
