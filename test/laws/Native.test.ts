/** The engine `native` changes no bit of a run, and either engine goes on where the other one stopped. */
import { assert, describe, it } from "@effect/vitest"
import * as Engine from "@ornstein/core/Engine"
import * as NativeEngine from "@ornstein/jit/NativeEngine"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import { Effect } from "effect"
import { join } from "node:path"
import * as Native from "../jit/Native.ts"
import * as Terminal from "../lab/Terminal.ts"
import * as TinyRun from "../lab/TinyRun.ts"
import { train } from "./Pendulum.ts"

Native.onLevels("a training on native", (level) => {
  const native = (threads = 1) => NativeEngine.make({ level, threads, shareAbove: 0 })

  it.effect.each([1, 3])("has every bit of one on wasm, on %i threads", (threads) =>
    Effect.gen(function* () {
      const expected = yield* train()
      const found = yield* train({}, undefined, native(threads))
      assert.strictEqual(found.state, expected.state)
      assert.strictEqual(found.parameters, expected.parameters)
      assert.deepStrictEqual(found.reports, expected.reports)
    })
  )

  it.effect.each([30, 255])("goes on at step %i where wasm stopped, and the other way round", (steps) =>
    Effect.gen(function* () {
      const { state } = yield* train()
      const onWasm = yield* train({ steps }, undefined, WasmEngine.make())
      assert.strictEqual((yield* train({}, onWasm.saved, native())).state, state)
      const onNative = yield* train({ steps }, undefined, native())
      assert.strictEqual((yield* train({}, onNative.saved, WasmEngine.make())).state, state)
    })
  )
})

Native.here("a run on native", () => {
  const engines = [
    ["wasm", "native"],
    ["native", "wasm"],
    ["auto", "wasm"]
  ] as const

  it.live.each(engines)("of %s is verified, resumed and evaluated on %s", ([own, other]) =>
    TinyRun.inDirectory((path, run) =>
      Effect.gen(function* () {
        assert.strictEqual((yield* TinyRun.train(path, run, "--set", `engine.kind=${own}`)).code, 0)
        assert.strictEqual(TinyRun.at(run, "versions.engine"), own === "auto" ? "native" : own)
        const verified = yield* Terminal.ornstein("verify", run, "--engine", other)
        assert.strictEqual(verified.code, 0, verified.err.join("\n"))
        const half = `${run}-half`
        TinyRun.rewound(run, half, 200)
        const resumed = yield* Terminal.ornstein("resume", half, "--engine", other)
        assert.strictEqual(resumed.code, 0, resumed.err.join("\n"))
        assert.deepStrictEqual(TinyRun.course(half), TinyRun.course(run))
        assert.strictEqual(TinyRun.at(half, "versions.engine"), other)
        const evaluated = yield* Effect.forEach([own, other], (engine) =>
          Terminal.ornstein("evaluate", run, "--engine", engine, "--json")
        )
        const [first, second] = evaluated.map(({ out }) => JSON.parse(out.join("")).evaluation)
        assert.deepStrictEqual(second, first)
      })
    )
  )

  it.live.each(["wasm:relaxed", "native:fused", "tfjs:cpu"])(
    "is not verified or resumed on %s, which has other bits",
    (engine) =>
      TinyRun.inDirectory((path, run) =>
        Effect.gen(function* () {
          yield* TinyRun.train(path, run)
          for (const command of ["verify", "resume"]) {
            const { code, err } = yield* Terminal.ornstein(command, run, "--engine", engine)
            assert.strictEqual(code, 2)
            assert.match(err.join("\n"), /the bits of \w+ are not those of auto, which the run was made with/)
          }
        })
      )
  )
})

describe("the engine auto", () => {
  it.live("takes wasm where no code can be loaded; doctor says why, and native is refused", () =>
    TinyRun.inDirectory((path, run) =>
      Effect.gen(function* () {
        const nowhere = ["TMPDIR=/proc/nowhere"]
        const train = ["train", "--config", join(path, "tiny.json"), "--out"]
        const { code } = yield* Terminal.spawnedWith(path, nowhere, [...train, run])
        assert.strictEqual(code, 0)
        assert.strictEqual(TinyRun.at(run, "versions.engine"), "wasm")
        const { out } = yield* Terminal.spawnedWith(path, nowhere, ["doctor"])
        assert.match(out.join("\n"), /note +engine native +.+: auto chooses wasm, whose bits are the same\. /)
        const refused = yield* Terminal.spawnedWith(path, nowhere, [
          ...train,
          `${run}-native`,
          "--set",
          "engine.kind=native"
        ])
        assert.strictEqual(refused.code, 1)
        assert.match(refused.err.join("\n"), /^engine native: [^\n]+$/m)
      })
    )
  )

  it.effect("is native where the machine has it, else wasm; its layers too", () =>
    Effect.gen(function* () {
      const expected = Native.levels.length > 0 ? "native" : "wasm"
      const opened = yield* Engine.open({ kind: "auto", threads: 2 })
      const layered = yield* Effect.provide(Engine.Engine, Engine.layerAuto())
      assert.deepStrictEqual([opened.name, layered.name], [expected, expected])
    }).pipe(Effect.scoped)
  )

  it("knows whose bits are the same", () => {
    const exact = [{ kind: "auto" }, { kind: "native", fused: false }, { kind: "wasm", relaxed: false }]
    const other = [
      { kind: "native", fused: true },
      { kind: "wasm", relaxed: true },
      { kind: "tfjs" },
      { kind: "mine" }
    ]
    assert.deepStrictEqual([...exact, ...other].map(Engine.isExact), [
      true,
      true,
      true,
      false,
      false,
      false,
      false
    ])
  })
})
