/** What a replay is to a run, and what goes wrong with one. */
import type * as NdArray from "@ornstein/jit/NdArray"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { Fault, type Lanes } from "../config/index.ts"
import type { Goals, Space } from "../environment/index.ts"
import type { Key } from "../random/index.ts"
import type { Snapshot } from "../state/index.ts"
import type * as Reader from "./Reader.ts"
import type * as Transitions from "./Transitions.ts"

// errors

/**
 * A replay that does not fit the environment or the training: what does not, and how to fix it. Of a dataset, which field
 * and which row, counted from 0.
 */
export class ReplayError
  extends Schema.TaggedError<ReplayError>()("ReplayError", {
    replay: Schema.String,
    field: Schema.optionalKey(Schema.String),
    row: Schema.optionalKey(Schema.Int),
    ...Fault.fields
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get where(): string {
    const row = this.row === undefined ? "" : `, row ${this.row}`
    const place = this.field === undefined ? "" : `: "${this.field}"${row}`
    return `replay "${this.replay}"${place}`
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// models

/** What a configuration's choice of a replay makes. */
export interface Chosen {
  readonly layer: Layer.Layer<Replay, ReplayError>
  /** The bytes that it takes from the start, and at most so many more where it is compact; a dataset is not counted. */
  readonly bytes: (shape: Transitions.Shape) => number
}

/** What a replay is told of the run that it is made for. */
export interface Shape extends Transitions.Shape {
  /** Rows of a minibatch. */
  readonly batch?: number
  /** The discount per step, 1 if left out. */
  readonly gamma?: number
  /** The actions that there are, as the learner sees them. */
  readonly actions?: Space.Space
  /** The world's own space of them, where it is another one. */
  readonly units?: Space.Box
  /** Where observations contain a goal. */
  readonly goals?: Goals.Goals
}

/** What is known of a dataset as a whole. */
export interface Statistics {
  /** How many transitions it has. */
  readonly count: number
  /** Of its observations. */
  readonly mean: Float64Array
  /** Their standard deviation, with divisor n. */
  readonly deviation: Float64Array
}

/** A live replay of one run. */
export interface Instance {
  /** The fields that `sample` can fill. */
  readonly fields: ReadonlyArray<string>
  /**
   * Does it give whole rollouts, each once, to on-policy learners? Then one that is complete must be sampled before the
   * next transition is stored.
   */
  readonly isRollout?: boolean
  /** Of a dataset that all is learned from: no environment takes a step, and nothing is stored. */
  readonly statistics?: Statistics
  /** What there is to say of it before training begins. */
  readonly note?: string
  /** How many transitions can be sampled from now. */
  readonly size: () => number
  readonly store: (transition: Transitions.Transition) => void
  /**
   * Fills the batch from the key. The number of rows is the batch's own. Rewards are valued as the valuation says; what it
   * leaves out is the gamma of the run, and rewards as they are.
   */
  readonly sample: (key: Key.Key, batch: Reader.Batch, valuation?: Partial<Reader.Valuation>) => void
  /** Told the temporal-difference errors of the last sampled batch, where the replay wants to know them. */
  readonly prioritize?: (errors: NdArray.Data) => void
  readonly log: Transitions.Log
  /** Everything but the rows of the log. */
  readonly snapshot: () => Snapshot.Snapshot
  /** Continues from a snapshot; the rows of the log are written separately. */
  readonly restore: (snapshot: Snapshot.Snapshot) => void
}

// service

/** The replay of a run: makes the storage once the shapes of the environment are known. */
export class Replay extends Context.Service<
  Replay,
  {
    readonly name: string
    readonly capacity: number
    /** Is it a dataset that all is learned from? Then its instances have `statistics`. */
    readonly isDataset?: boolean
    /** What it cannot do with so many lanes; left out, it takes any number. */
    readonly lanes?: Lanes.Refusals
    /** With a reader, what a minibatch holds is that reader's choice; a replay may have its own and refuse. */
    readonly make: (shape: Shape, reader?: Reader.Reader) => Effect.Effect<Instance, ReplayError>
  }
>()("@ornstein/core/Replay") {}
