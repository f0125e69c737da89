/** gamma, scale and clip are said when a replay is sampled: what is stored is what the world did. */
import { type Goals, Key, Normalization, Replay, RunningStatistics, Snapshot } from "@ornstein/core"
import * as Reader from "@ornstein/core/internal/replay/Reader"
import * as Rollout from "@ornstein/core/internal/replay/Rollout"
import * as Transitions from "@ornstein/core/internal/replay/Transitions"
import { NdArray } from "@ornstein/jit"
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import * as Golden from "../algos/Golden.ts"
import { stream } from "./Streams.ts"

const made = <E>(layer: Layer.Layer<Replay.Replay, E>, shape: Replay.Shape) =>
  Replay.Replay.use(({ make }) => make(shape)).pipe(Effect.provide(layer))

const batch = (rows: number, width: number) => ({
  observation: NdArray.zeros([rows, width]),
  action: NdArray.zeros([rows, 1]),
  reward: NdArray.zeros([rows]),
  discount: NdArray.zeros([rows]),
  nextObservation: NdArray.zeros([rows, width]),
  return: NdArray.zeros([rows]),
  mask: NdArray.zeros([rows]),
  weight: NdArray.zeros([rows])
})

const goals: Goals.Goals = {
  size: 1,
  achieved: (observation, out) => {
    out[0] = observation[0]!
  },
  setGoal: (observation, goal) => {
    observation[1] = goal[0]!
  },
  reward: (achieved, goal) => -Math.abs(achieved[0]! - goal[0]!),
  isTerminal: () => false
}

const replays: ReadonlyArray<readonly [name: string, layer: Layer.Layer<Replay.Replay, Replay.ReplayError>]> =
  [
    ["one step", Replay.layerUniform({ capacity: 40 })],
    ["compact", Replay.layerUniform({ capacity: 40, compact: true })],
    ["four steps", Replay.layerUniform({ capacity: 40 }).pipe(Replay.nStep(4))],
    ["priorities, three steps", Replay.layerPrioritized({ capacity: 40 }).pipe(Replay.nStep(3))],
    ["hindsight", Replay.layerHindsight({ capacity: 40 })],
    ["a rollout", Replay.layerRollout({ capacity: 40, until: "full", normalize: false })]
  ]

describe.each(replays)("%s", (_, layer) => {
  const shape = { observation: 2, action: 1, batch: 40, goals }

  /** One minibatch of a replay made for `gamma`, sampled with another valuation or its own. */
  const drawn = (gamma: number, valuation?: Partial<Replay.Valuation>, scale = 1) =>
    Effect.map(made(layer, { ...shape, gamma }), (replay) => {
      for (const one of stream(Key.make(4), 40)) {
        replay.store({ ...one, reward: Math.max(-1, Math.min(1, one.reward * scale)) })
      }
      const into = batch(40, 2)
      replay.sample(Key.make(5), into, valuation)
      return into
    })

  it.effect.each([0, 0.3, 1])("sampled with gamma %d is the one that was made for it", (gamma) =>
    Effect.gen(function* () {
      const [own, told, other] = [yield* drawn(gamma), yield* drawn(0.9, { gamma }), yield* drawn(0.9)]
      assert.deepStrictEqual(told, own)
      assert.notDeepEqual(other.discount, own.discount)
      if (gamma === 0) assert.isTrue(own.discount.data.every((discount) => discount === 0))
    })
  )
})

describe("the discounts of a minibatch", () => {
  it("are gamma^k, and 0 after a termination, of one step, n steps and a rollout alike", () => {
    const steps = stream(Key.make(6), 40)
    const transitions = Transitions.full(40, { observation: 2, action: 1 })
    for (const one of steps) transitions.push(one)
    const slots = Uint32Array.from({ length: 40 }, (_, slot) => slot)
    for (const gamma of [0.5, 1, 0]) {
      const powers = (n: number, from: number) => {
        let [k, product] = [0, 1]
        for (;;) {
          const { terminated, truncated } = steps[from + k]!
          product *= terminated ? 0 : gamma
          k += 1
          if (terminated || truncated || k === n || from + k === 40) return product
        }
      }
      for (const n of [1, 3]) {
        const into = batch(40, 2)
        const valuation = { ...Reader.undiscounted, gamma }
        Reader.nStep(n)(transitions, { observation: 2, action: 1 }, slots, into, Key.make(0), valuation)
        assert.deepStrictEqual(
          Array.from(into.discount.data),
          steps.map((_, i) => powers(n, i))
        )
      }
      const rollout = Rollout.make(
        { capacity: 40, until: "full", normalize: false },
        { observation: 2, action: 1, gamma }
      )
      for (const one of steps) rollout.store(one)
      const into = batch(40, 2)
      rollout.sample(Key.make(0), into)
      assert.deepStrictEqual(
        Array.from(into.discount.data),
        steps.map((_, i) => Math.fround(powers(40, i)))
      )
    }
  })
})

