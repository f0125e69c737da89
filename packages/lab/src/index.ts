import "@ornstein/jit/NodeVersion"

/** A whole experiment as one configuration. */
export * as Experiment from "./Experiment.ts"
/** Experiments by name. */
export * as Presets from "./Presets.ts"
/** Configuration files in JSON, YAML and TOML. */
export * as ConfigFile from "./ConfigFile.ts"
/** A training run from configuration to run directory. */
export * as Train from "./Train.ts"
/** The directory of a run. */
export * as RunDirectory from "./RunDirectory.ts"
/** The policy that a run has left behind. */
export * as SavedPolicy from "./SavedPolicy.ts"
/** What a run tells at its end. */
export * as Summary from "./Summary.ts"
/** What this machine has of what Ornstein needs. */
export * as Doctor from "./Doctor.ts"
/** Builds the addon of the engine `tensorflow` against a libtensorflow. */
export * as NativeBuild from "./NativeBuild.ts"
