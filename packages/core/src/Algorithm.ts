/**
 * Algorithms of the deterministic policy gradient as records of slots. Each slot is one line of the mathematics; **a
 * variant is a function `Algorithm => Algorithm`** that replaces a few slots and names itself:
 *
 * ```ts
 * const td3 = Ddpg.make(options).pipe(twinCritics, targetPolicySmoothing({ sigma: 0.2, clip: 0.5 }), delayedPolicy(2))
 * ```
 *
 * Slots are given the whole model, so a slot that one variant replaced is seen by all others. Two variants that want
 * the same slot are refused; variants on different slots commute.
 */
import type * as NdArray from "@ornstein/jit/NdArray"
import * as tf from "@tensorflow/tfjs"
import * as Effect from "effect/Effect"
import { type Pipeable, pipeArguments } from "effect/Pipeable"
import * as Schema from "effect/Schema"
import * as Environment from "./Environment.ts"
import * as Key from "./Key.ts"
import type * as Learner from "./Learner.ts"
import type * as Network from "./Network.ts"
import * as Optimizer from "./Optimizer.ts"
import * as Parameters from "./Parameters.ts"

// errors

/** Two variants want to replace the same slot. */
export class VariantConflict extends Schema.TaggedError<VariantConflict>()("VariantConflict", {
  slot: Schema.String,
  first: Schema.String,
  second: Schema.String
}) {
  override get message(): string {
    return `${this.first} and ${this.second} both replace the slot "${this.slot}". Leave one of them out`
  }
}

// models

/** What one update has at hand. */
export interface Context {
  readonly state: Learner.State<tf.Tensor>
  readonly batch: {
    /** `[batch, observation]` */
    readonly observation: tf.Tensor
    /** `[batch, action]`, in [-1, 1] */
    readonly action: tf.Tensor
    /** `[batch]` */
    readonly reward: tf.Tensor
    /** `[batch]`: gamma^k, 0 after a termination */
    readonly discount: tf.Tensor
    /** `[batch, observation]` */
    readonly nextObservation: tf.Tensor
    /** `[batch]`: importance weights, where the replay gives them */
    readonly weight: tf.Tensor | undefined
  }
  readonly noise: { readonly [name: string]: tf.Tensor }
}

/** A critic is a list of networks; DDPG's has one entry. Each gives `[batch, outputs]`. */
export type Critics = Network.Critic<ReadonlyArray<tf.Tensor>>

/** The networks for the sizes of a run, with the slots that compute on them. */
export interface Model extends Slots {
  readonly sizes: Learner.Sizes
  readonly actor: Network.Actor
  readonly critics: Critics
}

export interface CriticLoss {
  /** scalar */
  readonly loss: tf.Tensor
  /** `[batch]`: y - Q(s, a) */
  readonly error: tf.Tensor
  /** `[batch]`: Q(s, a) */
  readonly value: tf.Tensor
}

/** The lines of the mathematics. `model` is the finished algorithm, `c` the update at hand. */
export interface Slots {
  /** mu(s) `[batch, action]`; stochastic policies take standard normal noise of that shape. */
  readonly action: (
    model: Model,
    actor: Parameters.Tensors,
    s: tf.Tensor,
    noise: tf.Tensor | undefined
  ) => tf.Tensor
  /** The action at s' that the target is computed with, `[batch, action]`. */
  readonly targetAction: (model: Model, c: Context) => tf.Tensor
  /** What the critics together say of (s, a), `[batch]`: the value that targets are built from. */
  readonly value: (model: Model, critics: Parameters.Tensors, s: tf.Tensor, a: tf.Tensor) => tf.Tensor
  /** What the critics are fitted to: y `[batch]`, or a distribution for each sample. */
  readonly target: (model: Model, c: Context) => tf.Tensor
  /** The loss of one error, elementwise. */
  readonly regression: (error: tf.Tensor) => tf.Tensor
  readonly criticLoss: (model: Model, c: Context, critics: Parameters.Tensors, y: tf.Tensor) => CriticLoss
  /** What the actor climbs: Q(s, a) `[batch]`. */
  readonly policyValue: (model: Model, critics: Parameters.Tensors, s: tf.Tensor, a: tf.Tensor) => tf.Tensor
  /** scalar */
  readonly actorLoss: (model: Model, c: Context, actor: Parameters.Tensors) => tf.Tensor
  /** The new target parameters from the online and the old target ones. */
  readonly updateTarget: (online: Parameters.Tensors, target: Parameters.Tensors) => Parameters.Tensors
}

