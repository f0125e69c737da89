import { Optimizer, Parameters } from "@ornstein/core"
import { type Engine, NdArray, Program } from "@ornstein/jit"
import * as Scalars from "@ornstein/core/Scalars"
import type * as tf from "@tensorflow/tfjs-core"
import { assert, it } from "vitest"
import * as Golden from "../algos/Golden.ts"
import { onEngines } from "../engines.ts"

interface State {
  readonly x: Parameters.Tensors
  readonly memory: Optimizer.State<tf.Tensor>
}

/** An optimizer alone: give it a gradient, look at the parameter. */
const descent = (engine: Engine.Engine, optimizer: Optimizer.Optimizer, start: ReadonlyArray<number>) => {
  const x: Parameters.Arrays = { x: { x: NdArray.make([start.length], start) } }
  const compiled = Program.compile(engine, {
    state: { x, memory: optimizer.init(x) },
    programs: {
      step: {
        inputs: { gradient: NdArray.spec([start.length]) },
        fn: (
          { memory, x }: State,
          { gradient }: { readonly gradient: tf.Tensor }
        ): readonly [State, object] => {
          const [changes, next] = optimizer.update(
            { x: { x: gradient } },
            memory,
            x,
            Scalars.initial(optimizer.scalars)
          )
          return [{ x: Optimizer.apply(x, changes), memory: next }, {}]
        }
      }
    }
  })
  return {
    step: (gradient: ReadonlyArray<number>) => {
      compiled.programs.step.inputs.gradient.data.set(gradient)
      compiled.programs.step.run()
      compiled.pull()
      return Parameters.at(compiled.state.x, "x.x").data
    },
    memory: compiled.state.memory,
    dispose: compiled.dispose
  }
}

onEngines("Adam computes the golden numbers", (engine) => {
  it.each(["optimizer-adam", "optimizer-adam-decay"])("%s", (name) => {
    const { batches, hyper, initial, steps } = Golden.read("descent", name)
    const { beta1, beta2, epsilon, learning_rate: learningRate, weight_decay: decay } = hyper.optimizer
    const adam = Optimizer.chain(
      Optimizer.weightDecay(decay),
      Optimizer.adam({ learningRate, beta1, beta2, epsilon })
    )
    const { dispose, memory, step } = descent(engine(), adam, initial.x.data)
    steps.forEach(({ first_moment, params, second_moment }, i) => {
      const x = step(batches[i]!.gradient_x)
      Golden.near(x, params.x, 5e-6, `step ${i + 1}`, false)
      Golden.near(memory["1.m"]?.["x"]?.["x"]?.data ?? [], first_moment.x, 1e-5, `step ${i + 1} m`)
      Golden.near(memory["1.v"]?.["x"]?.["x"]?.data ?? [], second_moment.x, 1e-5, `step ${i + 1} v`)
      if (decay === 0) assert.strictEqual(x[0], Math.fround(initial.x.data[0]!), "no gradient, no step")
    })
    dispose()
  })

  it("clips by the norm of all gradients together", () => {
    const clipped = Optimizer.chain(Optimizer.clipByGlobalNorm(1), Optimizer.sgd({ learningRate: 1 }))
    const { dispose, step } = descent(engine(), clipped, [0, 0])
    assert.deepStrictEqual(Array.from(step([0.5, 0])), [-0.5, 0], "below the limit nothing changes")
    Golden.near(step([3, 4]), [-0.5 - 0.6, -0.8], 1e-6, "3, 4 has norm 5")
    Golden.near(step([0, 0]), [-1.1, -0.8], 1e-6, "no gradient")
    dispose()
  })
})
