/**
 * The lock of a run directory: one process at a time writes there. A lock names its owner by process and the moment
 * that process began, in which namespace of processes and since which start of the machine: so one that was killed, or
 * whose number another process has by now, is known to be gone, and one that cannot be seen from here is not.
 *
 * Of several processes that find a lock whose owner is gone, one takes it over: whoever first makes the claim, a file
 * that is named by the content of that lock, which no other lock ever has. A claim is itself a lock, so that one whose
 * owner was killed is taken over in the same way.
 */
import * as FileWords from "@ornstein/core/FileWords"
import * as Fault from "@ornstein/core/Fault"
import * as Durable from "@ornstein/core/Durable"
import * as Printable from "@ornstein/core/Printable"
import * as RegularFile from "@ornstein/core/RegularFile"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { createHash, randomUUID } from "node:crypto"
import { hostname } from "node:os"
import { kill, pid } from "node:process"
import * as RunDirectory from "./RunDirectory.ts"

// errors

/** Another process is at work here, or may be. */
export class LockedError
  extends Schema.TaggedError<LockedError>()("LockedError", {
    path: Schema.String,
    owner: Schema.String,
    /** Can the owner be seen from here? */
    isSeen: Schema.Boolean
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get where(): string {
    return this.path
  }
  get what(): string {
    const owner = Printable.inline(this.owner)
    return this.isSeen
      ? `${owner} is at work in this run directory`
      : `${owner} has the lock of this run directory, and it cannot be seen from here whether that process is still at work`
  }
  get fix(): string {
    return this.isSeen
      ? "Wait until it has ended, or end it (Ctrl-C in its terminal, or kill); `ornstein branch` starts another run"
      : "If you know that it is gone, with its container or its machine, `ornstein resume RUN --force` takes the run over; " +
          "if it is not, it stops before it writes again"
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// models

/** Who holds a lock. */
export const Owner = Schema.Struct({
  /** Another one for every lock. */
  id: Schema.optionalKey(Schema.String),
  pid: Schema.Int,
  host: Schema.String,
  /** Of the machine's start and of the processes that see each other; empty where the system does not tell. */
  boot: Schema.optionalKey(Schema.String),
  namespace: Schema.optionalKey(Schema.String),
  /** Of the machine, whatever it is called. */
  machine: Schema.optionalKey(Schema.String),
  /** When the process began, in the operating system's own count; empty where it tells nothing. */
  started: Schema.String
})
export type Owner = typeof Owner.Type

/** What can be said of an owner. */
export type Verdict = "alive" | "gone" | "unknown"

/** What there is to say of a lock. */
export type State =
  | { readonly _tag: "Free" }
  | { readonly _tag: "Held"; readonly text: string; readonly owner: Owner; readonly isSeen: boolean }
  | { readonly _tag: "Stale"; readonly text: string; readonly owner: Owner | undefined }

// pure core

const FILE = "lock"

const OwnerJson = Schema.fromJsonString(Owner)

const ownerOf = (text: string): Owner | undefined =>
  Result.getOrUndefined(Schema.decodeResult(OwnerJson)(text))

const sha = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16)

/** The claim to take over the lock with this content. */
const claimOn = (text: string): string => `.lock-${sha(text)}`

/** From `/proc/<pid>/stat`: when the process began, or `undefined` if it has ended and waits to be collected. */
export const startOf = (stat: string): string | undefined => {
  // The command's name, in parentheses, may hold anything; what follows are fields 3 (state) to 22 (start time), ...
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19]
}

const shown = (owner: Owner | undefined): string =>
  owner === undefined ? "an unknown process" : `process ${owner.pid} on ${Printable.inline(owner.host)}`

/** Do two words of the system say the same, or one of them nothing? */
const agree = (a: string, b: string): boolean => a === "" || b === "" || a === b

/**
 * Is the owner of a lock at work? `here` is this process, and `started` when the process with the owner's number began
 * that is seen from here: `undefined` if there is none, empty if the system does not tell.
 */
export const judge = (owner: Owner, here: Owner, started: string | undefined): Verdict => {
  const { boot = here.boot ?? "", machine = "", namespace = here.namespace ?? "" } = owner
  const isSameBoot = boot === here.boot
  if (!isSameBoot) {
    // Its machine has been started again since: unless it is another machine of the same name.
    const isSameMachine = owner.host === here.host && agree(machine, here.machine ?? "")
    return boot !== "" && here.boot !== "" && isSameMachine ? "gone" : "unknown"
  }
  // The same start is the same machine, whatever its name is by now. Without one there is only the name.
  const isNamed = owner.boot !== undefined && boot !== ""
  if (namespace !== here.namespace || !(isNamed || owner.host === here.host)) return "unknown"
  return started !== undefined && agree(started, owner.started) ? "alive" : "gone"
}

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

/** This process. */
const self = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const told = (read: Effect.Effect<string, unknown>) =>
    Effect.orElseSucceed(
      Effect.map(read, (text) => text.trim()),
      () => ""
    )
  const machine = yield* told(fs.readFileString("/etc/machine-id"))
  const owner: Owner = {
    pid,
    host: hostname(),
    boot: yield* told(fs.readFileString("/proc/sys/kernel/random/boot_id")),
    namespace: yield* told(fs.readLink("/proc/self/ns/pid")),
    machine: machine === "" ? "" : sha(`ornstein ${machine}`),
    started: (yield* begun(pid)) ?? ""
  }
  return owner
})

/** The content of a lock; `undefined` if it is free. */
const read = (lock: string) =>
  RegularFile.readText(lock, { most: 65_536 }).pipe(
    Effect.catchIf(
      (error) => error._tag === "PlatformError" && error.reason._tag === "NotFound",
      () => Effect.succeed(undefined)
    )
  )

