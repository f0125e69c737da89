import { assert, it } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import { resetKey } from "@ornstein/core/internal/environment/EnvironmentVector"
import * as Key from "@ornstein/core/Key"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as Space from "@ornstein/core/Space"
import * as Effect from "effect/Effect"

/** Ends after a number of steps that its key decides. */
const uneven = Environment.define({
  id: "Uneven-v0",
  description: "Counts down from a random number",
  observation: Space.box({ shape: [2], low: -100, high: 100 }),
  action: Space.box({ shape: [1], low: -1, high: 1 }),
  timeLimit: 5,
  reset: (key) => [2 + Key.integer(key, 6), Key.uniform(key, 1)],
  step: ([left = 0, x = 0]: ReadonlyArray<number>, action) => ({
    state: [left - 1, x + action[0]!],
    reward: x,
    terminated: left === 1
  }),
  observe: (state, out) => out.set(state)
})

const N = 7
const STEPS = 40
const key = Key.make(11)

const actionsAt = (step: number) => Key.uniforms(Key.fold(key, step), new Float32Array(N), -1, 1)

it.effect("is n runs beside each other, bit for bit, and loses no final observation", () =>
  Effect.gen(function* () {
    const batch = yield* Environment.vector(N)(uneven)
    const alone = yield* Effect.all(Array.from({ length: N }, () => uneven.make))
    const episodes = alone.map(() => 0)
    const begin = (i: number) => alone[i]!.reset(resetKey(key, i, episodes[i]!))
    batch.reset(key)
    alone.forEach((_, i) => begin(i))
    const ends = { terminated: 0, truncated: 0, both: 0 }
    for (let step = 0; step < STEPS; step++) {
      const actions = actionsAt(step)
      batch.step(actions)
      for (const [i, one] of alone.entries()) {
        one.step(actions.slice(i, i + 1))
        const row = (array: Space.Numbers) => Array.from(array.subarray(2 * i, 2 * i + 2))
        assert.deepStrictEqual(row(batch.finalObservations), Array.from(one.observation))
        assert.deepStrictEqual(
          [batch.rewards[i], batch.terminated[i] === 1, batch.truncated[i] === 1],
          [one.reward, one.terminated, one.truncated]
        )
        if (one.terminated && one.truncated) ends.both += 1
        else if (one.terminated) ends.terminated += 1
        else if (one.truncated) ends.truncated += 1
        if (one.terminated || one.truncated) {
          episodes[i] = episodes[i]! + 1
          begin(i)
        }
        assert.deepStrictEqual(row(batch.observations), Array.from(one.observation))
      }
    }
    for (const count of Object.values(ends)) assert.isAbove(count, 0)
  })
)

it.effect("continues from a snapshot bit for bit", () =>
  Effect.gen(function* () {
    const [one, two] = [yield* Environment.vector(N)(uneven), yield* Environment.vector(N)(uneven)]
    one.reset(key)
    for (let step = 0; step < 10; step++) one.step(actionsAt(step))
    two.restore(Snapshot.parse(Snapshot.stringify(one.snapshot())))
    assert.deepStrictEqual(two.observations, one.observations)
    for (let step = 10; step < STEPS; step++) {
      for (const batch of [one, two]) batch.step(actionsAt(step))
      assert.deepStrictEqual(two.finalObservations, one.finalObservations)
      assert.deepStrictEqual(two.rewards, one.rewards)
    }
    assert.deepStrictEqual(two.snapshot(), one.snapshot())
  })
)

it.effect("refuses what does not fit", () =>
  Effect.gen(function* () {
    const batch = yield* Environment.vector(2)(uneven)
    const refused = (use: () => void) => Effect.map(Effect.flip(Environment.attempt(use)), String)
    assert.include(yield* refused(() => batch.step(new Float32Array(2))), "before the first reset")
    batch.reset(key)
    assert.include(yield* refused(() => batch.step(new Float32Array(3))), "3 numbers for 2 actions of 1")
    const three = yield* Environment.vector(3)(uneven)
    assert.throws(() => Environment.vector(0)(uneven), "options of vector")
    assert.include(yield* refused(() => batch.restore(three.snapshot())), "has not 2 copies")
  })
)
