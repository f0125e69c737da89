/** An episode as a film: every state drawn, with step and return below it. */
import type * as Environment from "@ornstein/core/Environment"
import type * as Evaluation from "@ornstein/core/Evaluation"
import * as Scene from "@ornstein/core/Scene"
import * as Effect from "effect/Effect"
import * as Gif from "./Gif.ts"
import * as Raster from "./Raster.ts"
import * as Rollout from "./Rollout.ts"

// models

export interface Options extends Rollout.Options {
  /** Pixels across. */
  readonly width: number
  /** Frames per second. */
  readonly fps: number
}

export interface Film {
  readonly summary: Rollout.Summary
  /** The bytes of an animated GIF. */
  readonly gif: Uint8Array
}

// effects

/**
 * Plays an episode and films it.
 *
 * ```ts
 * const { gif } = yield* Film.record(saved.environment, saved.policy, { seed: 0, steps: 200, width: 240, fps: 30 })
 * ```
 */
export const record = Effect.fn("Film.record")(function* (
  environment: Environment.Environment,
  policy: Evaluation.Policy,
  options: Options
) {
  const frames: Array<Raster.Frame> = []
  const summary = yield* Rollout.play(environment, policy, options, (instance, total) =>
    Effect.sync(() => {
      const text = `step ${instance.steps}  return ${total.toFixed(1)}`
      frames.push(Raster.draw(Scene.caption(Rollout.scene(instance), text), options.width))
    })
  )
  const film: Film = { summary, gif: Gif.encode(frames, options) }
  return film
})
