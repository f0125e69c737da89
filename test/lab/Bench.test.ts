import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { ornstein } from "./Terminal.ts"

const Result = Schema.fromJsonString(
  Schema.Struct({
    milliseconds: Schema.Finite.check(Schema.isGreaterThan(0)),
    gflops: Schema.Finite.check(Schema.isGreaterThan(0)),
    peakFraction: Schema.Finite.check(Schema.isGreaterThan(0)),
    compileMilliseconds: Schema.Finite.check(Schema.isGreaterThan(0)),
    allocatedBytesPerCall: Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))
  })
)

describe("ornstein bench update", () => {
  it.live("prints one JSON object with what it measured", () =>
    Effect.gen(function* () {
      const { code, out } = yield* ornstein("bench", "update", "--batch", "8", "--hidden", "8,8", "--json")
      assert.strictEqual(code, 0)
      assert.lengthOf(out, 1)
      yield* Schema.decodeEffect(Result)(out[0] ?? "")
    })
  )

  it.live("refuses sizes that nothing holds, at once", () =>
    Effect.gen(function* () {
      for (const [flag, value, told] of [
        ["--hidden", "999999999", "widths from 1 to 1000000, joined by commas, 100 at most, got 999999999"],
        ["--hidden", "100000,100000", "GiB fit"],
        ["--batch", "1000000", "GiB fit"],
        ["--batch", "1000000000000", "less than or equal to 1000000"],
        ["--observation", "1e12", "observation"],
        ["--hidden", Array.from({ length: 5000 }, () => "1").join(","), "hidden"]
      ] as const) {
        const { code, err, out } = yield* ornstein("bench", "update", flag, value)
        assert.strictEqual(code, 2, `${flag} ${value}`)
        assert.include([...err, ...out].join("\n"), told)
      }
    })
  )

  it.live("refuses threads of an engine that has none", () =>
    Effect.gen(function* () {
      const { code, err } = yield* ornstein("bench", "update", "--engine", "tfjs:cpu", "--threads", "2")
      assert.strictEqual(code, 2)
      assert.include(err.join("\n"), "threads: no key of this kind")
    })
  )

  it.live.each([
    ["--batch", "0", "ornstein bench update: --batch: expected a value greater than or equal to 1, got 0"],
    ["--hidden", "8,x", "ornstein bench update: --hidden: expected widths from 1"],
    [
      "--threads",
      "0",
      "ornstein bench update: --threads: expected a value greater than or equal to 1, got 0"
    ],
    ["--engine", "gpu", "ornstein bench update: --engine: expected one of auto, native, native:fused"],
    ["--engine", "tfjs", "ornstein bench update: --engine: expected perhaps tfjs:cpu, one of auto"],
    ["--engine", "wasm:relaxed:x", "ornstein bench update: --engine: expected perhaps wasm:relaxed, one of"]
  ] as const)("refuses %s %s by the name of the flag", ([flag, value, told]) =>
    Effect.gen(function* () {
      const { code, err, out } = yield* ornstein("bench", "update", flag, value)
      assert.strictEqual(code, 2)
      assert.deepStrictEqual(out, [])
      assert.isTrue(err[0]?.startsWith(told), err[0])
    })
  )
})
