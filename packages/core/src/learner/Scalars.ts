/**
 * Scalars of updates: learning rates, coefficients, scales of noise. They are inputs of programs and no constants of them,
 * so they may move along with the run (see `Ramp`), and another value needs no other program.
 *
 * ```ts
 * const scalars: Scalars.Scalars = { tau: 0.005, actorLearningRate: { kind: "cosine", from: 1e-3, to: 0, steps: 50_000 } }
 * ```
 */
import * as NdArray from "@ornstein/jit/NdArray"
import * as tf from "@tensorflow/tfjs-core"
import * as Ramp from "../ramp/Ramp.ts"

// models

/**
 * What remains of 1 beside another scalar, as in `(1 - tau) theta' + tau theta`: taken before either is rounded to float32.
 * It moves as the other one does, and is no number of its own.
 */
export interface Rest {
  /** The other one's name. */
  readonly besides: string
}

export type Scalars = { readonly [name: string]: Ramp.Timed | Rest }

/** Their values in an update, each a tensor without dimensions. */
export type Tensors = { readonly [name: string]: tf.Tensor }

// pure core

/** `actorLearningRate`: the actor's `learningRate`. */
const nameOf = (owner: string, name: string): string =>
  owner === "" ? name : `${owner}${name.slice(0, 1).toUpperCase()}${name.slice(1)}`

export const isRest = (scalar: Ramp.Timed | Rest): scalar is Rest =>
  typeof scalar === "object" && "besides" in scalar

/** The ramp behind a scalar; throws a `RangeError` where there is none. */
const rampOf = (scalars: Scalars, name: string): Ramp.Timed => {
  const scalar = scalars[name]
  if (scalar === undefined) throw new RangeError(`there is no scalar "${name}"`)
  return isRest(scalar) ? rampOf(scalars, scalar.besides) : scalar
}

/** Does it stay what it is? */
export const isConstant = (scalars: Scalars, name: string): boolean => Ramp.isConstant(rampOf(scalars, name))

/** A scalar's value in an update, the `update`-th and in the `step`-th step of the environment, both counted from 0. */
export const read = (scalars: Scalars, name: string, step: number, update: number): number => {
  const value = Ramp.read(rampOf(scalars, name), step, update)
  const scalar = scalars[name]
  return scalar !== undefined && isRest(scalar) ? 1 - value : value
}

/** An owner's scalars under the names that they have among all. */
export const owned = (owner: string, scalars: Scalars): Scalars =>
  Object.fromEntries(
    Object.entries(scalars).map(([name, scalar]) => [
      nameOf(owner, name),
      isRest(scalar) ? { besides: nameOf(owner, scalar.besides) } : scalar
    ])
  )

/** The values that belong to an owner, under its own names. */
export const of = (owner: string, scalars: Scalars, all: Tensors): Tensors =>
  Object.fromEntries(
    Object.keys(scalars).map((name) => {
      const found = all[nameOf(owner, name)]
      if (found === undefined) throw new RangeError(`there is no scalar "${nameOf(owner, name)}"`)
      return [name, found]
    })
  )

/** All of them; throws a `RangeError` if two have one name. */
export const merged = (...parts: ReadonlyArray<Scalars>): Scalars => {
  const entries = parts.flatMap((part) => Object.entries(part))
  const all = new Map(entries)
  const twice = entries.find(([name, ramp]) => all.get(name) !== ramp)
  if (twice !== undefined) throw new RangeError(`two scalars are called "${twice[0]}"`)
  return Object.fromEntries(all)
}

/** The arrays that hold them, as inputs of a program. */
export const specs = (scalars: Scalars): { readonly [name: string]: NdArray.Spec } =>
  Object.fromEntries(Object.keys(scalars).map((name) => [name, NdArray.spec([])]))

/** What they are at the start of a run, as constants: for a program that stands alone. */
export const initial = (scalars: Scalars): Tensors =>
  Object.fromEntries(Object.keys(scalars).map((name) => [name, tf.scalar(read(scalars, name, 0, 0))]))
