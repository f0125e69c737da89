import { Algorithm, Ddpg } from "@ornstein/algos"
import { Key, type Learner, Parameters, Scalars } from "@ornstein/core"
import { NdArray, Tree } from "@ornstein/jit"
import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"

const tau = 0.01
const sizes = { observation: 3, action: 2, batch: 8 }
const key = Key.make(11)
const plan = Algorithm.learner(Ddpg.make({ tau, hidden: [12, 12] })).plan(sizes)

const tensor = ({ data, shape }: NdArray.NdArray): tf.Tensor => tf.tensor(data, [...shape])

const state = (): Learner.State<tf.Tensor> =>
  Tree.map(plan.init(Key.fold(key, "init")), NdArray.isNdArray, tensor)

/** Normal numbers in every field of the minibatch. */
const inputs: Learner.Inputs<tf.Tensor> = {
  batch: Object.fromEntries(
    Object.entries(plan.batch).map(([name, { shape }]) => [
      name,
      tensor({
        shape,
        dtype: "float32",
        data: Key.normals(Key.fold(key, name), new Float32Array(NdArray.size(shape)), 0, 0.5)
      })
    ])
  ),
  draws: {},
  scalars: Scalars.initial(plan.scalars)
}

const update = (phase: string, from: Learner.State<tf.Tensor>): Learner.State<tf.Tensor> => {
  const found = plan.phases.find(({ name }) => name === phase)
  assert.isDefined(found)
  return found.update(from, inputs)[0]
}

const numbers = (parameters: Parameters.Tensors): ReadonlyArray<number> =>
  Parameters.leaves(parameters).flatMap((leaf) => Array.from(leaf.dataSync()))

const online = (state: Learner.State<tf.Tensor>, name: string) => numbers(state.online[name] ?? {})
const target = (state: Learner.State<tf.Tensor>, name: string) => numbers(state.target[name] ?? {})

describe("the laws of an update", () => {
  it("targets begin as exact copies", () => {
    const before = state()
    for (const name of ["actor", "critic"]) assert.deepStrictEqual(target(before, name), online(before, name))
  })

  it("the critic's step moves the critic and nothing else", () => {
    const before = state()
    const after = update("critic", before)
    assert.notDeepEqual(online(after, "critic"), online(before, "critic"))
    assert.deepStrictEqual(online(after, "actor"), online(before, "actor"))
    assert.strictEqual(after.target, before.target)
  })

  it("the actor's step leaves the critic as it was, bit for bit", () => {
    const before = state()
    const after = update("actor", before)
    assert.notDeepEqual(online(after, "actor"), online(before, "actor"))
    assert.deepStrictEqual(online(after, "critic"), online(before, "critic"))
    assert.strictEqual(after.target, before.target)
  })

  it("the actor's step raises Q(s, mu(s)), the critic's lowers its loss", () => {
    const before = state()
    const again = (phase: string, metric: string) => {
      const run = (from: Learner.State<tf.Tensor>) => {
        const metrics = plan.phases.find(({ name }) => name === phase)?.update(from, inputs)[1]
        return metrics?.[metric]?.dataSync()[0] ?? Number.NaN
      }
      return { before: run(before), after: run(update(phase, before)) }
    }
    for (const phase of ["actor", "critic"]) {
      const loss = again(phase, `${phase}Loss`)
      assert.isBelow(loss.after, loss.before)
    }
  })

  it("one step moves a target by tau towards the online network", () => {
    const moved = update("actor", update("critic", state()))
    const after = update("targets", moved)
    for (const name of ["actor", "critic"]) {
      const from = target(moved, name)
      const to = online(moved, name)
      target(after, name).forEach((p, i) => assert.closeTo(p, (1 - tau) * from[i]! + tau * to[i]!, 1e-7))
      assert.notDeepEqual(target(after, name), from)
      assert.deepStrictEqual(online(after, name), to)
    }
  })

  it("two updates from one state are equal: an update has no memory of its own", () => {
    const before = state()
    assert.deepStrictEqual(
      online(update("critic", before), "critic"),
      online(update("critic", before), "critic")
    )
  })
})
