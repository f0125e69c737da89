/**
 * A new run, from configuration to run directory.
 *
 * ```ts
 * yield* Train.run({ config, name: "mine", checkpoints: { every: 5000, keep: 3 } }, { sinks: [Terminal.make(output)] })
 * ```
 */
import * as Effect from "effect/Effect"
import { Sink } from "../events/index.ts"
import type { Experiment } from "../experiment/index.ts"
import { type Record, Tables } from "../runs/index.ts"
import { Signals } from "../terminal/index.ts"
import * as Beginning from "./Beginning.ts"
import * as Opening from "./Opening.ts"
import * as Session from "./Session.ts"

// models

/** What is asked for: data. */
export interface Request {
  readonly config: Experiment.Settings
  /** The run's name: that of its preset, or its algorithm and environment. */
  readonly name: string
  readonly preset?: string | undefined
  /** The mean return from which the task counts as solved. */
  readonly threshold?: number | undefined
  /** The run directory; without it a new one under `runs/`. */
  readonly out?: string | undefined
  /** Steps from one checkpoint to the next, and how many of the newest stay besides the best one. */
  readonly checkpoints: Record.Manifest["checkpoints"]
  /** Is the first operation named whose result is not finite, if numbers stop being so? See `Plan`. */
  readonly findNan?: boolean
}

// running

/** Trains what is asked for. Fails with `Stopped` after a signal; the run directory is complete in every case. */
export const run = Effect.fn("Train.run")(function* <E = never, R = never>(
  request: Request,
  audience: Partial<Sink.Audience<E, R>> = {}
) {
  const { checkpoints, config, findNan = false, name, out, preset = null, threshold } = request
  const opened = yield* Opening.open(config, { findNan }).pipe(Opening.orRefuse, Signals.deadly)
  const { directory, record } = yield* Beginning.make({
    config,
    name,
    preset,
    out,
    checkpoints,
    origin: null
  })
  return yield* Session.run(
    {
      directory,
      config,
      record,
      from: null,
      kept: Tables.NONE,
      ...(threshold === undefined ? {} : { threshold }),
      findNan
    },
    audience,
    { opened }
  )
}, Effect.scoped)
