/** Fields of option schemas: defaults that hold for decoding and for construction alike, and the usual bounds. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

// models

/** What `make` of a part takes: its options, those with a default optional. */
export type Input<S extends Schema.Top> = S["~type.make.in"]

// schemas

export const positive = Schema.Finite.check(Schema.isGreaterThan(0))

export const nonNegative = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

export const positiveInt = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))

export const nonNegativeInt = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

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
