/**
 * A process that contends for locks as it is told: `take DIRECTORY` is answered by `won` or `lost REASON`, `force
 * DIRECTORY` likewise, `write DIRECTORY` by `wrote` or `lost REASON`, `leave` by `left`. With `KILL_AT=n` it sends itself
 * SIGKILL at the n-th change of the file system.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Lock from "@ornstein/lab/internal/runs/Lock"
import * as RunDirectory from "@ornstein/lab/RunDirectory"
import { Effect, Exit, Layer, Scope } from "effect"
import { env, kill, pid, stdin, stdout } from "node:process"
import { createInterface } from "node:readline"
import * as Faults from "../laws/Faults.ts"

const killAt = env["KILL_AT"] === undefined ? Number.POSITIVE_INFINITY : Number(env["KILL_AT"])

let changes = 0
const intervene: Faults.Intervention = () =>
  Effect.sync(() => {
    changes += 1
    if (changes >= killAt) kill(pid, "SIGKILL")
  })

const services = Faults.layer(intervene).pipe(Layer.provideMerge(NodeServices.layer))

let scope = Scope.makeUnsafe()
let guard: Effect.Effect<void, RunDirectory.LostError> = Effect.void

const acts: {
  readonly [name: string]: (directory: string) => Effect.Effect<string, { readonly message: string }>
} = {
  take: (directory) => hold(directory, false),
  force: (directory) => hold(directory, true),
  write: (directory) =>
    Effect.gen(function* () {
      const run = yield* RunDirectory.at(directory, guard)
      yield* run.append("metrics.jsonl", { by: pid })
      return "wrote"
    }).pipe(Effect.provide(services)),
  leave: () =>
    Effect.gen(function* () {
      yield* Scope.close(scope, Exit.void)
      scope = Scope.makeUnsafe()
      return "left"
    })
}

const hold = (directory: string, isForced: boolean) =>
  Lock.hold(directory, () => Effect.void, isForced).pipe(
    Effect.map((check) => {
      guard = check
      return "won"
    }),
    Effect.provideService(Scope.Scope, scope),
    Effect.provide(services)
  )

createInterface(stdin).on("line", (line) => {
  const [name = "", directory = ""] = line.split(" ")
  const act = acts[name]?.(directory) ?? Effect.succeed("what?")
  Effect.runFork(
    Effect.matchCause(act, {
      onFailure: (cause) => `lost ${String(cause).split("\n")[0]}`,
      onSuccess: (answer) => answer
    }).pipe(Effect.map((answer) => stdout.write(`${answer}\n`)))
  )
})
