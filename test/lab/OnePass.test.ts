/** Validation and construction are one pass: nothing is made before it is asked for, and nothing twice. */
import { assert, it } from "@effect/vitest"
import * as Config from "@ornstein/core/Config"
import * as Experiment from "@ornstein/lab/Experiment"
import { Effect } from "effect"

/** The experiment, which counts what is made. */
const counting = () => {
  const { catalogues } = Experiment
  const made = { worlds: 0, algorithms: 0 }
  const experiment = Experiment.make({
    ...catalogues,
    worlds: {
      ...catalogues.worlds,
      construct: (options) => {
        made.worlds += 1
        return catalogues.worlds.construct(options)
      }
    },
    bases: {
      ...catalogues.bases,
      construct: (options) => {
        made.algorithms += 1
        return catalogues.bases.construct(options)
      }
    }
  })
  return { experiment, made }
}

const input = { environment: { kind: "pendulum" }, algorithm: { base: "td3", variants: [{ kind: "huber" }] } }

it.effect("a world and an algorithm are made once, for all rules and for the run", () =>
  Effect.gen(function* () {
    const { experiment, made } = counting()
    assert.deepStrictEqual(made, { worlds: 0, algorithms: 0 })
    const config = yield* Effect.fromResult(experiment.decode(input))
    assert.deepStrictEqual(made, { worlds: 1, algorithms: 1 })
    const learner = yield* experiment.learner(config)
    assert.strictEqual(learner.name, "TD3 + huber")
    assert.strictEqual(experiment.world(config).spec.id, "Pendulum-v1")
    assert.isAbove(experiment.replayBytes(config), 0)
    assert.deepStrictEqual(made, { worlds: 1, algorithms: 1 })
  })
)

it.effect("overrides of a command are decoded with one more look at what they change", () =>
  Effect.gen(function* () {
    const { experiment, made } = counting()
    const set = ["algorithm.tau=0.02", "training.steps=2000"]
    const config = yield* Effect.fromResult(Config.decodeWith(experiment.definition, input, set))
    yield* experiment.learner(config)
    assert.deepStrictEqual(made, { worlds: 1, algorithms: 1 })
  })
)
