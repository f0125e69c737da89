/**
 * Acting: environments that step in turn, one for each lane, with actions that are selected for all of them at once.
 * In round r lane i takes step `r lanes + i` of the run, and nothing of it depends on how the lanes are computed.
 */
import * as Schema from "effect/Schema"
import { type Environment, Space } from "../environment/index.ts"
import { Exploration } from "../exploration/index.ts"
import type { Agent } from "../learner/index.ts"
import { Key, Streams } from "../random/index.ts"
import type { Replay } from "../replay/index.ts"
import { Snapshot } from "../state/index.ts"
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

/** A lane: its environment, its exploration, and where its episode stands. */
export interface Lane {
  readonly environment: Environment.Instance
  readonly exploration: Exploration.Instance
}

/** Where the episode of a lane stands. */
export const Standing = Schema.Struct({
  /** Episodes that have ended. */
  episode: Schema.Int,
  /** The undiscounted return and the length of the episode so far. */
  episodeReturn: Schema.Number,
  episodeLength: Schema.Int
})
export type Standing = typeof Standing.Type

/** What acts. */
export interface Parts {
  readonly agent: Agent.Agent
  /** At least one. */
  readonly lanes: ReadonlyArray<Lane>
  /** What explores, by name. */
  readonly exploration: string
  readonly space: Space.Space
  readonly normalization: Normalization.Normalization
  readonly replay: Replay.Instance
  readonly options: { readonly warmup: number }
}

export interface Acting {
  readonly lanes: number
  /** Begins the first episode of each lane. */
  readonly start: () => void
  /** Selects the actions of the round that begins with this step, by the parameters as they are now. */
  readonly select: (step: number) => void
  /** Lets the worlds of these steps begin where they step beside this thread: the step up to which they do. */
  readonly send: (step: number, end: number) => number
  /** The lane of this step takes its action: its environment steps, and the replay stores what it gave. */
  readonly take: (step: number) => void
  /** Begins anew where an episode has ended in the round up to this step, and tells of each; how many they are. */
  readonly end: (step: number, onEpisode: (episode: Episode) => void) => number
  readonly standings: () => ReadonlyArray<Standing>
  /** The lane whose environment has been used last, where there are several. */
  readonly lane: () => number | undefined
  /** Do all lanes stand at the start of an episode? */
  readonly isAtRest: () => boolean
  /** Begins anew where a restored episode is over: it was cut off where the snapshot was taken; how many those are. */
  readonly renew: () => number
  /** Takes part of what explores in the loop, where it does. */
  readonly attached: Exploration.Attached | undefined
  /** The actions that are selected, for the middle of a round. */
  readonly actions: () => Snapshot.Snapshot
  /** Goes on from standings, and in the middle of a round from its actions; environments are restored before. */
  readonly restore: (standings: ReadonlyArray<Standing>, actions: Snapshot.Snapshot | undefined) => void
}

// pure core

const isFinite = (action: Space.Numbers): boolean => {
  for (let i = 0; i < action.length; i++) if (!Number.isFinite(action[i]!)) return false
  return true
}

// constructors

