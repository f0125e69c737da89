/** The compiled phases of one update, and where its inputs go: the minibatch, what is drawn, the scalars that move. */
import type * as NdArray from "@ornstein/jit/NdArray"
import { Key } from "../random/index.ts"
import type { Replay } from "../replay/index.ts"
import * as Draw from "./Draw.ts"
import * as Learner from "./Learner.ts"
import type * as Programs from "./Programs.ts"
import * as Scalars from "./Scalars.ts"

// models

interface Counter {
  readonly name: string
  readonly data: NdArray.Data
}

/** A scalar that is written anew before every update. */
interface Moving {
  readonly name: string
  /** Is it a number of its own, which is reported? */
  readonly isReported: boolean
  readonly data: NdArray.Data
}

/** One compiled set of phases and where its inputs go. */
export interface Update {
  readonly phase: string
  readonly program: Programs.Compiled
  readonly batch: Replay.Batch
  readonly draws: ReadonlyArray<{
    readonly draw: Draw.Draw
    readonly key: Key.Key
    readonly data: NdArray.Data
  }>
  /** The moving ones; what is constant was written once. */
  readonly moving: Array<Moving>
  readonly metrics: ReadonlyArray<Counter>
  readonly error: NdArray.Data | undefined
}

// constructors

/** The update of these phases; each of its draws has a key of its own, by its name. */
export const make =
  (plan: Learner.Plan, programs: { readonly [name: string]: Programs.Compiled }, key: Key.Key) =>
  (phases: ReadonlyArray<Learner.Phase>): Update => {
    const phase = Learner.programName(phases)
    const program = Learner.get(programs, phase)
    const outputs = Object.entries(program.outputs)
    return {
      phase,
      program,
      batch: program.inputs["batch"] ?? {},
      draws: Object.entries(program.inputs["draws"] ?? {}).map(([name, { data }]) => ({
        draw: Learner.get(plan.draws, name),
        key: Key.fold(key, name),
        data
      })),
      moving: [],
      metrics: outputs
        .filter(([, array]) => array.data.length === 1)
        .map(([name, { data }]) => ({ name, data })),
      error: program.outputs["error"]?.data
    }
  }

// combinators

/** Has it compute with these scalars from now on: constant ones are written here, the others before each update. */
export const setScalars = ({ moving, program }: Update, scalars: Scalars.Scalars): void => {
  moving.length = 0
  for (const [name, { data }] of Object.entries(program.inputs["scalars"] ?? {})) {
    data[0] = Scalars.read(scalars, name, 0, 0)
    const isReported = !Scalars.isRest(Learner.get(scalars, name))
    if (!Scalars.isConstant(scalars, name)) moving.push({ name, isReported, data })
  }
}

/** Writes what update number `n` draws. */
export const draw = ({ draws }: Update, n: number): void => {
  for (const { data, draw, key } of draws) Draw.write(draw, Key.fold(key, n), data)
}
