/** Learning: the updates that the steps of a round make due, and what has to be said of each. */
import { Agent } from "../learner/index.ts"
import type { Replay } from "../replay/index.ts"

// models

/** What learns. */
export interface Parts {
  readonly agent: Agent.Agent
  /** The replay, with minibatches as the learner sees them. */
  readonly sampled: Replay.Instance
  readonly options: {
    readonly learningStarts: number
    readonly updateEvery: number
    readonly updatesPerRound: number
  }
}

export interface Learning {
  /** How many updates the steps `first + 1`, ..., `last` make due. */
  readonly due: (first: number, last: number) => number
  /** Update number `n`, at this step; throws a `DivergenceError`. */
  readonly update: (n: number, step: number) => void
}

// constructors

export const make = ({ agent, options, sampled }: Parts): Learning => {
  const { learningStarts, updateEvery, updatesPerRound } = options
  return {
    due: (first, last) => {
      const before = Math.max(first, learningStarts - 1)
      const rounds = Math.floor(last / updateEvery) - Math.floor(before / updateEvery)
      return updatesPerRound * Math.max(0, rounds)
    },
    update: (n, step) => {
      agent.learn(n, step - 1, sampled)
      if (agent.hasDiverged()) {
        const divergence = agent.divergence() ?? { update: n, phase: "", tensor: "a metric" }
        throw new Agent.DivergenceError({ step, ...divergence })
      }
    }
  }
}
