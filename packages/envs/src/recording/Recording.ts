/**
 * Trajectories recorded from another implementation, and how far ours is from them. Compared three ways: the start from
 * the recorded seed, one step at a time from the recorded states, and free-running from the first recorded state.
 *
 * The format is one JSON object, `{ meta: { env }, episodes }`, each episode with `label`, `reset_seed`,
 * `action_dtype`, `initial_state`, `initial_obs`, and one entry per step of `actions`, `states` (after the step),
 * `observations`, `rewards`, `terminated`, `truncated`.
 */
import * as FileWords from "@ornstein/core/FileWords"
import * as JsonText from "@ornstein/core/JsonText"
import * as Mistake from "@ornstein/core/Mistake"
import * as RegularFile from "@ornstein/core/RegularFile"
import * as Environment from "@ornstein/core/Environment"
import * as Fault from "@ornstein/core/Fault"
import * as Key from "@ornstein/core/Key"
import type * as Snapshot from "@ornstein/core/Snapshot"
import type * as Space from "@ornstein/core/Space"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"

// errors

/** A recording that cannot be read or does not fit its environment. */
export class RecordingError
  extends Schema.TaggedError<RecordingError>()("RecordingError", { file: Schema.String, ...Fault.fields })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get where(): string {
    return this.file
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// models

const Row = Schema.Array(Schema.Finite)

export const Episode = Schema.Struct({
  label: Schema.String,
  reset_seed: Schema.Int,
  action_dtype: Schema.Literals(["float32", "float64", "int"]),
  initial_state: Row,
  initial_obs: Row,
  actions: Schema.Array(Schema.Union([Row, Schema.Int])),
  states: Schema.Array(Row),
  observations: Schema.Array(Row),
  rewards: Row,
  terminated: Schema.Array(Schema.Boolean),
  truncated: Schema.Array(Schema.Boolean)
}).check(
  Schema.makeFilter(({ actions, states, observations, rewards, terminated, truncated }) => {
    const columns = { states, observations, rewards, terminated, truncated }
    for (const [name, column] of Object.entries(columns)) {
      if (column.length !== actions.length) {
        return { path: [name], issue: `has ${column.length} entries for ${actions.length} actions` }
      }
    }
    return true
  })
)
export type Episode = typeof Episode.Type

export const Recording = Schema.Struct({
  meta: Schema.Struct({ env: Schema.String }),
  episodes: Schema.NonEmptyArray(Episode)
})
export type Recording = typeof Recording.Type

/** How an environment stands to its recordings. */
export interface Subject {
  /** The environment that an episode with this label was recorded from; given a seed, it starts as Gymnasium does. */
  readonly make: (label: string, gymnasiumSeed?: number) => Environment.Environment
  /** Our state after `step` steps, from the recorded one. */
  readonly toState: (row: ReadonlyArray<number>, step: number) => Snapshot.Snapshot
  /** The numbers of our state in the recorded order. */
  readonly fromState: (state: Snapshot.Snapshot) => ReadonlyArray<number>
}

/** The largest absolute differences, and the number of steps with another flag. */
export interface Deviation {
  readonly state: number
  readonly observation: number
  readonly reward: number
  readonly flags: number
}

export interface Comparison {
  readonly label: string
  readonly steps: number
  readonly start: Deviation
  readonly stepwise: Deviation
  readonly freeRunning: Deviation
}

// pure core

const none: Deviation = { state: 0, observation: 0, reward: 0, flags: 0 }

const furthest = (ours: ArrayLike<number>, recorded: ArrayLike<number>): number => {
  if (ours.length !== recorded.length) return Number.POSITIVE_INFINITY
  let largest = 0
  for (let i = 0; i < ours.length; i++) largest = Math.max(largest, Math.abs(ours[i]! - recorded[i]!))
  return Number.isNaN(largest) ? Number.POSITIVE_INFINITY : largest
}

const worse = (a: Deviation, b: Deviation): Deviation => ({
  state: Math.max(a.state, b.state),
  observation: Math.max(a.observation, b.observation),
  reward: Math.max(a.reward, b.reward),
  flags: a.flags + b.flags
})

/** The largest number in a deviation; another flag is infinitely far. */
export const distance = ({ state, observation, reward, flags }: Deviation): number =>
  flags > 0 ? Number.POSITIVE_INFINITY : Math.max(state, observation, reward)

/** A state that is an array of numbers in the recorded order. */
export const numbers = (state: Snapshot.Snapshot): ReadonlyArray<number> =>
  Array.isArray(state) ? state.filter((entry) => typeof entry === "number") : []

const toAction = (dtype: Episode["action_dtype"], action: number | ReadonlyArray<number>): Space.Numbers => {
  const numbers = typeof action === "number" ? [action] : action
  return dtype === "float64" ? Float64Array.from(numbers) : Float32Array.from(numbers)
}

/** What is compared at one moment. */
interface Moment {
  readonly state: ReadonlyArray<number>
  readonly observation: ReadonlyArray<number>
  readonly reward: number
  readonly terminated: boolean
  readonly truncated: boolean
}

const recorded = (episode: Episode, step: number): Moment => ({
  state: episode.states[step] ?? [],
  observation: episode.observations[step] ?? [],
  reward: episode.rewards[step] ?? 0,
  terminated: episode.terminated[step] === true,
  truncated: episode.truncated[step] === true
})

const deviation = (instance: Environment.Instance, subject: Subject, moment: Moment): Deviation => ({
  state: furthest(subject.fromState(Environment.stateOf(instance.snapshot())), moment.state),
  observation: furthest(instance.observation, moment.observation),
  reward: Math.abs(instance.reward - moment.reward),
  flags: instance.terminated === moment.terminated && instance.truncated === moment.truncated ? 0 : 1
})

const stepwise = (instance: Environment.Instance, subject: Subject, episode: Episode): Deviation =>
  episode.actions.reduce<Deviation>((worst, action, step) => {
    const before = step === 0 ? episode.initial_state : (episode.states[step - 1] ?? [])
    instance.restore(Environment.at(subject.toState(before, step), step))
    instance.step(toAction(episode.action_dtype, action))
    return worse(worst, deviation(instance, subject, recorded(episode, step)))
  }, none)

const freeRunning = (instance: Environment.Instance, subject: Subject, episode: Episode): Deviation => {
  instance.restore(Environment.at(subject.toState(episode.initial_state, 0)))
  let worst = none
  for (const [step, action] of episode.actions.entries()) {
    if (instance.terminated || instance.truncated) return worse(worst, { ...none, flags: 1 })
    instance.step(toAction(episode.action_dtype, action))
    worst = worse(worst, deviation(instance, subject, recorded(episode, step)))
  }
  return worst
}

// constructors

/** Replays an episode. Fails with the `EnvironmentError` of an action that ours refuses. */
export const compare = (
  subject: Subject,
  episode: Episode
): Effect.Effect<Comparison, Environment.WorldError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const seeded = yield* subject.make(episode.label, episode.reset_seed).make
      const instance = yield* subject.make(episode.label).make
      return yield* Environment.attempt(() => {
        seeded.reset(Key.make(0))
        const start = {
          state: episode.initial_state,
          observation: episode.initial_obs,
          reward: 0,
          terminated: false,
          truncated: false
        }
        return {
          label: episode.label,
          steps: episode.actions.length,
          start: deviation(seeded, subject, start),
          stepwise: stepwise(instance, subject, episode),
          freeRunning: freeRunning(instance, subject, episode)
        }
      })
    })
  )

const decode = Schema.decodeUnknownEffect(Recording, { errors: "all", reportInput: true })

/** Reads a recording. */
export const read = Effect.fn("Recording.read")(function* (file: string) {
  const text = yield* RegularFile.readText(file, { most: RegularFile.TABLE, links: "followed" }).pipe(
    Effect.mapError(
      (error) =>
        new RecordingError({ file, what: FileWords.said(error), fix: "Give the path of a recording" })
    )
  )
  const refused = (what: string) =>
    new RecordingError({ file, what, fix: "Give a recording: JSON with meta and episodes" })
  const json = yield* Effect.mapError(Effect.fromResult(JsonText.parse(text)), ({ isJson, reason }) =>
    refused(isJson ? reason : "it is no JSON")
  )
  return yield* Effect.mapError(decode(json), ({ issue }) => {
    const { mistakes } = Mistake.fromIssue(Recording, issue)
    return refused(
      mistakes
        .slice(0, 1)
        .map((mistake) => Mistake.line(mistake, "the recording"))
        .join()
    )
  })
})
