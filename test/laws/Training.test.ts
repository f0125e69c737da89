import { Algorithm, Ddpg } from "@ornstein/algos"
import { type Environment, type Learner, Replay, Training } from "@ornstein/core"
import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { TfjsEngine } from "@ornstein/jit"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import { Effect, Fiber, Schema, Stream } from "effect"
import { learner, options, services, train } from "./Pendulum.ts"
import * as SlowClock from "./SlowClock.ts"

const inShortTurns = SlowClock.inShortTurns(10)

describe("the laws of training", () => {
  it.effect("one seed gives one result, and another seed another", () =>
    Effect.gen(function* () {
      const first = yield* train()
      const second = yield* train()
      const other = yield* train({ seed: 4 })
      assert.strictEqual(second.parameters, first.parameters)
      assert.strictEqual(second.state, first.state)
      assert.deepStrictEqual(second.reports, first.reports)
      assert.notStrictEqual(other.parameters, first.parameters)
    })
  )

  it.effect.each([1, 7, 64, 1000])("slices of %i steps change nothing", (sliceSteps) =>
    Effect.gen(function* () {
      const steps = sliceSteps === 1 ? 200 : options.steps
      const whole = yield* train({ steps })
      const sliced = yield* train({ steps, sliceSteps })
      assert.strictEqual(sliced.state, whole.state)
      // A link of the chain holds all links before it.
      if (sliceSteps < 100) assert.notStrictEqual(sliced.reports.at(-1)?.chain, whole.reports.at(-1)?.chain)
      assert.deepStrictEqual(
        sliced.reports.flatMap((report) => report.episodes),
        whole.reports.flatMap((report) => report.episodes)
      )
    })
  )

  it.effect.each([1, 7, 64, 1000])(
    "a run of two episodes ends with them, by slices of %i steps",
    (sliceSteps) =>
      Effect.gen(function* () {
        const whole = yield* train({ steps: 400 })
        const ended = yield* train({ episodes: 2, sliceSteps })
        assert.strictEqual(ended.state, whole.state)
        assert.strictEqual(ended.reports.at(-1)?.step, 400)
        assert.lengthOf(ended.reports, Math.ceil(400 / sliceSteps))
        const cut = yield* train({ episodes: 2, sliceSteps, steps: 250 })
        assert.strictEqual((yield* train({ episodes: 2, sliceSteps }, cut.saved)).state, whole.state)
        assert.lengthOf((yield* train({ episodes: 2 }, ended.saved)).reports, 0)
      })
  )

  it.effect.each([30, 100, 255, 401])("a run resumed at step %i is the run that never stopped", (steps) =>
    Effect.gen(function* () {
      const whole = yield* train()
      const { saved } = yield* train({ steps })
      assert.strictEqual(saved.state.step, steps)
      assert.strictEqual((yield* train({}, saved)).state, whole.state)
    })
  )

  it.effect("a state survives its JSON", () =>
    Effect.gen(function* () {
      const whole = yield* train()
      const { saved } = yield* train({ steps: 301 })
      const codec = Schema.fromJsonString(Schema.toCodecJson(Training.TrainState))
      const text = yield* Schema.encodeEffect(codec)(saved.state)
      const state = yield* Schema.decodeEffect(codec)(text)
      assert.strictEqual((yield* train({}, { ...saved, state })).state, whole.state)
    })
  )

  it.effect.each([3, 10, 20])("a run stopped inside a slice finishes it later: turn %i", (turns) =>
    Effect.gen(function* () {
      const whole = yield* train()
      const stopped = yield* Effect.gen(function* () {
        const trainer = yield* Training.make(learner, options)
        const fiber = yield* Effect.forkChild(Stream.runCollect(trainer.stream))
        for (let i = 0; i < turns; i++) yield* Effect.yieldNow
        yield* trainer.stop
        return { reports: yield* Fiber.join(fiber), saved: yield* trainer.saved }
      }).pipe(Effect.scoped, Effect.provide(services(WasmEngine.make()), { local: true }), inShortTurns)
      assert.isAbove(stopped.saved.state.step % options.sliceSteps, 0)
      const rest = yield* train({}, stopped.saved)
      assert.strictEqual(rest.state, whole.state)
      assert.deepStrictEqual([...stopped.reports, ...rest.reports], whole.reports)
    })
  )

  it.effect("a run stopped inside a round of updates finishes the round later, wherever that is", () =>
    Effect.gen(function* () {
      const rounds = {
        ...options,
        updateEvery: 20,
        updatesPerRound: 23,
        sliceSteps: 40,
        steps: 200,
        episodes: 1
      }
      const run = (from?: Training.Saved) => train(rounds, from)
      const whole = yield* run()
      assert.strictEqual(whole.saved.state.updates, 8 * 23)
      const seen = new Set<number>()
      let from: Training.Saved | undefined
      const reports: Array<Training.Report> = []
      for (let isDone = false; !isDone; ) {
        const stretch: {
          readonly isDone: boolean
          readonly saved: Training.Saved
          readonly reports: ReadonlyArray<Training.Report>
        } = yield* Effect.gen(function* () {
          const trainer = yield* Training.make(learner, rounds, from)
          const fiber = yield* Effect.forkChild(Stream.runCollect(trainer.stream))
          for (let i = 0; i < 3; i++) yield* Effect.yieldNow
          yield* trainer.stop
          const reports = yield* Fiber.join(fiber)
          return { isDone: yield* trainer.isDone, saved: yield* trainer.saved, reports }
        }).pipe(Effect.scoped, Effect.provide(services(WasmEngine.make()), { local: true }), inShortTurns)
        isDone = stretch.isDone
        from = stretch.saved
        reports.push(...stretch.reports)
        if (from.state.round !== undefined) seen.add(from.state.step)
      }
      // In the middle of slices, at their ends, and in the round of the very last step, which ends the last episode.
      assert.includeMembers([...seen], [60, 80, 200])
      assert.strictEqual(from === undefined ? "" : Training.hash(from), whole.state)
      assert.deepStrictEqual(reports, whole.reports)
    })
  )

  it.live("a round that never ends is left within a moment", () =>
    Effect.gen(function* () {
      const endless = { ...options, updatesPerRound: 1_000_000_000 }
      const saved = yield* Effect.gen(function* () {
        const trainer = yield* Training.make(learner, endless)
        const fiber = yield* Effect.forkChild(Stream.runDrain(trainer.stream))
        yield* Effect.sleep("200 millis")
        yield* trainer.stop
        yield* Fiber.join(fiber)
        return yield* trainer.saved
      }).pipe(Effect.scoped, Effect.provide(services(WasmEngine.make()), { local: true }))
      assert.strictEqual(saved.state.step, options.learningStarts)
      assert.strictEqual(saved.state.round, saved.state.updates)
      assert.isAbove(saved.state.updates, 10)
    })
  )

  it.effect("an interrupted run goes on from where it stands", () =>
    Effect.gen(function* () {
      const whole = yield* train()
      const interrupted = yield* Effect.gen(function* () {
        const trainer = yield* Training.make(learner, { ...options, sliceSteps: 10 })
        const fiber = yield* Effect.forkChild(Stream.runDrain(trainer.stream))
        for (let i = 0; i < 20; i++) yield* Effect.yieldNow
        yield* Fiber.interrupt(fiber)
        return yield* trainer.saved
      }).pipe(Effect.scoped, Effect.provide(services(WasmEngine.make()), { local: true }))
      assert.isAbove(interrupted.state.step, 0)
      assert.isBelow(interrupted.state.step, options.steps)
      assert.strictEqual((yield* train({}, interrupted)).state, whole.state)
    })
  )

  it.effect("a state of another configuration is refused, with what does not fit", () =>
    Effect.gen(function* () {
      const { saved } = yield* train({ steps: 400 })
      const resume = (learner: Learner.Learner<Environment.Continuous>, capacity: number) =>
        Training.make(learner, options, saved).pipe(
          Effect.scoped,
          Effect.flip,
          Effect.provide([services(WasmEngine.make()), Replay.layerUniform({ capacity })])
        )
      const wider = yield* resume(Algorithm.learner(Ddpg.make({ hidden: [16, 17] })), 300)
      assert.strictEqual(wider._tag, "ResumeError")
      assert.match(wider.message, /"\S+" has \d+ numbers in the snapshot and \d+ here/)
      const narrower = yield* resume(Algorithm.learner(Ddpg.make({ hidden: [16, 15] })), 300)
      assert.match(narrower.message, /"\S+" has \d+ numbers in the snapshot and \d+ here/)
      const larger = yield* resume(learner, 301)
      assert.strictEqual(larger._tag, "ResumeError")
      assert.match(larger.message, /no transitions before number 100/)
    })
  )

  it.effect("two runs in one process share nothing", () =>
    Effect.gen(function* () {
      const alone = yield* train()
      const [first, second] = yield* Effect.all([train(), train({ seed: 4 })], { concurrency: 2 })
      assert.strictEqual(first.state, alone.state)
      assert.notStrictEqual(second.state, alone.state)
    })
  )

  it.effect("the number of threads changes nothing", () =>
    Effect.gen(function* () {
      const alone = yield* train()
      for (const threads of [2, 3]) {
        const { state } = yield* train({}, undefined, WasmEngine.make({ threads }))
        assert.strictEqual(state, alone.state)
      }
    })
  )

  it.effect("the laws hold on TensorFlow.js' own kernels too", () =>
    Effect.gen(function* () {
      const run = (from?: Training.Saved, steps = 150) => train({ steps }, from, TfjsEngine.cpu())
      const whole = yield* run()
      const { saved } = yield* run(undefined, 90)
      assert.strictEqual((yield* run(saved)).state, whole.state)
    })
  )

  it.effect("no tensor outlives 1,000 updates", () =>
    Effect.gen(function* () {
      yield* train({ steps: 70 }, undefined, TfjsEngine.cpu())
      const before = tf.memory().numTensors
      const { saved } = yield* train({ steps: 1060 }, undefined, TfjsEngine.cpu())
      assert.strictEqual(saved.state.updates, 1001)
      assert.strictEqual(tf.memory().numTensors, before)
    })
  )
})
