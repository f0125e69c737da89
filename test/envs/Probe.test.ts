import { assert, it } from "@effect/vitest"
import * as Key from "@ornstein/core/Key"
import * as Probe from "@ornstein/envs/Probe"
import * as Effect from "effect/Effect"

const discount = 0.9

/** The discounted return of the best action from each observation met, `tail` standing for what truncation cuts off. */
it.effect.each([...Probe.World.literals])("%s: the optimal policy earns the optimal value", (world) =>
  Effect.gen(function* () {
    const probe = yield* Probe.make({ world }).make
    for (const seed of [1, 2, 3, 4, 5]) {
      probe.reset(Key.make(seed))
      const { value } = Probe.optimum(world, discount, probe.observation[0]!)
      let [sum, weight] = [0, 1]
      while (!probe.terminated && !probe.truncated) {
        const { action = 0 } = Probe.optimum(world, discount, probe.observation[0]!)
        probe.step(Float32Array.of(action))
        sum += weight * probe.reward
        weight *= discount
      }
      const tail = probe.terminated ? 0 : weight * Probe.optimum(world, discount, probe.observation[0]!).value
      assert.approximately(sum + tail, value, 1e-12)
    }
  })
)

it.effect("observations come with both signs", () =>
  Effect.gen(function* () {
    const probe = yield* Probe.make({ world: "observationAction" }).make
    const seen = new Set<number>()
    for (let seed = 0; seed < 20; seed++) {
      probe.reset(Key.make(seed))
      seen.add(probe.observation[0]!)
    }
    assert.deepStrictEqual(
      [...seen].sort((a, b) => a - b),
      [-1, 1]
    )
  })
)

it.effect("the dead end never pays a policy that walks away, and pays at once one that walks back", () =>
  Effect.gen(function* () {
    const probe = yield* Probe.make({ world: "deadEnd" }).make
    probe.reset(Key.make(0))
    let sum = 0
    while (!probe.truncated) {
      probe.step(Float32Array.of(1))
      sum += probe.reward
    }
    assert.deepStrictEqual([sum, probe.steps, probe.observation[0]], [0, 50, 1])
    probe.reset(Key.make(0))
    probe.step(Float32Array.of(-0.25))
    assert.deepStrictEqual([probe.reward, probe.terminated], [1, true])
  })
)

it.effect("the discrete form stands for -0.5 and 0.5", () =>
  Effect.gen(function* () {
    const probe = yield* Probe.makeDiscrete({ world: "action" }).make
    const rewards = [0, 1].map((action) => {
      probe.reset(Key.make(0))
      probe.step(Float32Array.of(action))
      return probe.reward
    })
    assert.deepStrictEqual(rewards.map(Math.abs), [1, 0])
  })
)
