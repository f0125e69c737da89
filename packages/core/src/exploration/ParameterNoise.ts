/**
 * Noise on the parameters of the policy (Plappert et al., "Parameter space noise for exploration", 2018): an episode is
 * played by `theta + sigma n`, n standard normal for every parameter, so the same state is met in the same way
 * throughout the episode. sigma adapts: every so many steps the distance
 *
 * `d = sqrt(mean (mu_theta(s) - mu_(theta + sigma n)(s))^2)`
 *
 * is measured on a minibatch with fresh noise, and sigma grows by a factor where d is below delta, and shrinks by it
 * otherwise: delta is the deviation of the actions. Layer normalisation makes one sigma fit all layers.
 */
import * as Schema from "effect/Schema"
import { Field } from "../config/index.ts"
import { Snapshot } from "../state/index.ts"

// models

export const Options = Schema.Struct({
  kind: Schema.tag("parameterNoise"),
  delta: Field.positive
    .annotate({ description: "the deviation of actions that sigma adapts to, in normalised units" })
    .pipe(Field.withDefault(0.2)),
  initialSigma: Field.positive
    .annotate({ description: "sigma before it has adapted" })
    .pipe(Field.withDefault(0.1)),
  factor: Schema.Finite.check(Schema.isGreaterThan(1))
    .annotate({ description: "what sigma is multiplied with or divided by" })
    .pipe(Field.withDefault(1.01)),
  every: Field.positiveInt
    .annotate({ description: "environment steps from one adaptation to the next" })
    .pipe(Field.withDefault(50))
})
export type Options = typeof Options.Type

/** What is given of them: the rest has defaults. */
export interface Input {
  /** the deviation of actions that sigma adapts to, in normalised units */
  readonly delta?: number
  /** sigma before it has adapted */
  readonly initialSigma?: number
  /** what sigma is multiplied with or divided by */
  readonly factor?: number
  /** environment steps from one adaptation to the next */
  readonly every?: number
}

/** The scale of the noise, which adapts. The perturbed parameters themselves belong to whoever acts. */
export interface Instance {
  readonly sigma: () => number
  readonly every: number
  /** Told the distance at the present sigma. */
  readonly adapt: (distance: number) => void
  readonly snapshot: () => Snapshot.Snapshot
  readonly restore: (snapshot: Snapshot.Snapshot) => void
}

// instances

export const make = ({ delta, every, factor, initialSigma }: Options): Instance => {
  let sigma = initialSigma
  return {
    sigma: () => sigma,
    every,
    adapt: (distance) => {
      sigma = distance < delta ? sigma * factor : sigma / factor
    },
    snapshot: () => ({ sigma }),
    restore: (snapshot) => {
      sigma = Snapshot.getNumber(snapshot, "sigma")
    }
  }
}