export interface Algorithm extends Slots, Pipeable {
  readonly name: string
  readonly gamma: number
  readonly actor: (sizes: Learner.Sizes) => Network.Actor
  readonly critics: (sizes: Learner.Sizes) => Critics
  /** Networks with a slowly moving copy. */
  readonly targets: ReadonlyArray<"actor" | "critic">
  readonly optimizers: { readonly actor: Optimizer.Optimizer; readonly critic: Optimizer.Optimizer }
  /** Normal numbers that an update takes, by name. */
  readonly noise: { readonly [name: string]: (sizes: Learner.Sizes) => NdArray.Spec }
  /** Does acting take noise? Then the policy is stochastic. */
  readonly isStochastic: boolean
  /** The actor and the targets move in every `policyDelay`-th update. */
  readonly policyDelay: number
  /** Which variant replaced which slot. */
  readonly claims: { readonly [slot: string]: string }
}

export type Variant = (self: Algorithm) => Algorithm

// constructors

/** An algorithm from its slots; variants are applied with `.pipe(...)`. */
export const make = (algorithm: Omit<Algorithm, "claims" | "pipe">): Algorithm => ({
  ...algorithm,
  claims: {},
  pipe() {
    return pipeArguments(this, arguments)
  }
})

/**
 * A variant that replaces slots; `slots` is given the algorithm before. Throws a `VariantConflict` when another
 * variant holds one of them.
 */
export const variant =
  (name: string, slots: (self: Algorithm) => Partial<Omit<Algorithm, "claims" | "pipe">>): Variant =>
  (self) => {
    const replaced = slots(self)
    const claims: { [slot: string]: string } = { ...self.claims }
    for (const slot of Object.keys(replaced)) {
      if (slot === "name" || slot === "noise") continue
      const first = claims[slot]
      if (first !== undefined) throw new VariantConflict({ slot, first, second: name })
      claims[slot] = name
    }
    return { ...self, ...replaced, noise: { ...self.noise, ...replaced.noise }, claims }
  }

// pure core

/** The mean over the batch, weighted where the replay gives weights. */
export const batchMean = (perSample: tf.Tensor, weight: tf.Tensor | undefined): tf.Tensor =>
  tf.mean(weight === undefined ? perSample : perSample.mul(weight))

/** One descent of `loss` by an optimizer: the one place where gradients meet parameters. */
export const descend = (
  optimizer: Optimizer.Optimizer,
  parameters: Parameters.Tensors,
  memory: Optimizer.State<tf.Tensor>,
  loss: (parameters: Parameters.Tensors) => tf.Tensor
): {
  readonly parameters: Parameters.Tensors
  readonly memory: Optimizer.State<tf.Tensor>
  readonly loss: tf.Tensor
} => {
  const { grads, value } = tf.valueAndGrads((...leaves: ReadonlyArray<tf.Tensor>) =>
    loss(Parameters.fromLeaves(parameters, leaves)).asScalar()
  )([...Parameters.leaves(parameters)])
  const [changes, next] = optimizer.update(Parameters.fromLeaves(parameters, grads), memory, parameters)
  return { parameters: Optimizer.apply(parameters, changes), memory: next, loss: value }
}

/** The network of this name among others; throws a `RangeError` if there is none. */
export const network = <N>(networks: { readonly [name: string]: N }, name: string): N => {
  const found = networks[name]
  if (found === undefined) throw new RangeError(`there is no network "${name}"`)
  return found
}

