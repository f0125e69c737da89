import { assert, it } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as Space from "@ornstein/core/Space"
import * as Key from "@ornstein/core/Key"
import * as Effect from "effect/Effect"

type Vector = ReadonlyArray<number>

const sound: Environment.Definition<Vector, Space.Box> = {
  id: "Sound-v0",
  description: "Keeps the contract",
  observation: Space.box({ shape: [1], low: -1000, high: 1000 }),
  action: Space.box({ shape: [1], low: -1, high: 1 }),
  timeLimit: 40,
  reset: (key) => [Key.uniform(key)],
  step: ([x = 0], action) => ({ state: [x + action[0]!], reward: -x, terminated: false }),
  observe: ([x = 0], out) => {
    out[0] = x
  }
}

const { timeLimit: _, ...endless } = sound

/** The sound one with its instances tampered with. */
const tampered = (change: (inner: Environment.Instance) => Environment.Changes) => {
  const environment = Environment.define(sound)
  return Environment.wrap(environment, environment.spec, change)
}

const shared = { noise: 0 }

const faults: ReadonlyArray<readonly [rule: string, environment: Environment.Environment]> = [
  ["the same key gives the same bits", Environment.define({ ...sound, reset: () => [(shared.noise += 1)] })],
  [
    "a reset forgets what was before",
    (() => {
      const held: Array<number> = [0]
      return Environment.define({
        ...sound,
        reset: () => held,
        step: (state, action) => {
          held[0] = held[0]! + action[0]!
          return { state, reward: 0, terminated: false }
        }
      })
    })()
  ],
  [
    "observations are in their space",
    Environment.define({ ...sound, observation: Space.box({ shape: [1], low: 0, high: 0.1 }) })
  ],
  ["observations have their space's precision", tampered(() => ({ observation: new Float64Array(1) }))],
  [
    "observations are one array, overwritten",
    tampered((inner) => ({
      get observation() {
        return inner.observation.slice()
      }
    }))
  ],
  ["rewards are finite", tampered(() => ({ reward: () => Number.NaN }))],
  ["the time limit truncates", Environment.wrap(Environment.define(endless), sound, () => ({}))],
  ["observations are finite", tampered(() => ({ observation: Float32Array.of(Number.NaN) }))],
  [
    "a restored snapshot continues bit for bit",
    tampered((inner) => {
      let taken = 0
      return {
        reset: (key) => {
          taken = 0
          inner.reset(key)
        },
        step: (action) => {
          taken += 1
          inner.step(action)
        },
        reward: () => taken
      }
    })
  ],
  [
    "snapshots share nothing with the world",
    tampered((inner) => {
      const log: Array<number> = []
      return {
        reset: (key) => {
          log.length = 0
          inner.reset(key)
        },
        step: (action) => {
          inner.step(action)
          log.push(inner.reward)
        },
        state: {
          save: () => log,
          load: () => {
            log.length = 0
          }
        }
      }
    })
  ],
  [
    "a step leaves its action alone",
    tampered((inner) => ({
      step: (action) => {
        inner.step(action)
        action[0] = 0
      }
    }))
  ],
  [
    "a picture has an extent and shapes",
    Environment.define({
      ...sound,
      render: () => ({ left: 0, right: 0, bottom: 0, top: 1, background: [0, 0, 0], shapes: [] })
    })
  ],
  [
    "actions from the space are accepted",
    Environment.wrap(
      Environment.define(sound),
      { ...sound, action: Space.box({ shape: [1], low: -2, high: 2 }) },
      () => ({})
    )
  ],
  [
    "an action that is not a number is refused",
    tampered((inner) => ({ step: (action) => inner.step(action.map((x) => (Number.isNaN(x) ? 0 : x))) }))
  ],
  [
    "an action of the wrong length is refused",
    tampered((inner) => ({ step: (action) => inner.step(action.subarray(0, 1)) }))
  ],
  [
    "an index outside the space is refused",
    Environment.define({
      ...endless,
      action: Space.discrete(3),
      clipsActions: true,
      step: ([x = 0]: Vector, index) => ({ state: [x + index], reward: 0, terminated: x > 20 })
    })
  ],
  [
    "a step after the end is refused",
    tampered((inner) => ({
      step: (action) => {
        if (!inner.truncated) inner.step(action)
      }
    }))
  ]
]

it.effect("passes a sound environment", () => Environment.check(Environment.define(sound)))

it.effect.each([...faults])("finds: %s", ([rule, environment]) =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(Environment.check(environment))
    assert.instanceOf(error, Environment.ContractError)
    const rules = error.violations.map((each) => each.rule)
    assert.include(rules, rule)
    assert.strictEqual(new Set(rules).size, rules.length)
    assert.include(error.message, rule)
  })
)
