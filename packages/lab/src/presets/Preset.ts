/** An experiment that has a name, and where its hyper-parameters come from. */
import type { Experiment } from "../experiment/index.ts"

export interface Preset {
  readonly description: string
  /** Where the hyper-parameters come from. */
  readonly source: string
  /** The mean return from which the task counts as solved, where its environment names none. */
  readonly threshold?: number
  readonly config: Experiment.Input
}
