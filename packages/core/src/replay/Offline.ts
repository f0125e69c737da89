/** The offline replay: a dataset of transitions that is learned from alone. What must be there is in `Dataset`. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Field, Part } from "../config/index.ts"
import { HostFile } from "../host/index.ts"
import { Safetensors, type Snapshot } from "../state/index.ts"
import * as Assembly from "./Assembly.ts"
import * as Contract from "./Contract.ts"
import * as Dataset from "./Dataset.ts"
import * as NStep from "./NStep.ts"
import * as Reader from "./Reader.ts"
import * as Sampler from "./Sampler.ts"
import * as Transitions from "./Transitions.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("offline"),
    path: Schema.NonEmptyString.annotate({
      description:
        "a safetensors file with observation, action, reward, nextObservation, terminated, truncated"
    }),
    capacity: Field.positiveInt
      .annotate({ description: "the most transitions taken from the file" })
      .pipe(Field.withDefault(1_000_000)),
    nStep: NStep.option
  })
) {}

// service

/** Where the bytes of a dataset come from, or why there are none: the host's files, unless something else is provided. */
export const Source = Context.Reference<(path: string) => Effect.Effect<Uint8Array, string>>(
  "@ornstein/core/Offline/Source",
  { defaultValue: () => HostFile.read }
)

// layers

/** What a dataset replay is called. */
const OFFLINE = "offline"

/** `where` names the dataset in errors. */
const replayOf = (
  columns: Dataset.Columns,
  capacity: number,
  where = OFFLINE
): Layer.Layer<Contract.Replay> =>
  Layer.succeed(Contract.Replay, {
    name: OFFLINE,
    capacity,
    make: (shape, reader = Reader.oneStep) =>
      Effect.gen(function* () {
        const { action, actions, observation } = shape
        const dataset = yield* Effect.fromResult(
          Dataset.make(columns, {
            observation,
            action,
            ...(actions === undefined ? {} : { actions }),
            capacity,
            isInOrder: reader !== Reader.oneStep
          })
        ).pipe(Effect.mapError((fault) => new Contract.ReplayError({ replay: where, ...fault })))
        const transitions = Transitions.full(dataset.count, { observation, action })
        transitions.restore(dataset.count)
        transitions.log.write(0, dataset.rows)
        return {
          ...Assembly.assemble(transitions, shape, Sampler.uniform, reader),
          note: `the dataset has ${dataset.summary}`,
          store: () => {},
          log: Transitions.nothingLogged,
          snapshot: () => null,
          restore: () => {}
        }
      })
  })

/**
 * A dataset of transitions in the order in which they were made, such as `Training.saved` gives: minibatches come from
 * it alone, and what the agent does is not stored. What must be there is in `Dataset`.
 */
export const layerRows = (rows: {
  readonly [field: string]: Snapshot.TypedArray
}): Layer.Layer<Contract.Replay> =>
  replayOf(
    Object.fromEntries(Object.entries(rows).map(([name, data]) => [name, { data }])),
    Math.max(1, rows["reward"]?.length ?? 0)
  )

/** A dataset from a safetensors file. */
export const layer = (
  options: Omit<Field.Input<typeof Options>, "kind" | "nStep">
): Layer.Layer<Contract.Replay, Contract.ReplayError> => {
  const { capacity, path } = Field.make("offline", Options, options)
  return Layer.unwrap(
    Effect.gen(function* () {
      const refused = (reason: string) =>
        new Contract.ReplayError({
          replay: path,
          what: reason,
          fix: "Give the path of a dataset"
        })
      const read = yield* Source
      const bytes = yield* Effect.mapError(read(path), refused)
      const tensors = yield* Effect.mapError(
        Effect.fromResult(Safetensors.decode(bytes)),
        ({ what: reason }) => refused(reason)
      )
      return replayOf(tensors, capacity, path)
    })
  )
}

// part

/** What a configuration names. */
export const part = Part.from([Options], {
  description: "a dataset of transitions, which is learned from alone",
  source: {
    authors: "Levine et al.",
    year: 2020,
    title: "Offline reinforcement learning: tutorial, review, and perspectives on open problems",
    link: "https://arxiv.org/abs/2005.01643"
  },
  requires: [Assembly.isOffPolicy, ...NStep.requires],
  example: { path: "dataset.safetensors", capacity: 1000, nStep: 3 },
  make: (options): Contract.Chosen => ({
    layer: NStep.apply(options, layer(options)),
    bytes: () => 0
  })
})
