/**
 * Datasets of every format: our own (safetensors), Minari's (HDF5 or Arrow, by its folder or its `main_data.hdf5`), and the
 * flat HDF5 of D4RL. What a file is, its contents say. None of it is believed before it was checked, and a damaged one is a
 * `DatasetError` with the place in it.
 *
 * ```ts
 * const { raw, inferred } = yield* Datasets.read("pendulum/expert-v0")
 * const replay = Replay.layerDataset({ file: "hopper-medium.hdf5" }).pipe(Layer.provide(Datasets.layer))
 * ```
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as RegularFile from "@ornstein/core/RegularFile"
import * as Replay from "@ornstein/core/Replay"
import * as Space from "@ornstein/core/Space"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as D4rl from "./D4rl.ts"
import * as DatasetError from "./DatasetError.ts"
import * as Hdf5 from "./Hdf5.ts"
import * as Minari from "./Minari.ts"
import * as MinariArrow from "./MinariArrow.ts"
import type { Recorded } from "./Recorded.ts"
import * as Place from "../place/Place.ts"

// files

const METADATA = "metadata.json"
const MAIN = "main_data.hdf5"

type Links = NonNullable<RegularFile.Options["links"]>

/** Bytes of a file that somebody has named, or of one inside of what he named. */
const bytesOf = (file: string, most: number, links: Links) =>
  Effect.mapError(RegularFile.read(file, { most, links }), DatasetError.ofFile(file))

const textOf = (file: string) =>
  Effect.map(bytesOf(file, RegularFile.SMALL, "refused"), (bytes) => new TextDecoder().decode(bytes))

// the formats

/** Our own. */
const ours = Effect.fnUntraced(function* (file: string, bytes: Uint8Array) {
  const raw = yield* Effect.mapError(Replay.decodeDataset(bytes), ({ what }) =>
    DatasetError.at(
      file,
      undefined,
      `it is no dataset that is known: neither HDF5 nor a folder of Minari, and as safetensors ${what}`,
      "Name a dataset of Ornstein, Minari or D4RL"
    )
  )
  const { columns } = raw
  const count = (columns["reward"] ?? columns["rewards"])?.data.length ?? 0
  const sizeOf = (name: string, other: string): number => {
    const length = (columns[name] ?? columns[other])?.data.length ?? 0
    return count === 0 ? 0 : length / count
  }
  const action = sizeOf("action", "actions")
  const recorded: Recorded = {
    format: "ornstein",
    storage: "safetensors",
    raw,
    observation: { size: sizeOf("observation", "observations"), space: undefined, names: {} },
    action: {
      size: action,
      space: Number.isInteger(action) ? Space.box({ shape: [action], low: -1, high: 1 }) : undefined,
      names: {}
    },
    inferred: []
  }
  return recorded
})

/** A file of HDF5: D4RL's, or all episodes of Minari's. */
const ofHdf5 = Effect.fnUntraced(function* (
  file: string,
  bytes: Uint8Array<ArrayBuffer>,
  metadata: Minari.Metadata | undefined
): Effect.fn.Return<Recorded, DatasetError.DatasetError> {
  return yield* Effect.scoped(
    Effect.gen(function* () {
      const open = yield* Hdf5.open(file, bytes)
      const names = yield* open.names("/")
      if (metadata !== undefined) return yield* Minari.read(file, metadata, open, names)
      if (D4rl.isOne(names)) return yield* D4rl.read(file, open, names)
      const what = Minari.isOne(names)
        ? `it has episodes of Minari, and there is no ${METADATA} beside it, which says what they consist of`
        : "it is a file of HDF5 that has neither observations nor episodes"
      return yield* DatasetError.at(
        file,
        undefined,
        what,
        "Name the folder of a dataset of Minari, or a file of D4RL"
      )
    })
  )
})

