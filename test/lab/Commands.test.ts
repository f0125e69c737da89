import { assert, describe, it } from "@effect/vitest"
import * as Algorithms from "@ornstein/algos/Registry"
import * as JsonPath from "@ornstein/core/JsonPath"
import { Effect } from "effect"
import * as Terminal from "./Terminal.ts"

describe("ornstein algos", () => {
  it.live("lists every algorithm and variant with its paper", () =>
    Effect.gen(function* () {
      const { code, out } = yield* Terminal.ornstein("algos")
      assert.strictEqual(code, 0)
      const text = out.join("\n")
      for (const { name, paper } of Algorithms.entries) {
        assert.include(text, name)
        if (paper !== undefined) assert.include(text, paper.link)
      }
      const json = yield* Terminal.ornstein("algos", "--json")
      assert.deepStrictEqual(JSON.parse(json.out[0]!), JSON.parse(JSON.stringify(Algorithms.entries)))
    })
  )
})

describe("ornstein schema", () => {
  it.live("prints JSON Schema with defaults, bounds and every kind", () =>
    Effect.gen(function* () {
      const { code, out } = yield* Terminal.ornstein("schema")
      assert.strictEqual(code, 0)
      const schema: unknown = JSON.parse(out.join("\n"))
      assert.strictEqual(JsonPath.at(schema, "$schema"), "https://json-schema.org/draft/2020-12/schema")
      assert.strictEqual(JsonPath.at(schema, "additionalProperties"), false)
      assert.deepStrictEqual(JsonPath.at(schema, "required"), ["environment"])
      assert.strictEqual(JsonPath.at(schema, "properties.training.properties.steps.default"), 10_000)
      assert.include(JSON.stringify(JsonPath.at(schema, "properties.environment")), `"mountainCarContinuous"`)
    })
  )
})

describe("ornstein doctor", () => {
  it.live("examines the machine, and its engines by computing with them", () =>
    Effect.gen(function* () {
      const { out } = yield* Terminal.ornstein("doctor")
      const text = out.join("\n")
      assert.match(text, /ok +engine wasm +computes/)
      assert.match(text, /ok +engine tfjs:cpu +computes/)
      assert.include(text, process.versions.node)
      const json = yield* Terminal.ornstein("doctor", "--json")
      assert.isArray(JSON.parse(json.out[0]!))
    })
  )
})

describe("ornstein", () => {
  it.live("suggests the command that was meant", () =>
    Effect.gen(function* () {
      const { code, err, out } = yield* Terminal.ornstein("trian")
      assert.strictEqual(code, 2)
      assert.match([...out, ...err].join("\n"), /train/)
    })
  )
})
