/** What a learner is given to act and to learn with, told by learners and a world that watch. */
import {
  Agent,
  type Decision,
  Draw,
  Engine,
  Environment,
  Exploration,
  Key,
  Learner,
  Replay,
  Space,
  Training
} from "@ornstein/core"
import { NdArray, TfjsEngine } from "@ornstein/jit"
import type * as Jit from "@ornstein/jit/Engine"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Layer, Stream } from "effect"
import * as Golden from "../algos/Golden.ts"

const parameter = (state: Learner.State<tf.Tensor>): tf.Tensor =>
  Golden.entry(Golden.entry(Golden.entry(state.online, "actor"), "l"), "w")

/** One number for a network; it acts as `act` says, and in its updates tells what `phases` say. */
const learnerOf = (
  changes: Partial<Omit<Learner.Plan, "init" | "batch" | "policy">> & {
    readonly decision?: Decision.Decision
  }
): Learner.Learner<Environment.Continuous> => ({
  name: "watching",
  environment: Environment.Continuous.use((world) => Effect.succeed(world)),
  gamma: 0.9,
  decision: changes.decision ?? "direct",
  plan: ({ batch }) => ({
    init: () => ({ online: { actor: { l: { w: NdArray.scalar(0.25) } } }, target: {}, optimizer: {} }),
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
    act: (state, s) => tf.add(tf.mul(s, 0), parameter(state)),
    phases: [
      {
        name: "watch",
        every: 1,
        update: (state, { batch }) => [state, { reward: tf.mean(batch["reward"]!) }]
      }
    ],
    ...changes
  })
})

interface Seen {
  /** The actions of each episode; of the one that was begun before the run in the first. */
  readonly episodes: Array<Array<number>>
  readonly firsts: Array<number>
  readonly errors: Array<ReadonlyArray<number>>
  /** The observations of each minibatch. */
  readonly batches: Array<string>
}

/** Episodes of four steps, begun at random; step t has reward t. */
const world = ({ episodes, firsts }: Seen) => {
  return Environment.define({
    id: "Wandering-v0",
    description: "begins anywhere",
    observation: Space.box({ shape: [1], low: 0, high: 10 }),
    action: Space.box({ shape: [1], low: -1, high: 1 }),
    timeLimit: 4,
    reset: (key) => {
      episodes.push([])
      firsts.push(Key.uniform(key))
      return { x: Key.uniform(key), t: 0 }
    },
    step: ({ t, x }, action) => {
      episodes.at(-1)!.push(action[0]!)
      return { state: { x: x + 1, t: t + 1 }, reward: t + 1, terminated: false }
    },
    observe: ({ x }, out) => {
      out[0] = x
    }
  })
}

interface Request {
  readonly learner: Learner.Learner<Environment.Continuous>
  readonly options?: Partial<Training.Options>
  readonly exploration?: Layer.Layer<Exploration.Exploration>
  readonly from?: Training.Saved
}

/** A run with slices of one step. */
const run = ({ exploration = Exploration.layerNone, from, learner, options }: Request) =>
  Effect.gen(function* () {
    const seen: Seen = { episodes: [[]], firsts: [], errors: [], batches: [] }
    const settings = {
      seed: 2,
      steps: 20,
      warmup: 0,
      learningStarts: 0,
      batchSize: 2,
      sliceSteps: 1,
      ...options
    }
    const replay = Layer.effect(
      Replay.Replay,
      Replay.Replay.useSync((inner) => ({
        ...inner,
        make: (shape: Replay.Shape) =>
          Effect.map(inner.make(shape), (instance) => ({
            ...instance,
            sample: (key: Key.Key, batch: Replay.Batch, valuation?: Partial<Replay.Valuation>) => {
              instance.sample(key, batch, valuation)
              seen.batches.push(Golden.entry(batch, "observation").data.join())
            },
            prioritize: (errors: NdArray.Data) => void seen.errors.push(Array.from(errors))
          }))
      }))
    ).pipe(Layer.provide(Replay.layerUniform({ capacity: 100 })))
    const told = yield* Effect.gen(function* () {
      const trainer = yield* Training.make(learner, settings, from)
      const reports = yield* Stream.runCollect(trainer.stream)
      const evaluated = [0, 5].map((x) => {
        const action = new Float32Array(1)
        trainer.policy(Float32Array.of(x), action)
        return action[0]!
      })
      return { reports, evaluated, saved: yield* trainer.saved, act: trainer.agent.act }
    }).pipe(
      Effect.scoped,
      Effect.provide(
        Layer.mergeAll(
          exploration,
          replay,
          Environment.layerContinuous(world(seen)),
          Engine.layerOf(WasmEngine.make({ threads: 1 }))
        ),
        { local: true }
      )
    )
    return { ...told, ...seen, actions: seen.episodes.flat() }
  })

