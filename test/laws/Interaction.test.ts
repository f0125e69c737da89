/** What training does step by step, in a world in which all is known: told by a replay and an exploration that watch. */
import { Engine, Environment, Exploration, type Learner, Replay, Space, Training } from "@ornstein/core"
import { NdArray } from "@ornstein/jit"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Layer, Stream } from "effect"
import * as Golden from "../algos/Golden.ts"

const GAMMA = 0.75

/**
 * Observation t + 10 after t steps, reward 100 k + t for step t of episode k. Every second episode terminates after 3 steps; the others are
 * truncated after 4.
 */
const counting = (log: Array<string>) => {
  let episodes = 0
  return Environment.define({
    id: "Counting-v0",
    description: "counts",
    observation: Space.box({ shape: [1], low: 0, high: 100 }),
    action: Space.box({ shape: [1], low: -1, high: 1 }),
    timeLimit: 4,
    reset: () => {
      episodes += 1
      log.push("begin")
      return { t: 0, episode: episodes }
    },
    step: ({ episode, t }, action) => {
      log.push(`step ${action[0]!.toFixed(2)}`)
      const isEnd = episode % 2 === 1 && t + 1 === 3
      return { state: { t: t + 1, episode }, reward: 100 * episode + t + 1, terminated: isEnd }
    },
    observe: ({ t }, out) => {
      out[0] = t + 10
    }
  })
}

/** Acts by a tenth of what it sees, and tells what its minibatches hold. */
const watching: Learner.Learner<Environment.Continuous> = {
  name: "watching",
  environment: Environment.Continuous.use((world) => Effect.succeed(world)),
  gamma: GAMMA,
  decision: "direct",
  plan: ({ batch }) => ({
    init: () => ({ online: { actor: { l: { w: NdArray.scalar(0.1) } } }, target: {}, optimizer: {} }),
    batch: {
      observation: NdArray.spec([batch, 1]),
      action: NdArray.spec([batch, 1]),
      reward: NdArray.spec([batch]),
      discount: NdArray.spec([batch]),
      nextObservation: NdArray.spec([batch, 1])
    },
    draws: {},
    scalars: {},
    policy: "actor",
    actionNoise: 0,
    act: ({ online }, s) =>
      tf.clipByValue(tf.mul(s, Golden.entry(Golden.entry(Golden.entry(online, "actor"), "l"), "w")), -1, 1),
    phases: [
      {
        name: "watch",
        every: 1,
        update: (state, { batch }) => [
          state,
          Object.fromEntries(Object.entries(batch).map(([name, field]) => [name, tf.mean(field)]))
        ]
      }
    ]
  })
}

interface Transition {
  readonly observation: number
  readonly action: number
  readonly reward: number
  readonly nextObservation: number
  readonly terminated: boolean
  readonly truncated: boolean
}

/** A run with slices of one step, one row in a minibatch, and what was seen of it. */
const watch = (options: Partial<Training.Options> & { readonly steps: number }) =>
  Effect.gen(function* () {
    const log: Array<string> = []
    const stored: Array<Transition> = []
    /** For each minibatch, how many transitions had been stored, and which one it is. */
    const sampled: Array<{ readonly after: number; readonly row: number }> = []
    const replay = Layer.effect(
      Replay.Replay,
      Replay.Replay.useSync((inner) => ({
        ...inner,
        make: (shape: Replay.Shape) =>
          Effect.map(
            inner.make(shape),
            (instance): Replay.Instance => ({
              ...instance,
              store: (transition) => {
                log.push("store")
                stored.push({
                  observation: transition.observation[0]!,
                  action: transition.action[0]!,
                  reward: transition.reward,
                  nextObservation: transition.nextObservation[0]!,
                  terminated: transition.terminated,
                  truncated: transition.truncated
                })
                instance.store(transition)
              },
              sample: (key, batch, valuation) => {
                // Raw first, to know which row it is; the same key draws the same.
                instance.sample(key, batch)
                const seen = Golden.entry(batch, "reward").data[0]
                const row = stored.findIndex(({ reward }) => reward === seen)
                sampled.push({ after: stored.length, row })
                instance.sample(key, batch, valuation)
              }
            })
          )
      }))
    ).pipe(Layer.provide(Replay.layerUniform({ capacity: 100 })))
    const exploration = Layer.succeed(Exploration.Exploration, {
      name: "watching",
      make: () => ({
        perturb: (_action, step) => void log.push(`perturb ${step}`),
        reset: () => void log.push("reset"),
        scale: (step) => step,
        snapshot: () => null,
        restore: () => {}
      })
    })
    const settings = { seed: 5, warmup: 0, learningStarts: 0, batchSize: 1, sliceSteps: 1, ...options }
    const world = counting(log)
    const { reports, trainer } = yield* Effect.gen(function* () {
      const trainer = yield* Training.make(watching, settings)
      return { trainer, reports: yield* Stream.runCollect(trainer.stream) }
    }).pipe(
      Effect.scoped,
      Effect.provide(
        Layer.mergeAll(
          replay,
          exploration,
          Environment.layerContinuous(world),
          Engine.layerOf(WasmEngine.make())
        ),
        { local: true }
      )
    )
    return { log, reports, sampled, stored, trainer }
  })

