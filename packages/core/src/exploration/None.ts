/** No noise: the policy's own action. */
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Part } from "../config/index.ts"
import { Exploration, memoryless } from "./Contract.ts"
import * as Mixture from "./Mixture.ts"

// layers

/** The policy's own action. */
export const layer: Layer.Layer<Exploration> = Layer.succeed(Exploration, {
  name: "none",
  make: () =>
    memoryless(
      () => 0,
      () => {}
    )
})

// part

/** What a configuration names. */
export const part = Part.from([Schema.Struct({ kind: Schema.tag("none"), ...Mixture.fields })], {
  description: "the policy's own action",
  source: "what is left without noise",
  requires: [Mixture.isAdded],
  example: { epsilon: 0.1 },
  make: (options) => Mixture.apply(options, layer)
})
