/** A run at rest as a value: what it is, its hash, and how a run is put back into it. */
import * as Schema from "effect/Schema"
import { Digest } from "../host/index.ts"
import { Agent } from "../learner/index.ts"
import type { Replay } from "../replay/index.ts"
import { Snapshot } from "../state/index.ts"
import * as Acting from "./Acting.ts"

// models

/** What the next report depends on and nothing else does. */
export const SliceState = Schema.Struct({
  /** The hash chain up to the last whole slice; empty before the first. */
  chain: Schema.String,
  /** Episodes that ended since. */
  episodes: Schema.Array(Acting.Episode),
  /** Metrics gathered since. */
  metrics: Schema.Array(Agent.MetricSum)
})

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** Everything that the future of a run depends on, besides its configuration and the rows of its replay. */
export const TrainState = Schema.Struct({
  version: Schema.Literal(1),
  seed: Schema.Int,
  /** Environment steps taken. */
  step: Count,
  /** Updates made. */
  updates: Count,
  /** Episodes begun before the current one. */
  episode: Count,
  /** Of the current episode so far. */
  episodeReturn: Schema.Number,
  episodeLength: Count,
  /** Updates made of the round of the last step, if it is not over. */
  round: Schema.optionalKey(Schema.Int),
  /** The lanes after the first, where there are any: the episodes of the first are the rest of all. */
  lanes: Schema.optionalKey(Schema.Array(Acting.Standing)),
  /** In the middle of a round: the actions that were selected for it, by lane. */
  actions: Schema.optionalKey(Snapshot.schema),
  environment: Snapshot.schema,
  exploration: Snapshot.schema,
  normalization: Snapshot.schema,
  replay: Snapshot.schema,
  agent: Snapshot.schema,
  slice: SliceState
}).annotate({ identifier: "TrainState" })
export type TrainState = typeof TrainState.Type

/** A run at rest: its state, and the transitions that its replay holds, from number `first` on. */
export interface Saved {
  readonly state: TrainState
  readonly first: number
  readonly rows: Replay.Rows
  /** The shapes of the agent's arrays, where they are known. */
  readonly shapes?: { readonly [path: string]: ReadonlyArray<number> }
}

// pure core

/** SHA-256 of a run at rest, however it was sliced: with equal hashes and configurations, the future is the same. */
export const hash = ({ first, rows, state }: Saved): string => {
  const { slice: _, ...future } = state
  const digest = Digest.sha256()
  for (const piece of Snapshot.pieces(future)) digest.update(piece)
  digest.update(String(first))
  for (const [name, field] of Object.entries(rows).sort(([a], [b]) => (a < b ? -1 : 1))) {
    digest.update(name).update(new Uint8Array(field.buffer, field.byteOffset, field.byteLength))
  }
  return digest.hex()
}

/** Puts rows back into a log that may be smaller than the one they come from. */
export const fill = (log: Replay.Log, first: number, rows: Replay.Rows): void => {
  // Before the first step there are no segments that would name the fields.
  if (log.stored() === 0) return
  const wanted = Math.max(first, log.stored() - log.capacity)
  const isFull = first <= Math.max(0, log.stored() - log.capacity)
  if (!isFull)
    throw new RangeError(`its replay has no transitions before number ${first}, this one needs more`)
  const kept = Object.entries(rows).map(([name, row]) => {
    const width = log.widths[name]
    if (width === undefined) throw new TypeError(`its replay keeps "${name}", this one does not`)
    const count = row.length / width
    if (first + count !== log.stored())
      throw new RangeError(`"${name}" has ${count} of the ${log.stored() - first} rows that its replay held`)
    return [name, row.subarray((wanted - first) * width)] as const
  })
  log.write(wanted, Object.fromEntries(kept))
}

/** The snapshots of all lanes as one: of a single lane, its own; of none, nothing. */
export const ofLanes = (snapshots: ReadonlyArray<Snapshot.Snapshot>): Snapshot.Snapshot =>
  snapshots.length <= 1 ? (snapshots[0] ?? null) : snapshots

/** What `ofLanes` holds of a lane. */
export const ofLane = (saved: Snapshot.Snapshot, lane: number, lanes: number): Snapshot.Snapshot => {
  if (lanes === 1) return saved
  const found = Array.isArray(saved) ? saved[lane] : undefined
  if (found === undefined) throw new TypeError(`the snapshot has nothing of lane ${lane}`)
  return found
}
