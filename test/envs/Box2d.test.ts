import { assert, describe, it } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as Space from "@ornstein/core/Space"
import * as BipedalWalker from "@ornstein/envs/BipedalWalker"
import * as GymnasiumSeed from "@ornstein/envs/GymnasiumSeed"
import * as LunarLander from "@ornstein/envs/LunarLander"
import * as LunarLanderContinuous from "@ornstein/envs/LunarLanderContinuous"
import * as Registry from "@ornstein/envs/Registry"
import * as Engine from "@ornstein/envs/internal/box2d/Engine"
import * as WalkerTerrain from "@ornstein/envs/internal/box2d/WalkerTerrain"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { Worker } from "node:worker_threads"
import * as Box2dWalk from "./Box2dWalk.ts"

const Row = Schema.Array(Schema.Finite)

const Recorded = Schema.Struct({
  episodes: Schema.Array(
    Schema.Struct({
      label: Schema.String,
      env: Schema.optionalKey(Schema.String),
      env_kwargs: Schema.optionalKey(Schema.Struct({ enable_wind: Schema.optionalKey(Schema.Boolean) })),
      reset_seed: Schema.Int,
      terrain_y: Schema.optionalKey(Row),
      blocks: Schema.optionalKey(Schema.Array(Schema.Array(Row))),
      initial_obs: Row,
      actions: Schema.Array(Row),
      observations: Schema.Array(Schema.NullOr(Row)),
      rewards: Row
    })
  )
})
type Episode = (typeof Recorded.Type)["episodes"][number]

const episodes = (name: string): ReadonlyArray<Episode> =>
  Schema.decodeUnknownSync(Recorded)(
    JSON.parse(readFileSync(new URL(`../golden/box2d/${name}.json`, import.meta.url), "utf8"))
  ).episodes

const furthest = (ours: ArrayLike<number>, recorded: ReadonlyArray<number>): number =>
  recorded.reduce((far, value, i) => Math.max(far, Math.abs(value - (ours[i] ?? Number.NaN))), 0)

/** An episode stepped with recorded actions. */
interface Played {
  readonly start: number
  /** How far observations are from recorded ones, step by step; 0 where none was kept. */
  readonly far: ReadonlyArray<number>
  readonly steps: number
  readonly last: number
  readonly total: number
}

const play = (environment: Environment.Environment, { actions, initial_obs, observations }: Episode) =>
  Effect.scoped(
    Effect.map(environment.make, (world): Played => {
      world.reset(Key.make(0))
      const start = furthest(world.observation, initial_obs)
      const far: Array<number> = []
      let total = 0
      for (const [step, action] of actions.entries()) {
        if (world.terminated || world.truncated) break
        world.step(Float32Array.from(action))
        far.push(furthest(world.observation, observations[step] ?? []))
        total += world.reward
      }
      return { start, far, steps: world.steps, last: world.reward, total }
    })
  )

const lander = ({ env, env_kwargs, reset_seed }: Episode): Environment.Environment => {
  const options = { gymnasiumSeed: reset_seed, enableWind: env_kwargs?.enable_wind === true }
  return env === "LunarLander-v3" ? LunarLander.make(options) : LunarLanderContinuous.make(options)
}

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, x) => total + x, 0)

