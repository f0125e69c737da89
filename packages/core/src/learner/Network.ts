/**
 * Networks as data: `init` draws initial numbers on the host, so that they are the same on every engine; `apply` is a pure
 * function on tensors. Layers compute `x W + b` with W of shape `[in, out]`.
 *
 * A network's numbers are its parameters, which gradients move, and its statistics, which it keeps of the inputs that it
 * has seen, such as the running mean and variance of batch normalisation (Ioffe and Szegedy, 2015). Most networks keep
 * none: they are made by `stateless`.
 */
import * as NdArray from "@ornstein/jit/NdArray"
import * as tf from "@tensorflow/tfjs-core"
import { Key } from "../random/index.ts"
import * as Parameters from "./Parameters.ts"

// models

/** What a network consists of. */
export interface Numbers<L> {
  readonly parameters: Parameters.Parameters<L>
  /** `{}` where it keeps none. */
  readonly statistics: Parameters.Parameters<L>
}

/** A network's numbers in a program, and how it is to take them. */
export interface Weights extends Numbers<tf.Tensor> {
  /** Other networks that this one reads; constants to its loss. */
  readonly beside?: { readonly [network: string]: Weights }
  /** Is this a pass that learns? Then a network uses the statistics of its minibatch, and takes them into its own. */
  readonly isTraining: boolean
  /** Called by who applies the network, with its statistics after the pass. */
  readonly seen?: (statistics: Parameters.Tensors) => void
}

/** What a network makes of its inputs, and its statistics after them: as they were, unless the pass learns. */
export interface Applied<Output> {
  readonly output: Output
  readonly statistics: Parameters.Tensors
}

/** A network from some inputs of shape `[batch, width]` to an `Output`, usually one tensor of that kind. */
export interface Network<Inputs extends ReadonlyArray<tf.Tensor>, Output = tf.Tensor> {
  readonly init: (key: Key.Key) => Numbers<NdArray.NdArray>
  readonly apply: (weights: Weights, ...inputs: Inputs) => Applied<Output>
}

/** `mu(s)`: observations `[batch, observation]` to `[batch, action]`. */
export type Actor<Output = tf.Tensor> = Network<readonly [observation: tf.Tensor], Output>

/** `Q(s, a)`: observations and actions to values `[batch, 1]`. */
export type Critic<Output = tf.Tensor> = Network<readonly [observation: tf.Tensor, action: tf.Tensor], Output>

export type Activation = "linear" | "relu" | "tanh" | "elu" | "sigmoid"

/** How the numbers of a layer begin; `bound` is a number or drawn from the layer's fan-in and fan-out. */
export type Initial =
  /** Uniform within 1 / sqrt(fan-in), biases too (Lillicrap et al., 2015). */
  | { readonly kind: "fanIn" }
  /** Uniform within the bound, biases too. */
  | { readonly kind: "uniform"; readonly bound: number }
  /** Uniform within sqrt(6 / (fan-in + fan-out)), biases 0 (Glorot and Bengio, 2010). */
  | { readonly kind: "glorot" }
  /** Uniform within sqrt(6 / fan-in), biases 0 (He et al., 2015). */
  | { readonly kind: "he" }

export interface Dense {
  readonly name: string
  readonly input: number
  readonly output: number
  readonly activation: Activation
  readonly initial: Initial
  /** Layer normalisation between the product and the activation (Ba et al., 2016). */
  readonly layerNorm?: boolean
}

// layers

const bound = (initial: Initial, fanIn: number, fanOut: number): number => {
  switch (initial.kind) {
    case "fanIn":
      return 1 / Math.sqrt(fanIn)
    case "uniform":
      return initial.bound
    case "glorot":
      return Math.sqrt(6 / (fanIn + fanOut))
    case "he":
      return Math.sqrt(6 / fanIn)
  }
}

const activate = (activation: Activation, x: tf.Tensor): tf.Tensor => {
  switch (activation) {
    case "linear":
      return x
    case "relu":
      return tf.relu(x)
    case "tanh":
      return tf.tanh(x)
    case "elu":
      return tf.elu(x)
    case "sigmoid":
      return tf.sigmoid(x)
  }
}