const context = (state: Learner.State<tf.Tensor>, inputs: Learner.Inputs<tf.Tensor>): Context => ({
  state,
  batch: {
    observation: network(inputs.batch, "observation"),
    action: network(inputs.batch, "action"),
    reward: network(inputs.batch, "reward"),
    discount: network(inputs.batch, "discount"),
    nextObservation: network(inputs.batch, "nextObservation"),
    weight: inputs.batch["weight"]
  },
  noise: inputs.noise
})

const criticPhase = (algorithm: Algorithm, model: Model): Learner.Phase => ({
  name: "critic",
  every: 1,
  update: (state, inputs) => {
    const c = context(state, inputs)
    const y = model.target(model, c)
    const critics = network(state.online, "critic")
    const told = model.criticLoss(model, c, critics, y)
    const { loss, memory, parameters } = descend(
      algorithm.optimizers.critic,
      critics,
      network(state.optimizer, "critic"),
      (critics) => model.criticLoss(model, c, critics, y).loss
    )
    return [
      {
        ...state,
        online: { ...state.online, critic: parameters },
        optimizer: { ...state.optimizer, critic: memory }
      },
      { criticLoss: loss, value: tf.mean(told.value), error: told.error }
    ]
  }
})

const actorPhase = (algorithm: Algorithm, model: Model): Learner.Phase => ({
  name: "actor",
  every: algorithm.policyDelay,
  update: (state, inputs) => {
    const c = context(state, inputs)
    const { loss, memory, parameters } = descend(
      algorithm.optimizers.actor,
      network(state.online, "actor"),
      network(state.optimizer, "actor"),
      (actor) => model.actorLoss(model, c, actor)
    )
    return [
      {
        ...state,
        online: { ...state.online, actor: parameters },
        optimizer: { ...state.optimizer, actor: memory }
      },
      { actorLoss: loss }
    ]
  }
})

const targetPhase = (algorithm: Algorithm, model: Model): Learner.Phase => ({
  name: "targets",
  every: algorithm.policyDelay,
  update: (state) => [
    {
      ...state,
      target: Object.fromEntries(
        algorithm.targets.map((name) => [
          name,
          model.updateTarget(network(state.online, name), network(state.target, name))
        ])
      )
    },
    {}
  ]
})

/** The algorithm as a learner for continuous actions. */
export const learner = (algorithm: Algorithm): Learner.Learner<Environment.Continuous> => ({
  name: algorithm.name,
  environment: Environment.Continuous.use((world) => Effect.succeed(Environment.rescaleActions(world))),
  gamma: algorithm.gamma,
  decide: (output, _key, action) => action.set(output),
  model: (sizes) => {
    const model: Model = {
      ...algorithm,
      sizes,
      actor: algorithm.actor(sizes),
      critics: algorithm.critics(sizes)
    }
    const field = (...shape: ReadonlyArray<number>): NdArray.Spec => ({ shape, dtype: "float32" })
    return {
      init: (key) => {
        const online = {
          actor: model.actor.init(Key.fold(key, "actor")),
          critic: model.critics.init(Key.fold(key, "critic"))
        }
        return {
          online,
          // Targets begin as exact copies.
          target: Object.fromEntries(algorithm.targets.map((name) => [name, online[name]])),
          optimizer: {
            actor: algorithm.optimizers.actor.init(online.actor),
            critic: algorithm.optimizers.critic.init(online.critic)
          }
        }
      },
      batch: {
        observation: field(sizes.batch, sizes.observation),
        action: field(sizes.batch, sizes.action),
        reward: field(sizes.batch),
        discount: field(sizes.batch),
        nextObservation: field(sizes.batch, sizes.observation)
      },
      noise: Object.fromEntries(Object.entries(algorithm.noise).map(([name, spec]) => [name, spec(sizes)])),
      actionNoise: algorithm.isStochastic ? sizes.action : 0,
      act: (state, observation, noise) =>
        model.action(model, network(state.online, "actor"), observation, noise),
      phases: [criticPhase(algorithm, model), actorPhase(algorithm, model), targetPhase(algorithm, model)]
    }
  }
})