/** Of numbers: mean and deviation with divisor n. */
const moments = (numbers: ReadonlyArray<number>) => {
  const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length
  const variance = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length
  return { mean, deviation: Math.sqrt(variance) }
}

describe("a step of training", () => {
  it.effect("stores what happened, and episodes' ends as they were", () =>
    Effect.gen(function* () {
      const { stored } = yield* watch({ steps: 9 })
      assert.deepStrictEqual(
        stored,
        [101, 102, 103, 201, 202, 203, 204, 301, 302].map((reward, i) => ({
          observation: (reward % 100) + 9,
          action: 1,
          reward,
          nextObservation: (reward % 100) + 10,
          terminated: i === 2,
          truncated: i === 6
        }))
      )
    })
  )

  it.effect("learns from transitions that bootstrap unless the episode terminated", () =>
    Effect.gen(function* () {
      const { reports, sampled, stored } = yield* watch({ steps: 60 })
      assert.lengthOf(sampled, 60)
      const seen = { ended: 0, truncated: 0, others: 0 }
      reports.forEach(({ metrics }, i) => {
        const { terminated, truncated } = stored[sampled[i]!.row]!
        assert.strictEqual(metrics["discount"], terminated ? 0 : GAMMA, `update ${i}`)
        seen[terminated ? "ended" : truncated ? "truncated" : "others"] += 1
      })
      for (const count of Object.values(seen)) assert.isAbove(count, 0)
    })
  )

  it.effect(
    "acts by the policy and the noise of the step, and begins the noise anew with every episode",
    () =>
      Effect.gen(function* () {
        const { log } = yield* watch({ steps: 8, warmup: 2 })
        const steps = log
          .filter((entry) => entry !== "store")
          .map((entry) => entry.replace(/^step .*$/, "step"))
        assert.strictEqual(
          steps.join(", "),
          "begin, reset, step, step, perturb 2, step, " +
            "begin, reset, perturb 3, step, perturb 4, step, perturb 5, step, perturb 6, step, " +
            "begin, reset, perturb 7, step"
        )
        // Observations 12, 10, 11, 12, 13, 10 by a tenth, clipped.
        assert.deepStrictEqual(
          log.filter((entry) => entry.startsWith("step")).slice(2),
          Array.from({ length: 6 }, () => "step 1.00")
        )
      })
  )

  it.effect("takes uniformly random actions in the warm-up, and others in each step", () =>
    Effect.gen(function* () {
      const { log, stored } = yield* watch({ steps: 200, warmup: 200 })
      assert.isFalse(log.some((entry) => entry.startsWith("perturb")))
      const { deviation, mean } = moments(stored.map(({ action }) => action))
      assert.closeTo(mean, 0, 0.15)
      assert.closeTo(deviation, 1 / Math.sqrt(3), 0.08)
      assert.strictEqual(new Set(stored.map(({ action }) => action)).size, 200)
    })
  )

  it.effect("learns in its rhythm", () =>
    Effect.gen(function* () {
      const { reports, sampled } = yield* watch({
        steps: 20,
        learningStarts: 7,
        updateEvery: 4,
        updatesPerRound: 3
      })
      assert.deepStrictEqual(
        sampled.map(({ after }) => after),
        [8, 8, 8, 12, 12, 12, 16, 16, 16, 20, 20, 20]
      )
      assert.deepStrictEqual(
        reports.map(({ updates }) => updates),
        [0, 0, 0, 0, 0, 0, 0, 3, 3, 3, 3, 6, 6, 6, 6, 9, 9, 9, 9, 12]
      )
      const { sampled: atOnce } = yield* watch({ steps: 6, learningStarts: 4 })
      assert.deepStrictEqual(
        atOnce.map(({ after }) => after),
        [4, 5, 6]
      )
    })
  )

  it.effect("tells of episodes, of the exploration and of the mean of a slice's metrics", () =>
    Effect.gen(function* () {
      const { reports, sampled, stored } = yield* watch({ steps: 12, sliceSteps: 6 })
      assert.deepStrictEqual(
        reports.map(({ episodes, exploration, step }) => ({ episodes, exploration, step })),
        [
          { episodes: [{ step: 3, return: 306, length: 3 }], exploration: 5, step: 6 },
          {
            episodes: [
              { step: 7, return: 810, length: 4 },
              { step: 10, return: 906, length: 3 }
            ],
            exploration: 11,
            step: 12
          }
        ]
      )
      const rewards = sampled.map(({ row }) => stored[row]!.reward)
      for (const [i, { metrics }] of reports.entries()) {
        Golden.near([metrics["reward"]!], moments(rewards.slice(6 * i, 6 * i + 6)).mean, 1e-6, "reward")
      }
    })
  )
})

