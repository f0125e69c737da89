/** One compilation serves many trainings: each has the bits that it has alone. */
import { assert, describe, it } from "@effect/vitest"
import { Agent, Engine, Exploration, Key, Replay, type Scalars, Training } from "@ornstein/core"
import { Algorithm, Ddpg, softActor, twinCritics } from "@ornstein/algos"
import type * as Jit from "@ornstein/jit/Engine"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import { Effect, Exit, Fiber, Layer, Stream } from "effect"
import * as v8 from "node:v8"
import * as vm from "node:vm"
import { services } from "./Pendulum.ts"

const options = { seed: 3, steps: 160, warmup: 30, learningStarts: 40, batchSize: 8, sliceSteps: 40 }

const ddpg = Ddpg.make({ hidden: [8, 8] })
const learner = Algorithm.learner(ddpg)

/** An engine that counts what it links. */
const counting = (): { readonly engine: Jit.Engine; readonly linked: () => number } => {
  const inner = WasmEngine.make()
  let linked = 0
  const link: Jit.Engine["link"] = (module) => {
    linked += 1
    return inner.link(module)
  }
  const linkAsync = (module: Jit.Module) => Promise.resolve(link(module))
  return { engine: { ...inner, link, linkAsync }, linked: () => linked }
}

/** Runs to the end; the hashes of all slices and of the state. */
const finish = Effect.fnUntraced(function* (trainer: Training.Trainer) {
  const reports = yield* Stream.runCollect(trainer.stream)
  return { reports, hash: Training.hash(yield* trainer.saved) }
})

const compile = (engine: Jit.Engine) =>
  Training.compile(learner, options).pipe(Effect.provide(services(engine)))

/** Bytes that are in use after the garbage is gone, of which the engine takes away the last a little later. */
const inUse = Effect.gen(function* () {
  v8.setFlagsFromString("--expose-gc")
  for (let i = 0; i < 3; i++) {
    vm.runInNewContext("gc()")
    yield* Effect.sleep("50 millis")
  }
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
})

