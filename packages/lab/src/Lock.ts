/**
 * The lock of a run directory: one process at a time writes there. A lock names its owner by process and the moment
 * that process began, so one that was killed, or whose number another process has by now, is known to be gone.
 */
import * as Printable from "@ornstein/core/Printable"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import * as RunDirectory from "./RunDirectory.ts"
import { hostname } from "node:os"
import { kill, pid } from "node:process"

// errors

/** Another process is at work here. */
export class LockedError extends Schema.TaggedError<LockedError>()("LockedError", {
  path: Schema.String,
  owner: Schema.String
}) {
  override get message(): string {
    return (
      `${Printable.inline(this.path)}: ${Printable.inline(this.owner)} is at work in this run directory. ` +
      "Wait until it has ended, or end it (Ctrl-C in its terminal, or kill); `ornstein branch` starts another run"
    )
  }
}

// models

/** Who holds a lock. */
export const Owner = Schema.Struct({
  pid: Schema.Int,
  host: Schema.String,
  /** When the process began, in the operating system's own count; empty where it tells nothing. */
  started: Schema.String
})
export type Owner = typeof Owner.Type

/** What there is to say of a lock. */
export type State =
  | { readonly _tag: "Free" }
  | { readonly _tag: "Held"; readonly owner: Owner }
  | { readonly _tag: "Stale"; readonly text: string; readonly owner: Owner | undefined }

// pure core

const FILE = "lock"

const OwnerJson = Schema.fromJsonString(Owner)

/** From `/proc/<pid>/stat`: when the process began, or `undefined` if it has ended and waits to be collected. */
export const startOf = (stat: string): string | undefined => {
  // The command's name, in parentheses, may hold anything; what follows are fields 3 (state) to 22 (start time), ...
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19]
}

const shown = (owner: Owner | undefined): string =>
  owner === undefined ? "an unknown process" : `process ${owner.pid} on ${Printable.inline(owner.host)}`

// reading

const isAlive = (process: number): Effect.Effect<boolean> =>
  Effect.try({ try: () => kill(process, 0), catch: (cause) => cause }).pipe(
    // Not permitted to send it a signal: so it is there.
    Effect.catch((cause) =>
      Effect.succeed(cause instanceof Error && "code" in cause && cause.code === "EPERM")
    )
  )

/** When a process of this machine began; `undefined` if there is none, empty if the system does not tell. */
const begun = Effect.fnUntraced(function* (process: number) {
  const fs = yield* FileSystem.FileSystem
  const stat = yield* Effect.result(fs.readFileString(`/proc/${process}/stat`))
  if (stat._tag === "Success") return startOf(stat.success)
  return (yield* isAlive(process)) ? "" : undefined
})

/** Who holds the lock of a run directory. A lock from another machine counts as held: nobody can tell from here. */
export const state = Effect.fnUntraced(function* (run: string) {
  const fs = yield* FileSystem.FileSystem
  const path = (yield* Path.Path).join(run, FILE)
  const text = yield* Effect.result(fs.readFileString(path))
  if (text._tag === "Failure") {
    if (text.failure.reason._tag !== "NotFound") return yield* text.failure
    const free: State = { _tag: "Free" }
    return free
  }
  const decoded = yield* Effect.result(Schema.decodeEffect(OwnerJson)(text.success))
  const owner = decoded._tag === "Success" ? decoded.success : undefined
  const stale: State = { _tag: "Stale", text: text.success, owner }
  if (owner === undefined) return stale
  if (owner.host === hostname()) {
    const started = yield* begun(owner.pid)
    if (started === undefined || started !== owner.started) return stale
  }
  const held: State = { _tag: "Held", owner }
  return held
})

// holding

/**
 * Holds the lock of a run directory until the scope closes. Fails with a `LockedError` if another process has it; one
 * that was left behind is taken over, and `notice` is told so.
 */
export const hold = Effect.fn("Lock.hold")(function* (
  run: string,
  notice: (text: string) => Effect.Effect<void>
) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const lock = path.join(run, FILE)
  const mine: Owner = { pid, host: hostname(), started: (yield* begun(pid)) ?? "" }
  const text = JSON.stringify(mine)
  const aside = path.join(run, `.lock-${pid}`)

  // A link appears with its whole content, and fails where a name is taken.
  const take = Effect.gen(function* () {
    yield* fs.writeFileString(aside, text)
    return yield* fs.link(aside, lock).pipe(
      Effect.as(true),
      Effect.catchIf(
        ({ reason }) => reason._tag === "AlreadyExists",
        () => Effect.succeed(false)
      ),
      Effect.ensuring(Effect.ignore(fs.remove(aside)))
    )
  })

  const acquire = Effect.gen(function* () {
    for (let attempt = 0; attempt < 3; attempt++) {
      if (yield* take) return
      const found = yield* state(run)
      if (found._tag === "Held") return yield* new LockedError({ path: run, owner: shown(found.owner) })
      if (found._tag === "Stale") {
        // Two processes may find the same stale lock: whoever moved away a fresh one puts it back.
        yield* Effect.ignore(fs.rename(lock, aside))
        const moved = yield* Effect.result(fs.readFileString(aside))
        if (moved._tag === "Success" && moved.success !== found.text) {
          yield* Effect.ignore(fs.link(aside, lock))
        } else yield* notice(`took over the lock of ${shown(found.owner)}, which is gone`)
        yield* Effect.ignore(fs.remove(aside))
      }
    }
    return yield* new LockedError({ path: run, owner: "another process" })
  })

  const release = Effect.gen(function* () {
    if ((yield* fs.readFileString(lock)) === text) yield* fs.remove(lock)
  })

  yield* Effect.acquireRelease(acquire, () => Effect.ignore(release)).pipe(
    Effect.mapError((error) =>
      error._tag === "PlatformError" ? RunDirectory.platform(lock, "locking")(error) : error
    )
  )
})
