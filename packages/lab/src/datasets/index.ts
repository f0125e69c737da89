/** Datasets of transitions: read from every format, described, and made. */

/** A dataset that cannot be read. */
export * as DatasetError from "./DatasetError.ts"
/** Reading, whatever the format. */
export * as Datasets from "./Datasets.ts"
/** What is in one. */
export * as Description from "./Description.ts"
/** Episodes in Arrow. */
export * as MinariArrow from "./MinariArrow.ts"
/** Writing the layout of Minari. */
export * as MinariWriter from "./MinariWriter.ts"
/** Learning from one without its world. */
export * as Worldless from "./Worldless.ts"
/** Scores between which others are normalised. */
export * as Reference from "./Reference.ts"