/** The folder that holds `metadata.json`: the one that was named, or `data` in it. */
const folderOf = Effect.fnUntraced(function* (folder: string) {
  const paths = yield* Path.Path
  const inner = paths.join(folder, "data")
  if ((yield* Place.typeAt(paths.join(folder, METADATA))) !== undefined) return folder
  if ((yield* Place.typeAt(paths.join(inner, METADATA))) === undefined) {
    return yield* DatasetError.at(
      folder,
      undefined,
      `there is no ${METADATA} in it`,
      "Name the folder of a dataset of Minari"
    )
  }
  yield* Effect.mapError(RegularFile.checkDirectory(inner), DatasetError.ofFile(inner))
  return inner
})

/** Every episode of a folder of Arrow. */
const ofArrow = Effect.fnUntraced(function* (folder: string, metadata: Minari.Metadata) {
  const paths = yield* Path.Path
  const episodeAt = yield* MinariArrow.open(folder)
  const { episodes: count, steps } = metadata
  const episodes: Array<Minari.Episode> = []
  for (let n = 0; n < count; n++) {
    const inner = paths.join(folder, String(n))
    yield* Effect.mapError(RegularFile.checkDirectory(inner), DatasetError.ofFile(inner))
    const part = paths.join(inner, "part-0.arrow")
    const bytes = yield* bytesOf(part, RegularFile.LARGE, "refused")
    const { action, observation } = metadata
    episodes.push(yield* episodeAt(`${n}/part-0.arrow`, { bytes, action, observation }))
  }
  const has = episodes.reduce((sum, episode) => sum + episode.steps, 0)
  yield* Minari.checkCounts(folder, metadata, episodes.length, has)
  const collected = Minari.collector(steps, metadata)
  for (const episode of episodes) collected.add(episode)
  return Minari.recorded("arrow", metadata, collected)
}, Effect.scoped)

/** A folder of Minari. */
const ofFolder = Effect.fnUntraced(function* (named: string) {
  const paths = yield* Path.Path
  const folder = yield* folderOf(named)
  const metadata = yield* Effect.fromResult(
    Minari.metadataOf(named, yield* textOf(paths.join(folder, METADATA)))
  )
  if (metadata.format === "hdf5") {
    const main = paths.join(folder, MAIN)
    return yield* ofHdf5(main, yield* bytesOf(main, RegularFile.LARGE, "refused"), metadata)
  }
  if (metadata.format === "arrow") return yield* ofArrow(folder, metadata)
  return yield* DatasetError.at(
    named,
    METADATA,
    `its data is in ${JSON.stringify(metadata.format)}, and hdf5 and arrow are read`,
    'Write it anew with Minari, as data_format="hdf5"'
  )
})

// reading

/** The dataset at a place: a file, or a folder. */
export const read = Effect.fn("Datasets.read")(function* (
  named: string
): Effect.fn.Return<Recorded, DatasetError.DatasetError, FileSystem.FileSystem | Path.Path> {
  const paths = yield* Path.Path
  if ((yield* Place.typeAt(named)) === "Directory") return yield* ofFolder(named)
  const bytes = yield* bytesOf(named, RegularFile.LARGE, "followed")
  if (!Hdf5.isHdf5(bytes)) return yield* ours(named, bytes)
  const metadata = paths.join(paths.dirname(named), METADATA)
  const isMinari = paths.basename(named) === MAIN && (yield* Place.typeAt(metadata)) !== undefined
  return yield* ofHdf5(
    named,
    bytes,
    isMinari ? yield* Effect.fromResult(Minari.metadataOf(named, yield* textOf(metadata))) : undefined
  )
})

// layers

/** Replays of kind `offline` read all of these formats. */
export const layer: Layer.Layer<never> = Layer.succeed(Replay.DatasetSource, (file) =>
  read(file).pipe(
    Effect.map(({ raw }) => raw),
    Effect.mapError(({ fix, place, what }) => ({
      what: place === undefined ? what : `${place}: ${what}`,
      fix
    })),
    Effect.provide(NodeServices.layer)
  )
)
