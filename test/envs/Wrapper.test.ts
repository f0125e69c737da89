import { assert, it } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as RunningStatistics from "@ornstein/core/RunningStatistics"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as Space from "@ornstein/core/Space"
import * as Pendulum from "@ornstein/envs/Pendulum"
import * as PointReach from "@ornstein/envs/PointReach"
import * as Wrapper from "@ornstein/envs/Wrapper"
import * as Effect from "effect/Effect"
import { pipe } from "effect/Function"

/** Counts its steps; pays the number of the step, observes [steps, action], terminates at 10. */
const counter = Environment.define({
  id: "Counter-v0",
  description: "Counts to ten",
  observation: Space.box({ shape: [2], low: -100, high: 100 }),
  action: Space.box({ shape: [1], low: -1, high: 1 }),
  reset: (key) => [0, Key.uniform(key)],
  step: ([n = 0]: ReadonlyArray<number>, action) => ({
    state: [n + 1, action[0]!],
    reward: n + 1,
    terminated: n + 1 === 10
  }),
  observe: (state, out) => out.set(state)
})

const key = Key.make(3)

const act = (number: number) => Float32Array.of(number)

const started = Effect.fnUntraced(function* (environment: Environment.Environment) {
  const instance = yield* environment.make
  instance.reset(key)
  return instance
})

const wrappers: ReadonlyArray<readonly [name: string, Environment.Wrapper]> = [
  ["timeLimit", Wrapper.timeLimit(4)],
  ["repeatActions", Wrapper.repeatActions(3)],
  ["stickyActions", Wrapper.stickyActions(0.5)],
  ["stackObservations", Wrapper.stackObservations(3)],
  ["episodeStatistics", Wrapper.episodeStatistics(() => undefined)]
]

it.effect.each([...wrappers])("%s keeps the contract, alone and around the others", ([, wrapper]) =>
  Effect.gen(function* () {
    yield* Environment.check(wrapper(counter))
    yield* Environment.check(pipe(counter, Wrapper.stickyActions(0.3), Wrapper.repeatActions(2), wrapper))
  })
)

it.effect("rescaled, clipped and normalised worlds keep the contract", () =>
  Effect.gen(function* () {
    const pendulum = Pendulum.make({ timeLimit: 50 })
    yield* Environment.check(Environment.rescaleActions(pendulum))
    yield* Environment.check(Wrapper.clipActions(pendulum))
    yield* Environment.check(Wrapper.normalizeObservations({ frozen: true })(pendulum))
    yield* Environment.check(Wrapper.normalizeObservations()(pendulum), { remembers: true })
    yield* Environment.check(Wrapper.normalizeRewards({ discount: 0.9 })(pendulum), { remembers: true })
    yield* Environment.check(Pendulum.make({ gymnasiumSeed: 4, timeLimit: 50 }), { remembers: true })
  })
)

it.effect("a time limit truncates, and a termination in the same step stays terminal", () =>
  Effect.gen(function* () {
    const limited = Wrapper.timeLimit(4)(counter)
    assert.strictEqual(limited.spec.timeLimit, 4)
    assert.strictEqual(Wrapper.timeLimit(9)(limited).spec.timeLimit, 4)
    const four = yield* started(limited)
    for (let i = 0; i < 4; i++) four.step(act(0))
    assert.deepStrictEqual([four.terminated, four.truncated], [false, true])
    const error = yield* Effect.flip(Environment.attempt(() => four.step(act(0))))
    assert.include(error.message, "step 4 of its episode: a step after the end")
    const ten = yield* started(Wrapper.timeLimit(10)(counter))
    for (let i = 0; i < 10; i++) ten.step(act(0))
    assert.deepStrictEqual([ten.terminated, ten.truncated], [true, true])
  })
)

it.effect("clipped actions reach the bounds and not beyond; NaN is still refused", () =>
  Effect.gen(function* () {
    const clipped = yield* started(Wrapper.clipActions(counter))
    clipped.step(act(7))
    assert.strictEqual(clipped.observation[1], 1)
    clipped.step(Float64Array.of(Number.NEGATIVE_INFINITY))
    assert.strictEqual(clipped.observation[1], -1)
    const error = yield* Effect.flip(Environment.attempt(() => clipped.step(act(Number.NaN))))
    assert.include(error.message, "is not a number")
  })
)

it.effect("repeated actions add their rewards and stop at the end", () =>
  Effect.gen(function* () {
    const repeated = yield* started(Wrapper.repeatActions(4)(counter))
    const seen = [0, 1, 2].map(() => {
      repeated.step(act(0))
      return [repeated.reward, repeated.steps, repeated.terminated]
    })
    assert.deepStrictEqual(seen, [
      [1 + 2 + 3 + 4, 1, false],
      [5 + 6 + 7 + 8, 2, false],
      [9 + 10, 3, true]
    ])
    const limited = pipe(counter, Wrapper.timeLimit(10), Wrapper.repeatActions(4))
    assert.strictEqual(limited.spec.timeLimit, 3)
  })
)

