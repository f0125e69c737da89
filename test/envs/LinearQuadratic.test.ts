import { assert, it } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as LinearQuadratic from "@ornstein/envs/LinearQuadratic"
import * as Effect from "effect/Effect"

const discount = 0.95

/** The discounted return of u = -(1 + bend) K x from a state. */
const rollOut = Effect.fnUntraced(function* (
  optimum: LinearQuadratic.Optimum,
  start: ReadonlyArray<number>,
  bend = 0
) {
  const world = yield* LinearQuadratic.make({ timeLimit: 1000, actionBound: 50 }).make
  world.restore(Environment.at(Float64Array.from(start)))
  let [sum, weight] = [0, 1]
  while (!world.truncated) {
    const state = Environment.stateOf(world.snapshot())
    assert.instanceOf(state, Float64Array)
    const action = LinearQuadratic.act(optimum, Array.from(state))
    world.step(Float64Array.from(action, (u) => (1 + bend) * u))
    sum += weight * world.reward
    weight *= discount
  }
  return sum
})

it.effect(
  "the optimal value is the discounted return of the optimal policy, and no bent policy is better",
  () =>
    Effect.gen(function* () {
      const optimum = LinearQuadratic.optimum({}, discount)
      const start = [0.7, -0.4]
      const best = yield* rollOut(optimum, start)
      assert.approximately(best, LinearQuadratic.value(optimum, start), 1e-9)
      for (const bend of [-0.1, 0.1]) assert.isBelow(yield* rollOut(optimum, start, bend), best)
    })
)

it("solves the scalar equation that can be solved by hand", () => {
  // a = b = q = r = 1 without discounting: p = 1 + p - p^2 / (1 + p), so p is the golden ratio and k = p / (1 + p).
  const { gain, cost } = LinearQuadratic.optimum({ a: [[1]], b: [[1]], q: [[1]], r: [[1]] }, 1)
  const golden = (1 + Math.sqrt(5)) / 2
  assert.approximately(cost[0]![0]!, golden, 1e-12)
  assert.approximately(gain[0]![0]!, golden / (1 + golden), 1e-12)
})

it("solves for several actions at once", () => {
  // Two scalar systems side by side do not touch each other.
  const pair = {
    a: [
      [1, 0],
      [0, 2]
    ],
    b: [
      [1, 0],
      [0, 3]
    ],
    q: [
      [1, 0],
      [0, 5]
    ],
    r: [
      [1, 0],
      [0, 7]
    ]
  } as const
  const both = LinearQuadratic.optimum(pair, discount)
  const second = LinearQuadratic.optimum({ a: [[2]], b: [[3]], q: [[5]], r: [[7]] }, discount)
  assert.approximately(both.gain[1]![1]!, second.gain[0]![0]!, 1e-12)
  assert.strictEqual(both.gain[0]![1], 0)
})

it("refuses matrices that do not fit, by name", () => {
  assert.throws(() => LinearQuadratic.make({ q: [[1]] }), "options of linearQuadratic: q: is not 2 by 2")
})
