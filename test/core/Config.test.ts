import { assert, describe, it } from "@effect/vitest"
import * as Config from "@ornstein/core/Config"
import * as Field from "@ornstein/core/Field"
import * as JsonPath from "@ornstein/core/JsonPath"
import * as Mistake from "@ornstein/core/Mistake"
import * as SharedSchema from "@ornstein/core/internal/config/SharedSchema"
import { Effect, Result, Schema } from "effect"

const Noise = Schema.Union([
  Schema.Struct({ kind: Schema.tag("none") }),
  Schema.Struct({ kind: Schema.tag("gaussian"), sigma: Field.nonNegative.pipe(Field.withDefault(0.1)) }),
  Schema.Struct({
    kind: Schema.tag("walk"),
    sigma: Field.nonNegative.pipe(Field.withDefault(0.2)),
    theta: Field.positive.pipe(Field.withDefault(0.15))
  })
])

const Learner = Schema.Struct({
  tau: Schema.Finite.check(Schema.isGreaterThan(0)).pipe(Field.withDefault(0.005)),
  hidden: Schema.NonEmptyArray(Field.positiveInt).pipe(Field.withDefault([64, 32] as const)),
  loss: Schema.Literals(["squared", "huber"]).pipe(Field.withDefault("squared" as const))
})

const Options = Schema.Struct({
  batch: Field.positiveInt.pipe(Field.withDefault(8)),
  capacity: Field.positiveInt.annotate({ description: "transitions kept" }).pipe(Field.withDefault(100)),
  learner: Learner.pipe(Field.withDefault(Learner.make({}))),
  noise: Noise.pipe(Field.withDefault({ kind: "none" }))
})

const definition: Config.Definition<typeof Options> = {
  schema: Options,
  rules: [
    {
      path: "batch",
      reads: ["capacity"],
      check: ({ batch, capacity }) =>
        batch > capacity ? `expected at most capacity (${capacity})` : undefined
    }
  ],
  example: { ...Options.make({}) }
}

const mistakes = (input: unknown): ReadonlyArray<Mistake.Mistake> => {
  const decoded = Config.decode(definition, input)
  return Result.isFailure(decoded) ? decoded.failure.mistakes : []
}

const paths = (input: unknown): ReadonlyArray<string> => mistakes(input).map(({ path }) => path)

describe("decode", () => {
  it("fills in every default", () => {
    assert.deepStrictEqual(
      Result.getOrThrow(Config.decode(definition, { noise: { kind: "gaussian" } })),
      Options.make({ noise: { kind: "gaussian", sigma: 0.1 } })
    )
  })

  it("names every mistake at once, with the value given", () => {
    const given = {
      batch: 200,
      learner: { tau: 0, hidden: [64, 0.5], loss: "hubber", momentum: 1 },
      noise: { kind: "gausian" },
      capcity: 3
    }
    assert.deepStrictEqual(
      [...mistakes(given)].sort((a, b) => (a.path < b.path ? -1 : 1)),
      [
        { path: "batch", allowed: "expected at most capacity (100)", given: "200" },
        { path: "capcity", allowed: "unknown key", given: "3", suggestion: "capacity" },
        {
          path: "learner.hidden.1",
          allowed: "expected an integer and a value greater than or equal to 1",
          given: "0.5"
        },
        {
          path: "learner.loss",
          allowed: 'expected one of "squared", "huber"',
          given: '"hubber"',
          suggestion: "huber"
        },
        { path: "learner.momentum", allowed: "unknown key", given: "1" },
        { path: "learner.tau", allowed: "expected a value greater than 0", given: "0" },
        {
          path: "noise.kind",
          allowed: 'expected one of "none", "gaussian", "walk"',
          given: '"gausian"',
          suggestion: "gaussian"
        }
      ]
    )
  })

  it("finds where a key belongs that is unknown where it stands", () => {
    assert.deepStrictEqual(mistakes({ tau: 0.1 }), [
      { path: "tau", allowed: "unknown key", given: "0.1", suggestion: "learner.tau" }
    ])
  })

  it("tells a rule's mistake once: not where one of its fields is mistaken itself", () => {
    assert.deepStrictEqual(paths({ batch: 200, capacity: 0 }), ["capacity"])
    assert.deepStrictEqual(paths({ batch: 200, noise: 3 }), ["noise", "batch"])
  })

  it("reads what stands beside a mistake, not the example's", () => {
    assert.deepStrictEqual(paths({ batch: 20, capacity: 10, learner: { tau: 0 } }), ["learner.tau", "batch"])
  })

  it.each([undefined, null, 3, "x", []])("refuses %j as a whole", (input) =>
    assert.deepStrictEqual(paths(input), [""])
  )

  it("knows no key of an object's prototype", () => {
    const input: unknown = JSON.parse(`{ "__proto__": { "batch": 1 }, "constructor": 1 }`)
    assert.deepStrictEqual(paths(input), ["__proto__", "constructor"])
  })

  it.effect("has a line for each mistake in its message", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.fromResult(Config.decode(definition, { batch: 0, tau: 1 })))
      assert.strictEqual(error._tag, "ConfigError")
      assert.strictEqual(
        error.message,
        [
          "2 mistakes in the configuration:",
          `  tau: unknown key, got 1; did you mean "learner.tau"?`,
          "  batch: expected a value greater than or equal to 1, got 0"
        ].join("\n")
      )
    })
  )
})

