/** The prioritized replay: transitions are drawn in proportion to their last errors. See `Sampler.prioritized`. */
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Field, Part } from "../config/index.ts"
import * as Ramp from "../ramp/Ramp.ts"
import * as Assembly from "./Assembly.ts"
import type * as Contract from "./Contract.ts"
import * as NStep from "./NStep.ts"
import * as Sampler from "./Sampler.ts"
import * as SumTree from "./SumTree.ts"
import type * as Transitions from "./Transitions.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("prioritized"),
    capacity: Assembly.capacity,
    alpha: Field.unitInterval
      .annotate({ description: "how much priorities matter: 0 not at all, 1 in proportion" })
      .pipe(Field.withDefault(0.6)),
    beta: Ramp.ramp(Ramp.unitInterval)
      .annotate({
        description:
          "how much of the bias the weights take back, 0 to 1: a number, or a ramp over transitions"
      })
      .pipe(Field.withDefault(0.4)),
    epsilon: Field.positive
      .annotate({ description: "added to every error, so that none is forgotten" })
      .pipe(Field.withDefault(1e-6)),
    nStep: NStep.option,
    compact: Assembly.compact
  })
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** transitions kept; the oldest are overwritten */
  readonly capacity?: number
  /** how much priorities matter: 0 not at all, 1 in proportion */
  readonly alpha?: number
  /** how much of the bias the weights take back, 0 to 1: a number, or a ramp over transitions */
  readonly beta?: Ramp.Ramp
  /** added to every error, so that none is forgotten */
  readonly epsilon?: number
  /** keep each observation once: half the memory where episodes are long */
  readonly compact?: boolean
}

// pure core

/** The bytes from the start. */
export const bytes = (options: Options, shape: Transitions.Shape): number =>
  Assembly.bytes(options, shape) + SumTree.bytes(options.capacity)

// layers

/** In proportion to the last errors, with importance weights: see `Sampler`. */
export const layer = (options: Input): Layer.Layer<Contract.Replay> => {
  const priorities = Field.make("prioritized", Options, options)
  return Assembly.layer("prioritized", priorities, () => Sampler.prioritized(priorities.capacity, priorities))
}

// part

/** What a configuration names. */
export const part = Part.from([Options], {
  description: "transitions in proportion to their last errors, with weights that take the bias back",
  source: {
    authors: "Schaul et al.",
    year: 2016,
    title: "Prioritized experience replay",
    link: "https://arxiv.org/abs/1511.05952"
  },
  departures: [
    "weights are divided by the largest of the minibatch",
    "the loss is divided by the batch size, not by the sum of weights"
  ],
  requires: [...Assembly.requires, ...NStep.requires],
  example: { capacity: 1000, alpha: 0.7, beta: 0.5, epsilon: 1e-3, nStep: 5, compact: true },
  make: (options): Contract.Chosen => ({
    layer: NStep.apply(options, layer(options)),
    bytes: (shape) => bytes(options, shape)
  })
})
