import { Ddpg } from "@ornstein/algos"
import { Elementary } from "@ornstein/core"
import * as Sampler from "@ornstein/core/internal/replay/Sampler"
import * as SumTree from "@ornstein/core/internal/replay/SumTree"
import { it } from "vitest"
import { onEngines } from "../engines.ts"
import * as Golden from "./Golden.ts"
import * as GoldenNetworks from "./GoldenNetworks.ts"
import * as GoldenUpdate from "./GoldenUpdate.ts"

/** The rows of a buffer's field at these indices. */
const rows = (
  field: Golden.Numbers,
  indices: ReadonlyArray<number>,
  count: number
): ReadonlyArray<number> => {
  const numbers = Golden.flat(field)
  const width = numbers.length / count
  return indices.flatMap((index) => numbers.slice(index * width, (index + 1) * width))
}

onEngines("DDPG on prioritized replay computes the golden updates", (engine) => {
  it("per-ddpg", () => {
    const { hyper, initial, steps } = Golden.read("update", "per-ddpg")
    const { batches } = Golden.read("prioritized", "per-ddpg")
    const { alpha, buffer, epsilon, initial_priorities, size } = hyper.prioritized_replay!
    const learner = GoldenUpdate.run({
      engine: engine(),
      algorithm: Ddpg.make({ tau: hyper.tau! }).pipe(GoldenNetworks.withNetworks(hyper)),
      initial,
      sizes: { observation: 3, action: 1, batch: hyper.batch_size, isWeighted: true }
    })
    const priorities = [...initial_priorities]
    const tree = SumTree.make(size)
    const weights = new Float64Array(hyper.batch_size)
    steps.forEach(({ intermediates, losses, params }, i) => {
      const { beta, indices } = batches[i]!
      const at = `step ${i + 1}`
      priorities.forEach((p, slot) => SumTree.set(tree, slot, Elementary.pow(p, alpha)))
      Sampler.importance(tree, size, beta, Uint32Array.from(indices), weights)
      Golden.near(weights, intermediates["weights"]!, 1e-5, `${at} weights`)
      const fields = Object.entries(buffer).map(
        ([name, field]) => [name, rows(field, indices, size)] as const
      )
      const batch = { ...Object.fromEntries(fields), weight: Array.from(weights) }
      const told = learner.call(learner.dueAt(i + 1), batch)
      Golden.near(Golden.entry(told, "criticLoss"), losses["critic"]!, 1e-5, `${at} critic`)
      Golden.near(Golden.entry(told, "actorLoss"), losses["actor"]!, 1e-5, `${at} actor`)
      const errors = Golden.entry(told, "error")
      indices.forEach((slot, row) => {
        priorities[slot] = Math.abs(errors[row]!) + epsilon
      })
      Golden.near(priorities, intermediates["priorities_after"]!, 1e-5, `${at} priorities`)
      learner.compare(params, at)
    })
    learner.dispose()
  })
})
