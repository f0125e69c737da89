/** An algorithm's slots in the order of an update: the critics, the actor and the coefficients, the targets. */
import * as Gradient from "@ornstein/core/Gradient"
import * as Key from "@ornstein/core/Key"
import * as Learner from "@ornstein/core/Learner"
import type * as Network from "@ornstein/core/Network"
import type * as Optimizer from "@ornstein/core/Optimizer"
import type * as Parameters from "@ornstein/core/Parameters"
import * as Scalars from "@ornstein/core/Scalars"
import * as Shape from "@ornstein/core/Shape"
import * as NdArray from "@ornstein/jit/NdArray"
import * as tf from "@tensorflow/tfjs-core"
import * as Bound from "./Bound.ts"
import type * as Slots from "./Slots.ts"

// state

/** A coefficient's parameters: one scalar. */
const toParameters = <L>(x: L): Parameters.Parameters<L> => ({ coefficient: { value: x } })

const fromParameters = (parameters: Parameters.Tensors): tf.Tensor =>
  Learner.get(Learner.get(parameters, "coefficient"), "value")

const init = (
  algorithm: Slots.Algorithm,
  { actor, critics, others = {} }: Slots.Networks,
  key: Key.Key
): Learner.State<NdArray.NdArray> => {
  const networks: { readonly [network: string]: Network.Numbers<NdArray.NdArray> } = {
    actor: actor.init(Key.fold(key, "actor")),
    critic: critics.init(Key.fold(key, "critic")),
    ...Object.fromEntries(Object.entries(others).map(([name, { init }]) => [name, init(Key.fold(key, name))]))
  }
  const coefficients = Object.entries(algorithm.coefficients)
  const online: { readonly [network: string]: Parameters.Arrays } = {
    ...Object.fromEntries(Object.entries(networks).map(([name, { parameters }]) => [name, parameters])),
    ...Object.fromEntries(
      coefficients.map(([name, { initial }]) => [name, toParameters(NdArray.scalar(initial))])
    )
  }
  const optimizers: { readonly [network: string]: Optimizer.Optimizer } = {
    actor: algorithm.optimizers.actor,
    critic: algorithm.optimizers.critic,
    ...Object.fromEntries(
      Object.entries(algorithm.networks).map(([name, { optimizer }]) => [name, optimizer])
    ),
    ...Object.fromEntries(coefficients.map(([name, { optimizer }]) => [name, optimizer]))
  }
  const statistics = Object.fromEntries(
    Object.entries(networks).flatMap(([name, { statistics }]) =>
      Object.keys(statistics).length === 0 ? [] : [[name, statistics]]
    )
  )
  // Copies by the networks that they are of: copies of copies begin as the network, too.
  const copies: ReadonlyArray<readonly [copy: string, network: string]> = [
    ...algorithm.targets.map((name) => [name, name] as const),
    ...Object.entries(algorithm.networks).flatMap(([name, { copies }]) =>
      Object.keys(copies).map((copy) => [copy, name] as const)
    )
  ]
  return {
    online,
    // Targets begin as exact copies.
    target: Object.fromEntries(copies.map(([copy, name]) => [copy, Learner.get(online, name)])),
    ...(algorithm.deployed === undefined
      ? {}
      : { extension: algorithm.deployed.state(Learner.get(networks, "actor").parameters) }),
    optimizer: Object.fromEntries(
      Object.entries(optimizers).map(([name, { init }]) => [name, init(Learner.get(online, name))])
    ),
    ...(Object.keys(statistics).length === 0
      ? {}
      : {
          statistics: {
            online: statistics,
            target: Object.fromEntries(
              copies.flatMap(([copy, name]) => {
                const kept = statistics[name]
                return kept === undefined ? [] : [[copy, kept]]
              })
            )
          }
        })
  }
}

type State = Learner.State<tf.Tensor>

const NOTHING: Slots.Beside = { online: {}, target: {} }

/** A network's numbers in the state, as they act; and what stands beside it. */
const weights = (
  state: State,
  kind: "online" | "target",
  name: string,
  beside: Slots.Beside = NOTHING
): Network.Weights => {
  const parameters = state[kind][name]
  if (parameters === undefined) {
    throw new RangeError(
      kind === "target"
        ? `this algorithm has no slowly moving ${name}: its targets do not name it`
        : `there is no "${name}"`
    )
  }
  const others = Object.entries(beside[kind])
  return {
    parameters,
    statistics: state.statistics?.[kind][name] ?? {},
    isTraining: false,
    ...(others.length === 0
      ? {}
      : { beside: Object.fromEntries(others.map(([as, network]) => [as, other(state, network)])) })
  }
}

/** A network beside actor and critics, or a copy of one. */
const other = (state: State, name: string): Network.Weights =>
  weights(state, state.online[name] === undefined ? "target" : "online", name)

