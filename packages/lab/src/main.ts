/**
 * The `ornstein` command. Exit codes: 0 done; 1 the run failed; 2 the command line or the configuration is wrong, and
 * nothing was written; 130, 143 and 129 a signal ended it.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Cause from "effect/Cause"
import * as FileWords from "@ornstein/core/FileWords"
import * as Printable from "@ornstein/core/Printable"
import * as Effect from "effect/Effect"
import * as PlatformError from "effect/PlatformError"
import * as Runtime from "effect/Runtime"
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import { algos } from "./commands/Algos.ts"
import { branch } from "./commands/Branch.ts"
import { bench } from "./commands/Bench.ts"
import { dataset } from "./commands/Dataset.ts"
import { doctor } from "./commands/Doctor.ts"
import { envs } from "./commands/Envs.ts"
import { evaluate } from "./commands/Evaluate.ts"
import { exportPolicy } from "./commands/Export.ts"
import { native } from "./commands/Native.ts"
import { play } from "./commands/Play.ts"
import { report } from "./commands/Report.ts"
import { resume } from "./commands/Resume.ts"
import { runs } from "./commands/Runs.ts"
import { schema } from "./commands/Schema.ts"
import { train } from "./commands/Train.ts"
import { verify } from "./commands/Verify.ts"
import { Misuse, Output, Signals } from "./terminal/index.ts"
import * as Version from "./version/Version.ts"

// the command

export const ornstein = Command.make("ornstein").pipe(
  Command.withDescription("Deterministic policy gradients: train, evaluate and inspect experiments"),
  Command.withSubcommands([
    train,
    resume,
    branch,
    verify,
    runs,
    evaluate,
    play,
    exportPolicy,
    report,
    dataset,
    envs,
    algos,
    schema,
    doctor,
    native,
    bench
  ])
)

// errors

/** The exit code of a failure. */
export const codeOf = (cause: Cause.Cause<unknown>): number => {
  if (Cause.hasInterruptsOnly(cause)) return Signals.exitCode.SIGINT
  const error = Cause.squash(cause)
  if (CliError.isCliError(error)) return error._tag === "ShowHelp" && error.errors.length === 0 ? 0 : 2
  return Runtime.getErrorExitCode(error)
}

/** A fault of the file system that nobody foresaw in more detail. */
const ofPlatform = (error: PlatformError.PlatformError): string => {
  const { reason } = error
  const path = reason._tag === "BadArgument" ? undefined : reason.pathOrDescriptor
  return `${path === undefined ? "" : `${Printable.inline(String(path))}: `}${FileWords.said(error)}. See to the place, or name another`
}

/** An error for a person: the message of one that was foreseen, everything known of one that was not. */
const explain = (cause: Cause.Cause<unknown>): Effect.Effect<void> =>
  Effect.gen(function* () {
    const aside = yield* Output.Aside
    const error = Cause.squash(cause)
    if (Cause.hasInterruptsOnly(cause)) return yield* aside.line("interrupted")
    if (CliError.isCliError(error) || error instanceof Output.ReaderGoneError) return
    if (Cause.hasDies(cause)) {
      yield* aside.line(Cause.pretty(cause))
      return yield* aside.line("This is a fault of Ornstein's own; please report it with the lines above.")
    }
    if (error instanceof PlatformError.PlatformError) return yield* aside.line(ofPlatform(error))
    yield* aside.line(error instanceof Error ? error.message : String(error))
  })

// running

/** The command with its arguments; errors are explained on standard error and kept. */
export const run = (args: ReadonlyArray<string>) =>
  Command.runWith(ornstein, { version: Version.ornstein })(args).pipe(
    Effect.andThen(Effect.flatMap(Output.Output, ({ written }) => written)),
    Effect.tapCause(explain),
    Effect.provide(Misuse.layer)
  )

/** The process: everything that `bin/ornstein.js` does. */
export const main = (args: ReadonlyArray<string>): void =>
  Signals.runMain(run(args).pipe(Effect.provide(NodeServices.layer)), codeOf)