describe("beside Gymnasium", () => {
  it.effect.each(episodes("lunar-lander-continuous-v3").map((episode) => [episode.label, episode] as const))(
    "LunarLanderContinuous: %s",
    ([, episode]) =>
      Effect.gen(function* () {
        const { far, last, start, steps, total } = yield* play(lander(episode), episode)
        const contact = episode.observations.findIndex((row) => row?.[6] === 1 || row?.[7] === 1)
        assert.isAtMost(start, 3e-7)
        // Spinning thirty times a second through angles of a hundred radians, single precision is coarser.
        const bound = episode.label === "spins-away" ? 4e-3 : 1.2e-4
        assert.isAtMost(Math.max(...far.slice(0, contact < 0 ? undefined : contact)), bound)
        assert.isAtMost(Math.abs(steps - episode.actions.length), 2)
        const [recorded] = episode.rewards.slice(-1)
        if (Math.abs(recorded ?? 0) === 100) assert.strictEqual(last, recorded)
        assert.isAtMost(Math.abs(total - sum(episode.rewards)), 0.15)
      })
  )

  it.effect("the same end in at least 12 of 15 episodes of LunarLander, most returns within 0.02", () =>
    Effect.gen(function* () {
      const played = yield* Effect.forEach(episodes("lunar-lander-v3-whole-episodes"), (episode) =>
        Effect.map(play(lander(episode), episode), (ours) => ({ ours, episode }))
      )
      const same = played.filter(
        ({ episode: { rewards }, ours }) => ours.steps === rewards.length && ours.last === rewards.at(-1)
      )
      assert.strictEqual(played.length, 15)
      assert.isAtLeast(same.length, 12)
      const near = same.filter(({ episode, ours }) => Math.abs(ours.total - sum(episode.rewards)) < 0.02)
      assert.isAtLeast(near.length, 12)
      for (const { ours } of same) assert.isAtMost(Math.max(...ours.far), 1e-3)
    })
  )

  it.effect.each(episodes("bipedal-walker-v3").map((episode) => [episode.label, episode] as const))(
    "BipedalWalker: %s",
    ([, episode]) =>
      Effect.gen(function* () {
        const { far, start, steps, total } = yield* play(
          BipedalWalker.make({ gymnasiumSeed: episode.reset_seed }),
          episode
        )
        assert.isAtMost(start, 1e-6)
        assert.isAtMost(Math.max(...far), 3e-4)
        assert.strictEqual(steps, episode.actions.length)
        assert.isAtMost(Math.abs(total - sum(episode.rewards)), 1e-3)
      })
  )

  it.effect.each(
    episodes("bipedal-walker-hardcore-v3").map((episode) => [episode.reset_seed, episode] as const)
  )("BipedalWalkerHardcore from seed %d", ([seed, episode]) =>
    Effect.gen(function* () {
      const world = BipedalWalker.make({ gymnasiumSeed: seed, hardcore: true })
      const { far, start } = yield* play(world, episode)
      assert.isAtMost(start, 2e-6)
      // Contact by contact the walks part; then a foot comes down a step earlier or later, and the rest is another walk.
      assert.isAtMost(Math.max(...far.slice(0, 45)), 1e-3)
      assert.isAtMost(Math.max(...far.slice(0, 90)), 1e-2)
    })
  )

  it.each(["bipedal-walker-v3", "bipedal-walker-hardcore-v3"])("the ground of %s, to the bit", (name) => {
    for (const { blocks = [], reset_seed, terrain_y } of episodes(name)) {
      const draws = GymnasiumSeed.generator(reset_seed)
      const terrain = WalkerTerrain.draw(draws, name.includes("hardcore"))
      assert.deepStrictEqual(terrain.heights, terrain_y)
      const corners = (points: ReadonlyArray<ReadonlyArray<number>>) =>
        points.map((point) => point.map(Math.fround).join()).toSorted()
      assert.deepStrictEqual(terrain.blocks.map(corners), blocks.map(corners))
    }
  })
})

describe("ends", () => {
  it.effect("a crash pays exactly -100 in place of what the step would pay, and nothing afterwards", () =>
    Effect.gen(function* () {
      const crashed = yield* LunarLander.make().make
      crashed.reset(Key.make(1))
      while (!crashed.terminated) crashed.step(Float32Array.of(0))
      assert.strictEqual(crashed.reward, -100)
      const again = yield* Effect.flip(Environment.attempt(() => crashed.step(Float32Array.of(0))))
      assert.include(again.message, "a step after the end. Call reset first")
      const fallen = yield* BipedalWalker.make().make
      fallen.reset(Key.make(1))
      while (!fallen.terminated) fallen.step(Float32Array.of(1, 1, 1, 1))
      assert.strictEqual(fallen.reward, -100)
    })
  )
})

