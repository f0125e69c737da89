/**
 * Actor-critic for discrete actions: a softmax policy and a value on one trunk, one update per episode (Konda and
 * Tsitsiklis, 2000; the form of the Keras example on CartPole). With the episode's returns R, normalised or not,
 *
 * `loss = sum_t [ -log pi(a_t|s_t) (R_t - V(s_t)) + h(V(s_t) - R_t) - c entropy(pi(.|s_t)) ]`,
 *
 * h the Huber loss. It learns from a `rollout` replay, whose minibatch is one episode.
 */
import * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import * as Gradient from "@ornstein/core/Gradient"
import * as Key from "@ornstein/core/Key"
import * as Learner from "@ornstein/core/Learner"
import * as Network from "@ornstein/core/Network"
import type * as Optimizer from "@ornstein/core/Optimizer"
import * as Optimizers from "@ornstein/core/Optimizers"
import type * as Parameters from "@ornstein/core/Parameters"
import * as Part from "@ornstein/core/Part"
import * as Replay from "@ornstein/core/Replay"
import * as Ramp from "@ornstein/core/Ramp"
import * as Scalars from "@ornstein/core/Scalars"
import * as NdArray from "@ornstein/jit/NdArray"
import * as tf from "@tensorflow/tfjs-core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Base, Papers } from "../family/index.ts"
import { Dense } from "../networks/index.ts"
import { Huber } from "../variants/index.ts"
import * as RolloutBase from "./RolloutBase.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    ...RolloutBase.fields({
      learningRate: 1e-2,
      // Keras' epsilon.
      optimizer: { kind: "adam", epsilon: 1e-7 },
      hidden: [128],
      entropy: 0
    }),
    huberDelta: Ramp.timed(Ramp.positive)
      .annotate({ description: "the size of error from which the value's loss is linear" })
      .pipe(Field.withDefault(1)),
    advantageGradient: Schema.Literals(["intoValue", "detached"])
      .annotate({ description: "does the policy's term move the value too? In the Keras example it does" })
      .pipe(Field.withDefault("intoValue" as const))
  })
) {}

/** What is given of them: the rest has defaults. */
export interface Input extends RolloutBase.Input {
  /** the size of error from which the value's loss is linear */
  readonly huberDelta?: Ramp.Timed
  /** does the policy's term move the value too? In the Keras example it does */
  readonly advantageGradient?: "intoValue" | "detached"
}

/** What a policy and its value say of some states. */
export interface PolicyValue {
  /** `[rows, actions]` */
  readonly logProbabilities: tf.Tensor
  /** `[rows]` */
  readonly value: tf.Tensor
}

/** The terms of the loss, each `[rows]`. */
export interface Terms {
  readonly policy: tf.Tensor
  readonly value: tf.Tensor
  readonly entropy: tf.Tensor
}

export type PolicyValueNetwork = Network.Actor<ReadonlyArray<tf.Tensor>>

// pure core

/** The network's name in the state. */
export const NETWORK = "actorCritic"

/** Shared layers, then logits `[rows, actions]` and value `[rows, 1]`. */
export const network = (
  { hidden }: Pick<Options, "hidden">,
  { action, observation }: Pick<Learner.Sizes, "action" | "observation">
): PolicyValueNetwork => {
  const trunk = Network.stack({ input: observation, hidden: hidden.slice(0, -1), output: hidden.at(-1) ?? 1 })
  const initial: Network.Initial = { kind: "glorot" }
  const input = hidden.at(-1) ?? 1
  return Network.heads(
    trunk.map((layer) => ({ ...layer, activation: "relu", initial })),
    [
      { name: "policy", input, output: action, activation: "linear", initial },
      { name: "value", input, output: 1, activation: "linear", initial }
    ]
  )
}

export const forward = (
  network: PolicyValueNetwork,
  parameters: Parameters.Tensors,
  s: tf.Tensor
): PolicyValue => {
  const [logits, value] = network.apply(Network.weights(parameters), s).output
  return { logProbabilities: tf.logSoftmax(logits!), value: tf.squeeze(value!, [1]) }
}

/** log pi(a|s) `[rows]`, for action indices `[rows, 1]`. */
const logProbabilityOf = (logProbabilities: tf.Tensor, action: tf.Tensor): tf.Tensor => {
  const n = logProbabilities.shape[1] ?? 0
  const indices = tf.tensor(
    Array.from({ length: n }, (_, i) => i),
    [1, n]
  )
  return tf.sum(tf.mul(logProbabilities, tf.cast(tf.equal(action, indices), "float32")), 1)
}

/** The terms for a target and an advantage, each `[rows]`; `regression` is the loss of the value's errors. */
export const terms = (
  { logProbabilities, value }: PolicyValue,
  action: tf.Tensor,
  target: tf.Tensor,
  advantage: tf.Tensor,
  regression: (error: tf.Tensor) => tf.Tensor
): Terms => ({
  policy: tf.neg(tf.mul(logProbabilityOf(logProbabilities, action), advantage)),
  value: regression(tf.sub(value, target)),
  entropy: tf.neg(tf.sum(tf.mul(tf.exp(logProbabilities), logProbabilities), 1))
})

