/** Replays from their parts, and what the kinds of them have in common. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Field, Lanes, Mistake, type Part } from "../config/index.ts"
import { Snapshot } from "../state/index.ts"
import * as Contract from "./Contract.ts"
import * as Reader from "./Reader.ts"
import type * as Sampler from "./Sampler.ts"
import * as Transitions from "./Transitions.ts"

// options

/** How many transitions are kept. */
export const capacity = Field.positiveInt
  .annotate({ description: "transitions kept; the oldest are overwritten" })
  .pipe(Field.withDefault(1_000_000))

/** Full storage or compact. */
export const compact = Schema.Boolean.annotate({
  description: "keep each observation once: half the memory where episodes are long"
}).pipe(Field.withDefault(false))

/** A replay of single transitions is for learners that take minibatches of them. */
export const isOffPolicy: Part.Requirement<unknown> = {
  at: "",
  reads: ["algorithm.base"],
  check: (_, { learner }) =>
    learner.isOnPolicy
      ? `expected "rollout": ${learner.base} learns once from each rollout of its own policy`
      : undefined
}

/** A ring has room for a transition of each lane. */
export const lanes: ReadonlyArray<Lanes.Requirement<{ readonly capacity: number }>> = [
  {
    at: "capacity",
    check: ({ capacity }, lanes) =>
      capacity < lanes
        ? `expected at least training.lanes (${lanes}), room for a transition of each lane`
        : undefined
  }
]

/** What a ring requires. */
export const requires: ReadonlyArray<Part.Requirement<{ readonly capacity: number }>> = [
  isOffPolicy,
  ...Lanes.requires(lanes)
]

// models

/** How transitions are kept. */
export interface Storage {
  readonly capacity: number
  readonly compact?: boolean
}

// instances

/** Where such a replay keeps its transitions. */
export const transitionsOf = (
  { capacity, compact }: Storage,
  shape: Transitions.Shape
): Transitions.Transitions =>
  compact === true ? Transitions.compact(capacity, shape) : Transitions.full(capacity, shape)

/** The bytes of such a storage from the start; where it is compact, it may take at most so many more. */
export const bytes = ({ capacity, compact = false }: Storage, shape: Transitions.Shape): number =>
  Transitions.bytes(capacity, shape, compact)

/** A replay from its parts. */
export const assemble = (
  transitions: Transitions.Transitions,
  shape: Contract.Shape,
  sampler: Sampler.Sampler,
  read: Reader.Reader
): Contract.Instance => {
  const plain: Reader.Valuation = { ...Reader.undiscounted, gamma: shape.gamma ?? 1 }
  let slots = new Uint32Array(0)
  return {
    fields: sampler.isWeighted ? [...Reader.FIELDS, "weight"] : Reader.FIELDS,
    size: () => Transitions.held(transitions),
    store: (transition) => {
      transitions.push(transition)
      sampler.add(Transitions.newest(transitions))
    },
    sample: (key, batch, valuation) => {
      const rows = Reader.field(batch, "reward").length
      if (slots.length !== rows) slots = new Uint32Array(rows)
      const weights = batch["weight"]?.data
      sampler.draw(key, slots, Transitions.held(transitions), transitions.stored(), weights)
      read(
        transitions,
        shape,
        slots,
        batch,
        key,
        valuation === undefined ? plain : { ...plain, ...valuation }
      )
    },
    ...(sampler.prioritize === undefined ? {} : { prioritize: sampler.prioritize }),
    log: transitions.log,
    snapshot: () => ({ stored: transitions.stored(), sampler: sampler.snapshot(transitions.stored()) }),
    restore: (snapshot) => {
      const stored = Snapshot.getNumber(snapshot, "stored")
      transitions.restore(stored)
      sampler.restore(Snapshot.get(snapshot, "sampler"), stored)
    }
  }
}

// layers

/** A replay's instance: a `ReplayError` where it does not take so many lanes, or the machine does not give the memory. */
export const allocated = (
  replay: string,
  takes: Lanes.Refusals,
  { lanes = 1 }: Contract.Shape,
  make: () => Contract.Instance
): Effect.Effect<Contract.Instance, Contract.ReplayError> => {
  const [refused] = takes(lanes)
  if (refused !== undefined) {
    return new Contract.ReplayError({
      replay,
      what: Mistake.line(refused),
      fix: "Give it what is expected, or another number of lanes"
    })
  }
  return Effect.try({
    try: make,
    catch: (cause) => {
      if (!(cause instanceof RangeError)) throw cause
      const reason = `the machine does not give the memory for it (${cause.message})`
      return new Contract.ReplayError({ replay, what: reason, fix: "Give it a smaller capacity" })
    }
  })
}

/** A replay of transitions that a sampler draws; what a minibatch holds of them is any reader's choice. */
export const layer = (
  name: string,
  storage: Storage,
  sampler: () => Sampler.Sampler
): Layer.Layer<Contract.Replay> => {
  const takes = Lanes.refusals("replay", lanes, storage)
  return Layer.succeed(Contract.Replay, {
    name,
    capacity: storage.capacity,
    lanes: takes,
    make: (shape, reader = Reader.oneStep) =>
      allocated(name, takes, shape, () => assemble(transitionsOf(storage, shape), shape, sampler(), reader))
  })
}

/** What a replay answers that has a reader of its own. */
export const refuseReader = (replay: string): Contract.ReplayError =>
  new Contract.ReplayError({
    replay,
    what: "it decides itself what a minibatch holds, and so does a decorator around it",
    fix: "Leave the decorator (nStep) out, or use it around another replay"
  })
