/** What is said of a command line that is wrong: a line for every mistake, with the name that was likely meant. */
import * as Suggestion from "@ornstein/core/Suggestion"
import * as Effect from "effect/Effect"
import type * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import type { HelpDoc } from "effect/cli/HelpDoc"
import * as Output from "./Output.ts"

// pure core

const flagsOf = ({ flags, globalFlags = [], inheritedFlags = [] }: HelpDoc): ReadonlyArray<string> =>
  [...flags, ...inheritedFlags, ...globalFlags].map(({ name }) => `--${name}`)

const commandsOf = ({ subcommands = [] }: HelpDoc): ReadonlyArray<string> =>
  subcommands.flatMap(({ commands }) => commands.map(({ name }) => name))

const meant = (name: string, known: ReadonlyArray<string>): string => {
  const nearest = Suggestion.nearest(name, known)
  return nearest === undefined ? "" : `; did you mean ${nearest}?`
}

const sentence = (text: string): string => text.replaceAll(/\s+/g, " ").replace(/\.$/, "")

/** A mistake in one line. */
export const explain = (error: CliError.NonShowHelpErrors, help: HelpDoc): string => {
  switch (error._tag) {
    case "UnrecognizedOption":
      return `unknown flag ${error.option}${meant(error.option, flagsOf(help))}`
    case "UnknownSubcommand":
      return `unknown command ${error.subcommand}${meant(error.subcommand, commandsOf(help))}`
    case "MissingOption":
      return `--${error.option} is missing`
    case "MissingArgument":
      return `the argument <${error.argument}> is missing`
    case "UnexpectedArgument":
      return `more arguments than it takes: ${error.arguments.join(" ")}`
    case "InvalidValue": {
      const name = error.kind === "flag" ? `--${error.option}` : `<${error.option}>`
      const expected = sentence(error.expected).replace(/^(Schema validation failed: *)?expected:? */i, "")
      return `${name}: expected ${expected}, got ${error.value === "" ? "nothing" : error.value}`
    }
    default:
      return sentence(error.message)
  }
}

/** All mistakes of one command line, and where to read on. */
export const lines = ({
  commandPath,
  errors,
  helpDoc
}: CliOutput.Presenter.InvalidInvocation): ReadonlyArray<string> => {
  const command = commandPath.join(" ")
  return [
    ...errors.map((error) => `${command}: ${explain(error, helpDoc)}`),
    `\`${command} --help\` says how it is called.`
  ]
}

// layers

/** Help and versions go to standard output, mistakes to standard error. */
export const layer = CliOutput.layerPresenter({
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Effect.flatMap(Output.Aside, (aside) =>
          Effect.forEach(lines(event), (line) => aside.line(line), { discard: true })
        )
      : CliOutput.defaultPresenter.present(event)
})
