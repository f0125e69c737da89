/**
 * An episode as a film: what a world looks like, with step and return above it, at the pace of the world: a second of the
 * film is a second of the world. GIF counts in hundredths of a second, so states are left out where they come faster than
 * pictures can, and each picture stays until the next one is due: the lengths add up without error.
 */
import * as Fault from "@ornstein/core/Fault"
import type * as Environment from "@ornstein/core/Environment"
import type * as Evaluation from "@ornstein/core/Evaluation"
import type * as Scene from "@ornstein/core/Scene"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Drawing from "./Drawing.ts"
import * as Gif from "./Gif.ts"
import type * as Raster from "./Raster.ts"
import * as Rollout from "./Rollout.ts"

// errors

/** A film too large to be made. */
export class FilmError
  extends Schema.TaggedError<FilmError>()("FilmError", { what: Schema.String })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get fix(): string {
    return "Choose fewer --steps, a smaller --width or fewer frames with --fps"
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// models

export interface Options extends Rollout.Options {
  /** Pixels across. */
  readonly width: number
  /** The most frames in a second; default as many as GIF can show. */
  readonly fps?: number | undefined
  /** Seconds of the world in a second of the film; default 1. */
  readonly speed?: number | undefined
}

export interface Film {
  readonly summary: Rollout.Summary
  /** The bytes of an animated GIF. */
  readonly gif: Uint8Array
  /** The last frame. */
  readonly last: Raster.Frame
  readonly seconds: number
}

/** A state and how long it is shown, in hundredths of a second. */
export interface Shot {
  readonly state: number
  readonly delay: number
}

/** When a film cuts from state to state: hundredths of a second. */
interface Pace {
  /** From one state of the world to the next. */
  readonly state: number
  /** The least from one picture to the next. */
  readonly picture: number
}

// pure core

/** Browsers show pictures of one hundredth of a second for ten of them. */
const SHORTEST = 2

/** The most pixels of all frames together. */
const PIXELS = 500_000_000

/** The rate nearest to so many frames per second that GIF has: 100 over a whole number from 2 on. */
export const rate = (fps: number): number => 100 / Math.max(SHORTEST, Math.round(100 / fps))

const paceOf = (spec: Environment.Spec, { fps, speed = 1 }: Options): Pace => ({
  state: (100 * Rollout.timeStep(spec)) / speed,
  picture: fps === undefined ? SHORTEST : Math.round(100 / rate(fps))
})

const startOf = ({ state }: Pace, n: number): number => Math.round(n * state)

/**
 * The shots of a film of states 0 to `steps`, which is as long as the steps are. The last state is always there, and takes
 * its time from those before it.
 *
 * ```ts
 * Film.shots(200, { state: 5, picture: 2 }) // 201 shots, 1,000 hundredths of a second
 * ```
 */
export const shots = (steps: number, pace: Pace): ReadonlyArray<Shot> => {
  // Of an episode shorter than that, there are the first picture and the last.
  const end = Math.max((steps > 0 ? 2 : 1) * pace.picture, startOf(pace, steps))
  const last = end - pace.picture
  const starts: Array<{ readonly state: number; readonly at: number }> = []
  for (let state = 0; state < steps; state++) {
    const at = startOf(pace, state)
    const before = starts.at(-1)
    if (at > last - pace.picture) break
    if (before === undefined || at - before.at >= pace.picture) starts.push({ state, at })
  }
  starts.push({ state: steps, at: starts.length === 0 ? 0 : last })
  return starts.map(({ at, state }, i) => ({ state, delay: (starts[i + 1]?.at ?? end) - at }))
}

/** A picture with step and return, drawn. */
export const still = (instance: Environment.Instance, total: number, width: number): Raster.Frame => {
  const text = `step ${instance.steps}  return ${total.toFixed(1)}`
  return Drawing.captioned(Rollout.picture(instance), text, width)
}

/** Why a film of up to so many states is not made. */
const refusal = (spec: Environment.Spec, picture: Scene.Picture, pace: Pace, options: Options) => {
  const states = 1 + Math.min(options.steps, spec.timeLimit ?? options.steps)
  const frames = Math.ceil(Math.min(states, 1 + (states * pace.state) / pace.picture))
  const pixels = frames * Drawing.pixels(picture, options.width)
  if (pixels <= PIXELS) return undefined
  return new FilmError({
    what:
      `${frames.toLocaleString("en-US")} frames of ${options.width} pixels across would be ` +
      `${(pixels / 1e6).toFixed(0)} million pixels, and ${PIXELS / 1e6} million fit`
  })
}

// constructors

/** Who films an episode that somebody else plays. */
export interface Camera {
  /** At the start of the episode and after every step. */
  readonly take: (instance: Environment.Instance, total: number) => Effect.Effect<void, FilmError>
  /** The film of the episode that has ended so. */
  readonly develop: (summary: Rollout.Summary) => Effect.Effect<Film>
}

/** A camera for one episode of such a world. */
export const camera = (spec: Environment.Spec, options: Options): Camera => {
  const pace = paceOf(spec, options)
  const drawn = new Map<number, Raster.Frame>()
  let at = Number.NEGATIVE_INFINITY
  return {
    take: (instance, total) =>
      Effect.suspend(() => {
        const { steps } = instance
        if (steps === 0) {
          const error = refusal(spec, Rollout.picture(instance), pace, options)
          if (error !== undefined) return Effect.fail(error)
        }
        const start = startOf(pace, steps)
        const isLast = Rollout.isOver(instance, options)
        if (isLast || start - at >= pace.picture) {
          drawn.set(steps, still(instance, total, options.width))
          at = start
        }
        return Effect.void
      }),
    develop: (summary) =>
      Effect.suspend(() => {
        const shown = shots(summary.steps, pace).flatMap(({ delay, state }) => {
          const frame = drawn.get(state)
          return frame === undefined ? [] : [{ frame, delay }]
        })
        const last = drawn.get(summary.steps)
        if (last === undefined) return Effect.die(new Error("the last state was not drawn"))
        const delays = shown.map(({ delay }) => delay)
        const gif = Gif.encode(
          shown.map(({ frame }) => frame),
          { delays }
        )
        return Effect.succeed({
          summary,
          gif,
          last,
          seconds: delays.reduce((sum, delay) => sum + delay, 0) / 100
        })
      })
  }
}

// effects

/**
 * Plays an episode and films it.
 *
 * ```ts
 * const { gif } = yield* Film.record(saved.environment, saved.policy, { seed: 0, steps: 200, width: 240 })
 * ```
 */
export const record = Effect.fn("Film.record")(function* (
  environment: Environment.Environment,
  policy: Evaluation.Policy,
  options: Options
) {
  const { develop, take } = camera(environment.spec, options)
  return yield* develop(yield* Rollout.play(environment, policy, options, take))
})
