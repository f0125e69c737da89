/** What holds to the bit for every world on MuJoCo. */
import { assert, describe, it } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as Space from "@ornstein/core/Space"
import * as Physics from "@ornstein/envs/internal/mujoco/Physics"
import * as Registry from "@ornstein/envs/Registry"
import * as Effect from "effect/Effect"
import { execFileSync } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { Worker } from "node:worker_threads"
import * as Walk from "./Walk.ts"

const SCRIPT = fileURLToPath(new URL("Elsewhere.ts", import.meta.url))
const CONDITIONS = "--conditions=@ornstein/source"

const inThread = (places: ReadonlyArray<Walk.Place>): Effect.Effect<unknown> =>
  Effect.promise(async () => {
    const worker = new Worker(SCRIPT, { workerData: places, execArgv: [CONDITIONS] })
    const [answer] = await once(worker, "message")
    await worker.terminate()
    return answer
  })

const inProcess = (places: ReadonlyArray<Walk.Place>): unknown =>
  JSON.parse(
    execFileSync(process.execPath, [CONDITIONS, SCRIPT], { input: JSON.stringify(places), encoding: "utf8" })
  )

it.effect("a snapshot in the middle of an episode goes on as text elsewhere: instance, thread, process", () =>
  Effect.gen(function* () {
    const all = yield* Effect.forEach(Walk.ids, (id) => Walk.middle(id))
    const places = all.map(({ place }) => place)
    const after = all.map((each) => each.after)
    assert.strictEqual(new Set(after).size, Walk.ids.length)
    assert.deepStrictEqual(yield* Effect.forEach(places, Walk.goOn), after)
    assert.deepStrictEqual(yield* inThread(places), after)
    assert.deepStrictEqual(inProcess(places), after)
  })
)

it.effect("memory that grows under all of them leaves each where it was", () =>
  Effect.gen(function* () {
    const all = yield* Effect.forEach(Walk.ids, (id) =>
      Effect.gen(function* () {
        const { environment } = yield* Registry.find(id)
        const [alone, crowded] = [yield* environment.make, yield* environment.make]
        Walk.walk(crowded, environment.spec, 0, 5)
        return { id, spec: environment.spec, alone, crowded }
      })
    )
    const { now } = yield* Physics.make("<mujoco/>")
    const memory = now().ctrl.buffer
    for (let i = 0; memory.byteLength > 0; i++) {
      assert.isBelow(i, 500, "memory does not grow")
      yield* Physics.make("<mujoco/>")
    }
    for (const { alone, crowded, id, spec } of all) {
      Walk.walk(alone, spec, 0, 5)
      assert.strictEqual(Walk.bits(crowded, spec, 5, 10), Walk.bits(alone, spec, 5, 10), id)
    }
  })
)

describe("a step that MuJoCo finds unstable is an end that says so", () => {
  it.effect.each(Walk.ids.map((id) => ({ id })))("$id", ({ id }) =>
    Effect.gen(function* () {
      const { environment } = yield* Registry.find(id)
      const world = yield* environment.make
      Walk.walk(world, environment.spec, 0, 2)
      const snapshot = world.snapshot()
      const state = Snapshot.get(snapshot, "state")
      assert.instanceOf(state, Float64Array)
      // Time, positions, velocities: those of a free body are one fewer.
      state.fill(1e9, 1 + positions[id], 2 * positions[id])
      world.restore(snapshot)
      const action = Space.allocate(environment.spec.action)
      const error = yield* Effect.flip(Environment.attempt(() => world.step(action)))
      assert.strictEqual(error._tag, "EnvironmentError")
      assert.match(
        error.message,
        new RegExp(`^${id}, step 2 of its episode: the physics is unstable: .*1e10`)
      )
      // Nothing goes on from where MuJoCo has put it.
      assert.match(
        (yield* Effect.flip(Environment.attempt(() => world.step(action)))).message,
        /Call reset first/
      )
    })
  )
})

/** How many numbers MuJoCo has for where a world is. */
const positions: { readonly [id in (typeof Walk.ids)[number]]: number } = {
  "Ant-v5": 15,
  "HalfCheetah-v5": 9,
  "Hopper-v5": 6,
  "Humanoid-v5": 24,
  "HumanoidStandup-v5": 24,
  "InvertedDoublePendulum-v5": 3,
  "InvertedPendulum-v5": 2,
  "Pusher-v5": 11,
  "Reacher-v5": 4,
  "Swimmer-v5": 5,
  "Walker2d-v5": 9
}

/** Flags of what is observed; the numbers that each leaves out. */
const flags: ReadonlyArray<readonly [kind: string, changes: object, fewer: number]> = [
  ["ant", { includeCfrcExtInObservation: false }, 78],
  ["ant", { excludeCurrentPositionsFromObservation: false }, -2],
  ["halfCheetah", { excludeCurrentPositionsFromObservation: false }, -1],
  ["hopper", { excludeCurrentPositionsFromObservation: false }, -1],
  ...["humanoid", "humanoidStandup"].flatMap(
    (kind) =>
      [
        [kind, { excludeCurrentPositionsFromObservation: false }, -2],
        [kind, { includeCinertInObservation: false }, 130],
        [kind, { includeCvelInObservation: false }, 78],
        [kind, { includeQfrcActuatorInObservation: false }, 17],
        [kind, { includeCfrcExtInObservation: false }, 78]
      ] as const
  ),
  ["swimmer", { excludeCurrentPositionsFromObservation: false }, -2],
  ["walker2d", { excludeCurrentPositionsFromObservation: false }, -1]
]

const made = (options: object) =>
  Effect.map(Effect.fromResult(Registry.worlds.decode(options)), (decoded) => Registry.worlds.make(decoded))

/** Rewards and ends of the first steps, and the numbers that are observed after each. */
const course = Effect.fnUntraced(function* (options: object) {
  const environment = yield* made(options)
  const world = yield* environment.make
  const seen: Array<ReadonlyArray<number>> = []
  const paid: Array<readonly [number, boolean]> = []
  yield* Environment.attempt(() =>
    Walk.walk(world, environment.spec, 0, 40, () => {
      seen.push(Array.from(world.observation))
      paid.push([world.reward, world.terminated])
    })
  )
  return { seen, paid }
}, Effect.scoped)

describe("what is left out of observations changes no reward, and nothing else of them", () => {
  it.effect.each(flags.map(([kind, changes, fewer]) => ({ kind, changes, fewer })))(
    "$kind $changes",
    ({ changes, fewer, kind }) =>
      Effect.gen(function* () {
        const [whole, changed] = [yield* course({ kind }), yield* course({ kind, ...changes })]
        assert.deepStrictEqual(changed.paid, whole.paid)
        for (const [i, numbers] of whole.seen.entries()) {
          const others = changed.seen[i]!
          assert.strictEqual(numbers.length - others.length, fewer)
          const [longer, shorter] = fewer > 0 ? [numbers, others] : [others, numbers]
          // One gap makes the longer one the shorter one.
          const gap = shorter.findIndex((x, at) => !Object.is(x, longer[at]))
          const from = gap < 0 ? shorter.length : gap
          assert.deepStrictEqual(longer.slice(from + Math.abs(fewer)), shorter.slice(from))
        }
      })
  )
})