describe("normalisation", () => {
  const normalize = { observations: true, rewards: false, clip: 10 }

  it.effect("of observations: of the first of an episode, of every next one, in acting and in learning", () =>
    Effect.gen(function* () {
      const { log, reports, sampled, stored } = yield* watch({ steps: 40, normalize })
      /** Everything that was observed up to and with so many steps. */
      const seen = (steps: number): ReadonlyArray<number> =>
        stored
          .slice(0, steps)
          .flatMap(({ nextObservation, observation }) =>
            observation === 10 ? [observation, nextObservation] : [nextObservation]
          )
      const normal = (x: number, steps: number): number => {
        const isBeginning = stored[steps]!.observation === 10
        // The next episode's first observation is taken in before its first action.
        const { deviation, mean } = moments(isBeginning ? [...seen(steps), 10] : seen(steps))
        return (x - mean) / deviation
      }
      const learned = (x: number, steps: number): number => {
        const { deviation, mean } = moments(seen(steps))
        return (x - mean) / deviation
      }
      const actions = log.filter((entry) => entry.startsWith("step")).map((entry) => Number(entry.slice(5)))
      let distinct = 0
      actions.forEach((action, i) => {
        if (i < 2) return
        const expected = Math.max(-1, Math.min(1, 0.1 * normal(stored[i]!.observation, i)))
        assert.closeTo(action, expected, 0.0051, `action ${i}`)
        if (Math.abs(action) < 0.9) distinct += 1
      })
      assert.isAbove(distinct, 10)
      reports.forEach(({ metrics }, i) => {
        const { nextObservation, observation } = stored[sampled[i]!.row]!
        if (i < 2) return
        Golden.near([metrics["observation"]!], learned(observation, i + 1), 1e-5, `s of ${i}`)
        Golden.near([metrics["nextObservation"]!], learned(nextObservation, i + 1), 1e-5, `s' of ${i}`)
      })
    })
  )

  it.effect("of rewards: by the deviation of the discounted return, which ends with its episode", () =>
    Effect.gen(function* () {
      const options = { steps: 40, normalize: { observations: false, rewards: true, clip: 10 } }
      const { reports, sampled, stored } = yield* watch(options)
      const discounted: Array<number> = []
      let sum = 0
      for (const { reward, terminated, truncated } of stored) {
        sum = GAMMA * sum + reward
        discounted.push(sum)
        if (terminated || truncated) sum = 0
      }
      reports.forEach(({ metrics }, i) => {
        if (i < 2) return
        const { deviation } = moments(discounted.slice(0, i + 1))
        Golden.near([metrics["reward"]!], stored[sampled[i]!.row]!.reward / deviation, 1e-5, `reward ${i}`)
        assert.isAbove(metrics["observation"]!, 9)
      })
    })
  )

  it.effect("clips", () =>
    Effect.gen(function* () {
      const options = { steps: 60, normalize: { observations: true, rewards: false, clip: 0.5 } }
      const { reports } = yield* watch(options)
      const seen = reports.map(({ metrics }) => metrics["observation"]!)
      assert.strictEqual(Math.max(...seen), 0.5)
      assert.strictEqual(Math.min(...seen), -0.5)
    })
  )
})
