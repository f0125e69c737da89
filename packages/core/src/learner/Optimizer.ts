/**
 * Optimizers as data, in the manner of optax: `init` makes the state, `update` turns gradients into changes of the
 * parameters. They compose by `chain`, each link seeing what the one before made of the gradients.
 *
 * ```ts
 * const optimizer = Optimizer.chain(Optimizer.clipByGlobalNorm(1), Optimizer.adam({ learningRate: 1e-3 }))
 * ```
 */
import * as NdArray from "@ornstein/jit/NdArray"
import * as tf from "@tensorflow/tfjs-core"
import * as Schema from "effect/Schema"
import { Field } from "../config/index.ts"
import * as Ramp from "../ramp/Ramp.ts"
import * as Parameters from "./Parameters.ts"
import type * as Scalars from "./Scalars.ts"

// models

/** What an optimizer remembers: moments and counters, each shaped like parameters. */
export type State<L> = { readonly [slot: string]: Parameters.Parameters<L> }

export interface Optimizer {
  /** Its numbers that may move along with the run, by name: `learningRate`. */
  readonly scalars: Scalars.Scalars
  readonly init: (parameters: Parameters.Arrays) => State<NdArray.NdArray>
  /**
   * Gradients, the state, the parameters and the scalars' values give the changes to add to the parameters, and the next
   * state.
   */
  readonly update: (
    gradients: Parameters.Tensors,
    state: State<tf.Tensor>,
    parameters: Parameters.Tensors,
    scalars: Scalars.Tensors
  ) => readonly [changes: Parameters.Tensors, state: State<tf.Tensor>]
  /** What is made of the parameters when they have moved: `p <- project(p)`. */
  readonly project?: (parameters: Parameters.Tensors) => Parameters.Tensors
}

// pure core

/** `p + change` for every array. */
export const apply = (parameters: Parameters.Tensors, changes: Parameters.Tensors): Parameters.Tensors =>
  Parameters.zip(parameters, changes, (p, change) => tf.add(p, change))

const slot = (state: State<tf.Tensor>, name: string): Parameters.Tensors => {
  const found = state[name]
  if (found === undefined) throw new RangeError(`this optimizer's state has no "${name}"`)
  return found
}

const scalar = (scalars: Scalars.Tensors, name: string): tf.Tensor => {
  const found = scalars[name]
  if (found === undefined) throw new RangeError(`this optimizer is given no "${name}"`)
  return found
}

const zerosLike = (parameters: Parameters.Arrays): Parameters.Arrays =>
  Parameters.map(parameters, (p) => NdArray.zeros(p.shape))

/** The L2 norm of all arrays together. */
export const globalNorm = (gradients: Parameters.Tensors): tf.Tensor =>
  tf.sqrt(tf.addN(Parameters.leaves(gradients).map((g) => tf.sum(tf.square(g)))))

// constructors

const stateless = (
  scalars: Scalars.Scalars,
  f: (
    gradients: Parameters.Tensors,
    parameters: Parameters.Tensors,
    scalars: Scalars.Tensors
  ) => Parameters.Tensors
): Optimizer => ({
  scalars,
  init: () => ({}),
  update: (gradients, state, parameters, scalars) => [f(gradients, parameters, scalars), state]
})

/** `g <- g factor`. */
export const scale = (factor: number): Optimizer =>
  stateless({}, (gradients) => Parameters.map(gradients, (g) => tf.mul(g, factor)))

const learningRate = Ramp.timed(Ramp.nonNegative)

const decay = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0), Schema.isLessThan(1))

const epsilon = Field.nonNegative
  .annotate({ description: "added to the size of the gradient, against steps of any length" })
  .pipe(Field.withDefault(1e-8))

/** What a direction is multiplied by. */
const stepOf = (scalars: Scalars.Tensors): tf.Tensor => tf.neg(scalar(scalars, "learningRate"))

export const SgdOptions = Schema.Struct({
  learningRate,
  momentum: decay
    .annotate({ description: "share of the last step's velocity that the next one keeps" })
    .pipe(Field.withDefault(0))
})

/**
 * Stochastic gradient descent, with momentum (Polyak, 1964) where it is not 0: `v <- momentum v + g`,
 * `p <- p - learningRate v`.
 */