it.effect("sticky actions repeat the action before as often as told", () =>
  Effect.gen(function* () {
    const taken = Effect.fnUntraced(function* (probability: number) {
      const instance = yield* Wrapper.stickyActions(probability)(counter).make
      let repeats = 0
      for (let episode = 0; episode < 200; episode++) {
        instance.reset(Key.fold(key, episode))
        let last = Number.NaN
        for (let step = 0; step < 10; step++) {
          const fresh = Math.fround((step + 1) / 16)
          instance.step(act(fresh))
          const executed = instance.observation[1]!
          assert.isTrue(executed === fresh || executed === last)
          if (executed !== fresh) repeats += 1
          last = executed
        }
      }
      return repeats / 1800
    })
    assert.strictEqual(yield* taken(0), 0)
    assert.strictEqual(yield* taken(1), 1)
    // Four standard deviations of a proportion of 1,800.
    assert.approximately(yield* taken(0.25), 0.25, 0.041)
  })
)

it.effect("stacked observations begin with copies of the first, oldest first", () =>
  Effect.gen(function* () {
    const stacked = Wrapper.stackObservations(3)(counter)
    assert.deepStrictEqual(stacked.spec.observation.shape, [3, 2])
    const instance = yield* started(stacked)
    const first = Math.fround(Key.uniform(key))
    assert.deepStrictEqual(Array.from(instance.observation), [0, first, 0, first, 0, first])
    instance.step(act(0.5))
    instance.step(act(-0.5))
    assert.deepStrictEqual(Array.from(instance.observation), [0, first, 1, 0.5, 2, -0.5])
  })
)

it.effect("normalised observations follow the statistics; frozen ones leave them", () =>
  Effect.gen(function* () {
    const raw = yield* started(counter)
    const normalized = yield* started(Wrapper.normalizeObservations({ clip: 3 })(counter))
    const statistics = RunningStatistics.make(2)
    const expected = new Float32Array(2)
    RunningStatistics.add(statistics, raw.observation)
    for (let i = 0; i < 6; i++) {
      for (const each of [raw, normalized]) each.step(act(i / 8))
      RunningStatistics.add(statistics, raw.observation)
      RunningStatistics.normalize(statistics, raw.observation, expected, { clip: 3 })
      assert.deepStrictEqual(normalized.observation, expected)
    }
    const frozen = yield* started(Wrapper.normalizeObservations({ statistics, frozen: true })(counter))
    frozen.step(act(0))
    assert.strictEqual(Snapshot.getNumber(Snapshot.get(frozen.snapshot(), "own"), "count"), 7)
  })
)

it.effect("statistics outlive episodes and continue from a snapshot", () =>
  Effect.gen(function* () {
    const wrapped = pipe(
      counter,
      Wrapper.normalizeObservations(),
      Wrapper.normalizeRewards({ discount: 0.9 })
    )
    const [one, two] = [yield* started(wrapped), yield* wrapped.make]
    for (let i = 0; i < 10; i++) one.step(act(i / 16))
    one.reset(Key.make(9))
    one.step(act(0.5))
    two.restore(Snapshot.parse(Snapshot.stringify(one.snapshot())))
    assert.deepStrictEqual([two.observation, two.reward], [one.observation, one.reward])
    for (const each of [one, two]) each.step(act(0.25))
    assert.deepStrictEqual(two.snapshot(), one.snapshot())
  })
)

it.effect("rewards are scaled by returns that begin anew with an episode, also where the last was left", () =>
  Effect.gen(function* () {
    const scaled = yield* started(Wrapper.normalizeRewards({ discount: 0.5 })(counter))
    for (let i = 0; i < 2; i++) scaled.step(act(0))
    scaled.reset(key)
    scaled.step(act(0))
    // Rewards 1, 2 and 1: discounted returns 1, 2.5 and 1, with variance 1/2.
    assert.closeTo(scaled.reward, Math.SQRT2, 1e-6)
  })
)

it.effect("episode statistics report each end once", () =>
  Effect.gen(function* () {
    const summaries: Array<Wrapper.EpisodeSummary> = []
    const instance = yield* pipe(
      counter,
      Wrapper.timeLimit(4),
      Wrapper.episodeStatistics((each) => summaries.push(each))
    ).make
    for (let episode = 0; episode < 2; episode++) {
      instance.reset(key)
      while (!instance.truncated) instance.step(act(0))
    }
    assert.deepStrictEqual(summaries, [
      { return: 10, length: 4, terminated: false },
      { return: 10, length: 4, terminated: false }
    ])
  })
)

it.each([
  ["timeLimit", () => Wrapper.timeLimit(0)(counter)],
  ["repeatActions", () => Wrapper.repeatActions(1.5)(counter)],
  ["stickyActions", () => Wrapper.stickyActions(2)(counter)],
  ["stackObservations", () => Wrapper.stackObservations(Number.NaN)(counter)]
] as const)("%s refuses a number that makes no sense", (name, wrap) => {
  assert.throws(wrap, `options of Wrapper.${name}: the value: expected`)
})

it("goals stay with worlds whose observations and rewards are as they were", () => {
  const reach = PointReach.make({ dimensions: 2, goalConditioned: true })
  const keeps = (wrapper: Environment.Wrapper) => wrapper(reach).spec.goals !== undefined
  assert.deepStrictEqual([Wrapper.timeLimit(5), Wrapper.stickyActions(0.1)].map(keeps), [true, true])
  const changing = [
    Wrapper.stackObservations(2),
    Wrapper.normalizeObservations(),
    Wrapper.normalizeRewards({ discount: 0.9 }),
    Wrapper.repeatActions(2)
  ]
  assert.isFalse(changing.some(keeps))
})
