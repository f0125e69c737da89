import { assert, it } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as Registry from "@ornstein/envs/Registry"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

it("names every world once, with all that a listing shows", () => {
  const ids = Registry.entries.map(({ id }) => id)
  assert.strictEqual(new Set(ids).size, ids.length)
  for (const { id, environment } of Registry.entries) {
    assert.strictEqual(environment.spec.id, id)
    assert.match(id, /^[A-Z][A-Za-z0-9]*-v\d+$/u)
    assert.isAbove(environment.spec.description.length, 10, id)
    assert.isDefined(environment.spec.source, id)
    assert.isBelow(environment.spec.description.length, 80, id)
  }
})

it("keeps the limits and thresholds of both CartPoles", () => {
  const limits = (version: 0 | 1) => {
    const options = Result.getOrThrow(Registry.worlds.decode({ kind: "cartPole", version }))
    const { id, timeLimit, rewardThreshold } = Registry.worlds.make(options).spec
    return [id, timeLimit, rewardThreshold]
  }
  assert.deepStrictEqual(limits(0), ["CartPole-v0", 200, 195])
  assert.deepStrictEqual(limits(1), ["CartPole-v1", 500, 475])
})

it("every entry's options survive JSON and make the same world", () => {
  for (const { options, environment } of Registry.entries) {
    const read = Result.getOrThrow(Registry.worlds.decode(JSON.parse(JSON.stringify(options))))
    const [one, two] = [Registry.worlds.make(read), environment].map(({ spec: { goals, ...spec } }) => ({
      ...spec,
      goals: goals?.size
    }))
    assert.deepStrictEqual(one, two)
  }
})

it.effect("finds by id in any case and suggests what was meant", () =>
  Effect.gen(function* () {
    assert.strictEqual((yield* Registry.find("pendulum-V1")).id, "Pendulum-v1")
    const mistyped = yield* Effect.flip(Registry.find("Pendulun-v1"))
    assert.strictEqual(mistyped.meant, "Pendulum-v1")
    assert.include(mistyped.message, 'no environment is called "Pendulun-v1". Did you mean Pendulum-v1?')
    assert.isUndefined((yield* Effect.flip(Registry.find("Tetris"))).meant)
  })
)

it.effect.each(Registry.entries.map((entry) => [entry.id, entry] as const))(
  "%s keeps the contract of environments",
  ([, { environment }]) => Environment.check(environment, { steps: 250 })
)
