/**
 * Networks beside actor and critics, shown on an encoder that learns to foresee its own next code, and of which actor and
 * critics read copies that stand still for a while (TD7; Fujimoto et al., 2023): its heart.
 */
import { assert, describe, it } from "@effect/vitest"
import { Algorithm, Ddpg, Phases } from "@ornstein/algos"
import {
  Agent,
  Engine,
  Key,
  type Learner,
  Network,
  Optimizer,
  Parameters,
  Scalars,
  type Training
} from "@ornstein/core"
import { NdArray, TfjsEngine, Tree } from "@ornstein/jit"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { train } from "./Pendulum.ts"

const CODE = 6

type Widths = Pick<Learner.Sizes, "action" | "observation">

/** z(s) `[batch, 6]` of one input; of a code and an action the code that is to come. */
const encoder = ({ action, observation }: Widths): Algorithm.OtherNetwork => {
  const state = Network.stack({ input: observation, hidden: [8], output: CODE }, "state")
  const next = Network.stack({ input: CODE + action, hidden: [8], output: CODE }, "next")
  return Network.stateless(
    (key) => Network.initLayers([...state, ...next], key),
    (parameters, x, a) =>
      a === undefined
        ? Network.applyLayers(state, parameters, x)
        : Network.applyLayers(next, parameters, tf.concat([x, a], 1))
  )
}

const code = (weights: Network.Weights, sizes: Widths, ...inputs: ReadonlyArray<tf.Tensor>): tf.Tensor => {
  const beside = weights.beside?.["encoder"]
  if (beside === undefined) throw new RangeError("there is no encoder beside")
  return encoder(sizes).apply(beside, ...inputs).output
}

const encoded = (changes: Partial<Algorithm.Other> = {}): Algorithm.Variant =>
  Algorithm.variant("encoded", () => ({
    networks: {
      encoder: {
        network: (_self, sizes) => encoder(sizes),
        optimizer: Optimizer.adam({ learningRate: 1e-3 }),
        every: 1,
        loss: (m, c, weights) => {
          const z = m.network("encoder", weights, c.s)
          const next = m.network("encoder", c.network("encoder"), c.s2)
          return tf.mean(tf.square(tf.sub(m.network("encoder", weights, z, c.a), next)))
        },
        copies: { fixedTarget: "fixed", fixed: "encoder" },
        copyEvery: 3,
        ...changes
      }
    },
    beside: { online: { encoder: "fixed" }, target: { encoder: "fixedTarget" } },
    actor: (_self, sizes) => {
      const layers = Network.stack({
        input: sizes.observation + CODE,
        hidden: [8],
        output: sizes.action,
        outputActivation: "tanh"
      })
      return {
        init: (key) => ({ parameters: Network.initLayers(layers, key), statistics: {} }),
        apply: (weights, s) => {
          const x = tf.concat([s, code(weights, sizes, s)], 1)
          return { output: Network.applyLayers(layers, weights.parameters, x), statistics: {} }
        }
      }
    },
    critic: ({ criticOutputs }, sizes) => {
      const input = sizes.observation + sizes.action + 2 * CODE
      const layers = Network.stack({ input, hidden: [8], output: criticOutputs })
      return {
        init: (key) => ({ parameters: Network.initLayers(layers, key), statistics: {} }),
        apply: (weights, s, a) => {
          const z = code(weights, sizes, s)
          const x = tf.concat([s, a, z, code(weights, sizes, z, a)], 1)
          return { output: Network.applyLayers(layers, weights.parameters, x), statistics: {} }
        }
      }
    }
  }))

const sizes: Learner.Sizes = { observation: 3, action: 2, batch: 8 }
const algorithm = Ddpg.make().pipe(encoded())
const plan = Algorithm.learner(algorithm).plan(sizes)
const key = Key.make(23)

const initial: Learner.State<tf.Tensor> = Tree.map(plan.init(key), NdArray.isNdArray, ({ data, shape }) =>
  tf.tensor(data, [...shape])
)

const inputs: Learner.Inputs<tf.Tensor> = {
  batch: Object.fromEntries(
    Object.entries(plan.batch).map(([name, { shape }]) => [
      name,
      tf.tensor(Key.normals(Key.fold(key, name), new Float32Array(NdArray.size(shape))), [...shape])
    ])
  ),
  draws: {},
  scalars: Scalars.initial(plan.scalars)
}

const update = (phase: string, from: Learner.State<tf.Tensor>) =>
  plan.phases.find(({ name }) => name === phase)!.update(from, inputs)[0]

