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

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    gamma: Field.unitInterval
      .annotate({ description: "discount per step, 0 to 1; at 1 only where episodes end by themselves" })
      .pipe(Field.withDefault(0.99)),
    learningRate: Ramp.timed(Ramp.positive)
      .annotate({ description: "step size of the optimizer: a number, or a ramp over steps or updates" })
      .pipe(Field.withDefault(7e-4)),
    optimizer: Optimizers.field("what the loss is descended with"),
    hidden: Schema.NonEmptyArray(Field.positiveInt)
      .annotate({ description: "widths of the shared hidden layers" })
      .pipe(Field.withDefault([64, 64] as const)),
    valueCoefficient: Ramp.timed(Ramp.positive)
      .annotate({ description: "weight of the value's loss" })
      .pipe(Field.withDefault(0.5)),
    entropy: Ramp.timed(Ramp.nonNegative)
      .annotate({ description: "weight of the entropy bonus" })
      .pipe(Field.withDefault(0.01)),
    gradientClip: Ramp.timed(Ramp.positive)
      .annotate({ description: "largest L2 norm of the gradient" })
      .pipe(Field.withDefault(0.5))
  })
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** discount per step, 0 to 1; at 1 only where episodes end by themselves */
  readonly gamma?: number
  /** step size of the optimizer: a number, or a ramp over steps or updates */
  readonly learningRate?: Ramp.Timed
  /** what the loss is descended with */
  readonly optimizer?: Optimizers.Input
  /** widths of the shared hidden layers */
  readonly hidden?: readonly [number, ...Array<number>]
  /** weight of the value's loss */
  readonly valueCoefficient?: Ramp.Timed
  /** weight of the entropy bonus */
  readonly entropy?: Ramp.Timed
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
    fields: ({ batch, observation }) => ({
      observation: NdArray.spec([batch, observation]),
      action: NdArray.spec([batch, 1]),
      reward: NdArray.spec([batch]),
      discount: NdArray.spec([batch]),
      nextObservation: NdArray.spec([batch, observation]),
      mask: NdArray.spec([batch])
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
