/** The thread's side of `MinariArrow`: one episode after the other. */
import * as Result from "effect/Result"
import * as arrow from "apache-arrow"
import { parentPort } from "node:worker_threads"
import type * as Hdf5 from "./Hdf5.ts"
import type * as Minari from "./Minari.ts"
import type { Answer, Order } from "./MinariArrow.ts"
import type * as MinariSpace from "./MinariSpace.ts"

// models

type Vector = arrow.Vector

// pure core

class Wrong extends Error {}

/** The part of a column under a path; those of a `Tuple` are named by their numbers. */
const under = (column: Vector | null, path: ReadonlyArray<string>): Vector => {
  let at = column
  for (const name of path) {
    const index: number | undefined = at?.type.children?.findIndex(
      (field: { readonly name: string }) => field.name === name.replace(/^_index_/, "")
    )
    at = index === undefined || index < 0 ? null : (at?.getChildAt(index) ?? null)
  }
  if (at === null) throw new Wrong("it is not there")
  return at
}

/** `rows` rows of a column, as numbers. */
const numbers = (column: Vector, rows: number, width: number, isList: boolean): Hdf5.Numbers => {
  if (column.nullCount > 0) throw new Wrong("it has rows without a value")
  const inner = isList ? column.getChildAt(0) : column
  if (inner === null || (isList && inner.length !== rows * width)) {
    throw new Wrong(`it has rows that are not of ${width} numbers`)
  }
  if (column.length !== rows) throw new Wrong(`it has ${column.length} rows, and ${rows} are expected`)
  return Float64Array.from({ length: rows * width }, (_, i) => {
    const value: unknown = inner.get(i)
    if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")
      return Number(value)
    throw new Wrong("it holds other than numbers")
  })
}

const isOrder = (u: unknown): u is Order => typeof u === "object" && u !== null && "bytes" in u

// reading

const read = ({ action, bytes, observation }: Order, at: (column: string) => void): Minari.Episode => {
  const table = arrow.tableFromIPC(bytes)
  const { numRows } = table
  // A row has eight bytes at least, those of its reward.
  if (numRows < 1 || numRows > bytes.length) throw new Wrong(`it says that it has ${numRows} rows`)
  const named = (name: string): Vector | null => {
    at(name)
    return table.getChild(name)
  }
  const leaves = (name: string, layout: MinariSpace.Layout) =>
    layout.leaves.map(({ path, space, width }) =>
      numbers(under(named(name), path), numRows, width, space._tag === "Box")
    )
  const flat = (name: string) => numbers(under(named(name), []), numRows, 1, false)
  return {
    steps: numRows - 1,
    observations: leaves("observations", observation),
    actions: leaves("actions", action),
    rewards: flat("rewards"),
    terminations: flat("terminations"),
    truncations: flat("truncations")
  }
}

const answer = (order: Order): Answer => {
  let column: string | undefined
  const episode = Result.try({
    try: () =>
      read(order, (name) => {
        column = name
      }),
    catch: (cause) => (cause instanceof Wrong ? cause.message : "it is damaged: it cannot be read as Arrow")
  })
  return Result.isSuccess(episode)
    ? { _tag: "episode", episode: episode.success }
    : { _tag: "failed", what: episode.failure, ...(column === undefined ? {} : { column }) }
}

parentPort?.on("message", (order: unknown) => {
  if (isOrder(order)) parentPort?.postMessage(answer(order), [])
})
