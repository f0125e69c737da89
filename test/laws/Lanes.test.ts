/** Several environments that step in turn: the result depends on how many they are, and on nothing else. */
import { Algorithm, Ddpg, softActor } from "@ornstein/algos"
import {
  Agent,
  Engine,
  Environment,
  Exploration,
  type Extension,
  Key,
  Lanes,
  Part,
  Replay,
  Space,
  Training
} from "@ornstein/core"
import * as Streams from "@ornstein/core/internal/random/Streams"
import * as Interaction from "@ornstein/core/internal/training/Interaction"
import { Pendulum } from "@ornstein/envs"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as Experiment from "@ornstein/lab/Experiment"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Result, Schema, Stream } from "effect"
import * as SlowClock from "./SlowClock.ts"

const training = { steps: 240, warmup: 33, learningStarts: 41, batchSize: 8, sliceSteps: 50 }
const small = { hidden: [8, 8] as const }
const pendulum = { kind: "pendulum", timeLimit: 23 }

/** What remembers something of its own, of each lane or of all. */
const experiments: { readonly [name: string]: { readonly [part: string]: unknown } } = {
  "noise that remembers, steps in flight, normalisation": {
    environment: pendulum,
    algorithm: { base: "ddpg", ...small },
    exploration: { kind: "ornsteinUhlenbeck", epsilon: 0.1 },
    replay: { kind: "uniform", capacity: 101, nStep: 3, compact: true },
    training: { ...training, normalize: { observations: true, rewards: true } }
  },
  "a stochastic policy, priorities, another rhythm": {
    environment: pendulum,
    algorithm: { base: "sac", ...small },
    replay: { kind: "prioritized", capacity: 150, nStep: 2 },
    training: { ...training, updateEvery: 3, updatesPerRound: 2 }
  },
  hindsight: {
    environment: {
      kind: "pointReach",
      dimensions: 2,
      goalConditioned: true,
      reward: "sparse",
      timeLimit: 17
    },
    algorithm: { base: "ddpg", ...small },
    replay: { kind: "hindsight", capacity: 90 },
    training
  },
  rollouts: {
    environment: { kind: "cartPole" },
    algorithm: { base: "a2c", hidden: [8] },
    replay: { kind: "rollout", capacity: 20, until: "full", normalize: false },
    training: { steps: 240, sliceSteps: 50, normalize: { rewards: true } }
  }
}

const inShortTurns = SlowClock.inShortTurns(30)

const decoded = (name: string, changes: object) => {
  const experiment = experiments[name] ?? {}
  const options = { ...Object(experiment["training"]), ...changes }
  return Effect.fromResult(Experiment.decode({ ...experiment, training: options }))
}

interface Request {
  readonly lanes: number
  readonly steps?: number
  readonly sliceSteps?: number
  readonly threads?: number
  readonly updatesPerRound?: number
  readonly workers?: number
}

/** A run to its end, or stopped as soon as it can be. */
const train = Effect.fnUntraced(function* (
  name: string,
  { steps, threads, ...changes }: Request,
  from?: Training.Saved,
  isStopped = false
) {
  const config = yield* decoded(name, changes)
  const engine = { ...config.engine, ...(threads === undefined ? {} : { threads }) }
  return yield* Effect.gen(function* () {
    const trainer = yield* Training.make(
      yield* Experiment.learner(config),
      { ...config.training, ...(steps === undefined ? {} : { steps }) },
      from
    )
    const fiber = yield* Effect.forkChild(Stream.runCollect(trainer.stream))
    if (isStopped) {
      for (let i = 0; i < 3; i++) yield* Effect.yieldNow
      yield* trainer.stop
    }
    const reports = yield* Fiber.join(fiber)
    const saved = yield* trainer.saved
    return { reports, saved, isDone: yield* trainer.isDone, state: Training.hash(saved) }
  }).pipe(Effect.scoped, Effect.provide(Experiment.layer({ ...config, engine }), { local: true }))
})

const codec = Schema.fromJsonString(Schema.toCodecJson(Training.TrainState))

/** What was written down and read again. */
const reread = (saved: Training.Saved) =>
  Effect.map(
    Effect.flatMap(Schema.encodeEffect(codec)(saved.state), Schema.decodeEffect(codec)),
    (state) => ({
      ...saved,
      state
    })
  )

const cases = Object.keys(experiments).flatMap((name) => [1, 2, 5].map((lanes) => ({ name, lanes })))

const episodesOf = ({ reports }: { readonly reports: ReadonlyArray<Training.Report> }) =>
  reports.flatMap(({ episodes }) => episodes)

