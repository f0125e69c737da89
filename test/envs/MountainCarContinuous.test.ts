import { NodeFileSystem } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import * as MountainCarContinuous from "@ornstein/envs/MountainCarContinuous"
import * as Recording from "@ornstein/envs/Recording"
import * as Effect from "effect/Effect"

it.effect("follows Gymnasium to the bit", () =>
  Effect.gen(function* () {
    const exact = { state: 0, observation: 0, reward: 0, flags: 0 }
    const recording = yield* Recording.read("test/golden/mountain-car-continuous-v0.json")
    for (const episode of recording.episodes) {
      const { start, stepwise, freeRunning } = yield* Recording.compare(
        MountainCarContinuous.recorded,
        episode
      )
      assert.deepStrictEqual(
        { start, stepwise, freeRunning },
        { start: exact, stepwise: exact, freeRunning: exact },
        episode.label
      )
    }
  }).pipe(Effect.provide(NodeFileSystem.layer))
)
