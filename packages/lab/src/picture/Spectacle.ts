/** An episode in the terminal, frame over frame, at the pace of the world. */
import type * as Environment from "@ornstein/core/Environment"
import type * as Scene from "@ornstein/core/Scene"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Output } from "../terminal/index.ts"
import * as Drawing from "./Drawing.ts"
import * as HalfBlocks from "./HalfBlocks.ts"
import * as Rollout from "./Rollout.ts"

// models

export interface Options {
  /** The most frames in a second. */
  readonly fps: number
  /** Seconds of the world in a second. */
  readonly speed: number
}

// pure core

/** As large as fits in a terminal of 24 lines. */
const columnsOf = (picture: Scene.Picture, columns: number): number =>
  Math.max(1, Math.min(columns, Math.floor(44 * Drawing.aspect(picture))))

// constructors

/** Shows each state that is due, when it is; nothing where the output is not live. */
export const make = Effect.fnUntraced(function* (
  output: Output.Shape,
  spec: Environment.Spec,
  { fps, speed }: Options
) {
  const began = yield* Clock.monotonicTimeNanos
  const step = (1000 * Rollout.timeStep(spec)) / speed
  let [lines, last] = [0, Number.NEGATIVE_INFINITY]
  return Effect.fnUntraced(function* (instance: Environment.Instance) {
    if (!output.isLive) return
    const due = step * instance.steps
    // Times are sums of roundings: a frame that is due within a microsecond is due.
    if (due - last < 1000 / fps - 1e-3 && !instance.terminated && !instance.truncated) return
    last = due
    const picture = Rollout.picture(instance)
    const text = HalfBlocks.render(Drawing.draw(picture, columnsOf(picture, output.columns - 1)))
    const passed = Number((yield* Clock.monotonicTimeNanos) - began) / 1e6
    if (passed < due) yield* Effect.sleep(due - passed)
    yield* output.picture(`${lines > 0 ? HalfBlocks.rewind(lines) : ""}${text}`)
    lines = text.split("\n").length
  })
})
