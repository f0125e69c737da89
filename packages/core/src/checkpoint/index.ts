/** A run at rest on disk. */

/** Reading the checkpoints of a run: which there are, what is in them. */
export * as CheckpointDirectory from "./CheckpointDirectory.ts"
/** What can go wrong with a checkpoint. */
export * as CheckpointError from "./CheckpointError.ts"
/** Writing the checkpoints of a run, beside training. */
export * as CheckpointStore from "./CheckpointStore.ts"
/** What a checkpoint consists of: versions, lengths, hashes. */
export * as Manifest from "./Manifest.ts"
