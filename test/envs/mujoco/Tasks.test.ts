/** What tasks on MuJoCo promise besides Gymnasium's numbers. */
import { assert, describe, it } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as Space from "@ornstein/core/Space"
import * as Ant from "@ornstein/envs/Ant"
import * as HalfCheetah from "@ornstein/envs/HalfCheetah"
import * as Hopper from "@ornstein/envs/Hopper"
import * as Swimmer from "@ornstein/envs/Swimmer"
import * as Walker2d from "@ornstein/envs/Walker2d"
import * as SquareSum from "@ornstein/envs/internal/mujoco/SquareSum"
import * as Effect from "effect/Effect"

interface Walk {
  readonly rewards: ReadonlyArray<number>
  readonly observations: ReadonlyArray<ReadonlyArray<number>>
  readonly ends: ReadonlyArray<boolean>
}

/** The same actions for whatever world, from its first position. */
const walk = (environment: Environment.Environment<Space.Box>, steps = 30, scale = 1) =>
  Effect.gen(function* () {
    const world = yield* environment.make
    world.reset(Key.make(1))
    const seen: Array<readonly [number, ReadonlyArray<number>, boolean]> = []
    for (let step = 0; step < steps && !world.terminated; step++) {
      const action = Float64Array.from(
        { length: Space.size(environment.spec.action) },
        (_, i) => scale * (2 * Key.uniform(Key.fold(Key.make(2), step), i) - 1)
      )
      world.step(action)
      seen.push([world.reward, [...world.observation], world.terminated])
    }
    const walked: Walk = {
      rewards: seen.map(([reward]) => reward),
      observations: seen.map(([, observation]) => observation),
      ends: seen.map(([, , terminated]) => terminated)
    }
    return walked
  })

describe("what is left out of observations", () => {
  const full = { excludeCurrentPositionsFromObservation: false }
  it.effect.each([
    ["HalfCheetah", 1, HalfCheetah.make(), HalfCheetah.make(full)],
    ["Hopper", 1, Hopper.make(), Hopper.make(full)],
    ["Walker2d", 1, Walker2d.make(), Walker2d.make(full)],
    ["Swimmer", 2, Swimmer.make(), Swimmer.make(full)],
    ["Ant", 2, Ant.make(), Ant.make(full)]
  ] as const)("is the place of %s alone: rewards and ends keep their bits", ([, places, without, whole]) =>
    Effect.gen(function* () {
      const [seen, all] = [yield* walk(without), yield* walk(whole)]
      assert.deepStrictEqual([seen.rewards, seen.ends], [all.rewards, all.ends])
      assert.deepStrictEqual(
        seen.observations,
        all.observations.map((observation) => observation.slice(places))
      )
    })
  )

  it.effect("is also the contact forces on Ant, which it pays for all the same", () =>
    Effect.gen(function* () {
      const [seen, all] = [
        yield* walk(Ant.make({ includeCfrcExtInObservation: false })),
        yield* walk(Ant.make())
      ]
      assert.deepStrictEqual(seen.rewards, all.rewards)
      assert.deepStrictEqual(
        seen.observations,
        all.observations.map((observation) => observation.slice(0, 27))
      )
      const free = yield* walk(Ant.make({ includeCfrcExtInObservation: false, contactCostWeight: 0 }))
      assert.notDeepEqual(free.rewards, seen.rewards)
    })
  )
})

it.effect("velocities and the time of a step follow the frame skip", () =>
  Effect.gen(function* () {
    const place = { excludeCurrentPositionsFromObservation: false, ctrlCostWeight: 0, resetNoiseScale: 0 }
    for (const [make, substep] of [
      [HalfCheetah.make, 0.01],
      [Swimmer.make, 0.01]
    ] as const) {
      for (const frameSkip of [1, 3, 10]) {
        const environment = make({ ...place, frameSkip })
        assert.strictEqual(environment.spec.timeStep, substep * frameSkip)
        const { observations, rewards } = yield* walk(environment, 3)
        const [[before = 0] = [], [after = 0] = []] = observations.slice(1)
        assert.approximately(rewards[2]!, (after - before) / (substep * frameSkip), 1e-12)
      }
    }
  })
)

