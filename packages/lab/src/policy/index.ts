/** What was learned, opened. */

/** The policy that a run has left behind. */
export * as SavedPolicy from "./SavedPolicy.ts"
