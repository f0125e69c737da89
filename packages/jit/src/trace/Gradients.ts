/**
 * TensorFlow.js' rules of differentiation, registered where `tf.grad` and its relatives find them: importing this is
 * all. They belong to `@tensorflow/tfjs-core`, which has them for bundlers only, in modules whose imports Node can't
 * follow; `@tensorflow/tfjs-layers` carries the same rules in the bundle that Node loads.
 *
 * The rules of `prod` and of `gather` with batch dimensions call three methods of a tensor that only the whole of
 * TensorFlow.js defines. Programs call functions: `tf.mul(a, b)`, not `a.mul(b)`.
 */
import * as tf from "@tensorflow/tfjs-core"
import "@tensorflow/tfjs-layers"

const methods = {
  reshape(this: tf.Tensor, shape: Array<number>): tf.Tensor {
    return tf.reshape(this, shape)
  },
  slice(this: tf.Tensor, begin: number, size: number): tf.Tensor {
    return tf.slice(this, begin, size)
  },
  split(this: tf.Tensor, parts: number, axis: number): Array<tf.Tensor> {
    return tf.split(this, parts, axis)
  }
}

for (const [name, value] of Object.entries(methods)) {
  if (name in tf.Tensor.prototype) continue
  Object.defineProperty(tf.Tensor.prototype, name, { value, configurable: true, writable: true })
}
