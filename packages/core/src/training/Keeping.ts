/** What of a run is kept: its state as a value, with the rows of its replay, and going on from it. */
import type { Agent } from "../learner/index.ts"
import type { Replay } from "../replay/index.ts"
import type * as Acting from "./Acting.ts"
import type * as Interaction from "./Interaction.ts"
import type * as Normalization from "./Normalization.ts"
import { fill, ofLane, ofLanes, type Saved, type TrainState } from "./TrainState.ts"

// models

/** Where a run stands, and which episodes ended since its last report. */
export interface Progress extends Interaction.Counters {
  readonly chain: string
  readonly episodes: ReadonlyArray<Acting.Episode>
}

export const START: Progress = {
  step: 0,
  updates: 0,
  episode: 0,
  round: 0,
  chain: "",
  episodes: []
}

/** Whatever has a state. */
export interface Parts {
  readonly seed: number
  readonly agent: Agent.Agent
  readonly replay: Replay.Instance
  /** None where a dataset is all that is learned from. */
  readonly lanes: ReadonlyArray<Acting.Lane>
  readonly acting: Acting.Acting
  readonly normalization: Normalization.Normalization
}

// pure core

/** A copy of the state, without the replay's rows. */
export const stateOf = (
  { acting, agent, lanes, normalization, replay, seed }: Parts,
  { chain, episodes, round, ...counters }: Progress
): TrainState => {
  const [first, ...others] = acting.standings()
  return {
    version: 1,
    seed,
    ...counters,
    episodeReturn: first?.episodeReturn ?? 0,
    episodeLength: first?.episodeLength ?? 0,
    ...(round > 0 ? { round } : {}),
    ...(others.length > 0 ? { lanes: others } : {}),
    ...(counters.step % lanes.length > 0 ? { actions: acting.actions() } : {}),
    environment: ofLanes(lanes.map(({ environment }) => environment.snapshot())),
    exploration: ofLanes(lanes.map(({ exploration }) => exploration.snapshot())),
    normalization: normalization.snapshot(),
    replay: replay.snapshot(),
    agent: agent.snapshot(),
    slice: { chain, episodes, metrics: agent.metricSums() }
  }
}

/** The state with the rows of the replay. */
export const savedOf = ({ replay }: Pick<Parts, "replay">, state: TrainState): Saved => {
  const { capacity, read, stored } = replay.log
  const first = Math.max(0, stored() - capacity)
  return { state, first, rows: read(first, stored()) }
}

/** Puts all parts to where the saved run stood. Throws a `TypeError` or a `RangeError` for a run of other parts. */
export const restore = (
  { acting, agent, lanes, normalization, replay }: Omit<Parts, "seed">,
  { first, rows, shapes = {}, state }: Saved
): Progress => {
  agent.restore(state.agent, state.slice.metrics)
  for (const [path, here] of Object.entries(agent.shapes)) {
    const there = Object.hasOwn(shapes, path) ? shapes[path] : undefined
    if (there !== undefined && there.join() !== here.join())
      throw new TypeError(`"${path}" has the shape [${there.join(", ")}] there and [${here.join(", ")}] here`)
  }
  const { actions, lanes: others = [] } = state
  if (lanes.length > 0 && others.length + 1 !== lanes.length)
    throw new RangeError(`its run has ${others.length + 1} lanes, this one has ${lanes.length}`)
  for (const [i, lane] of lanes.entries()) {
    lane.environment.restore(ofLane(state.environment, i, lanes.length))
    lane.exploration.restore(ofLane(state.exploration, i, lanes.length))
  }
  normalization.restore(state.normalization)
  replay.restore(state.replay)
  fill(replay.log, first, rows)
  const { episode, episodeLength, episodeReturn, round = 0, step, updates } = state
  const ofFirst = others.reduce((rest, lane) => rest - lane.episode, episode)
  acting.restore([{ episode: ofFirst, episodeReturn, episodeLength }, ...others], actions)
  const { chain, episodes } = state.slice
  const cut = round === 0 && step % lanes.length === 0 ? acting.renew() : 0
  return { step, updates, episode: episode + cut, round, chain, episodes }
}