describe("normalised rewards", () => {
  /** Rewards of 1 in one episode after another of 10,000 steps: their returns spread, one reward is small. */
  const normalization = (gamma: number, clip: number, steps: number) => {
    const own = Normalization.make({ observations: false, rewards: true, clip }, 1, gamma)
    const scale = RunningStatistics.rewardScale(gamma)
    for (let t = 1; t <= steps; t++) {
      own.add(Float32Array.of(t), 1, t % 10_000 === 0, 0)
      RunningStatistics.addReward(scale, 1, t % 10_000 === 0)
    }
    return { own, scale: RunningStatistics.scaleOf(scale) }
  }

  it("are scaled by returns that run along each lane", () => {
    const own = Normalization.make({ observations: false, rewards: true, clip: 10 }, 1, 0.5, 2)
    const scale = RunningStatistics.rewardScale(0.5)
    const returns = [0, 0]
    for (let t = 0; t < 40; t++) {
      const [lane, reward, isEnd] = [t % 2, t % 2 === 0 ? 1 : 8, t === 20 || t === 31]
      own.add(Float32Array.of(t), reward, isEnd, lane)
      returns[lane] = 0.5 * returns[lane]! + reward
      RunningStatistics.add(scale.statistics, Float64Array.of(returns[lane]))
      if (isEnd) returns[lane] = 0
    }
    const saved = own.snapshot()
    assert.deepStrictEqual(
      Snapshot.get(Snapshot.get(saved, "rewards"), "statistics"),
      RunningStatistics.toSnapshot(scale.statistics)
    )
    assert.deepStrictEqual(Snapshot.getFloat64(saved, "discounted"), Float64Array.from(returns))
  })

  const step = (t: number, reward = 1) => ({
    observation: Float32Array.of(t),
    action: Float32Array.of(0),
    reward,
    nextObservation: Float32Array.of(t + 1),
    terminated: false,
    truncated: false
  })

  const sum = (gamma: number, n: number, reward: number) =>
    Array.from({ length: n }).reduce<number>((total) => reward + gamma * total, 0)

  it.effect("are clipped one by one, and then summed: ten of 1.6466 are 13.2147, not 10", () =>
    Effect.gen(function* () {
      const { own, scale } = normalization(0.95, 10, 50_000)
      const replay = yield* made(Replay.layerUniform({ capacity: 1000 }).pipe(Replay.nStep(10)), {
        observation: 1,
        action: 1,
        gamma: 0.95
      })
      for (let t = 0; t < 100; t++) replay.store(step(t))
      const into = batch(8, 1)
      own.sampled(replay).sample(Key.make(1), into)
      into.reward.data.forEach((reward, row) => {
        const n = Math.min(10, 100 - into.observation.data[row]!)
        assert.closeTo(reward, sum(0.95, n, scale), 1e-4)
      })
      assert.closeTo(Math.max(...into.reward.data), 13.2147, 1e-4)
    })
  )

  it.effect("of a rollout are in its returns: 500 of 0.144 are 14.299, in both of its fields", () =>
    Effect.gen(function* () {
      const { own, scale } = normalization(0.99, 10, 10_000)
      const rollouts = Replay.layerRollout({ capacity: 500, until: "full", normalize: false })
      const replay = yield* made(rollouts, { observation: 1, action: 1, gamma: 0.99 })
      for (let t = 0; t < 500; t++) replay.store(step(t))
      const into = batch(500, 1)
      own.sampled(replay).sample(Key.make(1), into)
      assert.closeTo(into.reward.data[0]!, sum(0.99, 500, scale), 1e-4)
      assert.closeTo(into.reward.data[0]!, 14.299, 1e-3)
      assert.strictEqual(into.return.data[0], into.reward.data[0])
    })
  )

  it.effect.each(replays.filter(([name]) => name !== "a rollout").map(([name, layer]) => ({ layer, name })))(
    "lie within the clip, each of them: $name",
    ({ layer }) =>
      Effect.gen(function* () {
        const { own, scale } = normalization(0.95, 0.25, 20_000)
        assert.isAbove(scale, 0.25)
        const replay = yield* made(layer, { observation: 2, action: 1, gamma: 0.95, goals })
        for (const one of stream(Key.make(7), 40)) replay.store({ ...one, reward: 5 })
        const [raw, clipped] = [batch(32, 2), batch(32, 2)]
        replay.sample(Key.make(8), raw)
        own.sampled(replay).sample(Key.make(8), clipped)
        const bound = 0.25 * 4
        assert.isTrue(clipped.reward.data.every((reward) => Math.abs(reward) <= bound))
        assert.isTrue(clipped.reward.data.some((reward) => Math.abs(reward) >= 0.25))
        assert.deepStrictEqual(clipped.discount, raw.discount)
        assert.deepStrictEqual(clipped.nextObservation, raw.nextObservation)
      })
  )

  it("of one step are what they were: the scaled reward, clipped", () => {
    const valuation = { gamma: 0.9, scale: 0.5, clip: 2 }
    Golden.near(
      [-9, -4, -1, 0, 3, 4, 7].map((reward) => Reader.rewardOf(valuation, reward)),
      [-2, -2, -0.5, 0, 1.5, 2, 2],
      0,
      "rewards"
    )
  })
})
