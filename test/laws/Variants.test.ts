/** What holds of every algorithm: its gradients, what each phase moves and leaves, and how variants compose. */
import {
  Algorithm,
  behaviourCloning,
  categoricalCritic,
  criticEnsemble,
  Ddpg,
  delayedPolicy,
  huber,
  layerNorm,
  Phases,
  quantileCritic,
  softActor,
  targetPolicySmoothing,
  targetUpdate,
  twinCritics
} from "@ornstein/algos"
import { Draw, Gradient, Key, Learner, Network, Parameters } from "@ornstein/core"
import { NdArray, Tree } from "@ornstein/jit"
import * as Scalars from "@ornstein/core/Scalars"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"

const key = Key.make(21)
const sizes: Learner.Sizes = { observation: 3, action: 2, batch: 16, isWeighted: true }

/** Larger last layers than DDPG's, so that gradients are not near 0. */
const ddpg = Ddpg.make({ hidden: [16, 16], criticL2: 0.01 })

const atoms = categoricalCritic({ minimum: -3, maximum: 3, atoms: 11 })

const algorithms = {
  ddpg,
  td3: ddpg.pipe(twinCritics, targetPolicySmoothing(), delayedPolicy()),
  d4pg: ddpg.pipe(atoms),
  sac: ddpg.pipe(softActor(), twinCritics),
  tqc: ddpg.pipe(softActor(), quantileCritic({ count: 2, quantiles: 5, dropped: 1 })),
  redq: ddpg.pipe(softActor(), criticEnsemble({ critics: 4 })),
  "soft d4pg": ddpg.pipe(atoms, softActor({ temperatureLoss: "exponential" })),
  "td3 with behaviour cloning, Huber and layer normalisation": ddpg.pipe(
    criticEnsemble({ critics: 3, combine: "mean" }),
    behaviourCloning(),
    huber({ delta: 0.5 }),
    layerNorm,
    targetUpdate({ rule: "hard", every: 2 })
  )
}

const tensor = ({ data, dtype, shape }: NdArray.NdArray): tf.Tensor => tf.tensor(data, [...shape], dtype)

const normals = (name: string, { shape }: NdArray.Spec, scale = 0.7): tf.Tensor =>
  tensor({
    shape,
    dtype: "float32",
    data: Key.normals(Key.fold(key, name), new Float32Array(NdArray.size(shape)), 0, scale)
  })

const setUp = (algorithm: Algorithm.Algorithm) => {
  const learner = Algorithm.learner(algorithm).plan(sizes)
  const state: Learner.State<tf.Tensor> = Tree.map(
    learner.init(Key.fold(key, "init")),
    NdArray.isNdArray,
    (leaf, path) =>
      // Away from the beginning: targets that differ, last layers that matter.
      path.startsWith("optimizer") ? tensor(leaf) : tf.add(tensor(leaf), normals(path, leaf, 0.2))
  )
  const inputs: Learner.Inputs<tf.Tensor> = {
    batch: Object.fromEntries(
      Object.entries(learner.batch).map(([name, spec]) => {
        const drawn = normals(name, spec)
        return [name, name === "weight" || name === "discount" ? tf.sigmoid(drawn) : drawn]
      })
    ),
    draws: Object.fromEntries(
      Object.entries(learner.draws).map(([name, draw]) => {
        const drawn = NdArray.zeros(Draw.spec(draw).shape, Draw.spec(draw).dtype)
        Draw.write(draw, Key.fold(key, name), drawn.data)
        return [name, tensor(drawn)]
      })
    ),
    scalars: Scalars.initial(learner.scalars)
  }
  return {
    learner,
    state,
    inputs,
    m: Algorithm.bind(algorithm, sizes),
    c: Phases.context(state, inputs)
  }
}

const flat = (parameters: Parameters.Tensors): ReadonlyArray<number> =>
  Parameters.leaves(parameters).flatMap((leaf) => Array.from(leaf.dataSync()))

const scalar = (x: tf.Tensor): number => x.dataSync()[0]!

