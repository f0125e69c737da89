import "@ornstein/jit/NodeVersion"

// what is to be run

export { ConfigFile, Experiment, UserParts } from "./experiment/index.ts"
export * as Presets from "./presets/Presets.ts"

// running it

export { Branch, Resume, Session, Summary, Train, Verify } from "./session/index.ts"

// what is left: the run's directory, its policy

export { RunDirectory } from "./runs/index.ts"
export { SavedPolicy } from "./policy/index.ts"

// this machine

export { Doctor } from "./doctor/index.ts"
