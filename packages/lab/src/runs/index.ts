/** Runs on disk: their directories, records and tables. */

/** The lock of a run directory. */
export * as Lock from "./Lock.ts"
/** What `run.json` says of a run. */
export * as Record from "./Record.ts"
/** The rows of a run's tables and of its event file. */
export * as Rows from "./Rows.ts"
/** The directory of a run. */
export * as RunDirectory from "./RunDirectory.ts"
/** What a run's directory tells of its course. */
export * as RunHistory from "./RunHistory.ts"
/** Parts of a person's own that a run was made with. */
export * as RunParts from "./RunParts.ts"
/** The record of a run, opened. */
export * as RunRecord from "./RunRecord.ts"
/** The runs below a directory, and how each one stands. */
export * as Runs from "./Runs.ts"
/** The tables of a run. */
export * as Tables from "./Tables.ts"
