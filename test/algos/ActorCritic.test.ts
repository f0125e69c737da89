import { ActorCritic } from "@ornstein/algos"
import { Key, Learner, Rollout } from "@ornstein/core"
import { NdArray, Program, Tree } from "@ornstein/jit"
import * as tf from "@tensorflow/tfjs"
import { assert, describe, it } from "vitest"
import { onEngines } from "../engines.ts"
import * as Golden from "./Golden.ts"

const rows = 20

onEngines("actor-critic computes the golden updates", (engine) => {
  it.each([
    ["actor-critic-discrete", "intoValue"],
    ["actor-critic-discrete-detached", "detached"]
  ] as const)("%s", (name, advantageGradient) => {
    const { batches, initial, steps } = Golden.read("update", name)
    const learner = ActorCritic.make({ hidden: [16], learningRate: 0.01, advantageGradient })
    const model = learner.model({ observation: 4, action: 2, batch: rows })
    const state = Tree.map(model.init(Key.make(0)), NdArray.isNdArray, (leaf, path) =>
      path.startsWith("online.actorCritic.")
        ? NdArray.make(
            leaf.shape,
            Golden.flat(Golden.entry(initial, path.replace("online.actorCritic", "model")))
          )
        : leaf
    )
    const program = {
      inputs: { batch: model.batch, noise: {} },
      fn: (state: Learner.State<tf.Tensor>, inputs: Learner.Inputs<tf.Tensor>) =>
        Learner.sequence(model.phases)(state, inputs)
    }
    const compiled = Program.compile(engine(), { state, programs: { update: program } })
    const { inputs, outputs, run } = compiled.programs.update
    const leaves = Tree.entries<NdArray.NdArray>(compiled.state, NdArray.isNdArray)
    /** Adam's first moments, which tell the gradient: m <- 0.9 m + 0.1 g. */
    const moments = new Map<string, Float64Array>()
    steps.forEach(({ gradients, intermediates, losses, params }, i) => {
      const at = `step ${i + 1}`
      const reward = Golden.flat(batches[i]!["reward"]!)
      const action = Golden.flat(batches[i]!["action"]!)
      const observation = Float32Array.from(Golden.flat(batches[i]!["observation"]!))
      const rollout = Rollout.make(
        { capacity: rows, until: "episode", normalize: true },
        { observation: 4, action: 1 }
      )
      reward.forEach((r, t) => {
        const isLast = t === reward.length - 1
        rollout.store({
          observation: observation.subarray(4 * t, 4 * t + 4),
          action: Float32Array.of(action[t]!),
          reward: r,
          discount: isLast ? 0 : learner.gamma,
          nextObservation: new Float32Array(4),
          terminated: isLast,
          truncated: false
        })
      })
      assert.strictEqual(rollout.size(), reward.length)
      rollout.sample(Key.make(0), inputs.batch)
      const returns = Golden.entry(inputs.batch, "return").data.subarray(0, reward.length)
      Golden.near(returns, intermediates["normalised_returns"]!, 1e-5, `${at} returns`)
      run()
      Golden.near(Golden.entry(outputs, "loss").data, losses["total"]!, 5e-5, `${at} loss`)
      Golden.near(Golden.entry(outputs, "actorLoss").data, losses["actor"]!, 5e-5, `${at} actor`)
      Golden.near(Golden.entry(outputs, "criticLoss").data, losses["critic"]!, 5e-5, `${at} critic`)
      compiled.pull()
      for (const { leaf, path } of leaves) {
        if (path.startsWith("optimizer.actorCritic.m.")) {
          const before = moments.get(path) ?? new Float64Array(leaf.data.length)
          const gradient = Float64Array.from(leaf.data, (m, j) => (m - 0.9 * before[j]!) / 0.1)
          const name = path.replace("optimizer.actorCritic.m", "model")
          Golden.near(gradient, Golden.entry(gradients ?? {}, name), 1e-4, `${at} gradient of ${name}`)
          moments.set(path, Float64Array.from(leaf.data))
        }
        if (!path.startsWith("online")) continue
        const expected = Golden.entry(params, path.replace("online.actorCritic", "model"))
        Golden.near(leaf.data, expected, 5e-6, `${at} ${path}`, false)
      }
    })
    compiled.dispose()
  })
})

describe("decide", () => {
  const decided = (probabilities: ReadonlyArray<number>, key?: Key.Key) => {
    const action = new Float32Array(1)
    ActorCritic.decide(Float32Array.from(probabilities), key, action)
    return action[0]!
  }

  it("takes the likeliest action without a key", () => {
    assert.strictEqual(decided([0.2, 0.5, 0.3]), 1)
  })

  it("draws in proportion with one, and never beyond the last action", () => {
    const counts = [0, 0, 0, 0]
    for (let i = 0; i < 10_000; i++) counts[decided([0.2, 0.5, 0, 0.3], Key.make(i))]! += 1
    Golden.near(
      counts.map((n) => n / 10_000),
      [0.2, 0.5, 0, 0.3],
      0.015,
      "shares"
    )
    assert.strictEqual(decided([0, 0, 0], Key.make(1)), 2)
  })
})
