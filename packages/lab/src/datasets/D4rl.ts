/**
 * The flat files of D4RL (Fu et al., 2020): `observations`, `actions`, `rewards`, `terminals`, in most `timeouts`, in many
 * `next_observations`; the rest is not looked at. A timeout is no end of the world: what comes after it has a value. Where
 * both are set in a row, the world ended.
 */
import * as Effect from "effect/Effect"
import * as DatasetError from "./DatasetError.ts"
import type * as Hdf5 from "./Hdf5.ts"
import type { Recorded } from "./Recorded.ts"

// pure core

const NEEDED = ["observations", "actions", "rewards", "terminals"] as const

/** Is it one? */
export const isOne = (names: ReadonlyArray<string>): boolean =>
  names.includes("observations") && names.includes("rewards")

/** Rows after which the next one is of another episode, though nothing says so: 1 there. */
const broken = (
  observations: Hdf5.Numbers,
  nexts: Hdf5.Numbers,
  terminals: Hdf5.Numbers,
  width: number
): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(terminals.length)
  for (let row = 0; row + 1 < out.length; row++) {
    if (terminals[row] === 1) continue
    for (let i = 0; i < width; i++) {
      if (nexts[row * width + i] !== observations[(row + 1) * width + i]) out[row] = 1
    }
  }
  return out
}

// reading

export const read = Effect.fnUntraced(function* (
  file: string,
  open: Hdf5.File,
  names: ReadonlyArray<string>
) {
  const missing = NEEDED.find((name) => !names.includes(name))
  if (missing !== undefined) {
    return yield* DatasetError.at(file, undefined, `it has no array "${missing}", which a file of D4RL has`)
  }
  const wanted = [...NEEDED, ...["timeouts", "next_observations"].filter((name) => names.includes(name))]
  const found = yield* open.look(wanted)
  const entries = yield* Effect.forEach(wanted, (name, i) => open.entry(name, found[i]))
  const rows = entries.find(({ path }) => path === "rewards")?.rows ?? 0
  const width = entries[0]?.width ?? 0
  const other = entries.find((entry) => entry.rows !== rows)
  if (other !== undefined) {
    const what = `it has ${other.rows} rows, and there are ${rows} rewards`
    return yield* DatasetError.at(file, other.path, what)
  }
  const arrays = new Map<string, { readonly data: Hdf5.Numbers; readonly shape: ReadonlyArray<number> }>()
  for (const entry of entries) {
    arrays.set(entry.path, { data: yield* open.read(entry), shape: [rows, entry.width] })
  }
  const dataOf = (name: string): Hdf5.Numbers => arrays.get(name)?.data ?? new Uint8Array(rows)
  const inferred: Array<string> = []
  const hasNext = arrays.has("next_observations")
  if (!arrays.has("timeouts") && hasNext) {
    const data = broken(dataOf("observations"), dataOf("next_observations"), dataOf("terminals"), width)
    arrays.set("timeouts", { data, shape: [rows, 1] })
    inferred.push(
      'it has no "timeouts": an episode is taken to be cut off where its next observation is not that of the next row'
    )
  }
  if (!hasNext) {
    inferred.push(
      'it has no "next_observations": those of the next rows are taken, and a row after which its episode is cut off is left out of what is learned'
    )
  }
  const actions = dataOf("actions")
  const recorded: Recorded = {
    format: "d4rl",
    storage: "hdf5",
    raw: { columns: Object.fromEntries(arrays), units: "world" },
    observation: { size: width, space: undefined, names: {} },
    action: { size: rows === 0 ? 0 : actions.length / rows, space: undefined, names: {} },
    inferred
  }
  return recorded
})
