/** Worlds on worker threads give what worlds here give, whatever the threads do; what goes wrong there is a typed error here. */
import { Environment, Key, Space, Workers } from "@ornstein/core"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit } from "effect"
import { threadId } from "node:worker_threads"
import * as ThreadWorld from "./ThreadWorld.ts"

const module = new URL("./ThreadWorld.ts", import.meta.url).href

const found = (given: ThreadWorld.Given, place = module) =>
  Workers.foundAt(ThreadWorld.make(given), { module: place, given })

/** So many instances: here, or on threads. */
const made = (environment: Environment.Environment, lanes: number, workers: number) =>
  workers === 1
    ? Effect.all(Array.from({ length: lanes }, () => environment.make))
    : (environment.makeBeside?.(lanes, workers) ?? Effect.die("it is not found"))

const brief = { begin: "20 seconds", step: "300 millis", end: "3 seconds" } as const

/** Actions that differ from lane to lane and from step to step. */
const actionOf = (space: Space.Box, step: number, lane: number): Space.Numbers => {
  const action = Space.allocate(space)
  Space.sample(space, Key.fold(Key.fold(Key.make(5), step), lane), action)
  return action
}

/** All that lanes show over some rounds of steps; each episode begins by its own key. */
const shown = Effect.fnUntraced(function* (
  environment: Environment.Environment<Space.Box>,
  lanes: number,
  workers: number,
  rounds: number
) {
  const all = yield* made(environment, lanes, workers)
  const rows: Array<unknown> = []
  const episodes = all.map(() => 0)
  const begin = (lane: number) => {
    const instance = all[lane]
    instance?.reset(Key.fold(Key.fold(Key.make(7), lane), episodes[lane] ?? 0))
    rows.push(["begun", lane, Array.from(instance?.observation ?? [])])
    episodes[lane] = (episodes[lane] ?? 0) + 1
  }
  all.forEach((_, lane) => begin(lane))
  for (let round = 0; round < rounds; round++) {
    const actions = all.map((_, lane) => actionOf(environment.spec.action, round, lane))
    all.forEach(({ beside }, lane) => beside?.send(actions[lane]!))
    for (const [lane, instance] of all.entries()) {
      if (instance.beside === undefined) instance.step(actions[lane]!)
      else instance.beside.collect()
      const { observation, reward, steps, terminated, truncated } = instance
      rows.push([Array.from(observation), reward, terminated, truncated, steps])
      if (terminated || truncated) begin(lane)
    }
    // In the middle of episodes each goes on from its own snapshot, in the instance of another lane.
    if (round % 5 === 4) {
      const saved = all.map((instance) => instance.snapshot())
      for (const [lane, instance] of all.entries()) instance.restore(saved[(lane + 1) % lanes]!)
      for (const [lane, instance] of all.entries()) instance.restore(saved[lane]!)
      rows.push(saved)
    }
  }
  return rows
}, Effect.scoped)

describe("worlds on worker threads", () => {
  it.live.each([
    {
      name: "with actions of the learner's",
      environment: Environment.rescaleActions(found({ kind: "pendulum" }))
    },
    { name: "in double precision, episodes of several lengths", environment: found({ kind: "counter" }) }
  ])("$name: any number of threads, the same rows", ({ environment }) =>
    Effect.gen(function* () {
      const here = yield* shown(environment, 4, 1, 12)
      for (const workers of [2, 4]) {
        assert.deepStrictEqual(yield* shown(environment, 4, workers, 12), here, `${workers} workers`)
      }
    })
  )

  it.live("lanes lie on as many threads, of their own, which end with the scope", () =>
    Effect.gen(function* () {
      const before = process.getActiveResourcesInfo().filter((name) => name === "MessagePort").length
      const threads = yield* Effect.scoped(
        Effect.map(made(found({ kind: "thread" }), 8, 3), (all) =>
          all.map((instance) => {
            instance.reset(Key.make(1))
            return instance.observation[0]
          })
        )
      )
      assert.lengthOf([...new Set(threads)], 3)
      // The last lanes are the run's own.
      assert.strictEqual(threads[7], threadId)
      assert.strictEqual(threads.filter((thread) => thread === threadId).length, 3)
      assert.strictEqual(
        process.getActiveResourcesInfo().filter((name) => name === "MessagePort").length,
        before
      )
    })
  )
})

