/** What is to be run. */

/** Configuration files in JSON, YAML and TOML. */
export * as ConfigFile from "./ConfigFile.ts"
/** A whole experiment as one configuration. */
export * as Experiment from "./Experiment.ts"
/** Does an experiment fit into the memory of this machine? A question at the start of a run, not of a configuration. */
export * as Memory from "./Memory.ts"
