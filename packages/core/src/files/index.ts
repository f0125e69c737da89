/** Files: the only place that reads, writes and removes. */

/** Writing and removing: files that outlive a power cut, and nothing outside. */
export * as Durable from "./Durable.ts"
/** What a file system says, in our words. */
export * as FileWords from "./FileWords.ts"
/** Reading files of which nothing is known. */
export * as RegularFile from "./RegularFile.ts"
