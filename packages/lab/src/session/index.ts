/** Making a run. */

/** A new run from a checkpoint of another one, with changed hyper-parameters. */
export * as Branch from "./Branch.ts"
/** From what a command line names (preset, file, overrides) to a run and its summary. */
export * as Launch from "./Launch.ts"
/** Going on with a run from its newest valid checkpoint. */
export * as Resume from "./Resume.ts"
/** The plan of a session, as data. */
export * as Plan from "./Plan.ts"
/** A session. */
export * as Session from "./Session.ts"
/** A signal ended the run before its last step. */
export * as Stopped from "./Stopped.ts"
/** What a run tells at its end. */
export * as Summary from "./Summary.ts"
/** A training run from configuration to run directory. */
export * as Train from "./Train.ts"
/** Verification. */
export * as Verify from "./Verify.ts"
