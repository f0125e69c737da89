import { assert, describe, it } from "@effect/vitest"
import type * as Output from "@ornstein/lab/Output"
import * as Progress from "@ornstein/lab/internal/sinks/Progress"
import { Effect } from "effect"
import { TestClock } from "effect/testing"

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

const report = (step: number, ...returns: ReadonlyArray<number>): Progress.Slice => ({
  step,
  episodes: returns.map((sum) => ({ step, return: sum, length: 10 })),
  exploration: 0.125,
  updates: 0,
  metrics: {}
})

describe("Progress", () => {
  it.effect("tells step, return, noise, pace and the time left", () =>
    Effect.gen(function* () {
      const { kept, output } = recorder(false)
      const progress = yield* Progress.make(output, 1000)
      yield* TestClock.adjust("1 second")
      yield* progress.slice(report(100, -10, -20))
      assert.deepStrictEqual(kept, [
        "step   100/1,000   return    -15.0   noise 0.13   100 steps/s   0:09 left"
      ])
    })
  )

  it.effect("keeps the last return while no episode ends, and says when there was none", () =>
    Effect.gen(function* () {
      const { kept, output } = recorder(false)
      const progress = yield* Progress.make(output, 300)
      yield* Effect.forEach([report(100), report(200, 5), report(300)], (each) => progress.slice(each))
      assert.deepStrictEqual(
        kept.map((line) => /return +(\S+ ?\S*)/.exec(line)?.[1]?.trim()),
        ["none yet", "5.0", "5.0"]
      )
    })
  )

  it.effect("counts steps per second of the slices that learned from their first step to their last", () =>
    Effect.gen(function* () {
      const { output } = recorder(false)
      const progress = yield* Progress.make(output, 400)
      for (const [step, updates, time] of [
        [100, 0, "1 second"],
        [200, 50, "2 seconds"],
        [300, 150, "5 seconds"],
        [400, 250, "5 seconds"]
      ] as const) {
        yield* TestClock.adjust(time)
        yield* progress.slice({ ...report(step), updates })
        const pace = (yield* progress.pace).stepsPerSecond
        if (step === 200) assert.strictEqual(pace, 200 / 3)
        if (step > 200) assert.strictEqual(pace, 20)
      }
    })
  )

  it.effect("tells pace and time left, once it learns, of slices that learn", () =>
    Effect.gen(function* () {
      const { kept, output } = recorder(false)
      const progress = yield* Progress.make(output, 600)
      for (const [step, updates, time] of [
        [100, 0, "1 second"],
        [200, 0, "1 second"],
        [300, 50, "5 seconds"],
        [400, 150, "10 seconds"],
        [500, 250, "5 seconds"]
      ] as const) {
        yield* TestClock.adjust(time)
        yield* progress.slice({ ...report(step), updates })
      }
      assert.deepStrictEqual(
        kept.map((line) => line.split("   ").slice(-2).join(" ").trim()),
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
        const progress = yield* Progress.make(output, 1000)
        for (let step = 10; step <= 1000; step += 10) yield* progress.slice(report(step))
        assert.lengthOf(kept, lines)
        assert.lengthOf(live, 100 - lines)
        assert.isTrue(live.every((line) => line.length < 60))
      }
    })
  )

  it.effect("says once that targets leave a categorical critic's support", () =>
    Effect.gen(function* () {
      const { kept, output } = recorder(false)
      const progress = yield* Progress.make(output, 100_000)
      const clipped = (step: number, supportClipped: number) => ({
        ...report(step),
        metrics: { supportClipped }
      })
      yield* Effect.forEach([clipped(1, 0.009), clipped(2, 0.12), clipped(3, 0.5)], (each) =>
        progress.slice(each)
      )
      assert.lengthOf(kept, 1)
      assert.match(kept[0] ?? "", /^warning: at step 2, 12 % of the targets .* widen its minimum or maximum$/)
    })
  )

  it.effect("does not count what happens aside", () =>
    Effect.gen(function* () {
      const progress = yield* Progress.make(recorder(false).output, 1000)
      yield* TestClock.adjust("1 second")
      yield* progress.slice(report(100))
      yield* progress.aside(TestClock.adjust("1 hour"))
      yield* TestClock.adjust("3 seconds")
      yield* progress.slice(report(200))
      assert.deepStrictEqual(yield* progress.pace, { seconds: 4, stepsPerSecond: 50 })
    })
  )
})
