/** What replays give, recomputed from the list of all that was stored, in the plainest way that there is. */
import { type Goals, Key, Replay } from "@ornstein/core"
import { NdArray } from "@ornstein/jit"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Golden from "../algos/Golden.ts"

const shape = { observation: 2, action: 1 }

/** Step t of episode e has the observation (e, t): a row names itself. */
interface Step {
  readonly episode: number
  readonly t: number
  readonly action: number
  readonly reward: number
  readonly terminated: boolean
  readonly truncated: boolean
}

/** Episodes of 1 to 9 steps; they end in a termination, in a truncation, or in both at once. */
const history = (count: number, seed: number): ReadonlyArray<Step> => {
  const key = Key.make(seed)
  const steps: Array<Step> = []
  for (let episode = 0; steps.length < count; episode++) {
    const of = Key.fold(key, episode)
    const length = 1 + Key.integer(of, 9, 0)
    const ending = Key.uniform(of, 1)
    for (let t = 0; t < length; t++) {
      const isLast = t === length - 1
      steps.push({
        episode,
        t,
        action: Math.fround(2 * Key.uniform(of, 2 * t + 2) - 1),
        reward: Math.fround(10 * Key.uniform(of, 2 * t + 3) - 5),
        terminated: isLast && ending < 0.6,
        truncated: isLast && ending >= 0.4
      })
    }
  }
  return steps.slice(0, count)
}

/** What several lanes do in turn: step i of it is of lane i mod lanes. Each lane has episodes of its own, by number. */
const interleaved = (count: number, lanes: number, seed: number): ReadonlyArray<Step> => {
  const each = Array.from({ length: lanes }, (_, lane) =>
    history(Math.ceil(count / lanes), seed + lane).map((step) => ({
      ...step,
      episode: lanes * step.episode + lane
    }))
  )
  return Array.from({ length: count }, (_, i) => each[i % lanes]![Math.floor(i / lanes)]!)
}

const store = (replay: Replay.Instance, { action, episode, reward, t, terminated, truncated }: Step): void =>
  replay.store({
    observation: Float32Array.of(episode, t),
    action: Float32Array.of(action),
    reward,
    nextObservation: Float32Array.of(episode, t + 1),
    terminated,
    truncated
  })

const batchOf = (rows: number) => ({
  observation: NdArray.zeros([rows, 2]),
  action: NdArray.zeros([rows, 1]),
  reward: NdArray.zeros([rows]),
  discount: NdArray.zeros([rows]),
  nextObservation: NdArray.zeros([rows, 2]),
  weight: NdArray.zeros([rows])
})

/** Up to n steps of a lane from number `from` on, where `stored` of all lanes are there. */
const valued = (
  steps: ReadonlyArray<Step>,
  from: number,
  n: number,
  { gamma, lanes, stored }: { readonly gamma: number; readonly lanes: number; readonly stored: number }
) => {
  let [reward, discount, last] = [0, 1, steps[from]!]
  for (let i = from; i < Math.min(from + n * lanes, stored); i += lanes) {
    last = steps[i]!
    reward += discount * last.reward
    discount = last.terminated ? 0 : discount * gamma
    if (last.terminated || last.truncated) break
  }
  return { reward, discount, next: [last.episode, last.t + 1] }
}

