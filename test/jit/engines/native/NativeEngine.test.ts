/** The engine `native` on both levels: every bit is that of `wasm`. */
import { type Engine, EngineError } from "@ornstein/jit/Engine"
import * as NativeEngine from "@ornstein/jit/NativeEngine"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Program from "@ornstein/jit/Program"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as tf from "@tensorflow/tfjs-core"
import { readFileSync } from "node:fs"
import { getHeapStatistics, setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { assert, describe, it } from "vitest"
import * as Beside from "../../Beside.ts"
import { conforms } from "../../Conforms.ts"
import * as DdpgUpdate from "../../DdpgUpdate.ts"
import { Draw } from "../../Draw.ts"
import * as Everything from "../../Everything.ts"
import * as Native from "../../Native.ts"
import * as RandomProgram from "../../RandomProgram.ts"

/** How many random programs are compared on each level; more find rarer faults. */
const PROGRAMS = Number(process.env["RANDOM_PROGRAMS"] ?? 40)

const sizes: DdpgUpdate.Sizes = { batch: 64, hidden: [64, 64], observation: 3, action: 1 }
const tinySizes: DdpgUpdate.Sizes = { batch: 8, hidden: [8, 8], observation: 3, action: 1 }
const odd: DdpgUpdate.Sizes = { batch: 33, hidden: [100, 51], observation: 17, action: 6 }

/** Collects what nobody holds any more. */
const collector = (): (() => void) => {
  setFlagsFromString("--expose-gc")
  return runInNewContext("gc")
}

const beside = (options: NativeEngine.Options): Engine => Beside.wasm({ shareAbove: 0, ...options })

Native.onLevels("the engine native", (level) => {
  it("names what computes", () => {
    const engine = NativeEngine.make({ level })
    assert.deepInclude(engine, { name: "native", synchronous: true, libraries: { level } })
    assert.strictEqual(NativeEngine.make({ level, fused: true }).name, "native:fused")
  })

  it("has every kernel's bits on 1 to 4 threads", () => {
    const expected = Everything.results(WasmEngine.make())
    for (const threads of [1, 2, 3, 4]) {
      const found = Everything.results(NativeEngine.make({ level, threads, shareAbove: 0 }))
      assert.deepStrictEqual(found, expected, `${threads} threads`)
    }
  })

  it("has the bits of updates of odd sizes, on 1 to 4 threads", () => {
    for (const threads of [1, 2, 3, 4]) {
      const learner = DdpgUpdate.compile(beside({ level, threads }), odd)
      for (let n = 0; n < 4; n++) {
        DdpgUpdate.drawBatch(learner, n)
        learner.programs.update.run()
        learner.programs.act.run()
      }
      learner.dispose()
    }
  })

  it("has the bits of a training of 2,000 updates that they have always been", () => {
    assert.strictEqual(DdpgUpdate.trained(NativeEngine.make({ level }), 2000, sizes), DdpgUpdate.HASH)
  })

  it(`has the bits of ${PROGRAMS} random programs, over three calls`, { timeout: 3_600_000 }, () => {
    for (let seed = 0; seed < PROGRAMS; seed++) {
      const { program, state } = RandomProgram.make(5000 + seed)
      const engine = beside({ level, threads: seed % 8 === 0 ? 1 + ((seed / 8) % 4) : 1 })
      const compiled = Program.compile(engine, { state, programs: { program } })
      const draw = new Draw(seed)
      for (const { data } of Object.values(compiled.state))
        data.forEach((_, i) => (data[i] = 2 * draw.unit() - 1))
      for (let call = 0; call < 3; call++) {
        for (const { data } of Object.values(compiled.programs.program.inputs)) {
          data.forEach((_, i) => (data[i] = 2 * draw.unit() - 1))
        }
        compiled.programs.program.run()
      }
      compiled.dispose()
    }
  })

  it("has the bits of numbers that are not finite, or too small to be normal, whatever their sign and payload", () => {
    const compiled = Program.compile(beside({ level }), {
      state: { m: NdArray.zeros([16, 16]) },
      programs: {
        program: {
          inputs: { x: NdArray.spec([16, 16]), y: NdArray.spec([16, 16]) },
          fn: ({ m }: { m: tf.Tensor }, { x, y }) => [
            { m: tf.add(tf.mul(m, 0.5), tf.mul(x, 2 ** -70)) },
            [
              ...[tf.add, tf.sub, tf.mul, tf.div, tf.maximum, tf.minimum, tf.pow].map((f) => f(x, y)),
              ...[tf.exp, tf.tanh, tf.relu, tf.abs, tf.sqrt, tf.square, tf.neg, tf.sign].map((f) => f(x)),
              tf.cast(x, "int32"),
              tf.matMul(x, y),
              tf.matMul(x, y, true),
              tf.matMul(x, y, false, true),
              ...[0, 1].flatMap((axis) => [
                tf.sum(x, axis),
                tf.max(y, axis),
                tf.min(x, axis),
                tf.mean(x, axis),
                tf.argMax(x, axis)
              ])
            ]
          ]
        }
      }
    })
    const { inputs, run } = compiled.programs.program
    const words = [inputs.x, inputs.y].map(
      ({ data }) => new Uint32Array(data.buffer, data.byteOffset, data.length)
    )
    const special = [
      0, 0x80000000, 1, 0x80000001, 0x7fffff, 0x807fffff, 0x800000, 0x7f7fffff, 0xff7fffff, 0x7f800000,
      0xff800000, 0x7fc00000, 0xffc00000, 0x7fc12345, 0xffd54321, 0x3f800000, 0xbf800000, 0x00000100,
      0x20000000
    ]
    const draw = new Draw(9)
    for (let round = 0; round < 200; round++) {
      // Mostly numbers, so that sums do not drown in NaN.
      const often = round % 4
      for (const word of words) {
        word.forEach((_, i) => {
          word[i] =
            draw.int(0, often * 12) === 0
              ? special[draw.int(0, special.length - 1)]!
              : draw.int(0x38000000, 0x44000000) + (draw.bool() ? 0x80000000 : 0)
        })
      }
      run()
    }
    compiled.dispose()
  })

  it("allocates nothing in the first calls after linking", () => {
    const gc = collector()
    const growth = (calls: number): number => {
      const { dispose, programs } = DdpgUpdate.compile(NativeEngine.make({ level }), tinySizes)
      gc()
      getHeapStatistics()
      const before = getHeapStatistics().used_heap_size
      for (let call = 0; call < calls; call++) programs.update.run()
      const after = getHeapStatistics().used_heap_size
      dispose()
      return after - before
    }
    // Code that V8 has compiled beside us meanwhile counts too: then once more.
    const least = (calls: number, enough: number) => {
      let least = Number.POSITIVE_INFINITY
      for (let i = 0; i < 30 && least >= enough; i++) least = Math.min(least, growth(calls))
      return least
    }
    const most = least(0, 1000) + 400
    // V8 compiles its way to an imported function after 1,000 calls; before that each costs 24 bytes.
    assert.isBelow(least(400, most), most)
  })

  it("allocates nothing in a call", () => {
    const { dispose, programs } = DdpgUpdate.compile(NativeEngine.make({ level }), sizes)
    const measure = () => {
      const before = process.memoryUsage().heapUsed
      for (let call = 0; call < 50_000; call++) programs.act.run()
      return (process.memoryUsage().heapUsed - before) / 50_000
    }
    measure()
    assert.isBelow(Math.min(measure(), measure(), measure()), 1)
    dispose()
  })
})

Native.here("the engine native", (best) => {
  describe("3 threads", () => conforms(beside({ level: best, threads: 3 }), 1, (tolerance) => tolerance))

  const tiny = (options: NativeEngine.Options = {}) =>
    Program.compile(NativeEngine.make(options), {
      state: { m: NdArray.zeros([8]) },
      programs: { step: { inputs: {}, fn: ({ m }: { m: tf.Tensor }) => [{ m: tf.add(m, 1) }, {}] } }
    })

  const maps = () =>
    readFileSync("/proc/self/maps", "utf8")
      .split("\n")
      .filter((line) => line.includes(" r-xp "))

  it("frees its code: compiling and disposing again and again leaves nothing behind", () => {
    const cycle = (times: number) => {
      for (let i = 0; i < times; i++) {
        const { dispose, programs } = tiny()
        programs.step.run()
        dispose()
      }
    }
    cycle(50)
    const before = maps().length
    cycle(200)
    assert.isAtMost(maps().length, before + 2)
  })

  it("is refused after it was disposed, also with threads", () => {
    for (const threads of [1, 2]) {
      const { dispose, programs, state } = tiny({ threads, shareAbove: 0 })
      programs.step.run()
      dispose()
      dispose()
      assert.throws(() => programs.step.run(), EngineError, "engine native: the program was called after")
      assert.deepStrictEqual(
        [...state.m.data],
        Array.from({ length: 8 }, () => 1)
      )
    }
  })

  it("frees the code of programs that were forgotten, and keeps that of those that can be called", async () => {
    const gc = collector()
    const { run } = tiny().programs.step
    const before = maps().length
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 10; i++) tiny().programs.step.run()
      gc()
      await new Promise((resolve) => setTimeout(resolve, 0))
      run()
    }
    assert.isAtMost(maps().length, before + 40)
  })

  it("refuses levels that are none, or that the processor does not have", () => {
    assert.throws(
      () => NativeEngine.make(JSON.parse('{ "level": "sse" }')),
      EngineError,
      "there is no level sse"
    )
    assert.throws(() => NativeEngine.make(JSON.parse('{ "levels": 1 }')), EngineError, "no option levels")
    assert.throws(() => NativeEngine.make({ threads: 0 }), EngineError, "engine native: threads is 0")
    if (best === "avx2") {
      assert.throws(() => NativeEngine.make({ level: "avx512" }), EngineError, "the processor has avx2")
    }
  })

  it("has other bits with fused products, the same on every level and for every number of threads", () => {
    const hashes = Native.levels.flatMap((level) =>
      [1, 3].map((threads) => DdpgUpdate.trained(NativeEngine.make({ level, threads, fused: true }), 60, odd))
    )
    assert.strictEqual(new Set(hashes).size, 1)
    assert.notStrictEqual(hashes[0], DdpgUpdate.trained(NativeEngine.make(), 60, odd))
  })
})