/** What the slots see of a state and the inputs of an update. */
export const context = (
  state: State,
  { batch, draws, scalars }: Learner.Inputs<tf.Tensor>,
  beside: Slots.Beside = NOTHING
): Slots.Context => ({
  s: Learner.get(batch, "observation"),
  a: Learner.get(batch, "action"),
  r: Learner.get(batch, "reward"),
  discount: Learner.get(batch, "discount"),
  s2: Learner.get(batch, "nextObservation"),
  weight: batch["weight"],
  online: {
    actor: weights(state, "online", "actor", beside),
    critics: weights(state, "online", "critic", beside)
  },
  target: {
    get actor() {
      return weights(state, "target", "actor", beside)
    },
    get critics() {
      return weights(state, "target", "critic", beside)
    }
  },
  network: (name) => other(state, name),
  draw: (name) => Learner.get(draws, name),
  scalar: (name) => Learner.get(scalars, name),
  coefficient: (name) => fromParameters(Learner.get(state.online, name))
})

/** A network in a pass that learns, and its statistics after the pass. */
const pass = (
  before: Network.Weights,
  parameters: Parameters.Tensors = before.parameters
): { readonly weights: Network.Weights; readonly statistics: () => Parameters.Tensors } => {
  let { statistics } = before
  return {
    statistics: () => statistics,
    weights: {
      ...before,
      parameters,
      isTraining: true,
      // A second application in the same pass goes on from the first.
      get statistics() {
        return statistics
      },
      seen: (after) => {
        statistics = after
      }
    }
  }
}

/** The state after one network has descended its loss. */
const descended = (
  state: State,
  name: string,
  before: Network.Weights,
  optimizer: Optimizer.Optimizer,
  scalars: Scalars.Tensors,
  loss: (weights: Network.Weights) => tf.Tensor
): readonly [State, loss: tf.Tensor] => {
  const memory = Learner.get(state.optimizer, name)
  const own = Scalars.of(name, optimizer.scalars, scalars)
  const moved = Gradient.descend(optimizer, before.parameters, memory, own, (parameters) =>
    loss(pass(before, parameters).weights)
  )
  const next: State = {
    ...state,
    online: { ...state.online, [name]: moved.parameters },
    optimizer: { ...state.optimizer, [name]: moved.memory }
  }
  if (state.statistics?.online[name] === undefined) return [next, moved.loss]
  // Once more outside of the gradient, which lets go of all tensors within; the trace merges both.
  const { statistics, weights } = pass(before)
  loss(weights)
  const online = { ...state.statistics.online, [name]: statistics() }
  return [{ ...next, statistics: { ...state.statistics, online } }, moved.loss]
}

// phases

/** The whole loss of the critics, with the penalty. */
export const criticLoss = (
  m: Slots.Bound,
  c: Slots.Context,
  critics: Network.Weights,
  y: tf.Tensor
): Slots.CriticLoss => {
  const given = m.criticLoss(c, critics, y)
  const penalty = m.criticPenalty?.(c, critics)
  return penalty === undefined ? given : { ...given, loss: tf.add(given.loss, penalty) }
}

const criticPhase = (algorithm: Slots.Algorithm, m: Slots.Bound): Learner.Phase => ({
  name: "critic",
  every: 1,
  update: (state, inputs) => {
    const c = context(state, inputs, algorithm.beside)
    const y = m.target(c)
    const { error, metrics, value } = criticLoss(m, c, pass(c.online.critics).weights, y)
    const [next, loss] = descended(
      state,
      "critic",
      c.online.critics,
      algorithm.optimizers.critic,
      inputs.scalars,
      (critics) => criticLoss(m, c, critics, y).loss
    )
    return [next, { ...metrics, criticLoss: loss, value: tf.mean(value), error }]
  }
})

const actorPhase = (algorithm: Slots.Algorithm, m: Slots.Bound): Learner.Phase => ({
  name: "actor",
  every: algorithm.policyDelay,
  update: (state, inputs) => {
    const c = context(state, inputs, algorithm.beside)
    const moved = descended(
      state,
      "actor",
      c.online.actor,
      algorithm.optimizers.actor,
      inputs.scalars,
      (actor) => m.actorLoss(c, actor)
    )
    return Object.entries(algorithm.coefficients).reduce<readonly [State, Learner.Metrics]>(
      ([current, reported], [name, { loss, metrics, optimizer }]) => {
        const where = Bound.owner(algorithm, `coefficients.${name}`)
        const scalar = (x: tf.Tensor): tf.Tensor => Shape.assert(where, x, {})
        const [next] = descended(
          current,
          name,
          other(current, name),
          optimizer,
          inputs.scalars,
          ({ parameters }) => scalar(loss(m, c, fromParameters(parameters)))
        )
        const told = metrics?.(m, c, c.coefficient(name)) ?? {}
        for (const metric of Object.values(told)) scalar(metric)
        return [next, { ...reported, ...told }]
      },
      [moved[0], { actorLoss: moved[1] }]
    )
  }
})

