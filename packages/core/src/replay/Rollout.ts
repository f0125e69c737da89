/**
 * Rollouts: what an on-policy learner replays once, in order, and forgets. A rollout ends with its episode or when it is
 * full; until then there is nothing to sample. A minibatch is one rollout, filled up with rows whose `mask` is 0. Of
 * several lanes, which fill it in turn, each is followed for itself.
 *
 * | field | row t of the rollout |
 * | --- | --- |
 * | `observation`, `action` | s_t, a_t |
 * | `reward`, `discount`, `nextObservation` | as of one transition from t to the end of the episode, or of the rollout: `sum_q gamma^q r_(t+q)`, gamma^k (0 after a termination), the last observation |
 * | `return` | `reward`; normalised over the rollout if asked for: `(G - mean) / (std + 1.2e-7)`, in double precision |
 * | `mask` | 1; 0 in rows that fill up |
 */
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Field, Lanes, Part } from "../config/index.ts"
import { Snapshot } from "../state/index.ts"
import * as Assembly from "./Assembly.ts"
import * as Contract from "./Contract.ts"
import * as Reader from "./Reader.ts"
import * as Transitions from "./Transitions.ts"

// models

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("rollout"),
    capacity: Field.positiveInt
      .annotate({ description: "the most steps of a rollout; minibatches have as many rows" })
      .pipe(Field.withDefault(500)),
    until: Schema.Literals(["episode", "full"])
      .annotate({ description: "a rollout ends with its episode, or only when it is full" })
      .pipe(Field.withDefault("episode" as const)),
    normalize: Schema.Boolean.annotate({
      description: "returns get mean 0 and deviation 1 over the rollout"
    }).pipe(Field.withDefault(true))
  })
) {}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** the most steps of a rollout; minibatches have as many rows */
  readonly capacity?: number
  /** a rollout ends with its episode, or only when it is full */
  readonly until?: "episode" | "full"
  /** returns get mean 0 and deviation 1 over the rollout */
  readonly normalize?: boolean
}

export const FIELDS = [...Reader.FIELDS, "return", "mask"] as const

// pure core

const EPSILON = 1.1920928955078125e-7

/** `(x - mean) / (std + epsilon)` in place, std with divisor n. */
export const normalize = (values: Float64Array): void => {
  const n = values.length
  let mean = 0
  for (let i = 0; i < n; i++) mean += values[i]!
  mean /= n
  let squares = 0
  for (let i = 0; i < n; i++) squares += (values[i]! - mean) * (values[i]! - mean)
  const scale = 1 / (Math.sqrt(squares / n) + EPSILON)
  for (let i = 0; i < n; i++) values[i] = (values[i]! - mean) * scale
}

// instances

