import { assert, it } from "@effect/vitest"
import * as Key from "@ornstein/core/Key"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as Space from "@ornstein/core/Space"
import * as Registry from "@ornstein/envs/Registry"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"

/** The bits of 1,000 random steps of every world: the same on every machine and version of Node, and kept on purpose. */
const known: { readonly [id: string]: string } = {}

const fingerprint = Effect.fnUntraced(function* ({ environment: { make, spec } }: Registry.Entry) {
  const world = yield* make
  const hash = createHash("sha256")
  const action = Space.allocate(spec.action)
  for (let step = 0; step < 1000; step++) {
    if (step === 0 || world.terminated || world.truncated) world.reset(Key.fold(Key.make(1), step))
    world.step(Space.sample(spec.action, Key.fold(Key.make(2), step), action))
    const { observation, reward, terminated, truncated } = world
    hash.update(Snapshot.stringify({ observation, reward, terminated, truncated }))
  }
  return hash.digest("hex").slice(0, 16)
})

it.effect("every world has the bits that it has always had", () =>
  Effect.gen(function* () {
    const found = yield* Effect.forEach(Registry.entries, (entry) =>
      Effect.map(fingerprint(entry), (bits) => [entry.id, bits] as const)
    )
    assert.deepStrictEqual(Object.fromEntries(found), known)
  })
)
