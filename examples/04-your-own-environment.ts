/** A world of your own in thirty lines, with its tests, its snapshots and its pictures for free. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Environment, Key, Scene, Space } from "@ornstein/core"
import { Console, Effect } from "effect"

/** Height in metres, speed in metres per second, upwards. */
type State = readonly [height: number, speed: number]

const lander = Environment.define({
  id: "Lander-v0",
  description: "Set a rocket down softly, with thrust against gravity",
  observation: Space.box({ shape: [2], low: [0, -50], high: [125, 50] }),
  action: Space.box({ shape: [1], low: 0, high: 4 }),
  timeLimit: 300,
  reset: (key): State => [50 + 50 * Key.uniform(key, 0), -10 * Key.uniform(key, 1)],
  step: ([height, speed]: State, thrust) => {
    const faster = speed + 0.1 * (thrust[0]! - 1.62)
    const state: State = [Math.max(0, height + 0.1 * faster), faster]
    const impact = state[0] === 0 || state[0] > 120 ? Math.abs(faster) : 0
    return { state, reward: -impact - 0.01 * thrust[0]!, terminated: impact > 0 }
  },
  observe: (state, out) => out.set(state),
  render: ([height]) => ({
    left: -50,
    right: 50,
    bottom: -10,
    top: 120,
    background: Scene.white,
    shapes: [
      Scene.rectangle([-50, -10], [50, 0], [150, 150, 150]),
      Scene.rectangle([-3, height], [3, height + 12], [204, 77, 77])
    ]
  })
})

/** Falls, and brakes as late as 2 m/s^2 of braking allow. */
const brake = ([height = 0, speed = 0]: Space.Numbers): number =>
  speed < 0 && speed * speed > 4 * height ? 1.62 + 2 : 0

const program = Effect.gen(function* () {
  yield* Environment.check(lander)
  yield* Console.log("Lander-v0 keeps the contract of environments")

  const rocket = yield* lander.make
  rocket.reset(Key.make(7))
  let total = 0
  while (!rocket.terminated && !rocket.truncated) {
    rocket.step(Float32Array.of(brake(rocket.observation)))
    total += rocket.reward
  }
  yield* Console.log(`it lands after ${rocket.steps} steps with a return of ${total.toFixed(2)}`)
})

program.pipe(Effect.scoped, NodeRuntime.runMain)