const distinct = (numbers: ReadonlyArray<number>): number => new Set(numbers).size

describe("acting", () => {
  it.effect("a stochastic policy draws anew in each step, and is at its mean when evaluated", () =>
    Effect.gen(function* () {
      const act: Learner.Plan["act"] = (state, s, noise) =>
        tf.tanh(tf.add(tf.add(tf.mul(s, 0), parameter(state)), noise!))
      const { actions, evaluated } = yield* run({ learner: learnerOf({ actionNoise: 1, act }) })
      assert.strictEqual(distinct(actions), 20)
      Golden.near(evaluated, [Math.tanh(0.25), Math.tanh(0.25)], 1e-6, "evaluated")
    })
  )

  it.effect("a decision is made by the key of its step, and by none when evaluated", () =>
    Effect.gen(function* () {
      const act: Learner.Plan["act"] = (_, s) => tf.add(tf.mul(s, 0), tf.tensor2d([[0.45, 0.55]]))
      const { actions, evaluated } = yield* run({ learner: learnerOf({ act, decision: "categorical" }) })
      const key = Key.fold(Key.make(2), "decision")
      const drawn = Array.from({ length: 20 }, (_, step) => (Key.uniform(Key.fold(key, step)) < 0.45 ? 0 : 1))
      assert.deepStrictEqual(actions, drawn)
      assert.strictEqual(distinct(drawn), 2)
      assert.deepStrictEqual(evaluated, [1, 1])
    })
  )

  it.effect("episodes begin differently", () =>
    Effect.gen(function* () {
      const { firsts } = yield* run({ learner: learnerOf({}) })
      assert.strictEqual(distinct(firsts), 6)
    })
  )

  it.effect("a policy that is normalised is evaluated so, and goes on so after a resumption", () =>
    Effect.gen(function* () {
      const learner = learnerOf({ act: (state, s) => tf.tanh(tf.mul(s, parameter(state))) })
      const options = { normalize: { observations: true, rewards: true, clip: 10 } }
      const whole = yield* run({ learner, options })
      const [low, high] = whole.evaluated
      assert.isBelow(low!, -0.1)
      assert.isAbove(high!, 0.1)
      assert.isBelow(high!, Math.tanh(5 * 0.25))
      const half = yield* run({ learner, options: { ...options, steps: 10 } })
      const rest = yield* run({ learner, options, from: half.saved })
      assert.deepStrictEqual(rest.actions, whole.actions.slice(10))
      assert.deepStrictEqual(rest.evaluated, whole.evaluated)
      assert.deepStrictEqual(
        rest.reports.map(({ metrics }) => metrics),
        whole.reports.slice(10).map(({ metrics }) => metrics)
      )
    })
  )

  it.effect("a share of steps may be uniformly random", () =>
    Effect.gen(function* () {
      const of = (epsilon: number) =>
        run({ learner: learnerOf({}), exploration: Exploration.layer({ kind: "none", epsilon }) })
      assert.strictEqual(distinct((yield* of(1)).actions), 20)
      assert.deepStrictEqual([...new Set((yield* of(0)).actions)], [0.25])
    })
  )
})

