/** A policy as a value acts as the training's own policy, bit for bit, in memory, from a file, on one row or several. */
import { Engine, Evaluation, Key, Policy, PolicyFile, Snapshot, Space, Training } from "@ornstein/core"
import * as TfjsEngine from "@ornstein/jit/TfjsEngine"
import * as Experiment from "@ornstein/lab/Experiment"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as Bits from "./Bits.ts"

/** The case with just enough steps for some updates. */
const brief = (input: { readonly [part: string]: unknown }) =>
  Effect.map(
    Effect.fromResult(Experiment.decode({ ...input, evaluation: { every: 0, episodes: 0 } })),
    (config) => {
      const { learningStarts } = config.training
      const steps = config.replay.kind === "rollout" ? config.training.steps : learningStarts + 12
      return { ...config, training: { ...config.training, steps, sliceSteps: steps } }
    }
  )

/** Random observations: where they are bounded within the bounds, else some way around 0. */
const observations = (space: Space.Box, count: number): Space.Numbers => {
  const all =
    space.dtype === "float64"
      ? new Float64Array(count * Space.size(space))
      : new Float32Array(count * Space.size(space))
  for (let i = 0; i < count; i++) {
    const row = Space.sample(space, Key.make(i), Space.allocate(space))
    all.set(row, i * Space.size(space))
  }
  return all
}

const COUNT = 12

const trained = (input: { readonly [part: string]: unknown }) =>
  Effect.gen(function* () {
    const config = yield* brief(input)
    const world = Experiment.world(config)
    const learner = yield* Experiment.learner(config)
    const { spec } = world
    return yield* Effect.gen(function* () {
      const trainer = yield* Training.make(learner, config.training).pipe(
        Effect.provideService(Evaluation.IsBatched, true)
      )
      yield* Stream.runDrain(trainer.stream)
      const { normalize } = config.training
      const policy = yield* Policy.ofState({ learner, spec, state: yield* trainer.state, normalize })

      const size = Space.size(spec.observation)
      const seen = observations(spec.observation, COUNT)
      const unit = Space.allocate(trainer.environment.spec.action)
      const width = unit.length
      const empty = () =>
        unit instanceof Float64Array ? new Float64Array(COUNT * width) : new Float32Array(COUNT * width)
      const expected = empty()
      for (let i = 0; i < COUNT; i++) {
        trainer.policy(seen.subarray(i * size, (i + 1) * size), unit)
        const action = expected.subarray(i * width, (i + 1) * width)
        if (spec.action._tag === "Box" && policy.rescale) Space.fromUnit(spec.action, unit, action)
        else action.set(unit)
      }
      /** The actions of a policy, so many rows in a call. */
      const acted = Effect.fnUntraced(function* (policy: Policy.Policy, rows: number) {
        const { act } = yield* Policy.open(policy, { rows })
        const actions = empty()
        for (let i = 0; i < COUNT; i += rows) {
          act(seen.subarray(i * size, (i + rows) * size), actions.subarray(i * width, (i + rows) * width))
        }
        return actions
      }, Effect.scoped)
      // More than a quarter of the rows, then the last ones alone; episodes of one world end at different steps.
      const episodes = { episodes: 12, seed: 1, stepLimit: 25 }
      const { batched } = trainer
      assert.strictEqual(batched.rows, Evaluation.ROWS)
      const alone = yield* Evaluation.run(trainer.environment, trainer.policy, episodes)
      assert.deepStrictEqual(yield* Evaluation.run(trainer.environment, batched, episodes), alone, "batched")
      const evaluated = Effect.fnUntraced(function* (policy: Policy.Policy) {
        return yield* Evaluation.run(world, yield* Policy.batched(policy), episodes)
      }, Effect.scoped)
      return { expected, acted, alone, evaluated, policy }
    }).pipe(Effect.scoped, Effect.provide(Experiment.layer(config)))
  })

