/**
 * Noise whose scale differs from lane to lane, so that some explore boldly and some hardly: `sigma` is multiplied by a factor
 * between `from` and `to`.
 *
 * | rule | the factor of lane i of n | paper |
 * | --- | --- | --- |
 * | `uniform` | drawn uniformly anew for each episode | FastTD3 (Seo et al., 2025) |
 * | `ladder` | `from (to / from)^(i / (n - 1))`, always | Ape-X (Horgan et al., 2018), there of the share of random actions |
 *
 * FastTD3's noise is `{ sigma: 1, perLane: { rule: "uniform", from: 0.001, to: 0.4 } }`.
 */
import * as Schema from "effect/Schema"
import { Field, Lanes } from "../config/index.ts"
import { Elementary, Key, Streams } from "../random/index.ts"
import { Snapshot } from "../state/index.ts"
import type { Instance, Place } from "./Contract.ts"

// models

export const Options = Schema.Struct({
  rule: Schema.Literals(["uniform", "ladder"]).annotate({
    description: "a factor drawn for each episode, or rungs from the first lane to the last"
  }),
  from: Field.nonNegative.annotate({ description: "the least factor; of a ladder, the first lane's" }),
  to: Field.nonNegative.annotate({ description: "the largest factor; of a ladder, the last lane's" })
})
export type Options = typeof Options.Type

/** The option of explorations that have a `sigma`. */
export const fields = {
  perLane: Schema.optionalKey(Options).annotate({
    description: "factors of sigma that differ from lane to lane; left out, all lanes have the same noise"
  })
}

/** What of the options is looked at. */
interface Given {
  readonly perLane?: Options
}

// pure core

/** The rung of a lane, on a ladder whose steps are equal ratios. */
export const rung = ({ from, to }: Options, { lane, lanes }: Place): number =>
  lane === 0 || lanes === 1
    ? from
    : lane === lanes - 1
      ? to
      : from * Elementary.exp((lane / (lanes - 1)) * Elementary.log(to / from))

/** The factor of an episode, counted from 1. */
export const drawn = ({ from, to }: Options, key: Key.Key, episode: number): number =>
  from + (to - from) * Key.uniform(Key.fold(key, episode))

// requirements

export const requirements: ReadonlyArray<Lanes.Requirement<Given>> = [
  {
    at: "perLane",
    check: ({ perLane }, lanes) =>
      perLane?.rule === "ladder" && lanes === 1
        ? 'expected "uniform", or training.lanes of 2 or more: a ladder has a rung for each lane'
        : undefined
  },
  {
    at: "perLane.from",
    check: ({ perLane }) =>
      perLane?.rule === "ladder" && (perLane.from === 0 || perLane.to === 0)
        ? "expected more than 0, and so of perLane.to: the rungs of a ladder are equal ratios"
        : undefined
  },
  {
    at: "perLane.to",
    check: ({ perLane }) =>
      perLane?.rule === "uniform" && perLane.to <= perLane.from
        ? `expected more than perLane.from (${perLane.from})`
        : undefined
  }
]

// instances

/** A process whose noise is multiplied by the factor of its lane. */
export const around = (
  { perLane }: Given,
  key: Key.Key,
  place: Place,
  make: (factor: () => number) => Instance
): Instance => {
  if (perLane === undefined) return make(() => 1)
  if (perLane.rule === "ladder") {
    const own = rung(perLane, place)
    return make(() => own)
  }
  const factors = Streams.of(key, "scale")
  let [episode, factor] = [0, perLane.from]
  const inner = make(() => factor)
  return {
    ...inner,
    reset: () => {
      episode += 1
      factor = drawn(perLane, factors, episode)
      inner.reset()
    },
    snapshot: () => ({ episode, inner: inner.snapshot() }),
    restore: (snapshot) => {
      episode = Snapshot.getNumber(snapshot, "episode")
      factor = drawn(perLane, factors, episode)
      inner.restore(Snapshot.get(snapshot, "inner"))
    }
  }
}
