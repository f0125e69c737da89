import { ActorCritic } from "@ornstein/algos"
import { it } from "vitest"
import { onEngines } from "../engines.ts"
import * as Golden from "./Golden.ts"
import * as GoldenRollout from "./GoldenRollout.ts"

onEngines("actor-critic computes the golden updates", (engine) => {
  it.each([
    ["actor-critic-discrete", "intoValue", 16],
    ["actor-critic-discrete-detached", "detached", 16],
    ["actor-critic-entropy", "intoValue", 8]
  ] as const)("%s", (name, advantageGradient, width) => {
    const { batches, hyper, initial, steps } = Golden.read("onPolicy", name)
    const entropy = hyper.entropy_coefficient ?? 0
    const learner = ActorCritic.make({
      hidden: [width],
      learningRate: 0.01,
      advantageGradient,
      gamma: hyper.gamma,
      entropy
    })
    const options = {
      engine: engine(),
      learner,
      actions: 2,
      rows: 20,
      until: "episode",
      normalize: true
    } as const
    const { dispose, inputs, moments, outputs, parameters, update } = GoldenRollout.run(options, initial)
    /** Adam's first moments, which tell the gradient: m <- 0.9 m + 0.1 g. */
    const before = new Map<string, Float64Array>()
    steps.forEach(({ gradients, intermediates, losses, params }, i) => {
      const at = `step ${i + 1}`
      const length = batches[i]!.reward.length
      update(batches[i]!)
      const returns = Golden.entry(inputs, "return").data.subarray(0, length)
      Golden.near(returns, intermediates["normalised_returns"]!, 1e-5, `${at} returns`)
      Golden.near(Golden.entry(outputs, "loss").data, losses["total"]!, 5e-5, `${at} loss`)
      Golden.near(Golden.entry(outputs, "actorLoss").data, losses["actor"]!, 5e-5, `${at} actor`)
      Golden.near(Golden.entry(outputs, "criticLoss").data, losses["critic"]!, 5e-5, `${at} critic`)
      if (losses["entropy"] !== undefined) {
        // The file's is the sum over the episode.
        Golden.near(Golden.entry(outputs, "entropy").data, losses["entropy"] / length, 1e-5, `${at} entropy`)
      }
      for (const { data, name } of moments()) {
        const old = before.get(name) ?? new Float64Array(data.length)
        const gradient = Float64Array.from(data, (m, j) => (m - 0.9 * old[j]!) / 0.1)
        Golden.near(gradient, Golden.entry(gradients, name), 1e-4, `${at} gradient of ${name}`)
        before.set(name, Float64Array.from(data))
      }
      for (const { data, name } of parameters())
        Golden.near(data, Golden.entry(params, name), 5e-6, `${at} ${name}`, false)
    })
    dispose()
  })
})
