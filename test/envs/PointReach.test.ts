import { assert, it } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Space from "@ornstein/core/Space"
import * as PointReach from "@ornstein/envs/PointReach"
import * as Effect from "effect/Effect"

const at = (position: ReadonlyArray<number>, goal: ReadonlyArray<number>) =>
  Environment.at({ position: Float64Array.from(position), goal: Float64Array.from(goal) })

it.effect("adds the clipped action and clips the sum", () =>
  Effect.gen(function* () {
    const reach = yield* PointReach.make({ dimensions: 2 }).make
    reach.restore(at([0.5, -0.25], [0, 0]))
    reach.step(Float32Array.of(3, -0.5))
    assert.deepStrictEqual(Array.from(reach.observation), [1, -0.75])
    assert.strictEqual(reach.reward, -1.25)
    assert.isFalse(reach.terminated)
  })
)

it.effect("terminates within the radius, measured after the move", () =>
  Effect.gen(function* () {
    const reach = yield* PointReach.make({ dimensions: 2, goal: [0.25, 0.5] }).make
    reach.restore(at([0, 0], [0.25, 0.5]))
    reach.step(Float32Array.of(0.25, 0.375))
    assert.deepStrictEqual([reach.reward, reach.terminated], [-0.125, false])
    reach.step(Float32Array.of(0, 0.0625))
    assert.deepStrictEqual([reach.reward, reach.terminated], [-0.0625, true])
  })
)

it.effect("no state is the one before, changed in place", () =>
  Effect.gen(function* () {
    const reach = yield* PointReach.make({ dimensions: 3 }).make
    reach.reset(Key.make(1))
    const before = reach.snapshot()
    const held = structuredClone(before)
    reach.step(Float32Array.of(0.5, 0.5, 0.5))
    assert.deepStrictEqual(before, held)
    assert.notDeepEqual(reach.snapshot(), held)
  })
)

it.effect("has 256 dimensions, the goal at 0 and 100 steps unless told", () =>
  Effect.gen(function* () {
    const { spec, make } = PointReach.make()
    assert.deepStrictEqual([spec.observation.shape, spec.action.shape, spec.timeLimit], [[256], [256], 100])
    const reach = yield* make
    reach.reset(Key.make(5))
    // The expected distance of a uniform point from the centre is about sqrt(256 / 3).
    assert.approximately(PointReach.distance(reach.observation, new Float64Array(256)), Math.sqrt(256 / 3), 1)
    reach.step(reach.observation.map((x) => -x))
    assert.isTrue(reach.terminated)
  })
)

it.effect("goal-conditioned: a goal per episode, seen by the learner", () =>
  Effect.gen(function* () {
    const reach = yield* PointReach.make({ dimensions: 2, goalConditioned: true, reward: "sparse" }).make
    const goals = [1, 2].map((seed) => {
      reach.reset(Key.make(seed))
      return Array.from(reach.observation.subarray(2))
    })
    assert.notDeepEqual(goals[0], goals[1])
    reach.step(Float32Array.of(0, 0))
    assert.deepStrictEqual([reach.reward, Array.from(reach.observation.subarray(2))], [-1, goals[1]])
  })
)

it.effect.each(["sparse", "distance"] as const)(
  "hindsight computes the %s reward that the world pays",
  (reward) =>
    Effect.gen(function* () {
      const { make, spec } = PointReach.make({ dimensions: 2, goalConditioned: true, reward, radius: 0.7 })
      const { goals } = spec
      assert.isDefined(goals)
      const reach = yield* make
      const reached = new Float32Array(goals.size)
      let ends = 0
      for (let seed = 0; seed < 40; seed++) {
        reach.reset(Key.make(seed))
        reach.step(Space.sample(spec.action, Key.make(seed), new Float32Array(2)))
        goals.achieved(reach.observation, reached)
        const goal = reach.observation.slice(2)
        assert.approximately(goals.reward(reached, goal), reach.reward, 1e-6)
        assert.strictEqual(goals.isTerminal(reached, goal), reach.terminated)
        ends += reach.terminated ? 1 : 0
        const relabelled = reach.observation.slice()
        goals.setGoal(relabelled, reached)
        assert.deepStrictEqual(relabelled, Float32Array.of(...reached, ...reached))
      }
      assert.isTrue(ends > 0 && ends < 40)
      assert.isUndefined(PointReach.make().spec.goals)
    })
)

it("a goal of the wrong length is refused", () => {
  assert.throws(
    () => PointReach.make({ dimensions: 3, goal: [1, 2] }),
    "options of pointReach: goal: has 2 numbers for 3 dimensions"
  )
})