export const sgd = (input: Field.Input<typeof SgdOptions>): Optimizer => {
  const { learningRate, momentum } = Field.make("sgd", SgdOptions, input)
  const stepped = (direction: Parameters.Tensors, scalars: Scalars.Tensors): Parameters.Tensors => {
    const step = stepOf(scalars)
    return Parameters.map(direction, (g) => tf.mul(g, step))
  }
  if (momentum === 0) {
    return stateless({ learningRate }, (gradients, _parameters, scalars) => stepped(gradients, scalars))
  }
  return {
    scalars: { learningRate },
    init: (parameters) => ({ velocity: zerosLike(parameters) }),
    update: (gradients, state, _parameters, scalars) => {
      const velocity = Parameters.zip(slot(state, "velocity"), gradients, (v, g) =>
        tf.add(tf.mul(v, momentum), g)
      )
      return [stepped(velocity, scalars), { velocity }]
    }
  }
}

/** After each step `p <- project(p)`, such as weights put back to the norm 1; a link of a chain. */
export const projected = (project: (parameters: Parameters.Tensors) => Parameters.Tensors): Optimizer => ({
  ...stateless({}, (gradients) => gradients),
  project
})

/** `g <- g min(1, limit / norm)`, with the norm over all arrays together. */
export const clipByGlobalNorm = (limit: Ramp.Timed): Optimizer => {
  const gradientClip = Field.make("clipByGlobalNorm", Ramp.timed(Ramp.positive), limit)
  return stateless({ gradientClip }, (gradients, _parameters, scalars) => {
    // The maximum keeps the quotient finite when every gradient is 0.
    const norm = tf.maximum(globalNorm(gradients), 1e-30)
    const factor = tf.minimum(1, tf.div(scalar(scalars, "gradientClip"), norm))
    return Parameters.map(gradients, (g) => tf.mul(g, factor))
  })
}

/** `g <- g + coefficient p`, biases too: coupled weight decay, the gradient of `coefficient / 2 ||p||^2`. */
export const weightDecay = (coefficient: Ramp.Timed): Optimizer => {
  const weightDecay = Field.make("weightDecay", Ramp.timed(Ramp.nonNegative), coefficient)
  // Without it there is nothing to add: 0 times what is infinite is not 0.
  return weightDecay === 0
    ? stateless({}, (gradients) => gradients)
    : stateless({ weightDecay }, (gradients, parameters, scalars) =>
        Parameters.zip(gradients, parameters, (g, p) => tf.add(g, tf.mul(p, scalar(scalars, "weightDecay"))))
      )
}

export const AdamOptions = Schema.Struct({
  learningRate,
  beta1: decay
    .annotate({ description: "share of the gradient's mean that each step keeps" })
    .pipe(Field.withDefault(0.9)),
  beta2: decay
    .annotate({ description: "share of the gradient's mean square that each step keeps" })
    .pipe(Field.withDefault(0.999)),
  epsilon
})

/**
 * Adam (Kingma and Ba, 2015):
 * `m <- b1 m + (1 - b1) g`, `v <- b2 v + (1 - b2) g^2`,
 * `p <- p - learningRate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)`.
 *
 * The corrections `1 - b^t` are state, by `c <- b c + (1 - b)` from 0: exact in the first step, and no power.
 */
export const adam = (input: Field.Input<typeof AdamOptions>): Optimizer => {
  const { beta1, beta2, epsilon, learningRate } = Field.make("adam", AdamOptions, input)
  return {
    scalars: { learningRate },
    init: (parameters) => ({
      m: zerosLike(parameters),
      v: zerosLike(parameters),
      correction: { adam: { m: NdArray.scalar(0), v: NdArray.scalar(0) } }
    }),
    update: (gradients, state, _parameters, scalars) => {
      const m = Parameters.zip(slot(state, "m"), gradients, (m, g) =>
        tf.add(tf.mul(m, beta1), tf.mul(g, 1 - beta1))
      )
      const v = Parameters.zip(slot(state, "v"), gradients, (v, g) =>
        tf.add(tf.mul(v, beta2), tf.mul(tf.square(g), 1 - beta2))
      )
      const correctionM = tf.add(tf.mul(Parameters.at(slot(state, "correction"), "adam.m"), beta1), 1 - beta1)
      const correctionV = tf.add(tf.mul(Parameters.at(slot(state, "correction"), "adam.v"), beta2), 1 - beta2)
      // The scalars are divided once, not in every element.
      const stepSize = tf.div(stepOf(scalars), correctionM)
      const scaleV = tf.div(1, correctionV)
      const changes = Parameters.zip(m, v, (m, v) =>
        tf.div(tf.mul(m, stepSize), tf.add(tf.sqrt(tf.mul(v, scaleV)), epsilon))
      )
      return [changes, { m, v, correction: { adam: { m: correctionM, v: correctionV } } }]
    }
  }
}

