import { assert, it } from "@effect/vitest"
import * as Field from "@ornstein/core/Field"
import * as Schema from "effect/Schema"

const Options = Schema.Struct({
  kind: Schema.tag("part"),
  rate: Field.positive.pipe(Field.withDefault(0.5)),
  count: Field.positiveInt
})

it("fills in defaults, for construction and for decoding", () => {
  const expected = { kind: "part", rate: 0.5, count: 3 } as const
  assert.deepStrictEqual(Field.make("part", Options, { count: 3 }), expected)
  assert.deepStrictEqual(Schema.decodeUnknownSync(Options)({ kind: "part", count: 3 }), expected)
})

it("shows defaults in the JSON Schema", () => {
  assert.include(JSON.stringify(Schema.toJsonSchemaDocument(Options)), `"default":0.5`)
})

it("names every mistake at once", () => {
  assert.throws(
    () => Field.make("part", Options, { rate: 0, count: 1.5 }),
    /^options of part: rate: .*; count: expected an integer.*, got 1.5$/u
  )
})
