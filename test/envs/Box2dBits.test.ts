/** What Box2D worlds compute, where the host's sine and cosine are of no use: every one of theirs is ours. */
import { afterAll, assert, beforeAll, it } from "@effect/vitest"
import * as Key from "@ornstein/core/Key"
import * as BipedalWalker from "@ornstein/envs/BipedalWalker"
import * as Registry from "@ornstein/envs/Registry"
import * as Effect from "effect/Effect"
import * as Box2dWalk from "./Box2dWalk.ts"

/** The bits of 2,000 random steps, seen on Node 22 and 24. */
const known: { readonly [id: string]: string } = {
  "LunarLander-v3": "4ba513e4e11e5514",
  "LunarLanderContinuous-v3": "644aa61e3afbe2ae",
  "BipedalWalker-v3": "372126b4f5e953dc",
  "BipedalWalkerHardcore-v3": "1cda2819f8e133d9"
}

const { atan2, cos, sin } = Math
const wrong = () => Number.NaN
// Before the first world: the library takes its functions when it is opened.
beforeAll(() => void Object.assign(Math, { atan2: wrong, cos: wrong, sin: wrong }))
afterAll(() => void Object.assign(Math, { atan2, cos, sin }))

it.effect.each(Object.entries(known))("2,000 steps of %s are %s", ([id, bits]) =>
  Effect.gen(function* () {
    const { environment } = yield* Registry.find(id)
    const world = yield* environment.make
    assert.strictEqual(Box2dWalk.hash(world, environment.spec, 2000), bits)
  })
)

it.effect("two worlds of one heap, stepped in turns, and others that come and go beside them", () =>
  Effect.gen(function* () {
    const walks = yield* Effect.forEach(["LunarLander-v3", "BipedalWalkerHardcore-v3"], (id) =>
      Effect.gen(function* () {
        const { environment } = yield* Registry.find(id)
        const world = yield* environment.make
        return { id, digest: Box2dWalk.digest(), walk: Box2dWalk.walk(world, environment.spec, 2000) }
      })
    )
    const other = BipedalWalker.make()
    for (let step = 0; step < 2000; step++) {
      for (const { digest, walk } of walks) digest.update(walk.next().value ?? "")
      if (step % 100 === 0) {
        yield* Effect.scoped(Effect.map(other.make, (world) => world.reset(Key.make(step))))
      }
    }
    for (const { digest, id } of walks) assert.strictEqual(Box2dWalk.shown(digest), known[id])
  })
)
