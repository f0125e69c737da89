/**
 * The optimizers that a configuration can name. A learning rate stands beside them, because it may move along with the run:
 *
 * ```ts
 * const optimizer = Optimizers.all.make({ kind: "sgd", momentum: 0.9 })(1e-3)
 * ```
 */
import { Catalogue, Field, Part } from "../config/index.ts"
import type * as Ramp from "../ramp/Ramp.ts"
import * as Optimizer from "./Optimizer.ts"

// models

/** An optimizer, but for its learning rate. */
export type Rated = (learningRate: Ramp.Timed) => Optimizer.Optimizer

// parts

const { beta1, beta2, epsilon } = Optimizer.AdamOptions.fields

/** `Optimizer.adam` */
export const adam = Part.make("adam", {
  description: "steps by the ratio of the gradient's running mean to its running size",
  source: {
    authors: "Kingma and Ba",
    year: 2015,
    title: "Adam: a method for stochastic optimization",
    link: "https://arxiv.org/abs/1412.6980"
  },
  options: { beta1, beta2, epsilon },
  example: { kind: "adam", beta1: 0.5, beta2: 0.99, epsilon: 1e-7 },
  make:
    ({ beta1, beta2, epsilon }): Rated =>
    (learningRate) =>
      Optimizer.adam({ learningRate, beta1, beta2, epsilon })
})

/** `Optimizer.adamW` */
export const adamW = Part.make("adamW", {
  description: "Adam, and a share of the parameters themselves taken away in every step",
  source: {
    authors: "Loshchilov and Hutter",
    year: 2019,
    title: "Decoupled weight decay regularization",
    link: "https://arxiv.org/abs/1711.05101"
  },
  options: { beta1, beta2, epsilon, weightDecay: Optimizer.AdamWOptions.fields.weightDecay },
  example: { kind: "adamW", beta1: 0.5, beta2: 0.99, epsilon: 1e-7, weightDecay: 1e-3 },
  make:
    ({ beta1, beta2, epsilon, weightDecay }): Rated =>
    (learningRate) =>
      Optimizer.adamW({ learningRate, beta1, beta2, epsilon, weightDecay })
})

/** `Optimizer.sgd` */
export const sgd = Part.make("sgd", {
  description: "steps down the gradient, or down what momentum keeps of the last ones",
  source: {
    authors: "Robbins and Monro",
    year: 1951,
    title: "A stochastic approximation method",
    link: "https://doi.org/10.1214/aoms/1177729586"
  },
  options: { momentum: Optimizer.SgdOptions.fields.momentum },
  example: { kind: "sgd", momentum: 0.9 },
  make:
    ({ momentum }): Rated =>
    (learningRate) =>
      Optimizer.sgd({ learningRate, momentum })
})

/** `Optimizer.rmsProp` */
export const rmsProp = Part.make("rmsProp", {
  description: "steps by the ratio of the gradient to its running size",
  source: "Tieleman and Hinton, Neural networks for machine learning, lecture 6.5, 2012",
  options: { decay: Optimizer.RmsPropOptions.fields.decay, epsilon: Optimizer.RmsPropOptions.fields.epsilon },
  example: { kind: "rmsProp", decay: 0.9, epsilon: 1e-5 },
  make:
    ({ decay, epsilon }): Rated =>
    (learningRate) =>
      Optimizer.rmsProp({ learningRate, decay, epsilon })
})

/** All of them. */
export const all = Catalogue.of<Rated>("optimizer").with(adam, adamW, sgd, rmsProp)

export type Options = typeof all.open.Type
export type Input = (typeof all.open)["~type.make"]

// schemas

/**
 * A field of a configuration that names an optimizer: one of `all`, or a part of your own; `byDefault` if it is left out.
 */
export const field = (description: string, byDefault: Input = { kind: "adam" }) =>
  all.open.annotate({ description }).pipe(Field.withDefault(all.open.make(byDefault)))