export const make = (parts: Parts, key: Key.Key): Acting => {
  const { agent, normalization, options, replay, space } = parts
  const n = parts.lanes.length
  const warmupKey = Streams.of(key, "warmup")
  const width = parts.lanes[0]?.environment.observation.length ?? 0
  /** What the policy sees of all lanes. */
  const seen = new Float32Array(n * width)
  const actions = parts.lanes.map(() => Space.allocate(space))
  const lanes = parts.lanes.map(({ environment, exploration }, i) => ({
    environment,
    exploration,
    key: Streams.of(Streams.ofLane(key, i), "environment"),
    observation: new Float32Array(width),
    seen: seen.subarray(i * width, (i + 1) * width),
    action: actions[i]!,
    episode: 0,
    episodeReturn: 0,
    episodeLength: 0
  }))
  const attached = parts.lanes[0]?.exploration.attach?.(agent, key)
  const alone = attached?.act
  /** One record for all steps: whoever stores it copies. */
  const transition: { -readonly [field in keyof Replay.Transition]: Replay.Transition[field] } = {
    observation: seen,
    action: seen,
    reward: 0,
    nextObservation: seen,
    terminated: false,
    truncated: false
  }

  /** What an exploration makes of an action is finite, if the action was. */
  const perturb = ({ action, exploration }: (typeof lanes)[number], step: number): void => {
    const wasFinite = isFinite(action)
    exploration.perturb(action, step)
    if (!wasFinite || isFinite(action)) return
    throw new Exploration.ExplorationError({
      exploration: parts.exploration,
      step,
      what: `it made [${Array.from(action).join(", ")}] of the policy's action, which was finite`,
      fix: "Give finite noise"
    })
  }

  let used = 0

  const begin = (lane: (typeof lanes)[number]): void => {
    used = lanes.indexOf(lane)
    lane.environment.reset(Key.fold(lane.key, lane.episode))
    normalization.begin(lane.environment.observation)
    lane.exploration.reset()
    attached?.begin?.(lane.episode)
  }
  const beginNext = (lane: (typeof lanes)[number]): void => {
    lane.episode += 1
    lane.episodeReturn = 0
    lane.episodeLength = 0
    begin(lane)
  }

  return {
    lanes: n,
    attached,
    start: () => {
      for (const lane of lanes) begin(lane)
    },
    select: (step) => {
      for (let i = 0; i < n; i++) lanes[i]!.observation.set(lanes[i]!.environment.observation)
      if (step + n > options.warmup) {
        for (let i = 0; i < n; i++) normalization.apply(lanes[i]!.observation, lanes[i]!.seen)
        if (alone === undefined) agent.actTogether(seen, step, actions)
        else alone(seen, step, actions[0]!)
      }
      for (let i = 0; i < n; i++) {
        if (step + i < options.warmup) Space.sample(space, Key.fold(warmupKey, step + i), actions[i]!)
        else perturb(lanes[i]!, step + i)
      }
    },
    send: (step, end) => {
      for (let at = step; at < end; at++) {
        const { action, environment } = lanes[at % n]!
        if (environment.beside === undefined) return at
        used = at % n
        environment.beside.send(action)
      }
      return end
    },
    take: (step) => {
      const i = step % n
      const lane = lanes[i]!
      const { environment } = lane
      used = i
      if (environment.beside === undefined) environment.step(lane.action)
      else environment.beside.collect()
      lane.episodeReturn += environment.reward
      lane.episodeLength += 1
      transition.observation = lane.observation
      transition.action = lane.action
      transition.reward = environment.reward
      transition.nextObservation = environment.observation
      transition.terminated = environment.terminated
      transition.truncated = environment.truncated
      replay.store(transition)
      normalization.add(
        environment.observation,
        environment.reward,
        environment.terminated || environment.truncated,
        i
      )
    },
    end: (step, onEpisode) => {
      let count = 0
      for (let i = 0; i < n; i++) {
        const lane = lanes[i]!
        const { environment } = lane
        if (!environment.terminated && !environment.truncated) continue
        onEpisode({ step: step - n + i + 1, return: lane.episodeReturn, length: lane.episodeLength })
        agent.ended({ return: lane.episodeReturn, length: lane.episodeLength })
        count += 1
        beginNext(lane)
      }
      return count
    },
    isAtRest: () => lanes.every(({ environment }) => environment.steps === 0),
    renew: () => {
      let count = 0
      for (const lane of lanes) {
        const { environment } = lane
        if (!environment.terminated && !environment.truncated) continue
        count += 1
        beginNext(lane)
      }
      return count
    },
    standings: () =>
      lanes.map(({ episode, episodeLength, episodeReturn }) => ({ episode, episodeReturn, episodeLength })),
    lane: () => (n === 1 ? undefined : used),
    actions: () => actions.map((action) => action.slice()),
    restore: (standings, selected) => {
      for (const [i, { episode, episodeLength, episodeReturn }] of standings.entries()) {
        const lane = lanes[i]!
        lane.episode = episode
        lane.episodeReturn = episodeReturn
        lane.episodeLength = episodeLength
        lane.observation.set(lane.environment.observation)
      }
      if (selected === undefined) return
      for (const [i, action] of actions.entries()) {
        const saved = Array.isArray(selected) ? selected[i] : undefined
        if (
          !(saved instanceof Float32Array || saved instanceof Float64Array) ||
          saved.length !== action.length
        ) {
          throw new TypeError(`the snapshot has no action of lane ${i}`)
        }
        action.set(saved)
      }
    }
  }
}
