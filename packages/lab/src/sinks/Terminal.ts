/** What a person sees of a run while it learns: a live line on a terminal, a line now and then in a pipe. */
import * as Evaluation from "@ornstein/core/Evaluation"
import * as Effect from "effect/Effect"
import { type Event, Sink } from "../events/index.ts"
import { Numbers, type Output } from "../terminal/index.ts"

// models

interface State {
  /** Of the run. */
  readonly steps: number
  /** Where the last slice ended, after so many updates, and seconds. */
  readonly step: number
  readonly updates: number
  readonly seconds: number
  /** Has a slice learned already? */
  readonly isLearning: boolean
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

const BEGIN: State = {
  steps: 1,
  step: 0,
  updates: 0,
  seconds: 0,
  isLearning: false,
  rate: 0,
  return: undefined,
  shown: 0,
  isWarned: false
}

/** A slice's line: `step  2,500/10,000  return -812.3  noise 0.1  1,204 steps/s  0:06 left`; as much of it as fits. */
const lineOf = (
  state: State,
  { exploration, explorations = [exploration] }: Event.Slice,
  width: number
): string => {
  const total = Numbers.integer(state.steps)
  const left = state.rate > 0 ? (state.steps - state.step) / state.rate : 0
  const step = `step ${Numbers.integer(state.step).padStart(total.length)}/${total}`
  const sum = `return ${(state.return === undefined ? "none yet" : Numbers.value(state.return)).padStart(8)}`
  const scales = [Math.min, Math.max].map((extreme) =>
    String(Number(explorations.reduce((a, b) => extreme(a, b)).toPrecision(2)))
  )
  const noise = `noise ${[...new Set(scales)].join(" to ")}`
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

const warningOf = ({ metrics: { supportClipped = 0 }, step }: Event.Slice): string | undefined =>
  supportClipped < CLIPPED
    ? undefined
    : `warning: at step ${Numbers.integer(step)}, ${(100 * supportClipped).toFixed(0)} % of the targets are outside of the ` +
      "categorical critic's support, which cannot tell them apart; widen its minimum or maximum"

/** `10,000 steps`, or `200 episodes, at most 10,000 steps`. */
const lengthOf = ({ episodes, steps }: Event.Started): string =>
  episodes === undefined
    ? `${Numbers.integer(steps)} steps`
    : `${Numbers.integer(episodes)} episodes, at most ${Numbers.integer(steps)} steps`

/** `4 lanes, 0.25 updates per step`, as far as there is something to say. */
const rhythmOf = ({ lanes, updatesPerStep }: Event.Started): ReadonlyArray<string> => [
  ...(lanes === undefined ? [] : [`${lanes} lanes`]),
  ...(updatesPerStep === undefined
    ? []
    : [`${Number(updatesPerStep.toPrecision(3))} ${updatesPerStep === 1 ? "update" : "updates"} per step`])
]

const begun = (event: Event.Started): ReadonlyArray<string> => [
  `${event.algorithm} learns ${event.environment.id}: ${event.environment.description.toLowerCase()} ` +
    `(${[`seed ${event.seed}`, lengthOf(event), ...rhythmOf(event), `engine ${event.engine}`].join(", ")})`,
  `in ${event.run}`,
  ...(event.from > 0 ? [`from the checkpoint of step ${Numbers.integer(event.from)}`] : [])
]

/** What an evaluation is called. */
const labelOf = ({ step, when }: { readonly step: number; readonly when: Event.When }): string =>
  when === "during" ? `at step ${Numbers.integer(step)}` : `${when} training`

/** How it stands after a slice; `kept` lines of a run stay. */
const after = (before: State, { pace, slice }: Event.SliceEnded, kept: number): State => {
  const took = pace.seconds - before.seconds
  const rate = took > 0 ? (slice.step - before.step) / took : before.rate
  // A step that learns costs much more than one that does not: what is left is told from slices of the one kind.
  const isOfAnotherKind = slice.updates > before.updates && !before.isLearning
  return {
    ...before,
    step: slice.step,
    updates: slice.updates,
    seconds: pace.seconds,
    isLearning: before.isLearning || (before.updates > 0 && slice.updates > before.updates),
    rate: before.rate === 0 || isOfAnotherKind ? rate : 0.5 * before.rate + 0.5 * rate,
    return:
      slice.episodes.length === 0
        ? before.return
        : Evaluation.mean(slice.episodes.map((episode) => episode.return)),
    shown: Math.floor((kept * slice.step) / before.steps),
    isWarned: before.isWarned || warningOf(slice) !== undefined
  }
}

// constructors

/** Progress on an output. */
export const make = (output: Output.Shape): Sink.Listener => {
  const kept = output.isLive ? 10 : 20
  let state = BEGIN
  const slice = Effect.fnUntraced(function* (event: Event.SliceEnded) {
    const before = state
    state = after(before, event, kept)
    const warning = before.isWarned ? undefined : warningOf(event.slice)
    if (warning !== undefined) yield* output.line(warning)
    const window = output.columns - 1
    yield* state.shown > before.shown
      ? output.line(lineOf(state, event.slice, output.isLive ? window : output.width))
      : output.live(lineOf(state, event.slice, window))
  })
  return Sink.listener("terminal", (event) => {
    switch (event._tag) {
      case "Started":
        state = { ...BEGIN, steps: event.steps, step: event.from, updates: event.updates }
        return Effect.forEach(begun(event), output.line, { discard: true })
      case "Note":
        return output.line(event.text)
      case "SliceEnded":
        return slice(event)
      case "Evaluating":
        return output.live(`${labelOf(event)}: ${event.episodes} episodes without exploration ...`)
      case "Evaluated": {
        const { evaluation } = event
        return output.line(
          `${labelOf(event)}: return ${Numbers.spread(evaluation)} over ${evaluation.episodes} episodes${Evaluation.remark(evaluation)}`
        )
      }
      case "Missed":
        return output.line(`(${Numbers.integer(event.count)} reports were left out here)`)
      case "Settled":
      case "Saved":
      case "Stopped":
      case "Failed":
      case "Finished":
        return Effect.void
    }
  })
}