describe("of several lanes", () => {
  it.live.each(cases)(
    "$lanes, $name: any slices, any resumption, any threads are the same run",
    ({ lanes, name }) =>
      Effect.gen(function* () {
        const whole = yield* train(name, { lanes })
        assert.strictEqual(whole.saved.state.step, 240)
        assert.isAtLeast(whole.saved.state.updates, 4)
        assert.isAtLeast(episodesOf(whole).length, 4)
        for (const sliceSteps of [1, 64]) {
          const sliced = yield* train(name, { lanes, sliceSteps })
          assert.strictEqual(sliced.state, whole.state, `slices of ${sliceSteps}`)
          assert.deepStrictEqual(episodesOf(sliced), episodesOf(whole))
        }
        // Before learning, in the middle of the lanes, at their end.
        for (const steps of [3, 97, 120]) {
          const { reports, saved } = yield* train(name, { lanes, steps })
          assert.strictEqual(saved.state.step, steps)
          const rest = yield* train(name, { lanes }, yield* reread(saved))
          assert.strictEqual(rest.state, whole.state, `resumed at ${steps}`)
          assert.deepStrictEqual([...episodesOf({ reports }), ...episodesOf(rest)], episodesOf(whole))
        }
        assert.strictEqual((yield* train(name, { lanes, threads: 2 })).state, whole.state)
      })
  )

  it.live.each([2, 5, 40])("%i: a run stopped wherever it can be is the run that never stopped", (lanes) =>
    Effect.gen(function* () {
      const name = "a stochastic policy, priorities, another rhythm"
      const request = { lanes, updatesPerRound: 2 * lanes }
      const whole = yield* train(name, request)
      const seen = { lanes: 0, updates: 0 }
      let from: Training.Saved | undefined
      const reports: Array<Training.Report> = []
      for (let isDone = false; !isDone; ) {
        const stretch: {
          readonly isDone: boolean
          readonly saved: Training.Saved
          readonly reports: ReadonlyArray<Training.Report>
        } = yield* inShortTurns(train(name, request, from, true))
        isDone = stretch.isDone
        from = yield* reread(stretch.saved)
        reports.push(...stretch.reports)
        if (from.state.step % lanes > 0) seen.lanes += 1
        if (from.state.round !== undefined) seen.updates += 1
      }
      assert.strictEqual(from === undefined ? "" : Training.hash(from), whole.state)
      assert.deepStrictEqual(reports, whole.reports)
      assert.isAbove(seen.updates, 0)
      if (lanes > 16) assert.isAbove(seen.lanes, 0)
    })
  )

  it.live("each has another world, other noise, and the run another result", () =>
    Effect.gen(function* () {
      const [name = ""] = Object.keys(experiments)
      const states = new Set<string>()
      for (const lanes of [1, 2, 5]) {
        const { saved, state } = yield* train(name, { lanes, steps: 60 })
        states.add(state)
        const { action, observation } = saved.rows
        const begun = Array.from({ length: lanes }, (_, i) => observation!.slice(3 * i, 3 * i + 3).join())
        const acted = Array.from({ length: lanes }, (_, i) => action![40 + i])
        assert.lengthOf([...new Set(begun)], lanes)
        assert.lengthOf([...new Set(acted)], lanes)
      }
      assert.strictEqual(states.size, 3)
    })
  )

  it.live("each tells of its episodes at its own step of the round", () =>
    Effect.gen(function* () {
      const [name = ""] = Object.keys(experiments)
      const ended = episodesOf(yield* train(name, { lanes: 5, steps: 120 }))
      // The 23rd round is steps 111 to 115.
      assert.deepStrictEqual(
        ended.map(({ step }) => step),
        [111, 112, 113, 114, 115]
      )
    })
  )
})

