/** Slots of a schema, filled with parts that it does not know. */
import { Config, Field, Ramp, Slot } from "@ornstein/core"
import { Result, Schema } from "effect"
import { assert, describe, it } from "vitest"

/** Its options do not say what it becomes. */
const wild = Ramp.make("wild", {
  description: "a number whatever the place allows",
  source: "this test",
  options: (_value: Schema.Finite) => ({
    most: Field.nonNegative.annotate({ description: "where it stays" })
  }),
  example: { most: 1 },
  make: ({ most }) => ({ at: () => most, least: 0, most })
})

const Options = Schema.Struct({ rates: Schema.Array(Schema.Struct({ tau: Ramp.timed(Ramp.unitInterval) })) })

const filled = Slot.filled(Options, [Ramp.fill(Ramp.kinds.with(wild))])

const decode = (tau: unknown) =>
  Config.decode({ schema: filled, rules: [], example: {} }, { rates: [{ tau }] })

describe("a filled slot", () => {
  it("takes the part at any depth, and what is made of it is what it does", () => {
    const { rates } = Result.getOrThrow(decode({ kind: "wild", most: 0.5, per: "update" }))
    const [rate] = rates
    assert.deepEqual({ ...Object(rate?.tau) }, { kind: "wild", most: 0.5, per: "update" })
    assert.strictEqual(Ramp.at(rate?.tau ?? 0, 3), 0.5)
    assert.isTrue(Schema.is(Options)({ rates }), "where the slot was declared, it is taken as well")
  })

  it("refuses what is beyond the bounds of its place, and what nobody knows", () => {
    const said = (tau: unknown): string => String(Result.getOrThrow(Result.flip(decode(tau))))
    assert.match(said({ kind: "wild", most: 2 }), /rates\.0\.tau: .*may become 2; expected/)
    assert.match(said({ kind: "wild", mots: 1 }), /did you mean "rates\.0\.tau\.most"/)
    assert.match(said({ kind: "wlid", most: 1 }), /did you mean "wild"/)
  })

  it("is closed where nobody has filled it", () => {
    const isTaken = Schema.is(Options)
    assert.isFalse(isTaken({ rates: [{ tau: { kind: "wild", most: 0.5 } }] }))
    assert.isTrue(isTaken({ rates: [{ tau: Ramp.kinds.choose(wild, { most: 0.5 }) }] }))
    assert.isFalse(isTaken({ rates: [{ tau: Ramp.kinds.choose(wild, { most: 2 }) }] }))
  })

  it("says in JSON Schema what it takes, and nothing is anything", () => {
    const text = JSON.stringify(Schema.toJsonSchemaDocument(filled, { onExcessProperty: "error" }))
    assert.include(text, `"wild"`)
    assert.notInclude(text, "{}]")
    assert.notInclude(text, ",{},")
  })
})
