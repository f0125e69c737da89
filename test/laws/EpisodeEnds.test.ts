/** Runs in worlds whose snapshots stand at the ends of episodes: where they can be gone on with, and with what. */
import { Algorithm, Ddpg } from "@ornstein/algos"
import { assert, describe, it } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as Training from "@ornstein/core/Training"
import * as Pendulum from "@ornstein/envs/Pendulum"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import { Effect, Stream } from "effect"
import { options, services } from "./Pendulum.ts"

const LIMIT = 37

/** An instance that keeps no state of an episode that has begun, as a world in another process does not. */
const forgetful = (inner: Environment.Instance): Environment.Instance => {
  let isCut = false
  return {
    get observation() {
      return inner.observation
    },
    get reward() {
      return inner.reward
    },
    get terminated() {
      return inner.terminated
    },
    get truncated() {
      return inner.truncated || isCut
    },
    get steps() {
      return inner.steps
    },
    reset: (key) => {
      isCut = false
      inner.reset(key)
    },
    step: (action) => {
      assert.isFalse(isCut, "a step of an episode that was cut off")
      inner.step(action)
    },
    snapshot: () => ({ inner: inner.snapshot(), isCut: inner.steps > 0 }),
    restore: (saved) => {
      inner.restore(Snapshot.get(saved, "inner"))
      isCut = Snapshot.getBoolean(saved, "isCut")
    }
  }
}

const pendulum = Pendulum.make({ timeLimit: LIMIT })

const world = {
  spec: { ...pendulum.spec, snapshots: "episodes" },
  make: Effect.map(pendulum.make, forgetful)
} as const

const learner = Algorithm.learner(Ddpg.make({ hidden: [8] }))

interface Kept {
  readonly step: number
  readonly saved: Training.Saved
}

/** A run that keeps its state at every rest that it is asked for, at the ends of slices. */
const train = (input: Partial<Training.Input>, from?: Training.Saved) =>
  Effect.gen(function* () {
    const trainer = yield* Training.make(learner, { ...options, ...input }, from)
    const kept: Array<Kept> = []
    const keep = Effect.gen(function* () {
      assert.isTrue(yield* trainer.isAtRest)
      const saved = yield* trainer.saved
      kept.push({ step: saved.state.step, saved })
    }).pipe(Effect.orDie)
    yield* trainer.whenAtRest(keep)
    const reports = yield* Stream.runCollect(Stream.tap(trainer.stream, () => trainer.whenAtRest(keep)))
    const saved = yield* trainer.saved
    return { reports, kept, saved, isAtRest: yield* trainer.isAtRest, state: Training.hash(saved) }
  }).pipe(
    Effect.scoped,
    Effect.provide([services(WasmEngine.make()), Environment.layerContinuous(world)], { local: true })
  )

const OPTIONS = { steps: 400, sliceSteps: 50 }

describe("a world whose snapshots stand at the ends of episodes", () => {
  it.effect("is kept there only, and a run from there is the one that never stopped", () =>
    Effect.gen(function* () {
      const whole = yield* train(OPTIONS)
      assert.deepStrictEqual(
        whole.kept.map(({ step }) => step),
        // The first end after the end of each slice, and the start.
        [0, 74, 111, 185, 222, 259, 333, 370]
      )
      for (const { saved, step } of whole.kept) {
        const rest = yield* train(OPTIONS, saved)
        assert.strictEqual(rest.state, whole.state, `from step ${step}`)
        assert.deepStrictEqual(rest.reports, whole.reports.slice(Math.floor(step / 50)), `from step ${step}`)
      }
    })
  )

  it.effect("begins a new episode where one was cut off, and counts it", () =>
    Effect.gen(function* () {
      const cut = yield* train(OPTIONS)
      assert.isFalse(cut.isAtRest)
      const { kept, reports, saved } = yield* train({ ...OPTIONS, steps: 500 }, cut.saved)
      const ends = reports.flatMap(({ episodes }) => episodes.map(({ length, step }) => [step, length]))
      assert.deepStrictEqual(ends, [
        [437, LIMIT],
        [474, LIMIT]
      ])
      assert.deepStrictEqual(
        kept.map(({ step }) => step),
        [400, 474]
      )
      assert.strictEqual(saved.state.episode, cut.saved.state.episode + 1 + ends.length)
      const never = yield* train({ ...OPTIONS, steps: 500 })
      assert.notStrictEqual(Training.hash(saved), never.state)
    })
  )
})
