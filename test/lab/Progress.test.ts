import { assert, describe, it } from "@effect/vitest"
import * as Pace from "@ornstein/lab/internal/session/Pace"
import type * as Output from "@ornstein/lab/Output"
import type * as Sink from "@ornstein/lab/Sink"
import * as Terminal from "@ornstein/lab/Terminal"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as Happenings from "./Happenings.ts"

const recorder = (isLive: boolean) => {
  const kept: Array<string> = []
  const live: Array<string> = []
  const push = (lines: Array<string>) => (text: string) =>
    Effect.sync(() => {
      lines.push(text)
    })
  const output: Output.Shape = {
    isLive,
    columns: 60,
    width: Number.POSITIVE_INFINITY,
    line: push(kept),
    live: push(live),
    picture: push(kept),
    written: Effect.void
  }
  return { output, kept, live }
}

/** Tells a terminal of a run of so many steps; what it says of its slices. */
const told = Effect.fnUntraced(function* (
  output: Output.Shape,
  steps: number,
  reports: ReadonlyArray<Happenings.Report>
) {
  const sink: Sink.Listener = Terminal.make(output)
  const hear = yield* sink.open
  yield* Effect.forEach([{ ...Happenings.started, steps }, ...reports.map(Happenings.sliceEnded)], hear, {
    discard: true
  })
}, Effect.scoped)

/** Without the two lines of the beginning. */
const slices = (kept: ReadonlyArray<string>): ReadonlyArray<string> => kept.slice(2)

describe("progress on a terminal", () => {
  it.effect("tells what begins, then step, return, noise, pace and the time left", () =>
    Effect.gen(function* () {
      const { kept, output } = recorder(false)
      yield* told(output, 1000, [{ step: 100, seconds: 1, returns: [-10, -20] }])
      assert.deepStrictEqual(kept, [
        "DDPG learns Pendulum-v1: swing up (seed 7, 1,000 steps, 1 update per step, engine wasm)",
        "in runs/a",
        "step   100/1,000   return    -15.0   noise 0.13   100 steps/s   0:09 left"
      ])
    })
  )

  it.effect("keeps the last return while no episode ends, and says when there was none", () =>
    Effect.gen(function* () {
      const { kept, output } = recorder(false)
      yield* told(output, 300, [{ step: 100 }, { step: 200, returns: [5] }, { step: 300 }])
      assert.deepStrictEqual(
        slices(kept).map((line) => /return +(\S+ ?\S*)/.exec(line)?.[1]?.trim()),
        ["none yet", "5.0", "5.0"]
      )
    })
  )

  it.effect("tells pace and time left, once it learns, of slices that learn", () =>
    Effect.gen(function* () {
      const { kept, output } = recorder(false)
      yield* told(output, 600, [
        { step: 100, updates: 0, seconds: 1 },
        { step: 200, updates: 0, seconds: 2 },
        { step: 300, updates: 50, seconds: 7 },
        { step: 400, updates: 150, seconds: 17 },
        { step: 500, updates: 250, seconds: 22 }
      ])
      assert.deepStrictEqual(
        slices(kept).map((line) => line.split("   ").slice(-2).join(" ").trim()),
        [
          "100 steps/s 0:05 left",
          "100 steps/s 0:04 left",
          "20 steps/s 0:15 left",
          "10 steps/s 0:20 left",
          "15 steps/s 0:07 left"
        ]
      )
    })
  )

  it.effect("keeps 20 lines in a pipe, 10 on a terminal, where the others are live and fit", () =>
    Effect.gen(function* () {
      for (const [isLive, lines] of [
        [false, 20],
        [true, 10]
      ] as const) {
        const { kept, live, output } = recorder(isLive)
        yield* told(
          output,
          1000,
          Array.from({ length: 100 }, (_, i) => ({ step: 10 * (i + 1) }))
        )
        assert.lengthOf(slices(kept), lines)
        assert.lengthOf(live, 100 - lines)
        assert.isTrue(live.every((line) => line.length < 60))
      }
    })
  )

  it.effect("says once that targets leave a categorical critic's support", () =>
    Effect.gen(function* () {
      const { kept, output } = recorder(false)
      const clipped = (step: number, supportClipped: number): Happenings.Report => ({
        step,
        metrics: { supportClipped }
      })
      yield* told(output, 100_000, [clipped(1, 0.009), clipped(2, 0.12), clipped(3, 0.5)])
      assert.lengthOf(slices(kept), 1)
      assert.match(
        slices(kept)[0] ?? "",
        /^warning: at step 2, 12 % of the targets .* widen its minimum or maximum$/
      )
    })
  )
})

describe("pace", () => {
  it.effect("counts steps per second of the slices that learned from their first step to their last", () =>
    Effect.gen(function* () {
      const pace = yield* Pace.make({ step: 0, updates: 0 })
      for (const [step, updates, time, rate] of [
        [100, 0, "1 second", 100],
        [200, 50, "2 seconds", 200 / 3],
        [300, 150, "5 seconds", 20],
        [400, 250, "5 seconds", 20]
      ] as const) {
        yield* TestClock.adjust(time)
        assert.strictEqual((yield* pace.slice({ step, updates })).stepsPerSecond, rate)
      }
    })
  )

  it.effect("does not count what happens aside, nor before the first slice", () =>
    Effect.gen(function* () {
      const pace = yield* Pace.make({ step: 0, updates: 0 })
      yield* TestClock.adjust("1 hour")
      yield* pace.begin
      yield* TestClock.adjust("1 second")
      yield* pace.slice({ step: 100, updates: 0 })
      yield* pace.aside(TestClock.adjust("1 hour"))
      yield* TestClock.adjust("3 seconds")
      assert.deepStrictEqual(yield* pace.slice({ step: 200, updates: 0 }), {
        seconds: 4,
        stepsPerSecond: 50
      })
    })
  )
})