export const AdamWOptions = Schema.Struct({
  ...AdamOptions.fields,
  weightDecay: Field.nonNegative
    .annotate({ description: "share of the parameters, times the learning rate, that each step takes away" })
    .pipe(Field.withDefault(1e-2))
})

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, 2019), of biases too: Adam's step, and
 * `p <- p - learningRate weightDecay p` with the p before it.
 */
export const adamW = (input: Field.Input<typeof AdamWOptions>): Optimizer => {
  const { weightDecay, ...options } = Field.make("adamW", AdamWOptions, input)
  const inner = adam(options)
  return {
    ...inner,
    update: (gradients, state, parameters, scalars) => {
      const [changes, next] = inner.update(gradients, state, parameters, scalars)
      const share = tf.mul(scalar(scalars, "learningRate"), weightDecay)
      return [Parameters.zip(changes, parameters, (change, p) => tf.sub(change, tf.mul(p, share))), next]
    }
  }
}

export const RmsPropOptions = Schema.Struct({
  learningRate,
  decay: decay
    .annotate({ description: "share of the gradient's mean square that each step keeps" })
    .pipe(Field.withDefault(0.99)),
  epsilon
})

/** RMSProp (Tieleman and Hinton, 2012): `v <- decay v + (1 - decay) g^2`, `p <- p - learningRate g / (sqrt(v) + epsilon)`. */
export const rmsProp = (input: Field.Input<typeof RmsPropOptions>): Optimizer => {
  const { decay, epsilon, learningRate } = Field.make("rmsProp", RmsPropOptions, input)
  return {
    scalars: { learningRate },
    init: (parameters) => ({ v: zerosLike(parameters) }),
    update: (gradients, state, _parameters, scalars) => {
      const v = Parameters.zip(slot(state, "v"), gradients, (v, g) =>
        tf.add(tf.mul(v, decay), tf.mul(tf.square(g), 1 - decay))
      )
      const step = stepOf(scalars)
      const changes = Parameters.zip(v, gradients, (v, g) =>
        tf.div(tf.mul(g, step), tf.add(tf.sqrt(v), epsilon))
      )
      return [changes, { v }]
    }
  }
}

// combinators

/** The names of a link's scalars among those of a chain: what is there already gets the link's number. */
const namesIn = (links: ReadonlyArray<Optimizer>): ReadonlyArray<ReadonlyMap<string, string>> => {
  const taken = new Set<string>()
  return links.map(({ scalars }, i) => {
    const names = Object.keys(scalars).map(
      (name) => [name, taken.has(name) ? `${name}${i + 1}` : name] as const
    )
    for (const [, name] of names) taken.add(name)
    return new Map(names)
  })
}

/** One after the other: each link sees the changes that the link before made. */
export const chain = (...links: ReadonlyArray<Optimizer>): Optimizer => {
  const names = namesIn(links)
  const projections = links.flatMap(({ project }) => (project === undefined ? [] : [project]))
  return {
    ...(projections.length === 0
      ? {}
      : { project: (parameters) => projections.reduce((p, project) => project(p), parameters) }),
    scalars: Object.fromEntries(
      links.flatMap(({ scalars }, i) =>
        Object.entries(scalars).map(([name, ramp]) => [names[i]?.get(name) ?? name, ramp] as const)
      )
    ),
    init: (parameters) =>
      Object.fromEntries(
        links.flatMap((link, i) =>
          Object.entries(link.init(parameters)).map(([name, slot]) => [`${i}.${name}`, slot] as const)
        )
      ),
    update: (gradients, state, parameters, scalars) =>
      links.reduce<readonly [Parameters.Tensors, State<tf.Tensor>]>(
        ([changes, done], link, i) => {
          const own = Object.fromEntries(
            Object.entries(state)
              .filter(([name]) => name.startsWith(`${i}.`))
              .map(([name, slot]) => [name.slice(`${i}.`.length), slot])
          )
          const given = Object.fromEntries(
            Array.from(names[i] ?? [], ([name, among]) => [name, scalar(scalars, among)])
          )
          const [next, nextState] = link.update(changes, own, parameters, given)
          const named = Object.entries(nextState).map(([name, slot]) => [`${i}.${name}`, slot] as const)
          return [next, { ...done, ...Object.fromEntries(named) }]
        },
        [gradients, {}]
      )
  }
}
