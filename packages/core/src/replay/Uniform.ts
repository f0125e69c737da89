/** The uniform replay: every transition that is kept is equally likely (Lin, 1992). */
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Field, Part } from "../config/index.ts"
import * as Assembly from "./Assembly.ts"
import type * as Contract from "./Contract.ts"
import * as NStep from "./NStep.ts"
import * as Reader from "./Reader.ts"
import * as Sampler from "./Sampler.ts"
import * as Transitions from "./Transitions.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("uniform"),
    capacity: Assembly.capacity,
    replacement: Schema.Boolean.annotate({
      description: "may a transition be in a minibatch twice?"
    }).pipe(Field.withDefault(true)),
    nStep: NStep.option,
    compact: Assembly.compact
  })
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** transitions kept; the oldest are overwritten */
  readonly capacity?: number
  /** may a transition be in a minibatch twice? */
  readonly replacement?: boolean
  /** keep each observation once: half the memory where episodes are long */
  readonly compact?: boolean
}

// pure core

/** The bytes from the start; drawing without replacement marks every slot. */
export const bytes = (options: Options, shape: Transitions.Shape): number =>
  Assembly.bytes(options, shape) +
  (options.replacement ? 0 : Uint32Array.BYTES_PER_ELEMENT * options.capacity)

// instances

/** Every stored transition equally likely, drawn with replacement. */
export const make = (capacity: number, shape: Contract.Shape): Contract.Instance =>
  Assembly.assemble(Transitions.full(capacity, shape), shape, Sampler.uniform, Reader.oneStep)

// layers

/** Every stored transition equally likely. */
export const layer = (options: Input): Layer.Layer<Contract.Replay> => {
  const { capacity, compact, replacement } = Field.make("uniform", Options, options)
  return Assembly.layer("uniform", { capacity, compact }, () =>
    replacement ? Sampler.uniform : Sampler.withoutReplacement(capacity)
  )
}

// part

/** What a configuration names. */
export const part = Part.from([Options], {
  description: "every transition that is kept is equally likely",
  source: {
    authors: "Lin",
    year: 1992,
    title: "Self-improving reactive agents based on reinforcement learning, planning and teaching",
    link: "https://doi.org/10.1007/BF00992699"
  },
  requires: [...Assembly.requires, ...NStep.requires],
  example: { capacity: 1000, replacement: false, nStep: 3, compact: true },
  make: (options): Contract.Chosen => ({
    layer: NStep.apply(options, layer(options)),
    bytes: (shape) => bytes(options, shape)
  })
})
