/** The experiment that commands and sessions work with: ours, or ours with parts of the user's. */
import * as Context from "effect/Context"
import * as Experiment from "./Experiment.ts"
import type * as UserParts from "./UserParts.ts"

// models

export interface Current {
  readonly experiment: Experiment.Experiment
  /** Where parts that are not ours come from. */
  readonly sources: ReadonlyArray<UserParts.Source>
  /** May runs go on with parts whose source has changed? */
  readonly acceptsChanges: boolean
}

// service

export const Current = Context.Reference<Current>("@ornstein/lab/experiment/Current", {
  defaultValue: () => ({ experiment: Experiment.ours, sources: [], acceptsChanges: false })
})
