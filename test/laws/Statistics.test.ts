/** Networks that keep statistics of what they have seen, shown on batch normalisation: trained, acting, copied, resumed. */
import { assert, describe, it } from "@effect/vitest"
import { Algorithm, criticEnsemble, Ddpg, Phases, twinCritics } from "@ornstein/algos"
import { Key, type Learner, Network, Parameters, Scalars, Snapshot, type Training } from "@ornstein/core"
import { NdArray, TfjsEngine, Tree } from "@ornstein/jit"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { batchNorm, crossed, mlp, MOMENTUM } from "./BatchNorm.ts"
import { train } from "./Pendulum.ts"

const sizes: Learner.Sizes = { observation: 3, action: 2, batch: 16 }
const key = Key.make(17)

const ddpg = Ddpg.make().pipe(batchNorm(8))

const tensor = ({ data, shape }: NdArray.NdArray): tf.Tensor => tf.tensor(data, [...shape])

const numbers = (parameters: Parameters.Tensors | undefined): ReadonlyArray<number> =>
  Parameters.leaves(parameters ?? {}).flatMap((leaf) => Array.from(leaf.dataSync()))

const setUp = (algorithm: Algorithm.Algorithm) => {
  const plan = Algorithm.learner(algorithm).plan(sizes)
  const state: Learner.State<tf.Tensor> = Tree.map(plan.init(key), NdArray.isNdArray, tensor)
  const normals = (name: string, shape: ReadonlyArray<number>): tf.Tensor =>
    tf.tensor(Key.normals(Key.fold(key, name), new Float32Array(NdArray.size(shape))), [...shape])
  const inputs: Learner.Inputs<tf.Tensor> = {
    batch: Object.fromEntries(
      Object.entries(plan.batch).map(([name, { shape }]) => [name, normals(name, shape)])
    ),
    draws: {},
    scalars: Scalars.initial(plan.scalars)
  }
  const update = (phase: string, from: Learner.State<tf.Tensor>) =>
    plan.phases.find(({ name }) => name === phase)!.update(from, inputs)[0]
  return {
    plan,
    state,
    inputs,
    update,
    c: Phases.context(state, inputs),
    m: Algorithm.bind(algorithm, sizes)
  }
}

const near = (actual: ReadonlyArray<number>, expected: ReadonlyArray<number>): void => {
  assert.lengthOf(actual, expected.length)
  actual.forEach((x, i) => assert.closeTo(x, expected[i]!, 1e-5))
}

