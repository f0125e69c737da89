/** `run.json`: how far the run came, and how it ended. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type { Event, Sink } from "../events/index.ts"
import type { Record, RunDirectory } from "../runs/index.ts"

// pure core

const now = Effect.map(DateTime.now, DateTime.formatIso)

/** What an event says of how the run stands, if it says anything. */
const standing = (event: Event.Event): Partial<Record.Manifest> | undefined => {
  switch (event._tag) {
    case "Stopped":
      return {
        status: "stopped",
        reason: event.reason,
        step: event.step,
        wallSeconds: event.wallSeconds,
        hash: event.hash
      }
    case "Failed":
      return {
        status: "failed",
        reason: event.reason,
        step: event.step,
        wallSeconds: event.wallSeconds,
        hash: null
      }
    case "Finished": {
      const { hash, step, wallSeconds } = event.outcome
      return { status: "finished", reason: null, step, wallSeconds, hash }
    }
    default:
      return undefined
  }
}

// constructors

/** Writes that the run goes on, and later how it ended. */
export const open = Effect.fnUntraced(function* (
  directory: RunDirectory.RunDirectory,
  record: Record.Manifest
) {
  yield* directory.writeManifest(record)
  const hear: Sink.Hear<RunDirectory.WriteError> = (event) => {
    const change = standing(event)
    if (change === undefined) return Effect.void
    return Effect.flatMap(now, (endedAt) => directory.writeManifest({ ...record, ...change, endedAt }))
  }
  return hear
})
