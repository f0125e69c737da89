/** Does an experiment fit into the memory of this machine? A question at the start of a run, not of a configuration. */
import * as Fault from "@ornstein/core/Fault"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { totalmem } from "node:os"
import { Numbers } from "../terminal/index.ts"

// errors

/** A replay that is larger than the machine. */
export class MemoryError
  extends Schema.TaggedError<MemoryError>()("MemoryError", {
    needed: Schema.Number,
    available: Schema.Number
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get what(): string {
    const [needed, available] = [this.needed, this.available].map(Numbers.gibibytes)
    return `the replay takes ${needed}, more than this machine's ${available} of memory`
  }
  get fix(): string {
    return "Give replay.capacity a smaller number, or keep each observation once: replay.compact"
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// pure core

/** What this process may have: the machine's memory, or what a container leaves of it. */
export const available = (): number => {
  const constrained = process.constrainedMemory()
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}

// combinators

/** Fails where the machine is too small for a replay of so many bytes. */
export const check = (needed: number, bytes: number = available()): Effect.Effect<void, MemoryError> =>
  needed > bytes ? new MemoryError({ needed, available: bytes }) : Effect.void
