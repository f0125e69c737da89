/** An exploration of your own, outside the library: a push in a random direction that is held for some steps. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Algorithm, Ddpg } from "@ornstein/algos"
import { Engine, Environment, Exploration, Key, Replay, Training } from "@ornstein/core"
import { MountainCarContinuous } from "@ornstein/envs"
import { WasmEngine } from "@ornstein/jit"
import { Console, Effect, Layer, Stream } from "effect"

/**
 * The noise of step t is read from the key of the `hold`-step stretch that t lies in, so there is no state to save, and
 * a resumed run goes on with the same push.
 */
const heldPushes = (options: { readonly strength: number; readonly hold: number }) =>
  Layer.succeed(Exploration.Exploration, {
    name: "heldPushes",
    make: (key) => ({
      perturb: (action, step) => {
        const stretch = Key.fold(key, Math.floor(step / options.hold))
        for (let i = 0; i < action.length; i++) {
          const push = options.strength * (2 * Key.uniform(stretch, i) - 1)
          action[i] = Math.max(-1, Math.min(1, action[i]! + push))
        }
      },
      reset: () => {},
      scale: () => options.strength,
      snapshot: () => null,
      restore: () => {}
    })
  })

const services = Layer.mergeAll(
  Environment.layerContinuous(MountainCarContinuous.make()),
  heldPushes({ strength: 1.5, hold: 50 }),
  Replay.layerUniform({ capacity: 50_000 }),
  Engine.layer(WasmEngine.make())
)

const learner = Algorithm.learner(Ddpg.make({ hidden: [64, 64] }))

const program = Training.stream(learner, { seed: 7, steps: 8000, sliceSteps: 2000 }).pipe(
  Stream.runForEach(({ episodes, step }) =>
    Console.log(`step ${step}: ${episodes.map((episode) => episode.return.toFixed(0)).join(" ")}`)
  )
)

program.pipe(Effect.scoped, Effect.provide(services), NodeRuntime.runMain)