const numbers = (parameters: Parameters.Tensors | undefined): ReadonlyArray<number> =>
  Parameters.leaves(parameters ?? {}).flatMap((leaf) => Array.from(leaf.dataSync()))

describe("a network beside actor and critics", () => {
  it("learns before the critics, and is copied after all", () => {
    assert.deepStrictEqual(
      plan.phases.map(({ every, name }) => `${name} ${every}`),
      ["encoder 1", "critic 1", "actor 1", "targets 1", "encoderCopies 3"]
    )
    assert.isDefined(plan.scalars["encoderLearningRate"])
  })

  it("is moved by its own loss alone", () => {
    const after = update("encoder", initial)
    assert.notDeepEqual(numbers(after.online["encoder"]), numbers(initial.online["encoder"]))
    for (const name of ["actor", "critic"]) {
      assert.strictEqual(after.online[name], initial.online[name])
      const moved = update(name, initial)
      assert.notDeepEqual(numbers(moved.online[name]), numbers(initial.online[name]))
      assert.strictEqual(moved.online["encoder"], initial.online["encoder"])
      assert.strictEqual(moved.target, initial.target)
    }
    const m = Algorithm.bind(algorithm, sizes)
    const loss = (state: typeof initial) => {
      const c = Phases.context(state, inputs, algorithm.beside)
      return algorithm.networks["encoder"]!.loss(m, c, c.network("encoder")).dataSync()[0]!
    }
    assert.isBelow(loss(after), loss(initial))
  })

  it("has copies that begin as it, stand still, and follow all at once", () => {
    const copies = ["fixed", "fixedTarget"]
    for (const copy of copies) {
      assert.deepStrictEqual(numbers(initial.target[copy]), numbers(initial.online["encoder"]))
    }
    const first = update("encoder", initial)
    assert.strictEqual(update("targets", first).target["fixed"], initial.target["fixed"])
    const copied = update("encoderCopies", first)
    assert.strictEqual(copied.target["fixed"], first.online["encoder"])
    assert.strictEqual(copied.target["fixedTarget"], initial.target["fixed"])
    assert.strictEqual(copied.target["actor"], initial.target["actor"])
    const again = update("encoderCopies", update("encoder", copied))
    assert.strictEqual(again.target["fixedTarget"], first.online["encoder"])
  })

  it("is read by who acts through the copy that stands beside it", () => {
    const s = tf.tensor2d([[0.4, -1, 0.2]])
    const act = (state: typeof initial) => Array.from(plan.act(state, s, undefined).dataSync())
    const learned = update("encoder", initial)
    assert.deepStrictEqual(act(learned), act(initial))
    const copied = update("encoderCopies", learned)
    assert.notDeepEqual(act(copied), act(initial))
    const c = Phases.context(copied, inputs, algorithm.beside)
    assert.strictEqual(c.online.critics.beside?.["encoder"]?.parameters, copied.target["fixed"])
    assert.strictEqual(c.target.critics.beside?.["encoder"]?.parameters, copied.target["fixedTarget"])
  })

  it.effect("whose loss is no scalar is refused by name", () =>
    Effect.gen(function* () {
      const wrong = Ddpg.make().pipe(encoded({ loss: (m, c, weights) => m.network("encoder", weights, c.s) }))
      const error = yield* Agent.make(Algorithm.learner(wrong), sizes, key).pipe(
        Effect.scoped,
        Effect.provideService(Engine.Engine, TfjsEngine.cpu()),
        Effect.flip
      )
      assert.strictEqual(
        error.message,
        'slot "networks.encoder" of encoded: gave [8, 6], expected a scalar, []'
      )
      const m = Algorithm.bind(Ddpg.make(), sizes)
      assert.throws(
        () => m.network("encoder", Network.weights({}), tf.zeros([1, 1])),
        RangeError,
        '"encoder"'
      )
    })
  )

  it.effect("trains, and resumed is the run that never stopped", () =>
    Effect.gen(function* () {
      const run = (steps: number, from?: Training.Saved) =>
        train({ steps }, from, WasmEngine.make(), Algorithm.learner(Ddpg.make().pipe(encoded())))
      const whole = yield* run(200)
      const { saved } = yield* run(112)
      assert.strictEqual((yield* run(200, saved)).state, whole.state)
      assert.isDefined(whole.reports.at(-1)?.metrics["encoderLoss"])
    })
  )
})
