/** Commands run in this process, with what they print; and real processes through the launcher. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Main from "@ornstein/lab/main"
import * as Output from "@ornstein/lab/Output"
import { Effect, Exit, FileSystem } from "effect"
import { TestConsole } from "effect/testing"
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

export interface Printed {
  readonly code: number
  readonly out: ReadonlyArray<string>
  readonly err: ReadonlyArray<string>
}

/** An output into memory. */
export const memory = (lines: Array<string>, isTTY = false): Output.Shape =>
  Output.make({
    isTTY,
    columns: 80,
    write: (text, done) => {
      lines.push(text.replace(/\n$/, ""))
      done()
    }
  })

/** `ornstein` with these arguments, in this process. */
export const ornstein = (...args: ReadonlyArray<string>): Effect.Effect<Printed> =>
  Effect.gen(function* () {
    const out: Array<string> = []
    const err: Array<string> = []
    const exit = yield* Effect.exit(
      Main.run(args).pipe(
        Effect.provideService(Output.Output, memory(out)),
        Effect.provideService(Output.Aside, memory(err)),
        Effect.provide(NodeServices.layer)
      )
    )
    const help = [...(yield* TestConsole.logLines), ...(yield* TestConsole.errorLines)].map(String)
    return { code: Exit.isSuccess(exit) ? 0 : Main.codeOf(exit.cause), out: [...out, ...help], err }
  }).pipe(Effect.provide(TestConsole.layer))

/** A directory that is gone after the test. */
export const directory = Effect.flatMap(FileSystem.FileSystem, (fs) =>
  fs.makeTempDirectoryScoped({ prefix: "ornstein-" })
).pipe(Effect.provide(NodeServices.layer))

const LAUNCHER = fileURLToPath(new URL("../../packages/lab/bin/ornstein.js", import.meta.url))

const collected = (
  cwd: string,
  command: string,
  args: ReadonlyArray<string>,
  act: (line: string, kill: (signal: NodeJS.Signals) => void) => void = () => {}
): Effect.Effect<Printed> =>
  Effect.callback<Printed>((resume) => {
    const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] })
    let out = ""
    let err = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text
      for (const line of text.split("\n")) act(line, (signal) => child.kill(signal))
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err += text
    })
    child.on("close", (code) =>
      resume(
        Effect.succeed({ code: code ?? -1, out: out.trimEnd().split("\n"), err: err.trimEnd().split("\n") })
      )
    )
  })

/** `ornstein` as a process of its own; `act` is told every line of its standard output. */
export const spawned = (
  cwd: string,
  args: ReadonlyArray<string>,
  act?: (line: string, kill: (signal: NodeJS.Signals) => void) => void
): Effect.Effect<Printed> => collected(cwd, process.execPath, [LAUNCHER, ...args], act)

/** The same with variables of the environment: `NAME=value`. */
export const spawnedWith = (
  cwd: string,
  variables: ReadonlyArray<string>,
  args: ReadonlyArray<string>
): Effect.Effect<Printed> => collected(cwd, "env", [...variables, process.execPath, LAUNCHER, ...args])

/** The same in a shell, with what stands behind it there. */
export const shell = (cwd: string, args: ReadonlyArray<string>, behind: string): Effect.Effect<Printed> =>
  collected(cwd, "bash", ["-c", `"$0" "$@" ${behind}`, process.execPath, LAUNCHER, ...args])
