/**
 * An experiment that learns from a dataset and names no world: its spaces are those of the dataset, and nothing is
 * evaluated. What it consists of is written into the run, which goes on without reading the dataset for it again.
 */
import * as Config from "@ornstein/core/Config"
import * as JsonPath from "@ornstein/core/JsonPath"
import type * as Space from "@ornstein/core/Space"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as DatasetError from "./DatasetError.ts"
import * as Datasets from "./Datasets.ts"
import * as Recorded from "./Recorded.ts"

// pure core

const UNIT = 1

/** The box that actions come from. */
const boxOf = (
  file: string,
  recorded: Recorded.Recorded
): Result.Result<Space.Box, DatasetError.DatasetError> => {
  const { size, space } = recorded.action
  const fix = "Name the world that it is of: environment"
  if (space?._tag === "Discrete") {
    return Result.fail(
      DatasetError.at(
        file,
        undefined,
        "its actions are choices from a list, and learners from datasets take boxes",
        fix
      )
    )
  }
  if (space !== undefined) return Result.succeed(space)
  const actions = Recorded.numbers(recorded, "action", "actions") ?? []
  for (let i = 0; i < actions.length; i++) {
    if (Math.abs(actions[i]!) <= UNIT) continue
    const what = "it does not say between which bounds actions lie, and there are some beyond [-1, 1]"
    return Result.fail(DatasetError.at(file, undefined, what, fix))
  }
  const all = (bound: number) => Array.from({ length: size }, () => bound)
  return Result.succeed({ _tag: "Box", shape: [size], low: all(-UNIT), high: all(UNIT), dtype: "float32" })
}

/** The file that is learned from, where no world is named: of a configuration with overrides, `path=value`. */
const fileOf = (input: JsonPath.JsonRecord, overrides: ReadonlyArray<string>): string | undefined => {
  const set = new Map(
    overrides.flatMap((text) => {
      const parsed = Config.parseOverride(text)
      return Result.isSuccess(parsed) ? [[parsed.success.path, parsed.success.value] as const] : []
    })
  )
  const isNamed =
    input["environment"] !== undefined || [...set.keys()].some((path) => /^environment\b/.test(path))
  const valueOf = (name: string) => set.get(`replay.${name}`) ?? JsonPath.child(input["replay"], name)
  const file = valueOf("file")
  return !isNamed && valueOf("kind") === "offline" && typeof file === "string" && file !== ""
    ? file
    : undefined
}

// completing

/** The configuration with the spaces of its dataset in place of a world, where it names none. */
export const completed = Effect.fn("Worldless.completed")(function* (
  input: unknown,
  overrides: ReadonlyArray<string>
) {
  if (!JsonPath.isRecord(input)) return input
  const file = fileOf(input, overrides)
  if (file === undefined) return input
  const recorded = yield* Datasets.read(file)
  const { high, low } = yield* Effect.fromResult(boxOf(file, recorded))
  const { evaluation = {} } = input
  return {
    ...input,
    environment: { kind: "spaces", observation: recorded.observation.size, low: [...low], high: [...high] },
    evaluation: JsonPath.isRecord(evaluation) ? { episodes: 0, ...evaluation } : evaluation
  }
})
