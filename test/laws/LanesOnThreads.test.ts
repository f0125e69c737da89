/** Lanes on worker threads: however many there are, wherever a run is cut, it is the run of its own thread alone. */
import { Algorithm, Ddpg } from "@ornstein/algos"
import { Engine, Environment, Exploration, Replay, Training } from "@ornstein/core"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as Experiment from "@ornstein/lab/Experiment"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Schema, Stream } from "effect"
import * as Counter from "./Counter.ts"
import * as SlowClock from "./SlowClock.ts"

const training = { warmup: 33, learningStarts: 41, batchSize: 8, sliceSteps: 50, updatesPerRound: 4 }

const experiment = {
  environment: { kind: "pendulum", timeLimit: 23 },
  algorithm: { base: "td3", hidden: [8, 8] },
  exploration: { kind: "ornsteinUhlenbeck", epsilon: 0.1 },
  replay: { kind: "uniform", capacity: 101, nStep: 3, compact: true },
  training: { ...training, steps: 220, lanes: 4, normalize: { observations: true, rewards: true } }
}

const inShortTurns = SlowClock.inShortTurns(30)

const codec = Schema.fromJsonString(Schema.toCodecJson(Training.TrainState))

/** What was written down and read again. */
const reread = (saved: Training.Saved) =>
  Effect.map(
    Effect.flatMap(Schema.encodeEffect(codec)(saved.state), Schema.decodeEffect(codec)),
    (state) => ({ ...saved, state })
  )

interface Stretch {
  readonly hash: string
  readonly saved: Training.Saved
  readonly isDone: boolean
  readonly reports: ReadonlyArray<Training.Report>
}

/** A run to its end, or stopped as soon as it can be. */
const train = Effect.fnUntraced(function* (
  changes: { readonly workers: number; readonly sliceSteps?: number; readonly steps?: number },
  from?: Training.Saved,
  isStopped = false
) {
  const input = { ...experiment, training: { ...experiment.training, ...changes } }
  const config = yield* Effect.fromResult(Experiment.decode(input))
  return yield* Effect.gen(function* () {
    const trainer = yield* Training.make(yield* Experiment.learner(config), config.training, from)
    const fiber = yield* Effect.forkChild(Stream.runCollect(trainer.stream))
    if (isStopped) {
      for (let i = 0; i < 3; i++) yield* Effect.yieldNow
      yield* trainer.stop
    }
    const reports = yield* Fiber.join(fiber)
    const saved = yield* reread(yield* trainer.saved)
    const stretch: Stretch = { reports, saved, hash: Training.hash(saved), isDone: yield* trainer.isDone }
    return stretch
  }).pipe(Effect.scoped, Effect.provide(Experiment.layer(config), { local: true }))
})

describe("4 lanes on 2 and 3 worker threads", () => {
  it.live("are the run of its own thread: whole, in other slices, and resumed in the middle of a round", () =>
    Effect.gen(function* () {
      const whole = yield* train({ workers: 1 })
      assert.isAbove(whole.saved.state.updates, 100)
      const beside = yield* train({ workers: 2 })
      assert.strictEqual(beside.hash, whole.hash)
      assert.deepStrictEqual(beside.reports, whole.reports)
      assert.strictEqual((yield* train({ workers: 2, sliceSteps: 7 })).hash, whole.hash)
      // Each checkpoint is gone on with by another number of threads.
      const { saved } = yield* train({ workers: 3, steps: 97 })
      assert.strictEqual(saved.state.step, 97)
      assert.isDefined(saved.state.actions)
      assert.strictEqual((yield* train({ workers: 4 }, saved)).hash, whole.hash)
      assert.strictEqual((yield* train({ workers: 1 }, saved)).hash, whole.hash)
    })
  )

  it.live("a run stopped wherever it can be is the run that never stopped", () =>
    Effect.gen(function* () {
      const whole = yield* train({ workers: 1, steps: 90 })
      const reports: Array<Training.Report> = []
      let last: Stretch | undefined
      for (let count = 0; last?.isDone !== true; count++) {
        // What was cut goes on with and without threads.
        last = yield* inShortTurns(train({ workers: count % 20 === 3 ? 2 : 1, steps: 90 }, last?.saved, true))
        reports.push(...last.reports)
      }
      assert.strictEqual(last.hash, whole.hash)
      assert.deepStrictEqual(reports, whole.reports)
    })
  )

  it.live("8 lanes, 3 episodes each: 24 starts, the same for any number of threads", () =>
    Effect.gen(function* () {
      const starts = Effect.fnUntraced(function* (workers: number) {
        const input = {
          ...experiment,
          environment: { kind: "pendulum", timeLimit: 5 },
          replay: { kind: "uniform", capacity: 200 },
          training: { steps: 120, lanes: 8, warmup: 120, learningStarts: 119, batchSize: 8, workers }
        }
        const config = yield* Effect.fromResult(Experiment.decode(input))
        return yield* Effect.gen(function* () {
          const trainer = yield* Training.make(yield* Experiment.learner(config), config.training)
          yield* Stream.runDrain(trainer.stream)
          const { observation } = (yield* trainer.saved).rows
          return [0, 1, 2].flatMap((episode) =>
            Array.from({ length: 8 }, (_, lane) => 3 * (40 * episode + lane)).map((at) =>
              observation?.slice(at, at + 3).join()
            )
          )
        }).pipe(Effect.scoped, Effect.provide(Experiment.layer(config), { local: true }))
      })
      const here = yield* starts(1)
      assert.lengthOf([...new Set(here)], 24)
      for (const workers of [2, 3]) assert.deepStrictEqual(yield* starts(workers), here)
    })
  )

  it.live("more threads than lanes, and worlds that threads do not find, are refused", () =>
    Effect.gen(function* () {
      const more = Experiment.decode({ ...experiment, training: { lanes: 2, workers: 3 } })
      assert.include(
        String(yield* Effect.flip(Effect.fromResult(more))),
        "training.workers: expected at most training.lanes (2), which they step, got 3"
      )
      const services = Layer.mergeAll(
        Environment.layerContinuous(Counter.make()),
        Exploration.layerNone,
        Replay.layerUniform({ capacity: 100 }),
        Engine.layerOf(WasmEngine.make({ threads: 1 }))
      )
      const learner = Algorithm.learner(Ddpg.make({ hidden: [2] }))
      const refused = (input: Training.Input) =>
        Training.make(learner, input).pipe(
          Effect.scoped,
          Effect.provide(services),
          Effect.flip,
          Effect.map(String)
        )
      assert.include(
        yield* refused({ lanes: 2, updatesPerRound: 2, workers: 2 }),
        "training.workers: expected 1: other threads do not find Counter-v0; say where they do with Workers.foundAt"
      )
      assert.include(
        yield* refused({ lanes: 2, updatesPerRound: 2, workers: 3 }),
        "expected at most training.lanes (2)"
      )
    })
  )
})

