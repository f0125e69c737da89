/** Metrics of updates, averaged over those of a slice: sums that are saved, so that a run which goes on averages alike. */
import * as Schema from "effect/Schema"

// models

/** A metric of some updates: the sum of its values and how many they are. */
export const Sum = Schema.Struct({ name: Schema.String, sum: Schema.Number, count: Schema.Int })
export type Sum = typeof Sum.Type

export interface Metrics {
  readonly add: (name: string, value: number) => void
  /** The averages; and forgotten. */
  readonly take: () => { readonly [name: string]: number }
  /** What `take` would average. */
  readonly sums: () => ReadonlyArray<Sum>
  readonly restore: (sums: ReadonlyArray<Sum>) => void
}

// constructors

export const make = (): Metrics => {
  const sums = new Map<string, { sum: number; count: number }>()
  return {
    add: (name, value) => {
      const entry = sums.get(name)
      if (entry === undefined) sums.set(name, { sum: value, count: 1 })
      else {
        entry.sum += value
        entry.count += 1
      }
    },
    take: () => {
      const means = Object.fromEntries(Array.from(sums, ([name, { count, sum }]) => [name, sum / count]))
      sums.clear()
      return means
    },
    sums: () => Array.from(sums, ([name, { count, sum }]) => ({ name, sum, count })),
    restore: (saved) => {
      sums.clear()
      for (const { count, name, sum } of saved) sums.set(name, { sum, count })
    }
  }
}
