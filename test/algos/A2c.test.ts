import { A2c, ActorCritic } from "@ornstein/algos"
import * as Huber from "@ornstein/algos/Huber"
import { TfjsEngine } from "@ornstein/jit"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import { onEngines } from "../engines.ts"
import * as Golden from "./Golden.ts"
import * as GoldenRollout from "./GoldenRollout.ts"

const golden = Golden.read("onPolicy", "a2c")

const learner = (gradientClip: number) =>
  A2c.make({
    hidden: [8],
    gamma: golden.hyper.gamma,
    valueCoefficient: golden.hyper.value_coefficient!,
    entropy: golden.hyper.entropy_coefficient!,
    gradientClip
  })

const norm = (gradients: Golden.Record<Golden.Tensor>): number =>
  Math.sqrt(
    Object.values(gradients).reduce((sum, { data }) => sum + data.reduce((sum, g) => sum + g * g, 0), 0)
  )

onEngines("A2C computes the golden updates", (engine) => {
  // The file's Adam has another epsilon, so each step begins at the file's parameters: gradients, not parameters.
  it.each([
    ["unclipped", 1e9],
    ["clipped", 0.5]
  ] as const)("a2c, %s", (_, limit) => {
    const { batches, initial, steps } = golden
    const options = {
      engine: engine(),
      learner: learner(limit),
      actions: 3,
      rows: 8,
      until: "full",
      normalize: false
    } as const
    const { dispose, inputs, moments, outputs, reset, update } = GoldenRollout.run(options, initial)
    steps.forEach(({ gradients, intermediates, losses }, i) => {
      const at = `step ${i + 1}`
      reset(i === 0 ? initial : steps[i - 1]!.params)
      update(batches[i]!)
      const of = (name: string) => Golden.entry(outputs, name).data
      Golden.near(of("loss"), losses["total"]!, 1e-5, `${at} loss`)
      Golden.near(of("actorLoss"), losses["policy"]!, 1e-5, `${at} policy`)
      Golden.near(of("criticLoss"), losses["value"]!, 1e-5, `${at} value loss`)
      Golden.near(of("entropy"), losses["entropy"]!, 1e-5, `${at} entropy`)
      const values = Golden.flat(intermediates["value"]!)
      Golden.near(of("value"), values.reduce((sum, v) => sum + v, 0) / values.length, 1e-5, `${at} value`)
      assert.deepStrictEqual(
        Array.from(Golden.entry(inputs, "mask").data),
        Array.from(values, () => 1)
      )
      const scale = Math.min(1, limit / norm(gradients))
      for (const { data, name } of moments()) {
        const gradient = Float64Array.from(data, (m) => m / 0.1)
        const expected = Golden.entry(gradients, name).data.map((g) => g * scale)
        Golden.near(gradient, expected, 1e-5, `${at} gradient of ${name}`)
      }
    })
    // The limit acts in some step, and not in every one.
    const norms = steps.map(({ gradients }) => norm(gradients))
    assert.isTrue(norms.some((n) => n > 0.5))
    dispose()
  })
})

describe("the terms of the loss", () => {
  it("computes those of the golden file with Huber's loss", () => {
    const { batches, initial, steps } = Golden.read("onPolicy", "a2c-huber")
    const network = ActorCritic.network({ hidden: [8] }, { observation: 4, action: 3 })
    const parameters = Object.fromEntries(
      ["l0", "policy", "value"].map((layer) => [
        layer,
        Object.fromEntries(
          ["w", "b"].map((name) => {
            const { data, shape } = Golden.entry(initial, `model.${layer}.${name}`)
            return [name, tf.tensor([...data], [...shape])]
          })
        )
      ])
    )
    const { intermediates, losses } = steps[0]!
    const batch = batches[0]!
    const s = tf.tensor([...batch.observation.data], [8, 4])
    const column = (name: string) => tf.tensor1d(Golden.flat(intermediates[name]!).slice())
    const told = ActorCritic.terms(
      ActorCritic.forward(network, parameters, s),
      tf.tensor([...batch.action], [8, 1]),
      column("returns"),
      column("advantage"),
      (error) => Huber.loss(error, 1)
    )
    Golden.near(tf.mean(told.policy).dataSync(), losses["policy"]!, 1e-5, "policy")
    Golden.near(tf.mean(told.value).dataSync(), losses["value"]!, 1e-5, "value")
    Golden.near(told.entropy.dataSync(), intermediates["entropy"]!, 1e-5, "entropy")
  })

  it("computes by hand: two actions, one at even odds, one at three to one", () => {
    const log = tf.log(
      tf.tensor2d([
        [0.5, 0.5],
        [0.25, 0.75]
      ])
    )
    const told = ActorCritic.terms(
      { logProbabilities: log, value: tf.tensor1d([1, -2]) },
      tf.tensor2d([[1], [0]]),
      tf.tensor1d([4, -1]),
      tf.tensor1d([3, -1]),
      tf.square
    )
    Golden.near(told.policy.dataSync(), [3 * Math.LN2, -2 * Math.LN2], 1e-6, "policy")
    Golden.near(told.value.dataSync(), [9, 1], 1e-6, "value")
    const unequal = 0.5 * Math.LN2 + 0.75 * Math.log(4 / 3)
    Golden.near(told.entropy.dataSync(), [Math.LN2, unequal], 1e-6, "entropy")
  })

  it("means leave out the rows that fill up", () => {
    const mean = ActorCritic.maskedMean(tf.tensor1d([1, 5, 100]), tf.tensor1d([1, 1, 0]))
    Golden.near(mean.dataSync(), 3, 1e-6, "mean")
  })
})

describe("A2C by hand", () => {
  // One step to an end or not. V(s) is the observation's first number, and every action is as likely as another.
  const told = (terminated: boolean) => {
    const zeros = (shape: ReadonlyArray<number>, first = 0): Golden.Tensor => ({
      shape,
      data: Array.from({ length: shape.reduce((size, n) => size * n, 1) }, (_, i) => (i === 0 ? first : 0))
    })
    const initial = {
      "model.l0.w": zeros([4, 8], 1),
      "model.l0.b": zeros([8]),
      "model.policy.w": zeros([8, 3]),
      "model.policy.b": zeros([3]),
      "model.value.w": zeros([8, 1], 1),
      "model.value.b": zeros([1])
    }
    const options = {
      engine: TfjsEngine.cpu(),
      actions: 3,
      rows: 1,
      until: "full",
      normalize: false
    } as const
    const learner = A2c.make({
      hidden: [8],
      gamma: 0.5,
      valueCoefficient: 0.25,
      entropy: 2,
      gradientClip: 1e9
    })
    const { dispose, outputs, update } = GoldenRollout.run({ ...options, learner }, initial)
    update({
      observation: zeros([1, 4], 2),
      next_observation: zeros([1, 4], 4),
      action: [1],
      reward: [3],
      terminated: [terminated]
    })
    const of = (name: string) => Golden.entry(outputs, name).data[0]!
    const numbers = [of("actorLoss"), of("criticLoss"), of("entropy"), of("value"), of("loss")]
    dispose()
    return numbers
  }
  const log3 = Math.log(3)

  it("bootstraps from the value of the next observation", () => {
    // y = 3 + 0.5 * 4 = 5, advantage 3, log pi = -log 3.
    Golden.near(told(false), [3 * log3, 9, log3, 2, 3 * log3 + 9 / 4 - 2 * log3], 1e-6, "told")
  })

  it("and after a termination from nothing", () => {
    Golden.near(told(true), [log3, 1, log3, 2, log3 + 1 / 4 - 2 * log3], 1e-6, "told")
  })
})
