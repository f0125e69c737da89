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
    file: Schema.NonEmptyString.annotate({
      description:
        "a safetensors file with observation, action, reward, nextObservation, terminated, truncated; a dataset of Minari; a file of D4RL"
    }),
    capacity: Field.positiveInt
      .annotate({ description: "the most transitions taken from the file" })
      .pipe(Field.withDefault(1_000_000)),
    nStep: NStep.option
  })
) {}

// service

/** Who reads a dataset. */
export type Read = (file: string) => Effect.Effect<Dataset.Raw, Dataset.Unreadable>

/** The columns of a safetensors file. */
export const decode = (bytes: Uint8Array): Effect.Effect<Dataset.Raw, Dataset.Unreadable> =>
  Effect.fromResult(Safetensors.decode(bytes)).pipe(
    Effect.map((columns): Dataset.Raw => ({ columns, units: "learner" })),
    Effect.mapError(({ what }) => ({ what, fix: FIX }))
  )

const FIX = "Give the path of a dataset"

/** With what a file of HDF5 begins. */
const isHdf5 = (bytes: Uint8Array): boolean => [0x89, 0x48, 0x44, 0x46].every((byte, i) => bytes[i] === byte)

const ofHost: Read = (file) =>
  HostFile.read(file).pipe(
    Effect.mapError((what): Dataset.Unreadable => ({ what, fix: FIX })),
    Effect.flatMap((bytes) =>
      isHdf5(bytes)
        ? Effect.fail({ what: "it is a file of HDF5", fix: "Provide the layer of @ornstein/lab/Datasets" })
        : decode(bytes)
    )
  )

/** Who reads datasets: safetensors of the host's files, unless something else is provided. */
export const Source = Context.Reference<Read>("@ornstein/core/Offline/Source", { defaultValue: () => ofHost })

// layers

/** What a dataset replay is called. */
const OFFLINE = "offline"

/** `where` names the dataset in errors. */
const replayOf = (
  { columns, units }: Dataset.Raw,
  capacity: number,
  where = OFFLINE
): Layer.Layer<Contract.Replay> =>
  Layer.succeed(Contract.Replay, {
    name: OFFLINE,
    capacity,
    isDataset: true,
    make: (shape, reader = Reader.oneStep) =>
      Effect.gen(function* () {
        const { action, actions, observation } = shape
        const dataset = yield* Effect.fromResult(
          Dataset.make(columns, {
            observation,
            action,
            ...(actions === undefined ? {} : { actions }),
            ...(units === "learner" || shape.units === undefined ? {} : { units: shape.units }),
            capacity,
            isInOrder: reader !== Reader.oneStep
          })
        ).pipe(Effect.mapError((fault) => new Contract.ReplayError({ replay: where, ...fault })))
        const transitions = Transitions.full(dataset.count, { observation, action })
        transitions.restore(dataset.count)
        transitions.log.write(0, dataset.rows)
        return {
          ...Assembly.assemble(transitions, shape, Sampler.uniform, reader),
          statistics: Dataset.statistics(dataset.rows["observation"] ?? [], observation),
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
    {
      columns: Object.fromEntries(Object.entries(rows).map(([name, data]) => [name, { data }])),
      units: "learner"
    },
    Math.max(1, rows["reward"]?.length ?? 0)
  )

/**
 * A dataset from a file: safetensors, or what `Source` reads besides. `@ornstein/lab/Datasets` has a layer for those of
 * Minari and D4RL, whose actions are the world's.
 *
 * ```ts
 * Replay.layerDataset({ file: "pendulum-v0" }).pipe(Layer.provide(Datasets.layer))
 * ```
 */
export const layer = (
  options: Omit<Field.Input<typeof Options>, "kind" | "nStep">
): Layer.Layer<Contract.Replay, Contract.ReplayError> => {
  const { capacity, file } = Field.make("offline", Options, options)
  return Layer.unwrap(
    Effect.gen(function* () {
      const read = yield* Source
      const raw = yield* Effect.mapError(
        read(file),
        ({ fix, what }) => new Contract.ReplayError({ replay: file, what, fix })
      )
      return replayOf(raw, capacity, file)
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
  example: { file: "dataset.safetensors", capacity: 1000, nStep: 3 },
  make: (options): Contract.Chosen => ({
    layer: NStep.apply(options, layer(options)),
    bytes: () => 0
  })
})
