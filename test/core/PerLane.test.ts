/** Noise that differs from lane to lane: rungs of a ladder, and scales drawn for each episode. */
import { Exploration, Key } from "@ornstein/core"
import * as PerLane from "@ornstein/core/internal/exploration/PerLane"
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Layer } from "effect"

const key = Key.make(4)

const made = (layer: Layer.Layer<Exploration.Exploration>, lane: number, lanes: number) =>
  Effect.provide(
    Exploration.Exploration.useSync(({ make }) => make(Key.fold(key, lane), 2, { lane, lanes })),
    layer
  )

describe("a ladder", () => {
  const options = { rule: "ladder", from: 0.1, to: 0.4 } as const

  it("has rungs of equal ratios, from the first lane to the last", () => {
    const rungs = [0, 1, 2].map((lane) => PerLane.rung(options, { lane, lanes: 3 }))
    assert.strictEqual(rungs[0], 0.1)
    assert.closeTo(rungs[1] ?? 0, 0.2, 1e-12)
    assert.strictEqual(rungs[2], 0.4)
    const down = [0, 1, 2, 3].map((lane) => PerLane.rung({ ...options, from: 8, to: 1 }, { lane, lanes: 4 }))
    assert.deepStrictEqual(
      down.map((rung) => Number(rung.toFixed(9))),
      [8, 4, 2, 1]
    )
  })

  it.effect.each([
    { name: "gaussian", layer: Exploration.layerGaussian },
    { name: "ornsteinUhlenbeck", layer: Exploration.layerOrnsteinUhlenbeck }
  ])("$name: a lane's noise is that of one sigma times its rung", ({ layer }) =>
    Effect.gen(function* () {
      const plain = yield* made(layer({ sigma: 0.05 }), 1, 2)
      const rung = yield* made(layer({ sigma: 0.05, perLane: { rule: "ladder", from: 1, to: 4 } }), 1, 2)
      assert.strictEqual(rung.scale(0), 0.2)
      for (const one of [plain, rung]) one.reset()
      for (let step = 0; step < 5; step++) {
        const [a, b] = [new Float64Array(2), new Float64Array(2)]
        plain.perturb(a, step)
        rung.perturb(b, step)
        for (let i = 0; i < 2; i++) assert.closeTo(b[i]!, 4 * a[i]!, 1e-12)
        assert.notStrictEqual(a[0], 0)
      }
    })
  )
})

describe("scales that are drawn", () => {
  const perLane = { rule: "uniform", from: 0.5, to: 2 } as const

  it.effect("lie between the two, and are others in each episode and in each lane", () =>
    Effect.gen(function* () {
      const scales: Array<number> = []
      for (const lane of [0, 1, 2, 3]) {
        const one = yield* made(Exploration.layerGaussian({ sigma: 0.1, perLane }), lane, 4)
        for (let episode = 0; episode < 250; episode++) {
          one.reset()
          scales.push(one.scale(0))
        }
      }
      assert.lengthOf([...new Set(scales)], 1000)
      assert.isAtLeast(Math.min(...scales), 0.05)
      assert.isAtMost(Math.max(...scales), 0.2)
      assert.closeTo(scales.reduce((a, b) => a + b, 0) / 1000, 0.125, 0.005)
    })
  )

  it.effect.each([
    { name: "gaussian", layer: Exploration.layerGaussian },
    { name: "ornsteinUhlenbeck, mixed", layer: Exploration.layerOrnsteinUhlenbeck }
  ])("$name: goes on from its snapshot, in the same episode and the next", ({ layer }) =>
    Effect.gen(function* () {
      const one = yield* made(Exploration.mixture(0.2)(layer({ perLane })), 1, 3)
      const other = yield* made(Exploration.mixture(0.2)(layer({ perLane })), 1, 3)
      one.reset()
      one.reset()
      one.perturb(new Float64Array(2), 0)
      other.restore(one.snapshot())
      for (let episode = 0; episode < 3; episode++) {
        assert.strictEqual(other.scale(3), one.scale(3))
        const [a, b] = [new Float64Array(2), new Float64Array(2)]
        one.perturb(a, 5)
        other.perturb(b, 5)
        assert.deepStrictEqual(b, a)
        one.reset()
        other.reset()
      }
      assert.deepStrictEqual(other.snapshot(), one.snapshot())
    })
  )
})
