/** A policy as a value acts as the training's own policy, bit for bit, in memory, from a file, on one row or several. */
import { Engine, Key, Policy, PolicyFile, Space, Training } from "@ornstein/core"
import * as TfjsEngine from "@ornstein/jit/TfjsEngine"
import * as Experiment from "@ornstein/lab/Experiment"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as Bits from "./Bits.ts"

/** The case with just enough steps for some updates. */
const brief = (input: { readonly [part: string]: unknown }) =>
  Effect.map(Effect.fromResult(Experiment.decode({ ...input, evaluation: { every: 0 } })), (config) => {
    const { learningStarts } = config.training
    const steps = config.replay.kind === "rollout" ? config.training.steps : learningStarts + 12
    return { ...config, training: { ...config.training, steps, sliceSteps: steps } }
  })

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
      const trainer = yield* Training.make(learner, config.training)
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
      return { expected, acted, policy }
    }).pipe(Effect.scoped, Effect.provide(Experiment.layer(config)))
  })

describe("a policy as a value", () => {
  it.live.each(Bits.cases())("acts as the training's own: %s", ([, config]) =>
    Effect.gen(function* () {
      const { acted, expected, policy } = yield* trained(config)
      const engine = yield* Engine.open({ kind: "wasm", threads: 1, relaxed: false })
      const onWasm = Effect.provideService(Engine.Engine, engine)
      // The comparison says more if actions differ from one another; a choice between two may well be one.
      if (policy.spec.action._tag === "Box") assert.isAbove(new Set(expected).size, 1)
      assert.deepStrictEqual(yield* onWasm(acted(policy, 1)), expected)
      assert.deepStrictEqual(yield* onWasm(acted(policy, 4)), expected, "several rows at once")
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
