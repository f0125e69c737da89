/** What a world is in a catalogue. */

/** A world as a part. */
export * as World from "./World.ts"
