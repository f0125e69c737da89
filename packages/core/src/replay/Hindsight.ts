/**
 * Hindsight experience replay (Andrychowicz et al., 2017): in some rows of a minibatch the goal is replaced by one that the
 * same episode has reached, and the reward is computed anew, so that every episode reaches some goal. Whether the row
 * ends anything is decided anew too:
 *
 * | the step terminated ... | the new goal is reached, and that ends episodes | it is not |
 * | --- | --- | --- |
 * | not, or was truncated | an end | goes on |
 * | because the old goal was reached | an end | goes on |
 * | for another reason (a crash) | an end | still an end |
 *
 * An environment whose observations contain a goal says so by `goals` in its spec.
 */
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Field, Lanes, Part } from "../config/index.ts"
import { Goals } from "../environment/index.ts"
import { Key, Streams } from "../random/index.ts"
import * as Assembly from "./Assembly.ts"
import * as Contract from "./Contract.ts"
import * as Reader from "./Reader.ts"
import * as Sampler from "./Sampler.ts"
import * as Transitions from "./Transitions.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("hindsight"),
    capacity: Assembly.capacity,
    strategy: Schema.Literals(["future", "final", "episode"])
      .annotate({ description: "new goals are what the episode reached later, at its end, or at any time" })
      .pipe(Field.withDefault("future" as const)),
    goals: Field.positiveInt
      .annotate({ description: "k: of k + 1 rows, k get a new goal" })
      .pipe(Field.withDefault(4)),
    compact: Assembly.compact
  })
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** transitions kept; the oldest are overwritten */
  readonly capacity?: number
  /** new goals are what the episode reached later, at its end, or at any time */
  readonly strategy?: "future" | "final" | "episode"
  /** k: of k + 1 rows, k get a new goal */
  readonly goals?: number
  /** keep each observation once: half the memory where episodes are long */
  readonly compact?: boolean
}

/** Which goals replace the old one: those that the episode reached later, at its end, or at any time. */
export type Strategy = Options["strategy"]

/** What the reader needs of the options and the environment. */
export interface Relabelling {
  readonly goals: Goals.Goals
  readonly strategy: Strategy
  /** The share of rows with another goal: k / (k + 1) for the paper's k goals for each transition. */
  readonly ratio: number
}

// pure core

/** How many transitions of the same episode follow this one, as far as they are there. */
const after = (transitions: Transitions.Transitions, from: number): number => {
  let [slot, count] = [from, 0]
  while (!Transitions.isEnd(transitions, slot) && !Transitions.isNewest(transitions, slot)) {
    slot = Transitions.following(transitions, slot)
    count += 1
  }
  return count
}

/** How many transitions of the same episode go before this one, as far as they are still there. */
const before = (transitions: Transitions.Transitions, from: number): number => {
  const { capacity, lanes } = transitions
  const older = Transitions.held(transitions) - 1 - Transitions.age(transitions, from)
  const most = Math.floor(older / lanes)
  let count = 0
  while (count < most) {
    const slot = (from - (count + 1) * lanes + capacity) % capacity
    if (Transitions.isEnd(transitions, slot)) break
    count += 1
  }
  return count
}

// readers

export const reader = (options: Relabelling): Reader.Reader => {
  const { goals, ratio, strategy } = options
  const goal = new Float32Array(goals.size)
  const old = new Float32Array(goals.size)
  const reached = new Float32Array(goals.size)
  let source = new Float32Array(0)
  return (transitions, shape, slots, batch, key, valuation) => {
    Reader.oneStep(transitions, shape, slots, batch, key, valuation)
    const rewards = Reader.field(batch, "reward")
    const discounts = Reader.field(batch, "discount")
    const observations = Reader.field(batch, "observation")
    const nextObservations = Reader.field(batch, "nextObservation")
    if (!(observations instanceof Float32Array && nextObservations instanceof Float32Array)) {
      throw new TypeError("observations are float32")
    }
    const { capacity, lanes } = transitions
    if (source.length !== shape.observation) source = new Float32Array(shape.observation)
    const relabelKey = Streams.of(key, "hindsight")
    for (let row = 0; row < slots.length; row++) {
      if (Key.uniform(relabelKey, 2 * row) >= ratio) continue
      const slot = slots[row]!
      const ahead = after(transitions, slot)
      const back = strategy === "episode" ? before(transitions, slot) : 0
      const begin = strategy === "final" ? ahead : -back
      const steps = begin + Key.integer(relabelKey, ahead - begin + 1, 2 * row + 1)
      const chosen = (slot + steps * lanes + capacity) % capacity
      transitions.copyNextObservation(chosen, source, 0)
      goals.achieved(source, goal)
      const at = row * shape.observation
      const next = nextObservations.subarray(at, at + shape.observation)
      goals.desired?.(next, old)
      goals.setGoal(observations.subarray(at, at + shape.observation), goal)
      goals.setGoal(next, goal)
      goals.achieved(next, reached)
      rewards[row] = Reader.rewardOf(valuation, goals.reward(reached, goal))
      const isReached = goals.isTerminal(reached, goal)
      const isOldEnd = transitions.terminated[slot] !== 0
      const isOfOldGoal = isOldEnd && goals.desired !== undefined && goals.isTerminal(reached, old)
      discounts[row] = isReached || (isOldEnd && !isOfOldGoal) ? 0 : valuation.gamma
    }
  }
}

// layers

/** Uniform, with other goals in hindsight: see `Hindsight`. */
export const layer = (options: Input): Layer.Layer<Contract.Replay> => {
  const { goals: k, ...settings } = Field.make("hindsight", Options, options)
  const name = "hindsight"
  const takes = Lanes.refusals("replay", Assembly.lanes, settings)
  return Layer.succeed(Contract.Replay, {
    name,
    capacity: settings.capacity,
    lanes: takes,
    make: (shape, other) => {
      const { goals } = shape
      if (goals === undefined) {
        const fix = "Choose an environment with goals, or another replay"
        return new Contract.ReplayError({
          replay: name,
          what: "the environment's observations contain no goal",
          fix
        })
      }
      if (!Goals.tellsEnds(goals)) {
        return new Contract.ReplayError({
          replay: name,
          what: "reaching a goal ends an episode of this environment, but its goals have no `desired`",
          fix: "Give `desired`, which reads the goal out of an observation"
        })
      }
      if (other !== undefined) return Assembly.refuseReader(name)
      const read = reader({ ...settings, goals, ratio: k / (k + 1) })
      return Assembly.allocated(name, takes, shape, () =>
        Assembly.assemble(Assembly.transitionsOf(settings, shape), shape, Sampler.uniform, read)
      )
    }
  })
}

// part

/** What a configuration names. */
export const part = Part.from([Options], {
  description: "uniform, with goals that the episode reached in place of its own",
  source: {
    authors: "Andrychowicz et al.",
    year: 2017,
    title: "Hindsight experience replay",
    link: "https://arxiv.org/abs/1707.01495"
  },
  departures: ["goals are replaced when sampling, in k of k + 1 rows, rather than stored k times"],
  requires: [
    ...Assembly.requires,
    {
      at: "",
      reads: ["environment"],
      check: (_, { world: { hasGoals, id } }) =>
        hasGoals
          ? undefined
          : `needs a world with goals, which ${id} is not; choose { "kind": "pointReach", "goalConditioned": true }`
    }
  ],
  example: { capacity: 1000, strategy: "final", goals: 2, compact: true },
  make: (options): Contract.Chosen => ({
    layer: layer(options),
    bytes: (shape) => Assembly.bytes(options, shape)
  })
})
