/**
 * Datasets: transitions that somebody recorded, to learn from offline. A file of them is checked before the first step,
 * every number of it, and refused with the field and the row; what can be converted without loss of meaning is.
 *
 * | field | also called | row |
 * | --- | --- | --- |
 * | `observation` | `observations` | `[rows, width]`, finite, raw |
 * | `action` | `actions` | `[rows, width]`, as the learner sees actions: a box's in [-1, 1], else an index; or in the world's units |
 * | `reward` | `rewards` | `[rows]`, finite, raw |
 * | `nextObservation` | `next_observations` | `[rows, width]`; without it, see below |
 * | `terminated` | `terminals` | `[rows]`, 1 where the world ended, else 0 |
 * | `truncated` | `timeouts` | `[rows]`, 1 where somebody stopped looking, else 0; both 1: the world ended |
 *
 * Numbers may be float32, float64, integers or booleans, and `[rows]` also `[rows, 1]`. There is no discount: gamma is that
 * of the algorithm. A field `discount` may be there where it says what `terminated` says (dm_env: 0 where the world ended,
 * else 1), never with another number.
 *
 * Without `nextObservation`, what follows a step is the observation of the next row. Nothing is known of what followed the
 * last step before a truncation, or the last of the file: these rows are left out, and counted.
 */
import * as Result from "effect/Result"
import { Space } from "../environment/index.ts"
import type { Snapshot } from "../state/index.ts"
import type * as Contract from "./Contract.ts"
import type * as Transitions from "./Transitions.ts"

// models

/** What a file holds under a name; without a shape, as many numbers for each row as there must be. */
export interface Column {
  readonly data: Snapshot.TypedArray
  readonly shape?: ReadonlyArray<number>
}

export type Columns = { readonly [name: string]: Column }

/** What a file holds, read but not checked. */
export interface Raw {
  readonly columns: Columns
  /** Whose actions are these: the learner's, a box's in [-1, 1], or the world's? */
  readonly units: "learner" | "world"
}

/** Why there is no dataset at a place. */
export interface Unreadable {
  readonly what: string
  readonly fix: string
}

export interface Options {
  /** Numbers of an observation. */
  readonly observation: number
  /** Numbers of an action, and the space that they come from. */
  readonly action: number
  readonly actions?: Space.Space
  /** The world's own space, where the actions are in its units and have to be carried to [-1, 1]. */
  readonly units?: Space.Box
  /** The most rows that are taken. */
  readonly capacity?: number
  /** Does the reader look at several rows in a row? Then each must begin where the one before ended. */
  readonly isInOrder?: boolean
}

/** A dataset that can be learned from. */
export interface Dataset {
  readonly rows: Transitions.Rows
  readonly count: number
  /** What it consists of, in words. */
  readonly summary: string
}

/** What is wrong, where, and what would be right. */
export interface Fault {
  readonly field: string
  readonly row?: number
  readonly what: string
  readonly fix: string
}

// pure core: fields

const ALIASES = {
  observation: "observations",
  action: "actions",
  reward: "rewards",
  nextObservation: "next_observations",
  terminated: "terminals",
  truncated: "timeouts"
} as const

type Field = keyof typeof ALIASES

const fault = (field: string, what: string, fix: string, row?: number): Result.Result<never, Fault> =>
  Result.fail({ field, what, fix, ...(row === undefined ? {} : { row }) })

const named = (columns: Columns, field: Field): Result.Result<Column | undefined, Fault> => {
  const [own, other] = [columns[field], columns[ALIASES[field]]]
  return own !== undefined && other !== undefined
    ? fault(field, `it is there twice, as "${field}" and as "${ALIASES[field]}"`, "Leave one of them out")
    : Result.succeed(own ?? other)
}

const shapeOf = ({ data, shape }: Column, width: number): ReadonlyArray<number> =>
  shape ?? [data.length / width, width]

/** The first `rows` rows as float32: finite, and what they were. */
const converted = (
  field: string,
  column: Column,
  width: number,
  all: number,
  rows: number
): Result.Result<Float32Array, Fault> => {
  const { data } = column
  const shape = shapeOf(column, width)
  const inner = shape.slice(1).reduce((product, n) => product * n, 1)
  if (shape[0] !== all) {
    return fault(
      field,
      `it has ${shape[0] ?? 0} rows, and there are ${all} rewards`,
      "Give one for each transition"
    )
  }
  if (inner !== width) {
    const expected = width === 1 ? `[${all}]` : `[${all}, ${width}]`
    const fix = `Give shape ${expected}: the dataset is for another environment`
    return fault(field, `it has shape [${shape.join(", ")}]`, fix)
  }
  const out = new Float32Array(rows * width)
  const isFloat = data instanceof Float32Array || data instanceof Float64Array
  for (let i = 0; i < out.length; i++) {
    const given = data[i]!
    out[i] = given
    const is = out[i]!
    if (Number.isFinite(is) && (isFloat || is === given)) continue
    const row = Math.floor(i / width)
    return fault(field, `it is ${given}`, "Give numbers that are finite in single precision", row)
  }
  return Result.succeed(out)
}

