import { assert, it } from "@effect/vitest"
import * as Key from "@ornstein/core/Key"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as Space from "@ornstein/core/Space"
import * as Registry from "@ornstein/envs/Registry"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"

/** The bits of 1,000 random steps of every world, of 2,000 where a library computes it: the same on every machine and version of Node, and kept on purpose. */
const known: { readonly [id: string]: string } = {
  "Ant-v5": "bac37d788e8f4a3a",
  "BipedalWalker-v3": "372126b4f5e953dc",
  "BipedalWalkerHardcore-v3": "1cda2819f8e133d9",
  "CartPole-v0": "dacf71a976ff6c97",
  "CartPole-v1": "dacf71a976ff6c97",
  "DiscreteProbeAction-v0": "c76c02d1159a82fb",
  "DiscreteProbeConstant-v0": "998f02c097d97316",
  "DiscreteProbeDeadEnd-v0": "1ec2616ad4da75ed",
  "DiscreteProbeDelayed-v0": "b37ccce74f7c370c",
  "DiscreteProbeEndless-v0": "cc33bce05f7f38ee",
  "DiscreteProbeObservation-v0": "d4b87ee56f38674f",
  "DiscreteProbeObservationAction-v0": "275f6115cc8e4ea8",
  "HalfCheetah-v5": "730dbc6055ea9396",
  "Hopper-v5": "904a265417e308f4",
  "Humanoid-v5": "e790371baf220e5b",
  "HumanoidStandup-v5": "543768b382888053",
  "InvertedDoublePendulum-v5": "b1bcc8cc1ceaee00",
  "InvertedPendulum-v5": "64ab3fcbe24724f3",
  "LinearQuadratic-v0": "26f354bafbd355ec",
  "LunarLander-v3": "4ba513e4e11e5514",
  "LunarLanderContinuous-v3": "644aa61e3afbe2ae",
  "MountainCarContinuous-v0": "e9711d56ca086959",
  "Pendulum-v1": "ccc9ebb2a1353466",
  "PointReach-v0": "1ec4e7d0ae557486",
  "PointReachGoal-v0": "a01367e7a1c2c7f1",
  "ProbeAction-v0": "42dfbcf3283c44b7",
  "ProbeConstant-v0": "998f02c097d97316",
  "ProbeDeadEnd-v0": "9a61f72b3222f2c0",
  "ProbeDelayed-v0": "b37ccce74f7c370c",
  "ProbeEndless-v0": "cc33bce05f7f38ee",
  "ProbeObservation-v0": "d4b87ee56f38674f",
  "ProbeObservationAction-v0": "fa6065bc2fb6ea83",
  "Pusher-v5": "8923eb730faffca5",
  "Reacher-v5": "2771f0bbcb43451e",
  "Spaces-v0": "8ba088b3f5ad5e08",
  "Swimmer-v5": "5f92aa612bb62577",
  "Walker2d-v5": "77578b6c76706639"
}

const fingerprint = Effect.fnUntraced(function* ({ environment: { make, spec } }: Registry.Entry) {
  const world = yield* make
  const hash = createHash("sha256")
  const action = Space.allocate(spec.action)
  const steps = spec.libraries === undefined ? 1000 : 2000
  for (let step = 0; step < steps; step++) {
    if (step === 0 || world.terminated || world.truncated) world.reset(Key.fold(Key.make(1), step))
    world.step(Space.sample(spec.action, Key.fold(Key.make(2), step), action))
    const { observation, reward, terminated, truncated } = world
    hash.update(Snapshot.stringify({ observation, reward, terminated, truncated }))
  }
  return hash.digest("hex").slice(0, 16)
})

it.effect(
  "every world has the bits that it has always had",
  () =>
    Effect.gen(function* () {
      const found = yield* Effect.forEach(Registry.entries, (entry) =>
        Effect.map(fingerprint(entry), (bits) => [entry.id, bits] as const)
      )
      assert.deepStrictEqual(Object.fromEntries(found), known)
    }),
  180_000
)
