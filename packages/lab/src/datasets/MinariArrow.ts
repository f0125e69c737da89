/**
 * Episodes of a Minari dataset in Arrow, `NUMBER/part-0.arrow`, read by `apache-arrow`: one batch of T + 1 rows, of which
 * the last is a padding but for its observation. A damaged file can make the library compute for ever, so it reads in a thread.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as DatasetError from "./DatasetError.ts"
import type * as Minari from "./Minari.ts"
import * as Thread from "./Thread.ts"

// models

type Arrow = typeof import("apache-arrow")

export interface Order extends Pick<Minari.Metadata, "action" | "observation"> {
  readonly bytes: Uint8Array
}

export type Answer =
  | { readonly _tag: "episode"; readonly episode: Minari.Episode }
  | { readonly _tag: "failed"; readonly what: string; readonly column?: string }

// pure core

const isAnswer = (u: unknown): u is Answer => typeof u === "object" && u !== null && "_tag" in u

const PATIENCE = Duration.seconds(20)

const missing = (file: string): DatasetError.DatasetError =>
  DatasetError.at(
    file,
    undefined,
    "it is in Arrow, which apache-arrow reads",
    "Install it: npm install apache-arrow@21.2.0"
  )

// reading

/** The library, where it is installed. */
export const library = (file: string): Effect.Effect<Arrow, DatasetError.DatasetError> =>
  Effect.tryPromise({ try: () => import("apache-arrow"), catch: () => missing(file) })

/** Who reads the episodes of a folder. */
export const open = Effect.fnUntraced(function* (file: string) {
  const thread = yield* Thread.start({
    file,
    script: "ArrowThread",
    isAnswer,
    missing: missing(file),
    patience: PATIENCE
  })
  /** The episode at a place, whose bytes these are. */
  return (place: string, order: Order): Effect.Effect<Minari.Episode, DatasetError.DatasetError> =>
    Effect.flatMap(thread.ask(order, place), (answer) =>
      answer._tag === "episode"
        ? Effect.succeed(answer.episode)
        : Effect.fail(
            DatasetError.at(
              file,
              answer.column === undefined ? place : `${place}, ${answer.column}`,
              answer.what
            )
          )
    )
})
