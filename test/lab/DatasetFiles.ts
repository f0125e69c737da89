/** Files of datasets that tests make: HDF5 by h5wasm in memory, Arrow by apache-arrow. */
import * as arrow from "apache-arrow"
import * as h5wasm from "h5wasm"
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

// models

export type Data = Float32Array | Float64Array | Uint8Array | Int8Array | BigInt64Array

export interface Array {
  readonly data: Data
  readonly shape: ReadonlyArray<number>
  /** The shape that the file says in the end. */
  readonly claims?: ReadonlyArray<number>
}

// making

const module = await h5wasm.ready
let made = 0

/** The bytes of a file of HDF5: arrays by path, groups where paths have several parts. */
export const hdf5 = (
  arrays: { readonly [path: string]: Array },
  change: (file: h5wasm.File) => void = () => {}
): Uint8Array => {
  made += 1
  const name = `/made-${made}.hdf5`
  const file = new h5wasm.File(name, "w")
  const groups = new Set<string>()
  for (const [path, { claims, data, shape }] of Object.entries(arrays)) {
    const parts = path.split("/")
    parts.slice(0, -1).forEach((_, i) => {
      const group = parts.slice(0, i + 1).join("/")
      if (!groups.has(group)) file.create_group(group)
      groups.add(group)
    })
    const dataset = file.create_dataset({
      name: path,
      data,
      shape: [...shape],
      ...(claims === undefined ? {} : { maxshape: shape.map(() => null), chunks: [...shape] })
    })
    if (claims !== undefined) dataset.resize([...claims])
  }
  change(file)
  file.close()
  const bytes = module.FS.readFile(name)
  module.FS.unlink(name)
  return bytes
}

/** A new folder with files, by their paths in it. */
export const folder = (files: { readonly [path: string]: Uint8Array | string }): string => {
  const path = mkdtempSync(join(tmpdir(), "dataset-"))
  for (const [name, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), contents)
  }
  return path
}

/** A new file. */
export const file = (bytes: Uint8Array | string, name = "data.hdf5"): string =>
  join(folder({ [name]: bytes }), name)

/** One batch of Arrow: lists of numbers where rows are lists, else numbers or booleans. */
export const batch = (columns: {
  readonly [name: string]:
    | ReadonlyArray<number>
    | ReadonlyArray<boolean>
    | ReadonlyArray<ReadonlyArray<number>>
}): Uint8Array => {
  const vectorOf = (rows: (typeof columns)[string]) => {
    const [first] = rows
    if (Array.isArray(first)) {
      const type = new arrow.FixedSizeList(first.length, new arrow.Field("item", new arrow.Float32(), true))
      return arrow.vectorFromArray(rows, type)
    }
    return typeof first === "boolean"
      ? arrow.vectorFromArray(rows, new arrow.Bool())
      : arrow.vectorFromArray(rows, new arrow.Float64())
  }
  const vectors = Object.fromEntries(Object.entries(columns).map(([name, rows]) => [name, vectorOf(rows)]))
  return arrow.tableToIPC(new arrow.Table(vectors), "file")
}

/** What Minari says of a dataset. */
export const metadata = (
  counts: { readonly episodes: number; readonly steps: number },
  changes: { readonly [name: string]: unknown } = {}
): string =>
  JSON.stringify({
    total_episodes: counts.episodes,
    total_steps: counts.steps,
    data_format: "hdf5",
    observation_space:
      '{"type": "Box", "dtype": "float32", "shape": [2], "low": [-Infinity, -1], "high": [Infinity, 1]}',
    action_space: '{"type": "Box", "dtype": "float32", "shape": [1], "low": [-2.0], "high": [2.0]}',
    env_spec: '{"id": "Line-v0"}',
    dataset_id: "line/test-v0",
    ...changes
  })
