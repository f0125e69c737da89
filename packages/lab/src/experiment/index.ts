/** What is to be run. */

/** Configuration files in JSON, YAML and TOML. */
export * as ConfigFile from "./ConfigFile.ts"
/** The experiment that commands and sessions work with. */
export { Current } from "./Current.ts"
/** A whole experiment as one configuration. */
export * as Experiment from "./Experiment.ts"
/** Does an experiment fit into the memory of this machine? A question at the start of a run, not of a configuration. */
export * as Memory from "./Memory.ts"
/** What every experiment has, whichever parts it can choose from. */
export * as Settings from "./Settings.ts"
/** Parts of one's own, from a module that a person has named. */
export * as Updates from "./Updates.ts"
export * as UserParts from "./UserParts.ts"