/** A learner with one network, one phase and one loss; `update` gives the loss and what to report of it. */
export const learner = (description: {
  readonly name: string
  readonly gamma: number
  readonly optimizer: Optimizer.Optimizer
  readonly network: (sizes: Learner.Sizes) => PolicyValueNetwork
  readonly scalars: Scalars.Scalars
  readonly fields: (sizes: Learner.Sizes) => { readonly [field: string]: NdArray.Spec }
  readonly update: (
    network: PolicyValueNetwork,
    old: Parameters.Tensors,
    inputs: Pick<Learner.Inputs<tf.Tensor>, "batch" | "scalars">
  ) => {
    readonly loss: (parameters: Parameters.Tensors) => tf.Tensor
    readonly metrics: Learner.Metrics
  }
}): Learner.Learner<Environment.Discrete> => ({
  name: description.name,
  environment: Environment.Discrete.use((world) => Effect.succeed(world)),
  gamma: description.gamma,
  isOnPolicy: true,
  decision: "categorical",
  plan: (sizes) => {
    const { optimizer, update } = description
    const network = description.network(sizes)
    return {
      init: (key) => {
        const { parameters } = network.init(Key.fold(key, NETWORK))
        return {
          online: { [NETWORK]: parameters },
          target: {},
          optimizer: { [NETWORK]: optimizer.init(parameters) }
        }
      },
      batch: description.fields(sizes),
      draws: {},
      scalars: Scalars.merged(description.scalars, optimizer.scalars),
      policy: NETWORK,
      actionNoise: 0,
      act: (state, observation) =>
        tf.exp(forward(network, Learner.get(state.online, NETWORK), observation).logProbabilities),
      phases: [
        {
          name: NETWORK,
          every: 1,
          update: (state, inputs) => {
            const old = Learner.get(state.online, NETWORK)
            const { loss, metrics } = update(network, old, inputs)
            const memory = Learner.get(state.optimizer, NETWORK)
            const moved = Gradient.descend(
              optimizer,
              old,
              memory,
              Scalars.of("", optimizer.scalars, inputs.scalars),
              loss
            )
            return [
              {
                ...state,
                online: { [NETWORK]: moved.parameters },
                optimizer: { [NETWORK]: moved.memory }
              },
              { loss: moved.loss, ...metrics }
            ]
          }
        }
      ]
    }
  }
})

/** The mean of `x` `[rows]` over the rows that count. */
export const maskedMean = (x: tf.Tensor, mask: tf.Tensor): tf.Tensor =>
  tf.div(tf.sum(tf.mul(x, mask)), tf.sum(mask))

// constructors

/**
 * Actor-critic with the given options; the rest are `Options`' defaults.
 *
 * ```ts
 * const learner = ActorCritic.make({ learningRate: 1e-2 })
 * const replay = Replay.layerRollout({ capacity: 500 })
 * ```
 */
export const make = (input: Input = {}): Learner.Learner<Environment.Discrete> => {
  const options = Field.make("actorCritic", Options, input)
  return learner({
    name: "actor-critic",
    gamma: options.gamma,
    optimizer: Optimizers.all.make(options.optimizer)(options.learningRate),
    scalars: { huberDelta: options.huberDelta, entropyWeight: options.entropy },
    network: (sizes) => network(options, sizes),
    fields: RolloutBase.batch("return"),
    update: (network, old, { batch, scalars }) => {
      const observation = Learner.get(batch, "observation")
      const target = Learner.get(batch, "return")
      const mask = Learner.get(batch, "mask")
      const before = forward(network, old, observation)
      const of = (given: PolicyValue): Terms => {
        const baseline = options.advantageGradient === "detached" ? before.value : given.value
        const advantage = tf.sub(target, baseline)
        return terms(given, Learner.get(batch, "action"), target, advantage, (error) =>
          Huber.loss(error, Learner.get(scalars, "huberDelta"))
        )
      }
      const reported = of(before)
      return {
        loss: (parameters) => {
          const { entropy, policy, value } = of(forward(network, parameters, observation))
          const bonus = tf.mul(entropy, Learner.get(scalars, "entropyWeight"))
          return tf.sum(tf.mul(tf.sub(tf.add(policy, value), bonus), mask))
        },
        metrics: {
          actorLoss: tf.sum(tf.mul(reported.policy, mask)),
          criticLoss: tf.sum(tf.mul(reported.value, mask)),
          entropy: maskedMean(reported.entropy, mask),
          value: maskedMean(before.value, mask)
        }
      }
    }
  })
}

// part

/** What a configuration names. */
export const part = Base.of(
  "Discrete",
  Base.onPolicy(Replay.Options.make({ kind: "rollout" })),
  Part.from([Schema.Struct({ base: Schema.tag("actorCritic"), ...Options.fields })], {
    description: "for discrete actions: softmax policy and value on one trunk, an update per episode",
    source: Papers.konda,
    departures: [
      "the form of the Keras example on CartPole: returns normalised, Huber value loss, losses summed over the episode",
      "the end of an episode counts as the end of the world, also when it was truncated"
    ],
    example: { gamma: 0.9, hidden: [8] },
    make: (given) => {
      const { base: _, ...options } = given
      return Base.discrete(make(options), (observation) => Dense.weights(observation, options.hidden))
    }
  })
)
