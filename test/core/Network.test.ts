import { Gradient, Key, Network, type Parameters } from "@ornstein/core"
import { NdArray, Program } from "@ornstein/jit"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import * as Golden from "../algos/Golden.ts"
import * as GoldenNetworks from "../algos/GoldenNetworks.ts"
import { onEngines } from "../engines.ts"

type Case = Golden.Initialisation["cases"][number]

onEngines("networks compute the golden numbers", (engine) => {
  it.each([
    "network-relu",
    "network-tanh",
    "network-elu",
    "network-layer-norm",
    "network-layer-norm-tanh-elu"
  ])("%s", (name) => {
    const { batches, hyper, initial, steps } = Golden.read("update", name)
    const layers = (Golden.entry(hyper.networks, "net").layers ?? []).map(GoldenNetworks.dense)
    const net = Network.fromLayers(layers)
    const parameters = Object.fromEntries(
      Object.entries(net.init(Key.make(0)).parameters).map(([layer, arrays]) => [
        layer,
        Object.fromEntries(
          Object.entries(arrays).map(([array, { shape }]) => [
            array,
            NdArray.make(shape, GoldenNetworks.lookup(initial, `net.${layer}.${array}`) ?? [])
          ])
        )
      ])
    )
    const rows = hyper.batch_size
    const compiled = Program.compile(engine(), {
      state: { net: parameters },
      programs: {
        gradient: {
          inputs: {
            input: NdArray.spec([rows, layers[0]!.input]),
            target: NdArray.spec([rows, layers.at(-1)!.output])
          },
          fn: (
            state: { readonly net: Parameters.Tensors },
            { input, target }: { readonly input: tf.Tensor; readonly target: tf.Tensor }
          ) => {
            // The input takes part as one more layer of parameters.
            const told = Gradient.differentiate(
              { ...state.net, input: { x: input } },
              ({ input, ...layers }) => {
                const { output } = net.apply(Network.weights(layers), Golden.entry(input ?? {}, "x"))
                return tf.mean(tf.square(tf.sub(output, target)))
              }
            )
            return [state, { loss: told.loss, gradients: told.gradients }]
          }
        }
      }
    })
    const { inputs, outputs, run } = compiled.programs.gradient
    steps.forEach((step, i) => {
      inputs.input.data.set(Golden.flat(batches[i]!["input"]!))
      inputs.target.data.set(Golden.flat(batches[i]!["target"]!))
      run()
      Golden.near(outputs.loss.data, step.losses["loss"]!, 1e-5, "loss")
      for (const [name, gradient] of Object.entries(step.gradients ?? {})) {
        const [, layer, array] = name.split(".")
        const ours =
          layer === undefined ? outputs.gradients["input"]?.["x"] : outputs.gradients[layer]?.[array!]
        Golden.near(ours?.data ?? [], gradient, 1e-5, name)
      }
    })
    compiled.dispose()
  })
})

describe("initial weights have the published statistics", () => {
  const initial = ({ bound, scheme }: Case): Network.Initial => {
    switch (scheme) {
      case "fan-in-uniform":
        return { kind: "fanIn" }
      case "final-uniform":
        return { kind: "uniform", bound }
      case "glorot-uniform":
        return { kind: "glorot" }
      case "he-uniform":
        return { kind: "he" }
    }
  }

  it.each(Golden.read("initialisation", "initialisation").cases)("$label", (given) => {
    const { accept, fan_in: input, fan_out: output } = given
    const layer: Network.Dense = { name: "l", input, output, activation: "linear", initial: initial(given) }
    const { b, w } = Network.initDense(layer, Key.fold(Key.make(1), given.label))
    const weights = Float64Array.from(w?.data ?? [])
    const mean = weights.reduce((sum, x) => sum + x, 0) / weights.length
    const std = Math.sqrt(weights.reduce((sum, x) => sum + (x - mean) * (x - mean), 0) / weights.length)
    const largest = weights.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
    assert.isAtMost(largest, accept.max_abs_at_most * (1 + 1e-7))
    assert.isAtLeast(largest, accept.max_abs_at_least)
    assert.isAtMost(Math.abs(mean), accept.abs_mean_at_most)
    assert.isAtLeast(std, accept.std_between[0])
    assert.isAtMost(std, accept.std_between[1])
    const isBiased = given.scheme === "fan-in-uniform" || given.scheme === "final-uniform"
    assert.strictEqual(
      b?.data.some((x) => x !== 0),
      isBiased
    )
  })

  it("hidden layers are relu and the last is linear, unless it is said", () => {
    const of = (options: object) =>
      Network.stack({ input: 1, hidden: [2], output: 1, ...options }).map(({ activation }) => activation)
    assert.deepStrictEqual(of({}), ["relu", "linear"])
    assert.deepStrictEqual(of({ activation: "elu", outputActivation: "tanh" }), ["elu", "tanh"])
  })

  it("layers of one shape differ, and so do weights and biases", () => {
    const { init } = Network.mlp({ input: 4, hidden: [4], output: 4 })
    const { l0, l1 } = init(Key.make(1)).parameters
    assert.notDeepEqual(l0!["w"]!.data, l1!["w"]!.data)
    assert.notDeepEqual(l0!["b"]!.data, l0!["w"]!.data.slice(0, 4))
  })

  it("members of an ensemble differ, and keep their names", () => {
    const { parameters } = Network.ensemble(Network.mlp({ input: 2, hidden: [3], output: 1 }), 2).init(
      Key.make(2)
    )
    assert.deepStrictEqual(Object.keys(parameters), ["0.l0", "0.l1", "1.l0", "1.l1"])
    assert.notDeepEqual(parameters["0.l0"]?.["w"]?.data, parameters["1.l0"]?.["w"]?.data)
  })
})