/** The statistics after the targets have followed. */
const followed = (
  { targetStatistics, targets }: Slots.Algorithm,
  { statistics }: State
): Pick<State, "statistics"> => {
  if (statistics === undefined) return {}
  if (targetStatistics === "kept") return { statistics }
  const target = targets.flatMap((name) => {
    const online = statistics.online[name]
    return online === undefined ? [] : [[name, online] as const]
  })
  return {
    statistics: { online: statistics.online, target: { ...statistics.target, ...Object.fromEntries(target) } }
  }
}

const targetPhase = (algorithm: Slots.Algorithm, m: Slots.Bound): Learner.Phase => ({
  name: "targets",
  every: algorithm.targetEvery ?? algorithm.policyDelay,
  update: (state, inputs) => {
    const c = context(state, inputs, algorithm.beside)
    const target = algorithm.targets.map((name) => [
      name,
      m.updateTarget(c, Learner.get(state.online, name), Learner.get(state.target, name))
    ])
    return [
      { ...state, target: { ...state.target, ...Object.fromEntries(target) }, ...followed(algorithm, state) },
      {}
    ]
  }
})

/** The phases of the networks beside actor and critics: each learns before the critics, and is copied after all. */
const otherPhases = (
  algorithm: Slots.Algorithm,
  m: Slots.Bound
): { readonly learning: ReadonlyArray<Learner.Phase>; readonly copying: ReadonlyArray<Learner.Phase> } => {
  const others = Object.entries(algorithm.networks)
  return {
    learning: others.map(([name, { every, loss, optimizer }]) => ({
      name,
      every,
      update: (state, inputs) => {
        const c = context(state, inputs, algorithm.beside)
        const where = Bound.owner(algorithm, `networks.${name}`)
        const [next, value] = descended(state, name, c.network(name), optimizer, inputs.scalars, (weights) =>
          Shape.assert(where, loss(m, c, weights), {})
        )
        return [next, { [`${name}Loss`]: value }]
      }
    })),
    copying: others.flatMap(([name, { copies, copyEvery }]) =>
      Object.keys(copies).length === 0
        ? []
        : [
            {
              name: `${name}Copies`,
              every: copyEvery,
              update: (state) => {
                const made = Object.entries(copies).map(([copy, of]) => [copy, other(state, of)] as const)
                const parameters = made.map(([copy, { parameters }]) => [copy, parameters] as const)
                const kept = made.flatMap(([copy, { statistics }]) =>
                  state.statistics?.target[copy] === undefined ? [] : [[copy, statistics] as const]
                )
                return [
                  {
                    ...state,
                    target: { ...state.target, ...Object.fromEntries(parameters) },
                    ...(state.statistics === undefined
                      ? {}
                      : {
                          statistics: {
                            ...state.statistics,
                            target: { ...state.statistics.target, ...Object.fromEntries(kept) }
                          }
                        })
                  },
                  {}
                ]
              }
            }
          ]
    )
  }
}

/** The scalars of the lines, and those of the optimizers by the names of their networks. */
const scalarsOf = ({ coefficients, networks, optimizers, scalars }: Slots.Algorithm): Scalars.Scalars =>
  Scalars.merged(
    scalars,
    Scalars.owned("actor", optimizers.actor.scalars),
    Scalars.owned("critic", optimizers.critic.scalars),
    ...Object.entries({ ...networks, ...coefficients }).map(([name, { optimizer }]) =>
      Scalars.owned(name, optimizer.scalars)
    )
  )

// constructors

/** What training needs of the algorithm at these sizes. */
export const plan = (algorithm: Slots.Algorithm, m: Slots.Bound, networks: Slots.Networks): Learner.Plan => {
  const { action, batch, isWeighted, observation } = m.sizes
  const others = otherPhases(algorithm, m)
  const own = [criticPhase(algorithm, m), actorPhase(algorithm, m), targetPhase(algorithm, m)]
  return {
    init: (key) => init(algorithm, networks, key),
    batch: {
      observation: NdArray.spec([batch, observation]),
      action: NdArray.spec([batch, action]),
      reward: NdArray.spec([batch]),
      discount: NdArray.spec([batch]),
      nextObservation: NdArray.spec([batch, observation]),
      ...(isWeighted === true ? { weight: NdArray.spec([batch]) } : {})
    },
    draws: Object.fromEntries(Object.entries(algorithm.draws).map(([name, draw]) => [name, draw(m.sizes)])),
    scalars: scalarsOf(algorithm),
    policy: "actor",
    actionNoise: algorithm.isStochastic ? action : 0,
    act: (state, observation, noise) =>
      m.policy(weights(state, "online", "actor", algorithm.beside), observation, noise),
    phases: [...others.learning, ...own, ...others.copying],
    ...(algorithm.deployed === undefined ? {} : { deployed: algorithm.deployed })
  }
}
