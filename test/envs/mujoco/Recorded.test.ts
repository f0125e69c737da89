import { assert, it } from "@effect/vitest"
import * as Ant from "@ornstein/envs/Ant"
import * as HalfCheetah from "@ornstein/envs/HalfCheetah"
import * as Hopper from "@ornstein/envs/Hopper"
import * as Humanoid from "@ornstein/envs/Humanoid"
import * as HumanoidStandup from "@ornstein/envs/HumanoidStandup"
import * as InvertedDoublePendulum from "@ornstein/envs/InvertedDoublePendulum"
import * as InvertedPendulum from "@ornstein/envs/InvertedPendulum"
import * as Pusher from "@ornstein/envs/Pusher"
import * as Reacher from "@ornstein/envs/Reacher"
import * as Swimmer from "@ornstein/envs/Swimmer"
import * as Walker2d from "@ornstein/envs/Walker2d"
import * as Effect from "effect/Effect"
import * as Golden from "./Golden.ts"

const recorded = [
  ["ant-v5", Ant.make, 149],
  ["half-cheetah-v5", HalfCheetah.make, 210],
  ["hopper-v5", Hopper.make, 168],
  ["humanoid-v5", Humanoid.make, 21],
  ["humanoid-standup-v5", HumanoidStandup.make, 30],
  ["inverted-double-pendulum-v5", InvertedDoublePendulum.make, 57],
  ["inverted-pendulum-v5", InvertedPendulum.make, 102],
  ["pusher-v5", Pusher.make, 100],
  ["reacher-v5", Reacher.make, 50],
  ["swimmer-v5", Swimmer.make, 120],
  ["walker2d-v5", Walker2d.make, 114]
] as const

it.effect.each([...recorded])(
  "%s follows Gymnasium step by step, each from the recorded state",
  ([name, make, steps]) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* Golden.follows(name, (gymnasiumSeed) => make({ gymnasiumSeed })), steps)
    })
)
