/** The bridge to worlds in Python. */

/** Any world of Gymnasium. */
export * as Gymnasium from "./Gymnasium.ts"
