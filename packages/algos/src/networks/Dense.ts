/**
 * Layers on layers: the networks of DDPG and of what is made from it (Lillicrap et al., 2015, section 7). An actor, and
 * critics that the action enters in one of three ways.
 */
import * as Field from "@ornstein/core/Field"
import * as Network from "@ornstein/core/Network"
import * as Part from "@ornstein/core/Part"
import * as Schema from "effect/Schema"
import { type Algorithm, Papers } from "../family/index.ts"
import type { Architecture } from "./Architecture.ts"

// models

/** Those of an algorithm, which may leave out `network: { kind: "dense" }` around them. */
export const fields = {
  hidden: Schema.NonEmptyArray(Field.positiveInt)
    .annotate({ description: "widths of the hidden layers of actor and critic" })
    .pipe(Field.withDefault([256, 256] as const)),
  criticHidden: Schema.optionalKey(Schema.NonEmptyArray(Field.positiveInt)).annotate({
    description: "the critic's, where they differ from the actor's"
  }),
  critic: Schema.Union([
    Schema.Struct({ kind: Schema.tag("concatenated") }),
    Schema.Struct({ kind: Schema.tag("actionAtSecondLayer") }),
    Schema.Struct({
      kind: Schema.tag("twoBranch"),
      branches: Schema.optionalKey(
        Schema.Struct({
          state: Schema.Array(Field.positiveInt).annotate({
            description: "widths of the observation's branch"
          }),
          action: Schema.Array(Field.positiveInt).annotate({ description: "widths of the action's branch" })
        })
      ).annotate({ description: "left out, the first hidden layer is one of each" })
    })
  ])
    .annotate({ description: "where the action enters the critic" })
    .pipe(Field.withDefault({ kind: "concatenated" } as const)),
  activation: Schema.Literals(["relu", "tanh", "elu", "sigmoid"])
    .annotate({ description: "what hidden layers end with" })
    .pipe(Field.withDefault("relu" as const)),
  initial: Schema.Literals(["fanIn", "glorot", "he"])
    .annotate({ description: "how the layers' numbers begin" })
    .pipe(Field.withDefault("fanIn" as const)),
  smallFinal: Schema.Boolean.annotate({
    description: "last layers begin within 3e-3, not as the others"
  }).pipe(Field.withDefault(true))
}

const Bare = Schema.Struct(fields)
type Bare = typeof Bare.Type

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({ kind: Schema.tag("dense"), ...fields })
) {}

// networks

/** A last layer within 3e-3 makes first actions and values near 0. */
const layers = ({ activation, initial, smallFinal }: Bare) => ({
  activation,
  initial: { kind: initial },
  ...(smallFinal ? { finalInitial: { kind: "uniform", bound: 3e-3 } as const } : {})
})

/** mu: `[batch, observation]` to `[batch, action]`, tanh at the end; stochastic: to mean and log deviation. */
export const actor =
  (options: Bare): Algorithm.Algorithm["actor"] =>
  ({ isStochastic, layerNorm }, { action, observation }) =>
    Network.mlp({
      input: observation,
      hidden: options.hidden,
      output: isStochastic ? 2 * action : action,
      outputActivation: isStochastic ? "linear" : "tanh",
      ...layers(options),
      layerNorm
    })

/** Q: observations and actions to `[batch, outputs]`. */
export const critic =
  (options: Bare): Algorithm.Algorithm["critic"] =>
  ({ criticOutputs, layerNorm }, { action, observation }) => {
    const hidden = options.criticHidden ?? options.hidden
    const common = { ...layers(options), output: criticOutputs, layerNorm }
    switch (options.critic.kind) {
      case "concatenated":
        return Network.concatenated(Network.stack({ ...common, input: observation + action, hidden }))
      case "actionAtSecondLayer":
        return Network.actionAtLayer(
          Network.stack({ ...common, input: observation, hidden }).map((layer, i) =>
            i === 1 ? { ...layer, input: layer.input + action } : layer
          ),
          1
        )
      case "twoBranch": {
        const [first, ...rest] = hidden
        const { branches = { state: [first], action: [first] } } = options.critic
        const branch = (prefix: string, input: number, hidden: ReadonlyArray<number>) =>
          Network.stack({ ...common, input, hidden }, prefix).slice(0, -1)
        const features = (branches.state.at(-1) ?? observation) + (branches.action.at(-1) ?? action)
        const trunk = options.critic.branches === undefined ? rest : hidden
        return Network.twoBranch({
          state: branch("state", observation, branches.state),
          action: branch("action", action, branches.action),
          trunk: Network.stack({ ...common, input: features, hidden: trunk }, "trunk")
        })
      }
    }
  }

/** The weights of dense layers, without biases. */
export const weights = (observation: number, hidden: ReadonlyArray<number>): number =>
  hidden.reduce((sum, width, layer) => sum + width * (hidden[layer - 1] ?? observation), 0)

// constructors

export const make = (options: Bare): Architecture => ({
  actor: actor(options),
  critic: critic(options),
  weights: (observation) => ({
    actor: weights(observation, options.hidden),
    // Where an action enters elsewhere than beside the observation, the first layer may be a branch's.
    critic:
      options.critic.kind === "twoBranch" ? 0 : weights(observation, options.criticHidden ?? options.hidden)
  })
})

// part

/** What a configuration names. */
export const part = Part.from([Options], {
  description: "layers on layers, with the action beside the observation or further in",
  source: Papers.lillicrap,
  departures: [
    "layer normalisation in place of batch normalisation, as an option of the algorithm",
    "256-256, and the action at the input, by default; the paper has 400-300, and the action at the second layer"
  ],
  example: {
    hidden: [16, 8],
    criticHidden: [8],
    critic: { kind: "twoBranch", branches: { state: [4], action: [4] } },
    activation: "tanh",
    initial: "glorot",
    smallFinal: false
  },
  make
})
