/** Pixels. */

/** Pictures of either kind as pixels. */
export * as Drawing from "./Drawing.ts"
/** An episode as a film. */
export * as Film from "./Film.ts"
/** Frames as PNG files (ISO/IEC 15948). */
export * as Png from "./Png.ts"
/** Flat scenes as pixels, without a display. */
export * as Raster from "./Raster.ts"
/** An episode as a page of its own, to be turned in a browser. */
export * as Replay from "./Replay.ts"
/** One episode for people to watch. */
export * as Rollout from "./Rollout.ts"
/** An episode in the terminal, frame over frame, at the pace of the world. */
export * as Spectacle from "./Spectacle.ts"