describe("what a replay gives of several lanes", () => {
  const learner = Algorithm.learner(Ddpg.make({ hidden: [2], gamma: 1 }))
  const nStep = Replay.nStep(3)
  const replays: { readonly [name: string]: Layer.Layer<Replay.Replay, Replay.ReplayError> } = {
    "3 steps": Replay.layerUniform({ capacity: 90 }).pipe(nStep),
    "3 steps, compact": Replay.layerUniform({ capacity: 90, compact: true }).pipe(nStep),
    "3 steps, by priority": Replay.layerPrioritized({ capacity: 90 }).pipe(nStep),
    hindsight: Replay.layerHindsight({ capacity: 90 }),
    "hindsight, compact": Replay.layerHindsight({ capacity: 90, compact: true })
  }

  it.effect.each(Object.keys(replays))(
    "%s: every window lies in one episode, also after kills inside of them",
    (name) =>
      Effect.gen(function* () {
        let from: Training.Saved | undefined
        const seen = { rows: 0, most: 0, relabelled: 0 }
        // Cut in the middle of rounds and of episodes, three of which are still open in each lane's past.
        for (const steps of [37, 74, 111, 170]) {
          yield* Effect.gen(function* () {
            const input = { steps, lanes: 4, learningStarts: 8, batchSize: 8, updatesPerRound: 1, seed: 3 }
            const trainer = yield* Training.make(learner, input, from)
            yield* Stream.runDrain(trainer.stream)
            for (let i = 0; i < 40; i++) {
              for (const row of Counter.sampled(trainer.replay, i)) {
                const { before, after, reward } = row
                assert.strictEqual(after.start, before.start, "of one lane and one episode")
                const span = after.count - before.count
                assert.isAtLeast(span, 1)
                assert.isAtMost(span, name.startsWith("hindsight") ? 1 : 3)
                assert.isAtMost(after.count, Counter.lengthOf(after.start))
                // A goal that was put in is one that the same episode has reached: its start stands in it.
                assert.include([0, before.start], before.goal, "a goal of the same episode")
                if (before.goal !== 0) seen.relabelled += 1
                if (!name.startsWith("hindsight")) assert.closeTo(reward, span * before.start, 1e-5)
                seen.rows += 1
                seen.most = Math.max(seen.most, span)
              }
            }
            from = yield* reread(yield* trainer.saved)
          }).pipe(
            Effect.scoped,
            Effect.provide(
              Layer.mergeAll(
                Environment.layerContinuous(Counter.make()),
                Exploration.layerGaussian(),
                replays[name] ?? Replay.layerUniform({}),
                Engine.layerOf(WasmEngine.make({ threads: 1 }))
              )
            )
          )
        }
        assert.isAbove(seen.rows, 1000)
        assert.strictEqual(seen.most, name.startsWith("hindsight") ? 1 : 3)
        assert.strictEqual(seen.relabelled > 0, name.startsWith("hindsight"))
      })
  )
})
