/** Who listens to the run of a command, and what it says at the end. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Sink } from "../events/index.ts"
import type { Summary } from "../session/index.ts"
import { Output } from "../terminal/index.ts"

// models

/** The values of `Flags.listeners`. */
export interface Flags {
  readonly json: boolean
  readonly events: boolean
  readonly socket: Option.Option<string>
}

// running

/** Runs with an audience: a person, and the programs that were asked for. Then the summary, and `--json`'s line. */
export const hearing = Effect.fnUntraced(function* <E, R>(
  { events, json, socket }: Flags,
  run: (audience: Sink.Audience) => Effect.Effect<Summary.Outcome, E, R>
) {
  const [{ Json, Socket, Terminal }, Summary] = yield* Effect.promise(() =>
    Promise.all([import("../sinks/index.ts"), import("../session/Summary.ts")])
  )
  const results = yield* Output.Output
  const people = json || events ? yield* Output.Aside : results
  const outcome = yield* run({
    note: people.line,
    sinks: [
      Terminal.make(people),
      ...(events ? [Json.make(results)] : []),
      ...(Option.isSome(socket) ? [yield* Socket.make(socket.value)] : [])
    ]
  })
  for (const line of Summary.lines(outcome)) yield* people.line(line)
  if (json) yield* results.line(Summary.json(outcome))
}, Effect.scoped)
