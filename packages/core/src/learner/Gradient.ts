/** Where gradients meet parameters: one descent of a loss by an optimizer. */
import "@ornstein/jit/Gradients"
import * as tf from "@tensorflow/tfjs-core"
import * as Optimizer from "./Optimizer.ts"
import * as Parameters from "./Parameters.ts"
import type * as Scalars from "./Scalars.ts"

// models

export interface Descent {
  readonly parameters: Parameters.Tensors
  readonly memory: Optimizer.State<tf.Tensor>
  /** The loss before the parameters moved, a scalar. */
  readonly loss: tf.Tensor
}

export interface Differentiated {
  readonly loss: tf.Tensor
  readonly gradients: Parameters.Tensors
}

// pure core

/**
 * The loss, a scalar, and its gradient with respect to the parameters that the loss is given. The same parameters read
 * from elsewhere, such as the state, are constants to it.
 */
export const differentiate = (
  parameters: Parameters.Tensors,
  loss: (parameters: Parameters.Tensors) => tf.Tensor
): Differentiated => {
  const { grads, value } = tf.valueAndGrads((...leaves: ReadonlyArray<tf.Tensor>) =>
    tf.reshape(loss(Parameters.fromLeaves(parameters, leaves)), [])
  )(Parameters.leaves(parameters).map((leaf) => leaf.clone()))
  return { loss: value, gradients: Parameters.fromLeaves(parameters, grads) }
}

/** One step of the optimizer, with the values of its scalars, down the gradient of the loss. */
export const descend = (
  optimizer: Optimizer.Optimizer,
  parameters: Parameters.Tensors,
  memory: Optimizer.State<tf.Tensor>,
  scalars: Scalars.Tensors,
  loss: (parameters: Parameters.Tensors) => tf.Tensor
): Descent => {
  const { gradients, loss: value } = differentiate(parameters, loss)
  const [changes, next] = optimizer.update(gradients, memory, parameters, scalars)
  const moved = Optimizer.apply(parameters, changes)
  return { parameters: optimizer.project?.(moved) ?? moved, memory: next, loss: value }
}
