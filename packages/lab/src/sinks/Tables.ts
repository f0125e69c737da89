/** The tables of a run: a row for every slice and every evaluation, written before training goes on. */
import * as Effect from "effect/Effect"
import { type Event, Sink } from "../events/index.ts"
import { Rows, RunDirectory, Tables } from "../runs/index.ts"

// pure core

const { evaluations, metrics, timing } = RunDirectory.files

// constructors

/** Writes what happens into the tables. */
export const hear = (tables: Tables.Tables): Sink.Hear<RunDirectory.WriteError> => {
  const slice = (row: Rows.Slice, seconds: number) =>
    Effect.andThen(tables.append(metrics, row), tables.append(timing, { step: row.step, seconds }))
  return (event: Event.Event) => {
    switch (event._tag) {
      case "SliceEnded":
        return slice(Rows.slice(event.slice), event.pace.seconds)
      case "Evaluated":
        return tables.append(evaluations, Rows.evaluation(event.step, event.evaluation))
      case "Failed":
        return event.unfinished === undefined
          ? Effect.void
          : slice(Rows.unfinished(event.unfinished.slice), event.unfinished.pace.seconds)
      default:
        return Effect.void
    }
  }
}
