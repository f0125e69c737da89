/**
 * The `ornstein` command as a process that can be killed in the middle of writing: with `KILL_AT=n` it sends itself
 * SIGKILL at the n-th change of the file system, a write half done.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Main from "@ornstein/lab/main"
import * as Signals from "@ornstein/lab/Signals"
import { Effect, Layer } from "effect"
import { env, kill, pid } from "node:process"
import * as Faults from "./Faults.ts"

const killAt = env["KILL_AT"] === undefined ? Number.POSITIVE_INFINITY : Number(env["KILL_AT"])

let changes = 0
const intervene: Faults.Intervention = (_, half = Effect.void) =>
  Effect.suspend(() => {
    changes += 1
    if (changes <= killAt) return Effect.void
    return Effect.andThen(
      Effect.ignore(half),
      Effect.sync(() => kill(pid, "SIGKILL"))
    )
  })

const services = Faults.layer(intervene).pipe(Layer.provideMerge(NodeServices.layer))

Signals.runMain(Main.run(process.argv.slice(2)).pipe(Effect.provide(services)), Main.codeOf)
