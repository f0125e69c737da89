/** Learning: the updates that the steps of a round make due, and what has to be said of each. */
import { Agent } from "../learner/index.ts"
import type { Replay } from "../replay/index.ts"

// models

/** What learns. */
export interface Parts {
  readonly agent: Agent.Agent
  /** The replay, with minibatches as the learner sees them. */
  readonly sampled: Replay.Instance
  /** Steps of a round: one of each. */
  readonly lanes: number
  readonly options: {
    readonly learningStarts: number
    readonly updateEvery: number
    readonly updatesPerRound: number
  }
}

export interface Learning {
  /** How many updates the round makes due that has ended with this step. */
  readonly due: (step: number) => number
  /** Update number `n`, at this step; throws a `DivergenceError`. */
  readonly update: (n: number, step: number) => void
}

// constructors

export const make = ({ agent, lanes, options, sampled }: Parts): Learning => {
  const { learningStarts, updateEvery, updatesPerRound } = options
  return {
    due: (step) => (step >= learningStarts && (step / lanes) % updateEvery === 0 ? updatesPerRound : 0),
    update: (n, step) => {
      agent.learn(n, step - 1, sampled)
      if (agent.hasDiverged()) {
        const divergence = agent.divergence() ?? { update: n, phase: "", tensor: "a metric" }
        throw new Agent.DivergenceError({ step, ...divergence })
      }
    }
  }
}
