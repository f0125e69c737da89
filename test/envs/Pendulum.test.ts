import { NodeFileSystem } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Pendulum from "@ornstein/envs/Pendulum"
import * as Recording from "@ornstein/envs/Recording"
import * as Effect from "effect/Effect"

it.effect("follows Gymnasium: states and observations to the bit, rewards to the last bits of a square", () =>
  Effect.gen(function* () {
    const recording = yield* Recording.read("test/golden/pendulum-v1.json")
    for (const episode of recording.episodes) {
      const { start, stepwise, freeRunning } = yield* Recording.compare(Pendulum.recorded, episode)
      assert.deepStrictEqual(start, { state: 0, observation: 0, reward: 0, flags: 0 }, episode.label)
      for (const { flags, observation, reward, state } of [stepwise, freeRunning]) {
        assert.deepStrictEqual([state, observation, flags], [0, 0, 0], episode.label)
        assert.isAtMost(reward, 1e-15, episode.label)
      }
    }
  }).pipe(Effect.provide(NodeFileSystem.layer))
)

/** From NumPy 2.4.6 with glibc 2.36: torques whose float32 `u ** 2` is not the nearest one, and `0.001 * u ** 2`. */
const powers = [
  [-1.6047275066375732, 0.002575150690972805],
  [-1.1302276849746704, 0.0012774147326126695],
  [1.9821093082427979, 0.00392875773832202],
  [1.9931902885437012, 0.00397280789911747]
] as const

it.effect("pays for the float32 nearest to u^2 where the C library's power is another one", () =>
  Effect.gen(function* () {
    const pendulum = yield* Pendulum.make().make
    for (const [torque, cost] of powers) {
      pendulum.restore(Environment.at([0, 0]))
      pendulum.step(Float32Array.of(torque))
      const nearest = Math.fround(Math.fround(0.001) * Math.fround(torque * torque))
      assert.strictEqual(pendulum.reward, -nearest)
      assert.isAbove(Math.abs(nearest - cost), 1e-10)
      assert.isAtMost(Math.abs(nearest - cost), 4.7e-10)
    }
  })
)

it.effect("computes one step by hand", () =>
  Effect.gen(function* () {
    const pendulum = yield* Pendulum.make().make
    pendulum.restore(Environment.at([Math.PI / 2, 1]))
    pendulum.step(Float64Array.of(1))
    // 1 + (15 sin(pi / 2) + 3) 0.05 = 1.9; the cost is that of the state before.
    assert.closeTo(pendulum.observation[2]!, 1.9, 1e-7)
    assert.closeTo(pendulum.reward, -((Math.PI / 2) * (Math.PI / 2) + 0.1 + 0.001), 1e-12)
    assert.deepStrictEqual([pendulum.terminated, pendulum.truncated, pendulum.steps], [false, false, 1])
  })
)

it.effect("is truncated at its limit and starts inside its bounds", () =>
  Effect.gen(function* () {
    const pendulum = yield* Pendulum.make({ timeLimit: 2, initialAngle: 0.5, initialVelocity: 0 }).make
    pendulum.reset(Key.make(3))
    const [theta, velocity] = Recording.numbers(Environment.stateOf(pendulum.snapshot()))
    assert.isAtMost(Math.abs(theta!), 0.5)
    assert.strictEqual(velocity, 0)
    pendulum.step(Float32Array.of(0))
    assert.isFalse(pendulum.truncated)
    pendulum.step(Float32Array.of(0))
    assert.isTrue(pendulum.truncated)
  })
)
