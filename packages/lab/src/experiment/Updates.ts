/** How much is learned from each environment step: what a run prints and records, and when that was not thought of. */
import * as Config from "@ornstein/core/Config"
import * as JsonPath from "@ornstein/core/JsonPath"
import * as Training from "@ornstein/core/Training"
import * as Result from "effect/Result"
import type * as Settings from "./Settings.ts"

// pure core

/** Updates per environment step, once learning has started; nothing for rollouts, each of which is learned from once. */
export const perStep = ({ replay, training }: Settings.Settings): number | undefined =>
  replay.kind === "rollout" ? undefined : Training.updatesPerStep(training)

const RHYTHM = ["training.updateEvery", "training.updatesPerRound"]

/**
 * What is to be said where a configuration, or what was set in it, names several lanes and no rhythm of updates: then they
 * divide what is learned from each step, which nobody has asked for.
 */
export const warning = (
  input: unknown,
  overrides: ReadonlyArray<string>,
  config: Settings.Settings
): string | undefined => {
  const pathsOf = (text: string): ReadonlyArray<string> =>
    Result.match(Config.parseOverride(text), {
      onFailure: () => [],
      onSuccess: ({ path, value }) => [
        path,
        ...(JsonPath.isRecord(value) ? Object.keys(value).map((key) => `${path}.${key}`) : [])
      ]
    })
  const set = new Set(overrides.flatMap(pathsOf))
  const isWritten = (path: string): boolean => JsonPath.at(input, path) !== undefined
  const isSet = (path: string): boolean => set.has(path)
  const isThought = isSet("training.lanes")
    ? RHYTHM.some(isSet)
    : RHYTHM.some((path) => isWritten(path) || isSet(path))
  return isThought || perStep(config) === undefined ? undefined : Training.dividedUpdates(config.training)
}
