/** Does an experiment fit into the memory of this machine? A question at the start of a run, not of a configuration. */
import * as Fault from "@ornstein/core/Fault"
import * as Replay from "@ornstein/core/Replay"
import * as Space from "@ornstein/core/Space"
import * as Environments from "@ornstein/envs/Registry"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { totalmem } from "node:os"

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
    const [needed, available] = [this.needed, this.available].map(gibibytes)
    return `the replay takes ${needed}, more than this machine's ${available} of memory`
  }
  get fix(): string {
    return "Give replay.capacity a smaller number, or keep each observation once: replay.compact"
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// models

/** What of an experiment takes memory for as long as it runs. */
interface Kept {
  readonly environment: Environments.Options
  readonly replay: Replay.Options
}

// pure core

export const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`

/** The bytes of an experiment's replay. */
export const replayBytes = ({ environment, replay }: Kept): number => {
  const { action, observation } = Environments.make(environment).spec
  return Replay.bytes(replay, { observation: Space.size(observation), action: Space.size(action) })
}

/** What this process may have: the machine's memory, or what a container leaves of it. */
export const available = (): number => {
  const constrained = process.constrainedMemory()
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}

// combinators

/** Fails where the machine is too small. */
export const check = (config: Kept, bytes: number = available()): Effect.Effect<void, MemoryError> => {
  const needed = replayBytes(config)
  return needed > bytes ? new MemoryError({ needed, available: bytes }) : Effect.void
}