describe("what goes wrong in the middle of a run", () => {
  const failing = (action: number) =>
    Layer.succeed(Exploration.Exploration, {
      name: "breaking",
      make: () =>
        Exploration.memoryless(
          () => 0,
          (actions, step) => {
            if (step === 7) actions[0] = action
          }
        )
    })

  it.effect("is the exploration's where the policy's action was finite", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(run({ learner: learnerOf({}), exploration: failing(Number.NaN) }))
      assert.strictEqual(
        error.message,
        'exploration "breaking", step 7 of the run: it made [NaN] of the policy\'s action, which was finite. Give finite noise'
      )
    })
  )

  it.effect("is not where it was not", () =>
    Effect.gen(function* () {
      const learner = learnerOf({ act: (_, s) => tf.div(tf.mul(s, 0), 0) })
      const error = yield* Effect.flip(run({ learner, exploration: failing(Number.NaN) }))
      assert.strictEqual(error._tag, "EnvironmentError")
    })
  )

  it.effect("stands at a step of its episode and of the run", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(run({ learner: learnerOf({}), exploration: failing(2) }))
      assert.match(error.message, /, step 3 of its episode, step 7 of the run: the action \[2\] is outside/)
    })
  )
})

describe("noise on parameters", () => {
  it.effect("is another in each episode, and adapts in its rhythm", () =>
    Effect.gen(function* () {
      const exploration = Exploration.layerParameterNoise({
        every: 3,
        initialSigma: 0.1,
        delta: 0.5,
        factor: 1.5
      })
      const { episodes, evaluated, reports } = yield* run({
        learner: learnerOf({}),
        exploration,
        options: { learningStarts: 4 }
      })
      const whole = episodes.filter(({ length }) => length === 4)
      for (const actions of whole) assert.strictEqual(distinct(actions), 1)
      const ofEpisodes = whole.map(([action]) => action!)
      assert.strictEqual(distinct(ofEpisodes), 5)
      assert.notInclude(ofEpisodes, 0.25)
      assert.deepStrictEqual(evaluated, [0.25, 0.25])
      const changes = reports.flatMap(({ exploration, step }, i) =>
        i > 0 && exploration !== reports[i - 1]!.exploration ? [step] : []
      )
      assert.deepStrictEqual(changes, [6, 9, 12, 15, 18])
    })
  )
})