const look = Effect.fnUntraced(function* (lock: string) {
  const text = yield* read(lock)
  if (text === undefined) {
    const free: State = { _tag: "Free" }
    return free
  }
  const owner = ownerOf(text)
  const stale: State = { _tag: "Stale", text, owner }
  if (owner === undefined) return stale
  const verdict = judge(owner, yield* self, yield* begun(owner.pid))
  if (verdict === "gone") return stale
  const held: State = { _tag: "Held", text, owner, isSeen: verdict === "alive" }
  return held
})

/** Who holds the lock of a run directory. One whose owner cannot be seen from here counts as held. */
export const state = Effect.fnUntraced(function* (run: string) {
  const path = yield* Path.Path
  return yield* look(path.join(run, FILE))
})

// holding

type Services = FileSystem.FileSystem | Path.Path

/** Puts a lock in its place, with its whole content at once; false where there is one. */
const put = Effect.fnUntraced(function* (lock: string, text: string) {
  const path = yield* Path.Path
  const made = yield* Durable.temporary(path.dirname(lock))
  yield* Durable.write(made, new TextEncoder().encode(text))
  return yield* Durable.link(made, lock).pipe(
    Effect.as(true),
    // Taken, or the owner has swept away what we had just made: look who it is.
    Effect.catchIf(
      ({ reason }) => reason._tag === "AlreadyExists" || reason._tag === "NotFound",
      () => Effect.succeed(false)
    ),
    Effect.ensuring(Effect.ignore(Durable.removeFile(made)))
  )
})

/** Takes a lock that is free, or whose owner is gone or may be forced: the content of the one that it replaced. */
const acquire: (
  lock: string,
  text: string,
  mayForce: (held: { readonly isSeen: boolean }) => boolean
) => Effect.Effect<State, LockedError | RegularFile.FileError, Services> = Effect.fnUntraced(
  function* (lock, text, mayForce) {
    const path = yield* Path.Path
    const free: State = { _tag: "Free" }
    let last: State = free
    for (let attempt = 0; attempt < 20; attempt++) {
      if (yield* put(lock, text)) return free
      const found = yield* look(lock)
      last = found
      if (found._tag === "Free") continue
      if (found._tag === "Held" && !mayForce(found)) break
      const isTaken = yield* claimed(
        path.dirname(lock),
        found.text,
        Effect.gen(function* () {
          if ((yield* read(lock)) !== found.text) return false
          const made = yield* Durable.temporary(path.dirname(lock))
          yield* Durable.write(made, new TextEncoder().encode(text))
          yield* Durable.rename(made, lock)
          return true
        })
      )
      if (isTaken) return found
    }
    const { isSeen, owner } = last._tag === "Held" ? last : { isSeen: true, owner: undefined }
    return yield* new LockedError({ path: path.dirname(lock), owner: shown(owner), isSeen })
  }
)

/** Does something that only one process at a time does to the lock with this content. */
const claimed = <A, E>(
  directory: string,
  text: string,
  act: Effect.Effect<A, E, Services>
): Effect.Effect<A, E | LockedError | RegularFile.FileError, Services> =>
  Effect.gen(function* () {
    const path = yield* Path.Path
    const claim = path.join(directory, claimOn(text))
    const mine = yield* written
    // A claim is a matter of milliseconds: whoever is seen to be at it is left to it.
    yield* acquire(claim, mine, ({ isSeen }) => !isSeen)
    return yield* Effect.ensuring(act, Effect.ignore(Durable.removeFile(claim)))
  }).pipe(Effect.uninterruptible)

/** The content of a lock of this process. */
const written = Effect.map(self, (owner) => JSON.stringify({ id: randomUUID(), ...owner }))

/** Fails unless the lock still has this content. */
const guard = Effect.fnUntraced(function* (run: string, lock: string, text: string) {
  const found = yield* Effect.result(read(lock))
  if (found._tag === "Success" && found.success === text) return
  const reason =
    found._tag === "Failure"
      ? `its lock cannot be read any more (${FileWords.said(found.failure)})`
      : found.success === undefined
        ? "its lock has been removed"
        : `${shown(ownerOf(found.success))} has taken this run over`
  return yield* new RunDirectory.LostError({ path: run, reason })
})

/**
 * Holds the lock of a run directory until the scope closes. Fails with a `LockedError` if another process has it; one
 * that was left behind is taken over, and `notice` is told so. With `force` any lock is taken.
 *
 * Gives what tells whether the lock is still ours, which is asked before anything is written: it fails with a
 * `LostError` once another process has taken the run over.
 */
export const hold = Effect.fn("Lock.hold")(function* (
  run: string,
  notice: (text: string) => Effect.Effect<void>,
  force = false
) {
  const path = yield* Path.Path
  const context = yield* Effect.context<Services>()
  const lock = path.join(run, FILE)
  const text = yield* written
  const release = claimed(
    run,
    text,
    Effect.gen(function* () {
      if ((yield* read(lock)) === text) yield* Durable.removeFile(lock)
    })
  )
  const former = yield* Effect.acquireRelease(
    acquire(lock, text, () => force),
    () => Effect.ignore(release)
  ).pipe(
    Effect.mapError((error) =>
      error._tag === "LockedError" ? error : RunDirectory.platform(lock, "locking")(error)
    )
  )
  if (former._tag === "Stale") yield* notice(`took over the lock of ${shown(former.owner)}, which is gone`)
  if (former._tag === "Held") {
    const fate = former.isSeen ? "which was at work: it stops" : "which may be at work: if so, it stops"
    yield* notice(`took the lock from ${shown(former.owner)}, ${fate} before it writes again`)
  }
  return Effect.provideContext(guard(run, lock, text), context)
})
