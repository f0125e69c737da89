/** What a configuration leaves out and follows from its base: tags, and what the base is run with. */
import type { Base } from "@ornstein/algos"
import * as FromDataset from "@ornstein/core/FromDataset"
import * as JsonPath from "@ornstein/core/JsonPath"

// pure core

/** A part as it was given, on top of its default; the tag may be left out, and what has another tag stands alone. */
const onTopOf = (fallback: JsonPath.JsonRecord, tag: string, given: unknown): unknown => {
  if (given === undefined) return fallback
  if (!JsonPath.isRecord(given)) return given
  const isSame = given[tag] === undefined || given[tag] === fallback[tag]
  return isSame ? { ...fallback, ...given, [tag]: fallback[tag] } : given
}

/** An algorithm whose network, if it says anything of one, is dense unless it says otherwise. */
const networked = (algorithm: unknown): unknown =>
  JsonPath.isRecord(algorithm) && JsonPath.isRecord(algorithm["network"])
    ? { ...algorithm, network: { kind: "dense", ...algorithm["network"] } }
    : algorithm

/** The rhythm that a base brings along for its own kind of replay. */
const rhythm = ({ replay, training }: Base.Defaults, given: unknown): JsonPath.JsonRecord => {
  if (JsonPath.child(given, "kind") === "offline") return FromDataset.rhythm
  if (JsonPath.child(given, "kind") !== replay.kind) return {}
  const capacity = JsonPath.child(given, "capacity")
  // A minibatch is a whole rollout, however long that is.
  return replay.kind === "rollout" && typeof capacity === "number"
    ? { ...training, batchSize: capacity }
    : { ...training }
}

/** The input with every tag that has a default, and with what the base brings along. */
export const complete =
  (defaultsOf: (base: unknown) => Base.Defaults) =>
  (input: unknown): unknown => {
    if (!JsonPath.isRecord(input)) return input
    const algorithm = networked(onTopOf({ base: "ddpg" }, "base", input["algorithm"]))
    const brought = defaultsOf(JsonPath.child(algorithm, "base"))
    const replay = onTopOf({ ...brought.replay }, "kind", input["replay"])
    const { training = {} } = input
    return {
      ...input,
      algorithm,
      replay,
      exploration: onTopOf({ ...brought.exploration }, "kind", input["exploration"]),
      training: JsonPath.isRecord(training) ? { ...rhythm(brought, replay), ...training } : training,
      engine: onTopOf({ kind: "auto" }, "kind", input["engine"])
    }
  }
