import { assert, it } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as Space from "@ornstein/core/Space"
import * as Effect from "effect/Effect"

const integrator = (action: Space.Box, limit = 50) =>
  Environment.define({
    id: "Integrator-v0",
    description: "Bring a point to 0 by pushing it",
    observation: Space.box({ shape: [2], low: -100, high: 100 }),
    action,
    timeLimit: limit,
    reset: (key) => [2 * Key.uniform(key) - 1, 0],
    step: ([x = 0, y = 0]: ReadonlyArray<number>, action) => {
      const state = [x + action[0]!, y + (action[1] ?? 0)]
      return { state, reward: -Math.abs(x), terminated: Math.abs(x) > 20 }
    },
    observe: ([x = 0, y = 0], out) => {
      out[0] = x
      out[1] = y
    }
  })

const wide = Space.box({ shape: [2], low: [-3, 0], high: [1, 10] })

const key = Key.make(1)

const refused = (use: () => void) => Effect.flip(Environment.attempt(use))

it.effect("a refused action says step, value and remedy", () =>
  Effect.gen(function* () {
    const instance = yield* integrator(wide).make
    const early = yield* refused(() => instance.step(Float32Array.of(0, 0)))
    assert.include(early.message, "before the first reset")
    instance.reset(key)
    instance.step(Float32Array.of(0, 1))
    const cases = [
      [Float32Array.of(0), "Integrator-v0, step 1 of its episode: the action [0] has 1 numbers. It takes 2"],
      [Float32Array.of(0, Number.NaN), "step 1 of its episode: the action [0, NaN] is not a number"],
      [Float32Array.of(1.5, 0), "step 1 of its episode: the action [1.5, 0] is outside the space"]
    ] as const
    for (const [action, message] of cases) {
      const error = yield* refused(() => instance.step(action))
      assert.include(error.message, message)
      assert.strictEqual(error.step, 1)
    }
  })
)

it.effect("a world may truncate by itself, which is no termination", () =>
  Effect.gen(function* () {
    const world = Environment.define({
      id: "Truncating-v0",
      description: "Looks away at its second step",
      observation: Space.box({ shape: [1], low: 0, high: 10 }),
      action: Space.discrete(1),
      reset: () => 0,
      step: (n: number) => ({ state: n + 1, reward: 0, terminated: false, truncated: n === 1 }),
      observe: (n, out) => {
        out[0] = n
      }
    })
    const instance = yield* world.make
    instance.reset(key)
    const ends = [1, 2].map(() => {
      instance.step(Float32Array.of(0))
      return [instance.terminated, instance.truncated]
    })
    assert.deepStrictEqual(ends, [
      [false, false],
      [false, true]
    ])
  })
)

it.effect("a step after the end is refused", () =>
  Effect.gen(function* () {
    const instance = yield* integrator(wide, 1).make
    instance.reset(key)
    instance.step(Float32Array.of(0, 0))
    assert.isTrue(instance.truncated)
    const error = yield* refused(() => instance.step(Float32Array.of(0, 0)))
    assert.include(error.message, "after the end")
    instance.reset(key)
    assert.deepStrictEqual([instance.truncated, instance.steps], [false, 0])
  })
)

it.effect("a world that leaves the finite numbers is an error at that step", () =>
  Effect.gen(function* () {
    const exploding = (reward: number) =>
      Environment.define({
        id: "Exploding-v0",
        description: "Divides by zero at its second step",
        observation: Space.box({ shape: [1], low: -10, high: 10 }),
        action: Space.discrete(1),
        reset: () => 2,
        step: (n: number) => ({ state: n - 1, reward, terminated: false }),
        observe: (n, out) => {
          out[0] = 1 / n
        }
      })
    const instance = yield* exploding(0).make
    instance.reset(key)
    instance.step(Float32Array.of(0))
    const error = yield* refused(() => instance.step(Float32Array.of(0)))
    assert.include(error.message, "step 2 of its episode: element 0 of the observation is Infinity")
    const unpaid = yield* exploding(Number.NaN).make
    unpaid.reset(key)
    assert.include(
      (yield* refused(() => unpaid.step(Float32Array.of(0)))).message,
      "step 0 of its episode: the reward is NaN"
    )
    const untyped: number = JSON.parse('"much"')
    const described = yield* exploding(untyped).make
    described.reset(key)
    assert.include(
      (yield* refused(() => described.step(Float32Array.of(0)))).message,
      "the reward is a string. Rewards are finite numbers"
    )
  })
)

it.effect("a snapshot continues elsewhere, bit for bit, and shares nothing", () =>
  Effect.gen(function* () {
    const [one, two] = [yield* integrator(wide).make, yield* integrator(wide).make]
    one.reset(key)
    one.step(Float32Array.of(0.1, 0.2))
    const saved = Snapshot.parse(Snapshot.stringify(one.snapshot()))
    two.restore(saved)
    assert.deepStrictEqual(two.observation, one.observation)
    for (const instance of [one, two]) instance.step(Float32Array.of(0.3, 0.7))
    assert.deepStrictEqual(two.snapshot(), one.snapshot())
    two.restore(saved)
    assert.deepStrictEqual([two.steps, two.reward], [1, -Math.abs(2 * Key.uniform(key) - 1)])
    assert.include((yield* refused(() => two.restore({ x: 1 }))).message, "none of this environment")
  })
)