describe("a network's statistics", () => {
  it("are of the minibatch that it learned from, once, and no gradient moves them", () => {
    const { c, state, update } = setUp(ddpg)
    const after = update("critic", state)
    const layer = Parameters.unprefixed(c.online.critics.parameters, "0")
    const z = tf.add(
      tf.matMul(tf.concat([c.s, c.a], 1), Parameters.at(layer, "l0.w")),
      Parameters.at(layer, "l0.b")
    )
    const mean = tf.mean(z, 0)
    const expected = (seen: tf.Tensor, before: number): ReadonlyArray<number> =>
      Array.from(seen.dataSync(), (x) => MOMENTUM * before + (1 - MOMENTUM) * x)
    near(numbers(after.statistics?.online["critic"]), [
      ...expected(mean, 0),
      ...expected(tf.mean(tf.square(tf.sub(z, mean)), 0), 1)
    ])
    assert.deepStrictEqual(after.statistics?.online["actor"], state.statistics?.online["actor"])
    assert.deepStrictEqual(after.statistics?.target, state.statistics?.target)
    assert.notDeepEqual(numbers(after.online["critic"]), numbers(state.online["critic"]))
  })

  it("of the actor move with the actor, and the critics' do not", () => {
    const { state, update } = setUp(ddpg)
    const after = update("actor", state)
    const of = (name: string, { statistics }: typeof state) => numbers(statistics?.online[name])
    assert.notDeepEqual(of("actor", after), of("actor", state))
    assert.deepStrictEqual(of("critic", after), of("critic", state))
  })

  it("are what it acts by: one observation is not its own mean", () => {
    const { plan, state, update } = setUp(ddpg)
    const s = tf.tensor2d([[0.3, -0.2, 0.9]])
    const network = mlp({ input: 3, hidden: 8, output: 2, outputActivation: "tanh" })
    const moved = update("actor", state)
    const weights: Network.Weights = {
      parameters: moved.online["actor"]!,
      statistics: moved.statistics!.online["actor"]!,
      isTraining: false
    }
    const acted = Array.from(plan.act(moved, s, undefined).dataSync())
    near(acted, Array.from(network.apply(weights, s).output.dataSync()))
    assert.notDeepEqual(
      acted,
      Array.from(network.apply(Network.training(weights), s).output.dataSync()),
      "in a pass that learns the observation is its own mean"
    )
    assert.deepStrictEqual(network.apply(weights, s).statistics, weights.statistics)
  })

  it("of slow copies are copied or kept, as the algorithm declares", () => {
    const kept = Algorithm.variant("kept", () => ({ targetStatistics: "kept" }))
    const followed = (algorithm: Algorithm.Algorithm) => {
      const { state, update } = setUp(algorithm)
      const moved = update("actor", update("critic", state))
      return { state, moved, after: update("targets", moved) }
    }
    const copy = followed(ddpg)
    const keep = followed(ddpg.pipe(kept))
    for (const name of ["actor", "critic"]) {
      const target = ({ statistics }: typeof copy.state) => numbers(statistics?.target[name])
      const online = ({ statistics }: typeof copy.state) => numbers(statistics?.online[name])
      assert.notDeepEqual(online(copy.moved), online(copy.state))
      assert.deepStrictEqual(target(copy.moved), target(copy.state))
      assert.deepStrictEqual(target(copy.after), online(copy.moved))
      assert.deepStrictEqual(target(keep.after), target(keep.state))
    }
  })

  it("go on from each other where a loss applies the network twice", () => {
    const twice = Algorithm.variant("twice", ({ actorLoss }) => ({
      actorLoss: (m, c, actor) => tf.add(actorLoss(m, c, actor), tf.mul(tf.mean(m.policy(actor, c.s)), 0))
    }))
    const mean = (algorithm: Algorithm.Algorithm) => {
      const { state, update } = setUp(algorithm)
      return Parameters.at(update("actor", state).statistics!.online["actor"]!, "norm.mean").dataSync()
    }
    const [once, again] = [mean(ddpg), mean(ddpg.pipe(twice))]
    near(
      Array.from(again),
      Array.from(once, (x) => (1 + MOMENTUM) * x)
    )
  })

  it("are each critic's own", () => {
    const { state, update } = setUp(ddpg.pipe(criticEnsemble({ critics: 3, subset: 3 })))
    const after = update("critic", state).statistics!.online["critic"]!
    const means = ["0", "1", "2"].map((name) => numbers(Parameters.unprefixed(after, name)))
    assert.deepStrictEqual(Object.keys(after), ["0.norm", "1.norm", "2.norm"])
    assert.strictEqual(new Set(means.map((numbers) => numbers.join())).size, 3)
  })

  it("stand in the state where there are some, and nowhere else", () => {
    const paths = (algorithm: Algorithm.Algorithm) =>
      Tree.entries<NdArray.NdArray>(
        Tree.from(Algorithm.learner(algorithm).plan(sizes).init(key), NdArray.isNdArray),
        NdArray.isNdArray
      )
        .map(({ path }) => path)
        .filter((path) => path.startsWith("statistics"))
    assert.deepStrictEqual(paths(Ddpg.make()), [])
    assert.deepStrictEqual(paths(ddpg), [
      "statistics.online.actor.norm.mean",
      "statistics.online.actor.norm.variance",
      "statistics.online.critic.0.norm.mean",
      "statistics.online.critic.0.norm.variance",
      "statistics.target.actor.norm.mean",
      "statistics.target.actor.norm.variance",
      "statistics.target.critic.0.norm.mean",
      "statistics.target.critic.0.norm.variance"
    ])
    assert.lengthOf(paths(ddpg.pipe(crossed)), 4)
  })
})

/** As wide as work is split over threads, and minibatches of a size at which they are summed in parts. */
const algorithms = {
  "DDPG with batch normalisation": Ddpg.make().pipe(batchNorm(128)),
  "TD3's critics with batch normalisation": Ddpg.make().pipe(batchNorm(64), twinCritics),
  "one minibatch for s and s', without slow copies": Ddpg.make().pipe(batchNorm(128), crossed)
}

describe.each(Object.entries(algorithms))("%s", (_name, algorithm) => {
  const learner = Algorithm.learner(algorithm)
  const run = (steps: number, from?: Training.Saved, threads = 1) =>
    train({ steps, batchSize: 128, learningStarts: 140 }, from, WasmEngine.make({ threads }), learner)

  it.effect("trains, and resumed is the run that never stopped, on one thread or two", () =>
    Effect.gen(function* () {
      const whole = yield* run(260)
      const { saved } = yield* run(201)
      const mean = (state: Training.TrainState) =>
        Snapshot.getFloat32(state.agent, "statistics.online.critic.0.norm.mean")
      assert.notDeepEqual(mean(saved.state), mean(whole.saved.state))
      assert.strictEqual((yield* run(260, saved)).state, whole.state)
      assert.strictEqual((yield* run(260, undefined, 2)).state, whole.state)
    })
  )
})

describe("batch normalisation", () => {
  it.effect("computes on the oracle what it computes on wasm, but for rounding", () =>
    Effect.gen(function* () {
      const learner = Algorithm.learner(ddpg)
      const short = { steps: 64, learningStarts: 60 }
      const [left, right] = [
        yield* train(short, undefined, WasmEngine.make(), learner),
        yield* train(short, undefined, TfjsEngine.cpu(), learner)
      ]
      const metrics = ({ reports }: typeof left) => Object.values(reports.at(-1)?.metrics ?? {})
      assert.isAbove(metrics(left).length, 0)
      metrics(left).forEach((x, i) => assert.closeTo(x, metrics(right)[i]!, 1e-3 * Math.max(1, Math.abs(x))))
    })
  )
})
