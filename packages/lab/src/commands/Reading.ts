/** Commands whose line is read to its end: all its wrong values are told at once, not the first alone. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import type * as Param from "effect/cli/Param"

// pure core

/** The same parameter, read in another way; describe it before: descriptions make parameters anew. */
export const readBy = <P extends Param.Any>(param: P, parse: P["parse"]): P => {
  const other: P = Object.create(param, { parse: { value: parse } })
  return other
}

/** Everything that is wrong with the values of one line. */
const mistakesOf = Effect.fnUntraced(function* (params: ReadonlyArray<Param.Any>, args: Param.ParsedArgs) {
  const errors: Array<CliError.NonShowHelpErrors> = []
  let left = args.arguments
  // How many words an argument takes whose value is wrong, nobody knows.
  let isCounted = true
  for (const param of params) {
    const read = yield* Effect.result(param.parse({ flags: args.flags, arguments: left }))
    if (Result.isSuccess(read)) left = read.success[0]
    else {
      const { failure } = read
      for (const error of failure._tag === "ShowHelp" ? failure.errors : [failure]) errors.push(error)
      if (param.kind === "argument") {
        left = left.slice(1)
        isCounted = false
      }
    }
  }
  const excess = isCounted && left.length > 0 ? [new CliError.UnexpectedArgument({ arguments: left })] : []
  return [...errors, ...excess]
})

/** The parameters, of which the first sees to the others: none is read where one is wrong. */
const together = <const Config extends Record<string, Param.Any>>(
  commandPath: ReadonlyArray<string>,
  config: Config
): Config => {
  const [first] = Object.entries(config)
  if (first === undefined) return config
  const [name, param] = first
  const parse = (args: Param.ParsedArgs) =>
    Effect.gen(function* () {
      const errors = yield* mistakesOf(Object.values(config), args)
      if (errors.length > 0) return yield* new CliError.ShowHelp({ commandPath, errors })
      return yield* param.parse(args)
    })
  return { ...config, [name]: readBy(param, parse) }
}

// constructors

/** `Command.make`, for a command that stands below `ornstein` and these: `make("update", ..., ["bench"])`. */
export const make = <const Name extends string, const Config extends Record<string, Param.Any>, E, R>(
  name: Name,
  config: Config,
  handler: (given: Command.Command.Config.Infer<Config>) => Effect.Effect<void, E, R>,
  parents: ReadonlyArray<string> = []
) => Command.make(name, together(["ornstein", ...parents, name], config), handler)
