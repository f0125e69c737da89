/**
 * The spaces of a Minari dataset, as its metadata describes them, and how an element becomes a row of numbers: what
 * Gymnasium's `flatten` does. A box gives its numbers in row-major order, `Dict` its keys in sorted order, `Tuple` its
 * parts, `Discrete` as an observation one number for each value, 1 for that which it is. Names are kept.
 */
import * as JsonPath from "@ornstein/core/JsonPath"
import * as Space from "@ornstein/core/Space"
import * as Result from "effect/Result"

// models

/** A part of an element that is stored as one array. */
export interface Leaf {
  /** Keys from the outside to it; none where the space is a single one. */
  readonly path: ReadonlyArray<string>
  /** The numbers of a row of the array. */
  readonly width: number
  /** Bounds of a box, one for each number; of `Discrete`, where it starts and how many there are. */
  readonly space:
    | { readonly _tag: "Box"; readonly low: ReadonlyArray<number>; readonly high: ReadonlyArray<number> }
    | { readonly _tag: "Discrete"; readonly start: number; readonly n: number }
}

/** A space as a row: what a dataset has of it. */
export interface Layout {
  readonly leaves: ReadonlyArray<Leaf>
  /** Numbers of a row. */
  readonly size: number
}

// pure core

const MOST = 2 ** 20

const list = (u: unknown): ReadonlyArray<unknown> => (Array.isArray(u) ? u : [u])

/** A nested list of bounds, flat; as Python writes them, `Infinity` being a text by now. */
const bounds = (u: unknown): ReadonlyArray<number> =>
  Array.isArray(u) ? u.flatMap(bounds) : [u === null ? Number.NaN : Number(u)]

const isCount = (u: unknown): u is number => typeof u === "number" && Number.isInteger(u) && u >= 0

const fail = (what: string): Result.Result<never, string> => Result.fail(what)

const box = (space: unknown, path: ReadonlyArray<string>): Result.Result<ReadonlyArray<Leaf>, string> => {
  const shape = list(JsonPath.child(space, "shape"))
  if (!shape.every(isCount)) return fail("its box has no shape")
  const width = shape.reduce((product, n) => product * n, 1)
  const [low = [], high = []] = ["low", "high"].map((name) => bounds(JsonPath.child(space, name)))
  const isRight =
    width >= 1 && width <= MOST && [low, high].every(({ length }) => length === width || length === 1)
  if (!isRight || !low.every((bound, i) => bound <= (high[i] ?? high[0] ?? Number.NaN))) {
    return fail(`its box of shape [${shape.join(", ")}] has no bounds of this shape`)
  }
  const filled = (given: ReadonlyArray<number>) =>
    given.length === width ? given : Array.from({ length: width }, () => given[0] ?? 0)
  return Result.succeed([{ path, width, space: { _tag: "Box", low: filled(low), high: filled(high) } }])
}

const discrete = (
  space: unknown,
  path: ReadonlyArray<string>
): Result.Result<ReadonlyArray<Leaf>, string> => {
  const [n, start = 0] = [JsonPath.child(space, "n"), JsonPath.child(space, "start")]
  return isCount(n) && n >= 1 && n <= MOST && typeof start === "number" && Number.isInteger(start)
    ? Result.succeed([{ path, width: 1, space: { _tag: "Discrete", start, n } }])
    : fail("its Discrete has no n")
}

const parts = (
  named: ReadonlyArray<readonly [name: string, space: unknown]>,
  path: ReadonlyArray<string>
): Result.Result<ReadonlyArray<Leaf>, string> => {
  const odd = named.find(([name]) => name === "" || name.includes("/"))
  if (odd !== undefined) return fail(`it has a part named ${JSON.stringify(odd[0])}`)
  return Result.map(Result.all(named.map(([name, space]) => leavesOf(space, [...path, name]))), (all) =>
    all.flat()
  )
}

const leavesOf = (
  space: unknown,
  path: ReadonlyArray<string>
): Result.Result<ReadonlyArray<Leaf>, string> => {
  if (path.length > 8) return fail("it is nested more than eight deep")
  const type = JsonPath.child(space, "type")
  const inner = JsonPath.child(space, "subspaces")
  if (type === "Box") return box(space, path)
  if (type === "Discrete") return discrete(space, path)
  if (type === "Dict" && JsonPath.isRecord(inner)) {
    return parts(
      Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)),
      path
    )
  }
  if (type === "Tuple" && Array.isArray(inner)) {
    return parts(
      inner.map((part: unknown, i) => [`_index_${i}`, part] as const),
      path
    )
  }
  return fail(
    `a space of type ${JSON.stringify(type) ?? "unknown"} is none of Box, Discrete, Dict and Tuple, which are read`
  )
}

/** The numbers that a leaf gives of a row. */
export const widthOf = ({ space, width }: Leaf): number => (space._tag === "Box" ? width : space.n)

// reading

/** JSON as Python writes it, with infinite numbers as texts. */
export const relaxed = (text: string): string =>
  text.replace(/(?<![\w"-])(-?(?:Infinity|NaN))(?![\w"])/g, '"$1"')

/** A space as an observation. */
export const observation = (space: unknown): Result.Result<Layout, string> =>
  Result.flatMap(leavesOf(space, []), (leaves) => {
    const size = leaves.reduce((sum, leaf) => sum + widthOf(leaf), 0)
    return size === 0 || size > MOST ? fail(`it has ${size} numbers`) : Result.succeed({ leaves, size })
  })

/** A space of actions: boxes together, or one `Discrete`. */
export const action = (space: unknown): Result.Result<Layout, string> =>
  Result.flatMap(leavesOf(space, []), (leaves) => {
    const size = leaves.reduce((sum, { width }) => sum + width, 0)
    const isMixed = leaves.length !== 1 && leaves.some(({ space }) => space._tag === "Discrete")
    if (isMixed) return fail("it has several choices at once, and one is learned: a box, or one Discrete")
    return size === 0 ? fail("it has no numbers") : Result.succeed({ leaves, size })
  })

/** What our own spaces make of it: one box, or one list of choices. */
export const spaceOf = ({ leaves, size }: Layout, isAction: boolean): Space.Space => {
  const [first] = leaves
  if (isAction && first?.space._tag === "Discrete") return Space.discrete(first.space.n)
  const of = (end: "low" | "high") =>
    leaves.flatMap(({ space }) =>
      space._tag === "Box" ? space[end] : Array.from({ length: space.n }, () => (end === "low" ? 0 : 1))
    )
  return Space.box({ shape: [size], low: of("low"), high: of("high") })
}

/** The parts of a row by name, with how many numbers each has; nothing where it has but one. */
export const names = ({ leaves }: Layout): { readonly [name: string]: number } =>
  leaves.length < 2 ? {} : Object.fromEntries(leaves.map((leaf) => [leaf.path.join("/"), widthOf(leaf)]))
