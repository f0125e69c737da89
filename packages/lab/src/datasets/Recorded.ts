/** A dataset as it was read, whatever the format: rows of steps, in the order in which they were made. */
import type * as Dataset from "@ornstein/core/Dataset"
import type * as Space from "@ornstein/core/Space"
import type { Reference } from "./Reference.ts"

// models

/** One of the spaces, as far as a file says. */
export interface Side {
  /** Numbers of a row. */
  readonly size: number
  /** Nothing where the file does not say. */
  readonly space: Space.Space | undefined
  /** The parts of a row, where there are several. */
  readonly names: { readonly [name: string]: number }
}

export interface Recorded {
  readonly format: "ornstein" | "minari" | "d4rl"
  readonly storage: "safetensors" | "hdf5" | "arrow"
  /** What is learned from: `observation`, `action`, `reward`, `terminated`, `truncated`, and `nextObservation` where known. */
  readonly raw: Dataset.Raw
  readonly observation: Side
  readonly action: Side
  /** What the file does not say and was concluded, in words. */
  readonly inferred: ReadonlyArray<string>
  /** The name of the dataset, and the world that it is of, where the file says. */
  readonly id?: string
  readonly environment?: string
  /** Scores of a random policy and of an expert, where the file says. */
  readonly reference?: Reference
}

// pure core

/** The numbers of a column, in double precision where they were. */
export const numbers = ({ raw }: Recorded, field: string, other: string): ArrayLike<number> | undefined =>
  (raw.columns[field] ?? raw.columns[other])?.data
