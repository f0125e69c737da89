/** What the bases have in common that learn a softmax policy and a value on one trunk from rollouts: options, minibatches. */
import * as Field from "@ornstein/core/Field"
import type * as Learner from "@ornstein/core/Learner"
import * as Optimizers from "@ornstein/core/Optimizers"
import * as Ramp from "@ornstein/core/Ramp"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Schema from "effect/Schema"

// models

/** What is given of the options that all of them have: the rest has defaults. */
export interface Input {
  /** discount per step, 0 to 1; at 1 only where episodes end by themselves */
  readonly gamma?: number
  /** step size of the optimizer: a number, or a ramp over steps or updates */
  readonly learningRate?: Ramp.Timed
  /** what the loss is descended with */
  readonly optimizer?: Optimizers.Input
  /** widths of the shared hidden layers */
  readonly hidden?: readonly [number, ...Array<number>]
  /** weight of the entropy bonus */
  readonly entropy?: Ramp.Timed
}

/** In what their defaults differ. */
interface Defaults {
  readonly learningRate: number
  readonly optimizer?: Parameters<typeof Optimizers.field>[1]
  readonly hidden: readonly [number, ...Array<number>]
  readonly entropy: number
}

// options

/** The options that all of them have. */
export const fields = ({ entropy, hidden, learningRate, optimizer }: Defaults) => ({
  gamma: Field.unitInterval
    .annotate({ description: "discount per step, 0 to 1; at 1 only where episodes end by themselves" })
    .pipe(Field.withDefault(0.99)),
  learningRate: Ramp.timed(Ramp.positive)
    .annotate({ description: "step size of the optimizer: a number, or a ramp over steps or updates" })
    .pipe(Field.withDefault(learningRate)),
  optimizer: Optimizers.field("what the loss is descended with", optimizer),
  hidden: Schema.NonEmptyArray(Field.positiveInt)
    .annotate({ description: "widths of the shared hidden layers" })
    .pipe(Field.withDefault(hidden)),
  entropy: Ramp.timed(Ramp.nonNegative)
    .annotate({ description: "weight of the entropy bonus" })
    .pipe(Field.withDefault(entropy))
})

// minibatches

/** The fields of a rollout: states, actions, these numbers of each step, and which rows count. */
export const batch =
  (...numbers: ReadonlyArray<string>) =>
  ({ batch, observation }: Pick<Learner.Sizes, "batch" | "observation">) => ({
    observation: NdArray.spec([batch, observation]),
    action: NdArray.spec([batch, 1]),
    ...Object.fromEntries([...numbers, "mask"].map((name) => [name, NdArray.spec([batch])]))
  })