/** The first row with a number that is not allowed. */
const offending = (
  numbers: Float32Array,
  width: number,
  isAllowed: (x: number, i: number) => boolean
): { readonly row: number; readonly value: number } | undefined => {
  for (let i = 0; i < numbers.length; i++) {
    if (!isAllowed(numbers[i]!, i % width)) return { row: Math.floor(i / width), value: numbers[i]! }
  }
  return undefined
}

const outside = (space: Space.Space, actions: Float32Array, width: number) =>
  space._tag === "Discrete"
    ? offending(actions, width, (x) => Number.isInteger(x) && x >= 0 && x < space.n)
    : offending(actions, width, (x, i) => x >= Math.fround(space.low[i]!) && x <= Math.fround(space.high[i]!))

const unlike = (a: Float32Array, b: Float32Array, from: number, to: number, width: number): boolean => {
  for (let i = 0; i < width; i++) if (a[from * width + i] !== b[to * width + i]) return true
  return false
}

/** Actions of the world as the learner sees them. */
const carried = (units: Space.Box, actions: Float32Array): Float32Array => {
  const width = Space.size(units)
  const out = new Float32Array(actions.length)
  for (let at = 0; at < actions.length; at += width) {
    Space.toUnit(units, actions.subarray(at, at + width), out.subarray(at, at + width))
  }
  // At a bound that single precision rounds outwards.
  for (let i = 0; i < out.length; i++) out[i] = Math.max(-1, Math.min(1, out[i]!))
  return out
}

// pure core: rows

interface Ends {
  readonly terminated: Float32Array
  readonly truncated: Float32Array
}

const isEnd = ({ terminated, truncated }: Ends, row: number): boolean =>
  terminated[row] === 1 || truncated[row] === 1

/** Only some of the rows. */
const selected = (numbers: Float32Array, width: number, rows: ReadonlyArray<number>): Float32Array => {
  const out = new Float32Array(rows.length * width)
  rows.forEach((row, i) => out.set(numbers.subarray(row * width, (row + 1) * width), i * width))
  return out
}

/** Next observations from the rows that follow; without the rows that nothing is known to follow. */
const followed = (rows: Transitions.Rows & Ends, width: number, count: number): Transitions.Rows => {
  const { observation = new Float32Array(0), terminated } = rows
  const truncated = rows.truncated.slice()
  const next = new Float32Array(count * width)
  const kept: Array<number> = []
  for (let row = 0; row < count; row++) {
    // What follows a termination is never looked at.
    const source = terminated[row] === 1 ? row : row + 1
    if (source !== row && (truncated[row] === 1 || source === count)) {
      // The step before is now the last of its episode.
      if (row > 0 && !isEnd(rows, row - 1)) truncated[row - 1] = 1
      continue
    }
    next.set(observation.subarray(source * width, (source + 1) * width), row * width)
    kept.push(row)
  }
  const whole = { ...rows, truncated, nextObservation: next }
  return Object.fromEntries(
    Object.entries<Float32Array>(whole).map(([name, numbers]) => [
      name,
      selected(numbers, numbers.length / count, kept)
    ])
  )
}

/** `120 transitions: 3 terminated, 1 truncated, in episodes of 12 to 40 steps`. */
const summarize = (ends: Ends, count: number, dropped: number): string => {
  const lengths: Array<number> = []
  let [length, terminated, truncated] = [0, 0, 0]
  for (let row = 0; row < count; row++) {
    length += 1
    if (ends.terminated[row] === 1) terminated += 1
    else if (ends.truncated[row] === 1) truncated += 1
    if (!isEnd(ends, row) && row < count - 1) continue
    lengths.push(length)
    length = 0
  }
  const [shortest, longest] = lengths.reduce(
    ([least, most], n) => [Math.min(least, n), Math.max(most, n)],
    [Number.POSITIVE_INFINITY, 0]
  )
  const left = dropped === 0 ? "" : `; ${dropped} left out, whose next observation is not known`
  const steps = shortest === longest ? `${longest}` : `${shortest} to ${longest}`
  return `${count} transitions: ${terminated} terminated, ${truncated} truncated, in episodes of ${steps} steps${left}`
}