describe("a minibatch is what the history says", () => {
  const kinds = ["full", "compact", "without replacement"] as const
  const cases = kinds.flatMap((kind) =>
    [7, 64, 1000].flatMap((capacity) =>
      [1, 2, 5, 50].flatMap((n) => [1, 2, 5, 7].map((lanes) => ({ kind, capacity, n, lanes })))
    )
  )

  it.effect.each(cases)("$kind, capacity $capacity, $n steps, $lanes lanes", ({ capacity, kind, lanes, n }) =>
    Effect.gen(function* () {
      const gamma = 0.9
      const layer = Replay.layerUniform({
        capacity,
        compact: kind === "compact",
        replacement: kind !== "without replacement"
      })
      const make = Replay.Replay.use(({ make }) => make({ ...shape, gamma, lanes }))
      const replay = yield* Effect.provide(make, n === 1 ? layer : Replay.nStep(n)(layer))
      const steps = interleaved(200 * Math.min(lanes, 3), lanes, 3)
      const batch = batchOf(24)
      const seen = { terminated: 0, cut: 0, whole: 0 }
      steps.forEach((step, i) => {
        store(replay, step)
        const stored = i + 1
        assert.strictEqual(replay.size(), Math.min(stored, capacity))
        if (i % 11 !== 0 && stored !== steps.length) return
        replay.sample(Key.make(i), batch)
        const rows = new Set<number>()
        for (let row = 0; row < 24; row++) {
          const [episode, t] = batch.observation.data.subarray(2 * row)
          const from = steps.findIndex((one) => one.episode === episode && one.t === t)
          assert.isTrue(from >= Math.max(0, stored - capacity) && from < stored, `row ${row} of ${stored}`)
          rows.add(from)
          const expected = valued(steps, from, n, { gamma, lanes, stored })
          Golden.near([batch.reward.data[row]!], expected.reward, 1e-5, "reward")
          Golden.near([batch.discount.data[row]!], expected.discount, 1e-6, "discount")
          assert.deepStrictEqual(
            Array.from(batch.nextObservation.data.subarray(2 * row, 2 * row + 2)),
            expected.next
          )
          assert.strictEqual(batch.action.data[row], steps[from]!.action)
          seen[expected.discount === 0 ? "terminated" : expected.next[1] === t! + n ? "whole" : "cut"] += 1
        }
        if (kind === "without replacement") assert.lengthOf([...rows], Math.min(24, replay.size()))
      })
      assert.isAbove(seen.terminated, 0)
      if (n < 9 && n <= Math.ceil(capacity / lanes)) assert.isAbove(seen.whole, 0)
    })
  )
})

describe("prioritized replay keeps the priorities that it was told", () => {
  const cases = [0, 0.6, 1].flatMap((alpha) =>
    [0, 0.4, 1].map((beta) => ({ alpha, beta, lanes: beta === 1 ? 3 : 1 }))
  )

  it.effect.each(cases)(
    "alpha $alpha, beta $beta, $lanes lanes: weights and frequencies",
    ({ alpha, beta, lanes }) =>
      Effect.gen(function* () {
        const [capacity, rows, epsilon] = [50, 16, 1e-3]
        const replay = yield* Replay.Replay.use(({ make }) => make({ ...shape, lanes })).pipe(
          Effect.provide(Replay.layerPrioritized({ capacity, alpha, beta, epsilon }))
        )
        const steps = interleaved(120, lanes, 4)
        const priorities: Array<number> = []
        let largest = 1
        const batch = batchOf(rows)
        /** Numbers of the transitions in the minibatch. */
        const drawn = () =>
          Array.from({ length: rows }, (_, row) => {
            const [episode, t] = batch.observation.data.subarray(2 * row)
            return steps.findIndex((one) => one.episode === episode && one.t === t)
          })
        const total = () => {
          let sum = 0
          for (const p of priorities.slice(-capacity)) sum += Math.pow(p, alpha)
          return sum
        }
        steps.forEach((step, i) => {
          store(replay, step)
          priorities.push(largest)
          if (i < rows) return
          replay.sample(Key.make(i), batch)
          const numbers = drawn()
          const sum = total()
          const held = Math.min(i + 1, capacity)
          const weights = numbers.map((n) => Math.pow((held * Math.pow(priorities[n]!, alpha)) / sum, -beta))
          const most = weights.reduce((most, w) => Math.max(most, w), 0)
          Golden.near(
            batch.weight.data,
            weights.map((w) => w / most),
            1e-5,
            `weights ${i}`
          )
          const errors = numbers.map((_, row) =>
            row % 5 === 0 ? 0 : 20 * Key.uniform(Key.make(i), row) - 10
          )
          replay.prioritize!(Float32Array.from(errors))
          // In order: of a transition that was drawn twice the last error counts.
          numbers.forEach((n, row) => {
            priorities[n] = Math.abs(Math.fround(errors[row]!)) + epsilon
            largest = Math.max(largest, priorities[n])
          })
        })
        const counts = new Map<number, number>()
        const draws = 3000
        for (let i = 0; i < draws; i++) {
          replay.sample(Key.make(1e6 + i), batch)
          for (const n of drawn()) counts.set(n, (counts.get(n) ?? 0) + 1)
        }
        const sum = total()
        priorities.forEach((p, n) => {
          if (n < steps.length - capacity) return assert.isFalse(counts.has(n))
          const share = Math.pow(p, alpha) / sum
          const deviation = Math.sqrt(share / (draws * rows))
          assert.closeTo((counts.get(n) ?? 0) / (draws * rows), share, 5 * deviation + 1e-9, `share of ${n}`)
        })
      })
  )
})