export const make = (options: Omit<Options, "kind">, shape: Contract.Shape): Contract.Instance => {
  const { capacity, until } = options
  const steps = Transitions.full(capacity, shape)
  const { lanes } = steps
  let isComplete = false

  const plain: Reader.Valuation = { ...Reader.undiscounted, gamma: shape.gamma ?? 1 }

  const sample: Contract.Instance["sample"] = (_key, batch, changes) => {
    const valuation = { ...plain, ...changes }
    const gamma = Reader.gammaOf(valuation)
    const count = steps.stored()
    for (const { data } of Object.values(batch)) data.fill(0)
    const into = (name: string) => batch[name]?.data
    const [rewards, discounts, mask] = [into("reward"), into("discount"), into("mask")]
    const [observation, nextObservation, action] = [
      into("observation"),
      into("nextObservation"),
      into("action")
    ]
    const returns = new Float64Array(count)
    for (let newest = count - 1; newest >= Math.max(0, count - lanes); newest--) {
      let [sum, product, last] = [0, 1, newest]
      for (let t = newest; t >= 0; t -= lanes) {
        if (Transitions.isEnd(steps, t) || t === newest) [sum, product, last] = [0, 1, t]
        const discount = steps.terminated[t] === 0 ? gamma : 0
        sum = Reader.rewardOf(valuation, steps.reward[t]!) + discount * sum
        product *= discount
        returns[t] = sum
        if (rewards !== undefined) rewards[t] = sum
        if (discounts !== undefined) discounts[t] = product
        if (mask !== undefined) mask[t] = 1
        if (observation !== undefined) steps.copyObservation(t, observation, t * shape.observation)
        if (nextObservation !== undefined)
          steps.copyNextObservation(last, nextObservation, t * shape.observation)
        if (action !== undefined) Transitions.copyRow(steps.action, t, shape.action, action, t * shape.action)
      }
    }
    if (options.normalize) normalize(returns)
    into("return")?.set(returns)
    steps.restore(0)
    isComplete = false
  }

  return {
    fields: FIELDS,
    isRollout: true,
    size: () => (isComplete ? steps.stored() : 0),
    store: (transition) => {
      if (isComplete) {
        throw new RangeError(
          "the rollout is complete: sample it before another step is stored, or it is lost"
        )
      }
      steps.push(transition)
      const isEnd = transition.terminated || transition.truncated
      isComplete = steps.stored() === capacity || (until === "episode" && isEnd)
    },
    sample,
    log: Transitions.nothingLogged,
    snapshot: () => ({ count: steps.stored(), isComplete, rows: steps.log.read(0, steps.stored()) }),
    restore: (snapshot) => {
      const count = Snapshot.getNumber(snapshot, "count")
      const rows = Snapshot.get(snapshot, "rows")
      isComplete = Snapshot.getBoolean(snapshot, "isComplete")
      if (count > capacity || (count === capacity && !isComplete)) {
        throw new RangeError(`its rollout has ${count} steps so far, this one has room for ${capacity}`)
      }
      steps.restore(count)
      steps.log.write(
        0,
        Object.fromEntries(
          Object.keys(steps.log.widths).map((name) => [name, Snapshot.getFloat32(rows, name)])
        )
      )
    }
  }
}

// layers

/** Lanes fill a rollout in turn: it holds whole steps of all of them, and no episode of one ends it. */
const lanes: ReadonlyArray<Lanes.Requirement<Omit<Options, "kind" | "normalize">>> = [
  {
    at: "until",
    check: ({ until }, lanes) =>
      lanes > 1 && until === "episode"
        ? `expected "full", or training.lanes 1: the episodes of ${lanes} lanes end in different steps`
        : undefined
  },
  {
    at: "capacity",
    check: ({ capacity }, lanes) =>
      capacity % lanes === 0
        ? undefined
        : `expected a multiple of training.lanes (${lanes}): a rollout has as many steps of each lane`
  }
]

/** For on-policy learners. */
export const layer = (options: Input): Layer.Layer<Contract.Replay> => {
  const settings = Field.make("rollout", Options, options)
  const { capacity } = settings
  const name = "rollout"
  const takes = Lanes.refusals("replay", lanes, settings)
  return Layer.succeed(Contract.Replay, {
    name,
    capacity,
    lanes: takes,
    make: (shape, reader) => {
      if (reader !== undefined) return Assembly.refuseReader(name)
      const { batch = capacity } = shape
      if (batch !== capacity) {
        const reason = `a rollout has up to ${capacity} steps, a minibatch ${batch} rows`
        return new Contract.ReplayError({ replay: name, what: reason, fix: "Give both the same number" })
      }
      return Assembly.allocated(name, takes, shape, () => make(settings, shape))
    }
  })
}

// part

/** What a configuration names. */
export const part = Part.from([Options], {
  description: "whole rollouts of the policy's own actions, each learned from once",
  source: {
    authors: "Mnih et al.",
    year: 2016,
    title: "Asynchronous methods for deep reinforcement learning",
    link: "https://arxiv.org/abs/1602.01783"
  },
  requires: [
    {
      at: "",
      reads: ["algorithm.base"],
      check: (_, { learner }) =>
        learner.isOnPolicy
          ? undefined
          : `gives whole rollouts to on-policy learners; ${learner.base} learns from single transitions`
    },
    ...Lanes.requires(lanes)
  ],
  example: { capacity: 64, until: "full", normalize: false },
  make: (options): Contract.Chosen => ({
    layer: layer(options),
    bytes: (shape) => Assembly.bytes(options, shape)
  })
})