describe("decode, of hostile inputs, answers at once", () => {
  /** Words in lists, each list nine times in the next: 9^9 words in nine lines of YAML. */
  const bomb = Array.from({ length: 9 }).reduce<unknown>(
    (inner) => Array.from({ length: 9 }, () => inner),
    "word"
  )
  const nested = Array.from({ length: 100_000 }).reduce<unknown>((inner) => ({ inner }), 1)
  const cyclic: { [key: string]: unknown } = {}
  cyclic["self"] = cyclic

  it.each([
    ["a list of lists of lists", { learner: bomb }, /at most 300000 values/],
    ["100,000 objects inside each other", { learner: nested }, /at most 32 objects/],
    ["an object inside itself", { learner: cyclic }, /at most 32 objects/]
  ])("%s", (_, input, allowed) => {
    const [mistake, ...others] = mistakes(input)
    assert.match(mistake?.allowed ?? "", allowed)
    assert.deepStrictEqual(others, [])
  })

  it("200,000 unknown keys: some are named, the rest are counted", () => {
    const input = Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`key${i}`, i]))
    const decoded = Config.decode(definition, input)
    const error = Result.isFailure(decoded) ? decoded.failure : undefined
    assert.strictEqual(error?.mistakes.length, 30)
    assert.include(error?.message, "200000 mistakes")
    assert.include(error?.message, "and 199970 more")
  })
})

describe("tags", () => {
  it.each([
    ["no tag", { sigma: -1 }, ["noise.kind: required, but missing", "noise.sigma: expected a value greater"]],
    [
      "no tag and a key of no kind",
      { sgima: 1 },
      ["noise.kind: required", 'noise.sgima: unknown key, got 1; did you mean "noise.sigma"?']
    ],
    ["an unknown tag", { kind: "brown", theta: 0 }, ["noise.kind: expected one of", "noise.theta: expected"]],
    [
      "a mistyped tag",
      { kind: "gausian", theta: 1 },
      ["noise.kind: expected", 'noise.theta: no key of this kind; "walk" has it']
    ],
    [
      "another kind's key",
      { kind: "none", sigma: 1 },
      ['noise.sigma: no key of this kind; one of "gaussian", "walk" has it']
    ]
  ])("%s hides no mistake beside it", (_, noise, expected) => {
    const lines = mistakes({ noise }).map((mistake) => Mistake.line(mistake))
    assert.strictEqual(lines.length, expected.length, lines.join("\n"))
    expected.forEach((line, i) => assert.include(lines[i], line))
  })
})

