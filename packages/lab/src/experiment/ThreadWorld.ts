/**
 * The world of an experiment as worker threads make it anew: from its options, and the modules of parts that its user has
 * named, which are run there as well. What a directory says is never run (`docs/decisions/0020-parts.md`).
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import type * as Environment from "@ornstein/core/Environment"
import * as Worlds from "@ornstein/envs/Registry"
import * as Wrapper from "@ornstein/envs/Wrapper"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { worldFrom } from "./WorldFrom.ts"

// models

/** What describes it. */
export const Given = Schema.Struct({
  input: Schema.Json,
  /** Modules of parts: the files, and what is in them. */
  parts: Schema.Array(Schema.Struct({ path: Schema.String, sha256: Schema.String }))
})
export type Given = typeof Given.Type

// making

const decode = Schema.decodeUnknownEffect(Given)

/** The world, in its wrappers. */
export const world = Effect.fnUntraced(function* (given: unknown) {
  const { input, parts } = yield* decode(given)
  // Modules of parts bring with them all that parts can be; a world of ours needs ours only.
  if (parts.length === 0) return yield* Effect.fromResult(worldFrom(Worlds.worlds, Wrapper.kinds)(input))
  const UserParts = yield* Effect.promise(() => import("./UserParts.ts"))
  const sources = yield* UserParts.sourcesOf(parts.map(({ path }) => path))
  const changed = sources.find(({ sha256 }, i) => sha256 !== parts[i]?.sha256)
  if (changed !== undefined) {
    return yield* new UserParts.PartsError({
      path: changed.path,
      what: "it has changed since the run read it",
      fix: "Begin again, or go on with `ornstein resume`"
    })
  }
  const experiment = yield* UserParts.read(sources)
  const made: Environment.Environment = yield* Effect.fromResult(experiment.worldFrom(input))
  return made
}, Effect.provide(NodeServices.layer))