describe("a run of lanes is what the plainest loop computes", () => {
  const services = Layer.mergeAll(
    Environment.layerContinuous(Pendulum.make({ timeLimit: 23 })),
    Exploration.layerOrnsteinUhlenbeck({ sigma: 0.3 }),
    Replay.layerUniform({ capacity: 500 }),
    Engine.layerOf(WasmEngine.make({ threads: 1 }))
  )
  // The warm-up ends within a round.
  const options = {
    seed: 6,
    warmup: 13,
    learningStarts: 22,
    batchSize: 8,
    updateEvery: 2,
    updatesPerRound: 3
  }

  it.effect.each([
    { lanes: 1, learner: Algorithm.learner(Ddpg.make(small)) },
    { lanes: 3, learner: Algorithm.learner(Ddpg.make(small)) },
    { lanes: 4, learner: Algorithm.learner(Ddpg.make(small).pipe(softActor())) }
  ])("$lanes lanes, $learner.name", ({ lanes, learner }) =>
    Effect.gen(function* () {
      const trainer = yield* Training.make(learner, { ...options, steps: 24 * lanes, lanes })
      yield* Stream.runDrain(trainer.stream)
      const { rows, state } = yield* trainer.saved

      // One observation at a time, in a loop of its own.
      const world = yield* learner.environment
      const key = Key.make(options.seed)
      const replay = yield* (yield* Replay.Replay).make({
        observation: 3,
        action: 1,
        gamma: learner.gamma,
        lanes
      })
      const sizes = { observation: 3, action: 1, batch: options.batchSize }
      const agent = yield* Agent.make(learner, sizes, key)
      const { make } = yield* Exploration.Exploration
      const each = yield* Effect.forEach(
        Array.from({ length: lanes }, (_, i) => (i === 0 ? key : Key.fold(Key.fold(key, "lane"), i))),
        (laneKey) =>
          Effect.map(world.make, (instance) => ({
            instance,
            worldKey: Key.fold(laneKey, "environment"),
            noise: make(Key.fold(laneKey, "exploration"), 1),
            action: Space.allocate(world.spec.action),
            episode: 0
          }))
      )
      for (const { instance, worldKey } of each) instance.reset(Key.fold(worldKey, 0))
      let [step, updates] = [0, 0]
      for (let round = 0; round < 24; round++) {
        const parameters = agent.hash()
        for (const [i, { action, instance, noise }] of each.entries()) {
          const at = lanes * round + i
          if (at < options.warmup)
            Space.sample(world.spec.action, Key.fold(Key.fold(key, "warmup"), at), action)
          else {
            agent.act(Float32Array.from(instance.observation), at, action)
            noise.perturb(action, at)
          }
        }
        assert.strictEqual(agent.hash(), parameters)
        for (const { action, instance } of each) {
          const observation = Float32Array.from(instance.observation)
          instance.step(action)
          step += 1
          const { observation: nextObservation, reward, terminated, truncated } = instance
          replay.store({ observation, action, reward, nextObservation, terminated, truncated })
        }
        if (step >= options.learningStarts && (round + 1) % options.updateEvery === 0) {
          for (let i = 0; i < options.updatesPerRound; i++) agent.learn(++updates, step - 1, replay)
        }
        for (const lane of each) {
          if (!lane.instance.terminated && !lane.instance.truncated) continue
          lane.episode += 1
          lane.instance.reset(Key.fold(lane.worldKey, lane.episode))
          lane.noise.reset()
        }
      }
      assert.deepStrictEqual(rows, replay.log.read(0, step))
      assert.strictEqual(state.updates, updates)
      assert.isAbove(updates, 0)
      assert.strictEqual(trainer.agent.hash(), agent.hash())
    }).pipe(Effect.scoped, Effect.provide(services))
  )
})

describe("updates are counted per round of lanes", () => {
  const services = Layer.mergeAll(
    Environment.layerContinuous(Pendulum.make()),
    Exploration.layerGaussian(),
    Replay.layerUniform({ capacity: 20_000 }),
    Engine.layerOf(WasmEngine.make({ threads: 1 }))
  )
  const learner = Algorithm.learner(Ddpg.make({ hidden: [2] }))

  it.effect.each([
    { lanes: 1 },
    { lanes: 4 },
    { lanes: 8 },
    { lanes: 4, updatesPerRound: 4 },
    { lanes: 8, updatesPerRound: 8, updateEvery: 5 }
  ])("%o: of 10,000 steps they are what the ratio says", (rhythm) =>
    Effect.gen(function* () {
      const input = { steps: 10_000, learningStarts: 0, batchSize: 1, sliceSteps: 10_000, ...rhythm }
      const trainer = yield* Training.make(learner, input)
      yield* Stream.runDrain(trainer.stream)
      const { step, updates } = yield* trainer.state
      const { lanes, updateEvery, updatesPerRound } = { updateEvery: 1, updatesPerRound: 1, ...rhythm }
      assert.strictEqual(step, 10_000)
      assert.strictEqual(updates, (10_000 / lanes / updateEvery) * updatesPerRound)
      assert.strictEqual(updates, 10_000 * Training.updatesPerStep(Training.Options.make(input)))
    }).pipe(Effect.scoped, Effect.provide(services))
  )

  it("lanes alone are warned of, for they divide the updates", () => {
    const said = Training.dividedUpdates
    assert.isUndefined(said({}))
    assert.isUndefined(said({ lanes: 1 }))
    assert.strictEqual(
      said({ lanes: 8 }),
      "training.lanes = 8 alone makes 0.125 updates per environment step, where one lane makes 1; " +
        "training.updatesPerRound = 8 keeps those, 1 says that this is meant"
    )
    assert.include(said({ lanes: 4, updateEvery: 2, updatesPerRound: 3 }) ?? "", "makes 0.375 updates")
  })
})

