/** Acting by a compiled program, on one observation or on a row for each lane. */
import type * as NdArray from "@ornstein/jit/NdArray"
import type { Space } from "../environment/index.ts"
import { Key, Streams } from "../random/index.ts"
import type * as Programs from "./Programs.ts"
import * as Decision from "./Decision.ts"
import * as Learner from "./Learner.ts"

// models

export interface Options {
  readonly plan: Learner.Plan
  readonly decision: Decision.Decision
  /** How many observations the program takes. */
  readonly rows: number
  /** Throws where the program is not the actor's any more. */
  readonly hold: () => void
}

/** Row i is that of step `step + i`; without a step it acts best. */
export interface Actor {
  /** Runs the program on observations `[rows, observation]`. */
  readonly run: (observations: Space.Numbers, step: number | undefined) => void
  /** Writes the action of a row. */
  readonly decide: (row: number, step: number | undefined, action: Space.Numbers) => void
}

// pure core

const float32 = (array: NdArray.NdArray | undefined, name: string): Float32Array => {
  if (!(array?.data instanceof Float32Array)) throw new TypeError(`"${name}" is no float32 array`)
  return array.data
}

/** Views of the rows of an array, of which there are so many. */
const rowsOf = (array: Float32Array, count: number): ReadonlyArray<Float32Array> => {
  const width = array.length / count
  return Array.from({ length: count }, (_, i) => array.subarray(i * width, (i + 1) * width))
}

// constructors

/** `key` is that of the run: noise and decisions are read from the streams `policy` and `decision`. */
export const make = (
  program: Programs.Compiled,
  { decision, hold, plan, rows }: Options,
  key: Key.Key
): Actor => {
  const policyKey = Streams.of(key, "policy")
  const decisionKey = Streams.of(key, "decision")
  const inputs = Learner.get(program.inputs, "act")
  const observations = float32(inputs["observation"], "observation")
  const noise = plan.actionNoise > 0 ? rowsOf(float32(inputs["noise"], "noise"), rows) : []
  const outputs = rowsOf(float32(Learner.get(program.outputs, "action"), "action"), rows)
  return {
    run: (given, step) => {
      hold()
      observations.set(given)
      for (let i = 0; i < noise.length; i++) {
        if (step === undefined) noise[i]!.fill(0)
        else Key.normals(Key.fold(policyKey, step + i), noise[i]!)
      }
      program.run()
    },
    decide: (row, step, action) =>
      Decision.decide(
        decision,
        outputs[row]!,
        step === undefined ? undefined : Key.fold(decisionKey, step + row),
        action
      )
  }
}
