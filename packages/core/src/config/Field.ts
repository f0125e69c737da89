/** Fields of option schemas: defaults that hold for decoding and for construction alike, and the usual bounds. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Config from "./Config.ts"
import * as Mistake from "./Mistake.ts"

// models

/** What `make` of a part takes: its options, those with a default optional. */
export type Input<S extends Schema.Top> = S["~type.make.in"]

// schemas

export const positive = Schema.Finite.check(Schema.isGreaterThan(0))

export const nonNegative = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

export const positiveInt = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))

export const nonNegativeInt = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** A count or size that a machine can hold: from `minimum` to `maximum`, both included. */
export const intBetween = (minimum: number, maximum: number) =>
  Schema.Int.check(Schema.isGreaterThanOrEqualTo(minimum), Schema.isLessThanOrEqualTo(maximum))

/** From 0 to 1, both included. */
export const unitInterval = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

// combinators

/** A field that may be left out: one default, shown in the JSON Schema. */
export const withDefault =
  <S extends Schema.Top & Schema.WithoutConstructorDefault & { readonly Rebuild: S }>(
    value: S["Type"] & S["~type.make.in"]
  ) =>
  (schema: S) =>
    schema
      .annotate({ default: value })
      .pipe(
        Schema.withConstructorDefault(Effect.succeed(value)),
        Schema.withDecodingDefaultTypeKey(Effect.succeed(value))
      )

/** A decoded value is one that the schema's constructor takes, too. */
const isValue = <S extends Schema.Top>(schema: S, value: unknown): value is S["Type"] & S["~type.make.in"] =>
  Schema.is(schema)(value)

/** The same for a schema whose type is open. Throws a `TypeError` where the default is none of its values. */
export const withDefaultOf =
  <S extends Schema.Top & Schema.WithoutConstructorDefault & { readonly Rebuild: S }>(value: unknown) =>
  (schema: S) => {
    if (!isValue(schema, value)) throw new TypeError("the default is no value of its schema")
    return schema.pipe(withDefault(value))
  }

// constructors

const STRICT = { errors: "all", onExcessProperty: "error", reportInput: true } as const

/** The options of a part, defaults filled in, or all that is wrong with them. */
export const result = <S extends Schema.Top>(
  part: string,
  schema: S,
  input: Input<S>
): Result.Result<S["Type"], Config.ConfigError> =>
  Result.mapError(
    Effect.runSync(Effect.result(schema.makeEffect(input, { parseOptions: STRICT }))),
    (issue) => new Config.ConfigError({ part, ...Mistake.fromIssue(schema, issue) })
  )

/**
 * The same; throws a `ConfigError` that names every mistake.
 *
 * ```ts
 * Field.make("pendulum", Options, { timeLimit: 0.5 }) // options of pendulum: timeLimit: expected an integer, got 0.5
 * ```
 */
export const make = <S extends Schema.Top>(part: string, schema: S, input: Input<S>): S["Type"] => {
  const made = result(part, schema, input)
  if (Result.isFailure(made)) throw made.failure
  return made.success
}