describe("the schedule is a value", () => {
  const told = (schedule?: Interaction.Schedule) => {
    const log: Array<string> = []
    const { run } = Interaction.make(
      {
        acting: {
          lanes: 2,
          attached: undefined,
          start: () => {},
          select: (step) => void log.push(`select ${step}`),
          send: (step) => step,
          take: (step) => void log.push(`take ${step}`),
          lane: () => undefined,
          end: () => (log.push("end"), 0),
          isAtRest: () => false,
          renew: () => 0,
          standings: () => [],
          actions: () => null,
          restore: () => {}
        },
        learning: { due: () => 1, update: (n) => void log.push(`learn ${n}`) },
        size: () => 1,
        options: { learningStarts: 0 }
      },
      schedule
    )
    const start = { step: 0, updates: 0, episode: 0, round: 0 }
    run(
      run(
        start,
        3,
        () => false,
        () => {}
      ),
      4,
      () => false,
      () => {}
    )
    return log.join(", ")
  }

  it("that lets actions be selected by the parameters of their own round", () => {
    assert.strictEqual(
      told(),
      "select 0, take 0, take 1, learn 1, end, select 2, take 2, take 3, learn 2, end"
    )
  })

  it("or of the round before", () => {
    assert.strictEqual(
      told(["take", "end", "select", "learn"]),
      "take 0, take 1, end, select 2, learn 1, take 2, take 3, end, select 4, learn 2"
    )
  })
})

