/** Walks through worlds that are the same wherever they are walked: in this thread, in another, in another process. */
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as Space from "@ornstein/core/Space"
import * as Registry from "@ornstein/envs/Registry"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"

export const ids = [
  "Ant-v5",
  "HalfCheetah-v5",
  "Hopper-v5",
  "Humanoid-v5",
  "HumanoidStandup-v5",
  "InvertedDoublePendulum-v5",
  "InvertedPendulum-v5",
  "Pusher-v5",
  "Reacher-v5",
  "Swimmer-v5",
  "Walker2d-v5"
] as const

/** Somewhere in a walk, as text. */
export interface Place {
  readonly id: string
  readonly step: number
  readonly snapshot: string
}

/** Steps `from` to `to` of the walk; an episode that is over is followed by the next. Calls `see` after each. */
export const walk = (
  world: Environment.Instance,
  { action: space }: Environment.Spec,
  from: number,
  to: number,
  see: (step: number) => void = () => {}
): void => {
  const action = Space.allocate(space)
  for (let step = from; step < to; step++) {
    if (step === 0 || world.terminated || world.truncated) world.reset(Key.fold(Key.make(1), step))
    world.step(Space.sample(space, Key.fold(Key.make(2), step), action))
    see(step + 1)
  }
}

/** The bits of everything that the world is after each of the next steps. */
export const bits = (
  world: Environment.Instance,
  spec: Environment.Spec,
  from: number,
  steps: number
): string => {
  const hash = createHash("sha256")
  walk(world, spec, from, from + steps, () => hash.update(Snapshot.stringify(world.snapshot())))
  return hash.digest("hex")
}

/** How far on from a place. */
const ON = 40

/** The bits after a place, in a fresh instance. */
export const goOn = Effect.fnUntraced(function* ({ id, snapshot, step }: Place) {
  const { environment } = yield* Registry.find(id)
  const world = yield* environment.make
  return yield* Environment.attempt(() => {
    world.restore(Snapshot.parse(snapshot))
    return bits(world, environment.spec, step, ON)
  })
}, Effect.scoped)

/** A place in the middle of an episode, and the bits after it where nothing was interrupted. */
export const middle = Effect.fnUntraced(function* (id: string) {
  const { environment } = yield* Registry.find(id)
  const world = yield* environment.make
  return yield* Environment.attempt(() => {
    const { spec } = environment
    walk(world, spec, 0, 17)
    let step = 17
    while (world.steps < 3 || world.terminated || world.truncated) walk(world, spec, step, ++step)
    const place: Place = { id, step, snapshot: Snapshot.stringify(world.snapshot()) }
    return { place, after: bits(world, spec, step, ON) }
  })
}, Effect.scoped)
