/**
 * Parts of a person's own that a run was made with: what its record says of them, and whether those that are loaded now
 * are the same. A record names a module and the hash of its source; it is never run because a record says so.
 */
import * as Fault from "@ornstein/core/Fault"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { Current, type Experiment, UserParts } from "../experiment/index.ts"

// errors

/** The parts of a run are not loaded, or their source has changed. */
export class RunPartsError
  extends Schema.TaggedError<RunPartsError>()("RunPartsError", { run: Schema.String, ...Fault.fields })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get where(): string {
    return this.run
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// models

/** A module whose parts a run was made with. */
export const Recorded = Schema.Struct({
  path: Schema.String,
  /** Of its source, a copy of which is in the run's directory. */
  sha256: Schema.String,
  /** The hashes that its source had before, each given up with `--accept-changed-parts`. */
  earlier: Schema.optionalKey(Schema.Array(Schema.String))
})
export type Recorded = typeof Recorded.Type

/** What is loaded now stands in for what was recorded: the same, or a change that is accepted. */
export interface Matched {
  readonly was: Recorded
  readonly is: UserParts.Source
}

// pure core

const short = (sha256: string): string => `${sha256.slice(0, 12)}...`

/** Where the copy of a source is, below the directory of a run. */
export const folderOf = ({ sha256 }: Pick<Recorded, "sha256">): string => `parts/${sha256.slice(0, 16)}`

/** The copies of all sources, by their place in the directory of a run. */
export const copies = (sources: ReadonlyArray<UserParts.Source>): { readonly [file: string]: string } =>
  Object.fromEntries(
    sources.flatMap((source) =>
      Object.entries(source.files).map(([place, text]) => [`${folderOf(source)}/${place}`, text] as const)
    )
  )

/** What stands in a record from now on for what was there. */
const entryOf = ({ is, was }: Matched): Recorded =>
  is.sha256 === was.sha256
    ? was
    : { path: is.path, sha256: is.sha256, earlier: [...(was.earlier ?? []), was.sha256] }

/** What the record of a run says of these sources; a branch knows what became of those of the run that it left. */
export const recorded = (
  sources: ReadonlyArray<UserParts.Source>,
  inherited: ReadonlyArray<Matched> = []
): ReadonlyArray<Recorded> =>
  sources.map((source) => {
    const matched = inherited.find(({ is }) => is === source)
    return matched === undefined ? { path: source.path, sha256: source.sha256 } : entryOf(matched)
  })

// combinators

/** The sources that a new run of this configuration depends on: none, where all of its parts are ours. */
export const needed = Effect.fnUntraced(function* (config: Experiment.Settings) {
  const { experiment, sources } = yield* Current
  return UserParts.areUsed(experiment, config) ? sources : []
})

/** Fails unless the parts that a run was made with are loaded as they were, or their change is accepted. */
export const check = Effect.fn("RunParts.check")(function* (
  run: string,
  parts: ReadonlyArray<Recorded> = []
) {
  const { acceptsChanges, sources } = yield* Current
  const matched: Array<Matched> = []
  for (const was of parts) {
    const same = sources.find(({ sha256 }) => sha256 === was.sha256)
    const is = same ?? sources.find(({ path }) => path === was.path) ?? sources[parts.indexOf(was)]
    if (is === undefined) {
      return yield* new RunPartsError({
        run,
        what: `it was made with parts of ${was.path}, which are not loaded`,
        fix:
          `Give --with ${was.path}. That is code, and it will run: a copy of what it was, to read, ` +
          `is in ${run}/${folderOf(was)}`
      })
    }
    if (is.sha256 !== was.sha256 && !acceptsChanges) {
      return yield* new RunPartsError({
        run,
        what: `the source of ${was.path} is not what it was made with (${short(was.sha256)} became ${short(is.sha256)})`,
        fix:
          `Restore it (a copy is in ${run}/${folderOf(was)}), or give --accept-changed-parts, ` +
          "which the record will say"
      })
    }
    matched.push({ was, is })
  }
  return matched
})

/** What a record says from now on, and the copies to go with it. */
export const accepted = (matched: ReadonlyArray<Matched>) => ({
  parts: matched.map(entryOf),
  copies: copies(matched.flatMap(({ is, was }) => (is.sha256 === was.sha256 ? [] : [is])))
})