describe("snapshots", () => {
  const program = new URL("./Box2dWalk.ts", import.meta.url)
  const flags = ["--conditions=@ornstein/source", "--disable-warning=ExperimentalWarning"]

  const inProcess = async (saved: ReadonlyArray<string>): Promise<unknown> => {
    const args = [...flags, fileURLToPath(program), ...saved]
    return (await promisify(execFile)(process.execPath, args)).stdout
  }

  const onThread = (saved: ReadonlyArray<string>): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const thread = new Worker(program, { argv: [...saved], execArgv: flags })
      thread.once("message", resolve)
      thread.once("error", reject)
    })

  it.effect("go on in a fresh instance, on another thread and in another process", () =>
    Effect.gen(function* () {
      const found = yield* Effect.forEach(Box2dWalk.ids, (id) =>
        Effect.gen(function* () {
          const { environment } = yield* Registry.find(id)
          const world = yield* environment.make
          const walk = Box2dWalk.walk(world, environment.spec, 60)
          while (walk.next().done !== true);
          assert.isFalse(world.terminated, id)
          const saved = Snapshot.stringify(world.snapshot())
          const expected = Box2dWalk.goOn(world, environment.spec)
          const fresh = yield* environment.make
          fresh.restore(Snapshot.parse(saved))
          assert.strictEqual(Snapshot.stringify(fresh.snapshot()), saved)
          assert.strictEqual(Box2dWalk.goOn(fresh, environment.spec), expected, id)
          return { saved, expected }
        })
      )
      const saved = found.map(({ saved }) => saved)
      const expected = found.map(({ expected }) => expected).join()
      const [other, thread] = yield* Effect.promise(() => Promise.all([inProcess(saved), onThread(saved)]))
      assert.strictEqual(other, expected)
      assert.strictEqual(thread, expected)
    })
  )

  it.effect("a generator of Gymnasium's goes on with the episode", () =>
    Effect.gen(function* () {
      const environment = LunarLanderContinuous.make({ gymnasiumSeed: 3, enableWind: true })
      const [one, two] = [yield* environment.make, yield* environment.make]
      one.reset(Key.make(0))
      one.reset(Key.make(0))
      for (let step = 0; step < 20; step++) one.step(Float32Array.of(1, -1))
      two.restore(Snapshot.parse(Snapshot.stringify(one.snapshot())))
      for (const world of [one, two]) {
        world.step(Float32Array.of(1, 1))
        world.reset(Key.make(0))
        world.step(Float32Array.of(1, 1))
      }
      assert.deepStrictEqual(two.observation, one.observation)
      assert.strictEqual(two.reward, one.reward)
    })
  )

  it.effect("what is none, or was changed, is refused", () =>
    Effect.gen(function* () {
      const world = yield* LunarLander.make().make
      world.reset(Key.make(0))
      for (let step = 0; step < 5; step++) world.step(Float32Array.of(step % 4))
      const saved = world.snapshot()
      const seeded = LunarLander.make({ gymnasiumSeed: 1 })
      const fault = (environment: Environment.Environment, snapshot: Snapshot.Snapshot) =>
        Effect.flatMap(environment.make, (other) =>
          Effect.map(
            Effect.flip(Environment.attempt(() => other.restore(snapshot))),
            ({ message }) => message
          )
        )
      const none = "the snapshot is none of this environment"
      assert.include(yield* fault(LunarLander.make(), null), none)
      assert.include(yield* fault(LunarLander.make(), { steps: 3 }), none)
      assert.include(yield* fault(seeded, saved), none)
      assert.isTrue(Snapshot.isRecord(saved))
      const changed = { ...(Snapshot.isRecord(saved) ? saved : {}), actions: Float32Array.of(0, 0, 0, 0, 0) }
      assert.include(yield* fault(LunarLander.make(), changed), "the snapshot's actions lead elsewhere")
    })
  )
})

describe("the library", () => {
  it.effect("is asked for by name where it is absent, and refused where it is another", () =>
    Effect.gen(function* () {
      const fault = (file: string) =>
        Effect.map(Effect.flip(Engine.read("LunarLander-v3", file)), ({ message }) => message)
      const install = "Its physics is a package of its own: `npm install box2d.js@1.0.4`"
      assert.include(
        yield* fault("box3d.js/build/Box3D.js"),
        `the package box2d.js is not installed. ${install}`
      )
      assert.include(yield* fault("box2d.js/build/Box2D.js"), "box2d.js cannot be read: ")
      assert.include(
        yield* fault("box2d.js/build/Box2D_v2.2.1_min.js"),
        `box2d.js is not 1.0.4, and other releases compute other bits. ${install}`
      )
    })
  )

  it.effect("listens to nothing of the process and adds nothing to its globals", () =>
    Effect.gen(function* () {
      const open = yield* Engine.read("test")
      const listeners = () => process.eventNames().map((name) => [name, process.listenerCount(name)])
      const before = [Object.keys(globalThis), listeners()]
      assert.isDefined(open())
      assert.deepStrictEqual([Object.keys(globalThis), listeners()], before)
      assert.notProperty(globalThis, "Box2D")
    })
  )

  it.effect("has room for more worlds than one heap holds", () =>
    Effect.gen(function* () {
      const environment = BipedalWalker.make({ hardcore: true })
      const worlds = yield* Effect.all(Array.from({ length: 70 }, () => environment.make))
      for (const world of worlds) world.reset(Key.make(7))
      for (const world of worlds) world.step(Float32Array.of(1, 0, -1, 1))
      for (const { observation } of worlds) assert.deepStrictEqual(observation, worlds[0]?.observation)
    })
  )

  it.effect("a heap is as full after 1,000 worlds as after ten", () =>
    Effect.gen(function* () {
      const box2d = yield* Engine.place("test")
      const environments = [LunarLanderContinuous.make(), BipedalWalker.make()]
      const cycle = (i: number) =>
        Effect.scoped(
          Effect.gen(function* () {
            const environment = environments[i % 10 === 0 ? 1 : 0] ?? LunarLanderContinuous.make()
            const world = yield* environment.make
            world.reset(Key.make(i))
            world.step(Space.allocate(environment.spec.action))
            world.reset(Key.make(i + 1))
          })
        )
      const free = (): ReadonlyArray<number> => {
        const addresses = [16, 64, 1024, 70_000].map(box2d._malloc)
        for (const address of addresses) box2d._free(address)
        return addresses
      }
      for (let i = 0; i < 20; i++) yield* cycle(i)
      const before = free()
      for (let i = 0; i < 980; i++) yield* cycle(i)
      assert.deepStrictEqual(free(), before)
    })
  )
})