describe("goals in hindsight", () => {
  /** The observation (episode, t, goal); what is reached is the step itself, as a number. */
  const goals: Goals.Goals = {
    size: 1,
    achieved: (observation, out) => {
      out[0] = 100 * observation[0]! + observation[1]!
    },
    setGoal: (observation, goal) => {
      observation[2] = goal[0]!
    },
    reward: (reached, goal) => (reached[0] === goal[0] ? 1 : 0),
    isTerminal: () => false
  }
  const strategies = ["future", "final", "episode"] as const
  const cases = strategies.flatMap((strategy) =>
    [1, 3, 4].flatMap((lanes) => [20, 400].map((capacity) => ({ strategy, lanes, capacity })))
  )

  it.effect.each(cases)(
    "$strategy, $lanes lanes, capacity $capacity: of the same episode and lane, and each of them",
    ({ capacity, lanes, strategy }) =>
      Effect.gen(function* () {
        const replay = yield* Replay.Replay.use(({ make }) =>
          make({ observation: 3, action: 1, lanes, goals })
        ).pipe(Effect.provide(Replay.layerHindsight({ capacity, strategy, goals: 1_000_000 })))
        const steps = interleaved(130, lanes, 9)
        for (const { action, episode, reward, t, terminated, truncated } of steps) {
          replay.store({
            observation: Float32Array.of(episode, t, -1),
            action: Float32Array.of(action),
            reward,
            nextObservation: Float32Array.of(episode, t + 1, -1),
            terminated,
            truncated
          })
        }
        const held = steps.slice(-capacity)
        /** The goals that may stand in a row: what steps of the episode have led to. */
        const allowed = ({ episode, t }: Step): ReadonlyArray<number> => {
          const all = held.filter((one) => one.episode === episode).map((one) => 100 * episode + one.t + 1)
          const later = all.filter((goal) => goal > 100 * episode + t)
          return strategy === "episode" ? all : strategy === "future" ? later : later.slice(-1)
        }
        const rows = 32
        const batch = {
          ...batchOf(rows),
          observation: NdArray.zeros([rows, 3]),
          nextObservation: NdArray.zeros([rows, 3])
        }
        const seen = new Map<Step, Set<number>>(held.map((step) => [step, new Set<number>()]))
        for (let i = 0; i < 400; i++) {
          replay.sample(Key.make(i), batch)
          for (let row = 0; row < rows; row++) {
            const [episode, t, goal] = batch.observation.data.subarray(3 * row)
            const step = held.find((one) => one.episode === episode && one.t === t)!
            assert.include(allowed(step), goal)
            assert.strictEqual(batch.nextObservation.data[3 * row + 2], goal)
            assert.strictEqual(batch.reward.data[row], goal === 100 * episode! + t! + 1 ? 1 : 0)
            seen.get(step)!.add(goal!)
          }
        }
        for (const [step, found] of seen) {
          assert.deepStrictEqual(
            [...found].sort((a, b) => a - b),
            allowed(step)
          )
        }
      })
  )
})
