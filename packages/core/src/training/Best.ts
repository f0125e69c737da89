/** The best actions of an agent in training, for observations as the world gives them: what is evaluated. */
import type { Agent } from "../learner/index.ts"
import type * as Evaluation from "./Evaluation.ts"
import type * as Normalization from "./Normalization.ts"

/** For observations of this width, normalised by the statistics as they are at the time. */
export const make = (
  agent: Agent.Agent,
  normalization: Normalization.Normalization,
  width: number
): { readonly policy: Evaluation.Policy; readonly batched: Evaluation.Batched } => {
  const seen = new Float32Array(agent.best * width)
  const rows = Array.from({ length: agent.best }, (_, i) => seen.subarray(i * width, (i + 1) * width))
  const alone = new Float32Array(width)
  return {
    policy: (observation, action) => {
      normalization.apply(observation, alone)
      agent.act(alone, undefined, action)
    },
    batched: {
      rows: agent.best,
      act: (observations, actions, count) => {
        for (let i = 0; i < count; i++) normalization.apply(observations[i]!, rows[i]!)
        agent.actBest(seen, actions, count)
      }
    }
  }
}