describe("several lanes are refused", () => {
  const refused = (input: Parameters<typeof Experiment.decode>[0], from?: Training.Saved) =>
    Effect.gen(function* () {
      const config = yield* Effect.fromResult(Experiment.decode(input))
      const make = Effect.flatMap(Experiment.learner(config), (learner) =>
        Training.make(learner, config.training, from)
      )
      return yield* Effect.provide(Effect.scoped(make), Experiment.layer(config), { local: true })
    }).pipe(Effect.flip, Effect.map(String))

  const ddpg = { environment: pendulum, algorithm: { base: "ddpg", ...small } }

  const lines = (text: string) => text.split("\n").slice(1)

  it.live.each([
    {
      name: "with noise on parameters, which acts for one",
      input: { ...ddpg, exploration: { kind: "parameterNoise", epsilon: 0.1 }, training: { lanes: 2 } },
      said: [
        '  exploration.kind: expected another, or training.lanes 1: it has programs for one lane, got "parameterNoise"'
      ]
    },
    {
      name: "with rollouts that end with an episode, or in the middle of the lanes",
      input: {
        environment: { kind: "cartPole" },
        algorithm: { base: "actorCritic" },
        replay: { kind: "rollout", capacity: 9 },
        training: { lanes: 2 }
      },
      said: [
        '  replay.until: expected "full", or training.lanes 1: the episodes of 2 lanes end in different steps, got "episode"',
        "  replay.capacity: expected a multiple of training.lanes (2): a rollout has as many steps of each lane, got 9"
      ]
    },
    ...["uniform", "prioritized", "hindsight"].map((kind) => ({
      name: `with fewer transitions than lanes, ${kind}, beside noise on parameters`,
      input: {
        environment: { kind: "pointReach", goalConditioned: true },
        algorithm: { base: "ddpg", ...small },
        replay: { kind, capacity: 40 },
        exploration: { kind: "parameterNoise" },
        training: { lanes: 41, batchSize: 8, learningStarts: 40 }
      },
      said: [
        "  replay.capacity: expected at least training.lanes (41), room for a transition of each lane, got 40",
        '  exploration.kind: expected another, or training.lanes 1: it has programs for one lane, got "parameterNoise"'
      ]
    })),
    {
      name: "with n steps in fewer transitions than lanes",
      input: {
        ...ddpg,
        replay: { kind: "uniform", capacity: 40, nStep: 3 },
        training: { lanes: 41, batchSize: 8, learningStarts: 40 }
      },
      said: [
        "  replay.capacity: expected at least training.lanes (41), room for a transition of each lane, got 40"
      ]
    }
  ])("$name: by a configuration and by a program alike", ({ input, said }) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(lines(yield* refused(input)), said)
      const { lanes, ...training } = input.training
      const config = yield* Effect.fromResult(Experiment.decode({ ...input, training }))
      const learner = yield* Experiment.learner(config)
      const compiled = Training.compile(learner, { ...config.training, lanes })
      const inProgram = yield* compiled.pipe(
        Effect.provide(Experiment.layer(config)),
        Effect.scoped,
        Effect.flip
      )
      assert.deepStrictEqual(lines(inProgram.message), said)
    })
  )

  it.live("with an exploration that brings programs and does not say how many lanes they are for", () =>
    Effect.gen(function* () {
      const learner = Algorithm.learner(Ddpg.make(small))
      const extension: Extension.Extension = { state: () => ({}), programs: () => ({}) }
      const compiled = (lanes: number, own: Partial<Exploration.Exploration["Service"]>) =>
        Training.compile(learner, { lanes }).pipe(
          Effect.provide(
            Layer.mergeAll(
              Environment.layerContinuous(Pendulum.make()),
              Replay.layerUniform({ capacity: 100 }),
              Engine.layerWasm(),
              Layer.effect(
                Exploration.Exploration,
                Exploration.Exploration.useSync((none) => ({ ...none, name: "mine", ...own }))
              ).pipe(Layer.provide(Exploration.layerNone))
            )
          ),
          Effect.scoped
        )
      const error = yield* Effect.flip(compiled(2, { extension }))
      assert.deepStrictEqual(lines(error.message), [
        '  exploration.kind: expected another, or training.lanes 1: it has programs for one lane, got "mine"'
      ])
      yield* compiled(1, { extension })
      yield* compiled(2, {})
      // It says so itself.
      yield* compiled(2, { extension, lanes: () => [] })
      const two: Lanes.Requirement<unknown> = {
        at: "",
        check: (_, lanes) => (lanes > 2 ? "expected another: it has two hands" : undefined)
      }
      const own = { lanes: Lanes.refusals("exploration", [two], { kind: "mine" }) }
      yield* compiled(2, own)
      assert.deepStrictEqual(lines((yield* Effect.flip(compiled(3, own))).message), [
        '  exploration.kind: expected another: it has two hands, got "mine"'
      ])
    })
  )

  it("by a world of one's own that there is one of", () => {
    const single = Part.make("single", {
      description: "one cart on one rail",
      source: "for this test",
      options: {},
      example: {},
      requires: Lanes.requires([
        { at: "", check: (_, lanes) => (lanes > 1 ? "expected another: there is one rail" : undefined) }
      ]),
      make: () => Pendulum.make()
    })
    const mine = Experiment.make({
      ...Experiment.catalogues,
      worlds: Experiment.catalogues.worlds.with(single)
    })
    const lines = (lanes: number) =>
      Result.match(mine.decode({ environment: { kind: "single" }, training: { lanes } }), {
        onFailure: ({ message }) => message.split("\n").slice(1),
        onSuccess: () => []
      })
    assert.deepStrictEqual(lines(1), [])
    assert.deepStrictEqual(lines(2), [
      '  environment.kind: expected another: there is one rail, got "single"'
    ])
  })

  it.live("where a run had another number of them", () =>
    Effect.gen(function* () {
      const [name = ""] = Object.keys(experiments)
      const { saved } = yield* train(name, { lanes: 2, steps: 30 })
      const message = yield* refused(
        Object({ ...experiments[name], training: { ...training, lanes: 3 } }),
        saved
      )
      assert.match(message, /its run has 2 lanes, this one has 3/)
    })
  )
})

describe("the names of streams", () => {
  it("are keys of their own below a run's, and of the first lane the run's own", () => {
    const key = Key.make(3)
    const names = Object.keys(Streams.names)
    assert.strictEqual(Streams.ofLane(key, 0), key)
    const keys = [1, 2, 3].map((lane) => Streams.ofLane(key, lane))
    const all = [...keys, Streams.of(key, "environment"), Streams.of(key, "exploration")]
    assert.lengthOf(names, new Set(names.map((name) => JSON.stringify(Key.fold(key, name)))).size)
    assert.lengthOf(all, new Set(all.map((one) => JSON.stringify(one))).size)
    assert.deepStrictEqual(Streams.of(key, "warmup"), Key.fold(key, "warmup"))
  })
})
