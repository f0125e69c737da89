/**
 * The seam between planning and code: a second set of code for the same operations, on a machine that shares everything
 * and cuts anywhere, passes the suite of every engine with the bits of `wasm`.
 */
import { type Engine, untilDisposed } from "@ornstein/jit/Engine"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Program from "@ornstein/jit/Program"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import type { Op } from "@ornstein/jit/internal/plan/index"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import { conforms } from "../Conforms.ts"
import * as DdpgUpdate from "../DdpgUpdate.ts"
import { Draw } from "../Draw.ts"
import * as Interpreter from "./Interpreter.ts"

type Arrays = ReadonlyMap<string, NdArray.NdArray>

const copy = (from: Arrays, to: Arrays): void => {
  for (const [path, { data }] of from) to.get(path)?.data.set(data)
}

/** NaN is NaN, whatever its bits: WebAssembly leaves them open. */
const assertSame = (what: string, found: Arrays, expected: Arrays): void => {
  assert.deepStrictEqual([...found.keys()], [...expected.keys()])
  for (const [path, { data }] of found) {
    const other = expected.get(path)!.data
    const place = data.findIndex((x, i) => !Object.is(x, other[i]))
    if (place >= 0) {
      throw new RangeError(`${what} ${path}[${place}] is ${data[place]}, on wasm ${other[place]}`)
    }
  }
}

/** The interpreter, every call of which is made on `wasm` too and compared. */
const beside = (options: Interpreter.Options): Engine => {
  const interpreter = Interpreter.make(options)
  const wasm = WasmEngine.make()
  return {
    name: "interpreter",
    synchronous: true,
    link: (module) => {
      const [own, other] = [interpreter.link(module), wasm.link(module)]
      return untilDisposed("interpreter", {
        ...own,
        programs: new Map(
          Array.from(own.programs, ([name, program]) => {
            const reference = other.programs.get(name)!
            const run = () => {
              copy(own.state, other.state)
              copy(program.inputs, reference.inputs)
              program.run()
              reference.run()
              assertSame("state", own.state, other.state)
              assertSame("output", program.outputs, reference.outputs)
            }
            return [name, { ...program, run, runAsync: () => Promise.resolve().then(run) }]
          })
        ),
        dispose: () => {
          own.dispose()
          other.dispose()
        }
      })
    }
  }
}

const interpreted = new Set<Op.Tag>()
const shared = new Set<Op.Tag>()

conforms(
  beside({
    threads: 3,
    onRun: (tag, threads) => {
      interpreted.add(tag)
      if (threads === 3) shared.add(tag)
    }
  }),
  2,
  (tolerance) => tolerance
)

const tags: ReadonlyArray<Op.Tag> = [
  "Elementwise",
  "Gather",
  "Movement",
  "OneHot",
  "Product",
  "Reduction",
  "Scan",
  "SegmentSum"
]

describe("the seam", () => {
  it("has nothing that the suite does not come to", () => {
    assert.deepStrictEqual([...interpreted].sort(), [...tags])
    assert.deepStrictEqual([...shared].sort(), [...tags])
    assert.deepStrictEqual(Object.keys(Interpreter.runs).sort(), [...tags])
  })

  it("gives whole updates the bits of wasm", () => {
    const learner = DdpgUpdate.compile(beside({ threads: 3 }), {
      batch: 33,
      hidden: [20, 17],
      observation: 5,
      action: 3
    })
    for (let n = 0; n < 4; n++) {
      DdpgUpdate.drawBatch(learner, n)
      learner.programs.update.run()
    }
    learner.dispose()
  })

  it("sums in the same order: large numbers cancel, and what is left shows it", () => {
    const shape = [8, 22, 6]
    const draw = new Draw(5)
    for (const axes of [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]]) {
      const compiled = Program.compile(beside({ threads: 2 }), {
        state: {},
        programs: {
          sums: {
            inputs: { x: NdArray.spec(shape) },
            fn: (state: {}, { x }) => [state, [tf.sum(x, axes), tf.mean(x, axes)]]
          }
        }
      })
      const count = axes.reduce((product, axis) => product * shape[axis]!, 1)
      for (let call = 0; call < 10; call++) {
        // Along the axes: a number, its negative somewhere behind it, and small ones between.
        const line = Array.from({ length: count }, () => draw.unit())
        for (let i = 0; i < count / 10; i++) {
          const [a, b] = [draw.int(0, count - 1), draw.int(0, count - 1)]
          if (a === b || line[a]! > 1 || line[b]! > 1 || line[a]! < 0 || line[b]! < 0) continue
          line[a] = 2 ** draw.int(46, 52)
          line[b] = -line[a]
        }
        const { x } = compiled.programs.sums.inputs
        x.data.forEach((_, i) => {
          const index = [Math.floor(i / 132), Math.floor(i / 6) % 22, i % 6]
          x.data[i] = line[axes.reduce((place, axis) => place * shape[axis]! + index[axis]!, 0)]!
        })
        compiled.programs.sums.run()
      }
      compiled.dispose()
    }
  })

  it("settles what lasts, and nothing else, when it is too small", () => {
    const numbers = [1e-38, -1e-38, 2e-38, 4e-45, -0, 0, 1]
    const compiled = Program.compile(beside({ threads: 1 }), {
      state: { m: NdArray.make([numbers.length], numbers) },
      programs: {
        decay: { inputs: {}, fn: ({ m }: { m: tf.Tensor }) => [{ m: tf.mul(m, 0.9) }, { y: tf.mul(m, 0.8) }] }
      }
    })
    for (let call = 0; call < 3; call++) compiled.programs.decay.run()
    compiled.dispose()
  })

  it.each(tags)("is seen to be wrong where %s is", (tag) => {
    const run = (runs: Interpreter.Runs) => {
      const compiled = Program.compile(beside({ threads: 2, runs }), {
        state: {},
        programs: {
          all: {
            inputs: { x: NdArray.spec([9, 10]), ids: NdArray.spec([9], "int32") },
            fn: (state: {}, { ids, x }) => [
              state,
              [
                tf.exp(x),
                tf.matMul(x, x, true),
                tf.sum(x, 0),
                tf.cumsum(x, 1),
                tf.transpose(x),
                tf.gather(x, ids),
                tf.grad((z: tf.Tensor) => tf.sum(tf.gather(z, ids)))(x),
                tf.oneHot(tf.cast(ids, "int32"), 10)
              ]
            ]
          }
        }
      })
      const { ids, x } = compiled.programs.all.inputs
      x.data.forEach((_, i) => (x.data[i] = ((i * 7) % 11) / 5 + 0.1))
      ids.data.forEach((_, i) => (ids.data[i] = (i * 3) % 9))
      compiled.programs.all.run()
      compiled.dispose()
    }
    run(Interpreter.runs)
    assert.throws(() => run({ ...Interpreter.runs, [tag]: () => {} }), RangeError, "on wasm")
  })
})
