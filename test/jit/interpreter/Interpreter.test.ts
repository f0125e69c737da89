/**
 * The seam between planning and code: a second set of code for the same operations, on a machine that shares everything
 * and cuts anywhere, passes the suite of every engine with the bits of `wasm`.
 */
import type { Engine } from "@ornstein/jit/Engine"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Program from "@ornstein/jit/Program"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import type { Op } from "@ornstein/jit/internal/plan/index"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import * as Beside from "../Beside.ts"
import { conforms } from "../Conforms.ts"
import * as DdpgUpdate from "../DdpgUpdate.ts"
import { Draw } from "../Draw.ts"
import * as Interpreter from "./Interpreter.ts"

/** The interpreter, every call of which is made on `wasm` too. NaN is NaN: what it computes has no bits of its own. */
const beside = (options: Interpreter.Options): Engine =>
  Beside.make(Interpreter.make(options), WasmEngine.make(), "numbers")

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
    assert.throws(() => run({ ...Interpreter.runs, [tag]: () => {} }), RangeError, "beside it")
  })
})