/** Compares a gradient with central differences along random parts of itself. */
const checkGradient = (
  parameters: Parameters.Tensors,
  loss: (parameters: Parameters.Tensors) => tf.Tensor,
  label: string
): void => {
  const { gradients } = Gradient.differentiate(parameters, loss)
  const norm = Math.sqrt(flat(gradients).reduce((sum, g) => sum + g * g, 0))
  assert.isAbove(norm, 1e-4, label)
  for (let part = 0; part < 3; part++) {
    // The whole of it first.
    const direction = Parameters.map(gradients, (g, path) =>
      tf.div(
        tf.mul(g, tf.greater(normals(`${path} ${part}`, NdArray.spec(g.shape)), part === 0 ? -10 : 0)),
        norm
      )
    )
    const slope = flat(Parameters.zip(gradients, direction, (g, d) => tf.mul(g, d))).reduce(
      (sum, x) => sum + x,
      0
    )
    if (slope === 0) continue
    const h = 2e-3
    const at = (sign: number) =>
      scalar(loss(Parameters.zip(parameters, direction, (p, d) => tf.add(p, tf.mul(d, sign * h)))))
    const difference = (at(1) - at(-1)) / (2 * h)
    assert.closeTo(difference / slope, 1, 0.03, `${label}, part ${part}`)
  }
}

describe.each(Object.entries(algorithms))("%s", (_name, algorithm) => {
  const { c, inputs, learner, m, state } = setUp(algorithm)
  const phase = (name: string) => learner.phases.find((phase) => phase.name === name)!
  const critics = Learner.get(state.online, "critic")
  const actor = Learner.get(state.online, "actor")

  it("has the gradients of its losses", () => {
    const y = m.target(c)
    checkGradient(critics, (p) => Phases.criticLoss(m, c, Network.weights(p), y).loss, "critic")
    checkGradient(actor, (p) => m.actorLoss(c, Network.weights(p)), "actor")
    for (const [name, { loss }] of Object.entries(algorithm.coefficients)) {
      checkGradient({ x: { x: c.coefficient(name) } }, (p) => loss(m, c, Parameters.at(p, "x.x")), name)
    }
  })

  it("moves in each phase what is its own, downhill, and leaves the rest", () => {
    const coefficients = Object.keys(algorithm.coefficients)
    const moves = { critic: ["critic"], actor: ["actor", ...coefficients], targets: [] }
    for (const [name, moved] of Object.entries<ReadonlyArray<string>>(moves)) {
      const [after] = phase(name).update(state, inputs)
      for (const network of Object.keys(state.online)) {
        const [now, before] = [Learner.get(after.online, network), Learner.get(state.online, network)]
        if (moved.includes(network)) assert.notDeepEqual(flat(now), flat(before), `${name} moves ${network}`)
        else assert.deepStrictEqual(flat(now), flat(before), `${name} leaves ${network}`)
      }
      for (const network of algorithm.targets) {
        const [now, before] = [Learner.get(after.target, network), Learner.get(state.target, network)]
        if (name === "targets") assert.notDeepEqual(flat(now), flat(before))
        else assert.deepStrictEqual(flat(now), flat(before), `${name} leaves the target of ${network}`)
      }
    }
    const stepped = (name: string) => Learner.get(phase(name).update(state, inputs)[0].online, name)
    const y = m.target(c)
    const criticLoss = (p: Parameters.Tensors) => scalar(Phases.criticLoss(m, c, Network.weights(p), y).loss)
    const actorLoss = (p: Parameters.Tensors) => scalar(m.actorLoss(c, Network.weights(p)))
    assert.isBelow(criticLoss(stepped("critic")), criticLoss(critics))
    assert.isBelow(actorLoss(stepped("actor")), actorLoss(actor))
  })

  it("has targets that no gradient flows into", () => {
    const before = Array.from(m.target(c).dataSync())
    phase("critic").update(state, inputs)
    assert.deepStrictEqual(Array.from(m.target(c).dataSync()), before)
  })
})

describe("the deterministic policy gradient", () => {
  it("is that of the regression of mu(s) to a + dQ/da", () => {
    const { c, m } = setUp(ddpg)
    const { parameters } = c.online.actor
    const a = m.policy(c.online.actor, c.s)
    const slope = tf.grad((a: tf.Tensor) => tf.sum(m.policyValue(c.online.critics, c.s, a)))(a)
    const aim = tf.add(a, slope)
    const regression = Gradient.differentiate(parameters, (actor) =>
      tf.div(tf.mean(tf.sum(tf.square(tf.sub(aim, m.policy(Network.weights(actor), c.s))), 1)), 2)
    )
    const climbing = Gradient.differentiate(parameters, (actor) => m.actorLoss(c, Network.weights(actor)))
    const [left, right] = [flat(regression.gradients), flat(climbing.gradients)]
    left.forEach((g, i) => assert.closeTo(g, right[i]!, 1e-6))
    assert.isAbove(Math.max(...left), 1e-3)
  })
})

