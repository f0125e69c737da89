/** What happens in a session, and who hears it. */

/** What happens in a session, as values. */
export * as Event from "./Event.ts"
/** Between a session and its sinks. */
export * as Hub from "./Hub.ts"
/** Who listens to a session. */
export * as Sink from "./Sink.ts"
/** A durable sink does not do what a run can wait for. */
export { SinkError } from "./SinkError.ts"
/** A durable sink of the user's own, watched. */
export * as Watched from "./Watched.ts"
