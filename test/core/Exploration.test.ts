import { Effect, Layer, Schema } from "effect"
import { Exploration, Field, Key, Part, Ramp } from "@ornstein/core"
import { assert, describe, it } from "@effect/vitest"
import * as Golden from "../algos/Golden.ts"

const made = (layer: Layer.Layer<Exploration.Exploration>, seed = 1, dimensions = 3) =>
  Exploration.Exploration.useSync(({ make }) => make(Key.make(seed), dimensions)).pipe(Effect.provide(layer))

describe("noise computes the golden numbers", () => {
  it.each(Golden.read("noise", "exploration-noise").cases)("$label", (given) => {
    const { expected, kind, normals, policy_actions, reset_before_step, settings } = given
    const { decay_period, dt, initial, mu: mean = 0, sigma_max = 0, sigma_min = 0, theta } = settings
    const [steps, dimensions] = [normals.shape[0]!, normals.shape[1]!]
    const decay: Ramp.Ramp = settings.sigma ?? {
      kind: "linear",
      from: sigma_max,
      to: sigma_min,
      steps: decay_period!
    }
    const late = settings.order === "evolve-then-decay" ? 1 : 0
    const start = initial ?? mean
    const x = new Float64Array(dimensions).fill(start)
    for (let step = 0; step < steps; step++) {
      if (reset_before_step.includes(step)) x.fill(start)
      const sigma = Ramp.at(decay, Math.max(0, step - late))
      const normal = (i: number) => normals.data[step * dimensions + i]!
      if (kind === "gaussian-decay") for (let i = 0; i < dimensions; i++) x[i] = sigma * normal(i)
      else
        Exploration.evolve(x, { theta: theta!, sigma, mean, dt: kind === "ou-dt" ? dt : undefined }, normal)
      const row = (tensor: Golden.Tensor) => tensor.data.slice(step * dimensions, (step + 1) * dimensions)
      Golden.near(x, row(expected.noise), 1e-14, `step ${step}`)
      if (policy_actions !== undefined && expected.actions !== undefined) {
        const actions = row(policy_actions).map((a, i) => Math.max(-1, Math.min(1, a + x[i]!)))
        Golden.near(actions, row(expected.actions), 1e-14, `step ${step} action`)
      }
    }
  })
})

describe("a live process", () => {
  it.effect("goes on from its snapshot, and starts at its mean in every episode", () =>
    Effect.gen(function* () {
      const layer = Exploration.layerOrnsteinUhlenbeck({ sigma: 0.2, theta: 0.15 })
      const [process, other] = [yield* made(layer), yield* made(layer)]
      const play = (instance: Exploration.Instance, from: number, to: number) =>
        Array.from({ length: to - from }, (_, i) => {
          const action = new Float64Array(3)
          instance.perturb(action, from + i)
          return Array.from(action)
        })
      play(process, 0, 20)
      other.restore(process.snapshot())
      assert.deepStrictEqual(play(other, 20, 40), play(process, 20, 40))
      process.reset()
      assert.deepStrictEqual(process.snapshot(), new Float64Array(3))
    })
  )

  it.effect("follows its ramp, with other noise in each dimension and step", () =>
    Effect.gen(function* () {
      const sigma = { kind: "linear", from: 0.4, to: 0, steps: 10 } as const
      const layers = [
        Exploration.layerGaussian({ sigma }),
        // With theta 1 nothing is left of the noise before.
        Exploration.layerOrnsteinUhlenbeck({ sigma, theta: 1 })
      ]
      for (const layer of layers) {
        const process = yield* made(layer)
        const played = Array.from({ length: 20 }, (_, step) => {
          const action = new Float64Array(3)
          process.perturb(action, step)
          assert.closeTo(process.scale(step), Math.max(0, 0.4 - 0.04 * step), 1e-15)
          return Array.from(action)
        })
        assert.strictEqual(new Set(played.slice(0, 10).flat()).size, 30)
        assert.deepStrictEqual(new Set(played.slice(10).flat().map(Math.abs)), new Set([0]))
      }
    })
  )

  it.effect("clips actions, Gaussian noise has its deviation", () =>
    Effect.gen(function* () {
      const process = yield* made(Exploration.layerGaussian({ sigma: 0.3 }), 2, 1)
      let squares = 0
      for (let step = 0; step < 5000; step++) {
        const action = Float64Array.of(0)
        process.perturb(action, step)
        assert.isAtMost(Math.abs(action[0]!), 1)
        squares += action[0]! * action[0]!
      }
      assert.closeTo(Math.sqrt(squares / 5000), 0.3, 0.01)
      const wild = yield* made(Exploration.layerOrnsteinUhlenbeck({ sigma: 5, theta: 0.15 }))
      const action = Float64Array.of(0, 0, 0)
      wild.perturb(action, 0)
      assert.isTrue(action.some((a) => Math.abs(a) === 1))
      assert.isTrue(action.every((a) => Math.abs(a) <= 1))
    })
  )

  it.effect("a mixture acts uniformly in its share of steps, and as before in the others", () =>
    Effect.gen(function* () {
      const process = yield* made(Exploration.layerNone.pipe(Exploration.mixture(0.25)), 3, 2)
      let random = 0
      let least = 0
      for (let step = 0; step < 8000; step++) {
        const action = Float64Array.of(0.5, -0.5)
        process.perturb(action, step)
        if (action[0] !== 0.5) {
          random += 1
          least = Math.min(least, action[1]!)
        }
      }
      assert.closeTo(random / 8000, 0.25, 0.02)
      assert.isBelow(least, -0.99)
    })
  )
})

/** All of one's own kind of exploration, from the public face alone. */
const squareWave = (() => {
  const fields = {
    kind: Schema.tag("squareWave"),
    half: Field.positiveInt.annotate({ description: "steps in one direction" }).pipe(Field.withDefault(2))
  }
  return Part.from([Schema.Struct({ ...fields, ...Exploration.mixedFields })], {
    description: "to and fro by as much as there is",
    source: "for this test",
    requires: [Exploration.isAdded],
    example: { half: 3 },
    make: ({ epsilon, half }) =>
      Exploration.mixed(
        { epsilon },
        Layer.succeed(Exploration.Exploration, {
          name: "squareWave",
          make: () =>
            Exploration.memoryless(
              () => 2,
              (action, step) => {
                const by = Math.floor(step / half) % 2 === 0 ? 2 : -2
                for (let i = 0; i < action.length; i++) action[i] = Exploration.clip(action[i]! + by)
              }
            )
        })
      )
  })
})()

describe("an exploration of one's own", () => {
  const kinds = Exploration.kinds.with(squareWave)

  it.effect("stands beside ours, mixed as they are", () =>
    Effect.gen(function* () {
      const played = (options: object) =>
        Effect.gen(function* () {
          const decoded = yield* Effect.fromResult(kinds.decode({ kind: "squareWave", ...options }))
          const process = yield* made(kinds.make(decoded), 3, 1)
          return Array.from({ length: 6 }, (_, step) => {
            const action = Float64Array.of(0)
            process.perturb(action, step)
            return action[0]!
          })
        })
      assert.deepStrictEqual(yield* played({}), [1, 1, -1, -1, 1, 1])
      assert.deepStrictEqual(yield* played({ half: 3 }), [1, 1, 1, -1, -1, -1])
      assert.isTrue((yield* played({ epsilon: 1 })).every((a) => Math.abs(a) < 1))
    })
  )
})
