/** An algorithm's slots in the order of an update: the critics, the actor and the coefficients, the targets. */
import * as NdArray from "@ornstein/jit/NdArray"
import * as tf from "@tensorflow/tfjs-core"
import * as Gradient from "@ornstein/core/Gradient"
import * as Key from "@ornstein/core/Key"
import * as Learner from "@ornstein/core/Learner"
import type * as Optimizer from "@ornstein/core/Optimizer"
import type * as Parameters from "@ornstein/core/Parameters"
import type * as Slots from "./Slots.ts"

// state

/** A coefficient's parameters: one scalar. */
const boxed = <L>(x: L): Parameters.Parameters<L> => ({ coefficient: { value: x } })

const unboxed = (parameters: Parameters.Tensors): tf.Tensor =>
  Learner.get(Learner.get(parameters, "coefficient"), "value")

/** A coefficient's number in the state. */
export const coefficient = (state: Learner.State<tf.Tensor>, name: string): tf.Tensor =>
  unboxed(Learner.get(state.online, name))

const init = (
  algorithm: Slots.Algorithm,
  model: Slots.Bound,
  key: Key.Key
): Learner.State<NdArray.NdArray> => {
  const coefficients = Object.entries(algorithm.coefficients)
  const online: { readonly [network: string]: Parameters.Arrays } = {
    actor: model.actor.init(Key.fold(key, "actor")),
    critic: model.critics.init(Key.fold(key, "critic")),
    ...Object.fromEntries(coefficients.map(([name, { initial }]) => [name, boxed(NdArray.scalar(initial))]))
  }
  const optimizers: { readonly [network: string]: Optimizer.Optimizer } = {
    ...algorithm.optimizers,
    ...Object.fromEntries(coefficients.map(([name, { optimizer }]) => [name, optimizer]))
  }
  return {
    online,
    // Targets begin as exact copies.
    target: Object.fromEntries(algorithm.targets.map((name) => [name, Learner.get(online, name)])),
    optimizer: Object.fromEntries(
      Object.entries(optimizers).map(([name, { init }]) => [name, init(Learner.get(online, name))])
    )
  }
}

/** What the slots see of a state and the inputs of an update. */
export const context = (
  state: Learner.State<tf.Tensor>,
  { batch, noise }: Learner.Inputs<tf.Tensor>
): Slots.Context => ({
  state,
  batch: {
    observation: Learner.get(batch, "observation"),
    action: Learner.get(batch, "action"),
    reward: Learner.get(batch, "reward"),
    discount: Learner.get(batch, "discount"),
    nextObservation: Learner.get(batch, "nextObservation"),
    weight: batch["weight"]
  },
  noise
})

/** The state after one network has descended its loss. */
const descended = (
  state: Learner.State<tf.Tensor>,
  name: string,
  optimizer: Optimizer.Optimizer,
  loss: (parameters: Parameters.Tensors) => tf.Tensor
): readonly [Learner.State<tf.Tensor>, loss: tf.Tensor] => {
  const {
    loss: value,
    memory,
    parameters
  } = Gradient.descend(optimizer, Learner.get(state.online, name), Learner.get(state.optimizer, name), loss)
  return [
    {
      ...state,
      online: { ...state.online, [name]: parameters },
      optimizer: { ...state.optimizer, [name]: memory }
    },
    value
  ]
}

// phases

/** The whole loss of the critics, with the penalty. */
export const criticLoss = (
  model: Slots.Bound,
  c: Slots.Context,
  critics: Parameters.Tensors,
  y: tf.Tensor
): Slots.CriticLoss => {
  const told = model.criticLoss(model, c, critics, y)
  const penalty = model.criticPenalty?.(model, c, critics)
  return penalty === undefined ? told : { ...told, loss: tf.add(told.loss, penalty) }
}

const criticPhase = (algorithm: Slots.Algorithm, model: Slots.Bound): Learner.Phase => ({
  name: "critic",
  every: 1,
  update: (state, inputs) => {
    const c = context(state, inputs)
    const y = model.target(model, c)
    const { error, metrics, value } = criticLoss(model, c, Learner.get(state.online, "critic"), y)
    const [next, loss] = descended(
      state,
      "critic",
      algorithm.optimizers.critic,
      (critics) => criticLoss(model, c, critics, y).loss
    )
    return [next, { ...metrics, criticLoss: loss, value: tf.mean(value), error }]
  }
})

const actorPhase = (algorithm: Slots.Algorithm, model: Slots.Bound): Learner.Phase => ({
  name: "actor",
  every: algorithm.policyDelay,
  update: (state, inputs) => {
    const c = context(state, inputs)
    const moved = descended(state, "actor", algorithm.optimizers.actor, (actor) =>
      model.actorLoss(model, c, actor)
    )
    return Object.entries(algorithm.coefficients).reduce<
      readonly [Learner.State<tf.Tensor>, Learner.Metrics]
    >(
      ([current, told], [name, { loss, metrics, optimizer }]) => {
        const [next] = descended(current, name, optimizer, (x) => loss(model, c, unboxed(x)))
        return [next, { ...told, ...metrics?.(model, c, coefficient(state, name)) }]
      },
      [moved[0], { actorLoss: moved[1] }]
    )
  }
})

const targetPhase = (algorithm: Slots.Algorithm, model: Slots.Bound): Learner.Phase => ({
  name: "targets",
  every: algorithm.targetEvery ?? algorithm.policyDelay,
  update: (state) => [
    {
      ...state,
      target: Object.fromEntries(
        algorithm.targets.map((name) => [
          name,
          model.updateTarget(Learner.get(state.online, name), Learner.get(state.target, name))
        ])
      )
    },
    {}
  ]
})

// constructors

/** What training needs of the algorithm at these sizes. */
export const plan = (algorithm: Slots.Algorithm, model: Slots.Bound): Learner.Plan => {
  const { action, batch, isWeighted, observation } = model.sizes
  return {
    init: (key) => init(algorithm, model, key),
    batch: {
      observation: NdArray.spec([batch, observation]),
      action: NdArray.spec([batch, action]),
      reward: NdArray.spec([batch]),
      discount: NdArray.spec([batch]),
      nextObservation: NdArray.spec([batch, observation]),
      ...(isWeighted === true ? { weight: NdArray.spec([batch]) } : {})
    },
    noise: Object.fromEntries(
      Object.entries(algorithm.noise).map(([name, spec]) => [name, spec(model.sizes)])
    ),
    policy: "actor",
    actionNoise: algorithm.isStochastic ? action : 0,
    act: (state, observation, noise) =>
      model.action(model, Learner.get(state.online, "actor"), observation, noise),
    phases: [criticPhase(algorithm, model), actorPhase(algorithm, model), targetPhase(algorithm, model)]
  }
}