describe("decodeWith", () => {
  const linesOf = (...texts: ReadonlyArray<string>): ReadonlyArray<string> => {
    const decoded = Config.decodeWith(definition, {}, texts)
    return Result.isFailure(decoded) ? decoded.failure.mistakes.map((mistake) => Mistake.line(mistake)) : []
  }

  it("applies overrides in order", () => {
    const config = Result.getOrThrow(
      Config.decodeWith(definition, {}, ["noise.kind=walk", "noise.theta=2", "learner.hidden.2=5"])
    )
    assert.deepStrictEqual(config.noise, { kind: "walk", sigma: 0.2, theta: 2 })
    assert.deepStrictEqual(config.learner.hidden, [64, 32, 5])
  })

  it.each([
    [["batch=3", "batch=4"], "batch: is set twice; set it once"],
    [['noise={"kind":"none"}', "noise.kind=walk"], "noise.kind: is set beside noise; set one of them"],
    [["noise.kind=walk", 'noise={"kind":"none"}'], "noise: is set beside noise.kind"],
    [['noise={"kind":"none","kind":"walk"}'], 'noise: the key "kind" stands twice in one object'],
    [["learner.hidden.999999999=1"], "learner.hidden.999999999: expected an index from 0 to 2"],
    [["learner.hidden.3=1"], "learner.hidden.3: expected an index from 0 to 2"],
    [["learner.hidden=[1,2"], "learner.hidden: is neither JSON nor YAML in one line"],
    [["noise={kind: walk, kind: none}"], "noise: is neither JSON nor YAML in one line"],
    [
      ["learner.hidden=[64]", "learner.hidden.4=3"],
      "learner.hidden.4: is set beside learner.hidden; set one of them"
    ],
    [[`${"a.".repeat(100_000)}b=1`], "set: expected path=value"]
  ])("refuses %j", (texts, expected) => {
    const lines = linesOf(...texts)
    assert.strictEqual(lines.length, 1, lines.join("\n"))
    assert.include(lines[0], expected)
  })

  it("tells mistakes of the overrides and of the configuration together", () => {
    assert.deepStrictEqual(
      linesOf("batch=0", "learner.tau=0.1", "learner.tau=0.2", "nonsense").map((line) => line.split(":")[0]),
      ["set", "learner.tau", "batch"]
    )
  })
})

describe("override", () => {
  const overridden = (input: unknown, ...texts: ReadonlyArray<string>): unknown =>
    Config.override(
      definition,
      input,
      texts.map((text) => Result.getOrThrow(Config.parseOverride(text)))
    )

  it("reads values as JSON, and plain words as they are", () => {
    const valueOf = (text: string) => Result.getOrThrow(Config.parseOverride(text)).value
    assert.strictEqual(valueOf("a=3"), 3)
    assert.strictEqual(valueOf("a=huber"), "huber")
    assert.strictEqual(valueOf("a=b=c"), "b=c")
    assert.deepStrictEqual(valueOf(`a={"kind":"none"}`), { kind: "none" })
    assert.strictEqual(valueOf("a="), "")
  })

  it.each(["tau", "=3", "a..b=3", ""])("refuses %j, which is no assignment", (text) =>
    assert.isTrue(Result.isFailure(Config.parseOverride(text)))
  )

  it("sets fields, creates paths and applies in order", () => {
    const config = Result.getOrThrow(
      Config.decode(definition, overridden({}, "learner.tau=0.1", "batch=3", "batch=4"))
    )
    assert.strictEqual(config.learner.tau, 0.1)
    assert.strictEqual(config.batch, 4)
  })

  it("names items of arrays by index, also of a default", () => {
    assert.deepStrictEqual(overridden({}, "learner.hidden.1=5"), { learner: { hidden: [64, 5] } })
    assert.deepStrictEqual(paths(overridden({}, "learner.hidden.3=5")), ["learner.hidden.2"])
  })

  it("keeps what both kinds have when a part becomes of another kind", () => {
    const input = { noise: { kind: "gaussian", sigma: 3 } }
    const decoded = (...texts: ReadonlyArray<string>) =>
      Result.getOrThrow(Config.decode(definition, overridden(input, ...texts))).noise
    assert.deepStrictEqual(decoded("noise.kind=none"), { kind: "none" })
    assert.deepStrictEqual(decoded("noise.kind=gaussian"), { kind: "gaussian", sigma: 3 })
    assert.deepStrictEqual(decoded("noise.kind=walk", "noise.theta=2"), { kind: "walk", sigma: 3, theta: 2 })
    assert.deepStrictEqual(decoded("noise.kind=none", "noise.kind=walk"), {
      kind: "walk",
      sigma: 0.2,
      theta: 0.15
    })
  })

  it("keeps a mistaken field beside a new kind for `decode` to find", () => {
    assert.deepStrictEqual(paths(overridden({}, "noise.kind=gaussian", "noise.theta=2")), ["noise.theta"])
  })

  it("leads nowhere with a suggestion", () => {
    assert.deepInclude(mistakes(overridden({}, "learner.tua=1")), {
      path: "learner.tua",
      allowed: "unknown key",
      given: "1",
      suggestion: "learner.tau"
    })
  })

  it("repairs an input that is wrong without it", () => {
    assert.deepStrictEqual(paths(overridden({ batch: 0 }, "batch=3")), [])
  })
})

