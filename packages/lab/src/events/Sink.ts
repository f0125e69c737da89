/**
 * Who listens to a session. There are two kinds:
 *
 * - A **durable** sink is waited for: the next slice begins when it has done its part, and the run ends with its error, or
 *   with a `SinkError` where it throws or never ends.
 *   It may look at the trainer, which stands still meanwhile. For what must not be lost.
 * - A **listener** has a bounded queue and a fiber of its own, and cannot slow training, change it or end it. When it is
 *   too slow it misses events, reports of slices before others, and is told how many (`Missed`).
 *
 * ```ts
 * const chat = Sink.listener("chat", (event) =>
 *   event._tag === "Evaluated" ? post(`step ${event.step}: ${event.evaluation.mean}`) : Effect.void
 * )
 * yield* Train.run(plan, { sinks: [chat] })
 * ```
 *
 * All run in one thread: what computes for long without an Effect in between holds everything else up.
 */
import type * as Training from "@ornstein/core/Training"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Experiment } from "../experiment/index.ts"
import type { Record, RunDirectory, Tables } from "../runs/index.ts"
import type { Event } from "./Event.ts"
import * as Given from "./Given.ts"

// models

/** What is done about an event. */
export type Hear<E = never, R = never> = (event: Event) => Effect.Effect<void, E, R>

/** A session as a durable sink sees it. */
export interface Held {
  /** Where the run is written down. */
  readonly directory: RunDirectory.RunDirectory
  readonly config: Experiment.Settings
  /** `run.json` as the session began. */
  readonly record: Record.Manifest
  readonly trainer: Training.Trainer
  /**
   * How far what earlier sessions have told stands: a sink keeps what it wrote of evaluations up to step
   * `stands.evaluations`, and of slices up to step `stands.slices`, and hears of all later ones again. Both are -1 in a run
   * that begins, and in one that was killed before its first checkpoint.
   */
  readonly stands: Tables.Stands
  /** Tells all sinks of something else, after the event that is being heard. */
  readonly tell: (event: Event) => Effect.Effect<void>
}

export interface Durable<E = never, R = never> {
  readonly _tag: "Durable"
  readonly name: string
  /** How long a run waits for it to hear one event. */
  readonly patience: Duration.Duration
  /** Once per session; its scope is the session's. */
  readonly open: (held: Held) => Effect.Effect<Hear<E>, E, R | Scope.Scope>
}

export interface Listener<R = never> {
  readonly _tag: "Listener"
  readonly name: string
  /** How many events wait for it at the most. */
  readonly capacity: number
  /** Once per session; its scope is the session's. A failure ends the listener, and is told. */
  readonly open: Effect.Effect<Hear<unknown>, unknown, R | Scope.Scope>
}

export type Sink<E = never, R = never> = Durable<E, R> | Listener<R>

/** Who listens to a run. */
export interface Audience<E = never, R = never> {
  readonly sinks: ReadonlyArray<Sink<E, R>>
  /** Where that is said which comes before the session: a lock that was left behind, a damaged checkpoint. */
  readonly note: (text: string) => Effect.Effect<void>
}

// constructors

/** How many events wait for a listener, if it does not say otherwise. */
export const CAPACITY = 256

/** How long a run waits for a durable sink, if that does not say otherwise. */
export const PATIENCE = Duration.minutes(10)

/**
 * A sink that training waits for; the run ends with a `SinkError` where it throws, or takes longer for one event than
 * `patience`.
 */
export const durable = <E = never, R = never>(
  name: string,
  open: (held: Held) => Effect.Effect<Hear<E>, E, R | Scope.Scope>,
  { patience = PATIENCE }: { readonly patience?: Duration.Input } = {}
): Durable<E, R> => ({ _tag: "Durable", name, open, patience: Duration.fromInputUnsafe(patience) })

/** A sink beside training. */
export const listener = <R = never>(
  name: string,
  hear: Hear<unknown, R>,
  options: { readonly capacity?: number } = {}
): Listener<R> =>
  opened(
    name,
    Effect.map(
      Effect.context<R>(),
      (context): Hear<unknown> =>
        (event) =>
          Effect.provideContext(Given.effectOf("hear", hear(event)), context)
    ),
    options
  )

/** The same for one that is opened first. */
export const opened = <R = never>(
  name: string,
  open: Effect.Effect<Hear<unknown>, unknown, R>,
  { capacity = CAPACITY }: { readonly capacity?: number } = {}
): Listener<R> => ({ _tag: "Listener", name, capacity, open })