describe("a compilation", () => {
  const kinds = {
    ddpg: { learner, layer: Layer.empty, input: {} },
    "soft actor with twin critics": {
      learner: Algorithm.learner(ddpg.pipe(softActor(), twinCritics)),
      layer: Layer.empty,
      input: {}
    },
    "noise on parameters": { learner, layer: Exploration.layerParameterNoise(), input: {} },
    "prioritized replay": { learner, layer: Replay.layerPrioritized({ capacity: 300 }), input: {} },
    "two lanes, normalised": {
      learner,
      layer: Layer.empty,
      input: { lanes: 2, normalize: { observations: true, rewards: true, clip: 10 } }
    }
  }

  it.effect.each(Object.entries(kinds))("of %s serves five seeds", ([, { input, layer, learner }]) =>
    Effect.gen(function* () {
      const { engine, linked } = counting()
      const all = Layer.merge(services(engine), layer)
      const seeds = [1, 2, 3, 4, 5]
      const given = { ...options, ...input }
      const together = yield* Effect.gen(function* () {
        const { begin } = yield* Training.compile(learner, given)
        return yield* Effect.forEach(seeds, (seed) => Effect.scoped(Effect.flatMap(begin({ seed }), finish)))
      }).pipe(Effect.scoped, Effect.provide(all))
      assert.strictEqual(linked(), 1)
      const alone = yield* Effect.forEach(seeds, (seed) =>
        Effect.flatMap(Training.make(learner, { ...given, seed }), finish).pipe(
          Effect.scoped,
          Effect.provide(all, { local: true })
        )
      )
      assert.strictEqual(linked(), 6)
      assert.deepStrictEqual(together, alone)
      assert.strictEqual(new Set(together.map(({ hash }) => hash)).size, 5)
    })
  )

  it.effect("serves other learning rates, a tau and a ramp, which are not compiled", () =>
    Effect.gen(function* () {
      const cosine = { kind: "cosine", from: 1e-2, to: 1e-4, steps: 200 } as const
      const all = [{}, { actorLearningRate: 1e-2 }, { tau: 0.3 }, { criticLearningRate: cosine, tau: 0.1 }]
      const { engine, linked } = counting()
      const together = yield* Effect.gen(function* () {
        const { begin } = yield* compile(engine)
        return yield* Effect.forEach(all, (scalars: Scalars.Scalars) =>
          Effect.scoped(Effect.flatMap(begin({}, { scalars }), finish))
        )
      }).pipe(Effect.scoped)
      assert.strictEqual(linked(), 1)
      const alone = yield* Effect.forEach(all, (given) =>
        Effect.flatMap(
          Training.make(Algorithm.learner(Ddpg.make({ hidden: [8, 8], ...given })), options),
          finish
        ).pipe(Effect.scoped, Effect.provide(services(engine), { local: true }))
      )
      assert.deepStrictEqual(together, alone)
      assert.strictEqual(new Set(together.map(({ hash }) => hash)).size, all.length)
    })
  )

  it.effect("serves runs of other lengths, and one that goes on from another's state", () =>
    Effect.gen(function* () {
      const { begin } = yield* compile(WasmEngine.make())
      const whole = yield* Effect.scoped(Effect.flatMap(begin({ seed: 9 }), finish))
      const cut = yield* Effect.scoped(
        Effect.flatMap(begin({ seed: 9, steps: 110 }), ({ saved, stream }) =>
          Effect.andThen(Stream.runDrain(stream), saved)
        )
      )
      yield* Effect.scoped(Effect.flatMap(begin({ seed: 2 }), finish))
      const resumed = yield* Effect.scoped(Effect.flatMap(begin({ seed: 9 }, { from: cut }), finish))
      assert.strictEqual(resumed.hash, whole.hash)
    }).pipe(Effect.scoped)
  )

  it.effect("serves one training at a time, and an agent that is over says so", () =>
    Effect.gen(function* () {
      const { begin } = yield* compile(WasmEngine.make())
      const { agent, error } = yield* Effect.gen(function* () {
        const { agent } = yield* begin({})
        return { agent, error: yield* Effect.flip(begin({ seed: 4 })) }
      }).pipe(Effect.scoped)
      assert.instanceOf(error, Engine.EngineError)
      assert.include(error.message, "in use by another training")
      yield* begin({ seed: 4 })
      const over = /used after its scope had been closed/
      assert.throws(() => agent.hash(), over)
      assert.throws(() => agent.snapshot(), over)
      assert.throws(() => agent.restore({}, []), over)
      assert.throws(() => agent.setScalars({}), over)
      assert.throws(() => agent.act(new Float32Array(3), undefined, new Float32Array(1)), over)
    }).pipe(Effect.scoped)
  )

  it.effect("refuses what would need other programs, and scalars that are none", () =>
    Effect.gen(function* () {
      const { begin } = yield* compile(WasmEngine.make())
      const sizes = yield* Effect.flip(begin({ batchSize: 4, lanes: 2 }))
      assert.include(sizes.message, "training.batchSize: expected 8, which was compiled")
      assert.include(sizes.message, "training.lanes: expected 1, which was compiled")
      const scalars = yield* Effect.flip(begin({}, { scalars: { taw: 0.1 } }))
      assert.match(scalars.message, /scalars\.taw: .*tau/)
      // What was refused holds nothing.
      yield* begin({})
    }).pipe(Effect.scoped)
  )

  it.live("that is given up while its threads begin is disposed of when they have begun", () =>
    Effect.gen(function* () {
      const inner = WasmEngine.make()
      const [asked, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      let [linked, disposed] = [0, 0]
      const engine: Jit.Engine = {
        ...inner,
        linkAsync: async (module) => {
          asked.resolve()
          await gate.promise
          const result = inner.link(module)
          linked += 1
          return { ...result, dispose: () => (disposed += 1) }
        }
      }
      const opening = yield* Effect.forkChild(Effect.scoped(compile(engine)))
      yield* Effect.promise(() => asked.promise)
      const givenUp = yield* Effect.forkChild(Fiber.interrupt(opening))
      yield* Effect.sleep(10)
      gate.resolve()
      yield* Fiber.join(givenUp)
      assert.deepStrictEqual([linked, disposed], [1, 1])
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(opening)))
    })
  )

  it.live("needs no more memory after 200 beginnings", () =>
    Effect.gen(function* () {
      const sizes = { observation: 3, action: 1, batch: 8 }
      const wide = Algorithm.learner(Ddpg.make({ hidden: [64, 64] }))
      const { begin } = yield* Agent.compile(wide, sizes)
      const start = (seed: number) => Effect.scoped(begin(Key.make(seed)))
      for (let seed = 0; seed < 20; seed++) yield* start(seed)
      const before = yield* inUse
      for (let seed = 0; seed < 200; seed++) yield* start(seed)
      // Its parameters and moments are 100 kB and more: kept, they would be ten times that.
      assert.isBelow((yield* inUse) - before, 3_000_000)
    }).pipe(Effect.scoped, Effect.provide(Engine.layerWasm()))
  )
})