describe("a policy as a value", () => {
  it.live.each(Bits.cases())("acts as the training's own: %s", ([, config]) =>
    Effect.gen(function* () {
      const { acted, alone, evaluated, expected, policy } = yield* trained(config)
      const engine = yield* Engine.open({ kind: "wasm", threads: 1, relaxed: false })
      const onWasm = Effect.provideService(Engine.Engine, engine)
      // The comparison says more if actions differ from one another; a choice between two may well be one.
      if (policy.spec.action._tag === "Box") assert.isAbove(new Set(expected).size, 1)
      assert.deepStrictEqual(yield* onWasm(acted(policy, 1)), expected)
      assert.deepStrictEqual(yield* onWasm(acted(policy, 4)), expected, "several rows at once")
      assert.deepStrictEqual(yield* onWasm(evaluated(policy)), alone, "an evaluation of the value")
      const file = PolicyFile.encode(policy)
      const read = yield* Effect.fromResult(PolicyFile.decode("a file", file))
      assert.deepStrictEqual(PolicyFile.encode(read), file)
      assert.strictEqual(PolicyFile.hash(read), PolicyFile.hash(policy))
      assert.deepStrictEqual(yield* onWasm(acted(read, 1)), expected, "from a file")
      const oracle = yield* Effect.provideService(acted(read, 3), Engine.Engine, TfjsEngine.cpu())
      const scale =
        policy.spec.action._tag === "Box" ? policy.spec.action.high.reduce((a, b) => Math.max(a, b), 0) : 0
      for (const [i, action] of oracle.entries()) assert.closeTo(action, expected[i]!, 1e-5 * scale)
    })
  )
})

describe("a policy that gathers experience", () => {
  const learning = { steps: 80, warmup: 0, learningStarts: 70, batchSize: 8, sliceSteps: 60 }
  const rollouts = { kind: "rollout", capacity: 64, until: "full" }
  const none = { kind: "none" }
  const cases: ReadonlyArray<readonly [name: string, isStochastic: boolean, config: object]> = [
    ["sac", true, { algorithm: { base: "sac", hidden: [8] }, training: learning }],
    ["tqc", true, { algorithm: { base: "tqc", hidden: [8] }, training: learning }],
    ["td3", false, { algorithm: { base: "td3", hidden: [8] }, training: learning, exploration: none }],
    [
      "a2c",
      true,
      {
        environment: { kind: "cartPole" },
        algorithm: { base: "a2c" },
        replay: rollouts,
        training: { steps: 80, sliceSteps: 60 }
      }
    ]
  ]

  it.live.each(cases.flatMap((given) => [1, 2, 3].map((lanes) => [...given, lanes] as const)))(
    "has the draws of the run that learned it: %s",
    ([, isStochastic, input, lanes]) =>
      Effect.gen(function* () {
        const capacity = 64 - (64 % lanes)
        const config = yield* Effect.fromResult(
          Experiment.decode({
            environment: { kind: "pendulum" },
            evaluation: { every: 0 },
            ...input,
            ...("replay" in input ? { replay: { ...rollouts, capacity } } : {}),
            training: { ...("training" in input ? Object(input.training) : {}), seed: 5, lanes }
          })
        )
        const world = Experiment.world(config)
        const learner = yield* Experiment.learner(config)
        yield* Effect.gen(function* () {
          // It has not learned yet, so the policy at the end is the one of every step.
          const trainer = yield* Training.make(learner, config.training)
          yield* Stream.runDrain(Stream.take(trainer.stream, 1))
          const { rows, state } = yield* trainer.saved
          assert.deepStrictEqual([state.step, state.updates], [60, 0])
          const stored = (name: string) =>
            rows[name] ?? Snapshot.getFloat32(Snapshot.get(state.replay, "rows"), name)
          const policy = yield* Policy.ofState({ learner, spec: world.spec, state })
          const { act, sample } = yield* Policy.open(policy, { rows: lanes })
          const undrawn = yield* Policy.open(policy, { rows: lanes })
          const empty = () => new Float32Array(lanes * Space.size(world.spec.action))
          const [width, size] = [empty().length, lanes * Space.size(world.spec.observation)]
          let differing = 0
          for (let step = 0; step < 60; step += lanes) {
            const round = step / lanes
            const observation = stored("observation").subarray(round * size, (round + 1) * size)
            const [action, best, alone, expected] = [empty(), empty(), empty(), empty()]
            expected.set(stored("action").subarray(round * width, (round + 1) * width))
            if (policy.rescale && world.spec.action._tag === "Box") {
              const { action: space } = world.spec
              for (let i = 0; i < width; i++)
                Space.fromUnit(space, expected.subarray(i, i + 1), expected.subarray(i, i + 1))
            }
            sample(Key.make(5), step, observation, action)
            assert.deepStrictEqual(action, expected, `step ${step}`)
            act(observation, best)
            undrawn.act(observation, alone)
            assert.deepStrictEqual(best, alone)
            if (action.some((a, i) => a !== best[i])) differing += 1
          }
          if (isStochastic) assert.isAbove(differing, 5)
          else assert.strictEqual(differing, 0)
        }).pipe(Effect.scoped, Effect.provide(Experiment.layer(config)))
      })
  )
})