describe("what goes wrong in a thread", () => {
  /** The second lane of four goes three steps, in the last of which it goes wrong. */
  const failed = (given: ThreadWorld.Given, place?: string) =>
    Effect.gen(function* () {
      const [, lane] = yield* made(found(given, place), 4, 2)
      yield* Environment.attempt(() => {
        lane?.reset(Key.make(1))
        for (let i = 0; i < 3; i++) lane?.step(Float64Array.of(0.5))
      })
    }).pipe(Effect.scoped, Effect.provideService(Workers.Patience, brief), Effect.exit)

  const told = (exit: Exit.Exit<unknown, Environment.WorldError>) =>
    Exit.isSuccess(exit) ? "nothing" : String(Cause.squash(exit.cause))

  it.live("an error of the world is that error", () =>
    Effect.gen(function* () {
      const exit = yield* failed({ kind: "counter", wrong: "fault", at: 2 })
      assert.include(told(exit), "Counter-v0, step 2 of its episode: it broke. Mend it")
    })
  )

  it.live("of a lane of the run's own thread, too, when it is collected", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(
        Effect.scoped(
          Effect.gen(function* () {
            const all = yield* made(found({ kind: "counter", wrong: "fault", at: 0 }), 2, 2)
            const lane = all[1]
            lane?.reset(Key.make(1))
            lane?.beside?.send(Float64Array.of(0.5))
            yield* Environment.attempt(() => lane?.beside?.collect())
          })
        )
      )
      assert.include(told(exit), "Counter-v0, step 0 of its episode: it broke. Mend it")
    })
  )

  it.live("a defect stays one, with its stack", () =>
    Effect.gen(function* () {
      const exit = yield* failed({ kind: "counter", wrong: "defect", at: 2 })
      const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
      assert.instanceOf(error, TypeError)
      assert.include(Object(error).stack, "ThreadWorld")
      assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
    })
  )

  it.live.each([
    [
      "exit",
      /Counter-v0, step 2 of its episode, lane 1: its worker thread has ended\. Look for a world that ends/
    ],
    [
      "hang",
      /Counter-v0, step 2 of its episode, lane 1: its worker thread gave no answer for 300ms\. Look for/
    ]
  ] as const)("a thread that %ss is named with lane and step", ([wrong, message]) =>
    Effect.gen(function* () {
      assert.match(told(yield* failed({ kind: "counter", wrong, at: 2 })), message)
    })
  )

  it.live("a world that never stands, another world, none, no module: each is said", () =>
    Effect.gen(function* () {
      const never = yield* Effect.provideService(
        Effect.exit(Effect.scoped(made(found({ kind: "counter", wrong: "never" }), 2, 2))),
        Workers.Patience,
        { ...brief, begin: "1500 millis" }
      )
      assert.match(told(never), /Counter-v0, .*: no world stood in its worker thread after 1s 500ms/)
      const given: ThreadWorld.Given = { kind: "pendulum" }
      const other = Workers.foundAt(ThreadWorld.make({ kind: "counter" }), { module, given })
      assert.match(
        told(yield* Effect.exit(Effect.scoped(made(other, 2, 2)))),
        /Counter-v0, .*: a worker thread found another world: \["Pendulum-v1"/
      )
      assert.match(
        told(yield* failed({ kind: "none" })),
        /its worker thread does not find the world: .* exports no function "world" that gives an Effect/
      )
      assert.match(
        told(yield* failed({ kind: "counter" }, new URL("./Nowhere.ts", import.meta.url).href)),
        /its worker thread does not find the world: Cannot find module .*Nowhere/
      )
    })
  )
})