describe("an update", () => {
  const update =
    (tell: (inputs: Learner.Inputs<tf.Tensor>) => Learner.Metrics): Learner.Phase["update"] =>
    (state, inputs) => [state, tell(inputs)]

  it.effect("is given other rows and other noise each time, and each noise its own", () =>
    Effect.gen(function* () {
      const learner = learnerOf({
        draws: { a: Draw.normal([8]), b: Draw.normal([8]) },
        phases: [
          {
            name: "watch",
            every: 1,
            update: update(({ batch, draws }) => ({
              s: tf.sum(batch["observation"]!),
              a: tf.sum(draws["a"]!),
              b: tf.sum(draws["b"]!)
            }))
          }
        ]
      })
      const { batches, reports } = yield* run({
        learner,
        options: { learningStarts: 20, updatesPerRound: 30 }
      })
      assert.deepStrictEqual(Object.keys(reports.at(-1)!.metrics).sort(), ["a", "b", "s"])
      // All of one round: the replay holds the same.
      assert.lengthOf(batches, 30)
      assert.isAbove(new Set(batches).size, 25)
      const { reports: single } = yield* run({ learner, options: { steps: 40 } })
      const of = (name: string) => single.map(({ metrics }) => metrics[name]!)
      assert.strictEqual(distinct([...of("a"), ...of("b")]), 80)
    })
  )

  it.effect("runs the phases that are due, and tells a replay the errors", () =>
    Effect.gen(function* () {
      const learner = learnerOf({
        phases: [
          { name: "one", every: 1, update: update(({ batch }) => ({ error: tf.neg(batch["reward"]!) })) },
          { name: "two", every: 2, update: update(() => ({ two: tf.scalar(2) })) },
          { name: "three", every: 3, update: update(() => ({ three: tf.scalar(3) })) }
        ]
      })
      const { errors, reports } = yield* run({ learner, options: { steps: 12 } })
      assert.deepStrictEqual(
        reports.map(({ metrics }) => Object.keys(metrics).join()),
        ["", "two", "three", "two", "", "two,three", "", "two", "three", "two", "", "two,three"]
      )
      assert.lengthOf(errors, 12)
      for (const [i, of] of errors.entries()) {
        assert.lengthOf(of, 2)
        for (const error of of) assert.isTrue(error <= -1 && error >= -Math.min(4, i + 1))
      }
    })
  )

  it.effect("that diverges names step, update, phase and metric; when it is watched, the operation too", () =>
    Effect.gen(function* () {
      const learner = learnerOf({
        phases: [
          { name: "fine", every: 1, update: update(() => ({ fine: tf.scalar(1) })) },
          {
            name: "poison",
            every: 7,
            // An infinity that is masked away begins nothing.
            update: update(({ batch }) => {
              const rewards = batch["reward"]!
              const masked = tf.where(tf.greater(rewards, 0), rewards, tf.log(tf.mul(rewards, 0)))
              return { told: tf.mean(tf.sqrt(tf.neg(masked))) }
            })
          }
        ]
      })
      const failing = Effect.flip(run({ learner }))
      const [plain, watched] = [yield* failing, yield* Effect.provideService(failing, Agent.IsWatched, true)]
      for (const error of [plain, watched]) {
        assert.strictEqual(error._tag, "DivergenceError")
        if (error._tag !== "DivergenceError") continue
        assert.deepStrictEqual(
          [error.update, error.phase, error.tensor.replaceAll('"', "")],
          [7, "fine+poison", "told"]
        )
      }
      assert.notInclude(plain.message, "it began with")
      assert.match(watched.message, /it began with Sqrt \(.*Acting\.test\.ts:\d+:\d+\)/)
    })
  )

  it.effect.each([Number.NaN, Number.POSITIVE_INFINITY])("that tells %d has diverged", (value) =>
    Effect.gen(function* () {
      const diverging = learnerOf({
        phases: [
          {
            name: "watch",
            every: 1,
            // In the third step a reward of 3 is possible, and the root or the quotient is not a number.
            update: update(({ batch }) => {
              const beyond = tf.sub(2.5, tf.max(batch["reward"]!))
              return { told: Number.isNaN(value) ? tf.sqrt(beyond) : tf.div(1, tf.relu(beyond)) }
            })
          }
        ]
      })
      // At the step where it is seen, not at the slice's end.
      const error = yield* Effect.flip(run({ learner: diverging, options: { sliceSteps: 100 } }))
      assert.strictEqual(error._tag, "DivergenceError")
      if (error._tag === "DivergenceError") assert.isTrue(error.step >= 3 && error.step < 20)
      assert.match(error.message, /"?told"? is not finite/)
    })
  )

  it.effect("acts on several observations at once only where a row has the bits that it has alone", () =>
    Effect.gen(function* () {
      const sizes = { observation: 1, action: 1, batch: 4 }
      const rowsOf = (learner: Learner.Learner<Environment.Continuous>, engine: Jit.Engine) =>
        Agent.make(learner, sizes, Key.make(1), { best: 8 }).pipe(
          Effect.map(({ best }) => best),
          Effect.scoped,
          Effect.provide(Engine.layerOf(engine), { local: true })
        )
      const apart = learnerOf({})
      const mixing = learnerOf({ act: (state, s) => tf.add(tf.sub(s, tf.mean(s)), parameter(state)) })
      assert.strictEqual(yield* rowsOf(apart, WasmEngine.make()), 8)
      assert.strictEqual(yield* rowsOf(mixing, WasmEngine.make()), 1)
      assert.strictEqual(yield* rowsOf(apart, WasmEngine.make({ relaxed: true })), 1)
      assert.strictEqual(yield* rowsOf(apart, TfjsEngine.cpu()), 1)
    })
  )
})
