/**
 * Episodes of a Minari dataset in Arrow, `NUMBER/part-0.arrow`, read by `apache-arrow`: one batch of T + 1 rows, of which
 * the last is a padding but for its observation.
 */
import * as Effect from "effect/Effect"
import * as DatasetError from "./DatasetError.ts"
import type * as Hdf5 from "./Hdf5.ts"
import type * as Minari from "./Minari.ts"
import type * as MinariSpace from "./MinariSpace.ts"

// models

type Arrow = typeof import("apache-arrow")
type Vector = import("apache-arrow").Vector

// pure core

const INSTALL = "Install it: npm install apache-arrow@21.2.0"

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

// reading

/** The library, where it is installed. */
export const library = (file: string): Effect.Effect<Arrow, DatasetError.DatasetError> =>
  Effect.tryPromise({
    try: () => import("apache-arrow"),
    catch: () => DatasetError.at(file, undefined, "it is in Arrow, which apache-arrow reads", INSTALL)
  })

/** The episode in a file whose bytes these are. */
export const read = (
  arrow: Arrow,
  file: string,
  place: string,
  bytes: Uint8Array,
  { action, observation }: Pick<Minari.Metadata, "action" | "observation">
): Effect.Effect<Minari.Episode, DatasetError.DatasetError> => {
  let column = ""
  return Effect.try({
    try: () => {
      const table = arrow.tableFromIPC(bytes)
      const { numRows } = table
      // A row has eight bytes at least, those of its reward.
      if (numRows < 1 || numRows > bytes.length) throw new Wrong(`it says that it has ${numRows} rows`)
      const named = (name: string): Vector | null => {
        column = name
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
    },
    catch: (cause) => {
      const where = column === "" ? place : `${place}, ${column}`
      return DatasetError.at(
        file,
        where,
        cause instanceof Wrong ? cause.message : "it is damaged: it cannot be read as Arrow"
      )
    }
  })
}
