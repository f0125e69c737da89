/** What an agent remembers, and minibatches of it. */

/** Recorded transitions, checked before anything is learned from them. */
export * as Dataset from "./Dataset.ts"
/** Other goals in hindsight. */
export * as Hindsight from "./Hindsight.ts"
/** What a minibatch holds of the transitions drawn: one step, n steps. */
export * as Reader from "./Reader.ts"
/** The transitions that an agent has seen, and minibatches of them. */
export * as Replay from "./Replay.ts"
/** Which transitions a minibatch is made of: uniform, prioritized. */
export * as Sampler from "./Sampler.ts"
/** Where a replay keeps its transitions: the full ring and the compact one. */
export * as Transitions from "./Transitions.ts"
