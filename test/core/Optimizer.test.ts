import { Gradient, Optimizer, Optimizers, Parameters } from "@ornstein/core"
import { type Engine, NdArray, Program } from "@ornstein/jit"
import * as Scalars from "@ornstein/core/Scalars"
import * as tf from "@tensorflow/tfjs-core"
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

  const gradients = [
    [1, -2, 0],
    [0.5, 1, -0.1],
    [-3, 0, 0.1]
  ]

  /** The parameters after each gradient, by `next` in float64 from a gradient, the state and the parameter. */
  const byHand = (
    start: ReadonlyArray<number>,
    next: (
      g: number,
      state: ReadonlyArray<number>,
      p: number
    ) => readonly [p: number, state: ReadonlyArray<number>]
  ): ReadonlyArray<ReadonlyArray<number>> => {
    let now = start.map((p): readonly [number, ReadonlyArray<number>] => [p, [0, 0, 0, 0]])
    return gradients.map((row) => {
      now = now.map(([p, state], i) => next(row[i]!, state, p))
      return now.map(([p]) => p)
    })
  }

  const follows = (optimizer: Optimizer.Optimizer, expected: ReadonlyArray<ReadonlyArray<number>>): void => {
    const { dispose, step } = descent(engine(), optimizer, start)
    gradients.forEach((gradient, i) =>
      Golden.near(step(gradient), expected[i]!, 1e-5, `step ${i + 1}`, false)
    )
    dispose()
  }

  const start = [0.3, -1, 2]

  it("projects the parameters after each step", () => {
    const unit = (parameters: Parameters.Tensors) =>
      Parameters.map(parameters, (w) => tf.div(w, tf.sqrt(tf.sum(tf.square(w)))))
    const optimizer = Optimizer.chain(
      Optimizer.projected(unit),
      Optimizer.projected((parameters) => Parameters.map(parameters, (w) => tf.mul(w, 2))),
      Optimizer.sgd({ learningRate: 1 })
    )
    const parameters = { l: { w: tf.tensor1d([3, 5]) } }
    const scalars = Scalars.initial(optimizer.scalars)
    const moved = Gradient.descend(optimizer, parameters, {}, scalars, (p) =>
      tf.sum(tf.mul(Parameters.at(p, "l.w"), tf.tensor1d([0, 1])))
    )
    Golden.near(Parameters.at(moved.parameters, "l.w").dataSync(), [1.2, 1.6], 1e-6, "twice [3, 4] / 5")
  })

  it("descends with momentum", () => {
    const expected = byHand(start, (g, [v = 0], p) => [p - 0.1 * (0.8 * v + g), [0.8 * v + g]])
    follows(Optimizer.sgd({ learningRate: 0.1, momentum: 0.8 }), expected)
    follows(Optimizers.all.make({ kind: "sgd", momentum: 0.8 })(0.1), expected)
    const plain = Optimizer.sgd({ learningRate: 0.1 })
    assert.deepStrictEqual(
      plain.init({ x: { x: NdArray.zeros([3]) } }),
      {},
      "nothing is kept without momentum"
    )
  })

  it("descends by RMSProp", () => {
    const expected = byHand(start, (g, [v = 0], p) => {
      const next = 0.9 * v + 0.1 * g * g
      return [p - (0.05 * g) / (Math.sqrt(next) + 0.01), [next]]
    })
    follows(Optimizer.rmsProp({ learningRate: 0.05, decay: 0.9, epsilon: 0.01 }), expected)
    follows(Optimizers.all.make({ kind: "rmsProp", decay: 0.9, epsilon: 0.01 })(0.05), expected)
  })

  it.each([
    [0, "adam"],
    [0.3, "adamW"]
  ] as const)("descends by Adam, and takes a share of %d away from the parameters", (weightDecay, kind) => {
    const expected = byHand(start, (g, [m = 0, v = 0, b1 = 0, b2 = 0], p) => {
      const next = [0.7 * m + 0.3 * g, 0.8 * v + 0.2 * g * g, 0.7 * b1 + 0.3, 0.8 * b2 + 0.2] as const
      const adam = (0.05 * next[0]) / next[2] / (Math.sqrt(next[1] / next[3]) + 0.01)
      return [p - adam - 0.05 * weightDecay * p, next]
    })
    const options = { beta1: 0.7, beta2: 0.8, epsilon: 0.01 }
    follows(Optimizer.adamW({ learningRate: 0.05, ...options, weightDecay }), expected)
    const named =
      kind === "adam"
        ? Optimizers.all.make({ kind, ...options })
        : Optimizers.all.make({ kind, ...options, weightDecay })
    follows(named(0.05), expected)
  })
})
