/** The networks of DDPG and of what is made from it: an actor, and critics that the action enters in one of three ways. */
import * as Field from "@ornstein/core/Field"
import * as Network from "@ornstein/core/Network"
import * as Schema from "effect/Schema"
import type * as Algorithm from "./Algorithm.ts"

// models

/** The fields of an algorithm's options that say what its networks are. */
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

const Options = Schema.Struct(fields)
export type Options = typeof Options.Type

// networks

/** A last layer within 3e-3 makes first actions and values near 0. */
const layers = ({ activation, initial, smallFinal }: Options) => ({
  activation,
  initial: { kind: initial },
  ...(smallFinal ? { finalInitial: { kind: "uniform", bound: 3e-3 } as const } : {})
})

/** mu: `[batch, observation]` to `[batch, action]`, tanh at the end; stochastic: to mean and log deviation. */
export const actor =
  (options: Options): Algorithm.Algorithm["actor"] =>
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
  (options: Options): Algorithm.Algorithm["critic"] =>
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
