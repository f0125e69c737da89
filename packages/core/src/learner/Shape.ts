/**
 * Shapes asserted where one part of an algorithm hands tensors to another. Programs are traced once, so an assertion costs
 * nothing in training.
 *
 * ```ts
 * const q = Shape.assert(`slot "value" of twinCritics`, values, { batch: 64 })
 * ```
 */
import * as tf from "@tensorflow/tfjs-core"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { Fault } from "../config/index.ts"

// errors

const written = (shape: ReadonlyArray<number | string>): string => `[${shape.join(", ")}]`

/** A tensor of another shape than whoever reads it expects. */
export class ShapeError
  extends Schema.TaggedError<ShapeError>()("ShapeError", {
    /** Who gave it: `slot "targetAction" of targetPolicySmoothing`. */
    where: Schema.String,
    actual: Schema.Array(Schema.Finite),
    expected: Schema.Array(Schema.Finite),
    /** What was given in place of a tensor. */
    instead: Schema.optionalKey(Schema.String),
    /** What each expected dimension is: `batch`, `action`; empty where the shape is that of another tensor. */
    dimensions: Schema.Array(Schema.String)
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get what(): string {
    const { actual, dimensions, expected, instead } = this
    const numbers = written(expected)
    const named = dimensions.length === 0 ? "" : `${written(dimensions)} = `
    const wanted = `${expected.length === 0 ? "a scalar, " : named}${numbers}`
    return instead === undefined
      ? `gave ${written(actual)}, expected ${wanted}`
      : `gave ${instead}, expected a tensor: ${wanted}`
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// pure core

/** What is no tensor, in words. */
const insteadOf = (x: unknown): string =>
  typeof x === "number" ? `the number ${x}` : `no tensor (${typeof x})`

/** Throws a `ShapeError` for what is no tensor: whoever wrote it may have no types. */
const assertTensor = (
  where: string,
  x: unknown,
  expected: ReadonlyArray<number>,
  dimensions: ReadonlyArray<string>
): void => {
  if (x instanceof tf.Tensor) return
  throw new ShapeError({ where, actual: [], expected, dimensions, instead: insteadOf(x) })
}

const isSame = (left: ReadonlyArray<number>, right: ReadonlyArray<number>): boolean =>
  left.length === right.length && left.every((size, i) => size === right[i])

/** The tensor, whose dimensions are these in their order; `{}` is a scalar. Throws a `ShapeError` if they are not. */
export const assert = (
  where: string,
  x: tf.Tensor,
  dimensions: { readonly [name: string]: number }
): tf.Tensor => {
  const expected = Object.values(dimensions)
  assertTensor(where, x, expected, Object.keys(dimensions))
  if (isSame(x.shape, expected)) return x
  throw new ShapeError({ where, actual: x.shape, expected, dimensions: Object.keys(dimensions) })
}

/** The tensor, which has the shape of another. Throws a `ShapeError` if it has not. */
export const assertLike = (where: string, x: tf.Tensor, like: tf.Tensor): tf.Tensor => {
  assertTensor(where, x, like.shape, [])
  if (isSame(x.shape, like.shape)) return x
  throw new ShapeError({ where, actual: x.shape, expected: like.shape, dimensions: [] })
}
