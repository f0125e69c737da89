/**
 * Datasets in the layout of Minari 0.5, in Arrow: a folder `data` with `metadata.json`, and for each episode a folder of its
 * number with `part-0.arrow` and `metadata.json`. Of an episode of T steps the file has T + 1 rows; the last has the last
 * observation, and zeros else. The bytes depend on the data alone.
 */
import type * as Space from "@ornstein/core/Space"

// models

type Arrow = typeof import("apache-arrow")

/** What happened in an episode: `[T + 1, width]` observations, `[T, width]` actions in the world's units, and `[T]`. */
export interface Episode {
  readonly observations: Float32Array
  readonly actions: Float32Array
  readonly rewards: Float64Array
  readonly terminated: boolean
  /** Else the episode ends because somebody stops looking. */
  readonly steps: number
}

export interface About {
  readonly id: string
  readonly environment: string
  readonly observation: Space.Box
  readonly action: Space.Space
  readonly episodes: number
  readonly steps: number
  /** Who acted. */
  readonly algorithm: string
  readonly seed: number
}

// pure core: metadata

/** A number as Python's JSON has it. */
const number = (x: number): string =>
  x === Number.POSITIVE_INFINITY
    ? "Infinity"
    : x === Number.NEGATIVE_INFINITY
      ? "-Infinity"
      : JSON.stringify(x)

/** A flat list of bounds in the shape of a box. */
const nested = (bounds: ReadonlyArray<number>, shape: ReadonlyArray<number>): string => {
  const [first, ...rest] = shape
  if (first === undefined) return number(bounds[0] ?? 0)
  const each = bounds.length / first
  const items = Array.from({ length: first }, (_, i) => nested(bounds.slice(i * each, (i + 1) * each), rest))
  return `[${items.join(", ")}]`
}

/** A space as Minari writes it: a text that is JSON but for infinite bounds. */
export const spaceText = (space: Space.Space): string =>
  space._tag === "Discrete"
    ? `{"type": "Discrete", "dtype": "int64", "start": 0, "n": ${space.n}}`
    : `{"type": "Box", "dtype": "float32", "shape": [${space.shape.join(", ")}], "low": ${nested(space.low, space.shape)}, "high": ${nested(space.high, space.shape)}}`

/** `metadata.json` of a dataset of so many bytes. */
export const metadata = (about: About, bytes: number): string =>
  JSON.stringify({
    total_episodes: about.episodes,
    total_steps: about.steps,
    data_format: "arrow",
    jpeg_encoding: false,
    observation_space: spaceText(about.observation),
    action_space: spaceText(about.action),
    dataset_size: Number((bytes / 1e6).toFixed(1)),
    dataset_id: about.id,
    algorithm_name: about.algorithm,
    description: `${about.environment}, made by Ornstein with seed ${about.seed}`,
    minari_version: "0.5.4"
  })

/** `metadata.json` of an episode. */
export const episodeMetadata = (id: number, { steps }: Episode): string =>
  JSON.stringify({ id, total_steps: steps })

// pure core: rows

/** `part-0.arrow` of an episode. */
export const part = (
  arrow: Arrow,
  id: number,
  { actions, observations, rewards, steps, terminated }: Episode,
  { action, observation }: Pick<About, "action" | "observation">
): Uint8Array => {
  const rows = steps + 1
  const padded = (numbers: ArrayLike<number>, width: number): Float32Array => {
    const out = new Float32Array(rows * width)
    out.set(numbers)
    return out
  }
  const lists = (numbers: Float32Array, width: number) => {
    const type = new arrow.FixedSizeList(width, new arrow.Field("item", new arrow.Float32(), true))
    const child = arrow.makeData({ type: new arrow.Float32(), data: numbers })
    return arrow.makeVector(arrow.makeData({ type, length: rows, nullCount: 0, child }))
  }
  const flags = (isSet: boolean) =>
    arrow.vectorFromArray(
      Array.from({ length: rows }, (_, t) => isSet && t === steps - 1),
      new arrow.Bool()
    )
  const width = observation.low.length
  const doubles = new Float64Array(rows)
  doubles.set(rewards)
  const table = new arrow.Table({
    episode_id: arrow.makeVector(new Int32Array(rows).fill(id)),
    observations: lists(padded(observations, width), width),
    actions:
      action._tag === "Discrete"
        ? arrow.makeVector(BigInt64Array.from(padded(actions, 1), (index) => BigInt(index)))
        : lists(padded(actions, action.low.length), action.low.length),
    rewards: arrow.makeVector(doubles),
    terminations: flags(terminated),
    truncations: flags(!terminated)
  })
  return arrow.tableToIPC(table, "file")
}