describe("variants", () => {
  const variants: ReadonlyArray<readonly [name: string, variant: Algorithm.Variant]> = [
    ["twinCritics", twinCritics],
    ["criticEnsemble", criticEnsemble({ critics: 3 })],
    ["targetPolicySmoothing", targetPolicySmoothing()],
    ["delayedPolicy", delayedPolicy()],
    ["categoricalCritic", atoms],
    ["quantileCritic", quantileCritic({ count: 2, quantiles: 5, dropped: 1 })],
    ["softActor", softActor()],
    ["behaviourCloning", behaviourCloning()],
    ["huber", huber()],
    ["layerNorm", layerNorm],
    ["targetUpdate", targetUpdate({ rule: "hard", every: 3 })]
  ]

  const conflict = (
    first: Algorithm.Variant,
    second: Algorithm.Variant
  ): Algorithm.VariantConflict | undefined => {
    try {
      ddpg.pipe(first, second)
      return undefined
    } catch (error) {
      if (error instanceof Algorithm.VariantConflict) return error
      throw error
    }
  }

  /** Every number after one update of everything. */
  const updated = (algorithm: Algorithm.Algorithm): ReadonlyArray<number> => {
    const { inputs, learner, state } = setUp(algorithm)
    const [after] = Learner.sequence(learner.phases)(state, inputs)
    return [...Object.values(after.online), ...Object.values(after.target)].flatMap(flat)
  }

  const pairs = variants.flatMap((first, i) => variants.slice(i).map((second) => [first, second] as const))

  it.each(
    pairs.map(([first, second]) => ({
      first: first[0],
      second: second[0],
      pair: [first[1], second[1]] as const
    }))
  )("$first and $second commute, or are refused by name", ({ first, pair: [f, g], second }) => {
    const refused = conflict(f, g)
    if (refused === undefined) assert.deepStrictEqual(updated(ddpg.pipe(f, g)), updated(ddpg.pipe(g, f)))
    else {
      assert.deepStrictEqual([refused.first, refused.second], [first, second])
      assert.include(refused.message, `both replace "${refused.slots[0]}"`)
      assert.strictEqual(conflict(g, f)?.first, second)
    }
  })

  it("only those conflict that replace the same slot", () => {
    const refused = pairs.flatMap(([first, second]) =>
      first !== second && conflict(first[1], second[1]) !== undefined ? [`${first[0]}, ${second[0]}`] : []
    )
    assert.deepStrictEqual(refused, [
      "twinCritics, criticEnsemble",
      "twinCritics, categoricalCritic",
      "twinCritics, quantileCritic",
      "criticEnsemble, categoricalCritic",
      "criticEnsemble, quantileCritic",
      "targetPolicySmoothing, softActor",
      "categoricalCritic, quantileCritic",
      "softActor, behaviourCloning"
    ])
  })

  it("the nine rows of the ablation of TD3 are nine algorithms", () => {
    const [cdq, tps, dp] = [twinCritics, targetPolicySmoothing(), delayedPolicy()]
    const baseline = Ddpg.make(Ddpg.paper)
    const rows = {
      TD3: ddpg.pipe(cdq, tps, dp),
      DDPG: baseline,
      AHE: ddpg,
      "AHE + DP": ddpg.pipe(dp),
      "AHE + TPS": ddpg.pipe(tps),
      "AHE + CDQ": ddpg.pipe(cdq),
      "TD3 - DP": ddpg.pipe(cdq, tps),
      "TD3 - TPS": ddpg.pipe(cdq, dp),
      "TD3 - CDQ": ddpg.pipe(tps, dp)
    }
    const claims = Object.entries(rows).map(
      ([name, { claims }]) => `${name}: ${Object.keys(claims).sort().join(" ")}`
    )
    assert.strictEqual(new Set(claims.slice(2)).size, 7)
    assert.deepStrictEqual(claims.slice(0, 3), [
      "TD3: criticCount criticLoss draws.targetNoise policyDelay policyValue scalars.smoothingClip scalars.smoothingSigma targetAction value",
      "DDPG: ",
      "AHE: "
    ])
  })
})