describe("hash", () => {
  it("does not see the order of keys", () => {
    assert.strictEqual(
      Config.hash({ a: 1, b: { c: 2, d: [3, 4] } }),
      Config.hash({ b: { d: [3, 4], c: 2 }, a: 1 })
    )
  })

  it("sees every value, and the order of items", () => {
    assert.notStrictEqual(Config.hash({ a: 1 }), Config.hash({ a: 2 }))
    assert.notStrictEqual(Config.hash({ a: [1, 2] }), Config.hash({ a: [2, 1] }))
  })

  it("is SHA-256 of the canonical JSON", () => {
    // printf '{"a":1,"b":2}' | sha256sum
    assert.strictEqual(
      Config.hash({ b: 2, a: 1 }),
      "43258cff783fe7036d8a43033f830adfc60ec037382473548ac742b888292777"
    )
  })
})

describe("a JSON Schema without repetition", () => {
  const long = (name: string) => ({
    type: "object",
    properties: { kind: { type: "string", enum: [name] }, more: { type: "string", enum: ["x".repeat(300)] } },
    required: ["kind"]
  })
  const repeated = {
    type: "object",
    properties: {
      a: { ...long("one"), description: "the first", default: { kind: "one" } },
      b: { anyOf: [{ type: "number" }, long("one")] },
      c: { type: "array", items: long("two"), prefixItems: [long("two")] },
      d: long("three"),
      /** A field that is called like a keyword. */
      items: { type: "string" },
      e: { type: "string", default: long("three") }
    }
  }

  it("defines once what is long and stands twice, and keeps what is said of its places", () => {
    const { definitions, schema } = SharedSchema.share(repeated)
    const more = { type: "string", enum: ["x".repeat(300)] }
    assert.deepStrictEqual(definitions, {
      part: more,
      one: {
        ...long("one"),
        properties: { kind: { type: "string", enum: ["one"] }, more: { $ref: "#/$defs/part" } }
      },
      two: {
        ...long("two"),
        properties: { kind: { type: "string", enum: ["two"] }, more: { $ref: "#/$defs/part" } }
      }
    })
    const { a, b, c, d, e } = {
      a: undefined,
      b: undefined,
      c: undefined,
      d: undefined,
      e: undefined,
      ...Object(schema["properties"])
    }
    assert.deepStrictEqual(a, { $ref: "#/$defs/one", description: "the first", default: { kind: "one" } })
    assert.deepStrictEqual(b, { anyOf: [{ type: "number" }, { $ref: "#/$defs/one" }] })
    assert.deepStrictEqual(c, {
      type: "array",
      items: { $ref: "#/$defs/two" },
      prefixItems: [{ $ref: "#/$defs/two" }]
    })
    assert.deepStrictEqual(JsonPath.at(d, "properties.more"), { $ref: "#/$defs/part" })
    // What is a value, not a schema, stays as it is.
    assert.deepStrictEqual(e, { type: "string", default: long("three") })
  })

  it("leaves alone what stands once, or is short", () => {
    const plain = { type: "object", properties: { a: { type: "number" }, b: { type: "number" } } }
    assert.deepStrictEqual(SharedSchema.share(plain), { schema: plain, definitions: {} })
  })
})

describe("jsonSchema", () => {
  const schema = Config.jsonSchema(definition, "Test")

  it("shows defaults, bounds and descriptions, refuses unknown keys, allows $schema", () => {
    const { properties } = schema
    assert.strictEqual(schema["additionalProperties"], false)
    assert.deepInclude(JsonPath.at(properties, "capacity"), {
      type: "integer",
      default: 100,
      minimum: 1,
      description: "transitions kept"
    })
    assert.strictEqual(JsonPath.at(properties, "learner.properties.tau.exclusiveMinimum"), 0)
    assert.deepStrictEqual(JsonPath.at(properties, "$schema"), { type: "string" })
  })
})