it.effect("healthy states are paid for, others end the episode unless they may not", () =>
  Effect.gen(function* () {
    for (const make of [Hopper.make, Walker2d.make, Ant.make]) {
      const narrow = { healthyZRange: [0.9, 0.95], resetNoiseScale: 0, ctrlCostWeight: 0 } as const
      const ended = yield* walk(make(narrow))
      assert.deepStrictEqual(ended.ends, [true])
      const going = yield* walk(make({ ...narrow, terminateWhenUnhealthy: false }), 2)
      assert.deepStrictEqual(going.ends, [false, false])
      const paid = yield* walk(make({ resetNoiseScale: 0, ctrlCostWeight: 0, healthyReward: 7 }), 1)
      assert.approximately(paid.rewards[0]!, going.rewards[0]! + 7, 1e-12)
    }
  })
)

it.effect("an action beyond its bounds is clamped by the physics and paid for as it is", () =>
  Effect.gen(function* () {
    const start = { resetNoiseScale: 0 }
    const world = yield* HalfCheetah.make(start).make
    const one = (size: number) => {
      world.reset(Key.make(1))
      world.step(new Float64Array(6).fill(size))
      return { reward: world.reward, observation: [...world.observation] }
    }
    const [within, beyond] = [one(1), one(2)]
    assert.deepStrictEqual(beyond.observation, within.observation)
    assert.approximately(within.reward - beyond.reward, 0.1 * (6 * 4 - 6), 1e-12)
    const error = yield* Effect.flip(
      Environment.attempt(() => world.step(new Float64Array(6).fill(Infinity)))
    )
    assert.include(error.message, "is outside the space")
  })
)

it.effect("a snapshot of another world, or damaged, is refused", () =>
  Effect.gen(function* () {
    const [cheetah, hopper] = [yield* HalfCheetah.make().make, yield* Hopper.make().make]
    cheetah.reset(Key.make(1))
    hopper.reset(Key.make(1))
    assert.throws(() => cheetah.restore(hopper.snapshot()), /"observation" is not 17 numbers/u)
    const snapshot = cheetah.snapshot()
    const short = Snapshot.isRecord(snapshot) ? { ...snapshot, state: new Float64Array(3) } : null
    assert.throws(() => cheetah.restore(short), /the state has 3 numbers, not 91/u)
  })
)

describe("sums of squares", () => {
  it("are NumPy's in single precision: in turn below 8, in eight sums from 8 on", () => {
    // One large square first: what is added to it in turn is lost, what is summed beside it is not.
    const large = 4096
    const seven = Float32Array.of(large, 1, 1, 1, 1, 1, 1)
    assert.strictEqual(SquareSum.of(seven), large * large)
    // ((a0 + a1) + (a2 + a3)) + ((a4 + a5) + (a6 + a7)): of the seven ones two pairs survive.
    const eight = Float32Array.of(large, 1, 1, 1, 1, 1, 1, 1)
    assert.strictEqual(SquareSum.of(eight), large * large + 6)
    const nine = Float32Array.of(...eight, 3)
    // 16,777,231 lies between two numbers; the even one is taken.
    assert.strictEqual(SquareSum.of(nine), large * large + 6 + 9 + 1)
    const seventeen = new Float32Array(17).fill(1)
    assert.strictEqual(SquareSum.of(seventeen), 17)
    assert.strictEqual(SquareSum.of(Float64Array.from(seven)), large * large + 6)
  })

  it("are weighed in the precision of the numbers", () => {
    assert.strictEqual(SquareSum.weighted(0.1, Float32Array.of(1, 1)), Math.fround(Math.fround(0.1) * 2))
    assert.strictEqual(SquareSum.weighted(0.1, Float64Array.of(1, 1)), 0.2)
  })
})
