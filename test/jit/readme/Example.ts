import { NdArray, Program, WasmEngine } from "@ornstein/jit"
import * as tf from "@tensorflow/tfjs-core"

// Least squares by gradient descent: w' = w - 0.1 d/dw mean (x w - y)^2.
const fit = Program.compile(WasmEngine.make(), {
  state: { w: NdArray.zeros([2, 1]) },
  programs: {
    step: {
      inputs: { x: NdArray.spec([3, 2]), y: NdArray.spec([3, 1]) },
      fn: ({ w }, { x, y }) => {
        const gradient = tf.grad((v: tf.Tensor) => tf.mean(tf.square(tf.sub(tf.matMul(x, v), y))))
        return [{ w: tf.sub(w, tf.mul(gradient(w), 0.1)) }, {}]
      }
    }
  }
})
fit.programs.step.inputs.x.data.set([1, 0, 0, 1, 1, 1])
fit.programs.step.inputs.y.data.set([2, -1, 1])
for (let i = 0; i < 200; i++) fit.programs.step.run()
export const w = [...fit.state.w.data] // 2 and -1
fit.dispose()