/** Mean and deviation of rows `[rows, width]`, with divisor n, in double precision. */
export const statistics = (numbers: ArrayLike<number>, width: number): Contract.Statistics => {
  const [mean, deviation] = [new Float64Array(width), new Float64Array(width)]
  const count = numbers.length / width
  for (let i = 0; i < numbers.length; i++) mean[i % width] = mean[i % width]! + numbers[i]!
  for (let i = 0; i < width; i++) mean[i] = mean[i]! / count
  for (let i = 0; i < numbers.length; i++) {
    const distance = numbers[i]! - mean[i % width]!
    deviation[i % width] = deviation[i % width]! + distance * distance
  }
  for (let i = 0; i < width; i++) deviation[i] = Math.sqrt(deviation[i]! / count)
  return { count, mean, deviation }
}

// constructors

/** The dataset in these columns, or what is wrong with it. */
export const make = (columns: Columns, options: Options): Result.Result<Dataset, Fault> =>
  Result.gen(function* () {
    const { action: actionWidth, actions: space, observation: width, units } = options
    const rewards = yield* named(columns, "reward")
    if (rewards === undefined)
      return yield* fault("reward", "it is not there", "Give a number for each transition")
    const all = shapeOf(rewards, 1)[0] ?? 0
    if (all === 0) return yield* fault("reward", "there are no transitions", "Give one at least")
    const count = Math.min(all, options.capacity ?? all)

    const optional = (field: Field, width: number) =>
      Result.flatMap(named(columns, field), (column) =>
        column === undefined ? Result.succeed(undefined) : converted(field, column, width, all, count)
      )
    const required = (field: Field, width: number) =>
      Result.flatMap(optional(field, width), (numbers) =>
        numbers === undefined
          ? fault(field, "it is not there", `Give "${field}" (or "${ALIASES[field]}")`)
          : Result.succeed(numbers)
      )
    const flags = (field: Field) =>
      Result.flatMap(required(field, 1), (numbers) => {
        const wrong = offending(numbers, 1, (x) => x === 0 || x === 1)
        return wrong === undefined
          ? Result.succeed(numbers)
          : fault(field, `it is ${wrong.value}`, "Give 1 where it holds, and 0 where it does not", wrong.row)
      })

    const observation = yield* required("observation", width)
    const given = yield* required("action", actionWidth)
    const reward = yield* required("reward", 1)
    const terminated = yield* flags("terminated")
    const truncated = yield* flags("truncated")
    const nextObservation = yield* optional("nextObservation", width)

    const whose = units ?? space
    const wrong = whose === undefined ? undefined : outside(whose, given, actionWidth)
    if (wrong !== undefined && whose !== undefined) {
      const as = units === undefined ? "as the learner sees them" : "in the world's units"
      const fix = `Actions come from ${Space.format(whose)}, ${as}`
      return yield* fault("action", `it is ${wrong.value}`, fix, wrong.row)
    }
    const action = units === undefined ? given : carried(units, given)
    const discounts = columns["discount"]
    if (discounts !== undefined) {
      const discount = yield* converted("discount", discounts, 1, all, count)
      const row = discount.findIndex((x, i) => x !== 1 - terminated[i]!)
      if (row >= 0) {
        const reason = `it is ${discount[row]} where "terminated" is ${terminated[row]}`
        const fix = `Leave it out, or give ${1 - terminated[row]!}: gamma is the algorithm's, applied when sampling`
        return yield* fault("discount", reason, fix, row)
      }
    }
    if (options.isInOrder === true && nextObservation !== undefined) {
      for (let row = 0; row + 1 < count; row++) {
        if (isEnd({ terminated, truncated }, row)) continue
        if (unlike(nextObservation, observation, row, row + 1, width)) {
          const reason = `its next observation is not the observation of row ${row + 1}, and no episode ends there`
          return yield* fault("truncated", reason, "Give 1 in the last row of each episode", row)
        }
      }
    }
    const known = { observation, action, reward, terminated, truncated }
    const rows = nextObservation === undefined ? followed(known, width, count) : { ...known, nextObservation }
    const left = rows["reward"]?.length ?? 0
    if (left === 0) {
      return yield* fault("nextObservation", "no row is known to be followed by another", "Give the field")
    }
    const ends = {
      terminated: rows["terminated"] ?? terminated,
      truncated: rows["truncated"] ?? truncated
    }
    return { rows, count: left, summary: summarize(ends, left, count - left) }
  })
