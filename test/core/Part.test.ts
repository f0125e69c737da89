/** Parts and catalogues: what a part says of itself is what a configuration is held to. */
import { assert, describe, it } from "@effect/vitest"
import * as Catalogue from "@ornstein/core/Catalogue"
import * as Config from "@ornstein/core/Config"
import * as Field from "@ornstein/core/Field"
import * as Part from "@ornstein/core/Part"
import { Result, Schema } from "effect"

const constant = Part.make("constant", {
  description: "one number",
  source: "arithmetic",
  options: { value: Field.positive.annotate({ description: "the number" }).pipe(Field.withDefault(1)) },
  example: { value: 3 },
  make: ({ value }) => [value]
})

const range = Part.make("range", {
  description: "whole numbers in order",
  source: { authors: "Peano", year: 1889, title: "Arithmetices principia", link: "https://example.org" },
  departures: ["begins where it is told"],
  options: {
    from: Field.nonNegativeInt.annotate({ description: "the first" }).pipe(Field.withDefault(0)),
    count: Field.positiveInt.annotate({ description: "how many" })
  },
  requires: [
    { at: "count", check: ({ count, from }) => (count > from ? undefined : `expected more than ${from}`) },
    {
      at: "",
      reads: ["learner.gamma"],
      check: (_, { learner }) =>
        learner.gamma === 0 ? "is not for learners that look no further" : undefined
    }
  ],
  example: { from: 1, count: 2 },
  make: ({ count, from }) => Array.from({ length: count }, (_, i) => from + i)
})

/** Two forms, which a second tag tells apart. */
const walk = Part.from(
  [
    Schema.Struct({ kind: Schema.tag("walk"), rule: Schema.Literal("up") }),
    Schema.Struct({ kind: Schema.tag("walk"), rule: Schema.Literal("down"), by: Field.positive })
  ],
  {
    description: "steps",
    source: "arithmetic",
    example: { rule: "down", by: 2 },
    make: (options) => (options.rule === "up" ? [1] : [-options.by])
  }
)

const numbers = Catalogue.of<ReadonlyArray<number>>("list of numbers").with(constant, range, walk)

const Options = Schema.Struct({
  one: numbers.schema,
  all: Schema.Array(numbers.schema).pipe(Field.withDefault([])),
  gamma: Field.unitInterval.pipe(Field.withDefault(0.9))
})

const world = {
  id: "W-v0",
  observation: 1,
  action: 1,
  isDiscrete: false,
  hasGoals: false,
  timeLimit: undefined
}

const facts = ({ gamma }: typeof Options.Type): Part.Facts => ({
  world,
  learner: { base: "ddpg", gamma, isOnPolicy: false },
  training: { lanes: 1 }
})

const definition: Config.Definition<typeof Options> = {
  schema: Options,
  rules: [...Catalogue.rules(numbers, "one", facts), ...Catalogue.rules(numbers, "all", facts)],
  example: { one: { kind: "constant" } }
}

const lines = (input: unknown): ReadonlyArray<string> => {
  const decoded = Config.decode(definition, input)
  return Result.isFailure(decoded) ? decoded.failure.message.split("\n").slice(1) : []
}

describe("a part", () => {
  it("is made of options that are checked, the rest at their defaults", () => {
    assert.deepStrictEqual(Part.of(range, { count: 3 }), [0, 1, 2])
    assert.deepStrictEqual(Part.of(walk, { rule: "down", by: 2 }), [-2])
    assert.throws(() => Part.of(range, { count: 0 }), /^options of range: count: expected .* got 0$/)
    // @ts-expect-error an option that it does not have
    assert.throws(() => Part.of(range, { count: 1, fo: 2 }), /^options of range: fo: unknown key/)
  })

  it("is made of no other part's options", () => {
    assert.deepStrictEqual(constant.construct({ kind: "constant", value: 2 }), [2])
    assert.throws(() => constant.construct({ kind: "range", from: 0, count: 1 }), TypeError)
    assert.throws(() => constant.construct({ kind: "constant", value: -1 }), TypeError)
  })
})

describe("a catalogue", () => {
  it("gives a precise union, and makes what was chosen", () => {
    const options: typeof numbers.schema.Type = Schema.decodeUnknownSync(numbers.schema)({
      kind: "range",
      count: 2
    })
    if (options.kind === "range") {
      const count: number = options.count
      assert.strictEqual(count, 2)
    }
    assert.deepStrictEqual(numbers.make(options), [0, 1])
    assert.strictEqual(numbers.partOf(options).description, "whole numbers in order")
    // @ts-expect-error no part has this name
    assert.throws(() => numbers.make({ kind: "rnge" }), TypeError)
  })

  it("tells apart, suggests and lists its parts, also those with several forms", () => {
    assert.deepStrictEqual(lines({ one: { kind: "rnge", count: 2 } }), [
      '  one.kind: expected one of "constant", "range", "walk", got "rnge"; did you mean "range"?'
    ])
    assert.deepStrictEqual(lines({ one: { kind: "walk" } }), [
      '  one.rule: required, but missing: one of "up", "down"'
    ])
    assert.deepStrictEqual(lines({ one: { kind: "range", count: 2, vaule: 3 } }), [
      "  one.vaule: unknown key, got 3"
    ])
    assert.deepStrictEqual(
      numbers.parts.map(({ kind }) => kind),
      ["constant", "range", "walk"]
    )
  })

  it("grows without being changed", () => {
    const pair = Part.make("pair", {
      description: "two",
      source: "arithmetic",
      options: {},
      example: {},
      make: () => [1, 2]
    })
    const more = numbers.with(pair)
    assert.deepStrictEqual(more.make({ kind: "pair" }), [1, 2])
    assert.isUndefined(numbers.find("pair"))
    assert.throws(() => more.with(pair), Catalogue.DuplicatePart, 'a list of numbers "pair" already')
  })

  it("takes no part that makes something else", () => {
    const word = Part.make("word", {
      description: "a word",
      source: "a dictionary",
      options: {},
      example: {},
      make: () => "word"
    })
    // @ts-expect-error it makes no list of numbers
    assert.strictEqual(numbers.with(word).parts.length, 4)
  })
})

describe("what parts require", () => {
  it("is asked of one that was chosen, and of each in a list, and shown at the field", () => {
    assert.deepStrictEqual(lines({ one: { kind: "range", from: 2, count: 2 } }), [
      "  one.count: expected more than 2, got 2"
    ])
    const all = [
      { kind: "constant" },
      { kind: "range", from: 9, count: 2 },
      { kind: "range", from: 9, count: 3 }
    ]
    assert.deepStrictEqual(lines({ one: { kind: "constant" }, all }), [
      "  all.1.count: expected more than 9, got 2",
      "  all.2.count: expected more than 9, got 3"
    ])
  })

  it("may read the rest of the experiment, and is not asked while that is mistaken", () => {
    const input = { one: { kind: "range", count: 2 } }
    assert.deepStrictEqual(lines({ ...input, gamma: 0 }), [
      '  one.kind: is not for learners that look no further, got "range"'
    ])
    assert.deepStrictEqual(lines({ ...input, one: { kind: "range", count: 0 } }), [
      "  one.count: expected a value greater than or equal to 1, got 0"
    ])
  })
})