const LAYER_NORM_EPSILON = 1e-5

/** `scale (z - mean) / sqrt(variance + 1e-5) + offset` over the features, variance with divisor n. */
const layerNorm = (z: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor): tf.Tensor => {
  const centred = tf.sub(z, tf.mean(z, -1, true))
  const variance = tf.mean(tf.square(centred), -1, true)
  return tf.add(tf.mul(tf.div(centred, tf.sqrt(tf.add(variance, LAYER_NORM_EPSILON))), scale), offset)
}

export const initDense = (layer: Dense, key: Key.Key): { readonly [name: string]: NdArray.NdArray } => {
  const limit = bound(layer.initial, layer.input, layer.output)
  const biased = layer.initial.kind === "fanIn" || layer.initial.kind === "uniform"
  const draw = (name: string, shape: ReadonlyArray<number>, within: number): NdArray.NdArray => ({
    shape,
    dtype: "float32",
    data: Key.uniforms(Key.fold(key, name), new Float32Array(NdArray.size(shape)), -within, within)
  })
  return {
    w: draw("w", [layer.input, layer.output], limit),
    b: draw("b", [layer.output], biased ? limit : 0),
    ...(layer.layerNorm === true
      ? {
          scale: NdArray.make([layer.output], new Float32Array(layer.output).fill(1)),
          offset: NdArray.zeros([layer.output])
        }
      : {})
  }
}

/** One dense layer: `activation(norm(x W + b))`, `[batch, in]` to `[batch, out]`. */
export const applyDense = (layer: Dense, parameters: Parameters.Tensors, x: tf.Tensor): tf.Tensor => {
  const of = (name: string): tf.Tensor => Parameters.at(parameters, `${layer.name}.${name}`)
  const z = tf.add(tf.matMul(x, of("w")), of("b"))
  return activate(layer.activation, layer.layerNorm === true ? layerNorm(z, of("scale"), of("offset")) : z)
}

export const initLayers = (layers: ReadonlyArray<Dense>, key: Key.Key): Parameters.Arrays =>
  Object.fromEntries(layers.map((layer) => [layer.name, initDense(layer, Key.fold(key, layer.name))]))

export const applyLayers = (
  layers: ReadonlyArray<Dense>,
  parameters: Parameters.Tensors,
  x: tf.Tensor
): tf.Tensor => layers.reduce((h, layer) => applyDense(layer, parameters, h), x)

// constructors

/** Parameters without statistics, as they act. */
export const weights = (parameters: Parameters.Tensors): Weights => ({
  parameters,
  statistics: {},
  isTraining: false
})

/** The same numbers in a pass that learns. */
export const training = (weights: Weights): Weights => ({ ...weights, isTraining: true })

/**
 * A network that keeps no statistics.
 *
 * ```ts
 * const doubling = Network.stateless(() => ({}), (_parameters, x: tf.Tensor) => tf.mul(x, 2))
 * ```
 */
export const stateless = <Inputs extends ReadonlyArray<tf.Tensor>, Output>(
  init: (key: Key.Key) => Parameters.Arrays,
  apply: (parameters: Parameters.Tensors, ...inputs: Inputs) => Output
): Network<Inputs, Output> => ({
  init: (key) => ({ parameters: init(key), statistics: {} }),
  apply: ({ parameters }, ...inputs) => ({ output: apply(parameters, ...inputs), statistics: {} })
})

export interface MlpOptions {
  readonly input: number
  readonly hidden: ReadonlyArray<number>
  readonly output: number
  readonly activation?: Activation
  readonly outputActivation?: Activation
  readonly initial?: Initial
  readonly finalInitial?: Initial
  readonly layerNorm?: boolean
}

/** The layers of a multi-layer perceptron, named `prefix0`, `prefix1`, ...; only hidden layers are normalised. */
export const stack = (options: MlpOptions, prefix = "l"): ReadonlyArray<Dense> => {
  const widths = [options.input, ...options.hidden, options.output]
  return widths.slice(1).map((output, i) => {
    const isLast = i === widths.length - 2
    return {
      name: `${prefix}${i}`,
      input: widths[i]!,
      output,
      activation: isLast ? (options.outputActivation ?? "linear") : (options.activation ?? "relu"),
      initial: (isLast ? options.finalInitial : undefined) ?? options.initial ?? { kind: "fanIn" },
      ...(options.layerNorm === true && !isLast ? { layerNorm: true } : {})
    }
  })
}

