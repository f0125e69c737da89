import { type Goals, Key, Replay, Safetensors } from "@ornstein/core"
import * as Transitions from "@ornstein/core/internal/replay/Transitions"
import { NdArray } from "@ornstein/jit"
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { shape, stream } from "./Streams.ts"

const made = <E>(layer: Layer.Layer<Replay.Replay, E>, given: Replay.Shape = shape) =>
  Replay.Replay.use(({ make }) => make(given)).pipe(Effect.provide(layer))

const batch = (rows: number) => ({
  observation: NdArray.zeros([rows, 2]),
  action: NdArray.zeros([rows, 1]),
  reward: NdArray.zeros([rows]),
  discount: NdArray.zeros([rows]),
  nextObservation: NdArray.zeros([rows, 2])
})

const drawn = (replay: Replay.Instance, rows = 16) => {
  const into = batch(rows)
  replay.sample(Key.make(9), into)
  return into
}

describe("a replay refuses", () => {
  const refused = [
    ["goals from an environment without any", Replay.layerHindsight({}), shape, /contain no goal/],
    [
      "rollouts that do not fill a minibatch",
      Replay.layerRollout({ capacity: 9 }),
      { ...shape, batch: 8 },
      /up to 9 steps/
    ],
    [
      "a rollout of several lanes that ends with an episode",
      Replay.layerRollout({ capacity: 8 }),
      { ...shape, lanes: 2 },
      /replay.until: expected "full", or training.lanes 1: .*, got "episode". Give it what is expected/
    ],
    [
      "a rollout that ends in the middle of the lanes",
      Replay.layerRollout({ capacity: 8, until: "full" }),
      { ...shape, lanes: 3 },
      /replay.capacity: expected a multiple of training.lanes \(3\): .*, got 8/
    ],
    [
      "more lanes than transitions",
      Replay.layerUniform({ capacity: 4 }),
      { ...shape, lanes: 5 },
      /replay.capacity: expected at least training.lanes \(5\), .*, got 4/
    ],
    ["n steps of a rollout", Replay.layerRollout({}).pipe(Replay.nStep(3)), shape, /decides itself/],
    [
      "n steps twice",
      Replay.layerUniform({ capacity: 9 }).pipe(Replay.nStep(2), Replay.nStep(3)),
      shape,
      /decides itself/
    ],
    [
      "a dataset of another environment",
      Replay.layerOffline({ reward: new Float32Array(3) }),
      shape,
      /"observation": it is not there/
    ],
    ["an empty dataset", Replay.layerOffline({}), shape, /"reward": it is not there/],
    ["a dataset that is not there", Replay.layerDataset({ file: "/nowhere/data" }), shape, /there is no such/]
  ] as const

  it.effect.each(refused.map(([name, layer, given, message]) => ({ name, layer, given, message })))(
    "$name",
    ({ given, layer, message }) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(made(layer, given))
        assert.strictEqual(error._tag, "ReplayError")
        assert.match(error.message, message)
      })
  )
})

describe("options choose", () => {
  it.effect("the storage, the sampler and the reader", () =>
    Effect.gen(function* () {
      const chosen = (options: Parameters<typeof Replay.Options.make>[0]) =>
        made(Replay.layer(Replay.Options.make(options)))
      const plain = yield* chosen({ kind: "uniform", capacity: 40 })
      const compact = yield* chosen({ kind: "uniform", capacity: 40, compact: true })
      const steps = yield* chosen({ kind: "uniform", capacity: 40, nStep: 4 })
      const prioritized = yield* chosen({ kind: "prioritized", capacity: 40 })
      for (const transition of stream(Key.make(1), 60)) {
        for (const replay of [plain, compact, steps, prioritized]) replay.store(transition)
      }
      assert.deepStrictEqual(drawn(compact), drawn(plain))
      assert.deepStrictEqual(drawn(steps).observation, drawn(plain).observation)
      assert.notDeepEqual(drawn(steps).reward, drawn(plain).reward)
      assert.deepStrictEqual(
        [plain.fields.includes("weight"), prioritized.fields.includes("weight")],
        [false, true]
      )
    })
  )
})

describe("a dataset", () => {
  it.effect("is read from a file, and what the agent does is not stored", () =>
    Effect.gen(function* () {
      const source = Transitions.full(60, shape)
      for (const transition of stream(Key.make(2), 60)) source.push(transition)
      const tensors = Object.entries(source.log.read(0, 60)).map(
        ([name, data]) => [name, { shape: [60, data.length / 60], data }] as const
      )
      const path = join(mkdtempSync(join(tmpdir(), "dataset-")), "transitions.safetensors")
      writeFileSync(path, Safetensors.encode(Object.fromEntries(tensors)))
      const replay = yield* made(
        Replay.layer(Replay.Options.make({ kind: "offline", file: path, capacity: 50 }))
      )
      assert.strictEqual(replay.size(), 50)
      const before = drawn(replay)
      for (const transition of stream(Key.make(3), 20)) replay.store(transition)
      assert.deepStrictEqual(drawn(replay), before)
      const rewards = new Set(source.reward.subarray(0, 50))
      assert.isTrue(before.reward.data.every((reward) => rewards.has(reward)))
    })
  )
})

it.effect.each(["uniform", "prioritized"] as const)(
  "n steps of a %s replay are those of a decorator",
  (kind) =>
    Effect.gen(function* () {
      const of = (nStep: number) => made(Replay.layer(Replay.Options.make({ kind, capacity: 40, nStep })))
      const layers = { uniform: Replay.layerUniform, prioritized: Replay.layerPrioritized }
      const decorated = yield* made(layers[kind]({ capacity: 40 }).pipe(Replay.nStep(4)))
      const [one, four] = [yield* of(1), yield* of(4)]
      for (const transition of stream(Key.make(1), 60)) {
        for (const replay of [decorated, one, four]) replay.store(transition)
      }
      assert.deepStrictEqual(drawn(four), drawn(decorated))
      assert.notDeepEqual(drawn(four).reward, drawn(one).reward)
    })
)

it.effect("of k goals in hindsight for each transition, k in k + 1 rows have another", () =>
  Effect.gen(function* () {
    const goals: Goals.Goals = {
      size: 1,
      achieved: (observation, out) => {
        out[0] = observation[0]!
      },
      setGoal: (observation, goal) => {
        observation[1] = goal[0]!
      },
      reward: () => 0,
      isTerminal: () => false
    }
    const replay = yield* made(Replay.layerHindsight({ capacity: 40, goals: 3 }), {
      observation: 2,
      action: 1,
      goals
    })
    for (let t = 0; t < 40; t++) {
      replay.store({
        observation: Float32Array.of(t, -1),
        action: Float32Array.of(0),
        reward: 0,
        nextObservation: Float32Array.of(t + 1, -1),
        terminated: false,
        truncated: false
      })
    }
    const observation = drawn(replay, 4000).observation.data
    const others = Array.from({ length: 4000 }, (_, row) => observation[2 * row + 1]).filter(
      (goal) => goal !== -1
    )
    assert.closeTo(others.length / 4000, 0.75, 0.03)
  })
)
