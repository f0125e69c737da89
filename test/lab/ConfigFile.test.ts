import { assert, describe, it } from "@effect/vitest"
import * as ConfigFile from "@ornstein/lab/ConfigFile"
import { Result } from "effect"

const parsed = (path: string, text: string): unknown => Result.getOrThrow(ConfigFile.parse(path, text))

describe("parse", () => {
  const value = {
    environment: { kind: "pendulum" },
    algorithm: { base: "ddpg", hidden: [64, 32], tau: 0.005 }
  }

  it("reads the same from JSON, YAML and TOML", () => {
    const yaml =
      "environment: { kind: pendulum }\nalgorithm:\n  base: ddpg\n  hidden:\n    - 64\n    - 32\n  tau: 5e-3\n"
    const toml = `[environment]\nkind = "pendulum"\n[algorithm]\nbase = "ddpg"\nhidden = [64, 32]\ntau = 0.005\n`
    assert.deepStrictEqual(parsed("a.json", JSON.stringify(value)), value)
    assert.deepStrictEqual(parsed("a.yaml", yaml), value)
    assert.deepStrictEqual(parsed("a.YML", yaml), value)
    assert.deepStrictEqual(parsed("a.toml", toml), value)
  })

  it("leaves $schema to editors, at the top only", () => {
    assert.deepStrictEqual(parsed("a.json", `{ "$schema": "./s.json", "a": { "$schema": 1 } }`), {
      a: { $schema: 1 }
    })
  })

  it("leaves what is no record as it is", () => assert.deepStrictEqual(parsed("a.json", "[1]"), [1]))

  it.each([
    ["a.json", `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`],
    ["a.yaml", `a: ${"[".repeat(50_000)}${"]".repeat(50_000)}`]
  ])("refuses %s where it is nested too deep, in those words", (path, text) => {
    const error = Result.getOrThrow(Result.flip(ConfigFile.parse(path, text)))
    assert.match(error.message, /nested (more than 100|too) deep/)
  })

  it.each([
    ["a.json", "{"],
    ["a.yaml", "a: ["],
    ["a.toml", "a ="],
    ["a.json", `{ "a": 1, "b": { "c": 1, "c": 2 } }`],
    ["a.yaml", "a: 1\nb: 2\na: 3\n"],
    ["a.yaml", "a: { b: 1, b: 2 }"],
    ["a.toml", "a = 1\na = 2\n"],
    ["a.toml", "[a]\nb = 1\n[a]\nc = 2\n"],
    ["a.txt", "{}"],
    ["json", "{}"]
  ])("refuses %s with the text %j", (path, text) => {
    const error = Result.getOrThrow(Result.flip(ConfigFile.parse(path, text)))
    assert.strictEqual(error._tag, "ConfigFileError")
    assert.include(error.message, path)
  })
})
