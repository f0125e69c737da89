/** Configuration files: JSON, YAML or TOML, by their ending. */
import * as Fault from "@ornstein/core/Fault"
import * as FileWords from "@ornstein/core/FileWords"
import * as JsonText from "@ornstein/core/JsonText"
import * as RegularFile from "@ornstein/core/RegularFile"
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Place from "../place/Place.ts"
import * as Toml from "effect/encoding/Toml"
import * as Yaml from "effect/encoding/Yaml"

// errors

/** A configuration file that cannot be read or is not written in its format. */
export class ConfigFileError
  extends Schema.TaggedError<ConfigFileError>()("ConfigFileError", { path: Schema.String, ...Fault.fields })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get where(): string {
    return this.path
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// pure core

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const yaml = (text: string): Result.Result<unknown, string> =>
  Result.try({
    try: () => Yaml.parse(text),
    // The parser goes one call deeper with every level.
    catch: (cause) => (cause instanceof RangeError ? "it is nested too deep" : reasonOf(cause))
  })

/** All of them refuse a key that stands twice in one place. */
const parsers: { readonly [ending: string]: (text: string) => Result.Result<unknown, string> } = {
  ".json": (text) => Result.mapError(JsonText.parse(text), ({ reason }) => reason),
  ".yaml": yaml,
  ".yml": yaml,
  ".toml": (text) => Result.mapError(Toml.parse(text), reasonOf)
}

/** The value that a file's text stands for. `$schema`, by which editors find the schema, is no part of it. */
export const parse = (path: string, text: string): Result.Result<unknown, ConfigFileError> => {
  const ending = Object.keys(parsers).find((ending) => path.toLowerCase().endsWith(ending))
  const parser = ending === undefined ? undefined : parsers[ending]
  if (ending === undefined || parser === undefined) {
    const reason = "has none of the endings .json, .yaml, .yml, .toml"
    return Result.fail(new ConfigFileError({ path, what: reason, fix: "Name it after its format" }))
  }
  return Result.map(
    Result.mapError(
      parser(text),
      (reason) =>
        new ConfigFileError({ path, what: reason, fix: `Write it as ${ending.slice(1).toUpperCase()}` })
    ),
    (value) => {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return value
      return Object.fromEntries(Object.entries(value).filter(([key]) => key !== "$schema"))
    }
  )
}

// reading

/** Reads a configuration: that of a run, or one that a person has named, where links are followed. */
export const read = Effect.fn("ConfigFile.read")(function* (
  path: string,
  links: RegularFile.Options["links"] = "refused"
) {
  const paths = yield* Path.Path
  const text = yield* RegularFile.readText(paths.resolve(path), { most: RegularFile.SMALL, links }).pipe(
    Effect.catch((error) =>
      Effect.gen(function* () {
        const isOfRun = yield* Place.isRun(path)
        return yield* new ConfigFileError({
          path,
          what: FileWords.said(error),
          fix: isOfRun
            ? `Give the configuration of that run, ${paths.join(path, "config.json")}`
            : "Give --config the path of a JSON, YAML or TOML file"
        })
      })
    )
  )
  return yield* Effect.fromResult(parse(path, text))
})
