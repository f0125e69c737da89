/** The C++ compiler of this machine. */
import * as Fault from "@ornstein/core/Fault"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as ChildProcess from "effect/process/ChildProcess"
import * as Subprocess from "./Subprocess.ts"

// errors

/** There is no C++ compiler. */
export class NoCompilerError
  extends Schema.TaggedError<NoCompilerError>()("NoCompilerError", { searched: Schema.Array(Schema.String) })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.failed
  get what(): string {
    return `no C++ compiler: ${this.searched.join(", ")} cannot be started`
  }
  get fix(): string {
    return (
      "Install one (`apt install g++`, `dnf install gcc-c++`, `xcode-select --install`), " +
      "or name yours in the variable CXX"
    )
  }
  override get message(): string {
    return Fault.message(this)
  }
}

/** The compiler refused a source, or could not link the addon; its first complaints. */
export class CompileError
  extends Schema.TaggedError<CompileError>()("CompileError", {
    file: Schema.String,
    compiler: Schema.String,
    complaints: Schema.Array(Schema.String)
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.failed
  get where(): string {
    return this.file
  }
  get what(): string {
    return [
      `${this.compiler} failed`,
      ...this.complaints.map((line) => `  ${line}`),
      "A compiler must know C++17 (GCC 8, Clang 7 or newer; name another in CXX), and libtensorflow must be 2.9 or newer"
    ].join("\n")
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// models

export interface Compiler {
  /** The command and its first arguments: `ccache g++`. */
  readonly command: readonly [string, ...ReadonlyArray<string>]
  /** What it says of itself. */
  readonly version: string
}

// pure core

/** A compiler's first complaints. */
export const complaints = (stderr: string, count = 5): ReadonlyArray<string> => {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "")
  const errors = lines.filter((line) => /error\b|undefined reference|cannot find/i.test(line))
  return (errors.length > 0 ? errors : lines).slice(0, count)
}

// running

/** The compiler in CXX, or the first that there is of `c++`, `g++` and `clang++`. */
export const find = Effect.gen(function* () {
  const given = yield* Config.String("CXX").pipe(Config.withDefault(""), Effect.orDie)
  const words = given.split(/\s+/).filter((word) => word !== "")
  const searched = words.length > 0 ? [words.join(" ")] : ["c++", "g++", "clang++"]
  for (const candidate of searched) {
    const [name = candidate, ...args] = candidate.split(" ")
    const asked = yield* Effect.result(Subprocess.run(ChildProcess.make(name, [...args, "--version"])))
    if (asked._tag === "Success" && asked.success.exit === 0) {
      const compiler: Compiler = {
        command: [name, ...args],
        version: asked.success.stdout.split("\n")[0] ?? candidate
      }
      return compiler
    }
  }
  return yield* new NoCompilerError({ searched })
})

/** Compiles or links one file, which an error names. */
export const run = Effect.fnUntraced(function* (
  { command: [name, ...first] }: Compiler,
  file: string,
  args: ReadonlyArray<string>
) {
  const failed = (complaints: ReadonlyArray<string>) =>
    new CompileError({ file, compiler: [name, ...first].join(" "), complaints })
  const { exit, stderr } = yield* Subprocess.run(
    ChildProcess.make(name, [...first, ...args], { env: { LC_ALL: "C" }, extendEnv: true, stdin: "ignore" })
  ).pipe(Effect.mapError((cause) => failed([Subprocess.said(cause)])))
  if (typeof exit === "string") return yield* failed([exit])
  if (exit !== 0) return yield* failed(complaints(stderr))
})