/**
 * A multi-layer perceptron on one input, `[batch, input]` to `[batch, output]`.
 *
 * ```ts
 * const actor = Network.mlp({ input: 3, hidden: [256, 256], output: 1, outputActivation: "tanh" })
 * ```
 */
export const mlp = (options: MlpOptions): Actor => fromLayers(stack(options))

export const fromLayers = (layers: ReadonlyArray<Dense>): Actor =>
  stateless(
    (key) => initLayers(layers, key),
    (parameters, x) => applyLayers(layers, parameters, x)
  )

/** A critic on `[s, a]` joined: the form of TD3 and SAC. `input` is the sum of both widths. */
export const concatenated = (layers: ReadonlyArray<Dense>): Critic =>
  stateless(
    (key) => initLayers(layers, key),
    (parameters, s, a) => applyLayers(layers, parameters, tf.concat([s, a], 1))
  )

/**
 * A critic whose action enters at layer number `actionAt`, counted from 0: the DDPG paper's form with 1. The layer's
 * `input` counts the action.
 */
export const actionAtLayer = (layers: ReadonlyArray<Dense>, actionAt: number): Critic =>
  stateless(
    (key) => initLayers(layers, key),
    (parameters, s, a) =>
      layers.reduce(
        (h, layer, i) => applyDense(layer, parameters, i === actionAt ? tf.concat([h, a], 1) : h),
        s
      )
  )

/** A critic with a branch for the observation, one for the action, and a trunk on both branches' features. */
export const twoBranch = (options: {
  readonly state: ReadonlyArray<Dense>
  readonly action: ReadonlyArray<Dense>
  readonly trunk: ReadonlyArray<Dense>
}): Critic =>
  stateless(
    (key) => initLayers([...options.state, ...options.action, ...options.trunk], key),
    (parameters, s, a) =>
      applyLayers(
        options.trunk,
        parameters,
        tf.concat([applyLayers(options.state, parameters, s), applyLayers(options.action, parameters, a)], 1)
      )
  )

/** Layers that several last layers share: one output for each head. */
export const heads = (
  trunk: ReadonlyArray<Dense>,
  heads: ReadonlyArray<Dense>
): Actor<ReadonlyArray<tf.Tensor>> =>
  stateless(
    (key) => initLayers([...trunk, ...heads], key),
    (parameters, x) => {
      const features = applyLayers(trunk, parameters, x)
      return heads.map((head) => applyDense(head, parameters, features))
    }
  )

// combinators

/** `n` networks of one kind with parameters of their own, layers named `0.l0`, `1.l0`, ...; the outputs as a list. */
export const ensemble = <Inputs extends ReadonlyArray<tf.Tensor>, Output>(
  network: Network<Inputs, Output>,
  n: number
): Network<Inputs, ReadonlyArray<Output>> => {
  const names = Array.from({ length: n }, (_, i) => String(i))
  const together = <A>(each: (name: string) => Parameters.Parameters<A>): Parameters.Parameters<A> =>
    Object.fromEntries(names.flatMap((name) => Object.entries(Parameters.prefix(each(name), name))))
  return {
    init: (key) => {
      const members = Object.fromEntries(names.map((name) => [name, network.init(Key.fold(key, name))]))
      return {
        parameters: together((name) => members[name]?.parameters ?? {}),
        statistics: together((name) => members[name]?.statistics ?? {})
      }
    },
    apply: (weights, ...inputs) => {
      const members = names.map((name) => {
        const parameters = Parameters.unprefixed(weights.parameters, name)
        const statistics = Parameters.unprefixed(weights.statistics, name)
        return network.apply({ ...weights, parameters, statistics }, ...inputs)
      })
      return {
        output: members.map(({ output }) => output),
        statistics: together((name) => members[Number(name)]?.statistics ?? {})
      }
    }
  }
}
