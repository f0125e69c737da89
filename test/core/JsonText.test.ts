import { assert, describe, it } from "@effect/vitest"
import * as JsonText from "@ornstein/core/JsonText"
import { Result } from "effect"

describe("parse", () => {
  it.each([
    "3",
    '"a"',
    "[]",
    '{ "a": 1, "b": { "a": 2 }, "c": [{ "a": 3 }, { "a": 4 }] }',
    '{ "a": "\\"a\\": 1, {", "b": "a" }',
    '{ "a\\\\": 1, "a": 2 }',
    '["a", "a"]',
    '{ "x": ["a", "a", { "x": "a" }], "y": "a" }'
  ])("reads %s as JSON does", (text) =>
    assert.deepStrictEqual(JsonText.parse(text), Result.succeed(JSON.parse(text)))
  )

  it.each([
    ['{ "a": 1, "a": 2 }', "a"],
    ['{ "a": 1, "\\u0061": 2 }', "a"],
    ['[{ "b": { "c": [1, { "d": [] }], "e": 1, "c" : 2 } }]', "c"],
    ['{ "__proto__": 1, "__proto__": 2 }', "__proto__"],
    ['{ "a": "}", "a": "{" }', "a"]
  ])("refuses %s, whose key %s stands twice", (text, key) => {
    const parsed = JsonText.parse(text)
    assert.isTrue(Result.isFailure(parsed) && parsed.failure.isJson)
    assert.include(Result.isFailure(parsed) ? parsed.failure.reason : "", `"${key}" stands twice`)
  })

  it.each(["", "{", "{a: 1}", '{ "a": 1, }'])("refuses %j, which is no JSON", (text) => {
    const parsed = JsonText.parse(text)
    assert.isTrue(Result.isFailure(parsed) && !parsed.failure.isJson)
  })
})
