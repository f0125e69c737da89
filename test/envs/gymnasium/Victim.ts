/** A program that is killed while its world steps: the input of the world, and "leave" for one that ends by itself. */
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Gymnasium from "@ornstein/envs/Gymnasium"
import { Effect } from "effect"

const input: Gymnasium.Input = JSON.parse(process.argv[2] ?? "")
const isLeaving = process.argv[3] === "leave"

await Effect.runPromise(
  Effect.scoped(
    Effect.flatMap(Gymnasium.make(input).make, (world) =>
      Environment.attempt(() => {
        world.reset(Key.make(0))
        process.stdout.write("ready\n")
        if (isLeaving) process.exit(0)
        for (;;) {
          world.step(Float32Array.of(0))
          if (world.terminated) world.reset(Key.make(0))
        }
      })
    )
  )
)
