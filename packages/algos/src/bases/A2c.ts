/**
 * Advantage actor-critic with n-step returns (A2C, the synchronous form of Mnih et al., "Asynchronous methods for deep
 * reinforcement learning", 2016), for discrete actions. Over a rollout of n steps, with
 *
 * `y_t = r_t + gamma r_(t+1) + ... + gamma^k V(s_(t+k))` up to the end of the rollout or the episode, held constant,
 * `loss = mean_t [ -log pi(a_t|s_t) (y_t - V(s_t)) + c_v (y_t - V(s_t))^2 - c_e entropy(pi(.|s_t)) ]`,
 *
 * the advantage held constant. It learns from a `rollout` replay with `until: "full"`.
 */
import type * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import * as Learner from "@ornstein/core/Learner"
import * as Optimizer from "@ornstein/core/Optimizer"
import * as Optimizers from "@ornstein/core/Optimizers"
import * as Part from "@ornstein/core/Part"
import * as Replay from "@ornstein/core/Replay"
import * as Ramp from "@ornstein/core/Ramp"
import * as NdArray from "@ornstein/jit/NdArray"
import * as tf from "@tensorflow/tfjs-core"
import * as Schema from "effect/Schema"
import { Base, Papers } from "../family/index.ts"
import { Dense } from "../networks/index.ts"
import * as ActorCritic from "./ActorCritic.ts"
import * as RolloutBase from "./RolloutBase.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    ...RolloutBase.fields({ learningRate: 7e-4, hidden: [64, 64], entropy: 0.01 }),
    valueCoefficient: Ramp.timed(Ramp.positive)
      .annotate({ description: "weight of the value's loss" })
      .pipe(Field.withDefault(0.5)),
    gradientClip: Ramp.timed(Ramp.positive)
      .annotate({ description: "largest L2 norm of the gradient" })
      .pipe(Field.withDefault(0.5))
  })
) {}

/** What is given of them: the rest has defaults. */
export interface Input extends RolloutBase.Input {
  /** weight of the value's loss */
  readonly valueCoefficient?: Ramp.Timed
  /** largest L2 norm of the gradient */
  readonly gradientClip?: Ramp.Timed
}

// constructors

/** A2C with the given options; the rest are `Options`' defaults. */
export const make = (input: Input = {}): Learner.Learner<Environment.Discrete> => {
  const options = Field.make("a2c", Options, input)
  return ActorCritic.learner({
    name: "A2C",
    gamma: options.gamma,
    optimizer: Optimizer.chain(
      Optimizer.clipByGlobalNorm(options.gradientClip),
      Optimizers.all.make(options.optimizer)(options.learningRate)
    ),
    scalars: { valueCoefficient: options.valueCoefficient, entropyWeight: options.entropy },
    network: (sizes) => ActorCritic.network(options, sizes),
    fields: (sizes) => ({
      ...RolloutBase.batch("reward", "discount")(sizes),
      nextObservation: NdArray.spec([sizes.batch, sizes.observation])
    }),
    update: (network, old, { batch, scalars }) => {
      const of = (name: string): tf.Tensor => Learner.get(batch, name)
      const mask = of("mask")
      const next = ActorCritic.forward(network, old, of("nextObservation")).value
      const before = ActorCritic.forward(network, old, of("observation"))
      const y = tf.add(of("reward"), tf.mul(of("discount"), next))
      const advantage = tf.sub(y, before.value)
      const termsOf = (given: ActorCritic.PolicyValue): ActorCritic.Terms =>
        ActorCritic.terms(given, of("action"), y, advantage, tf.square)
      const reported = termsOf(before)
      return {
        loss: (parameters) => {
          const { entropy, policy, value } = termsOf(
            ActorCritic.forward(network, parameters, of("observation"))
          )
          const all = tf.sub(
            tf.add(policy, tf.mul(value, Learner.get(scalars, "valueCoefficient"))),
            tf.mul(entropy, Learner.get(scalars, "entropyWeight"))
          )
          return ActorCritic.maskedMean(all, mask)
        },
        metrics: {
          actorLoss: ActorCritic.maskedMean(reported.policy, mask),
          criticLoss: ActorCritic.maskedMean(reported.value, mask),
          entropy: ActorCritic.maskedMean(reported.entropy, mask),
          value: ActorCritic.maskedMean(before.value, mask)
        }
      }
    }
  })
}

// part

/** What a configuration names. */
export const part = Base.of(
  "Discrete",
  Base.onPolicy(Replay.Options.make({ kind: "rollout", capacity: 32, until: "full", normalize: false })),
  Part.from([Schema.Struct({ base: Schema.tag("a2c"), ...Options.fields })], {
    description: "for discrete actions: advantages over the n steps of a rollout",
    source: Papers.mnih,
    departures: [
      "one environment, not sixteen, and Adam in place of RMSProp",
      "truncated episodes bootstrap"
    ],
    example: { gamma: 0.9, hidden: [8] },
    make: (given) => {
      const { base: _, ...options } = given
      return Base.discrete(make(options), (observation) => Dense.weights(observation, options.hidden))
    }
  })
)
