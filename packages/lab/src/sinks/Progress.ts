/** What a person sees of a run while it learns: a live line on a terminal, a line now and then in a pipe. */
import type * as Training from "@ornstein/core/Training"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import { Numbers, type Output } from "../terminal/index.ts"

// models

/** What is shown of a slice. */
export type Slice = Pick<Training.Report, "step" | "episodes" | "exploration" | "metrics" | "updates">

export interface Progress {
  /** A slice has ended. */
  readonly slice: (report: Slice) => Effect.Effect<void>
  /**
   * Seconds spent in slices so far, and environment steps per second: of the slices that learned from their first step
   * to their last, if there is one.
   */
  readonly pace: Effect.Effect<{ readonly seconds: number; readonly stepsPerSecond: number }>
  /** Leaves out what happens in `effect` from the time of the slices. */
  readonly aside: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

interface State {
  readonly seconds: number
  /** Of slices that learned from their first step to their last. */
  readonly learning: { readonly seconds: number; readonly steps: number }
  readonly updates: number
  /** Monotonic, in nanoseconds: when the current slice began. */
  readonly since: bigint
  readonly step: number
  /** Steps per second, recent slices weighing most. */
  readonly rate: number
  /** The mean return of the last slice in which an episode ended. */
  readonly return: number | undefined
  /** Tenths or twentieths of the run of which a line stays. */
  readonly shown: number
  /** Has it been said that values leave the critic's support? */
  readonly isWarned: boolean
}

// pure core

const seconds = (from: bigint, to: bigint): number => Number(to - from) / 1e9

const mean = (numbers: ReadonlyArray<number>): number =>
  numbers.reduce((sum, x) => sum + x, 0) / numbers.length

/** A slice's line: `step  2,500/10,000  return -812.3  noise 0.1  1,204 steps/s  0:06 left`; as much of it as fits. */
const line = (state: State, report: Slice, steps: number, width: number): string => {
  const total = Numbers.integer(steps)
  const left = state.rate > 0 ? (steps - report.step) / state.rate : 0
  const step = `step ${Numbers.integer(report.step).padStart(total.length)}/${total}`
  const sum = `return ${(state.return === undefined ? "none yet" : Numbers.value(state.return)).padStart(8)}`
  const noise = `noise ${Number(report.exploration.toPrecision(2))}`
  const pace = `${Numbers.integer(state.rate)} steps/s`
  const rest = `${Numbers.duration(left)} left`
  // In a narrow window the parts that matter least are left out whole.
  const choices = [
    [step, sum, noise, pace, rest],
    [step, sum, pace, rest],
    [step, sum, rest],
    [step, sum]
  ].map((parts) => parts.join("   "))
  return choices.find((text) => text.length <= width) ?? step
}

/** The share of the targets' probability outside a categorical critic's support from which it is worth a line. */
const CLIPPED = 0.01

const warning = ({ metrics: { supportClipped = 0 }, step }: Slice): string | undefined =>
  supportClipped < CLIPPED
    ? undefined
    : `warning: at step ${Numbers.integer(step)}, ${(100 * supportClipped).toFixed(0)} % of the targets are outside of the ` +
      "categorical critic's support, which cannot tell them apart; widen its minimum or maximum"

// constructors

/** The progress of a run of `steps` steps from step `from`. */
export const make = Effect.fnUntraced(function* (
  output: Output.Shape,
  steps: number,
  from: Pick<Training.Report, "step" | "updates"> = { step: 0, updates: 0 }
) {
  const state = yield* Ref.make<State>({
    seconds: 0,
    since: yield* Clock.monotonicTimeNanos,
    learning: { seconds: 0, steps: 0 },
    updates: from.updates,
    step: from.step,
    rate: 0,
    return: undefined,
    shown: 0,
    isWarned: false
  })
  const kept = output.isLive ? 10 : 20

  const slice: Progress["slice"] = Effect.fnUntraced(function* (report) {
    const now = yield* Clock.monotonicTimeNanos
    const before = yield* Ref.get(state)
    const took = seconds(before.since, now)
    const rate = took > 0 ? (report.step - before.step) / took : before.rate
    const warned = warning(report)
    const isLearning = before.updates > 0 && report.updates > before.updates
    // A step that learns costs much more than one that does not: what is left is told from slices of the one kind.
    const isOfAnotherKind = report.updates > before.updates && before.learning.steps === 0
    const share = Math.floor((kept * report.step) / steps)
    const next: State = {
      seconds: before.seconds + took,
      learning: isLearning
        ? {
            seconds: before.learning.seconds + took,
            steps: before.learning.steps + report.step - before.step
          }
        : before.learning,
      updates: report.updates,
      since: now,
      step: report.step,
      rate: before.rate === 0 || isOfAnotherKind ? rate : 0.5 * before.rate + 0.5 * rate,
      return:
        report.episodes.length === 0 ? before.return : mean(report.episodes.map((episode) => episode.return)),
      shown: share,
      isWarned: before.isWarned || warned !== undefined
    }
    yield* Ref.set(state, next)
    if (warned !== undefined && !before.isWarned) yield* output.line(warned)
    const text = (width: number) => line(next, report, steps, width)
    const window = output.columns - 1
    yield* share > before.shown
      ? output.line(text(output.isLive ? window : output.width))
      : output.live(text(window))
  })

  const progress: Progress = {
    slice,
    pace: Effect.map(Ref.get(state), ({ learning, seconds, step }) => {
      const counted = learning.seconds > 0 ? learning : { seconds, steps: step - from.step }
      return { seconds, stepsPerSecond: counted.seconds > 0 ? counted.steps / counted.seconds : 0 }
    }),
    aside: Effect.fnUntraced(function* (effect) {
      const began = yield* Clock.monotonicTimeNanos
      const result = yield* effect
      const ended = yield* Clock.monotonicTimeNanos
      yield* Ref.update(state, (before) => ({ ...before, since: before.since + (ended - began) }))
      return result
    })
  }
  return progress
})
