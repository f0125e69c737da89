/** A random walk through a world, by its bits; as a program or thread, one that goes on from a snapshot. */
import type * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as Space from "@ornstein/core/Space"
import * as Registry from "@ornstein/envs/Registry"
import * as Effect from "effect/Effect"
import { createHash, type Hash } from "node:crypto"
import { isMainThread, parentPort } from "node:worker_threads"

export const ids = [
  "LunarLander-v3",
  "LunarLanderContinuous-v3",
  "BipedalWalker-v3",
  "BipedalWalkerHardcore-v3"
]

const outcome = ({ observation, reward, terminated, truncated }: Environment.Instance): string =>
  Snapshot.stringify({ observation, reward, terminated, truncated })

export const digest = (): Hash => createHash("sha256")

export const shown = (digest: Hash): string => digest.digest("hex").slice(0, 16)

/** Random steps; what is seen after each. */
export function* walk(
  world: Environment.Instance,
  { action: space }: Environment.Spec,
  until: number,
  from = 0
): Generator<string> {
  const action = Space.allocate(space)
  for (let step = from; step < until; step++) {
    if (step === 0 || world.terminated || world.truncated) world.reset(Key.fold(Key.make(1), step))
    world.step(Space.sample(space, Key.fold(Key.make(2), step), action))
    yield outcome(world)
  }
}

export const hash = (
  world: Environment.Instance,
  spec: Environment.Spec,
  until: number,
  from = 0
): string => {
  const hash = digest()
  for (const seen of walk(world, spec, until, from)) hash.update(seen)
  return shown(hash)
}

/** The bits of the steps after the sixtieth. */
export const goOn = (world: Environment.Instance, spec: Environment.Spec): string =>
  hash(world, spec, 400, 60)

const program = Effect.fn("Box2dWalk")(function* (saved: ReadonlyArray<string>) {
  return yield* Effect.forEach(saved, (text, i) =>
    Effect.gen(function* () {
      const { environment } = yield* Registry.find(ids[i] ?? "")
      const world = yield* environment.make
      world.restore(Snapshot.parse(text))
      return goOn(world, environment.spec)
    })
  )
}, Effect.scoped)

const [, file, ...saved] = process.argv
if (saved.length === ids.length && file?.endsWith("/Box2dWalk.ts") === true) {
  const found = (await Effect.runPromise(program(saved))).join()
  if (isMainThread) process.stdout.write(found)
  else parentPort?.postMessage(found, [])
}