it.effect("rescaled actions reach both ends of each dimension exactly", () =>
  Effect.gen(function* () {
    const odd = Space.box({ shape: [2], low: [-0.1, 0.3], high: [0.7, 10] })
    const environment = Environment.rescaleActions(integrator(odd))
    assert.isTrue(Space.isUnit(environment.spec.action))
    const instance = yield* environment.make
    const after = (a: number, b: number) => {
      instance.restore(Environment.at([0, 0]))
      instance.step(Float32Array.of(a, b))
      return Environment.stateOf(instance.snapshot())
    }
    assert.deepStrictEqual(after(-1, 1), [Math.fround(-0.1), 10])
    assert.deepStrictEqual(after(1, -1), [Math.fround(0.7), Math.fround(0.3)])
    assert.deepStrictEqual(after(0, 0), [Math.fround(0.3), Math.fround(5.15)])
    const error = yield* refused(() => instance.step(Float32Array.of(1.25, 0)))
    assert.include(error.message, "the action [1.25, 0] is outside the space")
  })
)

it.effect("rescaling needs bounds and leaves [-1, 1] alone", () =>
  Effect.gen(function* () {
    const unit = integrator(Space.box({ shape: [2], low: -1, high: 1 }))
    assert.strictEqual(Environment.rescaleActions(unit), unit)
    const unbounded = integrator(Space.box({ shape: [1], low: 0, high: Number.POSITIVE_INFINITY }))
    const error = yield* Effect.flip(Environment.rescaleActions(unbounded).make)
    assert.include(error.message, "no bounds to rescale to")
  })
)

it.effect("a defect inside attempt stays a defect", () =>
  Effect.gen(function* () {
    const exit = yield* Effect.exit(
      Environment.attempt(() => {
        throw new TypeError("mine")
      })
    )
    assert.isTrue(exit._tag === "Failure" && exit.cause.reasons[0]?._tag === "Die")
  })
)

/** A world whose state lives in an engine with handles, as physics engines have them. */
class Engine {
  static live = 0
  #position = 0
  #isFreed = false
  constructor() {
    Engine.live += 1
  }
  push(force: number): void {
    if (this.#isFreed) throw new TypeError("use after free")
    this.#position += force
  }
  get position(): number {
    return this.#position
  }
  set position(position: number) {
    this.#position = position
  }
  free(): void {
    this.#isFreed = true
    Engine.live -= 1
  }
}

const engined: Environment.Environment<Space.Box> = {
  spec: {
    id: "Engined-v0",
    description: "Pushes a point that an engine holds",
    observation: Space.box({ shape: [1], low: -100, high: 100 }),
    action: Space.box({ shape: [1], low: -1, high: 1 }),
    timeLimit: 20
  },
  make: Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => new Engine()),
      (engine) => Effect.sync(() => engine.free())
    ),
    (engine): Environment.Instance => {
      const observation = new Float32Array(1)
      let steps = -1
      const fail = (reason: string): never => {
        throw new Environment.EnvironmentError({
          environment: "Engined-v0",
          step: Math.max(0, steps),
          what: reason,
          fix: "Reset"
        })
      }
      const see = () => {
        observation[0] = engine.position
      }
      return {
        observation,
        get reward() {
          return steps > 0 ? -Math.abs(engine.position) : 0
        },
        terminated: false,
        get truncated() {
          return steps >= 20
        },
        get steps() {
          return steps
        },
        reset: (key) => {
          engine.position = Key.uniform(key)
          steps = 0
          see()
        },
        step: (action) => {
          if (steps < 0 || steps >= 20) fail("no episode is under way")
          if (!Space.contains(engined.spec.action, action))
            fail(`the action ${String(action)} is outside the space`)
          engine.push(action[0]!)
          if (engine.position > 10) fail("the engine's solver has diverged")
          steps += 1
          see()
        },
        snapshot: () => ({ position: engine.position, steps }),
        restore: (snapshot) => {
          engine.position = Snapshot.getNumber(snapshot, "position")
          steps = Snapshot.getNumber(snapshot, "steps")
          see()
        }
      }
    }
  )
}

it.effect("an engine with hidden state keeps the same contract, and its scope frees it", () =>
  Effect.gen(function* () {
    yield* Environment.check(engined)
    yield* Environment.check(Environment.wrap(engined, engined.spec, () => ({})))
    assert.strictEqual(Engine.live, 0)
    const error = yield* Effect.scoped(
      Effect.gen(function* () {
        const instance = yield* engined.make
        assert.strictEqual(Engine.live, 1)
        instance.restore({ position: 9.5, steps: 3 })
        return yield* refused(() => instance.step(Float32Array.of(1)))
      })
    )
    assert.strictEqual(
      error.message,
      "Engined-v0, step 3 of its episode: the engine's solver has diverged. Reset"
    )
    assert.strictEqual(Engine.live, 0)
  })
)
