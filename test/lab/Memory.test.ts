import { assert, describe, it } from "@effect/vitest"
import * as Replay from "@ornstein/core/Replay"
import * as Experiment from "@ornstein/lab/Experiment"
import * as Memory from "@ornstein/lab/internal/experiment/Memory"
import { Effect, Result } from "effect"

const decode = (input: object): Experiment.Options => Result.getOrThrow(Experiment.decode(input))

const capacity = 40_000
const training = { learningStarts: 100 }
const world = { kind: "pointReach", dimensions: 7, goalConditioned: true }
const cartPole = { environment: { kind: "cartPole" }, algorithm: { base: "a2c" } }

describe("the bytes of a replay are those that it allocates", () => {
  it.effect.each([
    { replay: { kind: "uniform", capacity } },
    { replay: { kind: "uniform", capacity, compact: true } },
    { replay: { kind: "uniform", capacity, replacement: false } },
    { replay: { kind: "prioritized", capacity } },
    { replay: { kind: "prioritized", capacity, compact: true, nStep: 3 } },
    { replay: { kind: "hindsight", capacity } },
    { replay: { kind: "hindsight", capacity, compact: true } },
    { ...cartPole, training: {}, replay: { kind: "rollout", capacity } }
  ])("%j", (input) =>
    Effect.gen(function* () {
      const config = decode({ environment: world, training, ...input })
      const { environment, replay } = config
      const make = (yield* Replay.Replay.pipe(Effect.provide(Replay.layer(replay)))).make
      const shape =
        environment.kind === "cartPole" ? { observation: 4, action: 1 } : { observation: 14, action: 7 }
      const nothing = (): void => {}
      const goals = {
        achieved: nothing,
        desired: nothing,
        setGoal: nothing,
        reward: () => 0,
        isTerminal: () => false,
        size: 7
      }
      const before = process.memoryUsage().arrayBuffers
      const instance = yield* make({ ...shape, goals, batch: capacity })
      const taken = process.memoryUsage().arrayBuffers - before
      assert.strictEqual(instance.size(), 0)
      assert.closeTo(taken / Experiment.replayBytes(config), 1, 0.01)
    })
  )
})

describe("memory is asked for when a run starts", () => {
  const large = decode({ environment: { kind: "pendulum" }, replay: { capacity: 1e13 } })

  it.effect("and refused by name; the configuration is valid", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Memory.check(Experiment.replayBytes(large)))
      assert.match(
        error.message,
        /^the replay takes 372529.0 GiB, more than this machine's .*replay.compact$/
      )
      const compact = decode({ environment: { kind: "pendulum" }, replay: { capacity: 1e6, compact: true } })
      yield* Memory.check(Experiment.replayBytes(compact), 29e6)
      const refused = yield* Effect.flip(Memory.check(Experiment.replayBytes(compact), 27e6))
      assert.strictEqual(refused._tag, "MemoryError")
    })
  )
})
