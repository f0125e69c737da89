/** What an exploration is to a run. */
import * as Context from "effect/Context"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { Fault, Lanes } from "../config/index.ts"
import type { Space } from "../environment/index.ts"
import type { Agent, Extension } from "../learner/index.ts"
import type { Key } from "../random/index.ts"
import type { Replay } from "../replay/index.ts"
import * as Ramp from "../ramp/Ramp.ts"
import type { Snapshot } from "../state/index.ts"

// errors

/** An exploration that made something of a policy's action that is none. */
export class ExplorationError
  extends Schema.TaggedError<ExplorationError>()("ExplorationError", {
    exploration: Schema.String,
    /** Steps taken in the run before it. */
    step: Schema.Int,
    ...Fault.fields
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.failed
  get where(): string {
    return `exploration "${this.exploration}", step ${this.step} of the run`
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// models

/** Which lane of a run, of how many. */
export interface Place {
  readonly lane: number
  readonly lanes: number
}

/** The lane of a run that has one. */
export const alone: Place = { lane: 0, lanes: 1 }

/** A live process for one environment. */
export interface Instance {
  /** Adds the noise of this step to the action, in place, and clips to [-1, 1]. */
  readonly perturb: (action: Space.Numbers, step: number) => void
  /** An episode begins. */
  readonly reset: () => void
  /** Takes part in the loop, by the programs of its extension; the key is that of the run. */
  readonly attach?: (agent: Agent.Agent, key: Key.Key) => Attached
  /** The noise's standard deviation parameter at a step, for reports. */
  readonly scale: (step: number) => number
  readonly snapshot: () => Snapshot.Snapshot
  readonly restore: (snapshot: Snapshot.Snapshot) => void
}

/** What an exploration does in the loop besides `perturb`. */
export interface Attached {
  /** Acts in place of the policy. */
  readonly act?: Agent.Agent["act"]
  /** An episode begins, by number from 0: after `reset`. */
  readonly begin?: (episode: number) => void
  /** After the updates of a step, once learning has started: the replay, as the learner samples it. */
  readonly learned?: (step: number, replay: Replay.Instance) => void
}

// instances

/** A process without a state: what it does at a step, and its scale there. */
export const memoryless = (scale: Instance["scale"], perturb: Instance["perturb"]): Instance => ({
  perturb,
  scale,
  reset: () => {},
  snapshot: () => null,
  restore: () => {}
})

// pure core

/** The nearest number in [-1, 1]. */
export const clip = (x: number): number => Math.max(-1, Math.min(1, x))

/** The option `sigma` of noise on actions. */
export const sigma = Ramp.ramp(Ramp.nonNegative).annotate({
  description: "standard deviation in units of normalised actions: a number, or a ramp over steps"
})

// service

/** The exploration of a run: makes the process of one environment from its key. */
export class Exploration extends Context.Service<
  Exploration,
  {
    readonly name: string
    /** Of a lane, by its own key; the only one if nothing is said. */
    readonly make: (key: Key.Key, dimensions: number, place?: Place) => Instance
    /** What it cannot do with so many lanes; left out, it takes any number, but with an extension one (`refusals`). */
    readonly lanes?: Lanes.Refusals
    /** What it needs of the learner's memory and programs. */
    readonly extension?: Extension.Extension
  }
>()("@ornstein/core/Exploration") {}

// lanes

/** Programs of an extension act for one lane. */
export const oneLane: Lanes.Requirement<unknown> = {
  at: "",
  check: (_, lanes) =>
    lanes > 1 ? "expected another, or training.lanes 1: it has programs for one lane" : undefined
}

/** What an exploration cannot do with so many lanes. */
export const refusals = ({ extension, lanes, name }: Exploration["Service"]): Lanes.Refusals =>
  lanes ?? Lanes.refusals("exploration", extension === undefined ? [] : [oneLane], { kind: name })
