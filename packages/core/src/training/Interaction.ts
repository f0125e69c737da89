/**
 * The interaction of an agent with its environment: the inner loop of training, synchronous and without allocation.
 * Where it stops and goes on again changes nothing.
 */
import * as Schema from "effect/Schema"
import { type Environment, Space } from "../environment/index.ts"
import type { Exploration } from "../exploration/index.ts"
import { Agent } from "../learner/index.ts"
import { Key } from "../random/index.ts"
import type { Replay } from "../replay/index.ts"
import type * as Normalization from "./Normalization.ts"

// models

export const Episode = Schema.Struct({
  /** The environment step at which it ended. */
  step: Schema.Int,
  /** The undiscounted sum of rewards. */
  return: Schema.Number,
  length: Schema.Int
})
export type Episode = typeof Episode.Type

/** Where a run stands. */
export interface Counters {
  readonly step: number
  readonly updates: number
  readonly episode: number
  readonly episodeReturn: number
  readonly episodeLength: number
  /** Updates made of a round that is not over: the step is taken, and the round goes on before the next one. */
  readonly round: number
}

/** What interacts. */
export interface Parts {
  readonly agent: Agent.Agent
  readonly environment: Environment.Instance
  readonly space: Space.Space
  readonly exploration: Exploration.Instance
  readonly normalization: Normalization.Normalization
  readonly replay: Replay.Instance
  readonly options: {
    readonly episodes?: number
    readonly warmup: number
    readonly learningStarts: number
    readonly updateEvery: number
    readonly updatesPerRound: number
  }
}

// the loop

/** Steps without updates between two looks at the clock. */
const LOOK_EVERY = 16

/** The loop over steps: Algorithm 1 of DDPG from "select action" to the end of the step. */
export const make = (parts: Parts, key: Key.Key) => {
  const { agent, environment, exploration, normalization, options, replay, space } = parts
  const environmentKey = Key.fold(key, "environment")
  const warmupKey = Key.fold(key, "warmup")
  const perturbationKey = Key.fold(key, "perturbation")
  const distanceKey = Key.fold(key, "distance")
  const { parameters } = exploration
  const { episodes = Number.POSITIVE_INFINITY } = options
  const act = agent.perturbed?.act ?? agent.act
  const observation = new Float32Array(environment.observation.length)
  const seen = new Float32Array(observation.length)
  const sampled = normalization.sampled(replay)
  const action = Space.allocate(space)
  const transition = {
    observation,
    action,
    reward: 0,
    nextObservation: environment.observation,
    terminated: false,
    truncated: false
  }

  const begin = (episode: number): void => {
    environment.reset(Key.fold(environmentKey, episode))
    normalization.begin(environment.observation)
    exploration.reset()
    agent.perturbed?.perturb(Key.fold(perturbationKey, episode), parameters?.sigma() ?? 0)
  }

  /** Lets noise on parameters adapt to how far it moves actions. */
  const measure = (step: number): void => {
    if (agent.perturbed === undefined || parameters === undefined || step % parameters.every !== 0) return
    const sigma = parameters.sigma()
    parameters.adapt(agent.perturbed.distance(Key.fold(distanceKey, step), sigma, sampled))
  }

  /**
   * Runs from the counters to step `until`, to the end of the last episode, or to an earlier step or update if it gets
   * late; tells of every episode that ends.
   */
  const run = (
    from: Counters,
    until: number,
    isLate: () => boolean,
    onEpisode: (episode: Episode) => void
  ): Counters => {
    let { episode, episodeLength, episodeReturn, round, step, updates } = from
    while (step < until || round > 0) {
      if (round === 0) {
        observation.set(environment.observation)
        if (step < options.warmup) Space.sample(space, Key.fold(warmupKey, step), action)
        else {
          normalization.apply(observation, seen)
          act(seen, step, action)
          exploration.perturb(action, step)
        }
        environment.step(action)
        step += 1
        episodeReturn += environment.reward
        episodeLength += 1
        transition.reward = environment.reward
        transition.nextObservation = environment.observation
        transition.terminated = environment.terminated
        transition.truncated = environment.truncated
        replay.store(transition)
        normalization.add(
          environment.observation,
          environment.reward,
          environment.terminated || environment.truncated
        )
      }
      if (step >= options.learningStarts && step % options.updateEvery === 0) {
        while (round < options.updatesPerRound && replay.size() > 0) {
          updates += 1
          round += 1
          agent.learn(updates, step - 1, sampled)
          if (agent.hasDiverged()) {
            const divergence = agent.divergence() ?? { update: updates, phase: "", tensor: "a metric" }
            throw new Agent.DivergenceError({ step, ...divergence })
          }
          if (round < options.updatesPerRound && isLate()) {
            return { step, updates, episode, episodeReturn, episodeLength, round }
          }
        }
        round = 0
      }
      const isEnd = environment.terminated || environment.truncated
      if (step >= options.learningStarts && replay.size() > 0) measure(step)
      if (isEnd) {
        onEpisode({ step, return: episodeReturn, length: episodeLength })
        episode += 1
        episodeReturn = 0
        episodeLength = 0
        begin(episode)
        if (episode >= episodes) break
      }
      // The clock is read after updates, which take time, and now and then among steps, which take little.
      if ((updates > from.updates || step % LOOK_EVERY === 0) && isLate()) break
    }
    return { step, updates, episode, episodeReturn, episodeLength, round }
  }

  return { begin, run }
}
