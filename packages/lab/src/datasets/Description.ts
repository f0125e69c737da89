/** What is in a dataset: counts, episodes, returns, and the spread of its numbers. */
import * as Dataset from "@ornstein/core/Dataset"
import * as Evaluation from "@ornstein/core/Evaluation"
import * as Space from "@ornstein/core/Space"
import * as Result from "effect/Result"
import { createHash } from "node:crypto"
import * as Recorded from "./Recorded.ts"
import * as Reference from "./Reference.ts"

// models

/** Of the rows of one of the spaces. */
export interface Side {
  /** Numbers of a row. */
  readonly size: number
  /** Nothing where the file does not say. */
  readonly space: string | null
  /** How many numbers each part has, where there are several. */
  readonly names: { readonly [name: string]: number }
  readonly mean: ReadonlyArray<number>
  readonly std: ReadonlyArray<number>
  readonly min: ReadonlyArray<number>
  readonly max: ReadonlyArray<number>
}

export interface Spread {
  readonly mean: number
  /** With divisor n. */
  readonly std: number
  readonly min: number
  readonly max: number
}

export interface Description {
  readonly format: Recorded.Recorded["format"]
  readonly storage: Recorded.Recorded["storage"]
  readonly id: string | null
  readonly environment: string | null
  /** The last one may be open: the file ends before it does. */
  readonly episodes: number
  readonly open: number
  readonly steps: number
  /** Rows in which the world ended, and in which somebody stopped looking; both count once in each. */
  readonly terminals: number
  readonly timeouts: number
  readonly lengths: { readonly shortest: number; readonly longest: number; readonly mean: number }
  readonly rewards: Spread & { readonly sum: number }
  /** Of the episodes. */
  readonly return: Spread
  readonly observation: Side
  readonly action: Side
  /** What is learned from, or why nothing can be. */
  readonly transitions: number
  readonly leftOut: number
  readonly problem: string | null
  readonly inferred: ReadonlyArray<string>
  /** Of random policies and experts, where known, and the mean return between them: 0 and 100. */
  readonly reference: (Reference.Reference & { readonly normalized: number }) | null
  /** SHA-256 of all numbers: equal data has equal hashes, whatever the file. */
  readonly hash: string
}

// pure core

const spread = (values: ReadonlyArray<number>): Spread => {
  const { mean, std } = Evaluation.summarize(values, [])
  const [min, max] = values.reduce(
    ([least, most], x) => [Math.min(least, x), Math.max(most, x)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  )
  return { mean, std, min, max }
}

const sideOf = ({ names, size, space }: Recorded.Side, rows: ArrayLike<number>): Side => {
  const { deviation, mean } = Dataset.statistics(rows, size)
  const min = Array.from({ length: size }, () => Number.POSITIVE_INFINITY)
  const max = Array.from({ length: size }, () => Number.NEGATIVE_INFINITY)
  for (let i = 0; i < rows.length; i++) {
    min[i % size] = Math.min(min[i % size]!, rows[i]!)
    max[i % size] = Math.max(max[i % size]!, rows[i]!)
  }
  return {
    size,
    space: space === undefined ? null : Space.format(space),
    names,
    mean: [...mean],
    std: [...deviation],
    min,
    max
  }
}

interface Episodes {
  readonly lengths: ReadonlyArray<number>
  readonly returns: ReadonlyArray<number>
  readonly open: number
}

const episodesOf = (
  rewards: ArrayLike<number>,
  terminals: ArrayLike<number>,
  timeouts: ArrayLike<number>
): Episodes => {
  const lengths: Array<number> = []
  const returns: Array<number> = []
  let [length, sum] = [0, 0]
  for (let row = 0; row < rewards.length; row++) {
    length += 1
    sum += rewards[row]!
    if (terminals[row] !== 1 && timeouts[row] !== 1) continue
    lengths.push(length)
    returns.push(sum)
    length = 0
    sum = 0
  }
  if (length === 0) return { lengths, returns, open: 0 }
  return { lengths: [...lengths, length], returns: [...returns, sum], open: 1 }
}

const ones = (flags: ArrayLike<number>): number => Array.from(flags).filter((flag) => flag === 1).length

const hashOf = ({ columns }: Dataset.Raw): string => {
  const digest = createHash("sha256")
  for (const [name, { data }] of Object.entries(columns).sort(([a], [b]) => (a < b ? -1 : 1))) {
    digest.update(`${name} `).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  return digest.digest("hex")
}

// constructors

/** The description of a dataset. */
export const make = (recorded: Recorded.Recorded, named?: Reference.Reference): Description => {
  const { action, environment, format, id, inferred, observation, raw, storage } = recorded
  const column = (field: string, other: string): ArrayLike<number> =>
    Recorded.numbers(recorded, field, other) ?? []
  const rewards = column("reward", "rewards")
  const terminals = column("terminated", "terminals")
  const timeouts = column("truncated", "timeouts")
  const { lengths, open, returns } = episodesOf(rewards, terminals, timeouts)
  const dataset = Dataset.make(raw.columns, {
    observation: observation.size,
    action: action.size,
    ...(action.space === undefined ? {} : { actions: action.space })
  })
  const fault = Result.isFailure(dataset) ? dataset.failure : undefined
  const ofRewards = spread(Array.from(rewards))
  const ofReturns = spread(returns)
  const reference = named ?? recorded.reference
  const row = fault?.row === undefined ? "" : `, row ${fault.row}`
  return {
    format,
    storage,
    id: id ?? null,
    environment: environment ?? null,
    episodes: lengths.length,
    open,
    steps: rewards.length,
    terminals: ones(terminals),
    timeouts: ones(timeouts),
    lengths: {
      shortest: spread(lengths).min,
      longest: spread(lengths).max,
      mean: spread(lengths).mean
    },
    rewards: { sum: Array.from(rewards).reduce((sum, reward) => sum + reward, 0), ...ofRewards },
    return: ofReturns,
    observation: sideOf(observation, column("observation", "observations")),
    action: sideOf(action, column("action", "actions")),
    transitions: Result.isSuccess(dataset) ? dataset.success.count : 0,
    leftOut: Result.isSuccess(dataset) ? rewards.length - dataset.success.count : rewards.length,
    problem: fault === undefined ? null : `"${fault.field}"${row}: ${fault.what}. ${fault.fix}`,
    inferred,
    reference:
      reference === undefined
        ? null
        : { ...reference, normalized: Reference.normalized(reference, ofReturns.mean) },
    hash: hashOf(raw)
  }
}
